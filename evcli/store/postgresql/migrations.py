"""The schema on PostgreSQL, as an append-only list of steps.

Versions count as those of `store/sqlite/migrations.py`, so that the rows of a version fit the
tables of that version on either. Stores on PostgreSQL began with `FIRST_VERSION`: the
step that leads there makes everything at once. Columns of records are added by
themselves, here too.
"""

from __future__ import annotations

from evcli.store.postgresql.tables import FIRST_TABLES, OWNED
from evcli.store.records import RECORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.store.postgresql.database import Database

    Step = Callable[[Database], None]

FIRST_VERSION = 12


def make_everything(database: Database) -> None:
    """Make the tables of the first version."""
    for statement in FIRST_TABLES:
        database.execute(statement)
    for kind, table, columns in OWNED:
        arguments = ", ".join(f"'{each}'" for each in (kind, *columns))
        database.execute(
            f"CREATE TRIGGER forget_owner AFTER DELETE ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION forget_owner({arguments})"
        )


# Version -> what leads to it from the one before; to all others lead columns of records.
STEPS: dict[int, Step] = {FIRST_VERSION: make_everything}


def take_steps(database: Database, start: int, end: int) -> None:
    """Take a schema from one version to another; call inside a transaction."""
    for version in range(max(start + 1, FIRST_VERSION), end + 1):
        if version in STEPS:
            STEPS[version](database)
        else:
            add_columns(database, version)
    database.execute("UPDATE store SET version = ?", (end,))


def add_columns(database: Database, version: int) -> None:
    """Add the columns of records that a version has."""
    for kind in RECORDS:
        for column, since in kind.ADDED.items():
            if since == version:
                is_number = kind.__annotations__[column].startswith(("int", "datetime"))
                type_name = "BIGINT" if is_number else 'TEXT COLLATE "C"'
                database.execute(
                    f"ALTER TABLE {kind.TABLE} ADD COLUMN {column} {type_name}"
                )
