"""`evcli local trace`, `redeliver` and `prune`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
LETTERS = "arn:aws:sqs:us-east-1:000000000000:dlq"
RULE = "arn:aws:events:us-east-1:000000000000:rule/a"


@pytest.fixture
def event_id(evcli_command: Callable[..., Any]) -> str:
    """An event that one rule matches, whose target fails once and gives up."""
    evcli_command("local", "clock", "set", "2024-05-01T00:00:00Z")
    fails = ("--kind", "exec", "--command", "echo said; exit 3")
    evcli_command("local", "sinks", "add", QUEUE, *fails)
    for name, pattern in (
        ("a", '{"source":["shop"]}'),
        ("b", '{"source":["shop"],"detail":{"n":[{"numeric":[">",5]}]}}'),
        ("c", '{"source":["shop"]}'),
    ):
        evcli_command("put-rule", "--name", name, "--event-pattern", pattern)
    evcli_command("disable-rule", "--name", "c")
    schedule = ("--schedule-expression", "rate(1 day)")
    evcli_command("put-rule", "--name", "d", *schedule)
    target = {
        "Id": "1",
        "Arn": QUEUE,
        "DeadLetterConfig": {"Arn": LETTERS},
        "RetryPolicy": {"MaximumRetryAttempts": 0},
    }
    evcli_command("put-targets", "--rule", "a", "--targets", json.dumps([target]))
    entry = 'Source=shop,DetailType=order,Detail="{\\"n\\":1}"'
    answer = evcli_command("put-events", "--entries", entry)
    return str(json.loads(answer.stdout)["Entries"][0]["EventId"])


def test_a_trace_tells_rules_attempts_and_dead_letters(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    outcome = evcli_command("local", "trace", event_id)

    envelope = {
        "version": "0",
        "id": event_id,
        "detail-type": "order",
        "source": "shop",
        "account": "000000000000",
        "time": "2024-05-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"n": 1},
    }
    error = {
        "ErrorCode": "ERROR_FROM_TARGET",
        "ErrorMessage": "The command exited with status 3.",
    }
    common = {
        "EventId": event_id,
        "EventBusName": "default",
        "RuleArn": RULE,
        "TargetId": "1",
        "Attempts": 1,
        "AcceptedAt": "2024-05-01T00:00:00Z",
        "FinishedAt": "2024-05-01T00:00:00Z",
    }
    story = json.loads(outcome.stdout)
    reason = story["Arrivals"][0]["Rules"][1].pop("Reason")
    assert reason.startswith('detail.n: 1 is not [{"numeric": [">", 5]}]')
    assert (outcome.code, outcome.stderr) == (0, "")
    assert story == {
        "EventId": event_id,
        "Event": envelope,
        "Arrivals": [
            {
                "EventBusName": "default",
                "Account": "000000000000",
                "Region": "us-east-1",
                "AcceptedAt": "2024-05-01T00:00:00Z",
                "Rules": [
                    {"Name": "a", "Matched": True},
                    {"Name": "b", "Matched": False},
                    {
                        "Name": "c",
                        "Matched": False,
                        "Reason": "The rule is disabled, else it would match.",
                    },
                    {
                        "Name": "d",
                        "Matched": False,
                        "Reason": "The rule has a schedule and no event pattern.",
                    },
                ],
                "Deliveries": [
                    {
                        **common,
                        **error,
                        "DeliveryId": f"{event_id}-1",
                        "TargetArn": QUEUE,
                        "State": "FAILED",
                        "AttemptLog": [
                            {
                                "Number": 1,
                                "AttemptedAt": "2024-05-01T00:00:00Z",
                                **error,
                                "Output": "said",
                            }
                        ],
                        "DeadLetters": [
                            {
                                **common,
                                "DeliveryId": f"{event_id}-2",
                                "TargetArn": LETTERS,
                                "State": "DELIVERED",
                                "DeadLetterOf": f"{event_id}-1",
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_a_tree_tells_the_same_to_people(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    outcome = evcli_command("local", "trace", event_id, "--output", "table")

    lines = [line.lstrip("│├└─ ") for line in outcome.stdout.splitlines()]
    assert lines[:6] == [
        f"shop: order  {event_id}",
        '{"n": 1}',
        "default  000000000000 us-east-1  2024-05-01T00:00:00Z",
        "✔ a",
        lines[4],
        "✘ c  The rule is disabled, else it would match.",
    ]
    assert lines[4].startswith('✘ b  detail.n: 1 is not [{"numeric": [">", 5]}]')
    short = event_id[:8]
    assert lines[7] == f"→ a → sqs:q  FAILED  {short}-1"
    assert lines[8:10] == [
        "attempt 1  2024-05-01T00:00:00Z  ERROR_FROM_TARGET  The command exited with"
        " status 3.  said",
        f"☠ sqs:dlq  DELIVERED  {short}-2",
    ]


def test_what_a_command_prints_does_not_steer_the_terminal(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    says = ("--command", "printf '\\033]0;x\\007\\r\\302\\233\\177'; exit 3")
    evcli_command("local", "sinks", "add", QUEUE, "--kind", "exec", *says)
    evcli_command("local", "redeliver", f"{event_id}-1")

    outcome = evcli_command("local", "trace", event_id, "--output", "table")

    assert "\N{SYMBOL FOR ESCAPE}]0;x\N{SYMBOL FOR BELL}" in outcome.stdout
    assert "\N{SYMBOL FOR CARRIAGE RETURN}\ufffd\N{SYMBOL FOR DELETE}" in outcome.stdout
    assert not set("\x1b\x07\r\x9b\x7f") & set(outcome.stdout)


@pytest.mark.parametrize("output", ["json", "table", "yaml"])
def test_half_a_surrogate_pair_is_shown_as_a_question_mark(
    evcli_command: Callable[..., Any], output: str
) -> None:
    detail = ("--detail", '{"n": "<\\ud800>"}')
    put = ("put-events", "--source", "s", "--detail-type", "d", *detail)
    answer = json.loads(evcli_command(*put).stdout)
    event_id = answer["Entries"][0]["EventId"]

    outcome = evcli_command("local", "trace", event_id, "--output", output)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert "<?>" in outcome.stdout
    assert outcome.stdout.encode()


def test_a_scheduled_event_matches_the_rule_that_it_names(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    target = f"Id=1,Arn={LETTERS}"
    evcli_command("put-targets", "--rule", "d", "--targets", target)
    evcli_command("local", "tick", "--until", "2024-05-02T00:00:00Z")
    listed = evcli_command("local", "deliveries", "--rule", "d").stdout

    story = evcli_command("local", "trace", json.loads(listed)[0]["EventId"]).stdout

    rules = json.loads(story)["Arrivals"][0]["Rules"]
    assert [(each["Name"], each["Matched"]) for each in rules] == [
        ("a", False),
        ("b", False),
        ("c", False),
        ("d", True),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trace", "nope"], "There is no event nope in the ledger."),
        (["redeliver", "nope"], "There is no delivery nope in the ledger."),
        (["redeliver", "nope-1"], "There is no delivery nope-1 in the ledger."),
    ],
)
def test_what_the_ledger_does_not_know_is_told(
    evcli_command: Callable[..., Any], event_id: str, words: list[str], message: str
) -> None:
    outcome = evcli_command("local", *words)

    assert outcome == (255, "", f"\nevcli: [ERROR]: {message}\n")


def test_a_failed_delivery_is_attempted_again_and_shown(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    evcli_command("local", "sinks", "remove", QUEUE)

    outcome = evcli_command("local", "redeliver", f"{event_id}-1", "--quiet")

    (row,) = json.loads(outcome.stdout)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert (row["DeliveryId"], row["State"], row["Attempts"]) == (
        f"{event_id}-1",
        "DELIVERED",
        2,
    )


def test_all_failed_deliveries_are_attempted_again(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    first = evcli_command("local", "redeliver", "--failed")
    evcli_command("local", "sinks", "remove", QUEUE)
    second = evcli_command("local", "redeliver", "--failed")
    third = evcli_command("local", "redeliver", "--failed")

    states = [
        [(row["State"], row["Attempts"]) for row in json.loads(each.stdout)]
        for each in (first, second, third)
    ]
    assert states == [[("FAILED", 2)], [("DELIVERED", 3)], []]
    at, failed = "2024-05-01T00:00:00Z virtual", "The command exited with status 3."
    assert [each.stderr for each in (first, second, third)] == [
        f"{at} ✘ a → sqs:q attempt 2 ERROR_FROM_TARGET: {failed}\n"
        f"{at} ✔ a → sqs:dlq dead letter\n",
        f"{at} ✔ a → sqs:q attempt 3\n",
        "",
    ]


@pytest.mark.parametrize("words", [[], ["x-1", "--failed"]])
def test_one_delivery_or_all_that_failed_must_be_named(
    evcli_command: Callable[..., Any], words: list[str]
) -> None:
    outcome = evcli_command("local", "redeliver", *words)

    assert (outcome.code, outcome.stdout) == (252, "")
    assert "Name either one DELIVERY_ID or --failed." in outcome.stderr


def test_pruning_forgets_finished_events_before_a_time(
    evcli_command: Callable[..., Any], event_id: str
) -> None:
    evcli_command("local", "clock", "set", "2024-06-01T00:00:00Z")
    entry = '[{"Source":"other","DetailType":"x","Detail":"{}"}]'
    evcli_command("put-events", "--entries", entry)

    early = evcli_command("local", "prune", "--before", "2024-05-01T00:00:00Z")
    late = evcli_command("local", "prune", "--before", "2024-05-15T00:00:00Z")
    again = evcli_command("local", "prune", "--before", "2024-05-15T00:00:00Z")

    assert [early, late, again] == [
        (0, f"Removed {went}, with {with_it}.\n", "")
        for went, with_it in (
            ("0 events accepted before 2024-05-01T00:00:00Z", "0 deliveries"),
            ("1 event accepted before 2024-05-15T00:00:00Z", "2 deliveries"),
            ("0 events accepted before 2024-05-15T00:00:00Z", "0 deliveries"),
        )
    ]
    assert evcli_command("local", "deliveries") == (0, "[]\n", "")
    assert evcli_command("local", "trace", event_id).code == 255


def test_pruning_makes_the_file_small_again(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    entry = {
        "Source": "x",
        "DetailType": "x",
        "Detail": json.dumps({"x": "x" * 90_000}),
    }
    file = state_directory / "state.db"
    evcli_command("put-events", "--entries", json.dumps([entry]))
    evcli_command("local", "clock", "set", "2024-06-01T00:00:00Z")
    small = file.stat().st_size
    for _ in range(5):
        evcli_command("put-events", "--entries", json.dumps([entry] * 10))
    full = file.stat().st_size

    evcli_command("local", "prune", "--before", "2024-06-01T00:00:01Z")

    assert full > small + 50 * 90_000
    assert file.stat().st_size <= small


@pytest.fixture
def old_events(evcli_command: Callable[..., Any], event_id: str) -> str:
    """Two finished events, 35 minutes and a second old, and one that is still retried."""
    slow = json.dumps([{"Id": "1", "Arn": QUEUE}])
    evcli_command("put-rule", "--name", "e", "--event-pattern", '{"source":["slow"]}')
    evcli_command("put-targets", "--rule", "e", "--targets", slow)
    evcli_command(*put_event("slow"))
    evcli_command("local", "clock", "set", "2024-05-01T00:34:59Z")
    evcli_command(*put_event("none"))
    evcli_command("local", "clock", "advance", "1s")
    return event_id


def put_event(source: str) -> tuple[str, ...]:
    entry = {"Source": source, "DetailType": "x", "Detail": "{}"}
    return ("put-events", "--entries", json.dumps([entry]))


@pytest.mark.parametrize(
    "words",
    [
        ["--older-than", "30m"],
        ["--before", "30m"],
        ["--before", "2024-05-01T00:05:00Z"],
        ["--before", "1714521900"],
    ],
)
def test_pruning_says_what_would_go_and_what_went(
    evcli_command: Callable[..., Any], old_events: str, words: list[str]
) -> None:
    seen = evcli_command("local", "prune", *words, "--dry-run")
    shown = evcli_command("local", "trace", old_events)
    made = evcli_command("local", "prune", *words)
    again = evcli_command("local", "prune", *words)

    told = (
        "{} {} accepted before 2024-05-01T00:05:00Z, with {}. 1 event stays: deliveries"
        " are still under way.\n"
    )
    assert seen == (0, told.format("Would remove", "1 event", "2 deliveries"), "")
    assert shown.code == 0
    assert made == (0, told.format("Removed", "1 event", "2 deliveries"), "")
    assert again == (0, told.format("Removed", "0 events", "0 deliveries"), "")


@pytest.mark.parametrize("before", ["1h", "17h"])
def test_pruning_keeps_what_is_younger_than_so_many_hours(
    evcli_command: Callable[..., Any], old_events: str, before: str
) -> None:
    outcome = evcli_command("local", "prune", "--before", before)

    assert outcome.stdout.startswith("Removed 0 events ")
    assert evcli_command("local", "trace", old_events).code == 0


@pytest.mark.parametrize("words", [[], ["--before", "1h", "--older-than", "1h"]])
def test_pruning_wants_one_of_two_options(
    evcli_command: Callable[..., Any], words: list[str]
) -> None:
    outcome = evcli_command("local", "prune", *words)

    assert outcome == (
        252,
        "",
        "\nevcli: [ERROR]: An error occurred (ParamValidation): Name either --before TIME"
        " or --older-than DURATION.\n",
    )
