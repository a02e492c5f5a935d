"""A disk that fills up, without any injection: what waited is delivered once there is room.

The disk is a tmpfs of 1.5 MB, which only root may mount; of 4 MB with a state on it.
"""

from __future__ import annotations

import io
import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from evcli.cli.main import run
from tests.injection.oracle import UNKNOWN, judge_store, parse_answer
from tests.injection.scenarios import (
    LATER,
    call,
    copy,
    prepare_orphans,
    prepare_rule,
    word_put_events,
)
from tests.injection.tracing import PROGRAM, ROOT, find_obstacle, make_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.injection.conftest import Extent

SMALL = "size=1500k"
WITH_STATE = "size=4m"
LARGE = "size=64m"
NO_ROOM = "No space left on device"


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    done = mount(directory, SMALL)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted: {done.stderr.strip()}")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


@pytest.fixture
def orphans(tmp_path: Path) -> Path:
    """A state directory with large lines that killed commands wrote or did not write."""
    obstacle = find_obstacle()
    if obstacle is not None:
        pytest.skip(obstacle)
    prepare_orphans(tmp_path / "prepared", "x" * 30_000)
    return tmp_path / "prepared"


def mount(directory: Path, options: str) -> subprocess.CompletedProcess[str]:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def resize(directory: Path, size: str) -> None:
    done = mount(directory, f"remount,{size}")
    assert (done.returncode, done.stderr) == (0, "")


def leave(directory: Path, kib: int) -> None:
    """Fill the disk up to so much."""
    filler = directory / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(directory)
    filler.write_bytes(bytes(max(free.f_bavail * free.f_frsize - kib * 1024, 0)))


def put_events(state_directory: Path, number: int, size_bytes: int) -> Answer:
    """Put so many events of about that size each."""
    stdout, stderr = io.StringIO(), io.StringIO()
    argv = word_put_events(number, text="x" * size_bytes)
    environment = make_environment(state_directory)
    code = run(argv, io.StringIO(), stdout, stderr, environment)
    return Answer(code, stdout.getvalue(), stderr.getvalue())


def test_300_deliveries_to_a_full_disk_are_300_lines_once_there_is_room(
    small_disk: Path, state_directory: Path
) -> None:
    prepare_rule(state_directory)
    for name in ("q1", "q2"):
        path = str(small_disk / f"{name}.jsonl")
        sink = (f"*:{name}", "--kind", "file", "--path", path)
        call(state_directory, "local", "sinks", "add", *sink)

    answers = [put_events(state_directory, 5, 4_000) for _ in range(30)]
    waiting = sum(answer.stderr.count(NO_ROOM) for answer in answers)
    resize(small_disk, LARGE)
    call(state_directory, "local", "tick", "-q", "--until", LATER)

    ids = {each for answer in answers for each in parse_answer(answer.stdout)}
    store, findings = judge_store(state_directory, {"shop": 2}, ids, sinks=small_disk)
    assert {answer.code for answer in answers} == {0}
    assert waiting > 0
    assert findings == []
    assert (len(ids), len(store.deliveries)) == (150, 300)


@pytest.mark.slow
@pytest.mark.parametrize("size_bytes", [10, 30_000])
def test_a_disk_that_is_full_anywhere_in_put_events_loses_and_doubles_nothing(
    small_disk: Path, orphans: Path, size_bytes: int
) -> None:
    findings = []
    codes = []

    for kib in range(64, 1344, 16):
        resize(small_disk, LARGE)
        copy(orphans, small_disk / "state")
        resize(small_disk, WITH_STATE)
        leave(small_disk, kib)
        answers = [put_events(small_disk / "state", 2, size_bytes)]
        findings += [f"{kib} KiB: {each}" for each in judge(small_disk, answers)]
        codes.append(answers[0].code)

    assert findings == []
    # From a disk that takes nothing to one that takes all.
    assert (codes[0], codes[-1], sorted(codes, reverse=True)) == (255, 0, codes)


@pytest.mark.slow
def test_a_disk_that_fills_and_empties_loses_and_doubles_nothing(
    small_disk: Path, orphans: Path, extent: Extent
) -> None:
    findings = []

    for seed in range(extent.disks):
        draw = random.Random(seed)
        resize(small_disk, LARGE)
        copy(orphans, small_disk / "state")
        resize(small_disk, WITH_STATE)
        answers = []
        for _ in range(30):
            leave(small_disk, draw.randint(240, 1040))
            number, size_bytes = draw.randint(1, 2), draw.choice((10, 1_000, 30_000))
            answers.append(put_events(small_disk / "state", number, size_bytes))
        findings += [f"seed {seed}: {each}" for each in judge(small_disk, answers)]

    assert findings == []


def judge(disk: Path, answers: list[Answer]) -> list[str]:
    """Judge what is stored, once there is room and what waited was attempted."""
    resize(disk, LARGE)
    (disk / "filler").unlink()
    call(disk / "state", "local", "tick", "-q", "--until", LATER)
    ids = {each for answer in answers for each in parse_answer(answer.stdout)}
    store, findings = judge_store(disk / "state", {"shop": 2}, ids)
    # Three were put before.
    if len(store.events) != len(ids) + 3:
        findings.append(f"wrong: {len(store.events)} events, {len(ids)} answers")
    return findings


def test_an_answer_that_cannot_be_written_is_told_with_what_was_done(
    state_directory: Path,
) -> None:
    prepare_rule(state_directory)

    with Path("/dev/full").open("w") as stdout:
        done = subprocess.run(
            [*PROGRAM, *word_put_events(1)],
            cwd=ROOT,
            env=make_environment(state_directory),
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    store, findings = judge_store(state_directory, {"shop": 2}, [])
    assert findings == []
    assert len(store.events) == 1
    assert done.returncode == 255
    assert NO_ROOM in done.stderr
    assert UNKNOWN.search(done.stderr), done.stderr
