"""`evcli local send`: what people see, and what a kill leaves."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.cli.main import run
from evcli.context import open_context
from evcli.operations import call
from evcli.store import database as database_module
from evcli.store.accepted_events import EventConditions
from evcli.store.deliveries import DELIVERED
from evcli.store.directory.locks import FileLock
from evcli.store.records import SendMark
from evcli.store.store import open_store
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).with_name("send_driver.py")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def make_line(number: int) -> str:
    """A line with a number; every tenth is refused, every tenth a whole event."""
    detail = {"n": number, "even": number % 2 == 0}
    entry = {
        "Source": "aws.shop" if number % 10 == 9 else "shop",
        "DetailType": "d",
        "Detail": detail,
    }
    if number % 10 == 8:
        entry = {"source": "aws.shop", "detail-type": "d", "detail": detail}
    return json.dumps(entry) + "\n"


@pytest.fixture
def rule(state_directory: Path) -> None:
    """A rule with a file sink for every second event."""
    ctx = open_context(str(state_directory))
    pattern = '{"detail":{"even":[true]}}'
    call(ctx, "PutRule", {"Name": "even", "EventPattern": pattern})
    target = {"Id": "q", "Arn": QUEUE}
    call(ctx, "PutTargets", {"Rule": "even", "Targets": [target]})
    ctx.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of a hundred lines."""
    path = tmp_path / "events.jsonl"
    path.write_text("".join(map(make_line, range(100))))
    return path


def read_numbers(state_directory: Path) -> Counter[int]:
    """Count the events of the ledger by their number."""
    ctx = open_context(str(state_directory))
    events = list(ctx.store.accepted_events.list_newest(EventConditions()))
    ctx.close()
    return Counter(json.loads(each.envelope)["detail"]["n"] for each in events)


def read_sink(state_directory: Path) -> Counter[int]:
    """Count the lines of the sink by the number of their event."""
    path = state_directory / "sinks" / "sqs" / "000000000000" / "us-east-1" / "q.jsonl"
    lines = map(json.loads, path.read_text().splitlines())
    return Counter(json.loads(line["payload"])["detail"]["n"] for line in lines)


GOOD = [n for n in range(100) if n % 10 != 9]
BAD = [n for n in range(100) if n % 10 == 9]


@pytest.mark.usefixtures("rule")
def test_the_summary_counts_lines_and_says_what_failed(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    outcome = evcli_command("local", "send", str(source), "--batch", "7")

    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == {
        "Lines": 100,
        "AcceptedCount": 90,
        "FailedCount": 10,
        "DeliveryCount": 50,
        "Failures": [
            {
                "Line": number + 1,
                "ErrorCode": "NotAuthorizedForSourceException",
                "ErrorMessage": "Not authorized for the source.",
            }
            for number in BAD
        ],
    }
    assert read_numbers(state_directory) == Counter(GOOD)
    assert read_sink(state_directory) == Counter(range(0, 100, 2))


def test_rejected_lines_are_kept_as_they_are(
    evcli_command: Run, source: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text("from another day\n" * 100)
    with source.open("a") as stream:
        stream.write("no JSON, no end")

    outcome = evcli_command("local", "send", str(source), "--rejects", str(rejects))

    assert outcome.code == 0
    expected = [*map(make_line, BAD), "no JSON, no end\n"]
    assert rejects.read_text() == "".join(expected)


def test_standard_input_is_a_dash(evcli_command: Run, state_directory: Path) -> None:
    outcome = evcli_command(
        "local", "send", "-", "--query", "AcceptedCount", stdin=make_line(1)
    )

    assert outcome == (0, "1\n", "")
    assert read_numbers(state_directory) == Counter([1])


def test_resuming_what_was_finished_accepts_only_what_was_added(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "send", str(source))
    again = evcli_command("local", "send", str(source), "--resume")
    with source.open("a") as stream:
        stream.write(make_line(100))
    grown = evcli_command("local", "send", str(source), "--resume")

    assert json.loads(again.stdout)["AcceptedCount"] == 90
    assert json.loads(grown.stdout)["AcceptedCount"] == 91
    assert read_numbers(state_directory) == Counter([*GOOD, 100])


def test_without_resume_it_starts_anew_and_says_so(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "send", str(source))
    with source.open("a") as stream:
        stream.write(make_line(100))
    outcome = evcli_command("local", "send", str(source))

    assert outcome.stderr == (
        f"{source} was sent up to line 100 before and now from its start; --resume"
        " goes on instead.\n"
    )
    assert json.loads(outcome.stdout)["AcceptedCount"] == 91
    assert read_numbers(state_directory) == Counter([*GOOD, *GOOD, 100])


def test_another_input_is_not_resumed(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "send", str(source))
    source.write_text(make_line(7) * 100)
    outcome = evcli_command("local", "send", str(source), "--resume")

    assert outcome == (
        255,
        "",
        f"\nevcli: [ERROR]: {source} is not the input of which 100 lines were sent;"
        " without --resume it is sent from its start.\n",
    )
    assert read_numbers(state_directory) == Counter(GOOD)


def test_two_cannot_send_one_file(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "send", str(source))
    (name,) = (path.name for path in (state_directory / "locks").glob("send-*"))
    lock = FileLock(str(state_directory), name)
    lock.acquire()

    outcome = evcli_command("local", "send", str(source), "--resume")

    lock.release()
    text = f"\nevcli: [ERROR]: Another process sends {source}.\n"
    assert outcome == (255, "", text)


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (["nowhere"], 255, "Cannot read nowhere: No such file or directory."),
        (["."], 252, "File '.' is a directory."),
        (["{source}", "--rejects", "{source}"], 255, "The input cannot be the file for rejected lines as well."),
        (["{source}", "--rejects", "/no/dir/f"], 255, "Cannot write /no/dir/f: No such file or directory."),
        (["{source}", "--batch", "0"], 252, "0 is not in the range x>=1."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(
    evcli_command: Run, source: Path, argv: list[str], code: int, text: str
) -> None:
    words = [word.format(source=source) for word in argv]
    outcome = evcli_command("local", "send", *words)

    assert (outcome.code, outcome.stdout) == (code, "")
    assert text in outcome.stderr
    assert source.read_text() == "".join(map(make_line, range(100)))


@pytest.mark.usefixtures("rule")
def test_deliveries_that_fail_are_told_in_a_few_lines(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    state_directory.joinpath("config.toml").write_text(
        '[[sinks]]\narn = "*"\nkind = "exec"\ncommand = "exit 1"\n'
    )

    outcome = evcli_command("local", "send", str(source), "--batch", "30")

    lines = outcome.stderr.splitlines()
    assert outcome.code == 0
    assert len(lines) == 11
    assert lines[-1] == "40 more; `evcli local deliveries --failed` lists them."


@pytest.mark.slow
@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(
    ("seed", "form", "jobs"),
    [(1, "lines", "1"), (2, "compressed array", "1"), (3, "lines", "2")],
)
def test_killed_anywhere_and_resumed_it_loses_and_repeats_nothing(
    state_directory: Path, source: Path, tmp_path: Path, seed: int, form: str, jobs: str
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    numbers = range(300)
    lines = list(map(make_line, numbers))
    if form == "lines":
        source.write_text("".join(lines))
    else:
        source.write_bytes(gzip.compress(f"[{','.join(lines)}]".encode()))

    done = subprocess.run(
        [sys.executable, DRIVER, state_directory, source, rejects, str(seed), jobs],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 2
    good = [number for number in numbers if number % 10 != 9]
    bad = [number for number in numbers if number % 10 == 9]
    assert read_numbers(state_directory) == Counter(good)
    assert read_sink(state_directory) == Counter(range(0, 300, 2))
    assert rejects.read_text() == "".join(map(make_line, bad))
    ctx = open_context(str(state_directory))
    states = {each.state for each in ctx.store.ledger.list_deliveries()}
    ctx.close()
    assert states == {DELIVERED}


def start_sending(state_directory: Path, source: Path) -> subprocess.Popen[str]:
    """Start to send by three processes, in a group of their own, line by line."""
    program = "from evcli import main; main()"
    argv = ["local", "send", str(source), "--batch", "1", "--jobs", "3"]
    return subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "EVCLI_STATE_DIR": str(state_directory),
        },
        start_new_session=True,
    )


def list_helpers(leader: int) -> list[int]:
    """List the processes that help another one; one of them watches over resources."""
    text = Path(f"/proc/{leader}/task/{leader}/children").read_text()
    return [
        child
        for child in map(int, text.split())
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def is_gone(group: int) -> bool:
    """Say whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)]
)
def test_stopped_it_leaves_no_process_behind(
    state_directory: Path, source: Path, number: signal.Signals, code: int
) -> None:
    source.write_text("".join(map(make_line, range(20_000))))
    with start_sending(state_directory, source) as sending:
        wait_for(lambda: len(list_helpers(sending.pid)) == 2)
        wait_for(lambda: is_begun(state_directory))
        if number is signal.SIGINT:
            # As Ctrl-C does.
            os.killpg(sending.pid, number)
        else:
            sending.send_signal(number)
        _, stderr = sending.communicate(timeout=PATIENCE_SECONDS)
        wait_for(lambda: is_gone(sending.pid))

    assert sending.returncode == code
    assert "Traceback" not in stderr
    assert ("--resume goes on from there" in stderr) == (number is signal.SIGINT)


def is_begun(state_directory: Path) -> bool:
    with closing(open_store(str(state_directory))) as store:
        return bool(store.list_records(SendMark))


@pytest.mark.slow
@pytest.mark.usefixtures("rule")
def test_helpers_that_die_cost_no_line(state_directory: Path, source: Path) -> None:
    source.write_text("".join(map(make_line, range(2_000))))
    with start_sending(state_directory, source) as sending:
        helpers = wait_for(lambda: list_helpers(sending.pid)[1:])
        wait_for(lambda: is_begun(state_directory))
        for helper in helpers:
            os.kill(helper, signal.SIGKILL)
        stdout, stderr = sending.communicate(timeout=PATIENCE_SECONDS)

    assert sending.returncode == 0
    assert stderr.splitlines() == [
        "1 of the processes that helped died; this one has done their part"
    ]
    assert json.loads(stdout)["AcceptedCount"] == 1_800
    assert read_numbers(state_directory) == Counter(
        number for number in range(2_000) if number % 10 != 9
    )
    assert read_sink(state_directory) == Counter(range(0, 2_000, 2))


STOPPED_DRIVER = """
import io, os, signal, sys, time
from evcli.cli.main import run
from evcli.bulk import send
from evcli.store import store

put, deliver = store.Store.put, send.deliver

def put_and_stop(self, record):
    put(self, record)
    if record.TABLE == "send_marks":
        assert self.database.in_transaction
        os.kill(os.getpid(), signal.SIGTSTP)

def wait_and_deliver(ctx, deliveries):
    # Until the stop was tried again.
    while signal.getitimer(signal.ITIMER_REAL)[0]:
        time.sleep(0.001)
    deliver(ctx, deliveries)

store.Store.put, send.deliver = put_and_stop, wait_and_deliver
argv = ["local", "send", sys.argv[1]]
raise SystemExit(run(argv, io.StringIO(), sys.stdout, sys.stderr, os.environ))
"""


@pytest.mark.usefixtures("rule")
def test_stopped_amid_a_transaction_it_keeps_nobody_waiting(
    source: Path, state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_DRIVER, str(source)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.01)

    with closing(open_store(str(state_directory))) as other, other.transaction():
        other.meta.put("written", True)
    process.send_signal(signal.SIGCONT)
    stdout, stderr = process.communicate(timeout=60)

    assert os.WIFSTOPPED(status)
    assert (process.returncode, stderr) == (0, "")
    assert json.loads(stdout)["AcceptedCount"] == 90


def test_a_terminal_shows_a_bar_with_the_rate(
    source: Path, state_directory: Path
) -> None:
    mine, theirs = pty.openpty()
    program = "from evcli import main; main()"
    argv = ["local", "send", str(source), "--batch", "1"]
    child = subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={
            "PYTHONPATH": str(ROOT),
            "EVCLI_STATE_DIR": str(state_directory),
            "HOME": str(state_directory),
            "TERM": "xterm",
            "COLUMNS": "100",
        },
    )
    os.close(theirs)
    shown = b""
    # A terminal whose other side is closed is an error on Linux.
    while chunk := _read(mine):
        shown += chunk
    stdout, _ = child.communicate(timeout=PATIENCE_SECONDS)
    os.close(mine)

    assert child.returncode == 0
    assert json.loads(stdout)["AcceptedCount"] == 90
    assert b"Sending" in shown
    assert b"100 lines, " in shown
    assert b"/s" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""


EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "d",
    "source": "aws.shop",
    "account": "1" * 12,
    "time": "2024-05-14T11:23:22Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {"even": True},
}


def read_envelopes(state_directory: Path) -> list[dict[str, Any]]:
    """The events of the ledger, in order."""
    ctx = open_context(str(state_directory))
    events = list(ctx.store.accepted_events.list_newest(EventConditions()))
    events.sort(key=lambda each: each.event_key)
    envelopes = [json.loads(each.envelope) for each in events]
    ctx.close()
    return envelopes


@pytest.mark.usefixtures("rule")
def test_whole_events_are_played_as_they_are(
    evcli_command: Run, state_directory: Path
) -> None:
    stdin = json.dumps(EVENT) + "\n"

    outcome = evcli_command("local", "send", "-", stdin=stdin)

    assert json.loads(outcome.stdout)["DeliveryCount"] == 1
    assert read_envelopes(state_directory) == [EVENT]


ENTRY = {"Source": "shop", "DetailType": "d", "Detail": '{"even":false}'}
REFUSED = {**ENTRY, "Source": "aws.shop"}
FORMS = {
    "lines": "".join(f"{json.dumps(each)}\n" for each in (EVENT, ENTRY, REFUSED)),
    "one line": json.dumps([EVENT, ENTRY, REFUSED]),
    "array": json.dumps([EVENT, ENTRY, REFUSED], indent=4),
    "objects": "\n".join(
        json.dumps(each, indent=2) for each in (EVENT, ENTRY, REFUSED)
    ),
    "request": json.dumps({"Entries": [EVENT, ENTRY, REFUSED]}),
    "indented request": json.dumps({"Entries": [EVENT, ENTRY, REFUSED]}, indent=2),
}


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_file_is_sent_refused_rejected_and_resumed_alike(
    evcli_command: Run,
    state_directory: Path,
    tmp_path: Path,
    form: str,
    is_compressed: bool,
) -> None:
    path, rejects = tmp_path / "input", tmp_path / "rejects"
    data = FORMS[form].encode()
    path.write_bytes(gzip.compress(data) if is_compressed else data)
    options = ("--batch", "1", "--rejects", str(rejects))

    first = evcli_command("local", "send", str(path), *options)
    again = evcli_command("local", "send", str(path), *options, "--resume")

    assert first.stderr == ""
    assert json.loads(first.stdout) == {
        "Lines": 3,
        "AcceptedCount": 2,
        "FailedCount": 1,
        "DeliveryCount": 1,
        "Failures": [
            {
                "Line": 3,
                "ErrorCode": "NotAuthorizedForSourceException",
                "ErrorMessage": "Not authorized for the source.",
            }
        ],
    }
    assert again == first
    sent = read_envelopes(state_directory)
    assert [each["detail"] for each in sent] == [EVENT["detail"], {"even": False}]
    assert sent[0] == EVENT
    assert json.loads(rejects.read_bytes()) == REFUSED


def test_an_array_is_resumed_behind_the_last_element_that_was_sent(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    path = tmp_path / "array.json"
    elements = [{**EVENT, "id": str(number)} for number in range(5)]
    whole = json.dumps(elements, indent=1)
    # As if the rest was still to be written.
    path.write_text(whole[: whole.index('"id": "3"')].rpartition("{")[0])
    evcli_command("local", "send", str(path))
    path.write_text(whole)

    outcome = evcli_command("local", "send", str(path), "--resume")

    assert json.loads(outcome.stdout)["AcceptedCount"] == 5
    assert read_envelopes(state_directory) == elements


@pytest.mark.usefixtures("rule")
def test_several_files_are_sent_and_resumed_each_behind_its_own_mark(
    evcli_command: Run,
    state_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text(make_line(0) + "a\n")
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b"c\n" + make_line(1).encode()))
    words = ("local", "send", "*.jsonl*", "--rejects", "rejects", "--batch", "1")

    first = json.loads(evcli_command(*words).stdout)
    # One that is new, one that has grown.
    (tmp_path / "b.jsonl").write_text("b\n" + make_line(2))
    with (tmp_path / "a.jsonl").open("a") as stream:
        stream.write("A\n" + make_line(3))
    # What a killed command wrote, and what did not count.
    with (tmp_path / "rejects").open("a") as stream:
        stream.write("lost\n")
    again = json.loads(evcli_command(*words, "--resume").stdout)

    failed = [("a.jsonl", 2), ("c.jsonl.gz", 1)]
    assert [(each["File"], each["Line"]) for each in first["Failures"]] == failed
    assert (first["Lines"], first["AcceptedCount"]) == (4, 2)
    failed = [("a.jsonl", 2), ("a.jsonl", 3), ("b.jsonl", 1), ("c.jsonl.gz", 1)]
    assert [(each["File"], each["Line"]) for each in again["Failures"]] == failed
    assert (again["Lines"], again["AcceptedCount"]) == (8, 4)
    assert (tmp_path / "rejects").read_text() == "a\nc\nA\nb\n"
    assert read_numbers(state_directory) == {0: 1, 1: 1, 2: 1, 3: 1}


def test_who_stops_among_several_files_is_told_in_which(
    evcli_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text(make_line(0))
    (tmp_path / "b.gz").write_bytes(gzip.compress(make_line(1).encode())[:-4])

    outcome = evcli_command("local", "send", "a.jsonl", "b.gz")

    assert outcome.code == 255
    assert "b.gz is damaged behind line " in outcome.stderr


def test_a_dry_run_of_several_files_names_them(
    evcli_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text(make_line(0) * 2)
    (tmp_path / "b.jsonl").write_text("b\n" + make_line(1))

    outcome = evcli_command("local", "send", "[ab].jsonl", "--dry-run")

    found = json.loads(outcome.stdout)
    lines = [(each["File"], each["Line"]) for each in found["Events"]]
    assert lines == [("a.jsonl", 1), ("a.jsonl", 2), ("b.jsonl", 2)]
    failed = [(each["File"], each["Line"]) for each in found["Failures"]]
    assert failed == [("b.jsonl", 1)]


def test_a_damaged_compressed_file_keeps_what_came_before_and_says_so(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lines.gz"
    # Nothing that a compressor could put off to the end.
    lines = [make_line(n)[:-1] + " " * 200_000 + "\n" for n in range(20)]
    data = gzip.compress("".join(lines).encode(), 0)
    path.write_bytes(data[: len(data) // 2])

    outcome = evcli_command("local", "send", str(path), "--batch", "1")

    assert (outcome.code, outcome.stdout) == (255, "")
    assert re.search(r"lines\.gz is damaged behind line \d+: Compr", outcome.stderr)
    count = sum(read_numbers(state_directory).values())
    assert f"Stopped after line {count}; --resume goes on from there." in outcome.stderr
    assert count > 5


@pytest.mark.usefixtures("rule")
def test_a_dry_run_says_sizes_and_rules_and_writes_nothing(
    evcli_command: Run, state_directory: Path
) -> None:
    stdin = "".join(f"{json.dumps(each)}\n" for each in (EVENT, ENTRY, REFUSED))

    outcome = evcli_command("local", "send", "-", "--dry-run", stdin=stdin)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == {
        "Lines": 3,
        "AcceptedCount": 2,
        "FailedCount": 1,
        "UnmatchedCount": 1,
        # 14 of a time, source, detail-type, detail: [doc].
        "SizeBytes": (14 + 8 + 1 + 13) + (4 + 1 + 14),
        "Rules": [{"EventBusName": "default", "Name": "even", "MatchCount": 1}],
        "Events": [
            {
                "Line": 1,
                "EventBusName": "default",
                "Source": "aws.shop",
                "DetailType": "d",
                "SizeBytes": 36,
                "Rules": ["even"],
            },
            {
                "Line": 2,
                "EventBusName": "default",
                "Source": "shop",
                "DetailType": "d",
                "SizeBytes": 19,
                "Rules": [],
            },
        ],
        "Failures": [
            {
                "Line": 3,
                "ErrorCode": "NotAuthorizedForSourceException",
                "ErrorMessage": "Not authorized for the source.",
            }
        ],
    }
    assert read_envelopes(state_directory) == []
    assert not (state_directory / "sinks").exists()


def test_one_event_is_repeated_at_another_time(
    evcli_command: Run, state_directory: Path
) -> None:
    argv = ("--repeat", "3", "--rate", "1000/s", "--at", "2025-01-02T03:04:05+01:00")

    whole = evcli_command("local", "send", "-", *argv, stdin=json.dumps(EVENT))
    entry = evcli_command("local", "send", "-", *argv, stdin=json.dumps(ENTRY))

    assert [json.loads(each.stdout)["AcceptedCount"] for each in (whole, entry)] == [
        3
    ] * 2
    sent = read_envelopes(state_directory)
    assert {each["time"] for each in sent} == {"2025-01-02T02:04:05Z"}
    # The id of a captured event stays; entries get new ones.
    assert [each["id"] for each in sent[:3]] == ["1"] * 3
    assert len({each["id"] for each in sent[3:]}) == 3


def test_a_repeated_event_leaves_no_mark_of_its_file(
    evcli_command: Run, state_directory: Path, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(EVENT))

    evcli_command("local", "send", str(path), "--repeat", "2")
    outcome = evcli_command("local", "send", str(path), "--resume")

    assert json.loads(outcome.stdout)["AcceptedCount"] == 1
    assert len(read_envelopes(state_directory)) == 3


@pytest.mark.parametrize(
    ("argv", "stdin", "text"),
    [
        (["--rate", "1/s"], "", "--rate goes with --repeat."),
        (["--repeat", "2", "--rate", "0/s"], "", "'0/s' is not a rate; write 10/s or 30/m."),
        (["--repeat", "2", "--rate", "fast"], "", "'fast' is not a rate"),
        (["--repeat", "0"], "", "0 is not in the range x>=1."),
        (["--repeat", "2"], "{}\n{}\n", "--at and --repeat are for one event; FILE has more."),
        (["--at", "1h"], "\n", "--at and --repeat are for one event; FILE has none."),
        (["--at", "mon"], "{}", "'mon' is not a time"),
        (["--dry-run", "--resume"], "{}", "--resume and --rejects go with none of"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(
    evcli_command: Run, argv: list[str], stdin: str, text: str
) -> None:
    outcome = evcli_command("local", "send", "-", *argv, stdin=stdin)

    assert (outcome.code, outcome.stdout) == (252, "")
    assert text in outcome.stderr


UNMATCHED = {**ENTRY, "Detail": '{"even":1}'}


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("entries", "options", "code"),
    [
        ([EVENT], ["--exit-code", "--expect-match"], 0),
        ([EVENT, REFUSED], [], 0),
        ([EVENT, REFUSED], ["--exit-code"], 1),
        ([EVENT, REFUSED], ["--expect-match"], 0),
        ([UNMATCHED], ["--exit-code"], 0),
        ([UNMATCHED], ["--expect-match"], 1),
        ([UNMATCHED, EVENT], ["--expect-match"], 0),
        ([REFUSED], ["--expect-match"], 1),
    ],
)
def test_the_exit_code_says_what_was_asked_for(
    evcli_command: Run,
    entries: list[dict[str, Any]],
    options: list[str],
    more: list[str],
    code: int,
) -> None:
    stdin = json.dumps(entries)

    outcome = evcli_command("local", "send", "-", *options, *more, stdin=stdin)

    assert (outcome.code, outcome.stderr) == (code, "")


def test_what_failed_before_does_not_count_when_resumed(
    evcli_command: Run, source: Path
) -> None:
    evcli_command("local", "send", str(source))
    with source.open("a") as stream:
        stream.write(make_line(100))

    outcome = evcli_command("local", "send", str(source), "--resume", "--exit-code")

    assert outcome.code == 0


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It does."""
        return True


def run_on_terminal(*argv: str, stdin: str) -> str:
    """Run a command whose standard output is a terminal of 80 columns."""
    stdout = Terminal()
    environ = {**os.environ, "AWS_PAGER": ""}
    code = run(argv, io.StringIO(stdin), stdout, io.StringIO(), environ)
    assert code == 0
    return re.sub(r"\x1b\[[\d;]*m", "", stdout.getvalue())


@pytest.mark.usefixtures("rule")
def test_a_few_events_are_a_line_each_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stdin = json.dumps([EVENT, UNMATCHED, REFUSED])

    shown = run_on_terminal("local", "send", "-", stdin=stdin)
    tried = run_on_terminal("local", "send", "-", "--dry-run", stdin=stdin)

    lines = [line.rstrip() for line in shown.splitlines()]
    # As long as it has to be.
    lines[1] = re.sub(r"[0-9a-f-]{8,}…", "ID", lines[1])
    assert lines == [
        '✔ aws.shop "d" 1  → even → sqs:q DELIVERED',
        '○ shop "d" ID  nothing matched; nearest rule even: detail.even: 1 is not',
        "  [true]",
        "✘ line 3  NotAuthorizedForSourceException: Not authorized for the source.",
    ]
    assert [line.rstrip() for line in tried.splitlines()] == [
        '✔ aws.shop "d" 36 bytes  → even',
        '○ shop "d" 15 bytes  nothing matched; nearest rule even: detail.even: 1 is not',
        "  [true]",
        "✘ line 3  NotAuthorizedForSourceException: Not authorized for the source.",
    ]


def test_many_events_are_summed_up_on_a_terminal() -> None:
    stdin = "".join(map(make_line, range(21)))

    shown = run_on_terminal("local", "send", "-", stdin=stdin)

    assert "→" not in shown
    assert re.search(r"AcceptedCount\s*\|\s*19", shown)
