"""Owners on PostgreSQL: a session and its advisory lock, which ends with it.

A process that accepted events, or claimed deliveries, owns them while its session holds
the lock of its number. A session ends with its process, and may end before: then others
take its deliveries over, and what it records of them no longer counts, see
`Database.keep_owned`.
"""

from __future__ import annotations

from evcli.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Session(Protocol):
        """What an owner needs of the database."""

        namespaces: dict[str, int]

        @property
        def is_lost(self) -> bool:
            """Whether the session is over."""

        def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
            """Run one statement."""


LAST_NUMBER = 2**31 - 1


class Owner:
    """This session as the owner of deliveries; `number` is 0 while nothing is claimed."""

    __slots__ = ("_session", "number")

    def __init__(self, session: Session) -> None:
        self._session = session
        self.number = 0

    def claim(self) -> int:
        """Hold the lock of a number of one's own and say which; the same until `release`."""
        if not self.number:
            # Numbers are never given out again, so nobody holds it.
            row = self._session.execute(
                "SELECT number, pg_advisory_lock(?::int, number::int)"
                " FROM (SELECT nextval('owner_numbers') AS number) AS drawn",
                (self._session.namespaces["owners"],),
            ).fetchone()
            self.number = int(row[0])
        return self.number

    def release(self) -> None:
        """Give the lock back, as far as it is held."""
        number, self.number = self.number, 0
        if not number or self._session.is_lost:
            return
        try:
            self._session.execute(
                "SELECT pg_advisory_unlock(?::int, ?::int)",
                (self._session.namespaces["owners"], number),
            )
        except StoreError:
            # With the session it is given back as well.
            return

    def is_alive(self, number: int | None) -> bool:
        """Say whether the session that claimed `number` still lives."""
        # Other numbers are those of a store that was restored here.
        if type(number) is not int or not 0 < number <= LAST_NUMBER:
            return False
        if number == self.number:
            return True
        # Shared, so that all who ask at once find out.
        row = self._session.execute(
            "SELECT pg_try_advisory_xact_lock_shared(?::int, ?::int)",
            (self._session.namespaces["owners"], number),
        ).fetchone()
        return row[0] is False
