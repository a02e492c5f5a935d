"""`evcli local lint`: what people and programs see, and how it ends."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import click
import pytest

from evcli.authoring.lint.catalogue import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Call = Callable[..., dict[str, Any]]

BAD = '{\n  "source": "a.b"\n}\n'
ADVICE = '{"account": ["123456789012"]}'
GOOD = '{"source": ["a.b"]}'
MISSPELT = '{"source": ["shop"], "detail": {"totl": [{"exists": true}]}}'
EVENT = {"source": "shop", "detail-type": "Paid", "detail": {"total": 1}}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with patterns in it."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name, text in (("bad", BAD), ("good", GOOD), ("advice", ADVICE)):
        (here / f"{name}.json").write_text(text)
    (here / "misspelt.json").write_text(MISSPELT)
    return here


def test_a_finding_has_a_line_of_its_file_and_how_to_mend_it(
    evcli_command: Run, folder: Path, state_directory: Path
) -> None:
    outcome = evcli_command("local", "lint", "bad.json", "good.json")

    assert outcome == (
        1,
        'bad.json:2: error EB101  source: "source" must be an object or an array\n'
        "    put it into [ ]\n"
        "1 error\n",
        "",
    )
    assert not state_directory.exists()


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["good.json"], 0),
        (["bad.json"], 1),
        (["advice.json"], 0),
        (["advice.json", "--fail-on", "info"], 1),
        (["misspelt.json", "--fail-on", "error"], 0),
        (["bad.json", "--ignore", "EB1"], 0),
        (["bad.json", "--select", "EB2"], 0),
        (["bad.json", "--select", "EB101,EB2"], 1),
        (["bad.json", "--select", "EB9"], 2),
        (["missing.json"], 2),
        (["good.json", "--format", "xml"], 2),
        (["good.json", "--no-such-option"], 2),
        (["good.json", "--event-bus-name", "b"], 2),
        (["good.json", "--profile", "nobody"], 2),
        (["good.json", "--events", "missing.jsonl"], 2),
        (["good.json", "--output", "no-folder/report"], 2),
        ([], 5),
    ],
)
def test_the_exit_code_says_how_it_went(
    argv: list[str], code: int, evcli_command: Run, folder: Path
) -> None:
    outcome = evcli_command("local", "lint", *argv)

    assert outcome.code == code
    assert bool(outcome.stderr) == (code == 2)


def test_every_form_is_written_to_a_file_while_people_read_text(
    evcli_command: Run, folder: Path
) -> None:
    text = evcli_command("local", "lint", "bad.json").stdout
    for name in ("text", "json", "junit", "github", "sarif", "tap"):
        path = f"report.{name}"
        outcome = evcli_command(
            "local", "lint", "bad.json", "--format", name, "--output", path
        )
        assert outcome == (1, text, "")
        printed = evcli_command("local", "lint", "bad.json", "--format", name)
        assert (folder / path).read_text() == printed.stdout

    assert (folder / "report.github").read_text() == (
        '::error file=bad.json,line=2,title=EB101::source: "source" must be an object'
        " or an array%0Aput it into [ ]\n1 error\n"
    )


def test_files_without_findings_are_cases_that_passed(
    evcli_command: Run, folder: Path
) -> None:
    argv = ("local", "lint", "bad.json", "good.json", "--format")
    tap = evcli_command(*argv, "tap").stdout.splitlines()
    junit = ElementTree.fromstring(evcli_command(*argv, "junit").stdout.encode())

    assert [line for line in tap if "ok" in line] == [
        "not ok 1 - EB101 source",
        "ok 2 - nothing found",
    ]
    assert [(case.get("file"), len(case)) for case in junit.iter("testcase")] == [
        ("bad.json", 1),
        ("good.json", 0),
    ]


def test_files_are_named_from_the_root_of_the_checkout(
    evcli_command: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.parent))
    argv = ("local", "lint", str(folder / "bad.json"), "--format")

    log = json.loads(evcli_command(*argv, "sarif").stdout)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "here/bad.json"},
        "region": {"startLine": 2},
    }


def test_standard_input_is_a_file_without_a_name(evcli_command: Run) -> None:
    outcome = evcli_command("local", "lint", "-", stdin=BAD)

    assert outcome.code == 1
    assert outcome.stdout.startswith("standard input:2: error EB101")


@pytest.mark.parametrize("form", ["lines", "array", "gzip", "entries", "sink"])
def test_captured_events_are_read_in_every_form(
    form: str, evcli_command: Run, folder: Path
) -> None:
    lines = f"{json.dumps(EVENT)}\n" * 2
    entry = {"Source": "shop", "DetailType": "Paid", "Detail": '{"total": 1}'}
    sunk = {"deliveryId": "d", "payload": json.dumps(EVENT)}
    content = {
        "lines": lines.encode(),
        "array": json.dumps([EVENT, EVENT]).encode(),
        "gzip": gzip.compress(lines.encode()),
        "entries": json.dumps({"Entries": [entry, entry]}).encode(),
        "sink": (json.dumps(sunk) + "\n").encode() * 2,
    }
    (folder / "captured").write_bytes(content[form])

    outcome = evcli_command("local", "lint", "misspelt.json", "--events", "captured")

    assert outcome == (
        1,
        "misspelt.json:1: warning EB219  detail.totl: none of 2 events has it; they have"
        " detail.total, where it would match\n"
        "    name a field that they have\n"
        "1 warning\n",
        "",
    )


def test_lines_that_are_no_events_are_counted(evcli_command: Run, folder: Path) -> None:
    (folder / "captured").write_text(f"{json.dumps(EVENT)}\n{{}}\nnothing\n")

    outcome = evcli_command("local", "lint", "good.json", "--events", "captured")

    assert outcome.stderr == "captured: 2 lines are no events.\n"


def test_the_state_is_checked_by_event_bus(
    evcli_command: Run, call: Call, folder: Path
) -> None:
    default = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call("CreateArchive", ArchiveName="a", EventSourceArn=default, RetentionDays=1)
    call("CreateEventBus", Name="orders")
    for bus, pattern in (("default", GOOD), ("orders", '{"source":["aws.s3"]}')):
        call("PutRule", Name="r", EventBusName=bus, EventPattern=pattern)
        target = {"Id": "t", "Arn": QUEUE, "DeadLetterConfig": {"Arn": QUEUE}}
        call("PutTargets", Rule="r", EventBusName=bus, Targets=[target])

    both = evcli_command("local", "lint")
    one = evcli_command("local", "lint", "--event-bus-name", "default")

    assert both == (
        1,
        "warning EB601  orders/r EventBusName: events of aws.s3 arrive on default, not"
        " on orders\n"
        "    put the rule on the default event bus, or a rule there that forwards them\n"
        "1 warning\n",
        "",
    )
    assert one == (0, "nothing found\n", "")


def test_all_checks_are_listed(evcli_command: Run) -> None:
    outcome = evcli_command("local", "lint", "--list")

    assert [each["Check"] for each in json.loads(outcome.stdout)] == list(CHECKS)


def test_names_of_others_reach_neither_the_terminal_nor_the_log(
    evcli_command: Run, folder: Path
) -> None:
    (folder / "hostile.json").write_text(
        json.dumps({"source": ["x"], "a\x1b[2J\n::error::b": ["y"], "\x9bc": ["z"]})
    )

    for name in ("text", "github"):
        lines = evcli_command("local", "lint", "hostile.json", "--format", name).stdout
        for line in lines.splitlines():
            assert line.isprintable()
            assert not line.startswith("::error::b")


def test_a_finding_has_the_colour_of_its_level(
    evcli_command: Run, folder: Path
) -> None:
    argv = ("local", "lint", "bad.json")

    colored = evcli_command(*argv, "--color", "on").stdout.splitlines()
    assert colored[0] == click.style(
        evcli_command(*argv).stdout.splitlines()[0], fg="red"
    )


def test_a_report_that_cannot_be_written_leaves_no_half_file(
    evcli_command: Run, folder: Path
) -> None:
    outcome = evcli_command("local", "lint", "good.json", "--output", "no/report")

    assert outcome.code == 2
    assert sorted(path.name for path in folder.iterdir()) == [
        "advice.json",
        "bad.json",
        "good.json",
        "misspelt.json",
    ]


def test_lines_are_broken_between_words_on_a_terminal(
    run_on_terminal: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evcli.cli.output.rendering.find_terminal_width", lambda _: 40)

    assert run_on_terminal("local", "lint", "advice.json") == [
        "advice.json:1: info EB217  it only says",
        "        something of account",
        "    name source and detail-type",
        "1 remark",
    ]


def make_api_target(evcli_command: Callable[..., Any]) -> None:
    """A rule whose target is an API destination with the connection `c`."""

    def run(*words: str) -> Any:
        outcome = evcli_command(*words)
        assert outcome.code == 0, outcome
        return json.loads(outcome.stdout)

    connection = run("describe-connection", "--name", "c")["ConnectionArn"]
    endpoint = ("--invocation-endpoint", "http://127.0.0.1:1/", "--http-method", "POST")
    naming = ("--name", "d", "--connection-arn", connection)
    arn = run("create-api-destination", *naming, *endpoint)["ApiDestinationArn"]
    run("put-rule", "--name", "r", "--event-pattern", '{"source": ["shop"]}')
    role = "arn:aws:iam::000000000000:role/r"
    run("put-targets", "--rule", "r", "--targets", f"Id=t,Arn={arn},RoleArn={role}")


@pytest.mark.parametrize("is_off", [False, True], ids=["authorized", "deauthorized"])
def test_a_state_and_its_export_need_no_secrets(
    evcli_command: Callable[..., Any], tmp_path: Path, is_off: bool
) -> None:
    file = str(tmp_path / "state.toml")
    key = "ApiKeyAuthParameters={ApiKeyName=x,ApiKeyValue=y}"
    made = ("create-connection", "--name", "c", "--authorization-type", "API_KEY")
    assert evcli_command(*made, "--auth-parameters", key).code == 0
    make_api_target(evcli_command)
    if is_off:
        assert evcli_command("deauthorize-connection", "--name", "c").code == 0
    assert evcli_command("local", "export", file).code == 0

    outcomes = [
        evcli_command("local", "lint"),
        evcli_command("local", "lint", file),
    ]

    assert [each.code for each in outcomes] == [0, 0], outcomes
