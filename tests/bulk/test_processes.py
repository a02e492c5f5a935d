"""Sharing work with processes: the same answers in the same order, whoever dies."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.bulk.processes import Crew, Helper, SpanReader, identify, share
from tests.patience import wait_for as wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTS = range(30)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let other processes import what is defined here."""
    monkeypatch.syspath_prepend(str(ROOT))


def name_worker(part: int) -> tuple[int, int]:
    return part, os.getpid()


@contextmanager
def open_naming() -> Iterator[Callable[[int], tuple[int, int]]]:
    yield name_worker


@contextmanager
def open_dying() -> Iterator[Callable[[int], tuple[int, int]]]:
    """In another process: die over the sixth part."""

    def work(part: int) -> tuple[int, int]:
        if part >= 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return name_worker(part)

    yield work


def fail(part: int) -> int:
    raise ZeroDivisionError(part)


@contextmanager
def open_failing() -> Iterator[Callable[[int], int]]:
    yield fail


@contextmanager
def open_nothing() -> Iterator[Callable[[int], int]]:
    raise ZeroDivisionError
    yield fail


def wait_for(crew: Crew) -> None:
    """Wait until all processes are ready, or gone."""
    wait_until(lambda: all(helper.connection.poll() for helper in crew.helpers))


def share_numbers(
    crew: Crew, *, is_light: bool = True, parts: Iterator[int] | range = PARTS
) -> list[tuple[int, int]]:
    """Share numbers; of each the one who did it."""
    wait_for(crew)
    shared = share(parts, name_worker, lambda part: part, crew, lambda _: is_light)
    return [answer for _, answer in shared]


@pytest.mark.parametrize("is_light", [True, False])
@pytest.mark.parametrize("count", [1, 2])
def test_answers_come_in_the_order_of_the_parts_whoever_gave_them(
    count: int, is_light: bool
) -> None:
    with Crew(count, open_naming, ()) as crew:
        others = {helper.process.pid for helper in crew.helpers}
        answers = share_numbers(crew, is_light=is_light)

    assert [part for part, _ in answers] == list(PARTS)
    assert others <= {pid for _, pid in answers} <= {*others, os.getpid()}
    assert crew.lost_count == 0
    assert active_children() == []


def test_alone_it_does_every_part_when_it_is_asked_for() -> None:
    done = []
    crew = Crew(0, open_naming, ())

    for part, answer in share(PARTS, lambda part: -part, str, crew, lambda _: True):
        done.append((part, answer))
        if part == 3:
            break

    assert done == [(0, 0), (1, -1), (2, -2), (3, -3)]


@pytest.mark.parametrize("count", [1, 2])
def test_what_somebody_died_over_is_done_here(count: int) -> None:
    with Crew(count, open_dying, ()) as crew:
        answers = share_numbers(crew)

    assert [part for part, _ in answers] == list(PARTS)
    assert {pid for part, pid in answers if part >= 5} == {os.getpid()}
    assert crew.lost_count == count


def test_an_error_elsewhere_is_the_one_of_doing_it_here(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Crew(1, open_failing, ()) as crew:
        wait_for(crew)
        with pytest.raises(ZeroDivisionError):
            list(share(PARTS, fail, str, crew, lambda _: True))

    assert capfd.readouterr().err == ""


def test_who_cannot_get_ready_is_not_waited_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Crew(1, open_nothing, ()) as crew:
        answers = share_numbers(crew)

    assert {pid for _, pid in answers} == {os.getpid()}
    assert capfd.readouterr().err == ""


def test_an_interrupt_ends_all_of_them(capfd: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> Iterator[int]:
        yield from range(20)
        # As Ctrl-C does: to all of the terminal's processes.
        for child in active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Crew(2, open_naming, ()) as crew:
        share_numbers(crew, parts=interrupt())

    assert active_children() == []
    # By the end of its connection or by the signal behind that, whichever it sees first;
    # and not by the interrupt, of which Python would also have printed something.
    exits = {helper.process.exitcode for helper in crew.helpers}
    assert exits <= {0, -signal.SIGTERM}
    assert capfd.readouterr().err == ""
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_one_that_does_not_start_leaves_no_other_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from evcli.bulk import processes

    real, started = processes.start, []

    def start_one(*arguments: Any) -> Helper:
        if started:
            raise BlockingIOError("no more processes")
        started.append(real(*arguments))
        return started[0]

    monkeypatch.setattr(processes, "start", start_one)
    with pytest.raises(BlockingIOError), Crew(2, open_naming, ()):
        pass

    assert active_children() == []


def test_spans_of_several_files_are_read_as_long_as_they_are_there(
    tmp_path: Path,
) -> None:
    for name in "ab":
        (tmp_path / name).write_text(f"{name}0123456789")
    a, b = (identify(str(tmp_path / name)) for name in "ab")
    reader = SpanReader()

    read = [reader.read(span) for span in [(a, 0, 2), (a, 8, 3), (b, 1, 2), (a, 2, 1)]]

    assert read == [b"a0", b"789", b"01", b"1"]
    with pytest.raises(EOFError):
        reader.read((a, 5, 7))
    (tmp_path / "new").write_text("another one")
    (tmp_path / "new").rename(tmp_path / "b")
    with pytest.raises(FileNotFoundError):
        reader.read((b, 1, 2))
    reader.close()
