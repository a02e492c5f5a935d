"""One case: a prepared state directory, a command, a fault, ticks, the oracle."""

from __future__ import annotations

import io
import random
import shutil
from typing import TYPE_CHECKING, NamedTuple

from evcli.cli.main import run
from tests.injection.oracle import judge_answer, judge_run, judge_store, read_store
from tests.injection.scenarios import (
    LATER,
    REFUSED_EVERY,
    SCENARIOS,
    SENT_LINES,
    copy,
    list_calls,
    name_directory,
)
from tests.injection.tracing import (
    ERRORS,
    Fault,
    is_own,
    make_environment,
    run_traced,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.injection.scenarios import Scenario
    from tests.injection.tracing import Call, Run

# How many deliveries an event has, by its source.
TARGETS = {"shop": 2, "aws.events": 1}
# What a disk does that has failed for good, and a process without descriptors.
LASTING = {
    "fsync": "EIO",
    "fdatasync": "EIO",
    "write": "ENOSPC",
    "pwrite64": "ENOSPC",
    "ftruncate": "EIO",
    "openat": "EMFILE",
}


class Prepared(NamedTuple):
    """A scenario's state directory, and the calls that its command makes there."""

    scenario: Scenario
    directory: Path
    calls: list[Call]
    event_ids: list[str]


def prepare(name: str, directory: Path) -> Prepared:
    """Prepare a scenario in an empty directory."""
    scenario = SCENARIOS[name]
    state_directory = directory / "prepared"
    scenario.prepare(state_directory)
    event_ids = list(read_store(state_directory).events)
    calls = list_calls(scenario.argv, state_directory)
    return Prepared(scenario, state_directory, calls, event_ids)


def list_faults(calls: Sequence[Call], syscall: str) -> Iterator[tuple[Fault, ...]]:
    """List what can go wrong with each of the program's own calls of a kind."""
    truncations = 1
    for call in calls:
        truncations += call.syscall == "ftruncate"
        if call.own and call.syscall == syscall:
            for error in ERRORS[syscall]:
                yield (Fault(syscall, f"error={error}", call.number),)
            if syscall in LASTING:
                yield (Fault(syscall, f"error={LASTING[syscall]}", call.number, True),)
            if syscall in ("write", "fsync"):
                # What was written cannot be taken back either.
                yield (
                    Fault(syscall, "error=EIO", call.number),
                    Fault("ftruncate", "error=EIO", truncations, True),
                )


def list_other_faults(calls: Sequence[Call]) -> Iterator[tuple[Fault, ...]]:
    """List what can go wrong while the interpreter opens and closes its own files."""
    for call in calls:
        if not call.own:
            for error in ERRORS[call.syscall]:
                yield (Fault(call.syscall, f"error={error}", call.number),)
            if call.syscall in LASTING:
                error = LASTING[call.syscall]
                yield (Fault(call.syscall, f"error={error}", call.number, True),)


def draw_pairs(
    calls: Sequence[Call], number: int, seed: int
) -> list[tuple[Fault, ...]]:
    """Draw pairs of faults, at any two of the program's own calls."""
    draw = random.Random(seed)
    own = [call for call in calls if call.own]
    return [
        tuple(
            Fault(
                call.syscall, f"error={draw.choice(ERRORS[call.syscall])}", call.number
            )
            for call in sorted(draw.sample(own, 2), key=own.index)
        )
        for _ in range(number)
    ]


def choose(
    faults: Iterator[tuple[Fault, ...]], limit: int, seed: int
) -> list[tuple[Fault, ...]]:
    """Draw so many of the faults at most, in their order."""
    every = list(faults)
    if len(every) <= limit:
        return every
    numbers = random.Random(seed).sample(range(len(every)), limit)
    return [every[number] for number in sorted(numbers)]


def find_failures(
    prepared: Prepared, cases: Sequence[tuple[Fault, ...]], directory: Path
) -> list[str]:
    """Run cases one after the other; gives what the oracle objects to."""
    failures = []
    missed = 0
    for faults in cases:
        findings, done = run_case(prepared, faults, directory / "case")
        missed += not done.injected
        named = " and ".join(map(str, faults))
        hit = " and ".join(done.injected[:2]).replace(str(directory), "")
        failures += [f"{named} ({hit}): {finding}" for finding in findings]
    # Ids are drawn, so where a page of the database is split is not always the same.
    if missed > len(cases) / 10:
        failures.append(f"missed: {missed} of {len(cases)} calls never came")
    return failures


def run_case(
    prepared: Prepared, faults: Sequence[Fault], state_directory: Path
) -> tuple[list[str], Run]:
    """Run one case in a copy of the prepared state directory."""
    copy(prepared.directory, state_directory)
    scenario = prepared.scenario
    done = run_traced(
        name_directory(scenario.argv, state_directory), state_directory, faults
    )
    findings = judge_run(done)
    if not any(is_own(line, state_directory) for line in done.injected):
        # Without its own files the interpreter ends as it sees fit.
        findings = [each for each in findings if each.startswith("endless")]
    if done.code is not None:
        findings += go_on(scenario, state_directory)
        findings += judge(prepared, state_directory, done)
    shutil.rmtree(state_directory)
    return findings, done


def go_on(scenario: Scenario, state_directory: Path) -> list[str]:
    """Do without faults what a person does next."""
    commands = [scenario.resume] if scenario.resume else []
    commands += [("local", "tick", "-q", "--until", LATER)]
    findings = []
    for argv in commands:
        stdout, stderr = io.StringIO(), io.StringIO()
        environment = make_environment(state_directory)
        argv = name_directory(argv, state_directory)
        code = run(argv, io.StringIO(), stdout, stderr, environment)
        if code or stderr.getvalue():
            findings.append(
                f"wrong: {argv[1]} afterwards: {code}, {stderr.getvalue()!r}"
            )
    return findings


def judge(prepared: Prepared, state_directory: Path, done: Run) -> list[str]:
    """Judge what is stored, and what the command answered."""
    store, findings = judge_store(state_directory, TARGETS, prepared.event_ids)
    new = set(store.events) - set(prepared.event_ids)
    scenario = prepared.scenario
    if scenario.entries:
        return findings + judge_answer(done, scenario.entries, new)
    if scenario.resume:
        return findings + judge_input(
            state_directory, [store.events[each] for each in new]
        )
    times = sorted(store.events[each]["time"] for each in new)
    expected = [
        f"2024-05-{14 + hour // 24}T{hour % 24:02}:30:00Z" for hour in range(12, 32)
    ]
    if times != expected:
        findings.append(f"wrong: the schedule fired at {times}")
    return findings


def judge_input(state_directory: Path, events: list[dict[str, object]]) -> list[str]:
    """Hold the events of bulk input against its lines: one each, or refused."""
    expected = [f"line {n}" for n in range(SENT_LINES) if n % REFUSED_EVERY]
    accepted = sorted(str(event["detail-type"]) for event in events)
    findings = []
    if accepted != sorted(expected):
        findings.append(f"wrong: {len(accepted)} lines accepted of {len(expected)}")
    refused = (state_directory / "rejects.jsonl").read_text().splitlines()
    if refused != [f"refused {n}" for n in range(0, SENT_LINES, REFUSED_EVERY)]:
        findings.append(f"wrong: refused lines {refused}")
    return findings
