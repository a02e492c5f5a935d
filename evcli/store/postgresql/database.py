"""The database under a store on PostgreSQL, as `store/database.py` describes it.

Transactions are READ COMMITTED, with the locks that they need taken first: whoever
changes anything alone in the store, or alone in an account's region, waits for others of
the kind. Accepting events, claiming and settling deliveries wait for nobody: rows are
locked, and claimed ones skipped.

Numbers come from sequences, so they are not committed in their order. Each transaction
holds, while it lasts, a lock that says where the sequences stood when it began: what is
behind the least of these is final, and `read_last_key` goes no further.
"""

from __future__ import annotations

from contextlib import suppress

import psycopg

from evcli.errors import EvcliError, StoreError
from evcli.store.database import format_insert
from evcli.store.postgresql import driver
from evcli.store.postgresql.failures import (
    NOTHING,
    describe_commit_failure,
    describe_failure,
    describe_gone,
    is_gone,
)
from evcli.store.postgresql.locks import (
    KEY_COLUMNS,
    get_sequence,
    load_namespaces,
    read_last_final_key,
    word_begin,
)
from evcli.store.postgresql.owners import LAST_NUMBER, Owner
from evcli.store.postgresql.sessions import list_workers, name_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from types import TracebackType
    from typing import Any

    from evcli.store.database import Warn
    from evcli.store.postgresql.address import Address
    from evcli.store.postgresql.driver import Connection

# Numbers are drawn in blocks that grow from one size to the other.
FIRST_KEYS, MOST_KEYS = 4, 1_024
# A claim takes so many rows at most: what one worker claims, no other one attempts.
CLAIM_ROWS = 25


class Database:
    """A connection to a schema; `path` is the state directory, `name` for people.

    `namespaces` are the first halves of advisory locks: numbers of relations, so that
    each schema has its own.
    """

    # Several machines have it in common.
    is_shared = True
    is_read_only = False
    # Comparing text, whose ASCII letters may be of either case.
    ANY_CASE = "ILIKE"
    SKIP_LOCKED = " FOR UPDATE SKIP LOCKED"
    # Nothing is recorded later, and nothing remembered: others change it at any time.
    writer = None
    memory = None

    __slots__ = (
        "_bumps",
        "_is_open",
        "_is_worker",
        "_make_connection",
        "_owner",
        "_synchronous",
        "connection",
        "known_keys",
        "name",
        "namespaces",
        "path",
        "schema",
        "warn",
    )

    def __init__(
        self,
        path: str,
        address: Address,
        make_connection: Callable[[], Connection],
        *,
        warn: Warn | None = None,
    ) -> None:
        self.path = path
        self.name = address.name
        self.schema = address.schema
        self.warn = warn
        self._is_open = False
        self._is_worker = False
        self.known_keys: dict[tuple[str, tuple[str, ...]], int] = {}
        self._make_connection = make_connection
        self._synchronous = "on"
        self._bumps = 0
        self._owner = Owner(self)
        self.namespaces: dict[str, int] = {}
        self.connection = make_connection()
        self.connection.on_wait = self._say_waiting

    @property
    def owner(self) -> Owner:
        """This session, as the owner of deliveries."""
        return self._owner

    def close(self) -> None:
        """Close the connection, and give up ownership with it."""
        self._owner.release()
        self.connection.close()

    # -- the connection

    @property
    def is_lost(self) -> bool:
        """Whether the connection is closed or broken."""
        return self.connection.closed

    def load_namespaces(self) -> None:
        """Read the numbers of the relations that locks are named by."""
        self.namespaces = load_namespaces(self.execute)

    def _require_connection(self) -> None:
        """Connect anew if the connection was lost, but never within a transaction.

        Raises: StoreError: the transaction is lost with it; or there is no connection.
        """
        if not self.is_lost:
            return
        if self._is_open:
            raise StoreError(describe_gone(self.name))
        self._reconnect()

    def _reconnect(self) -> None:
        """Connect anew after a connection was lost; what was owned is owned no more."""
        self._owner.number = 0
        with suppress(psycopg.Error):
            self.connection.close()
        self.connection = self._make_connection()
        self.connection.on_wait = self._say_waiting
        self.restore_durability()
        if self._is_worker:
            self.set_worker(True)

    def _say_waiting(self) -> None:
        if self.warn is not None:
            self.warn(f"Waiting for the store {self.name}.")

    # -- statements

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """Run one statement. Raises: EvcliError: see `failures.py`."""
        self._require_connection()
        try:
            return self._run(sql, values)
        except psycopg.Error as error:
            if self._is_open or not self.is_lost or not sql.startswith("SELECT"):
                raise describe_failure(self.name, error) from error
        # It was lost while nobody used it, and reading changes nothing.
        self._reconnect()
        try:
            return self._run(sql, values)
        except psycopg.Error as error:
            raise describe_failure(self.name, error) from error

    def _run(self, sql: str, values: tuple[Any, ...]) -> psycopg.Cursor[Any]:
        return self.connection.execute(driver.number_values(sql), values or None)

    def execute_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows. Raises: EvcliError, as `execute`."""
        if not rows:
            return
        self._require_connection()
        try:
            self.connection.cursor().executemany(driver.number_values(sql), rows)
        except psycopg.Error as error:
            raise describe_failure(self.name, error) from error

    def insert(
        self, table: str, columns: Sequence[str], values: tuple[Any, ...]
    ) -> int:
        """Insert a row and hand out its number. Raises: EvcliError, as `execute`."""
        sql = f"{format_insert(table, columns)} RETURNING {KEY_COLUMNS[table]}"
        return int(self.execute(sql, values).fetchone()[0])

    def iterate(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        """Read rows one at a time; the server has sent them all by then."""
        yield from self.execute(sql, values)

    def forget(self) -> None:
        """Nothing is remembered."""

    # -- numbers

    def draw_keys(self, table: str) -> Iterator[int]:
        """Draw numbers for new rows of a table, ascending, inside a transaction."""
        sequence = get_sequence(table)
        count = FIRST_KEYS
        while True:
            rows = self.execute(
                f"SELECT nextval('{sequence}') FROM generate_series(1, ?)", (count,)
            )
            yield from (key for (key,) in rows.fetchall())
            count = min(2 * count, MOST_KEYS)

    def read_last_key(self, table: str) -> int:
        """The number up to which no row will be committed any more; 0 before the first."""
        return read_last_final_key(self.execute, self.namespaces, table)

    def read_version(self) -> int:
        """A number that is another one after somebody else has changed the store."""
        row = self.execute("SELECT changes FROM store").fetchone()
        return int(row[0]) - self._bumps

    def read_schema_version(self) -> int:
        """How many steps of `store/sqlite/migrations.py` the schema has taken."""
        row = self.execute("SELECT version FROM store").fetchone()
        return int(row[0])

    # -- owners

    def keep_owned(self, owner: int, keys: Sequence[int]) -> Collection[int]:
        """Say which deliveries an owner still has, and lock them for its transaction."""
        rows = self.execute(
            "SELECT delivery_key FROM deliveries WHERE delivery_key = ANY(?)"
            " AND owner = ? ORDER BY delivery_key FOR UPDATE",
            (list(keys), owner),
        )
        return {key for (key,) in rows}

    def word_unclaimed(self) -> str:
        """Word ` AND …`: no living session owns a delivery."""
        return (
            f" AND (owner IS NULL OR owner > {LAST_NUMBER}"
            f" OR (owner <> {self._owner.number} AND pg_try_advisory_xact_lock_shared("
            f"{self.namespaces['owners']}, owner::int)))"
        )

    def word_claim(self, limit: int) -> str:
        """Word the end of a statement that reads deliveries to claim them."""
        return f" LIMIT {min(limit, CLAIM_ROWS)} FOR UPDATE OF deliveries SKIP LOCKED"

    def set_worker(self, is_worker: bool) -> None:
        """Say whether this process is one of the store's workers."""
        self._is_worker = is_worker
        if not self.is_lost:
            name = name_session(self.schema, is_worker=is_worker)
            self.execute("SELECT set_config('application_name', ?, false)", (name,))

    def list_workers(self) -> list[tuple[str, int, int]]:
        """List the store's workers: host, process id, since when in epoch ms."""
        return list_workers(self.execute, self.schema)

    # -- transactions

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        status = self.connection.pgconn.transaction_status
        return status in (psycopg.pq.TransactionStatus.INTRANS, _IN_ERROR)

    def transaction(
        self, *, durable: bool = True, alone_in: tuple[str, ...] | None = ()
    ) -> Transaction:
        """Open a write transaction, see `store/database.py`."""
        begin = word_begin(self.namespaces, durable=durable, alone_in=alone_in)
        return Transaction(self, begin, counts=alone_in is not None)

    def plain_transaction(self) -> Transaction:
        """Open a transaction for who makes or replaces all that the others rest on."""
        return Transaction(self, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")

    def snapshot(self) -> Transaction:
        """Open a read transaction: everything read belongs to one instant."""
        return Transaction(self, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    # -- durability

    def relax_durability(self) -> None:
        """Survive the death of processes, but not a loss of power; for speed."""
        self._synchronous = "off"
        self.restore_durability()

    def restore_durability(self) -> None:
        """Be as durable as the store is to be again; call outside of transactions."""
        self.execute(f"SET synchronous_commit = {self._synchronous}")

    def prepare_for_bulk(self) -> None:
        """Nothing is to be prepared."""

    def empty_log(self) -> bool:
        """What was deleted leaves the files as the server sees to it; nobody waits."""
        return True

    # -- used by Transaction

    def begin(self, sql: str) -> None:
        """Begin a transaction, on a new connection if the last one was lost."""
        self.known_keys.clear()
        self._require_connection()
        try:
            self.connection.execute(sql.encode())
        except psycopg.Error as error:
            if not is_gone(error) or isinstance(error, driver.DeadlineError):
                self.roll_back()
                raise describe_failure(self.name, error) from error
            # It was lost while nobody used it.
            self._reconnect()
            self.begin(sql)
        self._is_open = True

    def commit(self, *, counts: bool) -> None:
        """Commit; `counts` tells others that what they remember may have changed.

        Raises: CommitUnknownError: nobody knows whether it happened; EvcliError: it did not.
        """
        if self.in_error:
            # PostgreSQL would undo it and say nothing.
            raise StoreError(f"The store {self.name} failed. {NOTHING}")
        sql = b"COMMIT"
        if counts:
            sql = b"UPDATE store SET changes = changes + 1; COMMIT"
        try:
            self.connection.execute(sql)
        except psycopg.Error as error:
            raise describe_commit_failure(self.name, error) from error
        self._bumps += counts

    @property
    def in_error(self) -> bool:
        """Whether the open transaction can only be undone."""
        return self.connection.pgconn.transaction_status == _IN_ERROR

    def roll_back(self) -> None:
        """Undo the open transaction; with a lost connection it is undone already."""
        self._is_open = False
        if not self.is_lost and self.in_transaction:
            with suppress(psycopg.Error, EvcliError):
                self.connection.execute(b"ROLLBACK")


_IN_ERROR = psycopg.pq.TransactionStatus.INERROR


class Transaction:
    """A `with` block that commits on success and leaves no trace of a failure."""

    __slots__ = ("_begin", "_counts", "_database")

    def __init__(self, database: Database, begin: str, *, counts: bool = False) -> None:
        self._database = database
        self._begin = begin
        self._counts = counts

    def __enter__(self) -> None:
        self._database.begin(self._begin)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._database.commit(counts=self._counts)
        finally:
            self._database.roll_back()
