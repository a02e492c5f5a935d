"""All or nothing, whatever happens, however many processes are at it."""

from __future__ import annotations

import signal
import sqlite3
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import CommitUnknownError, StoreError
from evcli.store import database as database_module
from evcli.store.records import EventBus
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from evcli.store.store import Store

    StartPython = Callable[[str], subprocess.Popen[str]]

NOW = datetime(2024, 5, 14, tzinfo=UTC)


def make_event_bus(name: str = "b", description: str | None = None) -> EventBus:
    return EventBus(
        account_id="1" * 12,
        region="us-east-1",
        name=name,
        description=description,
        created_at=NOW,
        last_modified_at=NOW,
    )


class UnexpectedError(Exception):
    pass


@pytest.mark.parametrize("error", [UnexpectedError, KeyboardInterrupt, SystemExit])
def test_a_transaction_that_fails_leaves_no_trace(
    store: Store, error: type[BaseException]
) -> None:
    def fail_midway() -> None:
        with store.transaction():
            store.put(make_event_bus())
            store.tags.put("arn", "k", "v")
            store.meta.put("name", 1)
            raise error

    with pytest.raises(error):
        fail_midway()

    assert store.list_records(EventBus) == []
    assert store.tags.list("arn") == []
    assert list(store.meta.all()) == ["created_at"]


def test_a_transaction_that_failed_does_not_stand_in_the_way(store: Store) -> None:
    with pytest.raises(UnexpectedError), store.transaction():
        raise UnexpectedError

    with store.transaction():
        store.put(make_event_bus())

    assert store.list_records(EventBus) == [make_event_bus()]


def test_others_see_a_transaction_only_once_it_is_committed(
    open_again: Callable[[], Store],
) -> None:
    writer, reader = open_again(), open_again()

    with writer.transaction():
        writer.put(make_event_bus())
        before = reader.list_records(EventBus)

    assert before == []
    assert reader.list_records(EventBus) == [make_event_bus()]


def test_a_snapshot_belongs_to_one_instant(open_again: Callable[[], Store]) -> None:
    writer, reader = open_again(), open_again()

    with reader.snapshot():
        before = reader.list_records(EventBus)
        with writer.transaction():
            writer.put(make_event_bus())
        still = reader.list_records(EventBus)

    assert before == still == []
    assert reader.list_records(EventBus) == [make_event_bus()]


@pytest.mark.sqlite_only
def test_a_lock_that_never_comes_is_an_error_in_words(
    open_again: Callable[[], Store],
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.01)
    holder, waiter = open_again(), open_again()

    with holder.transaction(), pytest.raises(StoreError) as caught:
        waiter.transaction().__enter__()

    assert caught.value.message == (
        f"Other processes kept the state directory {state_directory} busy for 0"
        " seconds; nothing was changed."
    )


@pytest.mark.sqlite_only
def test_a_full_disk_is_an_error_in_words_and_rolls_back(
    store: Store, state_directory: Path
) -> None:
    with store.transaction():
        store.put(make_event_bus("small"))
    (pages,) = store.database.execute("PRAGMA page_count").fetchone()
    store.database.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreError) as caught, store.transaction():
        store.put(make_event_bus("large", "x" * 1_000_000))

    assert caught.value.message == (
        f"The disk that holds the state directory {state_directory} is full; nothing"
        " was changed."
    )
    assert store.list_names(EventBus) == ["1" * 12]
    assert store.list_records(EventBus) == [make_event_bus("small")]


@pytest.mark.sqlite_only
def test_a_commit_that_fails_is_rolled_back(store: Store) -> None:
    store.database.execute("PRAGMA foreign_keys = ON")

    def commit_an_attempt_at_nothing() -> None:
        with store.transaction():
            # A check put off until the commit is a failure of it that can be ordered.
            store.database.execute("PRAGMA defer_foreign_keys = ON")
            store.put(make_event_bus())
            store.database.execute(
                "INSERT INTO attempts (delivery_key, number, attempted_at)"
                " VALUES (9, 1, 0)"
            )

    with pytest.raises(StoreError, match="FOREIGN KEY"):
        commit_an_attempt_at_nothing()

    assert not store.database.in_transaction
    assert store.list_records(EventBus) == []


class FailingCommit:
    """A connection whose disk fails while it commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run a statement."""
        if sql != "COMMIT":
            return self._connection.execute(sql, values)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error


@pytest.mark.sqlite_only
def test_a_commit_that_meets_an_error_of_the_disk_is_unknown(
    store: Store, state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = FailingCommit(store.database.connection)
    with monkeypatch.context() as patch:
        patch.setattr(store.database, "connection", failing)
        with pytest.raises(CommitUnknownError) as caught, store.transaction():
            store.put(make_event_bus())

    assert caught.value.message == (
        f"The state directory {state_directory} failed while it committed: disk I/O"
        " error. Whether anything was changed is unknown."
    )
    assert not store.database.in_transaction


@pytest.mark.sqlite_only
def test_durability_is_full_and_can_be_relaxed(store: Store) -> None:
    full = store.database.execute("PRAGMA synchronous").fetchone()

    store.database.relax_durability()

    assert full == (2,)
    assert store.database.execute("PRAGMA synchronous").fetchone() == (1,)


def read_durability(store: Store) -> int:
    value: int = store.database.execute("PRAGMA synchronous").fetchone()[0]
    return value


@pytest.mark.sqlite_only
def test_only_a_transaction_that_need_not_be_durable_is_not(
    store: Store, open_again: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for durable in (True, False):
        with store.transaction(durable=durable):
            seen.append(read_durability(store))
        seen.append(read_durability(store))
    with pytest.raises(UnexpectedError), store.transaction(durable=False):
        raise UnexpectedError
    seen.append(read_durability(store))
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.01)
    waiting = open_again()
    with (
        store.transaction(),
        pytest.raises(StoreError),
        waiting.transaction(durable=False),
    ):
        raise AssertionError("two are writing")
    seen.append(read_durability(waiting))

    assert seen == [2, 2, 1, 2, 2, 2]


@pytest.mark.sqlite_only
def test_what_is_relaxed_stays_so_after_a_transaction_that_need_not_be_durable(
    store: Store,
) -> None:
    store.database.relax_durability()

    with store.transaction(durable=False):
        inside = read_durability(store)

    assert (inside, read_durability(store)) == (1, 1)


COUNT = """
import sys
from evcli.store.store import open_store
sys.stdin.readline()
store = open_store(sys.argv[1])
for _ in range(10):
    with store.transaction():
        store.meta.put("counter", store.meta.all().get("counter", 0) + 1)
store.close()
"""


def test_two_stores_in_one_process_keep_others_from_taking_the_log_away(
    open_again: Callable[[], Store], start_python: StartPython
) -> None:
    script = (
        "import sys; from evcli.store.store import open_store;"
        " store = open_store(sys.argv[1]);"
        " store.meta.put(f'child{len(store.meta.all())}', True);"
        " print(sorted(store.meta.all())); store.close()"
    )
    first, second = open_again(), open_again()

    answers = []
    for number in (1, 2):
        answers.append(start_python(script).communicate(timeout=PATIENCE_SECONDS))
        first.meta.put(f"first{number}", True)
        second.meta.put(f"second{number}", True)

    assert answers == [
        ("['child1', 'created_at']\n", ""),
        ("['child1', 'child4', 'created_at', 'first1', 'second1']\n", ""),
    ]
    names = ["child1", "child4", "created_at", "first1", "first2", "second1", "second2"]
    assert sorted(first.meta.all()) == sorted(second.meta.all()) == names
    assert sorted(open_again().meta.all()) == names


@pytest.mark.slow
def test_20_processes_at_once_make_one_state_directory_and_lose_no_update(
    open_again: Callable[[], Store], start_python: StartPython
) -> None:
    processes = [start_python(COUNT) for _ in range(20)]

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=PATIENCE_SECONDS) for process in processes]

    assert ends == [("", "")] * 20
    assert open_again().meta.all()["counter"] == 200


WRITE_FOREVER = """
import sys
from evcli.store.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
while True:
    with store.transaction():
        count = store.meta.all().get("left", 0) + 1
        store.meta.put("left", count)
        store.tags.put("arn", f"key-{count % 100}", "x" * 2000)
        store.meta.put("right", count)
"""


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_a_process_killed_at_any_instruction_leaves_what_was_last_committed(
    open_again: Callable[[], Store], start_python: StartPython
) -> None:
    counts = [0]
    # Twelve kills, and more where the machine takes longer for the first commit.
    for i in range(200):
        if i >= 12 and counts[-1] > 0:
            break
        process = start_python(WRITE_FOREVER)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.003 * i)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=PATIENCE_SECONDS)
        store = open_again()
        settings = store.meta.all()
        assert settings.get("left") == settings.get("right")
        assert store.database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counts.append(settings.get("left", 0))

    assert counts == sorted(counts)
    assert counts[-1] > 0
