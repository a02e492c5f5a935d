"""What a process remembers that is asked the same things again and again.

Such as the rules that an event may match, read and compiled. There is one rule for it:
`Store.recall` remembers inside of the transactions of a `SharedWriter`, and everything
is forgotten once anybody has changed anything, another process (the version of the
database is another one) or this one (`Database.forget`). So a transaction sees what was
committed before it, whoever did that.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")
    # As in `unrecorded.py`, which knows databases.
    Made = tuple[int, int, datetime]

    class Writer(Protocol):
        """What a database knows of a `SharedWriter`, which knows databases."""

        memory: Memory

        def transaction(self, borrower: Any, *, durable: bool) -> Any:
            """Open a write transaction of a database."""

        def settle_later(self, made: Sequence[Made], files: Mapping[str, int]) -> None:
            """Have files synced and then deliveries recorded as made, before long."""

        def settle(self) -> str | None:
            """Have them recorded now; say what keeps some from it."""

        def is_time_to_look(self) -> bool:
            """Say whether to look once more for what others have left."""


# How many answers are remembered; sources of events may be as many as there are events.
MOST_REMEMBERED = 4_096


class Memory:
    """What was read in write transactions, as long as nobody changes it."""

    __slots__ = ("_is_changing", "_values", "_version")

    def __init__(self) -> None:
        self._values: dict[Any, Any] = {}
        self._version: int | None = None
        self._is_changing = False

    def begin(self, version: int) -> None:
        """Begin a transaction; `version` is that of the database in it."""
        if version != self._version or self._is_changing:
            self._values.clear()
        self._version = version
        self._is_changing = False

    def forget(self) -> None:
        """Forget everything, and learn nothing until the next transaction.

        What this one writes may still be undone.
        """
        self._values.clear()
        self._is_changing = True

    def peek(self, key: object, read: Callable[[], T]) -> T:
        """Give what the last transaction of any thread remembers, or else read it."""
        try:
            known: T = self._values[key]
        except KeyError:
            return read()
        return known

    def recall(self, key: object, read: Callable[[], Any]) -> Any:
        """Give what is remembered under a key, or else read it."""
        if self._is_changing:
            return read()
        try:
            return self._values[key]
        except KeyError:
            value = read()
        if len(self._values) >= MOST_REMEMBERED:
            self._values.clear()
        self._values[key] = value
        return value
