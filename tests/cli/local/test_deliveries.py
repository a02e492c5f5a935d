"""`evcli local deliveries`: conditions and formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import Context, Outcome, VirtualClock
from evcli.delivery.sinks.memory import MemorySink

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
OTHER = "arn:aws:sqs:us-east-1:000000000000:other"
NONE = {"event_id": None, "rule_name": None, "target_arn": None, "state": None}


@pytest.fixture
def broken(ctx: Context) -> MemorySink:
    """The second target, which fails for good."""
    ctx.sinks[OTHER] = sink = MemorySink()
    sink.outcome = Outcome("NO_RESOURCE", "gone")
    return sink


@pytest.fixture
def put(call: Callable[..., Any], broken: MemorySink) -> Callable[[], str]:
    """Put one event for two rules; gives its id."""
    for name, arn in (("my_rule", QUEUE), ("myXrule", OTHER)):
        call("PutRule", Name=name, EventPattern='{"source":["shop"]}')
        call("PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": arn}])

    def put_event() -> str:
        entry = {"Source": "shop", "DetailType": "order", "Detail": '{"é":1}'}
        answer = call("PutEvents", Entries=[entry])
        return str(answer["Entries"][0]["EventId"])

    return put_event


def ids(text: str) -> list[str]:
    return [row["DeliveryId"] for row in json.loads(text)]


def test_json_is_one_array_with_everything_about_each_delivery(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    event_id = put()

    outcome = evcli_command("local", "deliveries")

    common = {
        "EventId": event_id,
        "EventBusName": "default",
        "TargetId": "1",
        "Attempts": 1,
        "AcceptedAt": "2024-05-14T11:23:22Z",
        "FinishedAt": "2024-05-14T11:23:22Z",
        "Payload": '{"version":"0","id":"'
        + event_id
        + '","detail-type":"order","source":"shop","account":"000000000000"'
        ',"time":"2024-05-14T11:23:22Z","region":"us-east-1","resources":[]'
        ',"detail":{"é":1}}',
    }
    rule = "arn:aws:events:us-east-1:000000000000:rule"
    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == [
        {
            **common,
            "DeliveryId": f"{event_id}-1",
            "RuleArn": f"{rule}/myXrule",
            "TargetArn": OTHER,
            "State": "FAILED",
            "ErrorCode": "NO_RESOURCE",
            "ErrorMessage": "gone",
        },
        {
            **common,
            "DeliveryId": f"{event_id}-2",
            "RuleArn": f"{rule}/my_rule",
            "TargetArn": QUEUE,
            "State": "DELIVERED",
        },
    ]
    assert outcome.stdout.startswith('[\n    {\n        "DeliveryId": ')


def test_an_empty_ledger_is_an_empty_array(evcli_command: Callable[..., Any]) -> None:
    assert evcli_command("local", "deliveries") == (0, "[]\n", "")


def test_an_event_that_is_not_there_is_an_error_as_in_trace(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    put()

    outcomes = [
        evcli_command("local", *words)
        for words in (("deliveries", "--event-id", "nope"), ("trace", "nope"))
    ]

    problem = "\nevcli: [ERROR]: There is no event nope in the ledger.\n"
    assert outcomes == 2 * [(255, "", problem)]


def test_an_event_that_is_waited_for_may_be_yet_to_come(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    put()

    outcome = evcli_command(
        *("local", "deliveries", "--event-id", "nope", "--wait", "1", "--timeout", "0")
    )

    assert (outcome.code, outcome.stdout) == (1, "")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["--failed"], [1, 3]),
        (["--rule", "my_rule"], [2, 4]),
        (["--rule", "arn:aws:events:us-east-1:000000000000:rule/my_rule"], [2, 4]),
        (["--target-arn", OTHER], [1, 3]),
        (["--target-arn", OTHER, "--rule", "my_rule"], []),
        (["--limit", "3"], [2, 3, 4]),
        (["--limit", "9"], [1, 2, 3, 4]),
        (["--failed", "--limit", "1"], [3]),
        (["--event-id", "FIRST"], [1, 2]),
        (["--state", "FAILED"], [1, 3]),
        (["--state", "delivered"], [2, 4]),
        (["--state", "DELIVERED", "--limit", "1"], [4]),
        (["--state", "PENDING"], []),
        (["--since", "2024-05-14T11:23:23Z"], [3, 4]),
        (["--since", "2024-05-14T11:23:23Z", "--failed"], [3]),
        (["--since", "2024-05-14T11:23:23Z", "--limit", "1"], [4]),
        (["--since", "2024-05-14T11:23:22Z"], [1, 2, 3, 4]),
        (["--since", "2024-05-14T11:23:24Z"], []),
    ],
)
def test_conditions_combine_and_the_limit_keeps_the_newest(
    put: Callable[[], str],
    clock: VirtualClock,
    evcli_command: Callable[..., Any],
    words: list[str],
    numbers: list[int],
) -> None:
    first = put()
    clock.advance(1)
    second = put()
    words = [first if word == "FIRST" else word for word in words]

    outcome = evcli_command("local", "deliveries", *words)

    expected = [f"{first}-1", f"{first}-2", f"{second}-3", f"{second}-4"]
    assert ids(outcome.stdout) == [expected[number - 1] for number in numbers]


def test_text_is_a_line_of_columns_for_each(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    event_id = put()

    outcome = evcli_command("local", "deliveries", "--output", "text", "--failed")

    assert outcome.stdout == (
        "2024-05-14T11:23:22Z\tFAILED\t1"
        "\tarn:aws:events:us-east-1:000000000000:rule/myXrule"
        f"\t{OTHER}\tNO_RESOURCE\t{event_id}-1\n"
    )


def test_a_table_has_a_heading_short_names_and_errors_below_their_rows(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    event_id = put()

    outcome = evcli_command("local", "deliveries", "--output", "table")

    lines = outcome.stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["ACCEPTED", "STATE", "TRIES", "RULE", "→", "TARGET", "DELIVERY"],
        f"2024-05-14 11:23 FAILED 1 myXrule → sqs:other {event_id[:8]}-1".split(),
        ["NO_RESOURCE:", "gone"],
        f"2024-05-14 11:23 DELIVERED 1 my_rule → sqs:q {event_id[:8]}-2".split(),
    ]
    assert lines[1].index(event_id[:8]) == lines[3].index(event_id[:8])


def test_yaml_is_a_list(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    import yaml

    put()

    as_yaml = evcli_command("local", "deliveries", "--output", "yaml").stdout

    assert yaml.safe_load(as_yaml) == json.loads(
        evcli_command("local", "deliveries").stdout
    )


def test_pages_are_read_without_gaps(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    for _ in range(130):
        put()

    listed = ids(evcli_command("local", "deliveries").stdout)

    assert [int(each.rpartition("-")[2]) for each in listed] == list(range(1, 261))


def test_a_query_is_asked_of_all_deliveries(
    put: Callable[[], str], evcli_command: Callable[..., Any]
) -> None:
    put()
    query = "[].[TargetArn, ErrorCode]"

    as_json = evcli_command("local", "deliveries", "--query", "length(@)")
    as_text = evcli_command("local", "deliveries", "--query", query, "--output", "text")

    assert as_json.stdout == "2\n"
    assert as_text.stdout == f"{OTHER}\tNO_RESOURCE\n{QUEUE}\tNone\n"


def test_a_state_that_contradicts_failed_is_refused(
    evcli_command: Callable[..., Any],
) -> None:
    outcome = evcli_command("local", "deliveries", "--failed", "--state", "PENDING")

    assert (outcome.code, outcome.stdout) == (252, "")
    assert "--failed and --state PENDING exclude each other." in outcome.stderr


def test_a_terminal_shows_the_newest_fifty_and_says_so(
    put: Callable[[], str], run_on_terminal: Callable[..., list[str]]
) -> None:
    for _ in range(26):
        put()

    shown = run_on_terminal("local", "deliveries")
    limited = run_on_terminal("local", "deliveries", "--limit", "52")

    def list_keys(lines: list[str]) -> list[int]:
        rows = [line for line in lines if " → " in line]
        return [int(row.rpartition("-")[2]) for row in rows[1:]]

    assert (list_keys(shown), shown[-1]) == (
        list(range(3, 53)),
        "There are older ones: --limit N.",
    )
    assert (list_keys(limited), limited[-1].split()[-1][8:]) == (
        list(range(1, 53)),
        "-52",
    )


@pytest.mark.parametrize("columns", [80, 120])
def test_every_line_fits_the_terminal(
    call: Callable[..., Any],
    run_on_terminal: Callable[..., list[str]],
    broken: MemorySink,
    columns: int,
) -> None:
    broken.outcome = Outcome("NO_RESOURCE", "gone " * 100)
    arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{'b' * 200}"
    for target_id, each in (("1", OTHER), ("2", arn)):
        call("PutRule", Name="r" * 64, EventPattern='{"source":["shop"]}')
        call("PutTargets", Rule="r" * 64, Targets=[{"Id": target_id, "Arn": each}])
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    call("PutEvents", Entries=[entry])

    lines = run_on_terminal("local", "deliveries", columns=columns)

    assert max(map(len, lines)) == columns
