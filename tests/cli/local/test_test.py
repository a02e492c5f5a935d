"""`evcli local test`: what people and programs see, and how it ends."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

import evcli.cli.watching
from evcli.authoring.cases.reading import read_schema
from evcli.cli.main import run
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

SHOP = Path(__file__).parent.parent.parent / "authoring" / "shop"
RULE = {"EventPattern": {"source": ["s"]}}
EVENT = {"source": "s", "detail-type": "t"}
PASSES = {"name": "it matches", "event": EVENT, "rules": ["r"]}
FAILS = {"name": "it does not match", "event": EVENT, "rules": []}
SKIPPED = {**FAILS, "name": "later", "skip": "not yet"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


def write(*cases: dict[str, Any], name: str = "a.evtest.json") -> None:
    """Write a test file of cases, each on a line of its own from the second one on."""
    lines = ",\n".join(json.dumps(each) for each in cases)
    rules = json.dumps({"r": RULE})
    Path(name).write_text(f'{{"rules": {rules}, "tests": [\n{lines}\n]}}')


def cut_time(text: str) -> list[str]:
    """The lines, the last one without how long it took."""
    *lines, last = text.splitlines()
    return [*lines, last.partition(" in ")[0]]


def test_tests_that_pass_are_dots(
    evcli_command: Run, here: Path, state_directory: Path
) -> None:
    shutil.copytree(SHOP, here / "shop")

    outcome = evcli_command("local", "test")

    assert (outcome.code, outcome.stderr) == (0, "")
    assert cut_time(outcome.stdout) == [
        "shop/orders.evtest.yaml ..........s",
        "shop/rules.evtest.json ......",
        "16 passed, 1 skipped",
    ]
    assert not state_directory.exists()
    assert [each.name for each in (here / "shop/.evcli").iterdir()] == ["schemas"]


def test_a_failure_is_explained(evcli_command: Run) -> None:
    write(PASSES, FAILS, SKIPPED)

    outcome = evcli_command("local", "test", "a.evtest.json")

    assert (outcome.code, outcome.stderr) == (1, "")
    assert cut_time(outcome.stdout) == [
        "a.evtest.json .Fs",
        "",
        "a.evtest.json:3: it does not match",
        "  rules: r matches",
        "    rule r (a.evtest.json:1: r)",
        "      ✔ match",
        '        ✔ source: ["s"]  event: "s"',
        "",
        "1 failed, 1 passed, 1 skipped",
    ]


def test_each_test_has_a_line_if_that_is_asked_for(evcli_command: Run) -> None:
    write(PASSES, FAILS, SKIPPED)

    outcome = evcli_command("local", "test", "-v")

    assert outcome.stdout.splitlines()[:3] == [
        "a.evtest.json:2: it matches PASSED",
        "a.evtest.json:3: it does not match FAILED",
        "a.evtest.json:4: later SKIPPED",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        (["good.evtest.json"], 0, "1 passed"),
        (["good.evtest.json", "bad.evtest.json"], 1, "1 failed, 1 passed"),
        (["."], 2, "2 failed, 1 passed"),
        (["broken.evtest.json"], 2, "1 failed"),
        (["empty"], 5, "no tests found"),
        (["-k", "nothing of that name", "good.evtest.json"], 5, "no tests found"),
        (["-k", "not does", "good.evtest.json", "bad.evtest.json"], 0, "1 passed"),
    ],
)
def test_exit_codes(
    evcli_command: Run, arguments: list[str], code: int, last: str
) -> None:
    write(PASSES, name="good.evtest.json")
    write(FAILS, name="bad.evtest.json")
    Path("broken.evtest.json").write_text("{")
    Path("empty").mkdir()

    outcome = evcli_command("local", "test", *arguments)

    assert (outcome.code, cut_time(outcome.stdout)[-1]) == (code, last)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.evtest.json"], "no.evtest.json does not exist."),
        (["--format", "xml"], "'xml' is not one of"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_bad_usage_exits_with_2(
    evcli_command: Run, arguments: list[str], said: str
) -> None:
    outcome = evcli_command("local", "test", *arguments)

    assert (outcome.code, outcome.stdout) == (2, "")
    assert said in outcome.stderr


def test_what_cannot_be_read_is_named_beside_what_fails(evcli_command: Run) -> None:
    write(FAILS)
    Path("b.evtest.yaml").write_text("tests:\n  - nme: x\n    event: {}")

    lines = cut_time(evcli_command("local", "test").stdout)

    assert lines[:2] == ["a.evtest.json F", "b.evtest.yaml E"]
    assert lines[-5:] == [
        "",
        "b.evtest.yaml cannot be tested",
        "  b.evtest.yaml:2: it needs name.",
        "",
        "2 failed",
    ]


def test_processes_that_share_the_files_tell_the_same(evcli_command: Run) -> None:
    write(FAILS)
    write(PASSES, PASSES, name="b.evtest.json")
    Path("c.evtest.yaml").write_text("tests:\n  - nme: x\n    event: {}")
    write(PASSES, SKIPPED, name="d.evtest.json")
    # Of its own, as it has no threads to fork beside.
    shared = subprocess.run(
        [sys.executable, "-m", "evcli", "local", "test", "--jobs", "3"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    alone = evcli_command("local", "test")

    assert cut_time(shared.stdout) == cut_time(alone.stdout)
    assert (shared.returncode, shared.stderr) == (alone.code, "") == (2, "")


PIDS = """
import os, sys, tempfile, time
from evcli.authoring.cases import running
from evcli.authoring.cases.trials import Problem
from evcli.authoring.cases.worlds import Surroundings

def tell(suite, case):
    time.sleep(0.2)
    return running.CaseResult(case, 1, [Problem(str(os.getpid()))], 0.0)

running.run_case = tell
with tempfile.TemporaryDirectory() as scratch:
    given = Surroundings("000000000000", "us-east-1", {}, {}, list, scratch)
    outcomes = list(running.run_suites(sys.argv[2:], given, jobs=int(sys.argv[1])))
print(os.getpid(), *(each.results[0].problems[0].message for each in outcomes))
"""


@pytest.mark.parametrize(("jobs", "others"), [("1", 0), ("2", 2)])
def test_files_are_shared_by_as_many_processes_as_are_asked_for(
    jobs: str, others: int
) -> None:
    names = [f"{letter}.evtest.json" for letter in "abcd"]
    for name in names:
        write(PASSES, name=name)

    own, *found = subprocess.run(
        [sys.executable, "-c", PIDS, jobs, *names],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    ).stdout.split()

    assert len(found) == len(names)
    assert len({*found} - {own}) == others


def test_other_programs_read_reports(evcli_command: Run) -> None:
    write(PASSES, FAILS, SKIPPED)

    shown = evcli_command(
        "local", "test", "--format", "junit", "--output", "report.xml"
    )

    suite = ElementTree.parse("report.xml").getroot()[0]
    assert [(each.get("name"), [part.tag for part in each]) for each in suite] == [
        ("it matches", []),
        ("it does not match", ["failure"]),
        ("later", ["skipped"]),
    ]
    assert suite[1][0].get("message") == "rules: r matches"
    assert '✔ source: ["s"]' in str(suite[1][0].text)
    # People are told all the same.
    assert (shown.code, cut_time(shown.stdout)[0]) == (1, "a.evtest.json .Fs")


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("github", "::error file=a.evtest.json,line=2,title=it does not match::"),
        ("tap", "not ok 1 - it does not match"),
        ("json", '        "Message": "rules: r matches",'),
        ("sarif", '"text": "it does not match: rules: r matches'),
    ],
)
def test_forms_tell_where_and_what(evcli_command: Run, form: str, line: str) -> None:
    write(FAILS)

    outcome = evcli_command("local", "test", "--format", form)

    assert outcome.code == 1
    assert line in outcome.stdout


def test_the_schema_is_printed_for_editors(evcli_command: Run) -> None:
    outcome = evcli_command("local", "test", "--schema")

    assert (outcome.code, outcome.stdout) == (0, read_schema())
    assert json.loads(outcome.stdout)["$schema"].endswith("2020-12/schema")


def test_the_page_tells_the_exit_codes_of_checkers(evcli_command: Run) -> None:
    page = evcli_command("local", "test", "help").stdout

    codes = page.split("\nEXIT CODES\n")[1]
    assert [line[4:8].strip() for line in codes.splitlines() if line[4:5] != " "] == [
        "0",
        "1",
        "2",
        "5",
    ]
    assert page.count("--output") == len(["synopsis", "options", "example"])


def test_rules_of_the_state_are_tested_and_left_as_they_are(
    evcli_command: Run,
) -> None:
    pattern = json.dumps(RULE["EventPattern"])
    evcli_command("put-rule", "--name", "r", "--event-pattern", pattern)
    before = evcli_command("local", "export", "-").stdout
    Path("a.evtest.json").write_text(json.dumps({"tests": [PASSES]}))

    outcome = evcli_command("local", "test")

    assert (outcome.code, cut_time(outcome.stdout)[-1]) == (0, "1 passed")
    assert evcli_command("local", "export", "-").stdout == before
    assert json.loads(evcli_command("local", "events").stdout) == []


def test_the_account_of_the_command_line_is_that_of_tests(evcli_command: Run) -> None:
    target = {"Id": "q", "Arn": "arn:aws:sqs:eu-west-1:111122223333:q"}
    where = {"account": "000000000000", "region": "eu-west-1"}
    case = {**PASSES, "targets": {"r/q": {"payload": where}}}
    rules = {"r": {**RULE, "Targets": [target]}}
    Path("a.evtest.json").write_text(json.dumps({"rules": rules, "tests": [case]}))

    outcome = evcli_command("local", "test", "--region", "eu-west-1")

    assert outcome.code == 0


def test_quotas_and_the_account_of_the_configuration_hold(
    evcli_command: Run, state_directory: Path
) -> None:
    state_directory.mkdir(mode=0o700)
    (state_directory / "config.toml").write_text(
        'account = "111122223333"\n[quotas]\nrules_per_event_bus = 1\n'
    )
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:111122223333:q"}
    rules = {"r": {**RULE, "Targets": [target]}}
    case = {**PASSES, "targets": {"r/q": {"payload": {"account": "111122223333"}}}}
    content = {"rules": rules, "tests": [case]}
    Path("a.evtest.json").write_text(json.dumps(content))
    Path("b.evtest.json").write_text(
        json.dumps({**content, "rules": {**rules, "s": RULE}})
    )

    good = evcli_command("local", "test", "a.evtest.json")
    bad = evcli_command("local", "test", "b.evtest.json")

    assert (good.code, good.stderr) == (0, "")
    assert bad.code == 2
    assert "b.evtest.json:1: s: The requested resource exceeds" in bad.stdout


def test_what_a_template_leaves_open_is_a_warning(evcli_command: Run) -> None:
    resources = {
        "R": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "r",
                "EventPattern": {"source": ["s"]},
                "Targets": [{"Id": "q", "Arn": {"Fn::ImportValue": "elsewhere"}}],
            },
        }
    }
    Path("t.json").write_text(json.dumps({"Resources": resources}))
    Path("a.evtest.json").write_text(json.dumps({"from": "t.json", "tests": [PASSES]}))

    outcome = evcli_command("local", "test")

    assert outcome.code == 0
    assert "t.json:1" in outcome.stderr
    assert "elsewhere" in outcome.stderr


def test_control_characters_of_others_do_not_reach_the_output(
    evcli_command: Run,
) -> None:
    write({**FAILS, "name": "\x1b[2J", "event": {**EVENT, "detail": {"x": "\x1b[31m"}}})

    outcome = evcli_command("local", "test")

    assert outcome.code == 1
    assert "\x1b" not in outcome.stdout


def test_a_save_runs_the_tests_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    stdout = io.StringIO()

    def save(source: str) -> None:
        pattern = {"EventPattern": {"source": [source]}, "Name": "r"}
        rule = {"Type": "AWS::Events::Rule", "Properties": pattern}
        Path("t.json").write_text(json.dumps({"Resources": {"R": rule}}))
        os.utime("t.json", ns=(len(shown) * 10**9, len(shown) * 10**9))

    def look_away(_seconds: float) -> None:
        shown.append(stdout.getvalue())
        stdout.seek(0)
        stdout.truncate()
        if len(shown) == 1:
            save("other")
        if len(shown) > 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(evcli.cli.watching, "sleep", look_away)
    save("s")
    Path("a.evtest.json").write_text(json.dumps({"from": "t.json", "tests": [PASSES]}))

    code = run(
        ["local", "test", "--watch"], io.StringIO(), stdout, io.StringIO(), os.environ
    )

    texts = [text for text in shown if text]
    assert code == 130
    assert [cut_time(text)[-1] for text in texts] == ["1 passed", "1 failed"]
