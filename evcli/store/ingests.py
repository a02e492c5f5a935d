"""How far a bulk input was read: the mark after which `--resume` goes on.

It is written in the transaction that accepts the lines before it, so a process killed
anywhere leaves a mark that is true.
"""

from __future__ import annotations

from evcli.store.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class IngestMark(Record):
    """The place in one input behind the last line that was dealt with.

    `path` is absolute, or `-` for standard input. `position_bytes` is the place, after
    `lines` lines; `tail_bytes` before it have the digest `tail_digest`, by which the
    same input is known again. `rejects_bytes` is how long the file of rejected lines
    was, `failures` the first failures: line number, code, message.
    """

    TABLE = "ingests"
    KEY = ("account_id", "region", "path")
    DOCUMENTS = frozenset({"failures"})

    account_id: str
    region: str
    path: str
    position_bytes: int
    lines: int
    tail_bytes: int
    tail_digest: str
    accepted: int
    failed: int
    deliveries: int
    rejects_bytes: int
    failures: list[list[Any]]
