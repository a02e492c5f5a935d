"""`evcli local ingest`: what people see, and what a kill leaves."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.operations import call
from evcli.store import database as database_module
from evcli.store.deliveries import DELIVERED
from evcli.store.directory.locks import FileLock
from evcli.store.store import open_store
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).with_name("ingest_driver.py")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def make_line(number: int) -> str:
    """A line with a number; every tenth is none that is accepted."""
    entry = {
        "Source": "aws.shop" if number % 10 == 9 else "shop",
        "DetailType": "d",
        "Detail": {"n": number, "even": number % 2 == 0},
    }
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
    rows = ctx.store.database.execute("SELECT envelope FROM events").fetchall()
    ctx.close()
    return Counter(json.loads(text)["detail"]["n"] for (text,) in rows)


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
    outcome = evcli_command("local", "ingest", str(source), "--batch", "7")

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

    outcome = evcli_command("local", "ingest", str(source), "--rejects", str(rejects))

    assert outcome.code == 0
    expected = [*map(make_line, BAD), "no JSON, no end\n"]
    assert rejects.read_text() == "".join(expected)


def test_standard_input_is_a_dash(evcli_command: Run, state_directory: Path) -> None:
    outcome = evcli_command(
        "local", "ingest", "-", "--query", "AcceptedCount", stdin=make_line(1)
    )

    assert outcome == (0, "1\n", "")
    assert read_numbers(state_directory) == Counter([1])


def test_resuming_what_was_finished_accepts_only_what_was_added(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "ingest", str(source))
    again = evcli_command("local", "ingest", str(source), "--resume")
    with source.open("a") as stream:
        stream.write(make_line(100))
    grown = evcli_command("local", "ingest", str(source), "--resume")

    assert json.loads(again.stdout)["AcceptedCount"] == 90
    assert json.loads(grown.stdout)["AcceptedCount"] == 91
    assert read_numbers(state_directory) == Counter([*GOOD, 100])


def test_without_resume_it_starts_anew_and_says_so(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "ingest", str(source))
    with source.open("a") as stream:
        stream.write(make_line(100))
    outcome = evcli_command("local", "ingest", str(source))

    assert outcome.stderr == (
        f"{source} was ingested up to line 100 before and now from its start; --resume"
        " goes on instead.\n"
    )
    assert json.loads(outcome.stdout)["AcceptedCount"] == 91
    assert read_numbers(state_directory) == Counter([*GOOD, *GOOD, 100])


def test_another_input_is_not_resumed(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "ingest", str(source))
    source.write_text(make_line(7) * 100)
    outcome = evcli_command("local", "ingest", str(source), "--resume")

    assert outcome == (
        255,
        "",
        f"\nevcli: [ERROR]: {source} is not the input of which 100 lines were ingested;"
        " without --resume it is ingested from its start.\n",
    )
    assert read_numbers(state_directory) == Counter(GOOD)


def test_two_cannot_ingest_one_file(
    evcli_command: Run, source: Path, state_directory: Path
) -> None:
    evcli_command("local", "ingest", str(source))
    (name,) = (path.name for path in (state_directory / "locks").glob("ingest-*"))
    lock = FileLock(str(state_directory), name)
    lock.acquire()

    outcome = evcli_command("local", "ingest", str(source), "--resume")

    lock.release()
    text = f"\nevcli: [ERROR]: Another process ingests {source}.\n"
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
    outcome = evcli_command("local", "ingest", *words)

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

    outcome = evcli_command("local", "ingest", str(source), "--batch", "30")

    lines = outcome.stderr.splitlines()
    assert outcome.code == 0
    assert len(lines) == 11
    assert lines[-1] == "40 more; `evcli local deliveries --failed` lists them."


@pytest.mark.slow
@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_anywhere_and_resumed_it_loses_and_repeats_nothing(
    state_directory: Path, source: Path, tmp_path: Path, seed: int
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    numbers = range(300)
    source.write_text("".join(map(make_line, numbers)))

    done = subprocess.run(
        [sys.executable, DRIVER, state_directory, source, rejects, str(seed)],
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


STOPPED_DRIVER = """
import io, os, signal, sys, time
from evcli.cli.main import run
from evcli.bulk import send
from evcli.store import store

put, deliver = store.Store.put, send.deliver

def put_and_stop(self, record):
    put(self, record)
    if record.TABLE == "ingests":
        assert self.database.in_transaction
        os.kill(os.getpid(), signal.SIGTSTP)

def wait_and_deliver(ctx, deliveries):
    # Until the stop was tried again.
    while signal.getitimer(signal.ITIMER_REAL)[0]:
        time.sleep(0.001)
    deliver(ctx, deliveries)

store.Store.put, send.deliver = put_and_stop, wait_and_deliver
argv = ["local", "ingest", sys.argv[1]]
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
    argv = ["local", "ingest", str(source), "--batch", "1"]
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
    assert b"Ingesting" in shown
    assert b"100 lines, " in shown
    assert b"/s" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""


def describe(**changes: Any) -> dict[str, Any]:
    """A whole event."""
    return {
        "id": "1",
        "account": "1" * 12,
        "source": "shop",
        "time": "2024-05-14T11:23:22Z",
        "region": "eu-west-1",
        "resources": [],
        "detail-type": "d",
        "detail": {"even": True},
        **changes,
    }


@pytest.mark.usefixtures("rule")
def test_whole_events_become_events_of_the_caller(
    evcli_command: Run, state_directory: Path
) -> None:
    stdin = json.dumps(describe()) + "\n"

    outcome = evcli_command("local", "ingest", "-", stdin=stdin)

    assert json.loads(outcome.stdout)["DeliveryCount"] == 1
    ctx = open_context(str(state_directory))
    ((text,),) = ctx.store.database.execute("SELECT envelope FROM events").fetchall()
    ctx.close()
    event = json.loads(text)
    assert event.pop("id") != "1"
    assert event == {
        "version": "0",
        "detail-type": "d",
        "source": "shop",
        "account": "000000000000",
        "time": "2024-05-14T11:23:22Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"even": True},
    }
