"""The stores of a server: one for each request under way, the last used first.

So few are opened as requests come at once, and the one whose cache is fresh is used
again. Those of a state directory write through one connection, see
`store/threads/writer.py`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

from evcli.store.directory.state_directory import read_identity
from evcli.store.store import open_store
from evcli.store.threads.writer import SharedWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.store.store import Store


class Stores:
    """The open stores of the state directory at a path, whichever it is by then."""

    def __init__(self, path: str, warn: Callable[[str], object]) -> None:
        self._path = path
        self._warn = warn
        self._lock = threading.Lock()
        self._pool: Pool | None = None

    @contextmanager
    def lend(self) -> Iterator[Store]:
        """Have a store for a request; another one once the state directory is another.

        What was removed is made anew, as by any command.
        """
        with self._lock:
            pool = self._find_pool()
            store = pool.take()
        try:
            yield store
        finally:
            with self._lock:
                pool.put_back(store)

    def close(self) -> None:
        """Close what is open and not lent; what is lent is closed when it comes back."""
        with self._lock:
            if self._pool is not None:
                self._pool.retire()
                self._pool = None

    def _find_pool(self) -> Pool:
        identity = read_identity(self._path)
        pool = self._pool
        if pool is None or identity is None or identity != pool.identity:
            # Retired first: SQLite cleans up by path, and at the path may be the new one.
            if pool is not None:
                self._pool = None
                pool.retire()
            pool = self._pool = Pool(self._path, identity, self._warn)
        return pool


class Pool:
    """The stores of one state directory, and what they write through."""

    def __init__(
        self, path: str, identity: object, warn: Callable[[str], object]
    ) -> None:
        self.identity = identity
        self._path = path
        self._warn = warn
        self._idle: list[Store] = []
        self._lent = 0
        self._is_retired = False
        store = open_store(path, warn)
        self._writer: SharedWriter | None = None
        if store.database.is_shared:
            # Its writers do not wait for each other.
            self._idle.append(store)
        else:
            self._writer = SharedWriter(store.database, warn)

    def take(self) -> Store:
        """Take the store that was used last, or another one."""
        store = self._idle.pop() if self._idle else open_store(self._path, self._warn)
        if self._writer is not None:
            store.database.writer = self._writer
        self._lent += 1
        return store

    def put_back(self, store: Store) -> None:
        """Take a store back."""
        self._lent -= 1
        self._idle.append(store)
        if self._is_retired:
            self._close()

    def retire(self) -> None:
        """Close the stores; nobody takes one any more."""
        self._is_retired = True
        self._close()

    def _close(self) -> None:
        if self._writer is not None and not self._lent:
            # First, while the owners of what it records are still there.
            self._writer.close()
        while self._idle:
            self._idle.pop().close()
