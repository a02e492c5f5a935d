"""One store on PostgreSQL, used from two state directories as from two machines."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from evcli.cli.local.time.worker import work
from evcli.context import open_context
from evcli.delivery.scheduled.scheduler import WorkerLock, tick
from evcli.delivery.worker import deliver
from evcli.errors import CommitUnknownError, ConfigurationError, StoreError
from evcli.inspection.checks import check_state
from evcli.inspection.status import describe_status
from evcli.operations import call
from evcli.operations.whole_events import send_whole_events
from evcli.store.deliveries import DELIVERED, PENDING
from evcli.store.postgresql import opening
from evcli.store.store import open_store
from evcli.store.table_lines import TableLines
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.restoring import restore_backup
from tests.patience import PATIENCE_SECONDS
from tests.postgresql_server import Server, find_programs
from tests.store import shared_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.context import Context

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
WHOLE_EVENT = {"source": "shop", "detail-type": "order", "detail": {}}


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own, which it may kill."""
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    own = Server()
    yield own
    own.stop()


@pytest.fixture
def shared(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, as that of all state directories."""
    monkeypatch.setenv("EVCLI_STORE", server.url("team"))
    return server


@contextmanager
def open_two(tmp_path: Path) -> Iterator[tuple[Context, Context]]:
    """Open the store from two state directories, as from two machines."""
    one, two = (open_context(str(tmp_path / name)) for name in ("one", "two"))
    with closing(one), closing(two):
        yield one, two


def make_rule(ctx: Context) -> None:
    call(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["shop"]}'})
    call(ctx, "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE}]})


def list_event_ids(ctx: Context) -> list[str]:
    lines = TableLines(ctx.store.database).list_lines(QUEUE)
    return [json.loads(line)["eventId"] for line in lines]


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_whatever_is_killed(
    shared: Server, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    kills, crashes = (1_000, 20) if pytestconfig.getoption("full") else (20, 2)
    directories = [str(tmp_path / "one"), str(tmp_path / "two")]
    with closing(open_context(directories[0])) as ctx:
        make_rule(ctx)
    answered = tmp_path / "answered"

    process = subprocess.Popen(
        [
            sys.executable,
            shared_driver.__file__,
            answered,
            str(kills),
            "1",
            *directories,
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    crash_at = {(i + 1) * kills // (crashes + 1) for i in range(crashes)}
    with process:
        for line in process.stdout:
            if int(line) in crash_at:
                shared.kill()
                shared.start()
    assert process.wait(PATIENCE_SECONDS) == 0

    with closing(open_context(directories[1])) as ctx:
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while any(
            each.state != DELIVERED for each in ctx.store.ledger.list_deliveries()
        ):
            assert time.monotonic() < ends_at
            tick(ctx, ctx.clock.now())
        made = Counter(list_event_ids(ctx))
        events = ctx.store.database.execute("SELECT COUNT(*) FROM events").fetchone()[0]
    ids = answered.read_text().split()
    assert len(ids) >= kills
    assert set(ids) - set(made) == set()
    assert set(made.values()) == {1}
    assert len(made) == events


# -- faults


def test_a_server_that_is_gone_accepts_nothing(shared: Server, tmp_path: Path) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        make_rule(ctx)
        shared.kill()

        with pytest.raises(StoreError) as caught:
            call(ctx, "PutEvents", {"Entries": [ENTRY]})

        shared.start()
        call(ctx, "PutEvents", {"Entries": [ENTRY]})
        assert len(list_event_ids(ctx)) == 1
    assert "cannot be reached" in caught.value.message
    assert caught.value.message.endswith("Nothing was changed.")


def test_a_server_lost_within_a_transaction_accepts_nothing(
    shared: Server, tmp_path: Path
) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        make_rule(ctx)

        def lose() -> None:
            with ctx.store.transaction():
                ctx.store.meta.put("before", 1)
                terminate_all(shared)
                ctx.store.meta.put("after", 1)

        with pytest.raises(StoreError, match=r"is gone\. Nothing was changed"):
            lose()

        assert {"before", "after"} & ctx.store.meta.all().keys() == set()


@pytest.mark.parametrize(
    "accept",
    [
        lambda ctx: call(ctx, "PutEvents", {"Entries": [ENTRY, ENTRY]}),
        lambda ctx: send_whole_events(ctx, [WHOLE_EVENT] * 2),
    ],
    ids=["entries", "whole events"],
)
def test_a_server_lost_at_the_commit_leaves_it_unknown_and_names_the_events(
    shared: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    accept: Callable[[Context], object],
) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        make_rule(ctx)
        commit = type(ctx.store.database).commit

        def lose(database: Any, **options: Any) -> None:
            terminate_all(shared)
            commit(database, **options)

        monkeypatch.setattr(type(ctx.store.database), "commit", lose)
        with pytest.raises(CommitUnknownError) as caught:
            accept(ctx)
        monkeypatch.undo()

        message, _, ids = caught.value.message.rpartition(": ")
        assert message.endswith(
            "whether anything was changed is unknown. `evcli local trace ID` says"
            " whether these were accepted"
        )
        assert len(ids.split()) == 2


def test_whole_events_are_accepted_beside_each_other(
    shared: Server, tmp_path: Path
) -> None:
    with open_two(tmp_path) as (one, two):
        make_rule(one)
        # Somebody changes rules, alone in the store.
        with one.store.transaction():
            send_whole_events(two, [WHOLE_EVENT])

        assert len(list_event_ids(two)) == 1


def test_what_another_worker_took_over_is_not_recorded_by_the_first_one(
    shared: Server, tmp_path: Path
) -> None:
    with open_two(tmp_path) as (one, two):
        make_rule(one)
        with one.store.transaction():
            one.store.ledger.bring_retries_forward(0)
        ctx = open_context(str(tmp_path / "one"))
        with closing(ctx):
            deliveries = accept_without_delivering(ctx)
            # The network breaks, and comes back when another one has taken over.
            terminate_all(shared)
            wait_for_orphans(two)
            tick(two, two.clock.now())

            deliver(ctx, deliveries)

            assert ctx.notices == [
                "1 deliveries were taken over by another process, which attempts them"
                " again."
            ]
        assert len(list_event_ids(two)) == 1
        assert [each.state for each in two.store.ledger.list_deliveries()] == [
            DELIVERED
        ]


def test_what_nobody_took_over_is_recorded_on_a_new_connection(
    shared: Server, tmp_path: Path
) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        make_rule(ctx)
        deliveries = accept_without_delivering(ctx)
        terminate_all(shared)

        deliver(ctx, deliveries)

        assert ctx.notices == []
        assert len(list_event_ids(ctx)) == 1


def accept_without_delivering(ctx: Context) -> list[Any]:
    from evcli.operations import call_within

    with ctx.store.transaction(alone_in=None):
        call_within(ctx, "PutEvents", {"Entries": [ENTRY]})
    ctx.after_commit.clear()
    return list(ctx.store.ledger.list_deliveries(state=PENDING))


def wait_for_orphans(ctx: Context) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not ctx.store.ledger.has_orphans():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def terminate_all(server: Server) -> None:
    """End all sessions but one's own, as a server that shuts down does."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name LIKE 'evcli/%'"
        )


def test_a_server_without_a_free_connection_is_said_to_have_none(
    shared: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CONNECT_SECONDS", 1)
    with closing(open_store(str(tmp_path / "one"))):
        pass
    with psycopg.connect(shared.conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE app LOGIN CONNECTION LIMIT 0")
    monkeypatch.setenv("EVCLI_STORE", shared.url("team").replace("evcli@", "app@"))

    with pytest.raises(StoreError, match="all its connections in use"):
        open_store(str(tmp_path / "one"))


def test_a_store_of_a_newer_evcli_is_refused_and_left_as_it_is(
    shared: Server, tmp_path: Path
) -> None:
    with closing(open_store(str(tmp_path / "one"))):
        pass
    with psycopg.connect(shared.conninfo, autocommit=True) as connection:
        connection.execute("UPDATE team.store SET version = 1000")

        with pytest.raises(ConfigurationError, match=r"newer evcli \(schema 1000"):
            open_store(str(tmp_path / "two"))

        row = connection.execute("SELECT version FROM team.store").fetchone()
        assert row == (1000,)


def test_tables_of_somebody_else_are_refused(shared: Server, tmp_path: Path) -> None:
    with psycopg.connect(shared.conninfo, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA team")
        connection.execute("CREATE TABLE team.orders (id int)")

    with pytest.raises(ConfigurationError, match="tables that are not evcli's"):
        open_store(str(tmp_path / "one"))


def test_a_silent_server_is_given_up(
    shared: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "DEADLINE_SECONDS", 0.5)
    waits: list[str] = []
    with closing(open_store(str(tmp_path / "one"), waits.append)) as store:
        store.database.connection.quiet_seconds = 0.1

        with pytest.raises(StoreError, match="does not answer any more"):
            store.database.execute("SELECT pg_sleep(20)")

        assert waits == [f"Waiting for the store {store.database.name}."]
        assert "created_at" in store.meta.all()


def test_a_full_disk_is_said_to_be_full(shared: Server, tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "one"))) as store:
        # As the server says it, since its disk is that of the machine.
        raise_it = "DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"

        with pytest.raises(StoreError, match=r"is full\. Nothing was changed"):
            store.database.execute(raise_it)


def test_a_lock_that_never_comes_is_an_error_in_words(
    shared: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOCK_SECONDS", 1)
    one, two = (open_store(str(tmp_path / name)) for name in ("one", "two"))
    with closing(one), closing(two), one.transaction():
        with two.transaction(alone_in=None):
            two.meta.put("beside", 1)

        with pytest.raises(StoreError, match="busy for too long"):
            two.transaction().__enter__()


# -- where it is


def test_a_password_is_never_shown(
    shared: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = shared.url("team").replace("evcli@", "evcli:s3cret@") + "&sslpassword=s3cret"
    monkeypatch.setenv("EVCLI_STORE", url)
    with closing(open_store(str(tmp_path / "one"))) as store:
        assert "s3cret" not in store.database.name
    shared.stop()

    with pytest.raises(StoreError) as caught:
        open_store(str(tmp_path / "one"))

    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["postgresql://h/d?schema=A-b", "mysql://h/d", "postgresql://[::1/d"]
)
def test_a_url_that_is_none_is_refused(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVCLI_STORE", url)

    with pytest.raises(ConfigurationError):
        open_store(str(tmp_path / "one"))


def test_config_toml_names_the_store_which_a_project_needs_approved(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / ".evcli"
    directory.mkdir(mode=0o700)
    (directory / "config.toml").write_text(
        f'region = "eu-west-1"\n[store]\nurl = "{server.url("team")}"\n'
    )

    with pytest.raises(ConfigurationError, match=r"store = .*approve that with"):
        open_context(str(directory))
    monkeypatch.setenv("EVCLI_ALLOW_SINKS", "1")
    for _ in range(2):
        with closing(open_context(str(directory))) as ctx:
            assert (ctx.region, ctx.store.database.is_shared) == ("eu-west-1", True)
    assert not (directory / "state.db").exists()


def test_a_store_named_later_takes_the_place_of_the_directorys_own(
    server: Server, tmp_path: Path
) -> None:
    directory = tmp_path / "one"
    with closing(open_context(str(directory))) as ctx:
        assert not ctx.store.database.is_shared
    (directory / "config.toml").write_text(f'[store]\nurl = "{server.url("team")}"\n')

    for _ in range(2):
        with closing(open_context(str(directory))) as ctx:
            assert ctx.store.database.is_shared


def test_status_lists_the_workers_of_all_hosts(shared: Server, tmp_path: Path) -> None:
    with open_two(tmp_path) as (one, two):
        before = describe_status(one)["Workers"]
        with WorkerLock(one.store), WorkerLock(two.store):
            terminate_all(shared)
            two.store.meta.all()
            one.store.meta.all()
            during = describe_status(one)["Workers"]
        after = describe_status(one)["Workers"]

    assert (before, after) == ([], [])
    assert [each["ProcessId"] for each in during] == [os.getpid()]
    # PostgreSQL keeps 63 bytes of a session's name.
    assert socket.gethostname().startswith(during[0]["Host"])


def test_a_worker_waits_for_a_server_that_is_away(
    shared: Server, tmp_path: Path
) -> None:
    warnings: list[str] = []
    session: Any = SimpleNamespace(warn=warnings.append, warn_notices=lambda ctx: None)
    steps = iter([shared.kill, lambda: None, shared.start, lambda: None])

    def wait(seconds: float) -> bool:
        step = next(steps, None)
        if step is not None:
            step()
        return step is None

    with closing(open_context(str(tmp_path / "one"))) as ctx:
        is_over = work(session, ctx, wait, lambda: True)

    assert is_over
    assert len(warnings) == 1
    assert "cannot be reached" in warnings[0]


# -- copies


def fill(ctx: Context) -> None:
    make_rule(ctx)
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call(ctx, "CreateArchive", {"ArchiveName": "kept", "EventSourceArn": bus})
    parameters = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "s3cret"}}
    connection = {"AuthorizationType": "API_KEY", "AuthParameters": parameters}
    call(ctx, "CreateConnection", {"Name": "c", **connection})
    call(ctx, "PutEvents", {"Entries": [ENTRY, {**ENTRY, "Detail": '{"a":"\\u0000"}'}]})


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return sorted(
            line
            for line in database.iterdump()
            if not line.startswith("DELETE FROM") and "created_at" not in line
        )


def test_a_backup_moves_between_the_engines_and_back(
    shared: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        fill(ctx)
        write_backup(ctx.store.database, str(tmp_path / "a"), without_secrets=False)
    monkeypatch.setenv("EVCLI_STORE", "local")
    restore_backup(str(tmp_path / "own"), str(tmp_path / "a"), force=False)
    with closing(open_context(str(tmp_path / "own"))) as ctx:
        assert not ctx.store.database.is_shared
        write_backup(ctx.store.database, str(tmp_path / "b"), without_secrets=False)
    monkeypatch.setenv("EVCLI_STORE", shared.url("other"))
    restore_backup(str(tmp_path / "two"), str(tmp_path / "b"), force=False)
    with closing(open_context(str(tmp_path / "two"))) as ctx:
        write_backup(ctx.store.database, str(tmp_path / "c"), without_secrets=False)
        call(ctx, "PutEvents", {"Entries": [ENTRY]})
        ids = [each.delivery_key for each in ctx.store.ledger.list_deliveries()]

    assert dump(tmp_path / "a") == dump(tmp_path / "b") == dump(tmp_path / "c")
    assert (len(ids), ids) == (3, sorted(set(ids)))


def test_a_backup_without_secrets_has_none(shared: Server, tmp_path: Path) -> None:
    with closing(open_context(str(tmp_path / "one"))) as ctx:
        fill(ctx)
        write_backup(ctx.store.database, str(tmp_path / "a"), without_secrets=True)

    assert b"s3cret" not in (tmp_path / "a").read_bytes()


def test_a_store_that_holds_something_is_replaced_by_force_alone(
    shared: Server, tmp_path: Path
) -> None:
    directory, file = str(tmp_path / "one"), str(tmp_path / "a")
    with closing(open_context(directory)) as ctx:
        make_rule(ctx)
        write_backup(ctx.store.database, file, without_secrets=False)
        call(ctx, "CreateEventBus", {"Name": "later"})

    with pytest.raises(ConfigurationError, match="holds a state already; --force"):
        restore_backup(directory, file, force=False)
    restore_backup(directory, file, force=True)

    with closing(open_context(directory)) as ctx:
        names = [each["Name"] for each in call(ctx, "ListEventBuses", {})["EventBuses"]]
    assert names == ["default"]


def test_check_finds_what_archives_count_wrongly_and_mends_it(
    shared: Server, tmp_path: Path
) -> None:
    directory = str(tmp_path / "one")
    with closing(open_context(directory)) as ctx:
        fill(ctx)
        ctx.store.database.execute("UPDATE archives SET event_count = 7")

    found = list(check_state(directory, print))
    assert [each.area for each in found] == ["archives"]
    assert found[0].mend is not None
