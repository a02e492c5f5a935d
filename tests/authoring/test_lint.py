"""Lint: every check finds its bad example and leaves its good one alone."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evcli.authoring.lint.catalogue import CHECKS
from evcli.authoring.lint.checking import choose_checks, lint
from evcli.authoring.lint.reading import read_sources
from evcli.authoring.lint.shapes import collect, read_samples
from evcli.authoring.reports import FINDINGS
from evcli.authoring.schemas import format_file_name
from evcli.errors import ConfigurationError, InspectionError
from evcli.infrastructure.formats import ReadOptions
from tests.authoring.lint_cases import ACCOUNT, CAPTURED, CASES, SCHEMA, Example

if TYPE_CHECKING:
    from evcli.authoring.reports import Result

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SAMPLES = read_samples(None)
GOOD = Path(__file__).parent.parent / "infrastructure" / "samples"


def check(path: Path, *, with_events: bool = False) -> list[Result]:
    options = ReadOptions(ACCOUNT, "us-east-1")
    subjects = read_sources([str(path)], options, io.StringIO())
    events = [collect(CAPTURED)] if with_events else []
    return lint(
        subjects,
        now=NOW,
        events=[*events, SAMPLES],
        schema_directory=str(path.parent / "schemas"),
    )


def check_example(tmp_path: Path, example: Example) -> list[Result]:
    path = tmp_path / "example.json"
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    (schemas / format_file_name("shop", "Order Paid")).write_text(json.dumps(SCHEMA))
    path.write_text(example.text or json.dumps(example.content, indent=1))
    return check(path, with_events=example.with_events)


def list_ids(results: list[Result]) -> list[str]:
    return [each.check for each in results]


@pytest.mark.parametrize("name", CASES)
def test_every_check_finds_its_bad_example(name: str, tmp_path: Path) -> None:
    results = check_example(tmp_path, CASES[name][0])

    found = [each for each in results if each.check == name]
    assert found
    for each in found:
        assert each.level in FINDINGS
        assert each.message
        assert "\n" not in each.message
        assert each.details
        assert each.file.endswith("example.json")
        assert each.line is not None


@pytest.mark.parametrize("name", CASES)
def test_no_check_finds_its_good_example(name: str, tmp_path: Path) -> None:
    assert name not in list_ids(check_example(tmp_path, CASES[name][1]))


def test_the_table_has_every_check_and_no_other() -> None:
    assert list(CASES) == list(CHECKS)


@pytest.mark.parametrize(
    "path",
    [
        "same/template.yaml",
        "same/sam.yaml",
        "same/serverless",
        "same/plan.json",
        "same/state.toml",
        "cdk",
    ],
)
def test_good_templates_have_no_findings_but_advice(path: str) -> None:
    results = check(GOOD / path)

    assert {each.check for each in results} <= {"EB310", "EB707"}


def tell(results: list[Result]) -> list[str]:
    return [f"{each.line} {each.check} {each.name}: {each.message}" for each in results]


def test_what_captured_events_lack_is_told_with_what_they_have(tmp_path: Path) -> None:
    path = tmp_path / "pattern.json"
    value = {"source": ["shop"], "detail": {"totl": [{"exists": True}], "gone": [1]}}
    path.write_text(json.dumps(value, indent=1))

    assert tell(check(path, with_events=True)) == [
        "6 EB219 detail.totl: none of 2 events has it; they have detail.total, where it"
        " would match",
        "11 EB219 detail.gone: none of 2 events has it",
    ]


def test_what_a_sample_lacks_is_told_only_where_it_is_misspelt(tmp_path: Path) -> None:
    path = tmp_path / "pattern.json"
    value = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"nam": ["x"]}, "annotation-of-next-year": ["x"]},
    }
    path.write_text(json.dumps(value))

    found = tell(check(path))
    assert len(found) == 1
    assert "detail.bucket.name" in found[0]


def test_lines_of_findings_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n"
        "  R:\n"
        "    Type: AWS::Events::Rule\n"
        "    Properties:\n"
        "      EventPattern:\n"
        "        source: [aws.ec2]\n"
        "        detail-type:\n"
        "          - EC2 Instance State-change Notification\n"
        "        detail:\n"
        "          state:\n"
        "            - RUNNING\n"
        "            - STOPPED\n"
        "      Targets:\n"
        "        - Id: q\n"
        "          Arn: not-an-arn\n"
        "          DeadLetterConfig: {Arn: not-an-arn-either}\n"
    )

    assert [(each.line, each.check) for each in check(path)] == [
        (12, "EB218"),
        (15, "EB304"),
    ]


def test_one_problem_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "pattern.json"
    value = {
        "source": ["a"],
        "$or": [{"detail": {"x": ["y*"]}}, {"detail": {"z": [1]}}],
    }
    path.write_text(json.dumps(value))

    assert list_ids(check(path)) == ["EB205"]


def test_nothing_of_a_secret_is_in_a_message(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    secret = "hunter2" * 100
    value = {"Type": "AWS::Events::Connection"}
    value |= {
        "Properties": {
            "Name": "c",
            "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": secret}
            },
        }
    }
    path.write_text(json.dumps({"Resources": {"C": value}}))

    results = check(path)
    assert list_ids(results) == ["EB608"]
    assert "hunter2" not in str(results)


def test_checks_are_chosen_by_ids_and_their_beginnings() -> None:
    assert choose_checks(["EB10", "eb5"], ["EB501,EB502", "EB103"]) == [
        *(f"EB10{i}" for i in (1, 2, 4, 5, 6, 7, 8, 9)),
        *(f"EB50{i}" for i in (3, 4, 5, 6, 7)),
    ]
    assert choose_checks([], []) == list(CHECKS)
    with pytest.raises(InspectionError, match="no check is called EB9 or begins so"):
        choose_checks(["EB9"], [])


@pytest.mark.parametrize(
    "text",
    [
        '{"source": [' + "[" * 3_000 + "]" * 3_000 + "]}",
        '{"detail": ' + '{"a":' * 3_000 + "[1]" + "}" * 3_000 + "}",
        '{"source": ["\\ud800*", "\\u001b[31m*", "::error::x*"]}',
        '{"source": [1e400, -0, 1E+2], "detail": {"": [""]}}',
        json.dumps({"$or": [{"source": [f"x{i}"]} for i in range(900)]}),
        '{"source": {"source": null}, "detail": 7}',
    ],
)
def test_no_pattern_breaks_lint(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pattern.json"
    path.write_text(text)

    # One that is nested too deep for a file is refused as one.
    with suppress(ConfigurationError):
        assert all(each.check in CHECKS for each in check(path))


def test_one_mistake_does_not_hide_another(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    transformer = {"InputPathsMap": {"AWSa": "$.id"}, "InputTemplate": "Hello <b> <c>"}
    value = {
        "Name": "a rule",
        "EventBusName": "orders",
        "ScheduleExpression": "rate(1 minutes)",
        "EventPattern": '{"source":["a"],"detail":{}}',
        "Targets": [
            {
                "Id": "t",
                "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s",
                "InputTransformer": transformer,
                "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"},
            }
        ],
    }
    path.write_text(json.dumps(value))

    assert sorted(list_ids(check(path))) == [
        "EB102",
        "EB305",
        "EB402",
        "EB402",
        "EB412",
        "EB503",
        "EB602",
        "EB603",
    ]
