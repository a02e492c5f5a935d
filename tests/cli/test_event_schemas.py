"""Events that do not fit their schema, as put-events and trigger see them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

MISFIT = {"Source": "shop", "DetailType": "Order", "Detail": "{}"}
FITS = {**MISFIT, "Detail": '{"total": 1}'}
MALFORMED = {**MISFIT, "Detail": "x"}
OTHER = {**MISFIT, "DetailType": "Other"}
SCHEMA = {"properties": {"detail": {"required": ["total"]}}}
WARNING = "detail: 'total' is a required property"

pytestmark = pytest.mark.usefixtures("wide_terminal")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A schema of a project, whose directory is the working directory."""
    path = tmp_path / "project" / ".evcli" / "schemas" / "shop@Order.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(SCHEMA))
    events = path.parents[1] / "events"
    events.mkdir()
    (events / "order.json").write_text('{"source": "shop", "detail-type": "Order"}')
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("AWS_PAGER", "")
    return path


def put_events(
    *entries: dict[str, Any], stdout: io.StringIO, stderr: io.StringIO
) -> tuple[dict[str, Any], str]:
    """The answer, and what is said of schemas beside it."""
    argv = ("put-events", "--entries", json.dumps(entries), "--color", "off")
    assert run(argv, io.StringIO(), stdout, stderr, os.environ) == 0
    said = stderr.getvalue().splitlines(keepends=True)
    about_schemas = [line for line in said if "does not fit" in line]
    return json.loads(stdout.getvalue()), "".join(about_schemas)


def test_on_a_terminal_put_events_warns_and_answers_as_ever(schema: Path) -> None:
    answer, said = put_events(
        FITS, MISFIT, MALFORMED, OTHER, stdout=Terminal(), stderr=Terminal()
    )

    assert said == f"The event does not fit {schema}: {WARNING}\n"
    assert answer["FailedEntryCount"] == 1
    assert ["EventId" in each for each in answer["Entries"]] == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("stdout", "stderr"), [(io.StringIO, Terminal), (Terminal, io.StringIO)]
)
@pytest.mark.usefixtures("schema")
def test_off_a_terminal_put_events_says_nothing(
    stdout: type[io.StringIO], stderr: type[io.StringIO]
) -> None:
    _, said = put_events(MISFIT, stdout=stdout(), stderr=stderr())

    assert said == ""


def refuse(state_directory: Path) -> None:
    state_directory.mkdir(exist_ok=True)
    (state_directory / "config.toml").write_text('[schemas]\nmode = "refuse"\n')


def test_put_events_never_refuses(schema: Path, state_directory: Path) -> None:
    refuse(state_directory)

    answer, said = put_events(MISFIT, stdout=Terminal(), stderr=Terminal())

    assert (answer["FailedEntryCount"], said.count(str(schema))) == (0, 1)


def test_what_schemas_see_is_the_whole_event(schema: Path) -> None:
    envelope = ["version", "id", "detail-type", "source", "account", "time", "region",
                "resources", "detail"]  # fmt: skip
    resources = {"type": "array", "contains": {"const": "arn:a"}}
    properties = {"resources": resources, "time": {"const": "2024-01-02T03:04:05Z"}}
    schema.write_text(json.dumps({"required": envelope, "properties": properties}))
    entry = {**MISFIT, "Resources": ["arn:a"], "Time": "2024-01-02T03:04:05Z"}

    _, said = put_events(entry, stdout=Terminal(), stderr=Terminal())

    assert said == ""


def test_trigger_warns_and_sends(
    schema: Path, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("local", "trigger", "order")
    fitting = evcli_command(
        "local", "trigger", "order", "--add", "--set", "detail.total:=1"
    )

    assert outcome.stderr == f"The event does not fit {schema}: {WARNING}\n"
    assert json.loads(outcome.stdout)["Source"] == "shop"
    assert (fitting.code, fitting.stderr) == (0, "")


def test_trigger_refuses_where_config_says_so(
    schema: Path, state_directory: Path, evcli_command: Callable[..., Outcome]
) -> None:
    refuse(state_directory)
    rule = ("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    target = "Id=1,Arn=arn:aws:sqs:us-east-1:000000000000:q"
    assert evcli_command(*rule).code == 0
    assert evcli_command("put-targets", "--rule", "r", "--targets", target).code == 0

    outcome = evcli_command("local", "trigger", "order", "--repeat", "2")

    assert outcome == (
        255,
        "",
        f"\nevcli: [ERROR]: The event does not fit {schema}: {WARNING}. Nothing was"
        " sent.\n",
    )
    assert evcli_command("local", "deliveries").stdout == "[]\n"


def send(evcli_command: Callable[..., Outcome], *argv: str) -> Outcome:
    """Send an entry and an event that fit, one of each that does not, and another."""
    event = {"source": "shop", "detail-type": "Order"}
    lines = [FITS, MISFIT, {**event, "detail": {"total": 2}}, event, OTHER]
    return evcli_command("local", "send", "-", *argv, stdin=json.dumps(lines))


@pytest.mark.parametrize("argv", [(), ("--dry-run",)])
def test_send_warns_and_sends(
    schema: Path, evcli_command: Callable[..., Outcome], argv: tuple[str, ...]
) -> None:
    outcome = send(evcli_command, *argv)

    assert outcome.stderr == f"The event does not fit {schema}: {WARNING}\n" * 2
    answer = json.loads(outcome.stdout)
    assert (answer["AcceptedCount"], answer["FailedCount"]) == (5, 0)


@pytest.mark.parametrize("argv", [(), ("--dry-run",)])
def test_send_refuses_lines_where_config_says_so(
    schema: Path,
    state_directory: Path,
    evcli_command: Callable[..., Outcome],
    argv: tuple[str, ...],
) -> None:
    refuse(state_directory)

    outcome = send(evcli_command, *argv)

    answer = json.loads(outcome.stdout)
    assert (answer["AcceptedCount"], outcome.stderr) == (3, "")
    message = f"The event does not fit {schema}: {WARNING}"
    assert answer["Failures"] == [
        {"Line": line, "ErrorCode": "SchemaMismatch", "ErrorMessage": message}
        for line in (2, 4)
    ]


def test_send_does_not_say_the_same_a_thousand_times(
    schema: Path, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command(
        "local", "send", "-", "--repeat", "30", stdin=json.dumps(MISFIT)
    )

    assert outcome.stderr == (
        f"The event does not fit {schema}: {WARNING}\n" * 10
        + "More events do not fit their schemas.\n"
    )


def test_an_unknown_mode_is_refused(
    state_directory: Path, evcli_command: Callable[..., Outcome]
) -> None:
    refuse(state_directory)
    file = state_directory / "config.toml"
    file.write_text('[schemas]\nmode = "maybe"\n')

    outcome = evcli_command("put-events", "--entries", json.dumps([OTHER]))

    assert outcome.stderr == (
        "\nevcli: [ERROR]: An error occurred (Configuration):"
        f" {file}: schemas.mode: 'maybe' is not one of: 'warn', 'refuse'.\n"
    )


PROBE = """
import io, os, sys
from evcli.cli.main import run

class Terminal(io.StringIO):
    def isatty(self):
        return True

code = run(sys.argv[1:], io.StringIO(), Terminal(), Terminal(), os.environ)
print(code, sorted(name for name in sys.modules if name.startswith(("evcli.authoring", "jsonschema"))))
"""


def test_without_schemas_a_terminal_loads_nothing_for_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "put-events", "--entries", json.dumps([MISFIT])],
        cwd=tmp_path,
        env={**os.environ, "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert done.stdout == "0 []\n"
