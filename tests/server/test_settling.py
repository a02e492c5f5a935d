"""Deliveries that a server has made and not yet recorded: nobody sees that."""

from __future__ import annotations

import errno
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.delivery.settling import settle
from evcli.delivery.worker import recover
from evcli.inspection.deliveries import count_by_state, list_deliveries
from evcli.inspection.events import describe_events, list_events, make_query
from evcli.inspection.graph import describe_graph
from evcli.inspection.status import describe_status
from evcli.inspection.traces import trace_event
from evcli.store.deliveries import DELIVERED, PENDING, RETRYING
from evcli.store.directory.locks import OWNERS, lock_file
from evcli.store.table_lines import TableLines
from evcli.store.threads import unsynced
from evcli.store.threads import writer as shared_writer
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.context import Context
    from evcli.store.database import Database
    from tests.server.conftest import Answer, Running

    Post = Callable[..., Answer]

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from evcli import main; main()"]
QUEUES = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2)]
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
RULE = {"Name": "r", "EventPattern": '{"source":["shop"]}'}
TARGETS = {
    "Rule": "r",
    "Targets": [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(QUEUES)],
}
ASKED = {
    "event_id": None,
    "rule_name": None,
    "target_arn": None,
    "state": None,
    "since": None,
}
# Every way to ask what became of deliveries: the states and how often they are seen.
READERS: dict[str, Callable[[Context, str], dict[str, int]]] = {
    "deliveries": lambda ctx, _: Counter(
        each.state for each in list_deliveries(ctx, ASKED, 0)
    ),
    "by state": lambda ctx, _: count_by_state(ctx, ASKED, (PENDING, DELIVERED), 9),
    "events": lambda ctx, _: next(describe_events(ctx, list_events(ctx, make_query())))[
        "Deliveries"
    ],
    "trace": lambda ctx, event_id: Counter(
        each["State"]
        for each in trace_event(ctx, event_id)["Arrivals"][0]["Deliveries"]
    ),
    "status": lambda ctx, _: {
        state: count
        for state, count in describe_status(ctx)["Deliveries"].items()
        if count
    },
    "graph": lambda ctx, _: Counter(
        DELIVERED
        for region in describe_graph(ctx)
        for bus in region["EventBuses"]
        for rule in bus["Rules"]
        for target in rule["Targets"]
        for _ in range(target["Delivered"])
    ),
}


@pytest.fixture
def no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server record nothing on its own."""
    monkeypatch.setattr(shared_writer, "LATEST_SECONDS", 10 * PATIENCE_SECONDS)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a server's settling does, one after the other."""
    done: list[str] = []
    sync, record = shared_writer.sync_lines, shared_writer.record_made

    def note_sync(path: str, start_bytes: int) -> None:
        done.append(f"sync {Path(path).name}")
        sync(path, start_bytes)

    def note_record(database: Database, made: Any) -> None:
        done.append("record")
        record(database, made)

    monkeypatch.setattr(shared_writer, "sync_lines", note_sync)
    monkeypatch.setattr(shared_writer, "record_made", note_record)
    return done


def prepare(post: Post) -> None:
    """Make a rule with two targets, both files."""
    for operation, request in (("PutRule", RULE), ("PutTargets", TARGETS)):
        assert post(operation, request).status == 200


def put_event(post: Post) -> str:
    """Put an event; gives its id."""
    event_id: str = post("PutEvents", {"Entries": [ENTRY]}).document["Entries"][0][
        "EventId"
    ]
    return event_id


def read_states(ctx: Context) -> list[str]:
    """What the ledger holds, without asking anybody."""
    return [each.state for each in ctx.store.ledger.list_deliveries()]


def read_lines(state_directory: Path) -> list[dict[str, Any]]:
    """Every line in the file of a sink."""
    return [
        json.loads(line)
        for path in (state_directory / "sinks").rglob("*.jsonl")
        for line in path.read_text().splitlines()
    ]


@pytest.fixture
def reader(state_directory: Path, running: Running) -> Iterator[Context]:
    """A context that knows nothing of the server."""
    with closing(open_context(str(state_directory))) as ctx:
        yield ctx


@pytest.mark.usefixtures("no_timer")
@pytest.mark.parametrize("name", READERS)
def test_whoever_reads_sees_what_was_made_before_it_is_recorded(
    name: str, post: Post, reader: Context
) -> None:
    prepare(post)
    event_id = put_event(post)

    before = read_states(reader)
    seen = READERS[name](reader, event_id)

    assert (before, seen) == ([PENDING] * 2, {DELIVERED: 2})
    assert read_states(reader) == [DELIVERED] * 2


def test_what_was_made_is_recorded_before_long(post: Post, reader: Context) -> None:
    prepare(post)
    put_event(post)

    wait_for(lambda: read_states(reader) == [DELIVERED] * 2)
    assert {each.attempts for each in reader.store.ledger.list_deliveries()} == {1}


@pytest.mark.usefixtures("no_timer")
def test_files_are_synced_once_for_all_and_before_anything_is_recorded(
    post: Post, reader: Context, running: Running, steps: list[str]
) -> None:
    prepare(post)
    put_event(post)
    put_event(post)
    answered = [*steps]

    running.server.stop()

    wait_for(lambda: read_states(reader) == [DELIVERED] * 4)
    assert answered == []
    assert steps == ["sync q1.jsonl", "sync q2.jsonl", "record"]


def test_a_file_that_cannot_be_synced_is_said_once_and_tried_again(
    post: Post, reader: Context, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(post)
    monkeypatch.setattr(shared_writer, "AGAIN_SECONDS", 0.01)
    tries: list[int] = []

    def sync(path: str, start_bytes: int) -> None:
        if path.endswith("q1.jsonl"):
            tries.append(start_bytes)
            if len(tries) < 3:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(shared_writer, "sync_lines", sync)
    put_event(post)

    wait_for(lambda: read_states(reader) == [DELIVERED] * 2)
    assert tries == [0] * 3
    assert len(running.told) == 1
    assert "q1.jsonl cannot be synced: Input/output error." in running.told[0]


@pytest.mark.usefixtures("no_timer")
def test_other_files_do_not_wait_for_one_that_cannot_be_synced(
    post: Post, reader: Context, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, arn in enumerate(QUEUES):
        rule = {"Name": f"r{n}", "EventPattern": f'{{"source":["s{n}"]}}'}
        targets = {"Rule": f"r{n}", "Targets": [{"Id": "t", "Arn": arn}]}
        entry = {**ENTRY, "Source": f"s{n}"}
        for operation, request in (
            ("PutRule", rule),
            ("PutTargets", targets),
            ("PutEvents", {"Entries": [entry]}),
        ):
            assert post(operation, request).status == 200

    def sync(path: str, start_bytes: int) -> None:
        if path.endswith("q1.jsonl"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(shared_writer, "sync_lines", sync)
    running.server.stop()

    wait_for(lambda: read_states(reader) == [PENDING, DELIVERED])
    wait_for(lambda: running.told)
    assert running.told[0].startswith("1 deliveries were made and cannot be recorded: ")


@pytest.mark.usefixtures("no_timer")
def test_many_files_are_synced_as_few_are(
    post: Post, reader: Context, running: Running, steps: list[str]
) -> None:
    arns = [f"arn:aws:sqs:us-east-1:000000000000:many{n:02}" for n in range(20)]
    post("PutRule", RULE)
    for first in range(0, len(arns), 5):  # as many as a rule may have
        rule = {**RULE, "Name": f"r{first}"}
        targets = [{"Id": arn[-2:], "Arn": arn} for arn in arns[first : first + 5]]
        post("PutRule", rule)
        post("PutTargets", {"Rule": rule["Name"], "Targets": targets})
    put_event(post)

    running.server.stop()

    wait_for(lambda: read_states(reader) == [DELIVERED] * len(arns))
    assert sorted(steps[:-1]) == [f"sync many{n:02}.jsonl" for n in range(20)]
    assert steps[-1] == "record"


@pytest.mark.usefixtures("no_timer")
def test_nobody_records_what_cannot_be_synced(
    post: Post, reader: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(post)
    put_event(post)

    def fail(path: str, start_bytes: int) -> None:
        raise OSError(errno.EIO, path)

    monkeypatch.setattr(unsynced, "sync_lines", fail)
    settle(reader)
    assert read_states(reader) == [PENDING] * 2
    monkeypatch.undo()
    settle(reader)
    assert read_states(reader) == [DELIVERED] * 2


@pytest.mark.usefixtures("no_timer")
def test_a_server_that_stops_has_recorded_everything(
    post: Post, reader: Context, running: Running
) -> None:
    prepare(post)
    put_event(post)

    running.server.stop()

    wait_for(lambda: read_states(reader) == [DELIVERED] * 2)
    assert running.told == []


@pytest.mark.usefixtures("no_timer")
def test_only_what_a_file_holds_counts_as_made(
    post: Post, reader: Context, state_directory: Path
) -> None:
    prepare(post)
    put_event(post)
    first, second = sorted((state_directory / "sinks").rglob("*.jsonl"))
    # As if the process had been killed before the one, and in the middle of the other.
    first.write_text("")
    second.write_text(second.read_text()[:-20])

    settle(reader)

    assert read_states(reader) == [PENDING] * 2
    assert second.read_text()[-1] != "\n"


@pytest.mark.usefixtures("no_timer")
def test_whoever_cannot_look_into_a_file_says_so(
    post: Post, reader: Context, state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evcli.delivery.sinks.sink_lines.LOCK_SECONDS", 0.01)
    prepare(post)
    put_event(post)
    (path,) = (state_directory / "sinks").rglob("q1.jsonl")
    with path.open("ab") as file:
        assert lock_file(file.fileno(), 1)
        settle(reader)

    assert read_states(reader) == [PENDING, DELIVERED]
    assert reader.notices == [
        f"1 deliveries are shown as PENDING: another process keeps {path} locked,"
        " where their lines may be"
    ]


@pytest.mark.usefixtures("no_timer")
def test_what_moved_on_meanwhile_is_not_recorded_again(
    post: Post, reader: Context
) -> None:
    prepare(post)
    put_event(post)
    settle(reader)
    (delivery, _) = reader.store.ledger.list_deliveries()
    with reader.store.transaction():
        delivery.state, delivery.attempts = PENDING, 0
        reader.store.ledger.update_delivery(delivery, None)

    post("PutRule", RULE)

    assert read_states(reader) == [PENDING, DELIVERED]


def test_what_cannot_be_recorded_is_said_once_and_tried_again(
    post: Post, reader: Context, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(post)
    monkeypatch.setattr(shared_writer, "AGAIN_SECONDS", 0.01)
    fails = [True]
    record = shared_writer.record_made

    def fail(database: Database, made: Any) -> None:
        if fails[0]:
            # A statement that fails as any does on a full disk.
            database.execute("INSERT INTO no_table VALUES (1)")
        record(database, made)

    monkeypatch.setattr(shared_writer, "record_made", fail)
    put_event(post)
    wait_for(lambda: running.told)
    time.sleep(0.1)
    told = list(running.told)
    fails[0] = False

    wait_for(lambda: read_states(reader) == [DELIVERED] * 2)
    assert len(told) == 1
    assert told[0].startswith("2 deliveries were made and cannot be recorded: ")


@pytest.mark.parametrize("kind", ["null", "table"])
def test_deliveries_to_other_sinks_are_recorded_at_once(
    kind: str, post: Post, reader: Context, state_directory: Path
) -> None:
    (state_directory / "config.toml").write_text(
        f'[[sinks]]\narn = "*"\nkind = "{kind}"\n'
    )
    prepare(post)
    put_event(post)

    assert read_states(reader) == [DELIVERED] * 2
    lines = [*TableLines(reader.store.database).list_lines()]
    assert len(lines) == (2 if kind == "table" else 0)


@pytest.mark.usefixtures("no_timer")
def test_of_a_batch_only_what_is_in_files_is_recorded_later(
    post: Post, reader: Context, state_directory: Path, running: Running
) -> None:
    (state_directory / "config.toml").write_text(
        '[[sinks]]\narn = "*:q2"\nkind = "null"\n'
    )
    prepare(post)
    put_event(post)
    at_once = read_states(reader)

    running.server.stop()

    assert at_once == [PENDING, DELIVERED]
    wait_for(lambda: read_states(reader) == [DELIVERED] * 2)


def fail_to_sync(descriptor: int) -> None:
    """As a disk does that is broken."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.usefixtures("no_timer")
@pytest.mark.parametrize(("fails", "state"), [(False, DELIVERED), (True, RETRYING)])
def test_what_may_have_been_made_before_is_synced_and_recorded_at_once(
    fails: bool,
    state: str,
    post: Post,
    reader: Context,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(post)
    put_event(post)
    # As if another server had been killed before it wrote one of them.
    with reader.store.transaction():
        (first, _) = reader.store.ledger.list_deliveries()
        first.owner, first.attempts = OWNERS + 1, 0
        reader.store.ledger.update_delivery(first, None)
    monkeypatch.setattr(shared_writer, "LOOK_SECONDS", 0.0)
    if fails:
        monkeypatch.setattr("evcli.delivery.sinks.file.os.fsync", fail_to_sync)

    put_event(post)

    assert read_states(reader) == [state, PENDING, PENDING, PENDING]
    assert steps == []
    monkeypatch.undo()


@pytest.mark.usefixtures("no_timer")
def test_the_lines_of_api_destinations_are_recorded_at_once(
    post: Post, reader: Context, synced: list[str]
) -> None:
    connection = post(
        "CreateConnection",
        {
            "Name": "c",
            "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}
            },
        },
    ).document
    destination = post(
        "CreateApiDestination",
        {
            "Name": "d",
            "ConnectionArn": connection["ConnectionArn"],
            "InvocationEndpoint": "https://example.com/",
            "HttpMethod": "POST",
        },
    ).document
    arn = destination["ApiDestinationArn"]
    target = {"Id": "t", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r"}
    post("PutRule", RULE)
    assert post("PutTargets", {"Rule": "r", "Targets": [target]}).status == 200

    put_event(post)

    assert read_states(reader) == [DELIVERED]
    assert any(name.endswith(".jsonl") for name in synced)


# -- a server in a process of its own


class Serving:
    """`evcli local serve`, to be stopped and killed."""

    def __init__(self, directory: Path) -> None:
        self._ready = directory / "ready"
        self.answered: list[str] = []
        with suppress(FileNotFoundError):
            self._ready.unlink()
        words = [
            "local",
            "serve",
            "--port",
            "0",
            "--quiet",
            "--ready-file",
            str(self._ready),
        ]
        self.process = subprocess.Popen([*PROGRAM, *words], cwd=ROOT)
        self.host = wait_for(self._find_host)

    def _find_host(self) -> str:
        assert self.process.poll() is None
        with suppress(FileNotFoundError):
            return self._ready.read_text().strip().removeprefix("http://")
        return ""

    def kill(self) -> None:
        """Kill it, if it still is."""
        self.process.kill()
        self.process.wait()

    def put_events(self, count: int) -> None:
        """Put events until it is killed; keep the ids that were answered."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE_SECONDS)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSEvents.PutEvents",
        }
        body = json.dumps({"Entries": [ENTRY] * count})
        with suppress(OSError, http.client.HTTPException), closing(connection):
            while True:
                connection.request("POST", "/", body, headers)
                document = json.loads(connection.getresponse().read())
                self.answered += [each["EventId"] for each in document["Entries"]]


def read_answered(ctx: Context, answered: list[str]) -> Counter[str]:
    """In which states the deliveries of events are that were answered."""
    wanted = set(answered)
    return Counter(
        each.state
        for each in list_deliveries(ctx, ASKED, 0)
        if each.event.event_id in wanted
    )


@pytest.mark.slow
def test_a_server_killed_under_load_delivers_what_it_answered_exactly_once(
    ctx: Context,
    call: Callable[..., Any],
    state_directory: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    call("PutRule", **RULE)
    call("PutTargets", **TARGETS)
    chance = random.Random(1)
    answered: list[str] = []
    unrecorded = 0

    for _ in range(100 if request.config.getoption("--full") else 8):
        serving = Serving(tmp_path)
        threads = [
            threading.Thread(target=serving.put_events, args=(count,))
            for count in (1, 3, 10)
        ]
        for thread in threads:
            thread.start()
        wait_for(lambda serving=serving: serving.answered)
        time.sleep(chance.uniform(0, 0.3))
        serving.kill()
        for thread in threads:
            thread.join()
        unrecorded += read_states(ctx).count(PENDING)
        # A reader sees it although nobody is there any more who made it.
        assert read_answered(ctx, serving.answered) == {
            DELIVERED: len(QUEUES) * len(serving.answered)
        }
        answered += serving.answered
    recover(ctx)

    assert unrecorded > 0
    ledger = list(ctx.store.ledger.list_deliveries())
    assert {each.state for each in ledger} == {DELIVERED}
    lines = read_lines(state_directory)
    assert Counter(line["deliveryId"] for line in lines) == dict.fromkeys(
        [each.delivery_id for each in ledger], 1
    )
    arrived = Counter(line["eventId"] for line in lines)
    assert {each: arrived[each] for each in answered} == dict.fromkeys(
        answered, len(QUEUES)
    )


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="POSIX alone stops processes"
)
def test_a_server_that_was_stopped_is_read_as_if_it_were_not(
    ctx: Context, call: Callable[..., Any], state_directory: Path, tmp_path: Path
) -> None:
    call("PutRule", **RULE)
    call("PutTargets", **TARGETS)
    serving = Serving(tmp_path)
    thread = threading.Thread(target=serving.put_events, args=(3,), daemon=True)
    thread.start()

    for _ in range(5):
        seen = len(serving.answered)
        wait_for(lambda seen=seen: len(serving.answered) > seen)
        os.kill(serving.process.pid, signal.SIGSTOP)
        answered = list(serving.answered)
        ctx.notices.clear()
        states = read_answered(ctx, answered)
        # One that was stopped in the middle of writing lets nobody else write.
        assert states == {DELIVERED: len(QUEUES) * len(answered)} or ctx.notices
        os.kill(serving.process.pid, signal.SIGCONT)
    serving.process.send_signal(signal.SIGTERM)
    serving.process.wait(PATIENCE_SECONDS)
    thread.join()

    assert set(read_states(ctx)) == {DELIVERED}
    assert len(read_lines(state_directory)) == len(read_states(ctx))
