"""The store: records in, records out, one transaction per operation.

`Store` puts together what lies below: a `Database`, and the parts that speak to it.
"""

from __future__ import annotations

import os

from evcli.errors import ConfigurationError
from evcli.json_text import dumps, loads
from evcli.store.database import NO_LIMIT, connect, format_insert
from evcli.store.directory.configuration import (
    FILE_NAME,
    may_be_elsewhere,
    read_stamp,
    require_approval,
)
from evcli.store.directory.state_directory import has_state_file
from evcli.store.records import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from evcli.store.accepted_events import AcceptedEvents
    from evcli.store.archived_events import ArchivedEvents
    from evcli.store.database import Database, Transaction, Warn
    from evcli.store.directory.locks import Owner
    from evcli.store.ledger import Ledger
    from evcli.store.ledger_batch import LedgerBatch
    from evcli.store.records import Record
    from evcli.store.rules import Rules
    from evcli.store.tags import Tags

    R = TypeVar("R", bound=Record)
    T = TypeVar("T")


class Store:
    """An open state directory: its records, and the parts that are more than records."""

    __slots__ = ("database", "meta", "path")

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = database.path
        self.meta = Meta(database)

    def close(self) -> None:
        """Close the database and give up ownership."""
        self.database.close()

    def transaction(
        self, *, durable: bool = True, alone_in: tuple[str, ...] | None = ()
    ) -> Transaction:
        """Open a write transaction, see `Database.transaction`."""
        return self.database.transaction(durable=durable, alone_in=alone_in)

    def snapshot(self) -> Transaction:
        """Open a read transaction: everything read belongs to one instant."""
        return self.database.snapshot()

    def load_configuration(
        self, facts: Mapping[str, Any], environ: Mapping[str, str]
    ) -> dict[str, Any]:
        """Read `config.toml` of the state directory; `{}` when there is none.

        The file is parsed and checked when it changed, and the reading kept under the
        file's size, times and inode. Whether a person has approved what it says is asked
        each time, of the value that is handed out.

        Args:
            facts: all of `meta`, which hold the last reading.
            environ: says where approvals are.

        Raises: ConfigurationError: names file, line or key, and what is allowed; or the
            entries that nobody has approved.
        """
        value: dict[str, Any]
        path = os.path.join(self.path, FILE_NAME)
        stamp = read_stamp(path)
        if stamp is None:
            return {}
        if self.database.is_shared:
            from evcli.store.directory.shared_store import load_reading

            value = load_reading(self.path, stamp)
            require_approval(self.path, value, environ)
            return value
        known = facts.get("configuration")
        if known is None or known["stamp"] != stamp:
            from evcli.store.directory.configuration_file import read_configuration

            known = {"stamp": stamp, "value": read_configuration(path)}
            if not self.database.is_read_only:
                self.meta.put("configuration", known)
        value = known["value"]
        require_approval(self.path, value, environ)
        return value

    # Parts that a command may do without, and then without their modules as well.

    @property
    def owner(self) -> Owner:
        """This process, as the owner of deliveries that it accepted."""
        return self.database.owner

    @property
    def ledger(self) -> Ledger:
        """Events, deliveries and attempts."""
        from evcli.store.ledger import Ledger

        return Ledger(self.database)

    def make_batch(self, events: int) -> LedgerBatch | None:
        """Make what takes the rows of a request of so many events together.

        Where requests are many, or each statement is a way to a server and back. A
        command that puts a few events in a file does without the module.
        """
        is_far = self.database.is_shared and events > 1
        if self.database.writer is None and not is_far:
            return None
        from evcli.store.ledger_batch import LedgerBatch

        return LedgerBatch(self.database)

    @property
    def rules(self) -> Rules:
        """What is asked of rules besides their records."""
        from evcli.store.rules import Rules

        return Rules(self.database)

    @property
    def tags(self) -> Tags:
        """Tags of resources."""
        from evcli.store.tags import Tags

        return Tags(self.database)

    @property
    def accepted_events(self) -> AcceptedEvents:
        """What is asked of accepted events."""
        from evcli.store.accepted_events import AcceptedEvents

        return AcceptedEvents(self.database)

    @property
    def archived_events(self) -> ArchivedEvents:
        """The events that archives hold."""
        from evcli.store.archived_events import ArchivedEvents

        return ArchivedEvents(self.database)

    # -- records

    def get(self, kind: type[R], *key: str) -> R | None:
        """Fetch the record with this key, in the order of `KEY`; `None` if missing."""
        where = " AND ".join(f"{column} = ?" for column in kind.KEY)
        sql = f"SELECT {', '.join(kind.COLUMNS)} FROM {kind.TABLE} WHERE {where}"
        row = self.database.execute(sql, key).fetchone()
        return None if row is None else kind.read(row, self.path)

    def recall(self, key: object, read: Callable[[], T]) -> T:
        """Give what `read` reads of records, from memory where that is sure to be so.

        A process that answers many requests remembers it, see `threads/memory.py`.

        Args:
            key: tells it apart from everything else that is remembered.
        """
        memory = self.database.memory
        if memory is None:
            return read()
        value: T = memory.recall(key, read)
        return value

    def put(self, record: Record) -> None:
        """Store the record, in place of the one with its key if there is one."""
        self.database.forget()
        columns = record.COLUMNS
        updates = ", ".join(
            f"{column} = excluded.{column}"
            for column in columns
            if column not in record.KEY
        )
        self.database.execute(
            f"{format_insert(record.TABLE, columns)}"
            f" ON CONFLICT ({', '.join(record.KEY)}) DO UPDATE SET {updates}",
            record.to_row(),
        )

    def delete(self, kind: type[Record], *key: str) -> int:
        """Remove the records whose key begins with `key`; say how many there were."""
        self.database.forget()
        where = " AND ".join(f"{column} = ?" for column in kind.KEY[: len(key)])
        return self.database.execute(
            f"DELETE FROM {kind.TABLE} WHERE {where}", key
        ).rowcount

    def list_records(
        self,
        kind: type[R],
        *scope: str,
        prefix: str = "",
        after: str = "",
        limit: int = NO_LIMIT,
        where: dict[str, object] | None = None,
    ) -> list[R]:
        """List records whose key begins with `scope`, by the next key column.

        Args:
            prefix: only those whose next key column begins with this.
            after: only those whose next key column is greater.
            limit: how many at most.
            where: further columns and the values that they must have.
        """
        conditions, values = _conditions(kind, scope, prefix, after, where)
        sql = (
            f"SELECT {', '.join(kind.COLUMNS)} FROM {kind.TABLE}{conditions}"
            f" ORDER BY {', '.join(kind.KEY[len(scope) :])} LIMIT ?"
        )
        rows = self.database.execute(sql, (*values, limit)).fetchall()
        return [kind.read(row, self.path) for row in rows]

    def list_names(
        self,
        kind: type[Record],
        *scope: str,
        prefix: str = "",
        after: str = "",
        limit: int = NO_LIMIT,
        where: dict[str, object] | None = None,
    ) -> list[str]:
        """List just the next key column, each value once; arguments as `list_records`.

        What completion at a TAB can afford.
        """
        conditions, values = _conditions(kind, scope, prefix, after, where)
        column = kind.KEY[len(scope)]
        sql = (
            f"SELECT DISTINCT {column} FROM {kind.TABLE}{conditions}"
            f" ORDER BY {column} LIMIT ?"
        )
        return [row[0] for row in self.database.execute(sql, (*values, limit))]

    def list_log_configs(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Find the `LogConfig` of every event bus that logs, by account, region, name.

        One that cannot be read is none: nobody's events wait for what is logged of them.
        """
        key, read = "log configs", self._read_log_configs
        writer = self.database.writer
        if writer is None or self.database.in_transaction:
            return self.recall(key, read)
        # After a transaction: what went for its events goes for their deliveries.
        return writer.memory.peek(key, read)

    def _read_log_configs(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        rows = self.database.execute(
            "SELECT account_id, region, name, log_config FROM event_buses"
            " WHERE log_config IS NOT NULL"
        )
        configs = {}
        for account_id, region, name, text in rows:
            try:
                config = loads(text)
            except ValueError:
                continue
            if isinstance(config, dict) and config.get("Level", "OFF") != "OFF":
                configs[account_id, region, name] = config
        return configs

    def count(
        self, kind: type[Record], *scope: str, where: dict[str, object] | None = None
    ) -> int:
        """Count the records whose key begins with `scope`."""
        conditions, values = _conditions(kind, scope, "", "", where)
        sql = f"SELECT COUNT(*) FROM {kind.TABLE}{conditions}"
        count: int = self.database.execute(sql, values).fetchone()[0]
        return count


def _conditions(
    kind: type[Record],
    scope: tuple[str, ...],
    prefix: str,
    after: str,
    where: dict[str, object] | None,
) -> tuple[str, tuple[object, ...]]:
    conditions = [f"{column} = ?" for column in kind.KEY[: len(scope)]]
    values: list[object] = list(scope)
    # One lower bound only: with two, SQLite may begin each page at the lesser one.
    if after and after >= prefix:
        conditions.append(f"{kind.KEY[len(scope)]} > ?")
        values.append(after)
    elif prefix:
        conditions.append(f"{kind.KEY[len(scope)]} >= ?")
        values.append(prefix)
    if prefix:
        # Names are ASCII, so the greatest code point ends every prefix's range.
        conditions.append(f"{kind.KEY[len(scope)]} < ?")
        values.append(prefix + "\U0010ffff")
    for column, value in (where or {}).items():
        conditions.append(f"{column} = ?")
        values.append(value)
    text = " AND ".join(conditions)
    return (f" WHERE {text}" if text else ""), tuple(values)


class Meta:
    """Facts about the state directory, as JSON values by name: its birth, its clock, …"""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Any]:
        """Read every fact; there are a handful, and each command wants most."""
        rows = self._database.execute("SELECT name, value FROM settings")
        return {name: loads(value) for name, value in rows}

    def put(self, name: str, value: object) -> None:
        """Set one."""
        self._database.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, dumps(value)),
        )

    def delete(self, name: str) -> None:
        """Forget one."""
        self._database.execute("DELETE FROM settings WHERE name = ?", (name,))


def open_store(
    path: str, warn: Warn | None = None, environ: Mapping[str, str] | None = None
) -> Store:
    """Open the state directory at `path`, making or upgrading it as needed.

    Its store may be elsewhere, as `EVCLI_STORE` or `config.toml` say.

    Args:
        warn: told in one line for whom this process has to wait.
        environ: by default the process's own.

    Raises:
        ConfigurationError: it cannot be used, or a newer evcli wrote it.
        StoreError: it is damaged, or others kept it busy.
    """
    file = os.path.join(path, "state.db")
    environ = os.environ if environ is None else environ
    if "EVCLI_STORE" in environ and (shared := _open_shared(path, warn, environ)):
        return shared
    try:
        if not has_state_file(path, file):
            if shared := _open_shared(path, warn, environ):
                return shared
            from evcli.store.sqlite.opening import make_state_file

            make_state_file(path, file, warn)
        database = connect(path, file, warn)
    except OSError as error:
        raise ConfigurationError(
            f"The state directory {path} cannot be used: {file}: {error.strerror}."
        ) from error
    try:
        version = database.read_schema_version()
        if version != SCHEMA_VERSION:
            from evcli.store.sqlite.opening import upgrade

            upgrade(database, version)
        shared = None
        known = database.execute(
            "SELECT value FROM settings WHERE name = 'configuration'"
        ).fetchone()
        if may_be_elsewhere(path, known and known[0]):
            shared = _open_shared(path, warn, environ)
    except BaseException:
        database.close()
        raise
    if shared is not None:
        database.close()
        return shared
    return Store(database)


def _open_shared(
    path: str, warn: Warn | None, environ: Mapping[str, str]
) -> Store | None:
    """Open the store that a state directory has elsewhere; `None`: it has none."""
    from evcli.store.directory.shared_store import open_shared_database

    database = open_shared_database(path, warn, environ)
    # It has what is public in the other one.
    return None if database is None else Store(database)  # type: ignore[arg-type]
