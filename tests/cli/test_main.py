"""The door: entries, names, interrupts, bugs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli import __version__
from evcli.cli.main import find_program_name
from evcli.model import INDEX
from evcli.model.names import to_kebab_case
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Spy

ROOT = Path(__file__).parent.parent.parent


def start(*argv: str, **settings: Any) -> subprocess.Popen[str]:
    """Start the program as the installed script does."""
    return subprocess.Popen(
        [sys.executable, "-c", "from evcli import main; main()", *argv],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **settings,
    )


def test_the_program_answers_and_leaves_with_its_code() -> None:
    process = start("put-rule", "--name", "r", "--event-pattern", '{"source":["é"]}')

    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, stderr) == (0, "")
    assert stdout == (
        '{\n    "RuleArn": "arn:aws:events:us-east-1:000000000000:rule/r"\n}\n'
    )


def test_the_program_reads_standard_input() -> None:
    process = start("put-rule", "--cli-input-json", "-", "--query", "RuleArn")

    stdout, stderr = process.communicate(
        '{"Name": "n", "ScheduleExpression": "rate(1 day)"}', timeout=PATIENCE_SECONDS
    )

    assert (process.returncode, stdout, stderr) == (
        0,
        '"arn:aws:events:us-east-1:000000000000:rule/n"\n',
        "",
    )


def test_an_interrupt_is_a_newline_and_130() -> None:
    process = start("put-rule", "--cli-input-json", "-")
    # More than a pipe holds: it is written when evcli reads, and evcli waits for more.
    assert process.stdin is not None
    process.stdin.write(" " * 1_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)

    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, stdout, stderr) == (130, "\n", "")


@pytest.mark.parametrize(
    ("path", "environ", "name"),
    [
        ("/usr/bin/evcli", {}, "evcli"),
        ("/home/x/bin/aws", {}, "aws"),
        ("/usr/bin/evcli", {"EVCLI_PROGRAM": "aws"}, "aws"),
        ("aws", {"EVCLI_PROGRAM": "evcli"}, "evcli"),
        ("-c", {}, "evcli"),
    ],
)
def test_messages_start_with_the_name_that_was_called(
    path: str, environ: dict[str, str], name: str
) -> None:
    assert find_program_name(path, environ) == name


def test_called_as_aws_errors_and_usage_are_those_of_aws(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("events", "put-rule", entry=entry, program="aws")

    assert outcome.stderr == (
        "\naws: [ERROR]: An error occurred (ParamValidation): the following arguments"
        " are required: --name\n"
        "\n"
        "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n"
        "To see help text, you can run:\n"
        "\n"
        "  aws help\n"
        "  aws <command> help\n"
        "  aws <command> <subcommand> help\n"
    )


@pytest.mark.parametrize(
    "argv",
    [
        ["--version"],
        ["put-rule", "--version"],
        ["--version", "--output", "xml"],
        ["local", "--version"],
        ["--version", "local", "path"],
    ],
)
def test_version_is_one_line_wherever_it_stands(
    argv: list[str], entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command(*argv, entry=entry)

    python = ".".join(map(str, sys.version_info[:3]))
    line = f"evcli/{__version__} Python/{python} {os.uname().sysname}/"
    assert outcome.code == 0
    assert outcome.stdout.startswith(line)
    assert (outcome.stdout.count("\n"), outcome.stderr) == (1, "")


@pytest.mark.parametrize("name", INDEX)
def test_both_entries_show_the_same_page_for_every_form_of_help(
    name: str, evcli_command: Callable[..., Outcome]
) -> None:
    command = to_kebab_case(name)
    forms = [
        [command, "help"],
        [command, "--help"],
        ["-h", command],
        ["events", command, "help"],
        ["help", command],
    ]

    pages = {
        evcli_command(*form, entry=entry)
        for form in forms
        for entry in ("direct", "click")
    }

    assert len(pages) == 1
    page = pages.pop()
    assert (page.code, page.stderr) == (0, "")
    assert page.stdout.startswith(f"NAME\n    {command} - ")


def test_both_entries_show_the_page_of_the_program(
    evcli_command: Callable[..., Outcome],
) -> None:
    pages = {
        evcli_command(*argv, entry=entry)
        for argv in (["help"], ["--help"], ["-h"], ["events", "help"])
        for entry in ("direct", "click")
    }

    assert len(pages) == 1
    page = pages.pop()
    assert (page.code, page.stderr) == (0, "")
    missing = {to_kebab_case(name) for name in INDEX} - set(page.stdout.split())
    assert missing == set()


def test_help_needs_neither_profile_nor_region(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command(
        "put-rule", "help", "--profile", "nope", "--region", "no region", entry=entry
    )

    assert outcome.code == 0


def test_help_for_an_unknown_command_names_a_near_one(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("help", "put-rul", entry=entry)

    assert outcome.code == 252
    assert "Maybe you meant:\n\n  * put-rule\n" in outcome.stderr


def test_a_bug_is_one_line_that_says_how_to_report_it(
    entry: str, evcli_command: Callable[..., Outcome], spy: Spy
) -> None:
    spy.responses = [ZeroDivisionError("division by zero")]

    outcome = evcli_command("describe-event-bus", entry=entry)

    assert outcome == (
        255,
        "",
        "\nevcli: [ERROR]: This is a bug in evcli (ZeroDivisionError: division by"
        " zero). Please report it with the command and what the same command prints"
        " with --debug.\n",
    )


def test_debug_shows_where_a_bug_is_and_what_was_done(
    entry: str, evcli_command: Callable[..., Outcome], spy: Spy
) -> None:
    spy.responses = [ZeroDivisionError("division by zero")]

    outcome = evcli_command("describe-event-bus", "--name", "b", "--debug", entry=entry)

    lines = outcome.stderr.splitlines()
    assert "Traceback (most recent call last):" in lines
    assert [line.partition(" ms  ")[2] for line in lines if " ms  " in line] == [
        f"state directory {os.environ['EVCLI_STATE_DIR']}",
        "account 000000000000, region us-east-1",
        "DescribeEventBus {'Name': 'b'}",
    ]


def test_debug_tells_the_rules_that_matched_and_the_sinks_that_were_chosen(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    queue, other = (f"arn:aws:sqs:us-east-1:000000000000:{n}" for n in ("q", "o"))
    evcli_command("local", "sinks", "add", other, "--kind", "null")
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}')
    targets = (f"Id=1,Arn={queue}", f"Id=2,Arn={other}")
    evcli_command("put-targets", "--rule", "r", "--targets", *targets)

    outcome = evcli_command(
        "put-events", "--source", "s", "--detail-type", "d", "--detail", "{}",
        "--query", "Entries[0].EventId", "--output", "text", "--debug", entry=entry,
    )  # fmt: skip

    lines = [line.partition(" ms  ")[2] for line in outcome.stderr.splitlines()]
    assert lines[3:] == [
        f"sink of {queue}: file, as no entry of config.toml fits",
        f"event {outcome.stdout.strip()} on default: 2 deliveries from rules"
        " ['arn:aws:events:us-east-1:000000000000:rule/r']",
        f"sink of {other}: null, by sinks[0] of config.toml",
    ]


def test_debug_hides_secrets(
    entry: str, evcli_command: Callable[..., Outcome], spy: Spy
) -> None:
    outcome = evcli_command(
        "create-connection", "--name", "c", "--authorization-type", "BASIC",
        "--auth-parameters", "BasicAuthParameters={Username=me,Password=hunter2}",
        "--debug", entry=entry,
    )  # fmt: skip

    assert len(spy.calls) == 1
    assert "'Password': '***'" in outcome.stderr
    assert "hunter2" not in outcome.stderr


@pytest.mark.parametrize(
    "text",
    [
        "BasicAuthParameters={Username=me,Password=hunter2",
        '{"BasicAuthParameters":{"Username":"me","Password":"hunter2"}',
        '{"BasicAuthParameters":["hunter2"]}',
    ],
)
def test_debug_hides_secrets_that_cannot_be_read(
    entry: str, evcli_command: Callable[..., Outcome], text: str
) -> None:
    outcome = evcli_command(
        "create-connection", "--name", "c", "--authorization-type", "BASIC",
        "--auth-parameters", text, "--debug", entry=entry,
    )  # fmt: skip

    assert outcome.code == 252
    assert "Traceback" in outcome.stderr
    assert "***" in outcome.stderr
    assert "hunter2" not in outcome.stderr


def test_without_debug_nothing_is_said(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("list-rules", entry=entry)

    assert outcome == (0, '{\n    "Rules": []\n}\n', "")


def test_notices_are_lines_beside_the_answer(
    entry: str,
    evcli_command: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import evcli.operations

    def call(ctx: Any, *_: object, **__: object) -> dict[str, Any]:
        ctx.notices.append("One delivery failed.")
        return {"FailedEntryCount": 0, "Entries": []}

    monkeypatch.setattr(evcli.operations, "call", call)

    outcome = evcli_command("put-events", "--entries", "Source=s", entry=entry)

    assert outcome == (
        0,
        '{\n    "FailedEntryCount": 0,\n    "Entries": []\n}\n',
        "One delivery failed.\n",
    )


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory that was removed."""
    here = tmp_path / "gone"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize("named", ["", "relative"])
def test_a_working_directory_that_is_gone_is_told(
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    evcli_command: Callable[..., Outcome],
) -> None:
    monkeypatch.setenv("EVCLI_STATE_DIR", named)

    outcome = evcli_command("list-rules")

    assert (outcome.code, outcome.stderr) == (
        253,
        "\nevcli: [ERROR]: An error occurred (Configuration): The working directory"
        " was removed.\n",
    )


@pytest.mark.usefixtures("gone")
def test_a_state_directory_named_in_full_needs_no_working_directory(
    evcli_command: Callable[..., Outcome],
) -> None:
    assert evcli_command("list-rules") == (0, '{\n    "Rules": []\n}\n', "")
    assert evcli_command("--state-dir", "/x", "local", "path") == (0, "/x\n", "")


EVENT = (
    '{"id":"1","account":"1","source":"shop","time":"2024-05-01T12:00:00Z",'
    '"region":"r","resources":[],"detail-type":"x","detail":{"total":1}}'
)


@pytest.mark.parametrize(
    ("pattern", "options", "code"),
    [
        ('{"source":["shop"]}', [], 0),
        ('{"source":["shop"]}', ["--exit-code"], 0),
        ('{"source":["bank"]}', [], 0),
        ('{"source":["bank"]}', ["--exit-code"], 1),
    ],
)
def test_exit_code_tells_whether_a_pattern_matches(
    pattern: str,
    options: list[str],
    code: int,
    entry: str,
    evcli_command: Callable[..., Outcome],
) -> None:
    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", pattern, "--event", EVENT, *options,
        entry=entry,
    )  # fmt: skip

    result = "true" if "shop" in pattern else "false"
    assert outcome == (code, f'{{\n    "Result": {result}\n}}\n', "")


@pytest.mark.parametrize(
    ("sources", "options", "code"),
    [
        (["shop", "aws.s3"], [], 0),
        (["shop", "aws.s3"], ["--expect-match"], 0),
        (["shop", "aws.s3"], ["--exit-code", "--expect-match"], 1),
        (["shop"], ["--exit-code", "--expect-match"], 0),
        (["bank"], ["--exit-code"], 0),
        (["bank"], ["--expect-match"], 1),
        (["bank", "shop"], ["--expect-match"], 0),
        (["aws.s3"], ["--expect-match"], 1),
    ],
)
def test_the_exit_code_of_put_events_says_what_was_asked_for(
    sources: list[str],
    options: list[str],
    code: int,
    entry: str,
    evcli_command: Callable[..., Outcome],
) -> None:
    evcli_command("put-rule", "--name", "r", "--event-pattern", '{"source":["shop"]}')
    entries = [f'Source={each},DetailType=d,Detail="{{}}"' for each in sources]
    query = ("--query", "[FailedEntryCount, length(Entries)]", "--output", "text")

    outcome = evcli_command(
        "put-events", "--entries", *entries, *options, *query, entry=entry
    )

    counts = f"{int('aws.s3' in sources)}\t{len(sources)}\n"
    assert outcome == (code, counts, "")


@pytest.mark.parametrize("style", ["", "=text", "=json"])
def test_explanations_stand_on_standard_error(
    style: str, entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    from evcli.patterns import compile_pattern, read_event
    from evcli.patterns.explain import explain, format_verdict, verdict_to_dict

    pattern = '{"source":["bank"],"detail":{"total":[{"numeric":[">",5]}]}}'
    verdict = explain(compile_pattern(pattern), read_event(EVENT))

    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", pattern, "--event", EVENT,
        f"--explain{style}", entry=entry,
    )  # fmt: skip

    assert (outcome.code, outcome.stdout) == (0, '{\n    "Result": false\n}\n')
    if style == "=json":
        import json

        assert json.loads(outcome.stderr) == verdict_to_dict(verdict)
    else:
        assert outcome.stderr.rstrip("\n") == format_verdict(verdict).rstrip("\n")
