"""Sending by several processes: to the byte what one process sends, whatever comes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
from multiprocessing import Pipe, active_children
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evcli.bulk import processes
from evcli.bulk.send import Sender, make_mark
from evcli.context import Context, VirtualClock
from evcli.operations import call as call_operation
from evcli.store.accepted_events import EventConditions
from evcli.store.store import open_store
from tests.bulk.test_send import ENTRIES, ENTRY, EVENTS, put_rules, to_line
from tests.patience import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.bulk.processes import Crew, Helper

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ARN = "arn:aws:{}:us-east-1:000000000000:{}"
ROLE = "arn:aws:iam::000000000000:role/r"
BUS = ARN.format("events", "event-bus/orders")
LINES = [
    # Those that are too large are so here with fewer bytes, see below.
    *(line for line in map(to_line, [*ENTRIES, *EVENTS]) if len(line) < 10_000),
    to_line({**ENTRY, "Detail": '{"a":"' + "x" * 4000 + '"}'}),
    to_line({"source": "s", "detail-type": "d", "detail": {"x": "x" * 4000}}),
    to_line({**ENTRY, "Detail": '{"a":2,"k":"x"}'}),
    to_line({**ENTRY, "Detail": '{"a":2,"only":"file"}', "DetailType": "file"}),
    to_line({**ENTRY, "Detail": '{"to":"nobody"}', "DetailType": "nobody"}),
    to_line({**ENTRY, "Detail": '{"to":"bus"}', "DetailType": "bus"}),
    to_line({**ENTRY, "Detail": '{"to":"null","s":"\\ud800"}', "DetailType": "null"}),
    to_line({**ENTRY, "DetailType": "disabled"}),
    b"x\n",
    b"\n",
    b"  \r\n",
    b"[1]\n",
    b'{"Source":"\xff"}\n',
    to_line(ENTRY).rstrip() + b"\r\n",
]
# The configuration with a sink that is no file, and one that several queues share.
CONFIGURATION = {
    "quotas": {"put_events_bytes": 3000},
    "sinks": [
        {"arn": "*:null", "kind": "null"},
        {"arn": "*:flaky", "kind": "file", "fail_first": 2},
        {"arn": "*:shared-*", "kind": "file", "path": "shared.jsonl"},
    ],
}


def put_more_rules(ctx: Context) -> None:
    """Rules with targets of many kinds, archives, a rule that is off, a schedule."""
    put_rules(ctx)
    archive = {"EventSourceArn": ctx.event_bus_arn("default"), "RetentionDays": 1}
    pattern = '{"detail":{"k":["x"]}}'
    request = {"ArchiveName": "some", "EventPattern": pattern, **archive}
    call_operation(ctx, "CreateArchive", request)
    put_rule(
        ctx,
        "file",
        ARN.format("sqs", "shared-1"),
        ARN.format("sns", "shared-2"),
        {"Arn": ARN.format("sqs", "q.fifo"), "SqsParameters": {"MessageGroupId": "g"}},
        {"Arn": ARN.format("lambda", "function:f"), "Input": '{"constant":1}'},
        {
            "Arn": ARN.format("kinesis", "stream/s"),
            "RoleArn": ROLE,
            "KinesisParameters": {"PartitionKeyPath": "$.detail.only"},
        },
    )
    put_rule(ctx, "file", ARN.format("sqs", "shared-1"), name="again")
    put_rule(ctx, "bus", {"Arn": BUS, "RoleArn": ROLE}, ARN.format("sqs", "shared-1"))
    put_rule(ctx, "null", ARN.format("sqs", "null"), ARN.format("sqs", "flaky"))
    put_rule(ctx, "disabled", ARN.format("sqs", "shared-1"))
    call_operation(ctx, "DisableRule", {"Name": "disabled"})
    request = {"Name": "hourly", "ScheduleExpression": "rate(1 hour)"}
    call_operation(ctx, "PutRule", request)


def put_rule(
    ctx: Context,
    detail_type: str,
    *targets: str | dict[str, Any],
    name: str | None = None,
) -> None:
    name = name or detail_type
    pattern = json.dumps({"detail-type": [detail_type]})
    call_operation(ctx, "PutRule", {"Name": name, "EventPattern": pattern})
    laid_out = [
        {"Id": f"{i}", **({"Arn": each} if isinstance(each, str) else each)}
        for i, each in enumerate(targets)
    ]
    call_operation(ctx, "PutTargets", {"Rule": name, "Targets": laid_out})


@pytest.fixture
def template(tmp_path: Path, clock: VirtualClock) -> Path:
    """A state directory with all these rules."""
    path = tmp_path / "template"
    ctx = Context(store=open_store(str(path)), clock=clock)
    put_more_rules(ctx)
    ctx.close()
    return path


class Thread(threading.Thread):
    """A thread that passes for a process that helps."""

    def terminate(self) -> None:
        """Its connection is closed already."""


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads help instead of processes, which take their time to start."""

    def start(make: Callable[..., Any], arguments: tuple[Any, ...]) -> Helper:
        mine, theirs = Pipe()
        thread = Thread(target=processes.work_for, args=(theirs, make, arguments))
        thread.start()
        return processes.Helper(mine, thread)  # type: ignore[arg-type]

    monkeypatch.setattr(processes, "start", start)


def wait_for_helpers(crew: Crew | None) -> None:
    for helper in crew.helpers if crew else ():
        wait_for(helper.connection.poll)


def copy(template: Path, path: Path, clock: VirtualClock) -> Context:
    """Open a copy of a state directory."""
    shutil.copytree(template, path)
    return Context(
        store=open_store(str(path)), clock=clock, configuration=CONFIGURATION
    )


def send(
    ctx: Context,
    lines: list[bytes],
    jobs: int,
    size: int = 3,
    *,
    source: Path | None = None,
    between: Callable[[int], object] = lambda _: None,
    **options: Any,
) -> str:
    """Send lines in batches; all that there is afterwards, with numbers for ids.

    Args:
        between: called after each batch with its number.
    """
    rejects = Path(ctx.store.path) / "rejects"
    with rejects.open("w+b") as stream:
        sender = Sender(ctx, make_mark(ctx, "-"), rejects=stream, **options)
        batches = (lines[i : i + size] for i in range(0, len(lines), size))
        counts = []
        with sender.hire(jobs) as crew:
            wait_for_helpers(crew)
            path = None if source is None else str(source)
            for number, keys in enumerate(sender.send_all(batches, crew, path)):
                counts.append(keys)
                between(number)
    mark = {name: getattr(sender.mark, name) for name in sender.mark.COLUMNS}
    found = [
        mark,
        counts,
        rejects.read_bytes(),
        *map(lay_out, ctx.store.accepted_events.list_after(EventConditions(), 0)),
        *map(lay_out, ctx.store.ledger.list_deliveries()),
        *ctx.store.database.execute("SELECT * FROM archived_events ORDER BY sequence"),
        *ctx.store.database.execute(
            "SELECT name, event_count, size_bytes FROM archives"
        ),
        *read_files(Path(ctx.store.path)),
        ctx.notices,
    ]
    ctx.close()
    numbers: dict[str, int] = {}
    return UUID.sub(
        lambda match: f"<{numbers.setdefault(match[0], len(numbers))}>",
        pformat(found, width=200),
    )


def lay_out(value: Any) -> list[Any]:
    """Lay an event or a delivery out."""
    if not hasattr(value, "__slots__"):
        return value
    return [
        None if name == "owner" else lay_out(getattr(value, name))
        for name in value.__slots__
    ]


def read_files(path: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(path.rglob("*.jsonl")):
        yield str(file.relative_to(path)), file.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("threads")
@given(
    chosen=st.lists(st.sampled_from(LINES), max_size=24),
    size=st.integers(1, 9),
    uses_orjson=st.booleans(),
    is_file=st.booleans(),
    change_after=st.integers(0, 12),
)
@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_many_processes_send_is_what_one_sends(
    template: Path,
    clock: VirtualClock,
    chosen: list[bytes],
    size: int,
    uses_orjson: bool,
    is_file: bool,
    change_after: int,
) -> None:
    lines = b"".join(chosen).splitlines(keepends=True)
    source = template.parent / "input"
    source.write_bytes(b"".join(lines))
    results = []

    for jobs in (1, 2, 3):
        path = template.parent / f"state-{jobs}"
        shutil.rmtree(path, ignore_errors=True)
        ctx = copy(template, path, clock)

        def change(number: int, path: Path = path) -> None:
            if number == change_after:
                change_rules(path, clock)

        results.append(
            send(
                ctx,
                lines,
                jobs,
                size,
                source=source if is_file else None,
                between=change,
                uses_orjson=uses_orjson,
            )
        )

    assert results[1] == results[0]
    assert results[2] == results[0]


def change_rules(path: Path, clock: VirtualClock) -> None:
    """Do what another command may do meanwhile."""
    ctx = Context(store=open_store(str(path)), clock=clock)
    call_operation(ctx, "EnableRule", {"Name": "disabled"})
    call_operation(ctx, "RemoveTargets", {"Rule": "file", "Ids": ["0", "3"]})
    call_operation(ctx, "DeleteArchive", {"ArchiveName": "all"})
    call_operation(ctx, "CreateEventBus", {"Name": "nowhere"})
    call_operation(
        ctx,
        "RemovePermission",
        {"EventBusName": "guarded", "RemoveAllPermissions": True},
    )
    ctx.close()


@pytest.mark.parametrize("is_file", [True, False])
def test_processes_send_what_one_sends(
    template: Path, tmp_path: Path, clock: VirtualClock, is_file: bool
) -> None:
    lines = b"".join(LINES * 3).splitlines(keepends=True)
    source = tmp_path / "input"
    source.write_bytes(b"".join(lines))

    one = send(copy(template, tmp_path / "one", clock), lines, 1)
    ctx = copy(template, tmp_path / "many", clock)
    many = send(ctx, lines, 3, source=source if is_file else None)

    assert many == one
    assert active_children() == []


def test_rules_that_others_change_count_from_the_next_batch_on(
    template: Path, tmp_path: Path, clock: VirtualClock
) -> None:
    lines = [to_line({**ENTRY, "DetailType": "disabled", "Detail": "{}"})] * 60

    def change(number: int) -> None:
        if number in (5, 9):
            name = "EnableRule" if number == 5 else "DisableRule"
            other = Context(store=open_store(str(tmp_path / "many")), clock=clock)
            call_operation(other, name, {"Name": "disabled"})
            other.close()

    ctx = copy(template, tmp_path / "many", clock)
    send(ctx, lines, 2, between=change)

    with_deliveries = [
        delivery.event.event_key
        for delivery in Context(
            store=open_store(str(tmp_path / "many")), clock=clock
        ).store.ledger.list_deliveries()
    ]
    assert with_deliveries == list(range(19, 31))


def test_processes_that_are_killed_cost_nothing_but_time(
    template: Path, tmp_path: Path, clock: VirtualClock
) -> None:
    lines = b"".join(LINES * 3).splitlines(keepends=True)
    one = send(copy(template, tmp_path / "one", clock), lines, 1)
    ctx = copy(template, tmp_path / "many", clock)

    def kill(number: int) -> None:
        if number in (4, 8):
            child = active_children()[0]
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()

    many = send(ctx, lines, 3, between=kill)

    notice = "2 of the processes that helped died; this one has done their part"
    assert notice in many
    without = " ".join(many.split()).replace(f", '{notice}'", "")
    assert without == " ".join(one.split())


def test_what_somebody_looks_at_or_logs_stays_with_one_process(
    template: Path, tmp_path: Path, clock: VirtualClock
) -> None:
    ctx = copy(template, tmp_path / "state", clock)

    for options in ({"is_short": True}, {"check": lambda event: None}):
        with Sender(ctx, make_mark(ctx, "-"), **options).hire(4) as crew:
            assert crew is None

    ctx.close()
