"""Events as values: asked for, listed, counted from the end, followed."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock, open_context
from evcli.errors import InspectionError
from evcli.inspection.events import (
    EventFollower,
    describe_events,
    find_newest,
    list_events,
    make_query,
)
from evcli.inspection.following import follow_ledger
from evcli.operations.whole_events import send_whole_events
from evcli.store.upkeep.backups import write_backup
from evcli.store.upkeep.restoring import restore_backup

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evcli.delivery.sinks.memory import MemorySink

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus"


def send(ctx: Context, *ids: str, bus: str = "default", **more: object) -> None:
    """Send whole events, one for each id."""
    events = [{"id": each, "source": "shop", "detail-type": "order"} for each in ids]
    send_whole_events(ctx, [{**event, **more} for event in events], bus)


def ids(ctx: Context, **asked: Any) -> list[str]:
    query = make_query(**asked)
    return [event.event_id for event in list_events(ctx, query)]


def test_a_value_has_the_event_and_what_came_of_it(
    ctx: Context, call: Callable[..., Any], memory_sink: MemorySink
) -> None:
    for name in ("a", "b"):
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
    queue = {"Id": "1", "Arn": QUEUE}
    dead = {"DeadLetterConfig": {"Arn": QUEUE}}
    call("PutTargets", Rule="a", Targets=[queue, {**queue, "Id": "2"}])
    call("PutTargets", Rule="b", Targets=[queue | dead])
    memory_sink.outcome = Outcome("NO_RESOURCE", "gone")
    send(ctx, "e")

    (value,) = describe_events(ctx, list_events(ctx, make_query()))

    assert value == {
        "EventId": "e",
        "EventBusName": "default",
        "Account": "000000000000",
        "Region": "us-east-1",
        "AcceptedAt": "2024-05-14T11:23:22Z",
        "Source": "shop",
        "DetailType": "order",
        "Rules": ["a", "b"],
        # The dead letter is not one of them.
        "Deliveries": {"FAILED": 3},
        "Event": {
            "version": "0",
            "id": "e",
            "detail-type": "order",
            "source": "shop",
            "account": "000000000000",
            "time": "2024-05-14T11:23:22Z",
            "region": "us-east-1",
            "resources": [],
            "detail": {},
        },
    }


def test_an_event_that_led_to_nothing_says_why(ctx: Context) -> None:
    send(ctx, "e", bus="orders")

    (value,) = describe_events(ctx, list_events(ctx, make_query()))

    assert {name: value[name] for name in ("Undelivered", "Reason", "Deliveries")} == {
        "Undelivered": "NO_EVENT_BUS",
        "Reason": "event bus orders does not exist: dropped",
        "Deliveries": {},
    }


def test_people_get_a_short_id_and_the_nearest_rule(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["bank"]}')
    send(ctx, "5f0c1a2b-1111-x", "5f0c1a2b-1122-x")

    events = list_events(ctx, make_query())
    values = list(describe_events(ctx, events, for_people=True))

    assert [value["ShortId"] for value in values] == ["5f0c1a2b-111", "5f0c1a2b-112"]
    assert {value["Reason"].partition(" (")[0] for value in values} == {
        'nothing matched; nearest rule r: source: "shop" is not ["bank"]'
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["a", "b", "c", "d", "e"]),
        ({"source": "shop"}, ["a", "b"]),
        ({"source": "aws.*"}, ["c"]),
        ({"source": "sho"}, []),
        ({"detail_type": 'made "up"'}, ["c"]),
        ({"source": "shop", "detail_type": "order"}, ["a", "b"]),
        ({"source": "bank", "detail_type": "order"}, ["d", "e"]),
        ({"event_pattern": '{"detail":{"n":[{"numeric":[">",1]}]}}'}, ["b", "d"]),
        ({"source": "shop", "event_pattern": '{"detail":{"n":[2]}}'}, ["b"]),
        ({"event_bus_name": "orders"}, ["e"]),
        ({"event_bus_name": f"{BUS_ARN}/orders"}, ["e"]),
        ({"event_bus_name": f"{BUS_ARN}/none"}, []),
        ({"undelivered": True}, ["c", "d", "e"]),
    ],
)
def test_what_is_asked_for_is_listed(
    ctx: Context, call: Callable[..., Any], asked: dict[str, Any], expected: list[str]
) -> None:
    call("CreateEventBus", Name="orders")
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    send(ctx, "a", detail={"n": 1})
    send(ctx, "b", detail={"n": 2})
    send(ctx, "c", source="aws.s3", **{"detail-type": 'made "up"'})
    # The source stands in its detail, too.
    send(ctx, "d", source="bank", detail={"source": "shop", "n": 3})
    send(ctx, "e", source="bank", bus="orders")

    assert ids(ctx, **asked) == expected


def test_since_goes_by_arrival_also_when_the_clock_was_put_back(
    ctx: Context, clock: VirtualClock
) -> None:
    start = clock.now()
    for name, minutes in (("a", 5), ("b", 1), ("c", 9)):
        clock.set(start + timedelta(minutes=minutes))
        send(ctx, name, time="2001-01-01T00:00:00Z")

    assert ids(ctx, since=start + timedelta(minutes=5)) == ["a", "c"]
    assert ids(ctx, since=start + timedelta(minutes=10)) == []


def test_a_pattern_that_is_not_valid_is_refused(ctx: Context) -> None:
    with pytest.raises(InspectionError) as caught:
        make_query(event_pattern="{")

    assert caught.value.argument == "pattern"


def test_the_newest_are_counted_among_what_is_asked_for(ctx: Context) -> None:
    for number in range(500):
        send(ctx, f"e{number:03}", source="shop" if number % 100 == 0 else "bank")

    def newest(count: int, **asked: Any) -> list[str]:
        query = make_query(**asked)
        after = find_newest(ctx, query, count)
        return [event.event_id for event in list_events(ctx, query, after)]

    assert newest(2) == ["e498", "e499"]
    assert newest(2, source="shop") == ["e300", "e400"]
    assert newest(9, source="shop") == ["e000", "e100", "e200", "e300", "e400"]
    assert len(ids(ctx)) == 500


def test_a_damaged_event_keeps_no_other_from_being_listed(ctx: Context) -> None:
    send(ctx, "a", "b", "c")
    for event_id, envelope in (("a", "'{'"), ("b", "CAST(x'ff' AS TEXT)")):
        ctx.store.database.execute(
            f"UPDATE events SET envelope = {envelope} WHERE event_id = ?",
            (event_id.encode(),),
        )

    values = describe_events(ctx, list_events(ctx, make_query()))

    assert [(value["EventId"], value["Source"]) for value in values] == [
        ("a", ""),
        ("b", ""),
        ("c", "shop"),
    ]
    assert ids(ctx, source="*") == ["c"]


# -- following


def follow(
    state_directory: Path, wait: Callable[[float], object], after: int = 0, **asked: Any
) -> Any:
    follower = EventFollower(make_query(**asked), after, for_people=False)
    path = str(state_directory)
    return follow_ledger(lambda: open_context(path), path, follower.look, wait)


def test_following_gives_what_arrives_and_nothing_twice(
    ctx: Context, state_directory: Path
) -> None:
    steps = iter([("b", "c"), (), ("x", "d")])

    def happen(_: float) -> None:
        for event_id in next(steps):
            send(ctx, event_id, source="bank" if event_id == "x" else "shop")

    send(ctx, "a")

    values = follow(state_directory, happen, source="shop")

    assert [value["EventId"] for value in islice(values, 4)] == ["a", "b", "c", "d"]


def test_following_waits_a_while_for_first_attempts(
    ctx: Context, call: Callable[..., Any], state_directory: Path
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    call("PutTargets", Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}])
    send(ctx, "quick", "slow")

    def set_state(event_key: int, state: str) -> None:
        ctx.store.database.execute(
            "UPDATE deliveries SET state = ? WHERE event_key = ?", (state, event_key)
        )

    set_state(1, "PENDING")
    set_state(2, "PENDING")
    waits: list[float] = []

    def happen(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            set_state(1, "DELIVERED")

    values = follow(state_directory, happen)
    seen = [(next(values)["Deliveries"], len(waits)) for _ in range(2)]

    # The first was seen before the second was waited for.
    assert seen == [({"DELIVERED": 1}, 2), ({"PENDING": 1}, 7)]


def test_following_goes_on_in_a_directory_that_comes_in_place_of_the_first(
    state_directory: Path, tmp_path: Path
) -> None:
    def put(event_id: str) -> None:
        with closing(open_context(str(state_directory))) as context:
            send(context, event_id)

    def back_up(file: str) -> None:
        with closing(open_context(str(state_directory))) as context:
            write_backup(context.store.database, file, without_secrets=False)

    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    steps = iter(
        [
            lambda: back_up(first),
            lambda: put("b"),
            lambda: shutil.rmtree(state_directory),
            lambda: None,
            lambda: put("fresh"),
            lambda: back_up(second),
            lambda: [put("c"), put("d")],
            lambda: restore_backup(str(state_directory), second, force=True),
            lambda: put("in-the-same-file"),
            lambda: shutil.rmtree(state_directory),
            lambda: restore_backup(str(state_directory), first, force=False),
            lambda: None,
            lambda: put("in-another-file"),
        ]
    )
    put("a")

    values = follow(state_directory, lambda _: next(steps)())

    assert [value["EventId"] for value in islice(values, 7)] == [
        "a",
        "b",
        "fresh",
        "c",
        "d",
        "in-the-same-file",
        "in-another-file",
    ]
