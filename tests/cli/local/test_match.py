"""`evcli local match`: what people and programs see."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Call = Callable[..., dict[str, Any]]


def make_event(number: int) -> str:
    event = {
        "id": f"e{number}",
        "source": "aws.s3" if number % 2 else "shop",
        "detail-type": "d",
        "detail": {"n": number},
    }
    return json.dumps(event) + "\n"


INPUT = "".join(map(make_event, range(10))) + "{}\n"


@pytest.fixture
def rules(call: Call) -> None:
    """Four rules of the default event bus and an archive's, and one rule elsewhere."""
    arn = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    call("CreateArchive", ArchiveName="all", EventSourceArn=arn)
    call("PutRule", Name="s3", EventPattern='{"source":["aws.s3"]}')
    call("PutRule", Name="big", EventPattern='{"detail":{"n":[{"numeric":[">",7]}]}}')
    call("PutRule", Name="none", EventPattern='{"source":["nobody"]}')
    off = {"State": "DISABLED"}
    call("PutRule", Name="off", EventPattern='{"source":["shop"]}', **off)
    call("CreateEventBus", Name="other")
    call("PutRule", Name="o", EventBusName="other", EventPattern='{"source":["shop"]}')


EXPECTED: dict[str, Any] = {
    "EventCount": 10,
    "UnmatchedCount": 4,
    "UnmatchedExamples": ["e0", "e2", "e4"],
    "UnreadableCount": 1,
    "Unreadable": [{"Line": 11, "Problem": "Neither an event nor an entry."}],
    "Rules": [
        {"Name": "big", "MatchCount": 2, "Examples": ["e8", "e9"]},
        {"Name": "none", "MatchCount": 0, "Examples": []},
        {"Name": "s3", "MatchCount": 5, "Examples": ["e1", "e3", "e5"]},
    ],
}


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_rule_says_how_often_it_matches_and_what(
    evcli_command: Run, jobs: str
) -> None:
    outcome = evcli_command("local", "match", "-", "--jobs", jobs, stdin=INPUT)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == EXPECTED


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    "words",
    [
        "match --jobs 2 FILE",
        "match --jobs 2 /dev/stdin <FILE",
        "match --jobs 2 - <FILE",
        "match --jobs 2 FIFO & cat FILE >FIFO; wait",
    ],
)
def test_processes_share_whatever_kind_of_input_it_is(
    state_directory: Path, tmp_path: Path, words: str
) -> None:
    source = tmp_path / "events.jsonl"
    source.write_text(INPUT)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    words = words.replace("FILE", str(source)).replace("FIFO", str(fifo))
    program = f"{sys.executable} -c 'from evcli import main; main()' local"

    done = subprocess.run(
        ["sh", "-c", f"{program} {words}"],
        env={**os.environ, "EVCLI_STATE_DIR": str(state_directory)},
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert json.loads(done.stdout) == EXPECTED


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_several_inputs_of_any_form_are_one_and_lines_name_their_file(
    evcli_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for line in INPUT.split("\n") if line]
    (tmp_path / "a.jsonl").write_text("\n".join(lines[:4]))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[4:7]).encode()))
    (tmp_path / "c.json").write_text(f"[{','.join(lines[7:10])}]")
    (tmp_path / "d.jsonl").write_text('no JSON\n{"source":"x","detail-type":"d"}\n{}')
    words = ("a.jsonl", "[bc].js*", "-")

    outcome = evcli_command(
        "local",
        "match",
        *words,
        "--jobs",
        jobs,
        stdin=(tmp_path / "d.jsonl").read_text(),
    )

    assert (outcome.code, outcome.stderr) == (0, "")
    unreadable = [
        (1, "Not JSON: Expecting value: line 1, column 1."),
        (3, "Neither an event nor an entry."),
    ]
    assert json.loads(outcome.stdout) == {
        **EXPECTED,
        "EventCount": 11,
        "UnmatchedCount": 5,
        "UnreadableCount": 2,
        "Unreadable": [
            {"File": "standard input", "Line": line, "Problem": problem}
            for line, problem in unreadable
        ],
    }
    answer = evcli_command("local", "match", "d*", "--query", "UnmatchedExamples")
    assert json.loads(answer.stdout) == ["d.jsonl:2"]


def test_a_line_is_named_in_full_in_a_table(evcli_command: Run, tmp_path: Path) -> None:
    path, rules = tmp_path / "a.jsonl", tmp_path / "rules.json"
    path.write_text("\n" * 12_344 + '{"source":"x","detail-type":"d"}\n')
    rules.write_text('{"x": {"source": ["x"]}}')
    words = ("local", "match", str(path), "--rules", str(rules), "--output", "table")

    assert "line 12345" in evcli_command(*words).stdout


@pytest.mark.usefixtures("rules")
def test_another_event_bus_has_other_rules(evcli_command: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(INPUT)
    words = ["local", "match", str(path), "--event-bus-name", "other"]

    outcome = evcli_command(*words, "--query", "Rules")

    assert json.loads(outcome.stdout) == [
        {"Name": "o", "MatchCount": 5, "Examples": ["e0", "e2", "e4"]}
    ]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("form", ["list-rules", "texts", "objects"])
def test_rules_may_come_from_a_file(
    evcli_command: Run, tmp_path: Path, form: str
) -> None:
    patterns = {
        "s3": {"source": ["aws.s3"]},
        "big": {"detail": {"n": [{"numeric": [">", 7]}]}},
        "none": {"source": ["nobody"]},
    }
    texts = {name: json.dumps(pattern) for name, pattern in patterns.items()}
    listed = evcli_command("list-rules").stdout
    content = {
        "list-rules": listed,
        "texts": json.dumps(texts),
        "objects": json.dumps(patterns),
    }[form]
    path = tmp_path / "rules.json"
    path.write_text(content)

    outcome = evcli_command("local", "match", "-", "--rules", str(path), stdin=INPUT)

    assert outcome.code == 0
    assert json.loads(outcome.stdout) == EXPECTED


@pytest.mark.usefixtures("rules")
def test_a_table_has_a_line_for_every_rule(evcli_command: Run) -> None:
    outcome = evcli_command("local", "match", "-", "--output", "table", stdin=INPUT)

    assert outcome.code == 0
    assert outcome.stdout.splitlines()[0] == "RULE  MATCHES  FIRST EVENTS"
    assert [name for name in ("big", "none", "s3") if name not in outcome.stdout] == []


def dump(state_directory: Path) -> list[Any]:
    """Everything that the state file holds."""
    import sqlite3

    database = sqlite3.connect(state_directory / "state.db")
    content = list(database.iterdump())
    database.close()
    return content


@pytest.mark.usefixtures("rules")
def test_nothing_is_changed(evcli_command: Run, state_directory: Path) -> None:
    before = dump(state_directory)

    evcli_command("local", "match", "-", stdin=INPUT)

    assert dump(state_directory) == before
    assert not (state_directory / "sinks").exists()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("x", "is not JSON: Expecting value: line 1 column 1 (char 0)."),
        ("[]", "is neither an answer of list-rules nor an object"),
        ('{"r": 1}', "is neither an answer of list-rules nor an object"),
        ('{"r": {"a": 1}}', "rule r: Event pattern is not valid. Reason: "),
        (None, "Cannot read {path}: No such file or directory."),
    ],
)
def test_a_file_without_rules_is_told(
    evcli_command: Run, tmp_path: Path, content: str | None, text: str
) -> None:
    path = tmp_path / "rules.json"
    if content is not None:
        path.write_text(content)

    outcome = evcli_command("local", "match", "-", "--rules", str(path), stdin=INPUT)

    assert (outcome.code, outcome.stdout) == (255, "")
    assert text.format(path=path) in outcome.stderr


def test_an_event_bus_and_a_file_exclude_each_other(evcli_command: Run) -> None:
    words = ["local", "match", "-", "--rules", "f", "--event-bus-name", "b"]

    outcome = evcli_command(*words)

    assert outcome.code == 252
    assert "Name either an event bus or a file of rules." in outcome.stderr


def test_an_unknown_event_bus_is_refused_as_ever(evcli_command: Run) -> None:
    outcome = evcli_command("local", "match", "-", "--event-bus-name", "b", stdin="")

    assert outcome == (
        254,
        "",
        "\nevcli: [ERROR]: An error occurred (ResourceNotFoundException): Event bus b does"
        " not exist.\n",
    )


@pytest.mark.usefixtures("rules")
def test_a_terminal_shows_one_plain_table(
    tmp_path: Path, run_on_terminal: Callable[..., list[str]]
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(INPUT)

    assert run_on_terminal("local", "match", str(path)) == [
        "RULE  MATCHES  FIRST EVENTS",
        "big         2  e8, e9",
        "none        0",
        "s3          5  e1, e3, e5",
        "10 events; 4 of them match no rule: e0, e2, e4, …",
        "line 11: Neither an event nor an entry.",
    ]


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_explain_says_why_a_rule_matched_none(
    evcli_command: Run,
    tmp_path: Path,
    run_on_terminal: Callable[..., list[str]],
    jobs: str,
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(INPUT)
    words = ["local", "match", str(path), "--explain", "--jobs", jobs]

    found = json.loads(evcli_command(*words).stdout)
    shown = run_on_terminal(*words)

    reason = 'source is "shop", "aws.s3", not ["nobody"]'
    assert found["Rules"] == [
        EXPECTED["Rules"][0],
        {**EXPECTED["Rules"][1], "Misses": [{"Count": 10, "Reason": reason}]},
        EXPECTED["Rules"][2],
    ]
    assert shown[2:4] == ["none        0", f"  10 \N{MULTIPLICATION SIGN}: {reason}"]
