"""The oracle: what a state directory must hold after a fault, once no more come.

Reads the database and the files by itself, so that no mistake of evcli's own reading
hides one of its writing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.injection.tracing import Run

# Event id, ARN of the rule, target id: what has one delivery and one line.
Key = tuple[str, str, str]

# How an error says that what was asked for may have happened all the same.
UNKNOWN = re.compile(r"\b(may|might|unknown|whether|accepted|carried out)\b")


class Store(NamedTuple):
    """What the database holds."""

    # Envelopes of events, by id.
    events: dict[str, dict[str, Any]]
    # States of deliveries.
    deliveries: dict[Key, str]
    findings: list[str]


def read_store(state_directory: Path) -> Store:
    """Read the database, and hold it against itself and its archive."""
    path = state_directory / "state.db"
    with closing(sqlite3.connect(path)) as database:
        execute = database.execute
        findings = [
            f"corrupt: {problem}"
            for (problem,) in execute("PRAGMA integrity_check")
            if problem != "ok"
        ]
        rows = [
            read_event(event_id, envelope)
            for event_id, envelope in execute("SELECT event_id, envelope FROM events")
        ]
        events = dict(rows)
        findings += find_repeated("event", (event_id for event_id, _ in rows))
        states = [
            (str(UUID(bytes=event_id)), *rest)
            for event_id, *rest in execute(
                "SELECT event_id, rule_arn, target_id, state FROM deliveries"
                " JOIN events USING (event_key) JOIN ledger_routes USING (route_key)"
            )
        ]
        deliveries = {
            (event, rule, target): state for event, rule, target, state in states
        }
        findings += find_repeated("delivery", (tuple(row[:3]) for row in states))
        archived = execute(
            "SELECT envelope, size_bytes FROM archived_events"
        ).fetchall()
        archives = execute("SELECT event_count, size_bytes FROM archives").fetchall()
    ids = [json.loads(envelope)["id"] for envelope, _ in archived]
    findings += find_repeated("archived event", ids)
    # Archives keep no scheduled events.
    kept = [each for each in events if events[each]["source"] != "aws.events"]
    findings += find_differences("archived event", kept, ids)
    if archives != [(len(archived), sum(size for _, size in archived))]:
        findings.append(f"wrong: an archive counts {archives}, holds {len(archived)}")
    return Store(events, deliveries, findings)


def read_event(packed: bytes, rest: str) -> tuple[str, dict[str, Any]]:
    """Read an event's id and its envelope, which has its beginning in the id."""
    event_id = str(UUID(bytes=packed))
    return event_id, json.loads(f'{{"version":"0","id":"{event_id}"{rest}')


def read_sinks(directory: Path) -> tuple[list[Key], list[str]]:
    """Read the lines of all sinks; gives what each is about, and what is no line."""
    keys: list[Key] = []
    findings = []
    ids = []
    for path in sorted(directory.rglob("*.jsonl")):
        *lines, rest = path.read_bytes().split(b"\n")
        if rest:
            findings.append(f"corrupt: {path.name} ends in {rest[:80]!r}")
        for text in lines:
            try:
                line = json.loads(text)
            except ValueError:
                findings.append(f"corrupt: {path.name} has {text[:80]!r}")
                continue
            keys.append((line["eventId"], line["ruleArn"], line["targetId"]))
            ids.append(line["deliveryId"])
            if not line["targetArn"].endswith(f":{path.stem}"):
                findings.append(f"wrong: {path.name} has a line of {line['targetArn']}")
    findings += find_repeated("line", keys) or find_repeated("delivery id", ids)
    return keys, findings


def find_repeated(what: str, values: Iterable[object]) -> list[str]:
    """Find what is there more than once."""
    counts = Counter(values)
    return [
        f"doubled: {what} {value} is there {count} times"
        for value, count in counts.items()
        if count > 1
    ]


def find_differences(
    what: str, expected: Iterable[object], actual: Iterable[object]
) -> list[str]:
    """Find what is missing, and what nobody knows."""
    expected, actual = set(expected), set(actual)
    lost = [f"lost: {what} {value}" for value in expected - actual]
    return lost + [f"unknown: {what} {value}" for value in actual - expected]


def judge_store(
    state_directory: Path,
    targets: dict[str, int],
    before: Iterable[str],
    *,
    sinks: Path | None = None,
) -> tuple[Store, list[str]]:
    """Judge what is stored after the last tick.

    Args:
        targets: how many deliveries an event of each source has.
        before: ids of events that were there before the fault.
        sinks: where the files of the sinks are, if not in the state directory.
    """
    store = read_store(state_directory)
    keys, findings = read_sinks(sinks or state_directory / "sinks")
    findings += store.findings
    findings += [f"lost: event {each}" for each in set(before) - set(store.events)]
    findings += find_differences("line", store.deliveries, keys)
    findings += [
        f"unfinished: {key} is {state}"
        for key, state in store.deliveries.items()
        if state != "DELIVERED"
    ]
    counts = Counter(event_id for event_id, _, _ in store.deliveries)
    findings += [
        f"lost: event {event_id} has {counts[event_id]} deliveries"
        for event_id, event in store.events.items()
        if counts[event_id] != targets[event["source"]]
    ]
    return store, findings


def judge_run(run: Run) -> list[str]:
    """Judge how a command ended that met a fault, whatever it was about."""
    if run.code is None:
        return ["endless: the command did not end"]
    findings = []
    if "Traceback" in run.stderr or "bug in evcli" in run.stderr:
        findings.append(f"traceback: {run.stderr.strip().splitlines()[-1]}")
    if run.code not in (0, 253, 255):
        findings.append(f"wrong: exit code {run.code}")
    if run.code and not run.stderr and not touches_stream(run, 2):
        findings.append(f"wrong: exit code {run.code} without a word")
    return findings


def judge_answer(run: Run, entries: int, new: set[str]) -> list[str]:
    """Hold the answer of put-events against the events that it added to the store."""
    answered = parse_answer(run.stdout)
    if run.code == 0 and len(answered) != entries:
        return [f"wrong: exit code 0 and the answer {run.stdout!r}"]
    findings = find_differences("answered event", answered, answered & new)
    if len(new) not in (0, entries):
        findings.append(f"wrong: {len(new)} of {entries} entries are stored")
    silent = touches_stream(run, 2) or UNKNOWN.search(run.stderr)
    if new - answered and not silent:
        findings.append(
            f"wrong: stored, though the answer was {run.code}, {run.stderr.strip()!r}"
        )
    return findings


def parse_answer(stdout: str) -> set[str]:
    """Read the event ids of a whole answer of put-events; none of a torn one."""
    try:
        entries = json.loads(stdout)["Entries"]
    except ValueError:
        return set()
    return {entry["EventId"] for entry in entries if "EventId" in entry}


def touches_stream(run: Run, number: int) -> bool:
    """Say whether a fault hit a standard stream."""
    return any(call.split("(", 1)[1].startswith(f"{number}<") for call in run.injected)
