"""Which state directory a path leads to: those who keep one open have to look again.

A state directory may be removed or replaced while a server has it open, by test suites
for example. What is open then is on no disk any more, and takes writes all the same.
"""

from __future__ import annotations

import os


def read_identity(path: str) -> tuple[int, int] | None:
    """Read device and inode of the state file below `path`; `None`: there is none.

    Read it before opening the store: what is replaced in between is then noticed at the
    next look, and not taken for what was opened. An inode is not given to another file
    as long as somebody has it open.
    """
    try:
        status = os.stat(os.path.join(path, "state.db"))
    except OSError:
        return None
    return status.st_dev, status.st_ino
