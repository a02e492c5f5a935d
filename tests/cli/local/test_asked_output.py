"""`--output` and `--query`: what they choose is the same whatever the command is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

AT = "2026-01-05T09:00:00Z"
TARGET = '{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}'
EVENT = (
    '{"id": "1", "source": "shop", "detail-type": "order", "detail": {"n": 1},'
    ' "account": "000000000000", "region": "us-east-1", "time": "2026-01-05T10:00:00Z",'
    ' "resources": [], "version": "0"}'
)
INPUT = ("transform", "--event", EVENT, "--target")
PRUNE = ("prune", "--before", AT, "--dry-run")
NO_STATE = "There is no state in STATE."
NOTHING_GOES = {
    "Before": "2026-01-05T09:00:00Z",
    "Events": 0,
    "Deliveries": 0,
    "WaitingEvents": 0,
    "DryRun": True,
}
# Command line → the lines that it prints, and the value behind them.
LINES: tuple[tuple[tuple[str, ...], str, Any], ...] = (
    (("path",), "STATE\n", {"Path": "STATE"}),
    (("allow", "--show"), "", []),
    (("clock", "set", AT), f"{AT} virtual\n", {"Now": AT, "Kind": "virtual"}),
    (
        ("schedule", "rate(1 day)", "--from", AT, "--count", "1"),
        "2026-01-06T09:00:00Z\n",
        ["2026-01-06T09:00:00Z"],
    ),
    (
        ("check",),
        f"note: database: {NO_STATE}\nNo findings.\n",
        [{"Kind": "note", "Area": "database", "Text": NO_STATE}],
    ),
    (
        PRUNE,
        f"Would remove 0 events accepted before {AT}, with 0 deliveries.\n",
        NOTHING_GOES,
    ),
    (
        (*INPUT, TARGET.replace("}", ', "Input": "{\\"a\\": 1}"}')),
        '{"a": 1}\n',
        {"Payload": '{"a": 1}'},
    ),
)


CASES = pytest.mark.parametrize(("argv", "lines", "value"), LINES)


@CASES
def test_lines_are_for_scripts_whatever_the_profile_says(
    evcli_command: Run,
    state_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    lines: str,
    value: Any,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "yaml")

    outcome = evcli_command("local", *argv)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.stdout == lines.replace("STATE", str(state_directory))


@CASES
def test_an_output_or_a_query_has_the_value_behind_the_lines(
    evcli_command: Run,
    state_directory: Path,
    argv: tuple[str, ...],
    lines: str,
    value: Any,
) -> None:
    wanted = json.loads(json.dumps(value).replace("STATE", str(state_directory)))
    words = ("local", *argv)

    as_json = evcli_command(*words, "--output", "json")
    asked = evcli_command(*words, "--query", "[@]")
    as_yaml = evcli_command(*words, "--output", "yaml")
    off = evcli_command(*words, "--output", "off")

    assert json.loads(as_json.stdout) == wanted
    assert json.loads(asked.stdout) == [wanted]
    assert yaml.safe_load(as_yaml.stdout) == wanted
    assert off.stdout == ""


def test_a_query_on_a_terminal_is_answered_as_that_of_an_operation(
    run_on_terminal: Callable[..., list[str]],
) -> None:
    lists = [
        ("local", name, "--query", "length(@)")
        for name in ("deliveries", "events", "graph", "logs", "trigger")
    ]

    printed = {argv[1]: run_on_terminal(*argv) for argv in lists}

    assert all(len(lines) == 1 and lines[0].isdigit() for lines in printed.values())


@pytest.mark.parametrize("form", [(), ("--format", "json")])
def test_a_query_picks_from_the_report_of_a_check(
    evcli_command: Run, tmp_path: Path, form: tuple[str, ...]
) -> None:
    pattern = tmp_path / "pattern.json"
    pattern.write_text('{"source": "shop"}')
    words = ("local", "lint", str(pattern), *form)

    report = json.loads(evcli_command(*words, "--format", "json").stdout)
    outcome = evcli_command(*words, "--query", "[@]")

    assert (outcome.code, json.loads(outcome.stdout)) == (1, [report])


def test_a_query_picks_from_no_other_form_than_json(evcli_command: Run) -> None:
    outcome = evcli_command("local", "test", "--format", "tap", "--query", "@")

    assert outcome.code == 2
    assert outcome.stderr.strip() == (
        "evcli: [ERROR]: --query picks from JSON; --format tap is not."
    )
