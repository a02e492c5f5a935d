"""Sending in bulk: the same as put-events, line by line, killed and resumed or not."""

from __future__ import annotations

import gc
import io
import itertools
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from evcli.bulk import send
from evcli.bulk.reading import QuickReader
from evcli.bulk.send import Sender, get_mark, make_mark, skip_to
from evcli.context import Context
from evcli.delivery.sinks.memory import MemorySink
from evcli.delivery.sinks.null import NullSink
from evcli.errors import ServiceError
from evcli.operations import call as call_operation
from evcli.operations.whole_events import send_whole_events
from evcli.store.accepted_events import EventConditions
from evcli.store.store import open_store
from tests.operations.test_entries import SENDABLE, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evcli.context import VirtualClock
    from evcli.store.records import SendMark

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
ENTRY = {"Source": "shop", "DetailType": "order", "Detail": '{"a":1}'}
OTHER_BUS = "arn:aws:events:us-east-1:111122223333:event-bus/theirs"

# Lines of every kind: usual ones, ones for the exact way, ones that are refused.
ENTRIES: list[dict[str, Any]] = [
    ENTRY,
    {**ENTRY, "Detail": '{"a": 1, "b": [1.50, "x y"]}'},
    {**ENTRY, "Detail": '{"a":1e16,"z":"\\u00e9"}'},
    {**ENTRY, "Time": "2023-01-02T03:04:05Z", "Resources": ["r1", "é"]},
    {**ENTRY, "Time": 1672628645},
    {**ENTRY, "EventBusName": "orders"},
    {**ENTRY, "EventBusName": "nowhere"},
    {**ENTRY, "EventBusName": "guarded"},
    {**ENTRY, "EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/orders"},
    {**ENTRY, "EventBusName": OTHER_BUS},
    {**ENTRY, "EventBusName": "no bus"},
    {**ENTRY, "Source": "aws.s3"},
    {**ENTRY, "Source": ""},
    {**ENTRY, "Detail": "[]"},
    {**ENTRY, "Detail": "{"},
    {**ENTRY, "DetailType": None},
    {**ENTRY, "TraceHeader": "Root=1"},
    {**ENTRY, "TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"},
    {**ENTRY, "Detail": '{"a":"' + "x" * 1_048_576 + '"}'},
    {**ENTRY, "Resources": ["x" * 2049]},
    {"Source": "shop"},
]


EVENT = {"source": "shop", "detail-type": "order", "detail": {"a": 1, "z": "y"}}
# Whole events, likewise.
EVENTS: list[dict[str, Any]] = [
    EVENT,
    {**EVENT, "source": "aws.s3", "account": "111122223333", "region": "eu-west-1"},
    {**EVENT, "id": "mine", "version": "0", "time": "2023-01-02T03:04:05Z"},
    {**EVENT, "id": "mine", "resources": ["r", "é"]},
    {**EVENT, "time": "2023-01-02T03:04:05.5+01:00", "replay-name": "r"},
    {**EVENT, "time": 1672628645, "note": "left out"},
    {**EVENT, "detail": {"a": 1e16, "z": "x" * 1_048_576}},
    {**EVENT, "id": "not mine"},
    {**EVENT, "time": "soon"},
    {**EVENT, "detail": "{}"},
    {**EVENT, "source": ""},
    {"source": "shop", "detail-type": "order"},
    {"source": "shop"},
]


@pytest.fixture
def make_context(
    tmp_path: Path, clock: VirtualClock
) -> Iterator[Callable[[], Context]]:
    """Make contexts of new state directories, alike to the last id."""
    contexts: list[Context] = []

    def make() -> Context:
        numbers = itertools.count(1)
        context = Context(
            store=open_store(str(tmp_path / f"state-{len(contexts)}")),
            clock=clock,
            new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
        )
        contexts.append(context)
        context.sinks["*"] = MemorySink()
        return context

    yield make
    for context in contexts:
        context.close()


def put_rules(ctx: Context) -> None:
    """Buses, an archive, a policy, and rules with every kind of input settings."""
    for name in ("orders", "guarded"):
        call_operation(ctx, "CreateEventBus", {"Name": name})
    arn = ctx.event_bus_arn("default")
    call_operation(ctx, "CreateArchive", {"ArchiveName": "all", "EventSourceArn": arn})
    denial = {
        "Sid": "no",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": ctx.event_bus_arn("guarded"),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    request = {"EventBusName": "guarded", "Policy": policy}
    call_operation(ctx, "PutPermission", request)
    transformer = {"InputPathsMap": {"b": "$.detail"}, "InputTemplate": '{"b": <b>}'}
    targets = [
        {"Id": "1", "Arn": QUEUE},
        {"Id": "2", "Arn": QUEUE, "InputPath": "$.detail"},
        {"Id": "3", "Arn": QUEUE, "InputTransformer": transformer},
        {"Id": "4", "Arn": QUEUE, "InputPath": "$.detail.z"},
    ]
    for bus in ("default", "orders"):
        pattern = '{"source":["shop"],"detail":{"a":[{"numeric":[">",0]}]}}'
        rule = {"Name": "r", "EventBusName": bus, "EventPattern": pattern}
        call_operation(ctx, "PutRule", rule)
        request = {"Rule": "r", "EventBusName": bus, "Targets": targets}
        call_operation(ctx, "PutTargets", request)


def to_line(entry: object) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def put_one(ctx: Context, entry: dict[str, Any]) -> str | None:
    """Put an entry by itself; the code with which it was refused."""
    try:
        answer = call_operation(ctx, "PutEvents", {"Entries": [entry]}, client=False)
    except ServiceError as error:
        return error.code
    code: str | None = answer["Entries"][0].get("ErrorCode")
    return code


def send_lines(ctx: Context, lines: list[bytes], **options: Any) -> SendMark:
    """Send lines three at a time; where the mark is then."""
    work = Sender(ctx, make_mark(ctx, "-"), **options)
    for first in range(0, len(lines), 3):
        work.send(lines[first : first + 3])
    return work.mark


def read_all(ctx: Context) -> dict[str, Any]:
    """Everything that events have left in a state directory."""
    events = [
        (
            each.account_id,
            each.region,
            each.event_bus_name,
            each.accepted_at,
            each.hops,
            each.envelope.replace(each.event_id, ""),
        )
        for each in ctx.store.accepted_events.list_after(EventConditions(), 0)
    ]
    deliveries = [
        (
            each.event.event_key,
            each.rule_arn,
            each.target,
            each.payload.replace(each.event.event_id, ""),
            each.state,
            each.attempts,
            each.finished_at,
            each.error_code,
            each.error_message,
            each.dead_letter_of,
            each.owner,
        )
        for each in ctx.store.ledger.list_deliveries()
    ]
    archived = ctx.store.database.execute(
        "SELECT minute, event_at, ingested_at, size_bytes FROM archived_events"
    )
    archives = ctx.store.database.execute(
        "SELECT event_count, size_bytes FROM archives"
    )
    sink = ctx.sinks["*"]
    assert isinstance(sink, MemorySink)
    return {
        "events": events,
        "deliveries": deliveries,
        "archived": archived.fetchall(),
        "archives": archives.fetchall(),
        "received": len(sink.payloads),
    }


WAYS = ["orjson", "json", "exact"]


@pytest.fixture(params=WAYS)
def options(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Options of `Sender` for each way to read lines."""
    if request.param == "exact":
        monkeypatch.setattr(QuickReader, "read", lambda *_: None)
    return {"uses_orjson": request.param == "orjson"}


def test_every_line_comes_to_what_put_events_makes_of_it(
    make_context: Callable[[], Context], options: dict[str, Any]
) -> None:
    one, many = make_context(), make_context()
    for ctx in (one, many):
        put_rules(ctx)

    codes = [put_one(one, entry) for entry in ENTRIES]
    mark = send_lines(many, list(map(to_line, ENTRIES)), **options)

    expected = [number for number, code in enumerate(codes, 1) if code is not None]
    assert [number for number, _, _ in mark.failures] == expected
    refused_by_client = {16, 20}
    assert {
        number: code
        for number, code, _ in mark.failures
        if number not in refused_by_client
    } == {
        number: code
        for number, code in enumerate(codes, 1)
        if code is not None and number not in refused_by_client
    }
    assert (mark.accepted, mark.failed) == (len(ENTRIES) - len(expected), len(expected))
    assert read_all(many) == read_all(one)
    assert mark.deliveries == sum(
        1 for each in many.store.ledger.list_deliveries() if each.attempts
    )


@pytest.mark.slow
def test_every_event_comes_to_what_playing_it_makes_of_it(
    make_context: Callable[[], Context], options: dict[str, Any]
) -> None:
    one, many = make_context(), make_context()
    for ctx in (one, many):
        put_rules(ctx)

    refused = {}
    for number, event in enumerate(EVENTS, 1):
        try:
            send_whole_events(one, [event], "orders")
        except ServiceError as error:
            refused[number] = [number, error.code, error.message]
    lines = list(map(to_line, EVENTS))
    mark = send_lines(many, lines, event_bus_name="orders", **options)

    assert mark.failures == list(refused.values())
    assert set(refused) == {7, 8, 9, 10, 11, 13}
    assert mark.accepted == len(EVENTS) - len(refused)
    assert read_all(many) == read_all(one)


@pytest.mark.parametrize("name", [OTHER_BUS, "no bus"])
def test_a_whole_event_has_an_event_bus_of_the_command_or_is_refused(
    make_context: Callable[[], Context], options: dict[str, Any], name: str
) -> None:
    ctx = make_context()

    mark = send_lines(ctx, [to_line(EVENT)], event_bus_name=name, **options)

    assert (mark.accepted, mark.failed) == (0, 1)
    assert read_all(ctx)["events"] == []


def test_sending_agrees_with_the_cases_of_the_pattern_language(
    make_context: Callable[[], Context], options: dict[str, Any]
) -> None:
    ctx = make_context()
    ctx.quotas["rules_per_event_bus"] = len(SENDABLE)
    target = {"Id": "1", "Arn": QUEUE}
    for number, case in enumerate(SENDABLE):
        name = f"rule-{number}"
        request = {"Name": name, "EventPattern": wrap(case.pattern)}
        call_operation(ctx, "PutRule", request)
        call_operation(ctx, "PutTargets", {"Rule": name, "Targets": [target]})
    lines = [
        to_line({"Source": "s", "DetailType": "d", "Detail": case.event})
        for case in SENDABLE
    ]

    mark = send_lines(ctx, lines, **options)

    matched: dict[int, set[str]] = {}
    for delivery in ctx.store.ledger.list_deliveries():
        names = matched.setdefault(delivery.event.event_key, set())
        names.add(delivery.rule_arn.rpartition("/")[2])
    verdicts = [
        f"rule-{number}" in matched.get(number + 1, ())
        for number in range(len(SENDABLE))
    ]
    assert mark.accepted == len(SENDABLE)
    assert verdicts == [case.matches for case in SENDABLE]


def test_lines_that_name_no_event_bus_go_where_the_caller_says(
    make_context: Callable[[], Context],
) -> None:
    ctx = make_context()
    put_rules(ctx)
    named = {**ENTRY, "EventBusName": "default"}

    send_lines(ctx, [to_line(ENTRY), to_line(named)], event_bus_name="orders")

    buses = ctx.store.database.execute(
        "SELECT event_bus_name FROM events JOIN ledger_buses USING (bus_key)"
    ).fetchall()
    assert buses == [("orders",), ("default",)]


def test_events_get_uuids_of_their_own(ctx: Context) -> None:
    ctx.sinks["*"] = MemorySink()

    mark = send_lines(ctx, [to_line(ENTRY)] * 50)

    events = ctx.store.accepted_events.list_after(EventConditions(), 0)
    ids = [each.event_id for each in events]
    assert mark.accepted == len(set(ids)) == 50
    assert {str(UUID(each, version=4)) for each in ids} == set(ids)
    assert len({each[9:] for each in ids}) == 50


def test_targets_that_share_a_file_have_their_lines_in_the_order_of_deliveries(
    ctx: Context, tmp_path: Path
) -> None:
    path = tmp_path / "all.jsonl"
    shared = {"arn": "arn:aws:sqs:*", "kind": "file", "path": str(path)}
    ctx.configuration = {"sinks": [shared]}
    ctx.sinks.clear()
    call_operation(ctx, "PutRule", {"Name": "r", "EventPattern": '{"source":["s"]}'})
    targets = [
        {"Id": name, "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"}
        for name in ("one", "two")
    ]
    call_operation(ctx, "PutTargets", {"Rule": "r", "Targets": targets})
    line = b'{"Source":"s","DetailType":"d","Detail":"{}"}\n'

    Sender(ctx, make_mark(ctx, "-")).send([line] * 3)

    lines = map(json.loads, path.read_text().splitlines())
    assert [each["targetId"] for each in lines] == ["one", "two"] * 3


def test_a_blank_line_counts_as_a_line_and_as_nothing_else(
    make_context: Callable[[], Context],
) -> None:
    mark = send_lines(make_context(), [b"\n", to_line(ENTRY), b"  \r\n", b"x"])

    assert (mark.lines, mark.accepted, mark.failed) == (4, 1, 1)
    assert [failure[:2] for failure in mark.failures] == [[4, "SerializationException"]]


def test_what_others_change_counts_from_the_next_batch_on(
    make_context: Callable[[], Context],
) -> None:
    ctx = make_context()
    other = Context(store=open_store(ctx.store.path), clock=ctx.clock)
    work = Sender(ctx, make_mark(ctx, "-"))
    line = to_line(ENTRY)
    matched = []

    def take() -> None:
        before = work.mark.deliveries
        work.send([line])
        matched.append(work.mark.deliveries - before)

    take()
    pattern = '{"source":["shop"]}'
    call_operation(other, "PutRule", {"Name": "r", "EventPattern": pattern})
    take()
    targets = [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": QUEUE}]
    call_operation(other, "PutTargets", {"Rule": "r", "Targets": targets})
    take()
    call_operation(other, "RemoveTargets", {"Rule": "r", "Ids": ["2"]})
    take()
    pattern = '{"source":["nobody"]}'
    call_operation(other, "PutRule", {"Name": "r", "EventPattern": pattern})
    take()
    pattern = '{"detail":{"a":[1]}}'
    call_operation(other, "PutRule", {"Name": "r", "EventPattern": pattern})
    take()
    call_operation(other, "DisableRule", {"Name": "r"})
    take()
    call_operation(other, "EnableRule", {"Name": "r"})
    take()
    call_operation(other, "RemoveTargets", {"Rule": "r", "Ids": ["1"]})
    call_operation(other, "DeleteRule", {"Name": "r"})
    take()
    other.close()

    assert matched == [0, 0, 2, 1, 0, 1, 0, 1, 0]


def test_a_batch_that_fails_leaves_no_trace(
    make_context: Callable[[], Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = make_context()
    put_rules(ctx)
    work = Sender(ctx, make_mark(ctx, "-"))
    work.send([to_line(ENTRY)])
    before = read_all(ctx)

    with monkeypatch.context() as patch:
        patch.setattr(type(ctx.store), "put", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work.send([to_line(ENTRY)] * 5)

    mark = get_mark(ctx, "-")
    assert read_all(ctx) == before
    assert mark is not None
    assert (mark.lines, mark.accepted) == (1, 1)
    work.send([])
    assert read_all(ctx) == before


def test_only_the_first_failures_are_kept_and_all_are_counted(
    make_context: Callable[[], Context],
) -> None:
    mark = send_lines(make_context(), [b"x\n"] * 250)

    assert mark.failed == 250
    assert [number for number, _, _ in mark.failures] == list(range(1, 101))


@pytest.mark.slow
def test_a_batch_leaves_no_cyclic_garbage(
    make_context: Callable[[], Context], options: dict[str, Any]
) -> None:
    ctx = make_context()
    put_rules(ctx)
    ctx.sinks["*"] = NullSink()
    lines = [*map(to_line, ENTRIES), b"x\n", b"\n"]
    work = Sender(ctx, make_mark(ctx, "-"), **options)
    work.send(lines)
    gc.collect()
    gc.disable()

    work.send(lines)
    found = gc.collect()

    gc.enable()
    assert found == 0


# -- the place to go on from


@pytest.mark.parametrize("is_seekable", [True, False])
def test_a_mark_leads_back_to_the_line_behind_it(
    make_context: Callable[[], Context], is_seekable: bool
) -> None:
    lines = [to_line({**ENTRY, "Detail": f'{{"a":{n}}}'}) for n in range(200)]
    mark = send_lines(make_context(), lines[:90])
    stream = io.BytesIO(b"".join(lines))
    stream.seekable = lambda: is_seekable  # type: ignore[method-assign]

    tail = skip_to(mark, stream)

    assert tail is not None
    assert stream.read() == b"".join(lines[90:])
    assert b"".join(lines[:90]).endswith(tail)
    assert len(tail) == send.TAIL_BYTES


@pytest.mark.parametrize("is_seekable", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:1000],
        lambda text: b"",
        lambda text: text.replace(b'{\\"a\\":89}', b'{\\"a\\":88}'),
        lambda text: b" " + text,
    ],
)
def test_another_input_is_recognised(
    make_context: Callable[[], Context],
    is_seekable: bool,
    change: Callable[[bytes], bytes],
) -> None:
    lines = [to_line({**ENTRY, "Detail": f'{{"a":{n}}}'}) for n in range(90)]
    mark = send_lines(make_context(), lines)
    stream = io.BytesIO(change(b"".join(lines)))
    stream.seekable = lambda: is_seekable  # type: ignore[method-assign]

    assert skip_to(mark, stream) is None


def test_an_input_that_has_grown_goes_on_where_it_ended(
    make_context: Callable[[], Context],
) -> None:
    mark = send_lines(make_context(), [to_line(ENTRY)])
    stream = io.BytesIO(to_line(ENTRY) + b"more\n")

    assert skip_to(mark, stream) == to_line(ENTRY)
    assert stream.read() == b"more\n"
