"""Test files: what a thousand cases take, relative to one and to a small command.

    python tests/benchmarks/bench_cases.py [--cases 1000] [--rules 100] [--runs 5]

`evcli local test` as a whole command: files of a hundred cases each, against a template
of `--rules` rules; of ten cases one is about retries and one about a schedule. Commands
take turns; medians. Nothing is asserted on time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measure import Command, evcli_environ, format_table, measure

if TYPE_CHECKING:
    from typing import Any

PROGRAM = "from evcli import main; main()"
FILE_CASES = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(measure_cases(Path(directory), options))  # noqa: T201


def measure_cases(directory: Path, options: argparse.Namespace) -> str:
    """Time one case, all of them, and a small command; as a table."""
    write_template(directory / "template.json", options.rules)
    files = write_cases(directory, options.cases, options.rules)
    evcli = [sys.executable, "-c", PROGRAM]
    test = [*evcli, "local", "test"]
    environ = evcli_environ(directory / "state")
    all_passed = f"{options.cases} passed".encode()
    commands = [
        Command("describe-event-bus", [*evcli, "describe-event-bus"], environ),
        Command(
            "1 case", [*test, files[0], "-k", "case 0."], environ, None, b"1 passed"
        ),
        Command(f"{options.cases:,} cases", [*test, *files], environ, None, all_passed),
    ]
    seconds = measure(commands, options.runs)
    floor, one, many = seconds.values()
    rows: list[tuple[object, ...]] = [
        (name, f"{value:.3f}", f"{value / floor:.1f}")
        for name, value in seconds.items()
    ]
    each = (many - one) / max(options.cases - 1, 1)
    rows.append(("one more case", f"{each:.5f}", f"{each / floor:.3f}"))
    return format_table(("command", "s", "÷ describe-event-bus"), rows)


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


if __name__ == "__main__":
    main()
