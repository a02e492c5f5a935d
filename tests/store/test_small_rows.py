"""Small rows: what they hold reads as before, and old directories come to have them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.json_text import dumps
from evcli.store import database as database_module
from evcli.store.accepted_events import EventConditions
from evcli.store.archived_events import ArchivedEvents
from evcli.store.deliveries import (
    STATES,
    Event,
    pack_event,
    pack_id,
    unpack_envelope,
    unpack_id,
)
from evcli.store.sqlite import migrations, opening
from evcli.store.sqlite.migrations import MIGRATIONS
from evcli.store.store import open_store
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.copying import build_schema, read_schema
from evcli.store.upkeep.integrity import check_store, open_snapshot
from evcli.store.upkeep.pruning import prune, tidy_up
from evcli.store.upkeep.restoring import restore_backup
from tests.store.test_migrations import set_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.store.store import Store

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
UUID = "8f2ae133-0008-46e6-a0bb-fb70db0bd3ac"
# Hardly UUIDs, or nothing like them.
ODD_IDS = (
    UUID.upper(),
    UUID.replace("-", ""),
    UUID[:-1],
    f"{UUID}0",
    "8f2ae1330-008-46e6-a0bb-fb70db0bd3ac",
    "8f2ae133x0008x46e6xa0bbxfb70db0bd3ac",
    "exactly-16-bytes",
    "15-and-a-nul..\0",
    "e",
    "éé",
    '"quoted"',
)


# -- ids and envelopes


@given(
    st.one_of(st.uuids().map(str), st.text("0123456789abcdef-"), st.binary(), st.text())
)
def test_an_id_comes_back_as_it_was(value: str | bytes) -> None:
    text = value if isinstance(value, str) else value.decode("latin-1")

    assert unpack_id(pack_id(text)) == text


@given(st.lists(st.text("\0aÿ", max_size=18), unique=True))
def test_ids_that_differ_differ_in_the_store(ids: list[str]) -> None:
    assert len({pack_id(each) for each in ids}) == len(ids)


def test_only_canonical_uuids_take_sixteen_bytes() -> None:
    assert len(pack_id(UUID)) == 16
    assert [each for each in ODD_IDS if len(pack_id(each)) == 16] == []


@pytest.mark.parametrize("event_id", [UUID, *ODD_IDS])
@pytest.mark.parametrize(
    "envelope",
    [
        '{{"version":"0","id":"{id}","detail-type":"é"}}',
        '{{"version":"0","id":"{id}"}}',
        '{{"id":"{id}","version":"0"}}',
        '{{"version":"0","id":"another","detail":{{}}}}',
        "[]",
        "",
    ],
)
def test_an_envelope_comes_back_as_it_was(event_id: str, envelope: str) -> None:
    text = envelope.format(id=event_id)

    packed, rest = pack_event(event_id, text)

    assert (unpack_id(packed), unpack_envelope(event_id, rest)) == (event_id, text)


def add_events(store: Store, *ids: str) -> None:
    with store.transaction():
        for event_id in ids:
            store.ledger.add_event(
                Event(
                    event_id=event_id,
                    account_id="0",
                    region="r",
                    event_bus_name="b",
                    accepted_at=NOW,
                    envelope=f'{{"version":"0","id":"{event_id}","detail-type":"Sale"}}',
                )
            )


OTHER_UUID = f"{UUID[:-1]}0"


def test_ids_of_both_kinds_are_found_by_their_beginning(store: Store) -> None:
    ids = (UUID, UUID, OTHER_UUID, *ODD_IDS)
    add_events(store, *ids)

    for prefix in ("", *(each[:length] for each in ids for length in range(1, 40))):
        expected = sorted({each for each in ids if each.startswith(prefix)})
        for limit in (1, 3, 99):
            found = store.accepted_events.list_ids(prefix, limit)
            assert found == expected[:limit], (prefix, limit)


def test_an_event_is_found_by_any_id(store: Store) -> None:
    add_events(store, UUID, *ODD_IDS)

    for event_id in (UUID, *ODD_IDS):
        (event,) = store.accepted_events.list_arrivals(event_id)
        assert event.event_id == event_id
    assert store.accepted_events.list_arrivals(OTHER_UUID) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8f2ae133", [1, 3]),
        (UUID, [1]),
        (UUID.upper(), [1]),
        ("BD3AC", [1]),
        ('"version":"0"', [1, 2, 3]),
        ('{"version":"0","id":"8', [1, 3]),
        ('3ac","detail-type":"sale"', [1]),
        ('0","detail-type":"', [3]),
        ("sale", [1, 2, 3]),
        ("8f2ae133_0008", []),
        ("%", []),
        ('","id"', [1, 2, 3]),
        ('version":"0","detail', []),
    ],
)
def test_text_is_found_in_the_part_of_an_envelope_that_its_row_does_without(
    store: Store, text: str, found: list[int]
) -> None:
    add_events(store, UUID, "e", OTHER_UUID)

    events = store.accepted_events.list_after(EventConditions(text=text), 0)

    assert [each.event_key for each in events] == found


# -- directories of before

BEFORE = MIGRATIONS[: migrations.COMPACT_FILE - 2]
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
EVENT = (
    "INSERT INTO events (event_id, account_id, region, event_bus_name, accepted_at,"
    " hops, envelope, trace_header, undelivered) VALUES (?, ?, 'r', ?, ?, ?, ?, ?, ?)"
)
DELIVERY = (
    "INSERT INTO deliveries (event_key, dead_letter_of, rule_arn, target_id, target_arn,"
    " target, payload, state, attempts, next_attempt_at, finished_at, error_code,"
    " error_message, owner, sink_length_bytes)"
    " VALUES (?, ?, ?, 't', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
REASONS = (None, "NO_RULE", "NO_TARGET", "ARCHIVED", "NO_EVENT_BUS")


@pytest.fixture
def old(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], sqlite3.Connection]:
    """Make a directory of the version before, with so many events of each kind."""

    def make(copies: int) -> sqlite3.Connection:
        with monkeypatch.context() as patch:
            set_steps(patch, BEFORE)
            patch.setattr(opening, "choose_layout", lambda connection: None)
            open_store(str(state_directory)).close()
        connection = sqlite3.connect(state_directory / "state.db")
        for _ in range(copies):
            fill(connection)
        # Keys that were given out once, and are not to be so again.
        for table in ("events", "deliveries", "archived_events"):
            connection.execute(
                "UPDATE sqlite_sequence SET seq = seq + 5 WHERE name = ?", (table,)
            )
        connection.execute(
            "INSERT INTO send_marks VALUES ('0', 'r', '-', 1, 2, 3, 'd', 4, 5, 6, 7, '[]')"
        )
        connection.commit()
        return connection

    return make


def fill(connection: sqlite3.Connection) -> None:
    for number, event_id in enumerate((UUID, OTHER_UUID, *ODD_IDS)):
        head = "version" if number % 3 else "VERSION"
        key = connection.execute(
            EVENT,
            (
                event_id,
                str(number % 2),
                f"bus-{number % 3}/x",
                number * 1000,
                number % 4,
                dumps({head: "0", "id": event_id, "n": number}),
                "Root=1" if number % 2 else None,
                REASONS[number % 5],
            ),
        ).lastrowid
        for index, state in enumerate(STATES):
            connection.execute(
                DELIVERY,
                (
                    key,
                    1 if index == 3 else None,
                    f"rule-{index % 2}",
                    QUEUE,
                    f'{{"Id":"t","Arn":"{QUEUE}","Input":"{index}"}}'
                    if number
                    else None,
                    "é" if index else None,
                    state,
                    index,
                    5 if index < 2 else None,
                    6 if index > 1 else None,
                    "CODE" if index == 3 else None,
                    "message" if index == 3 else None,
                    7 if index == 0 else None,
                    8 if index < 2 else None,
                ),
            )
    connection.execute("INSERT OR IGNORE INTO attempts VALUES (1, 1, 2, 'C', 'm', 'o')")
    for minute, archive_id in enumerate(("archive-1", "archive-1", "gone")):
        connection.execute(
            "INSERT INTO archived_events (archive_id, minute, event_at, ingested_at,"
            " size_bytes, envelope) VALUES (?, ?, ?, 3, 4, '{}')",
            (archive_id, minute, minute * 60_000),
        )
    connection.execute(
        "INSERT OR IGNORE INTO archives VALUES ('0', 'r', 'a', 'archive-1', 'b', 's', NULL,"
        " NULL, 0, NULL, 'ENABLED', NULL, 0, 0, 1)"
    )
    connection.execute(
        "UPDATE archives SET event_count = event_count + 2, size_bytes = size_bytes + 8"
    )


def read_old(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the tables of before say."""
    queries = {
        "events": "SELECT event_key, event_id, account_id, region, event_bus_name,"
        " accepted_at, hops, envelope, trace_header, undelivered FROM events",
        "deliveries": "SELECT delivery_key, event_key, dead_letter_of, rule_arn,"
        " target_id, target_arn, COALESCE(target, ''), payload, state, attempts,"
        " next_attempt_at, finished_at, error_code, error_message, owner,"
        " sink_length_bytes FROM deliveries",
        "archived": "SELECT sequence, archive_id, minute, event_at, ingested_at,"
        " size_bytes, envelope FROM archived_events",
    }
    read = {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    return {**read, **read_unchanged(connection)}


def read_new(connection: sqlite3.Connection) -> dict[str, Any]:
    """The same, in the words of before, from the tables as they are now."""
    reasons = REASONS[1:]
    events = [
        (
            key,
            unpack_id(packed),
            *rest,
            unpack_envelope(unpack_id(packed), envelope),
            header,
            None if reason is None else reasons[reason],
        )
        for key, packed, *rest, envelope, header, reason in connection.execute(
            "SELECT event_key, event_id, account_id, region, event_bus_name,"
            " accepted_at, hops, envelope, trace_header, undelivered"
            " FROM events JOIN ledger_buses USING (bus_key) ORDER BY event_key"
        )
    ]
    queries = {
        "deliveries": "SELECT delivery_key, event_key, dead_letter_of, rule_arn,"
        " target_id, target_arn, definition, payload, state, attempts,"
        " next_attempt_at, finished_at, error_code, error_message, owner,"
        " sink_length_bytes FROM deliveries JOIN ledger_routes USING (route_key)"
        " ORDER BY delivery_key",
        "archived": "SELECT sequence, archive_id, minute, event_at, ingested_at,"
        " size_bytes, envelope FROM archived_events JOIN archive_keys"
        " USING (archive_key) ORDER BY sequence",
    }
    read = {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    return {"events": events, **read, **read_unchanged(connection)}


def read_unchanged(connection: sqlite3.Connection) -> dict[str, Any]:
    tables = ("attempts", "archives", "send_marks", "settings")
    sequences = "SELECT name, seq FROM sqlite_sequence ORDER BY name"
    return {
        "sequences": connection.execute(sequences).fetchall(),
        **{
            table: connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in tables
        },
    }


def read_layout(connection: sqlite3.Connection) -> tuple[int, ...]:
    return tuple(
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "auto_vacuum", "freelist_count", "user_version")
    )


NEW_LAYOUT = (database_module.PAGE_BYTES, 2, 0, len(MIGRATIONS))


@pytest.mark.sqlite_only
def test_a_directory_of_before_keeps_all_it_has(
    old: Callable[[int], sqlite3.Connection], open_again: Callable[[], Store]
) -> None:
    before = old(3)
    expected = read_old(before)
    assert before.execute("PRAGMA page_size").fetchone() == (4096,)
    before.close()

    store = open_again()

    assert read_new(store.database.connection) == expected
    assert read_schema(store.database.connection) == build_schema(len(MIGRATIONS))
    assert read_layout(store.database.connection) == NEW_LAYOUT
    assert store.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    (delivery, *_) = store.ledger.list_deliveries(event_id=OTHER_UUID, state="FAILED")
    assert delivery.target == {"Id": "t", "Arn": QUEUE, "Input": "3"}
    with open_snapshot(store.database) as snapshot:
        findings = [each.text for each in check_store(store.database, snapshot)]
    assert [each for each in findings if "left by a process" not in each] == []
    assert ArchivedEvents(store.database).drop_abandoned(99) == 3


@pytest.mark.sqlite_only
def test_what_is_damaged_stays_so_and_keeps_nothing_from_the_upgrade(
    old: Callable[[int], sqlite3.Connection], open_again: Callable[[], Store]
) -> None:
    before = old(1)
    for sql in (
        "UPDATE events SET event_id = CAST(x'ff4142434445464748494a4b4c4d4e4f' AS TEXT)"
        " WHERE event_key = 1",
        "UPDATE events SET envelope = CAST(x'ff' AS TEXT) WHERE event_key = 2",
        "UPDATE events SET accepted_at = 'x', undelivered = 'x' WHERE event_key = 3",
        "UPDATE deliveries SET payload = CAST(x'ff' AS TEXT), target = '{'"
        " WHERE delivery_key = 1",
    ):
        before.execute(sql)
    before.commit()
    count = before.execute("SELECT COUNT(*) FROM deliveries").fetchone()[0]
    before.close()

    store = open_again()

    events = [*store.accepted_events.list_after(EventConditions(), 0)]
    assert [each.event_id for each in events[:2]] == [
        "\ufffdABCDEFGHIJKLMNO",
        OTHER_UUID,
    ]
    assert len(events) == len(ODD_IDS) + 2
    deliveries = [*store.ledger.list_deliveries()]
    assert len(deliveries) == count
    assert deliveries[0].damage is not None
    assert deliveries[5].damage is not None


@pytest.mark.sqlite_only
def test_who_has_it_open_keeps_the_size_of_pages_and_nothing_else(
    old: Callable[[int], sqlite3.Connection],
    open_again: Callable[[], Store],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_module, "QUIET_SECONDS", 0.01)
    before = old(1)
    expected = read_old(before)
    before.execute("SELECT 1 FROM events").fetchone()

    store = open_again()

    assert read_new(store.database.connection) == expected
    assert read_layout(store.database.connection) == (4096, *NEW_LAYOUT[1:])
    assert read_new(before) == expected
    before.close()


def test_a_file_that_cannot_be_written_anew_is_upgraded_all_the_same(
    old: Callable[[int], sqlite3.Connection],
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = old(1)
    expected = read_old(before)
    before.close()
    execute = database_module.Database.execute
    warnings: list[str] = []

    def run(self: Any, sql: str, values: tuple[Any, ...] = ()) -> Any:
        if sql == "VACUUM":
            raise database_module.StoreError("The disk is full.")
        return execute(self, sql, values)

    monkeypatch.setattr(database_module.Database, "execute", run)
    with closing(open_store(str(state_directory), warnings.append)) as store:
        assert read_new(store.database.connection) == expected
        assert store.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store.database.read_schema_version() == len(MIGRATIONS)
    with closing(open_store(str(state_directory), warnings.append)):
        pass

    assert warnings == [
        f"The state directory {state_directory} stays as large as it is:"
        " The disk is full."
    ]


@pytest.mark.sqlite_only
def test_what_another_process_upgraded_meanwhile_is_not_written_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(opening, "_compact", refuse)

    opening.upgrade(store.database, len(BEFORE))

    assert read_layout(store.database.connection) == NEW_LAYOUT


def test_an_upgrade_that_takes_long_is_announced(
    old: Callable[[int], sqlite3.Connection],
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old(1).close()
    monkeypatch.setattr(opening, "LARGE_BYTES", 0)
    warnings: list[str] = []

    for _ in range(2):
        open_store(str(state_directory), warnings.append).close()

    assert warnings == [
        f"Upgrading the state directory {state_directory}: its 0 MiB are written anew,"
        " once. Where that is broken off, the next command goes on."
    ]


# Kills itself with the so-manieth statement or stretch of one, until it comes through.
KILLED = """
import os, shutil, signal, sys
import _sqlite3 as sqlite3
from evcli.store import database
from evcli.store.store import open_store

class Module:
    def __getattr__(self, name):
        return getattr(sqlite3, name)
    def connect(self, *args, **options):
        connection = sqlite3.connect(*args, **options)
        connection.set_trace_callback(step)
        connection.set_progress_handler(step, 2000)
        return connection

def step(*_):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

database.sqlite3 = Module()
path, number = sys.argv[1], 0
while True:
    number += 1
    copy = f"{path}-{number}"
    shutil.copytree(path, copy)
    child = os.fork()
    if not child:
        left = number
        open_store(copy).close()
        os._exit(0)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        break
print(number)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_an_upgrade_that_is_killed_anywhere_goes_on_with_the_next_command(
    old: Callable[[int], sqlite3.Connection],
    state_directory: Path,
    start_python: Callable[[str], Any],
) -> None:
    before = old(8)
    expected = read_old(before)
    before.close()

    output, error = start_python(KILLED).communicate()

    assert error == ""
    versions = set()
    for number in range(1, int(output) + 1):
        copy = f"{state_directory}-{number}"
        with closing(sqlite3.connect(f"{copy}/state.db")) as killed:
            versions.add(killed.execute("PRAGMA user_version").fetchone()[0])
        with closing(open_store(copy)) as store:
            connection = store.database.connection
            assert read_new(connection) == expected, number
            assert read_layout(connection) == NEW_LAYOUT, number
            problems = connection.execute("PRAGMA integrity_check").fetchall()
            assert problems == [("ok",)], number
        shutil.rmtree(copy)
    # It came to nothing, to small rows in an old file, and all the way.
    assert versions == {len(BEFORE), len(BEFORE) + 1, len(MIGRATIONS)}


@pytest.mark.sqlite_only
def test_a_backup_of_before_is_restored(
    old: Callable[[int], sqlite3.Connection],
    state_directory: Path,
    tmp_path: Path,
    open_again: Callable[[], Store],
) -> None:
    before = old(2)
    expected = read_old(before)
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(backup)) as copy:
        before.backup(copy)
    before.close()

    restore_backup(str(tmp_path / "other"), str(backup), force=False)

    with closing(open_store(str(tmp_path / "other"))) as store:
        restored = read_new(store.database.connection)
        write_backup(store.database, str(tmp_path / "new.db"), without_secrets=False)
    assert restored == expected
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert read_new(connection) == expected


# -- room that is given back


@pytest.mark.sqlite_only
def test_pruning_gives_the_room_back(store: Store, state_directory: Path) -> None:
    file = state_directory / "state.db"
    empty = file.stat().st_size
    add_events(store, *(f"{UUID[:-6]}{number:06}" for number in range(20_000)))
    store.database.empty_log()
    full = file.stat().st_size

    after = None
    while True:
        with store.transaction():
            _, after = prune(store.database, NOW + timedelta(1), after, 500)
        if after is None:
            break
    tidy_up(store.database)

    left = file.stat().st_size
    assert full > empty + 20_000 * 100
    assert left <= empty + 4 * database_module.PAGE_BYTES
    assert store.accepted_events.get_last_key() == 20_000


@pytest.mark.sqlite_only
def test_routes_that_no_delivery_has_any_more_are_forgotten(
    old: Callable[[int], sqlite3.Connection], open_again: Callable[[], Store]
) -> None:
    old(1).close()
    store = open_again()
    count = "SELECT COUNT(*) FROM ledger_routes"
    (before,) = store.database.execute(count).fetchone()
    store.database.execute("DELETE FROM deliveries WHERE state = 'FAILED'")

    tidy_up(store.database)

    (left,) = store.database.execute(count).fetchone()
    used = "SELECT COUNT(DISTINCT route_key) FROM deliveries"
    assert before > left == store.database.execute(used).fetchone()[0] > 0
