"""What others wrote does not steer a terminal: escape sequences are shown as signs."""

from __future__ import annotations

import io
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from evcli.cli.main import run
from evcli.cli.output.visible import make_values_visible, make_visible
from evcli.context import Outcome
from evcli.delivery.sinks.null import NullSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
# The title of the window, a bell, and a sequence that begins with one character.
HOSTILE = "\x1b]0;x\x07\x7f\x9b2J"
SHOWN = "\N{SYMBOL FOR ESCAPE}]0;x\N{SYMBOL FOR BELL}\N{SYMBOL FOR DELETE}\ufffd2J"
CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\t", "\n"}
COLORS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def run_on_terminal(*argv: str) -> tuple[str, str]:
    stdout, stderr = Terminal(), Terminal()
    environ = {**os.environ, "AWS_PAGER": ""}
    run(argv, io.StringIO(), stdout, stderr, environ)
    return stdout.getvalue(), stderr.getvalue()


def test_every_control_character_but_lines_and_tabs_becomes_a_sign() -> None:
    text = "".join(map(chr, range(0x110000)))

    shown = make_visible(text)

    assert CONTROLS & set(shown) == set()
    assert len(shown) == len(text)
    assert [before for before, after in zip(text, shown, strict=True) if before != after] == sorted(CONTROLS)  # fmt: skip


def test_names_and_values_are_made_visible_at_any_depth() -> None:
    value = {"a\x1b": [{"b": "\x9b"}, 1, None, True]}

    assert make_values_visible(value) == {
        "a\N{SYMBOL FOR ESCAPE}": [{"b": "\ufffd"}, 1, None, True]
    }


# -- standard error


@pytest.mark.parametrize(
    "argv",
    [
        ("describe-rule", "--name", HOSTILE),
        ("describe-rule", f"--{HOSTILE}"),
        ("describe-rule", "--name", "r", HOSTILE),
        ("put-rule", "--name", "r", "--event-pattern", f'{{"a": ["{HOSTILE}'),
        ("describe-rule", "--name", "r", "--query", HOSTILE),
        ("describe-rule", "--name", "r", "--profile", HOSTILE),
        ("describe-rule", "--name", "r", "--debug", "--event-bus-name", HOSTILE),
        ("local", HOSTILE),
        ("local", "sinks", "add", "*", "--kind", HOSTILE),
        ("local", "trace", HOSTILE),
    ],
    ids=["service", "option", "left-over", "pattern", "query", "profile", "debug",
         "local", "sink", "trace"],
)  # fmt: skip
@pytest.mark.parametrize(
    "style", ["enhanced", "legacy", "json", "yaml", "text", "table"]
)
def test_errors_show_what_they_quote(argv: tuple[str, ...], style: str) -> None:
    _, stderr = run_on_terminal("--cli-error-format", style, *argv)

    assert stderr
    assert CONTROLS & set(stderr) == set()


@pytest.mark.parametrize("style", [["--explain"], ["--explain=json"]], ids=str)
def test_an_explanation_shows_what_it_quotes(style: list[str]) -> None:
    event = {
        "id": "1", "account": "000000000000", "source": HOSTILE, "region": "x",
        "time": "2024-01-01T00:00:00Z", "resources": [], "detail-type": "t", "detail": {},
    }  # fmt: skip
    pattern = json.dumps({"source": [f"{HOSTILE}!"], HOSTILE: ["a"]})

    _, stderr = run_on_terminal(
        "test-event-pattern", "--event", json.dumps(event), "--event-pattern", pattern,
        *style,
    )  # fmt: skip

    assert "2J" in stderr
    assert CONTROLS & set(COLORS.sub("", stderr)) == set()


@pytest.fixture
def failure(evcli_command: Callable[..., Any]) -> str:
    """What stderr said of a delivery whose target answered with an escape sequence."""
    said = ("--command", "printf '\\033]0;x\\007\\302\\2332J'; exit 3")
    evcli_command("local", "sinks", "add", QUEUE, "--kind", "exec", *said)
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    entry = {"Source": "shop", "DetailType": HOSTILE, "Detail": "{}"}
    stderr: str = evcli_command("put-events", "--entries", json.dumps([entry])).stderr
    return stderr


def test_notices_show_what_a_target_says(
    evcli_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = Outcome("NO_PERMISSIONS", HOSTILE)
    monkeypatch.setattr(NullSink, "deliver", lambda *arguments: outcome)
    evcli_command("local", "sinks", "add", "*", "--kind", "null")
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    evcli_command("put-targets", "--rule", "r", "--targets", f"Id=1,Arn={QUEUE}")
    entry = '[{"Source":"shop","DetailType":"x","Detail":"{}"}]'

    stderr = evcli_command("put-events", "--entries", entry).stderr
    row = json.loads(evcli_command("local", "deliveries").stdout)[0]

    assert row["ErrorMessage"] == HOSTILE
    assert stderr == (
        f"delivery {row['DeliveryId']} to {QUEUE} failed: NO_PERMISSIONS: {SHOWN}\n"
    )


# -- standard output


@pytest.fixture
def description(evcli_command: Callable[..., Any]) -> str:
    """The hostile description of a rule."""
    evcli_command(
        "put-rule", "--name", "r", "--description", HOSTILE,
        "--event-pattern", '{"source":["shop"]}',
    )  # fmt: skip
    return HOSTILE


LIST = ("list-rules", "--query", "Rules[].{D: Description, N: Name}")


@pytest.mark.parametrize("output", ["json", "yaml", "yaml-stream", "text", "table"])
@pytest.mark.usefixtures("description")
def test_a_terminal_gets_no_control_characters_of_an_answer(output: str) -> None:
    stdout, _ = run_on_terminal(*LIST, "--output", output)

    assert "2J" in stdout
    assert CONTROLS & set(COLORS.sub("", stdout)) == set()


@pytest.mark.parametrize("output", ["json", "yaml"])
@pytest.mark.parametrize("query", ["Description", "[Description]"])
def test_json_and_yaml_on_a_terminal_say_what_they_say_elsewhere(
    description: str, output: str, query: str
) -> None:
    argv = ("describe-rule", "--name", "r", "--query", query, "--output", output)

    stdout, _ = run_on_terminal(*argv)

    read = yaml.safe_load if output == "yaml" else json.loads
    assert read(stdout) == ([description] if query == "[Description]" else description)
    assert CONTROLS & set(stdout) == set()


def test_a_pipe_gets_an_answer_as_it_is(
    evcli_command: Callable[..., Any], description: str
) -> None:
    outcome = evcli_command(*LIST, "--output", "text")

    assert outcome.stdout == f"{description}\tr\n"


@pytest.mark.usefixtures("failure")
@pytest.mark.parametrize("output", ["json", "yaml", "text", "table"])
@pytest.mark.parametrize("command", ["deliveries", "trace"])
def test_deliveries_and_traces_show_what_they_quote(
    evcli_command: Callable[..., Any], command: str, output: str
) -> None:
    [row] = json.loads(evcli_command("local", "deliveries").stdout)
    argv = [row["EventId"]] if command == "trace" else []

    stdout, _ = run_on_terminal("local", command, *argv, "--output", output)

    assert row["EventId"][:8] in stdout
    assert CONTROLS & set(COLORS.sub("", stdout)) == set()


@pytest.mark.usefixtures("failure")
def test_a_table_of_deliveries_shows_what_it_quotes(
    evcli_command: Callable[..., Any], state_directory: Path
) -> None:
    from evcli.context import open_context

    with_hostile_code = open_context(str(state_directory))
    with_hostile_code.store.database.execute(
        "UPDATE deliveries SET error_code = ?", (HOSTILE,)
    )
    with_hostile_code.close()

    for output in ("text", "table"):
        stdout, _ = run_on_terminal("local", "deliveries", "--output", output)
        assert SHOWN in stdout


def test_a_transformed_payload_is_shown_on_a_terminal_and_exact_in_a_pipe(
    evcli_command: Callable[..., Any],
) -> None:
    event = {
        "id": "1", "account": "000000000000", "source": HOSTILE, "region": "x",
        "time": "2024-01-01T00:00:00Z", "resources": [], "detail-type": "t", "detail": {},
    }  # fmt: skip
    target = {"Arn": QUEUE, "InputTransformer": {
        "InputPathsMap": {"s": "$.source"}, "InputTemplate": '"<s>\x9b"',
    }}  # fmt: skip
    argv = (
        "local", "transform", "--target", json.dumps(target), "--event", json.dumps(event)
    )  # fmt: skip

    stdout, _ = run_on_terminal(*argv)

    assert "\x9b" in evcli_command(*argv).stdout
    assert "2J" in stdout
    assert CONTROLS & set(stdout) == set()


def test_a_name_that_cannot_be_typed_is_not_offered(state_directory: Path) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "config.toml").write_text(
        '[profiles.good]\nregion = "x-y"\n[profiles."bad\\u001b[2J"]\nregion = "x-y"\n'
        '[profiles."two\\nlines"]\nregion = "x-y"\n'
    )
    stdout = io.StringIO()
    environ = {**os.environ, "EVCLI_COMPLETE": "zsh"}

    run(["list-rules", "--profile", ""], io.StringIO(), stdout, stdout, environ)

    assert stdout.getvalue() == "good\n"
