"""psycopg as the store wants it: placeholders, numbers, NUL in text, and a deadline.

Text may have a NUL in the store, and none in PostgreSQL: it is written as an escape
character and a digit, and so is that character itself. Nothing else is changed on the
way.
"""

from __future__ import annotations

import re
import time

import psycopg
from psycopg.abc import Buffer
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown, TextLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

_numbered: dict[str, bytes] = {}

ESCAPE = "\x1a"
_TO_ESCAPE = re.compile(f"[\0{ESCAPE}]")
_ESCAPED = re.compile(f"{ESCAPE}(.)", re.DOTALL)

# How often a statement that waits is looked at, in seconds.
LOOK_SECONDS = 0.1


class DeadlineError(psycopg.OperationalError):
    """The server says nothing any more; what it did is unknown."""


def number_values(sql: str) -> bytes:
    """Write `$1`, `$2` … for each `?`; every statement's text is gone through once.

    The store's statements have a `?` for each value, and in no other sense.
    """
    numbered = _numbered.get(sql)
    if numbered is None:
        parts = sql.split("?")
        texts = [f"{part}${i}" for i, part in enumerate(parts[:-1], start=1)]
        numbered = _numbered[sql] = "".join([*texts, parts[-1]]).encode()
    return numbered


def escape_text(text: str) -> str:
    """Turn any text into one without NUL."""
    return _TO_ESCAPE.sub(lambda found: f"{ESCAPE}{int(found[0] == ESCAPE)}", text)


def unescape_text(text: str) -> str:
    """Turn what `escape_text` gave back into the text."""
    return _ESCAPED.sub(lambda found: ESCAPE if found[1] == "1" else "\0", text)


class _TextDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        if "\0" in obj or ESCAPE in obj:
            obj = escape_text(obj)
        return super().dump(obj)


class _TextLoader(TextLoader):
    def load(self, data: Buffer) -> Any:
        text = bytes(data).decode()
        return unescape_text(text) if ESCAPE in text else text


class _WholeNumberLoader(psycopg.adapt.Loader):
    """Sums of whole numbers, which PostgreSQL gives as NUMERIC."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class Connection(psycopg.Connection[TupleRow]):
    """A connection on which no statement waits for ever.

    `deadline_seconds` is how long one may take, `on_wait` is called once by each that
    takes longer than `quiet_seconds`.
    """

    deadline_seconds = 60.0
    quiet_seconds = 5.0
    on_wait: Callable[[], object] | None = None

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = LOOK_SECONDS,
        *more: Any,
        **options: Any,
    ) -> Any:
        """Wait for the end of an exchange. Raises: DeadlineError; psycopg.Error."""
        return super().wait(self._limit(gen), interval, *more, **options)

    def _limit(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        begin = time.monotonic()
        has_said = False
        try:
            waits_for = next(gen)
            while True:
                ready = yield waits_for
                if not ready:
                    seconds = time.monotonic() - begin
                    if seconds > self.deadline_seconds:
                        # What it would say now belongs to nobody.
                        self.pgconn.finish()
                        raise DeadlineError("it did not answer in time")
                    if seconds > self.quiet_seconds and not has_said:
                        has_said = True
                        if self.on_wait is not None:
                            self.on_wait()
                waits_for = gen.send(ready)
        except StopIteration as end:
            return end.value


def connect(conninfo: str, **options: Any) -> Connection:
    """Connect, ready for the store's statements. Raises: psycopg.Error."""
    connection = Connection.connect(
        conninfo, autocommit=True, cursor_factory=psycopg.RawCursor, **options
    )
    adapters = connection.adapters
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(str, _TextDumper)
    adapters.register_loader("text", _TextLoader)
    adapters.register_loader("numeric", _WholeNumberLoader)
    return connection
