"""Transactions: all of it happens, or nothing; waiting for the disk, or not."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from evcli.store.store import Store


class Transaction:
    """A `with` block that commits on success and leaves no trace of a failure."""

    __slots__ = ("_begin", "_durable", "_store")

    def __init__(self, store: Store, begin: str, *, durable: bool = True) -> None:
        self._store = store
        self._begin = begin
        self._durable = durable

    def __enter__(self) -> None:
        if self._durable:
            self._store.execute(self._begin)
            return
        self._store.execute("PRAGMA synchronous = NORMAL")
        try:
            self._store.execute(self._begin)
        except BaseException:
            self._store.restore_durability()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._store.execute("COMMIT")
        finally:
            # A commit that failed, on a full disk for example, may leave it open.
            if self._store.database.in_transaction:
                self._store.execute("ROLLBACK")
            if not self._durable:
                self._store.restore_durability()
