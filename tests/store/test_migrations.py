"""Schema steps, and files that are none of evcli's business."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError
from evcli.store import store as store_module
from evcli.store.accepted_events import EventConditions
from evcli.store.epoch import from_epoch_ms
from evcli.store.records import RECORDS, SCHEMA_VERSION, EventBus, Rule
from evcli.store.sqlite import migrations, opening
from evcli.store.sqlite.migrations import MIGRATIONS, list_steps
from evcli.store.store import open_store
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.copying import build_schema, read_schema
from evcli.store.upkeep.restoring import restore_backup

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.store.records import Record
    from evcli.store.store import Store

    Step = Callable[[sqlite3.Connection], None]

pytestmark = pytest.mark.sqlite_only


def set_steps(monkeypatch: pytest.MonkeyPatch, steps: tuple[Step, ...]) -> None:
    """Let evcli be one that knows these steps."""
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(store_module, "SCHEMA_VERSION", len(steps))


def test_the_version_is_the_number_of_steps() -> None:
    assert len(MIGRATIONS) == SCHEMA_VERSION


def test_a_version_comes_from_a_written_step_or_from_columns_of_records() -> None:
    added = {version for kind in RECORDS for version in kind.ADDED.values()}

    assert added.isdisjoint(migrations.STEPS)
    assert added | migrations.STEPS.keys() == {*range(1, SCHEMA_VERSION + 1)}


def set_version(state_directory: Path, version: int) -> None:
    with sqlite3.connect(state_directory / "state.db") as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()


def hash_files(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.iterdir()
        if path.is_file()
    }


def refuse_to_open(state_directory: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        open_store(str(state_directory))
    return caught.value.message


def test_a_new_directory_takes_all_steps(store: Store) -> None:
    assert store.database.execute("PRAGMA user_version").fetchone() == (
        len(MIGRATIONS),
    )
    assert store.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_birth_of_a_directory_is_kept(open_again: Callable[[], Store]) -> None:
    before = datetime.now(UTC).replace(microsecond=0)

    born_at = from_epoch_ms(open_again().meta.all()["created_at"])

    assert before <= born_at <= datetime.now(UTC)
    assert from_epoch_ms(open_again().meta.all()["created_at"]) == born_at


def test_a_directory_of_a_newer_evcli_is_refused_and_left_alone(
    state_directory: Path,
) -> None:
    open_store(str(state_directory)).close()
    set_version(state_directory, len(MIGRATIONS) + 3)
    before = hash_files(state_directory)

    message = refuse_to_open(state_directory)

    assert message == (
        f"The state directory {state_directory} was written by a newer evcli (schema"
        f" {len(MIGRATIONS) + 3}, this one knows {len(MIGRATIONS)}); upgrade evcli or"
        " name another directory with --state-dir. Nothing was changed."
    )
    assert hash_files(state_directory) == before


def test_a_directory_that_a_newer_evcli_upgrades_meanwhile_is_refused_too(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(str(state_directory)).close()
    set_version(state_directory, len(MIGRATIONS) + 1)
    # As if the first look had still seen the old version.
    monkeypatch.setattr(
        opening,
        "upgrade",
        lambda store, _: upgrade(store, len(MIGRATIONS) - 1),
    )

    message = refuse_to_open(state_directory)

    assert "was written by a newer evcli" in message
    with sqlite3.connect(state_directory / "state.db") as database:
        version = database.execute("PRAGMA user_version").fetchone()
    database.close()
    assert version == (len(MIGRATIONS) + 1,)


upgrade = opening.upgrade


@pytest.mark.parametrize(
    "content",
    [
        b"not a database at all, but long enough" * 100,
        b"SQLite format 3\0",
        b"x",
        b"too short for a header",
    ],
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    state_directory: Path, content: bytes
) -> None:
    state_directory.mkdir()
    file = state_directory / "state.db"
    file.write_bytes(content)

    message = refuse_to_open(state_directory)

    assert message == (
        f"{file} is not a state file of evcli; name another directory with"
        " --state-dir. Nothing was changed."
    )
    assert file.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(
    state_directory: Path,
) -> None:
    state_directory.mkdir()
    file = state_directory / "state.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE rules (name TEXT)")
    database.close()
    content = file.read_bytes()

    message = refuse_to_open(state_directory)

    assert message == (
        f"{file} is not a state file of evcli; name another directory with"
        " --state-dir. Nothing was changed."
    )
    assert file.read_bytes() == content


def test_an_old_directory_takes_the_missing_steps_and_keeps_its_content(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_again().meta.put("kept", True)
    taken = []

    def m_next(database: sqlite3.Connection) -> None:
        taken.append("m_next")
        database.execute("CREATE TABLE news (name TEXT)")

    set_steps(monkeypatch, (*MIGRATIONS, m_next))
    upgraded = open_again()
    open_again()

    assert taken == ["m_next"]
    assert upgraded.meta.all()["kept"] is True
    assert upgraded.database.execute("SELECT COUNT(*) FROM news").fetchone() == (0,)


def test_deliveries_of_before_the_third_step_know_no_length(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        set_steps(patch, MIGRATIONS[:2])
        old = open_again()
    old.database.execute(
        "INSERT INTO events (event_id, account_id, region, event_bus_name, accepted_at,"
        " hops, envelope) VALUES ('e', '0', 'r', 'default', 0, 0, '{}')"
    )
    old.database.execute(
        "INSERT INTO deliveries (event_key, rule_arn, target_id, target_arn, state,"
        " attempts) VALUES (1, 'rule', '1', 'arn', 'RETRYING', 1)"
    )

    (delivery,) = open_again().ledger.list_deliveries()

    assert (delivery.sink_length_bytes, delivery.is_repeated) == (None, True)


def test_events_from_before_trace_headers_have_none(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = MIGRATIONS[: MIGRATIONS.index(migrations.m004_trace_headers)]
    with monkeypatch.context() as patch:
        set_steps(patch, before)
        open_again().database.execute(
            "INSERT INTO events (event_id, account_id, region, event_bus_name,"
            " accepted_at, hops, envelope) VALUES ('e', '0', 'r', 'b', 0, 0, '{}')"
        )

    (event,) = open_again().accepted_events.list_arrivals("e")

    assert (event.envelope, event.trace_header) == ("{}", None)


def test_slots_that_were_reserved_before_the_fifth_step_stay_reserved(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        set_steps(patch, MIGRATIONS[:4])
        open_again().database.execute(
            "INSERT INTO turns (target_arn, second, delivery_key, attempt)"
            " VALUES ('arn', 1, 2, 3)"
        )

    rows = open_again().database.execute("SELECT * FROM rate_slots").fetchall()

    assert rows == [("arn", 1, 2, 3)]


def test_a_step_that_fails_leaves_the_old_schema(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_again()

    def m_broken(database: sqlite3.Connection) -> None:
        database.execute("CREATE TABLE news (name TEXT)")
        raise KeyboardInterrupt

    set_steps(monkeypatch, (*MIGRATIONS, m_broken))
    with pytest.raises(KeyboardInterrupt):
        open_again()

    tables = store.database.execute(
        "SELECT name FROM sqlite_schema WHERE name = 'news'"
    )
    assert tables.fetchall() == []
    assert store.database.execute("PRAGMA user_version").fetchone() == (
        len(MIGRATIONS),
    )


def test_events_of_before_the_seventh_step_say_whether_anything_came_of_them(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        set_steps(patch, MIGRATIONS[:6])
        old = open_again()
    for event_id in ("a", "b"):
        old.database.execute(
            "INSERT INTO events (event_id, account_id, region, event_bus_name,"
            " accepted_at, hops, envelope) VALUES (?, '0', 'r', 'b', 0, 0, '{}')",
            (event_id,),
        )
    old.database.execute(
        "INSERT INTO deliveries (event_key, rule_arn, target_id, target_arn, state,"
        " attempts) VALUES (1, 'rule', '1', 'arn', 'DELIVERED', 1)"
    )

    events = open_again().accepted_events.list_after(EventConditions(), 0)

    assert [(each.event_id, each.undelivered) for each in events] == [
        ("a", None),
        ("b", "NO_RULE"),
    ]


# -- columns that records have since a version


NEXT = len(MIGRATIONS) + 1


def add_column(
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Record],
    column: str,
    annotation: str,
    version: int,
) -> None:
    """Let evcli be one whose records have another column since a version."""
    monkeypatch.setitem(kind.__annotations__, column, annotation)
    monkeypatch.setattr(kind, "COLUMNS", (*kind.COLUMNS, column))
    monkeypatch.setattr(kind, "ADDED", {**kind.ADDED, column: version})
    set_steps(monkeypatch, list_steps(version))


def make_event_bus(name: str, **columns: Any) -> EventBus:
    return EventBus(
        account_id="1",
        region="r",
        name=name,
        created_at=BORN,
        last_modified_at=BORN,
        **columns,
    )


BORN = datetime(2024, 5, 14, tzinfo=UTC)
COLUMNS = {"owner_id": "str | None", "paused_at": "datetime | None"}


def add_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    for column, annotation in COLUMNS.items():
        add_column(monkeypatch, EventBus, column, annotation, NEXT)
    add_column(monkeypatch, Rule, "weight", "int | None", NEXT + 1)


def test_a_directory_of_before_gets_the_columns_and_keeps_its_records(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_again().put(make_event_bus("old", description="kept"))

    add_columns(monkeypatch)
    store = open_again()

    old = store.get(EventBus, "1", "r", "old")
    assert old == make_event_bus("old", description="kept")
    new = make_event_bus("new", owner_id="me", paused_at=BORN)
    store.put(new)
    assert open_again().list_records(EventBus, "1") == [new, old]
    assert open_again().database.read_schema_version() == NEXT + 1


def test_upgraded_and_new_directories_have_the_same_tables(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_again()

    add_columns(monkeypatch)

    assert read_schema(open_again().database.connection) == build_schema(NEXT + 1)
    kinds = {
        (name, kind)
        for table in ("event_buses", "rules")
        for _, name, kind, *_ in open_again().database.execute(
            f"PRAGMA table_info({table})"
        )
    }
    added = {("owner_id", "TEXT"), ("paused_at", "INTEGER"), ("weight", "INTEGER")}
    assert added <= kinds


def test_columns_are_added_together_or_not_at_all(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_again()
    schema = read_schema(before.database.connection)
    add_columns(monkeypatch)
    add_column(monkeypatch, Rule, "needed", "str", NEXT + 2)

    with pytest.raises(AssertionError, match=r"rules\.needed is not there"):
        open_again()

    assert read_schema(before.database.connection) == schema
    assert before.database.read_schema_version() == len(MIGRATIONS)


def test_a_column_that_is_there_already_is_left_alone(
    open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As of two developers, each of whom gave the next version to a column.
    with monkeypatch.context() as patch:
        add_column(patch, EventBus, "owner_id", "str | None", NEXT)
        mine = make_event_bus("b", owner_id="me")
        open_again().put(mine)

    add_column(monkeypatch, Rule, "weight", "int | None", NEXT)
    add_column(monkeypatch, EventBus, "owner_id", "str | None", NEXT + 1)
    store = open_again()

    assert store.get(EventBus, "1", "r", "b") == mine
    assert store.list_records(Rule) == []


def test_an_evcli_that_lacks_a_column_refuses_the_directory(
    open_again: Callable[[], Store],
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        add_column(patch, EventBus, "owner_id", "str | None", NEXT)
        open_again()

    message = refuse_to_open(state_directory)

    assert "was written by a newer evcli" in message
    assert f"(schema {NEXT}, this one knows {len(MIGRATIONS)})" in message


def test_a_backup_of_before_gets_the_columns_when_it_is_restored(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(make_event_bus("old"))
    file = tmp_path / "backup.db"
    write_backup(store.database, str(file), without_secrets=False)

    add_columns(monkeypatch)
    restore_backup(str(tmp_path / "other"), str(file), force=False)

    restored = open_store(str(tmp_path / "other"))
    assert restored.list_records(EventBus) == [make_event_bus("old")]
    assert restored.database.read_schema_version() == NEXT + 1
    restored.close()
