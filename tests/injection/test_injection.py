"""System calls made to fail, each by itself: nothing is lost, doubled, corrupt or untold.

`put-events` meets a fault at every call that it makes on its state directory, record
locks aside; these, bulk input and `tick` at some, drawn with a seed. Then ticks without
faults go on, and the oracle compares the lines of the sinks with the ledger, with the
archive and with what was answered.

    python -m pytest tests/injection                   some minutes
    python -m pytest tests/injection --full -n 2       every call of every command, and more
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.injection.cases import (
    Prepared,
    choose,
    draw_pairs,
    find_failures,
    list_faults,
    list_other_faults,
)
from tests.injection.scenarios import SCENARIOS
from tests.injection.tracing import ERRORS, Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.injection.conftest import Extent
    from tests.injection.tracing import Call

    Prepare = Callable[[str], Prepared]

pytestmark = pytest.mark.slow

PUT_EVENTS = [name for name, each in SCENARIOS.items() if each.entries]
OTHERS = [name for name, each in SCENARIOS.items() if not each.entries]
# A lock that is not let go keeps SQLite waiting for ten seconds: some are enough.
LOCKS = "fcntl"
SEED = 1


@pytest.mark.parametrize("syscall", [each for each in ERRORS if each != LOCKS])
@pytest.mark.parametrize("name", PUT_EVENTS)
def test_put_events_survives_a_fault_at_each_of_its_calls(
    prepared: Prepare, name: str, syscall: str, tmp_path: Path
) -> None:
    found = prepared(name)

    failures = find_failures(found, list(list_faults(found.calls, syscall)), tmp_path)

    assert failures == []


@pytest.mark.parametrize(
    ("name", "syscall"),
    [(name, LOCKS) for name in PUT_EVENTS]
    + [(name, syscall) for name in OTHERS for syscall in ERRORS],
)
def test_tick_bulk_input_and_locks_survive_faults(
    prepared: Prepare, name: str, syscall: str, tmp_path: Path, extent: Extent
) -> None:
    found = prepared(name)
    faults = choose(list_faults(found.calls, syscall), extent.sample, SEED)

    failures = find_failures(found, faults, tmp_path)

    assert failures == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_two_faults_do_no_more_harm_than_one(
    prepared: Prepare, name: str, tmp_path: Path, extent: Extent
) -> None:
    found = prepared(name)
    pairs = [
        pair
        for seed in range(extent.seeds)
        for pair in draw_pairs(found.calls, extent.pairs, seed)
    ]

    failures = find_failures(found, pairs, tmp_path)

    assert failures == []


def test_a_commit_that_cannot_be_taken_out_of_the_log_is_told_as_unknown(
    prepared: Prepare, tmp_path: Path
) -> None:
    """Its sync fails, and then every lock that whoever tidies up would need."""
    found = prepared("old sinks")
    syncs = [
        each
        for each in found.calls
        if each.syscall == "fdatasync" and "state.db-wal>" in each.text
    ]
    faults = [
        (
            Fault("fdatasync", "error=EIO", sync.number),
            Fault(LOCKS, "error=EIO", count_before(found, LOCKS, sync) + 1, True),
        )
        for sync in syncs
    ]

    failures = find_failures(found, faults, tmp_path)

    assert failures == []


def count_before(found: Prepared, syscall: str, call: Call) -> int:
    """Count the calls of a kind that come before another call."""
    before = found.calls[: found.calls.index(call)]
    return sum(each.syscall == syscall for each in before)


@pytest.mark.parametrize("name", SCENARIOS)
def test_modules_that_cannot_be_read_lose_and_double_nothing(
    prepared: Prepare, name: str, tmp_path: Path, extent: Extent
) -> None:
    found = prepared(name)
    faults = choose(list_other_faults(found.calls), extent.sample, SEED)

    failures = find_failures(found, faults, tmp_path)

    assert failures == []
