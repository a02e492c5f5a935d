"""Locks die with their process, however it dies."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING

import pytest

from evcli.errors import ConfigurationError
from evcli.store.directory import locks
from evcli.store.directory.locks import FileLock, Owner
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    StartPython = Callable[[str], subprocess.Popen[str]]


# Linux has locks that belong to an open file, other systems only the ordinary ones.
pytestmark = pytest.mark.parametrize(
    "has_descriptor_locks", [True, False], ids=["linux", "other"]
)


@pytest.fixture(autouse=True)
def _platform(has_descriptor_locks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "HAS_DESCRIPTOR_LOCKS", has_descriptor_locks)


def make_claimant(has_descriptor_locks: bool) -> str:
    """A script that claims a byte, says which, and stays."""
    return f"""
import sys
from evcli.store.directory import locks
locks.HAS_DESCRIPTOR_LOCKS = {has_descriptor_locks!r}
owner = locks.Owner(sys.argv[1])
print(owner.claim(), flush=True)
for line in sys.stdin:
    print(owner.is_alive(int(line)), flush=True)
"""


def start_claimant(
    start_python: StartPython, has_descriptor_locks: bool
) -> tuple[subprocess.Popen[str], int]:
    process = start_python(make_claimant(has_descriptor_locks))
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def ask(process: subprocess.Popen[str], number: int) -> str:
    """Ask another process whether it takes an owner to be alive."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{number}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_an_owner_is_alive_until_its_process_dies(
    start_python: StartPython,
    state_directory: Path,
    has_descriptor_locks: bool,
    how: signal.Signals,
) -> None:
    owner = Owner(str(state_directory))
    process, number = start_claimant(start_python, has_descriptor_locks)

    before = owner.is_alive(number)
    process.send_signal(how)
    process.wait(timeout=PATIENCE_SECONDS)
    after = owner.is_alive(number)
    owner.release()

    assert (before, after) == (True, False)


def test_looking_at_others_does_not_give_the_own_byte_away(
    start_python: StartPython, state_directory: Path, has_descriptor_locks: bool
) -> None:
    owner = Owner(str(state_directory))
    mine = owner.claim()
    process, theirs = start_claimant(start_python, has_descriptor_locks)

    seen = [owner.is_alive(number) for number in (theirs, mine, mine + 1)]

    assert seen == [True, True, False]
    assert ask(process, mine) == "True"
    owner.release()
    assert ask(process, mine) == "False"


def test_looking_at_a_dead_owner_does_not_bring_it_to_life(
    start_python: StartPython, state_directory: Path, has_descriptor_locks: bool
) -> None:
    owner = Owner(str(state_directory))
    process, _ = start_claimant(start_python, has_descriptor_locks)

    seen = [owner.is_alive(17), owner.is_alive(17)]

    assert seen == [False, False]
    assert ask(process, 17) == "False"
    owner.release()


def test_a_claim_stays_the_same_until_it_is_released(state_directory: Path) -> None:
    owner = Owner(str(state_directory))

    first, second = owner.claim(), owner.claim()
    owner.release()
    third = owner.claim()
    owner.release()

    assert first == second != third
    assert 1 <= first <= locks.OWNERS


def test_a_released_owner_looks_dead_to_itself_where_it_can_tell(
    state_directory: Path, has_descriptor_locks: bool
) -> None:
    owner = Owner(str(state_directory))
    number = owner.claim()

    owner.release()

    # Elsewhere the next process is the first that can.
    assert owner.is_alive(number) is not has_descriptor_locks
    owner.release()


def test_a_file_lock_has_one_holder_among_processes(
    start_python: StartPython, state_directory: Path, has_descriptor_locks: bool
) -> None:
    process = start_python(f"""
import sys
from evcli.store.directory import locks
locks.HAS_DESCRIPTOR_LOCKS = {has_descriptor_locks!r}
print(locks.FileLock(sys.argv[1], "one").acquire(), flush=True)
sys.stdin.read()
""")
    assert process.stdout is not None
    theirs = process.stdout.readline().strip()
    lock = FileLock(str(state_directory), "one")

    while_they_live = lock.acquire()
    process.kill()
    waited = lock.acquire(limit_seconds=PATIENCE_SECONDS)
    again = lock.acquire()
    lock.release()
    lock.release()

    assert (theirs, while_they_live, waited, again) == ("True", False, True, True)


@pytest.mark.parametrize("limit_seconds", [0.0, 60.0])
def test_a_file_system_without_locks_is_an_error_in_words(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch, limit_seconds: float
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks, "_set_lock", refuse)
    lock = FileLock(str(state_directory), "one")

    with pytest.raises(ConfigurationError) as caught:
        lock.acquire(limit_seconds=limit_seconds)
    lock.release()

    assert caught.value.message == (
        "The file system of the state directory cannot lock"
        f" {state_directory}/locks/one: No locks available; name a local directory"
        " with --state-dir."
    )


def test_two_owners_of_one_process_know_each_other(
    state_directory: Path, has_descriptor_locks: bool
) -> None:
    first, second = Owner(str(state_directory)), Owner(str(state_directory))
    numbers = first.claim(), second.claim()

    alive = second.is_alive(numbers[0]), first.is_alive(numbers[1])
    second.release()
    still_alive = first.is_alive(numbers[0])
    first.release()

    assert (alive, still_alive) == ((True, True), True)
