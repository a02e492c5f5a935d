"""A backup holds what the store held at one instant, and becomes the state as a whole."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import ConfigurationError, EvcliError, StoreError
from evcli.store.database import PAGE_BYTES
from evcli.store.deliveries import Delivery, Event
from evcli.store.directory.locks import FileLock
from evcli.store.epoch import from_epoch_ms
from evcli.store.records import Connection, EventBus
from evcli.store.sqlite import migrations
from evcli.store.sqlite.opening import make_database
from evcli.store.store import open_store
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.restoring import restore_backup
from tests.delivery.crash_driver import kill_before_line

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from evcli.store.store import Store

    StartPython = Callable[[str], subprocess.Popen[str]]

pytestmark = pytest.mark.sqlite_only

EPOCH = from_epoch_ms(0)


def make_event_bus(name: str) -> EventBus:
    return EventBus(
        account_id="1", region="r", name=name, created_at=EPOCH, last_modified_at=EPOCH
    )


def make_connection(**columns: Any) -> Connection:
    return Connection(
        account_id="1",
        region="r",
        name="c",
        connection_id="i",
        authorization_type="BASIC",
        state="AUTHORIZED",
        created_at=EPOCH,
        last_modified_at=EPOCH,
        **columns,
    )


def dump(file: Path) -> list[str]:
    """All that a database holds, but for what is said of a file beside it."""
    with closing(sqlite3.connect(file)) as database:
        return [*database.iterdump()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another state directory, which is not there yet."""
    return tmp_path / "other"


# -- backup


def test_a_backup_restored_is_the_same_store(
    store: Store, file: Path, other: Path, state_directory: Path
) -> None:
    with store.transaction():
        for name in ("a", "ü", "c"):
            store.put(make_event_bus(name))
        event = make_event()
        store.ledger.add_event(event)
        store.ledger.add_delivery(make_delivery(event))
        store.database.execute("DELETE FROM deliveries")
        store.meta.put("clock", 17)

    write_backup(store.database, str(file), without_secrets=False)
    restore_backup(str(other), str(file), force=False)
    store.close()

    assert dump(other / "state.db") == dump(state_directory / "state.db")
    with closing(open_store(str(other))) as restored:
        assert restored.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_path_may_have_any_characters(tmp_path: Path) -> None:
    odd = tmp_path / "a?b #c%20 ü&mode=memory"
    with closing(open_store(str(odd))) as store:
        store.put(make_event_bus("kept"))
        write_backup(store.database, f"{odd}/b?.db", without_secrets=False)

    restore_backup(f"{odd}/again", f"{odd}/b?.db", force=False)

    assert list_buses(odd / "again") == ["kept"]
    assert sorted(path.name for path in odd.iterdir()) == [
        "again",
        "b?.db",
        "locks",
        "state.db",
    ]


def test_what_was_read_of_config_toml_is_no_part_of_a_backup(
    store: Store, file: Path
) -> None:
    store.meta.put("configuration", {"value": {"region": "eu-west-1"}})

    write_backup(store.database, str(file), without_secrets=False)

    with closing(sqlite3.connect(file)) as database:
        names = database.execute("SELECT name FROM settings").fetchall()
    assert names == [("created_at",)]


def test_only_its_owner_may_read_a_backup(store: Store, file: Path) -> None:
    before = os.umask(0)
    try:
        write_backup(store.database, str(file), without_secrets=False)
    finally:
        os.umask(before)

    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.glob("backup*")] == ["backup.db"]


def test_a_backup_that_fails_leaves_the_one_before(
    store: Store, file: Path, state_directory: Path
) -> None:
    write_backup(store.database, str(file), without_secrets=False)
    content = file.read_bytes()
    store.database.execute("DROP TABLE rules")

    with pytest.raises(StoreError, match="is damaged"):
        write_backup(store.database, str(file), without_secrets=False)

    assert file.read_bytes() == content
    assert [path.name for path in file.parent.glob("backup*")] == ["backup.db"]


def test_the_state_is_not_its_own_backup(store: Store, state_directory: Path) -> None:
    file = state_directory / "state.db"

    with pytest.raises(ConfigurationError) as caught:
        write_backup(store.database, str(file), without_secrets=False)

    assert caught.value.message == (f"{file} is the state itself; name another file.")


def test_a_file_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        write_backup(
            store.database, str(tmp_path / "no" / "b.db"), without_secrets=False
        )

    assert caught.value.message == (
        f"{tmp_path}/no/b.db cannot be written: No such file or directory."
    )


WRITE_FOREVER = """
import sys
from evcli.store.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
count = 0
while True:
    count += 1
    with store.transaction():
        store.meta.put("left", count)
        store.tags.put("arn", f"key-{count % 100}", "x" * 2000)
        store.meta.put("right", count)
"""


def test_a_backup_is_of_one_instant_while_others_write(
    store: Store, file: Path, start_python: StartPython
) -> None:
    process = start_python(WRITE_FOREVER)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    found: set[object] = set()
    # Bounded in number; how many it takes is up to the machine.
    for _ in range(2_000):
        if len(found) == 5:
            break
        write_backup(store.database, str(file), without_secrets=False)
        with closing(sqlite3.connect(file)) as database:
            pair = database.execute(
                "SELECT value FROM settings WHERE name IN ('left', 'right')"
            ).fetchall()
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert len({*pair}) <= 1
        found.update(pair)

    assert len(found) == 5


SECRETS = (
    "old-password", "new-password", "client-secret", "header-value", "plain-value",
    "query-value", "body-value", "the-token", "deleted-key",
)  # fmt: skip


def make_parameters(password: str) -> dict[str, Any]:
    extras = {
        "HeaderParameters": [
            {"Key": "h", "Value": "header-value", "IsValueSecret": True},
            {"Key": "p", "Value": "plain-value"},
        ],
        "QueryStringParameters": [{"Key": "q", "Value": "query-value"}],
        "BodyParameters": [{"Key": "b", "Value": "body-value"}],
    }
    return {
        "BasicAuthParameters": {"Username": "me", "Password": password},
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "client-secret"},
            "AuthorizationEndpoint": "https://example.com",
            "HttpMethod": "POST",
            "OAuthHttpParameters": extras,
        },
        "InvocationHttpParameters": extras,
    }


def test_without_secrets_no_byte_of_them_is_in_the_file(
    store: Store, file: Path
) -> None:
    token = {"access_token": "the-token", "token_type": "Bearer", "expires_at": None}
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "deleted-key"}}
    # Whatever is deleted or replaced may lie around in the store.
    store.database.execute("PRAGMA secure_delete = OFF")
    store.put(make_connection(auth_parameters=key).replace(name="d"))
    store.delete(Connection, "1", "r", "d")
    for password in ("old-password", "new-password"):
        parameters = make_parameters(password)
        store.put(make_connection(auth_parameters=parameters, token=token))

    write_backup(store.database, str(file), without_secrets=True)
    content = file.read_bytes()

    assert [each for each in SECRETS if each.encode() in content] == []
    with closing(sqlite3.connect(file)) as database:
        row = database.execute(
            f"SELECT {', '.join(Connection.COLUMNS)} FROM connections"
        ).fetchone()
    hidden = Connection.from_row(row)
    assert hidden.token is None
    assert hidden.auth_parameters["BasicAuthParameters"] == {
        "Username": "me",
        "Password": "***",
    }
    assert hidden.auth_parameters["OAuthParameters"]["ClientParameters"] == {
        "ClientID": "id",
        "ClientSecret": "***",
    }
    assert hidden.auth_parameters["InvocationHttpParameters"] == {
        "HeaderParameters": [
            {"Key": "h", "Value": "***", "IsValueSecret": True},
            {"Key": "p", "Value": "***"},
        ],
        "QueryStringParameters": [{"Key": "q", "Value": "***"}],
        "BodyParameters": [{"Key": "b", "Value": "***"}],
    }


# -- restore


@pytest.fixture
def backup(store: Store, file: Path) -> Path:
    """A backup of a store with one event bus, `saved`; another one came after it."""
    store.put(make_event_bus("saved"))
    write_backup(store.database, str(file), without_secrets=False)
    store.put(make_event_bus("later"))
    return file


def list_buses(state_directory: Path) -> list[str]:
    with closing(open_store(str(state_directory))) as store:
        return [bus.name for bus in store.list_records(EventBus)]


def refuse_to_restore(directory: Path, file: Path, *, force: bool = False) -> str:
    with pytest.raises(EvcliError) as caught:
        restore_backup(str(directory), str(file), force=force)
    return caught.value.message


def test_a_state_is_not_replaced_unless_that_is_wanted(
    backup: Path, state_directory: Path
) -> None:
    assert refuse_to_restore(state_directory, backup) == (
        f"The state directory {state_directory} holds a state already; --force has the"
        " backup take its place, and `evcli local backup FILE` keeps it. Nothing was"
        " changed."
    )
    assert list_buses(state_directory) == ["later", "saved"]

    restore_backup(str(state_directory), str(backup), force=True)

    assert list_buses(state_directory) == ["saved"]


def test_others_that_have_the_state_open_see_the_restored_one(
    store: Store, backup: Path, state_directory: Path
) -> None:
    restore_backup(str(state_directory), str(backup), force=True)

    assert [bus.name for bus in store.list_records(EventBus)] == ["saved"]


def test_a_worker_is_noticed(backup: Path, other: Path) -> None:
    lock = FileLock(str(other), "worker")
    lock.acquire()

    message = refuse_to_restore(other, backup)
    lock.release()

    assert message == (
        f"A worker is running on the state directory {other}: stop `evcli local run`,"
        " `serve` or `tick` first. Nothing was changed."
    )
    assert list_buses(other) == []


def make_event() -> Event:
    return Event(
        event_id="e",
        account_id="1",
        region="r",
        event_bus_name="default",
        accepted_at=EPOCH,
        envelope="{}",
    )


def make_delivery(event: Event, **columns: Any) -> Delivery:
    target = {"Id": "t", "Arn": "arn"}
    return Delivery(event=event, rule_arn="r", target=target, payload="{}", **columns)


def test_who_is_at_deliveries_is_noticed(
    store: Store, backup: Path, state_directory: Path
) -> None:
    event = make_event()
    with store.transaction():
        store.ledger.add_event(event)
        owner = store.owner.claim()
        delivery = make_delivery(event, owner=owner, next_attempt_at=EPOCH)
        store.ledger.add_delivery(delivery)

    message = refuse_to_restore(state_directory, backup, force=True)
    store.owner.release()

    assert message == (
        f"Process {os.getpid()} is at deliveries or replays of the state directory"
        f" {state_directory}; try again once it is through. Nothing was changed."
    )
    assert list_buses(state_directory) == ["later", "saved"]


@pytest.mark.parametrize("damage", ["empty", "torn", "version", "table"])
def test_a_state_that_cannot_be_read_is_kept_beside_the_restored_one(
    backup: Path, store: Store, state_directory: Path, damage: str
) -> None:
    store.close()
    state = state_directory / "state.db"
    sql = {"version": "PRAGMA user_version = -1", "table": "DROP TABLE deliveries"}
    if damage in sql:
        with closing(sqlite3.connect(state)) as database:
            database.execute(sql[damage])
    else:
        state.write_bytes(b"" if damage == "empty" else b"x" * 100_000)
    content = state.read_bytes()

    message = refuse_to_restore(state_directory, backup)
    aside = restore_backup(str(state_directory), str(backup), force=True)

    assert message.startswith(f"{state} is damaged")
    assert aside == f"{state}.damaged-1"
    assert Path(aside).read_bytes() == content
    assert list_buses(state_directory) == ["saved"]


def test_a_backup_of_an_older_evcli_is_upgraded(tmp_path: Path, other: Path) -> None:
    file = tmp_path / "old.db"
    with closing(make_database(str(tmp_path), str(file), 1)) as database:
        database.execute(
            "INSERT INTO event_buses (account_id, region, name, created_at,"
            " last_modified_at) VALUES ('1', 'r', 'old', 0, 0)"
        )

    restore_backup(str(other), str(file), force=False)

    assert list_buses(other) == ["old"]
    with closing(open_store(str(other))) as restored:
        version = restored.database.execute("PRAGMA user_version").fetchone()
    assert version == (len(migrations.MIGRATIONS),)


def test_a_copy_of_the_state_file_is_a_backup(
    store: Store, state_directory: Path, file: Path, other: Path
) -> None:
    store.put(make_event_bus("copied"))
    for ending in ("", "-wal"):
        content = (state_directory / f"state.db{ending}").read_bytes()
        Path(f"{file}{ending}").write_bytes(content)

    restore_backup(str(other), str(file), force=False)

    assert list_buses(other) == ["copied"]


NEWER = len(migrations.MIGRATIONS) + 3


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (
            f"PRAGMA user_version = {NEWER}",
            f"a newer evcli wrote it (schema {NEWER}, this one knows"
            f" {len(migrations.MIGRATIONS)}); upgrade evcli",
        ),
        ("PRAGMA user_version = 0", "it is no backup of evcli"),
        ("PRAGMA user_version = -1", "it is no backup of evcli"),
        ("DROP TABLE rules", "it is no backup of evcli"),
        ("CREATE VIEW v AS SELECT 1", "it is no backup of evcli"),
        (
            "CREATE TRIGGER t AFTER INSERT ON rules BEGIN DELETE FROM rules; END",
            "it is no backup of evcli",
        ),
    ],
)
def test_a_database_that_evcli_did_not_write_is_refused(
    backup: Path, other: Path, sql: str, problem: str
) -> None:
    with closing(sqlite3.connect(backup)) as database:
        database.execute(sql)
    content = backup.read_bytes()

    message = refuse_to_restore(other, backup)

    assert message == f"{backup} cannot be restored: {problem}. Nothing was changed."
    assert backup.read_bytes() == content
    assert not other.exists()


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda file: None, "there is no such file"),
        (lambda file: file.mkdir(), "it is no file"),
        (os.mkfifo, "it is no file"),
        (lambda file: file.write_bytes(b""), "it is no backup of evcli"),
        (lambda file: file.write_text("text\n" * 1000), "it is no backup of evcli"),
    ],
)
def test_what_is_no_database_is_refused(
    file: Path, other: Path, make: Callable[[Path], object], problem: str
) -> None:
    make(file)

    message = refuse_to_restore(other, file)

    assert message == f"{file} cannot be restored: {problem}. Nothing was changed."


def test_a_damaged_backup_is_refused(backup: Path, other: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[3 * PAGE_BYTES : 4 * PAGE_BYTES] = b"\xff" * PAGE_BYTES
    backup.write_bytes(content)

    message = refuse_to_restore(other, backup)

    assert (
        message == f"{backup} cannot be restored: it is damaged. Nothing was changed."
    )


@pytest.mark.parametrize("damaged", [False, True])
def test_killed_anywhere_it_leaves_the_old_state_or_the_new_one(
    backup: Path, store: Store, state_directory: Path, tmp_path: Path, damaged: bool
) -> None:
    store.close()
    state = state_directory / "state.db"
    old = state.read_bytes()[: 100_000 if damaged else None]
    if damaged:
        old = b"\0" * 100 + old[100:]
    ends = []
    line = 1
    killed = True
    while killed:
        state.write_bytes(old)
        child = os.fork()
        if child == 0:
            kill_before_line(line)
            restore_backup(str(state_directory), str(backup), force=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        assert not killed or os.WTERMSIG(status) == signal.SIGKILL
        is_old = damaged and state.read_bytes() == old
        ends.append(is_old or list_buses(state_directory) == ["later", "saved"])
        if not is_old:
            assert list_buses(state_directory) in (["later", "saved"], ["saved"])
        # A prime, so that loops do not hide what is in them.
        line += 61

    assert (ends[0], ends[-1]) == (True, False)
    assert ends == sorted(ends, reverse=True)
