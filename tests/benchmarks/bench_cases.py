"""Test files: what a thousand cases take, by what one takes and a small command.

`evcli local test` as a whole command: files of a hundred cases each, against a template of
rules; of ten cases one is about retries and one about a schedule.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measure import (
    PROGRAM,
    ROUNDS,
    Command,
    Row,
    evcli_environ,
    measure,
    show_ms,
)

if TYPE_CHECKING:
    from typing import Any

FILE_CASES = 100


def list_rows(quick: bool) -> list[Row]:
    """Time a small command, one case and all of them."""
    cases, rules, rounds = (50, 5, 1) if quick else (1_000, 100, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_template(directory / "template.json", rules)
        files = write_cases(directory, cases, rules)
        environ = evcli_environ(directory / "state")
        test = [*PROGRAM, "local", "test"]
        all_passed = f"{cases} passed".encode()
        commands = [
            Command("small", [*PROGRAM, "describe-event-bus"], environ),
            Command("one", [*test, files[0], "-k", "case 0."], environ, b"1 passed"),
            Command("all", [*test, *files], environ, all_passed),
        ]
        seconds = measure(commands, rounds)
    given = f"{cases:,} cases, {rules} rules"
    small, one, everything = seconds.values()
    each = (everything - one) / (cases - 1)
    return [
        Row(
            f"local test, {what} ÷ describe-event-bus",
            value / small,
            f"{show_ms(value)} ÷ {show_ms(small)}",
            given,
            rounds,
        )
        for what, value in (("1 case", one), ("all cases", everything), ("one more", each))
    ]  # fmt: skip


def write_template(path: Path, rules: int) -> None:
    """Write a template of rules, each for a detail-type of its own."""
    resources: dict[str, Any] = {
        f"Rule{number}": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": f"r{number}",
                "EventPattern": {
                    "detail-type": [f"t{number}"],
                    "detail": {"total": [{"numeric": [">", 10]}]},
                },
                "Targets": [
                    {
                        "Id": "q",
                        "Arn": "arn:aws:sqs:us-east-1:000000000000:q",
                        "InputTransformer": {
                            "InputPathsMap": {"id": "$.detail.id"},
                            "InputTemplate": '{"order": <id>}',
                        },
                        "RetryPolicy": {"MaximumRetryAttempts": 3},
                    }
                ],
            },
        }
        for number in range(rules)
    }
    schedule = {"Name": "nightly", "ScheduleExpression": "cron(0 3 * * ? *)"}
    resources["Nightly"] = {"Type": "AWS::Events::Rule", "Properties": schedule}
    path.write_text(json.dumps({"Resources": resources}))


def write_cases(directory: Path, cases: int, rules: int) -> list[str]:
    """Write test files; their paths."""
    paths = []
    for first in range(0, cases, FILE_CASES):
        numbers = range(first, min(first + FILE_CASES, cases))
        tests = [make_case(number, rules) for number in numbers]
        path = directory / f"{first}.evtest.json"
        path.write_text(json.dumps({"from": "template.json", "tests": tests}))
        paths.append(str(path))
    return paths


def make_case(number: int, rules: int) -> dict[str, Any]:
    """Make a case: of ten one with retries, one about a schedule."""
    name = f"case {number}."
    if number % 10 == 9:
        instants = ["2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"]
        return {"name": name, "schedule": "nightly", "fires": instants}
    rule = f"r{number % rules}"
    event = {
        "source": "shop",
        "detail-type": f"t{number % rules}",
        "detail": {"id": number, "total": 20},
    }
    target: dict[str, Any] = {"payload_is": {"order": number}}
    case: dict[str, Any] = {"name": name, "event": event, "rules": [rule]}
    if number % 10 == 8:
        case["fail"] = {f"{rule}/q": 2}
        target["attempts"] = 3
    return {**case, "targets": {f"{rule}/q": target}}
