"""`evcli local match --cluster`: the answer of one process, whatever happens to workers."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from evcli.bulk import cluster
from evcli.bulk.cluster import Rules, tally_part
from tests.dask_workers import start_workers
from tests.patience import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Outcome
    from tests.dask_workers import Workers

    Run = Callable[..., Outcome]

ROOT = Path(__file__).parent.parent.parent.parent
RULES = {
    "odd": {"source": ["odd"]},
    "big": {"detail": {"n": [{"numeric": [">", 150]}]}},
    "none": {"source": ["nobody"]},
}


def make_line(number: int) -> str:
    """Every seventh is no JSON, every fifth an event with an id, the others entries."""
    source = ("even", "odd", "else")[number % 3]
    if number % 7 == 0:
        return "no JSON"
    if number % 5 == 0:
        event = {"id": f"e{number}", "source": source, "detail-type": "d"}
        return json.dumps({**event, "detail": {"n": number}})
    return json.dumps({"Source": source, "DetailType": "d", "Detail": {"n": number}})


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with inputs of every form, and `rules.json`."""
    directory = tmp_path_factory.mktemp("inputs")
    lines = [make_line(number) for number in range(400)]
    text = "\n".join(lines[:200])
    (directory / "a.jsonl").write_text(text)
    (directory / "b.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    array = [line for line in lines[200:300] if line != "no JSON"]
    (directory / "c.json").write_text(f"[{','.join(array)}]")
    table = pa.table({"event": lines[300:]})
    parquet.write_table(table, directory / "d.parquet", row_group_size=30)
    (directory / "rules.json").write_text(json.dumps(RULES))
    return directory


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """A scheduler and three workers."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with start_workers(3, environ, PATIENCE_SECONDS) as started:
        yield started


@pytest.fixture
def match(evcli_command: Run, inputs: Path) -> Callable[..., str]:
    """Match inputs; what is printed."""

    def run(*words: str, directory: Path = inputs) -> str:
        rules = ("--rules", str(inputs / "rules.json"))
        patterns = [
            word if word[0] == "-" else f"{directory}/{word}" for word in words[:1]
        ]
        outcome = evcli_command("local", "match", *patterns, *words[1:], *rules)
        assert (outcome.code, outcome.stderr) == (0, "")
        return outcome.stdout

    return run


@pytest.mark.parametrize("part_size", ["1kB", "3kB", "16MB"])
@pytest.mark.parametrize("names", ["a.jsonl", "b*", "c.json", "*.parquet", "[abcd].*"])
def test_the_answer_is_that_of_one_process(
    match: Callable[..., str], workers: Workers, names: str, part_size: str
) -> None:
    words = ("--cluster", workers.address, "--part-size", part_size)

    assert match(names, *words) == match(names)
    assert json.loads(match(names))["EventCount"] > 80


def test_misses_are_explained_by_the_first_lines(
    match: Callable[..., str], workers: Workers
) -> None:
    words = ("--cluster", workers.address, "--part-size", "1kB", "--explain")

    assert match("[abcd].*", *words) == match("[abcd].*", "--explain")


def test_workers_that_are_lost_change_nothing(
    match: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [make_line(number) for number in range(12_000)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    expected = match("many.jsonl", directory=tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    with start_workers(3, environ, PATIENCE_SECONDS) as started:
        take, taken = cluster._take, []

        def take_and_kill(*args: Any) -> Any:
            """Kill one while it has parts to do, and done ones that nobody has fetched."""
            taken.append(args)
            if len(taken) in (3, 10):
                victim = started.workers[len(taken) % 2]
                victim.kill()
                victim.wait()
            return take(*args)

        monkeypatch.setattr(cluster, "_take", take_and_kill)
        words = ("--cluster", started.address, "--part-size", "30kB")
        found = match("many.jsonl", *words, directory=tmp_path)

        assert [worker.poll() is None for worker in started.workers].count(True) == 1
    assert len(taken) > 20
    assert found == expected


def test_processes_of_this_machine_talk_to_nobody_else(
    match: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    seen: list[tuple[str, int]] = []
    take = cluster._take
    me = psutil.Process()
    others = set(me.children(recursive=True))

    def take_and_look(*args: Any) -> Any:
        for process in {me, *me.children(recursive=True)} - others:
            for each in process.net_connections("inet"):
                if each.status == psutil.CONN_LISTEN:
                    seen.append((each.laddr.ip, process.pid))
        return take(*args)

    monkeypatch.setattr(cluster, "_take", take_and_look)

    found = match("[abcd].*", "--cluster", "local:2", "--part-size", "1kB")

    assert found == match("[abcd].*")
    assert {host for host, _ in seen} == {"127.0.0.1"}
    assert len({pid for _, pid in seen}) == 3


def run_match(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from evcli import main; main()",
            "local",
            "match",
            *words,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def stuck(inputs: Path, tmp_path: Path) -> tuple[str, ...]:
    """What to match so that it takes for ever: many events, one worker at a time."""
    path = tmp_path / "long.jsonl"
    line = make_line(1) + "\n"
    path.write_text(line * 300_000)
    return (str(path), "--rules", str(inputs / "rules.json"), "--part-size", "100kB")


def has_work(address: str) -> bool:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return any(client.processing().values())


def test_ctrl_c_cancels_the_parts(workers: Workers, stuck: tuple[str, ...]) -> None:
    process = run_match(*stuck, "--cluster", workers.address)
    wait_for(lambda: has_work(workers.address))

    process.send_signal(signal.SIGINT)

    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, output.strip()) == (130, "")
    assert "Traceback" not in errors
    wait_for(lambda: not has_work(workers.address))


def test_a_scheduler_that_goes_is_told_in_a_line(stuck: tuple[str, ...]) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with start_workers(1, environ, PATIENCE_SECONDS) as started:
        process = run_match(*stuck, "--cluster", started.address)
        wait_for(lambda: has_work(started.address))

        started.scheduler.kill()

        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, output) == (255, "")
    message = f"The scheduler {started.address} cannot be reached, or is gone."
    assert errors.strip() == f"evcli: [ERROR]: {message}"


def test_a_scheduler_that_is_not_there_is_told(
    evcli_command: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    words = (str(inputs / "a.jsonl"), "--rules", str(inputs / "rules.json"))

    # Nobody listens there.
    outcome = evcli_command("local", "match", *words, "--cluster", "tcp://127.0.0.1:1")

    message = "The scheduler tcp://127.0.0.1:1 cannot be reached, or is gone."
    assert (outcome.code, outcome.stdout) == (255, "")
    assert outcome.stderr.strip() == f"evcli: [ERROR]: {message}"


def test_workers_with_another_evcli_are_told(
    evcli_command: Run, inputs: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "__version__", "99")
    words = (str(inputs / "a.jsonl"), "--rules", str(inputs / "rules.json"))

    outcome = evcli_command("local", "match", *words, "--cluster", workers.address)

    assert outcome.code == 255
    assert outcome.stderr.strip().endswith("; install evcli 99 there.")
    rules = pickle.loads(pickle.dumps(Rules({}, {})))
    monkeypatch.undo()
    told = f"A worker has evcli {cluster.__version__}, and this is 99."
    assert tally_part(rules, []) == told


def test_workers_may_come_later(
    evcli_command: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (str(inputs / "a.jsonl"), "--rules", str(inputs / "rules.json"))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with start_workers(0, environ, PATIENCE_SECONDS) as started:
        take = cluster._take

        def start_and_take(*args: Any) -> Any:
            started.start_worker()
            return take(*args)

        monkeypatch.setattr(cluster, "_take", start_and_take)
        outcome = evcli_command("local", "match", *words, "--cluster", started.address)

    assert outcome.code == 0
    assert outcome.stderr == "The scheduler has no workers yet; waiting for some.\n"
    assert outcome.stdout == evcli_command("local", "match", *words).stdout


def test_what_a_worker_cannot_read_is_told_in_a_line(
    evcli_command: Run, inputs: Path, workers: Workers, tmp_path: Path
) -> None:
    data = (inputs / "b.jsonl.gz").read_bytes()
    (tmp_path / "x.gz").write_bytes(data[:-9])
    words = (f"{tmp_path}/x.*", "--rules", str(inputs / "rules.json"))

    one = evcli_command("local", "match", *words)
    shared = evcli_command("local", "match", *words, "--cluster", workers.address)

    assert one.code == 255
    assert "x.gz is damaged behind line " in one.stderr
    assert shared == one


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("-", "--cluster", "local:2"), 252, "--cluster is for files and URLs, not for standard input."),
        (("a.jsonl", "--cluster", "2"), 252, "'2' is neither tcp://HOST:PORT nor local:NUMBER."),
        (("a.jsonl", "--cluster", "local:2", "--jobs", "2"), 252, "Name either --jobs or --cluster."),
        (("a.jsonl", "--cluster", "local:2", "--part-size", "9B"), 252, "'9B' is no size of 1000 bytes or more."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    evcli_command: Run,
    inputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(inputs)

    outcome = evcli_command("local", "match", *words, stdin="{}")

    assert (outcome.code, outcome.stdout) == (code, "")
    assert outcome.stderr.strip().endswith(message)


@pytest.mark.parametrize("module", ["dask", "distributed"])
def test_dask_that_is_not_installed_is_told(
    evcli_command: Run, inputs: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    words = (str(inputs / "a.jsonl"), "--rules", str(inputs / "rules.json"))

    outcome = evcli_command("local", "match", *words, "--cluster", "local:2")

    assert (outcome.code, outcome.stdout) == (255, "")
    assert outcome.stderr.strip() == (
        "evcli: [ERROR]: --cluster needs dask.distributed: pip install 'evcli[cluster]'."
    )
