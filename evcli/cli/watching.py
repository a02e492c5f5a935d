"""`--watch`: run again whenever a file was saved.

Files are looked at a few times a second, which works everywhere and needs nothing. An
editor may write in several steps, or put a new file in place of the old one: so a change
counts once the files have been quiet for one look, and a file that is gone is waited for.
"""

from __future__ import annotations

import os
from time import sleep

from evcli.cli.errors import ParamError
from evcli.cli.parsing.requests import (
    BYTES_PREFIX,
    REFERENCES,
    STANDARD_INPUT,
    TEXT_PREFIX,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn

    from evcli.cli.session import Session

    # Of each file: time of the last change, size, identity; `None` where there is none.
    Look = list[tuple[int, int, int] | None]

LOOK_EVERY_SECONDS = 0.2
# So many looks a file may be missing before its absence is what is shown.
PATIENCE_LOOKS = 10
CLEAR = "\x1b[2J\x1b[H"


def list_files(values: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """List the files that the values and options of a command line refer to.

    Raises: ParamError: there are none.
    """
    raw: list[object] = [*map(options.get, REFERENCES)]
    for value in values.values():
        raw += value if isinstance(value, list) else [value]
    paths = [
        os.path.expandvars(os.path.expanduser(text.removeprefix(prefix)))
        for text in raw
        for prefix in (TEXT_PREFIX, BYTES_PREFIX)
        if isinstance(text, str) and text.startswith(prefix)
    ]
    found = [path for path in dict.fromkeys(paths) if path != STANDARD_INPUT]
    if not found:
        raise ParamError(
            "--watch needs a file to watch, such as --event file://e.json."
        )
    return found


def run_on_every_save(
    session: Session, paths: Sequence[str], run: Callable[[], object]
) -> NoReturn:
    """Run now and after every save of one of some files, until Ctrl-C.

    What goes wrong in a run is shown, and the next save waited for. A terminal is cleared
    before each run, and gets no pager.

    Args:
        paths: the files; they need not exist.
        run: what to do; it reads the files itself.
    """
    session.options["no_cli_pager"] = True
    names = ", ".join(dict.fromkeys(map(os.path.basename, paths)))
    while True:
        before = _look(paths)
        if session.stdout.isatty():
            session.stdout.write(CLEAR)
        _run(session, run)
        session.flush_output()
        if session.stderr.isatty():
            session.warn(f"Waiting for a save of {names}; Ctrl-C ends.")
        _wait_for_save(paths, before)


def _run(session: Session, run: Callable[[], object]) -> None:
    from evcli.cli.output.error_output import report_error
    from evcli.errors import EvcliError

    try:
        run()
    except EvcliError as error:
        session.flush_output()
        report_error(session, error)


def _wait_for_save(paths: Sequence[str], before: Look) -> None:
    last, missing = before, 0
    while True:
        sleep(LOOK_EVERY_SECONDS)
        now = _look(paths)
        is_quiet, last = now == last, now
        missing = missing + 1 if None in now else 0
        if is_quiet and now != before and not 0 < missing < PATIENCE_LOOKS:
            return


def _look(paths: Sequence[str]) -> Look:
    return [_look_at(path) for path in paths]


def _look_at(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
