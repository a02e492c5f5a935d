"""Reading what event buses logged: whose, in which order, and as it comes."""

from __future__ import annotations

import shutil
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli import operations
from evcli.context import open_context
from evcli.errors import InspectionError
from evcli.inspection.bus_logs import (
    LogFile,
    LogFollower,
    explain_silence,
    list_records,
    open_logs,
)
from evcli.inspection.following import follow_ledger
from evcli.inspection.sink_check import FileReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

    Call = Callable[..., dict[str, Any]]


def put(call: Call, bus: str, source: str = "shop") -> None:
    entry = {"Source": source, "DetailType": "d", "Detail": "{}", "EventBusName": bus}
    call("PutEvents", Entries=[entry])


def switch_on(call: Call, *buses: str, level: str = "INFO") -> None:
    for name in buses:
        call("CreateEventBus", Name=name, LogConfig={"Level": level})


def test_all_event_buses_stand_in_the_order_of_time(
    ctx: Context, call: Call, clock: Any
) -> None:
    switch_on(call, "a", "b")
    for bus in ("b", "a", "b"):
        put(call, bus)
        clock.advance(1)

    records = list(list_records(open_logs(ctx, None)))

    arrivals = [r for r in records if r["message_type"] == "EVENT_INGEST_SUCCESS"]
    assert [each["event_bus_name"] for each in arrivals] == ["b", "a", "b"]
    assert len(records) == 6


def test_one_event_bus_is_read_by_name_or_arn(ctx: Context, call: Call) -> None:
    switch_on(call, "a", "b")
    put(call, "a")
    put(call, "b")

    by_name = list(list_records(open_logs(ctx, "a")))
    by_arn = list(list_records(open_logs(ctx, ctx.event_bus_arn("a"))))

    assert {each["event_bus_name"] for each in by_name} == {"a"}
    assert by_arn == by_name


def test_a_level_leaves_out_what_is_above_it(ctx: Context, call: Call) -> None:
    switch_on(call, "a", level="TRACE")
    put(call, "a", source="aws.s3")

    (record,) = list_records(open_logs(ctx, "a"), "ERROR")

    assert record["message_type"] == "EVENT_INGEST_FAILURE"


def test_other_lines_of_a_shared_file_are_passed_over(
    ctx: Context, call: Call, tmp_path: Path
) -> None:
    shared = tmp_path / "all.jsonl"
    entry = {"arn": "*", "kind": "file", "path": str(shared)}
    ctx.configuration = {"sinks": [entry]}
    switch_on(call, "a", "b")
    call("PutRule", Name="r", EventBusName="a", EventPattern='{"source":["shop"]}')
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    target = {"Id": "1", "Arn": queue}
    call("PutTargets", Rule="r", EventBusName="a", Targets=[target])
    put(call, "a")
    put(call, "b")
    with shared.open("a") as file:
        file.write('{"resource_arn":"' + ctx.event_bus_arn("a") + '", broken\n')
        file.write("[1]\n")

    types = [each["message_type"] for each in list_records(open_logs(ctx, "a"))]

    assert types == [
        "EVENT_INGEST_SUCCESS",
        "RULE_MATCH",
        "INVOCATION_START",
        "INVOCATION_SUCCESS",
    ]


# -- following


class OverError(Exception):
    """There is nothing more to happen."""


def follow(
    state_directory: Path, logs: list[LogFile], *steps: Callable[[], object]
) -> list[tuple[str, str]]:
    """Follow while something happens between looks: event bus and type of each record."""
    remaining = iter(steps)

    def wait(_: float) -> None:
        step = next(remaining, None)
        if step is None:
            raise OverError
        step()

    look = LogFollower(logs, None, "TRACE").look
    path = str(state_directory)
    seen: list[tuple[str, str]] = []
    with pytest.raises(OverError):
        seen.extend(
            (each["event_bus_name"], each["message_type"])
            for each in follow_ledger(lambda: open_context(path), path, look, wait)
        )
    return seen


def unmatched(event_bus_name: str) -> list[tuple[str, str]]:
    steps = ("EVENT_INGEST_SUCCESS", "NO_STANDARD_RULES_MATCHED")
    return [(event_bus_name, step) for step in steps]


def test_following_gives_each_record_once_also_of_a_file_that_is_replaced(
    ctx: Context, call: Call, state_directory: Path
) -> None:
    switch_on(call, "a")
    logs = open_logs(ctx, "a")
    path = Path(logs[0].path)

    seen = follow(
        state_directory,
        logs,
        lambda: put(call, "a"),
        lambda: None,
        lambda: (path.rename(f"{path}.1"), put(call, "a")),
        lambda: path.write_text(path.read_text()[:-20]),
    )

    # The file that was cut is read from its start, but for the half line.
    assert seen == [*unmatched("a"), *unmatched("a"), unmatched("a")[0]]


def test_following_sees_event_buses_that_are_made_meanwhile(
    ctx: Context, call: Call, state_directory: Path
) -> None:
    switch_on(call, "a")
    put(call, "a")
    logs = open_logs(ctx, None)
    before = list(list_records(logs))

    seen = follow(
        state_directory,
        logs,
        lambda: (switch_on(call, "b"), put(call, "b")),
        lambda: put(call, "a"),
    )

    assert len(before) == 2
    assert seen == [*unmatched("b"), *unmatched("a")]


def test_following_goes_on_in_a_state_directory_that_is_made_anew(
    ctx: Context, call: Call, state_directory: Path
) -> None:
    switch_on(call, "a")
    put(call, "a")

    def make_anew() -> None:
        with closing(open_context(str(state_directory))) as fresh:
            handle = partial(operations.call, fresh)
            for name in ("a", "c"):
                config = {"Level": "INFO"}
                handle("CreateEventBus", {"Name": name, "LogConfig": config})
                entry = {"Source": "shop", "DetailType": "d", "Detail": "{}"}
                handle("PutEvents", {"Entries": [{**entry, "EventBusName": name}]})

    seen = follow(
        state_directory,
        open_logs(ctx, None),
        lambda: shutil.rmtree(state_directory),
        lambda: None,
        make_anew,
        lambda: None,
    )

    assert seen == [*unmatched("a"), *unmatched("a"), *unmatched("c")]


def test_following_leaves_out_what_a_replacement_brings_along(
    ctx: Context, call: Call, state_directory: Path, tmp_path: Path
) -> None:
    switch_on(call, "a")
    put(call, "a")
    logs = open_logs(ctx, None)
    assert len(list(list_records(logs))) == 2
    other, aside = tmp_path / "other", tmp_path / "aside"

    def replace() -> None:
        shutil.copytree(state_directory, other)
        state_directory.rename(aside)
        other.rename(state_directory)

    def put_again() -> None:
        with closing(open_context(str(state_directory))) as opened:
            entry = {"Source": "s", "DetailType": "d", "Detail": "{}"}
            entries = [{**entry, "EventBusName": "a"}]
            operations.call(opened, "PutEvents", {"Entries": entries})

    seen = follow(state_directory, logs, replace, lambda: None, put_again)

    assert seen == unmatched("a")


def test_an_event_bus_that_is_not_there_is_named(ctx: Context) -> None:
    with pytest.raises(InspectionError, match=r"^Event bus ordres does not exist\.$"):
        open_logs(ctx, "ordres")


def test_records_that_go_elsewhere_cannot_be_read(ctx: Context, call: Call) -> None:
    ctx.configuration = {"sinks": [{"arn": "arn:aws:logs:*", "kind": "null"}]}
    switch_on(call, "a")

    with pytest.raises(InspectionError, match="none that keeps a file"):
        open_logs(ctx, "a")
    assert open_logs(ctx, None) == []


def test_silence_is_explained_where_logging_is_off(ctx: Context, call: Call) -> None:
    switch_on(call, "a")
    switch_on(call, "b", level="OFF")

    assert explain_silence(ctx, "a") == ""
    assert explain_silence(ctx, None) == ""
    assert explain_silence(ctx, "b") == (
        "Logging is off. `evcli update-event-bus --name b --log-config"
        " Level=TRACE,IncludeDetail=FULL` switches it on."
    )


def test_the_check_of_sinks_counts_records_among_its_own(
    ctx: Context, call: Call
) -> None:
    switch_on(call, "a")
    put(call, "a")
    (log,) = open_logs(ctx, "a")
    reader = FileReader(log.path)

    assert list(reader.read()) == []
    assert list(reader.list_findings()) == []
    assert len(Path(log.path).read_text().splitlines()) == 2
