"""A million events through a hundred rules, killed and resumed on the way.

    python tests/benchmarks/soak_send.py [--events 1000000] [--rules 100] [--kills 1]
        [--jobs N]

Sends a file in a process of its own, kills it with SIGKILL when it has come about half
way, resumes it, and then accounts for every line: each accepted event once in the
ledger, each delivery once in its file sink and DELIVERED, each refused line once in the
file of rejects. Prints rates and the largest resident memory; ends with an error if
anything is missing, there twice, or if memory has grown with the input.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from evcli.bulk.backtest import Backtest
from evcli.store.deliveries import unpack_envelope, unpack_id
from tests.benchmarks.bulk_input import build_state, make_entries, make_mixed_rules
from tests.benchmarks.measure import (
    PROGRAM,
    evcli_environ,
    format_table,
    measure_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Entries that are made once and then repeated with another number in each.
DISTINCT = 50_000
# One line of so many is one that put-events refuses.
REFUSED = 1_000
LIMIT_MB = 150
# One event of so many goes to a file whatever the rules say.
SAMPLED = 10


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--jobs", help="by default as many as the command takes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        soak(directory, options.events, options.rules, options.kills, options.jobs)


def soak(
    directory: Path, events: int, rules: int, kills: int, jobs: str | None
) -> None:
    """Write the input, send it in pieces, account for it, print."""
    patterns = make_mixed_rules(rules - 1)
    patterns.append('{"detail":{"soak":{"sampled":[true]}}}')
    state, source = directory / "state", directory / "events.jsonl"
    build_state(state, patterns)
    with source.open("w", encoding="utf-8") as stream:
        stream.writelines(write_lines(events))
    expected = count_matches(source, patterns)
    rejects = directory / "rejects.jsonl"
    command = [
        *(*PROGRAM, "local", "send", str(source), "--resume"),
        *("--rejects", str(rejects)),
        *(("--jobs", jobs) if jobs else ()),
    ]
    environ = {**os.environ, **evcli_environ(state)}
    seconds, peaks, stops = 0.0, [], []
    for number in range(kills + 1):
        stop_at = events * (number + 1) // (kills + 1) if number < kills else None
        took, peak, accepted = run_until(command, environ, state, stop_at)
        seconds += took
        peaks.append(peak)
        stops.append(accepted)
    account(state, rejects, events, expected)
    size = measure_size(state)
    rows = [
        ("lines", f"{events:,}"),
        ("rules", f"{rules:,}"),
        ("killed after lines", ", ".join(f"{each:,}" for each in stops[:-1])),
        ("deliveries", f"{expected:,}"),
        ("lines per second, killed and resumed", f"{events / seconds:,.0f}"),
        ("largest resident memory, MB", ", ".join(f"{each:.0f}" for each in peaks)),
        ("state directory, bytes for a line", f"{size // events:,}"),
        ("accounted for", "every line and every delivery, once"),
    ]
    print(format_table(("soak", ""), rows))  # noqa: T201
    if max(peaks) > LIMIT_MB:
        raise SystemExit(f"{max(peaks):.0f} MB is more than {LIMIT_MB}")


def write_lines(events: int) -> Iterator[str]:
    """Write entries, each with a number of its own."""
    entries = make_entries(min(events, DISTINCT))
    for number in range(events):
        entry = entries[number % len(entries)]
        mark = {"n": number, "sampled": number % SAMPLED == 0}
        source = "aws.soak" if number % REFUSED == 7 else entry["Source"]
        detail = f'{entry["Detail"][:-1]},"soak":{json.dumps(mark)}}}'
        yield json.dumps({**entry, "Source": source, "Detail": detail}) + "\n"


def count_matches(source: Path, patterns: list[str]) -> int:
    """Count the deliveries that there have to be."""
    from datetime import UTC, datetime

    backtest = Backtest(
        {str(number): pattern for number, pattern in enumerate(patterns)},
        account_id="000000000000",
        region="us-east-1",
        now=datetime.now(UTC),
    )
    count = 0
    with source.open("rb") as stream:
        while block := b"".join(stream.readlines(1_000_000)):
            good = [line for line in block.splitlines() if b'"aws.soak"' not in line]
            tally = backtest.tally(b"\n".join(good), 1)
            count += sum(matches for matches, _ in tally.rules.values())
    return count


def run_until(
    command: list[str], environ: dict[str, str], state: Path, stop_at: int | None
) -> tuple[float, float, int]:
    """Run the command, and kill it once so many lines are dealt with.

    Returns: seconds, largest resident memory in MB, lines dealt with.
    """
    begin = time.perf_counter()
    child = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, measure_memory(child.pid))
        if stop_at is not None and read_lines(state) >= stop_at:
            child.send_signal(signal.SIGKILL)
            child.wait()
            break
        time.sleep(0.05)
    seconds = time.perf_counter() - begin
    if child.returncode not in ((0,) if stop_at is None else (-signal.SIGKILL,)):
        raise SystemExit(f"the command ended with {child.returncode}")
    return seconds, peak, read_lines(state)


def measure_memory(process_id: int) -> float:
    """The largest resident memory of a process so far, in MB; Linux only."""
    try:
        text = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in text.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def read_lines(state: Path) -> int:
    """How many lines are dealt with, as the state directory says."""
    database = sqlite3.connect(f"file:{state}/state.db?mode=ro", uri=True)
    try:
        row = database.execute("SELECT lines FROM send_marks").fetchone()
    finally:
        database.close()
    return row[0] if row else 0


def account(state: Path, rejects: Path, events: int, expected: int) -> None:
    """Find every line and every delivery again, or end with an error."""
    seen = bytearray(events)
    database = sqlite3.connect(f"file:{state}/state.db?mode=ro", uri=True)
    for packed, text in database.execute("SELECT event_id, envelope FROM events"):
        envelope = unpack_envelope(unpack_id(packed), text)
        seen[json.loads(envelope)["detail"]["soak"]["n"]] += 1
    with rejects.open(encoding="utf-8") as stream:
        for line in stream:
            seen[json.loads(json.loads(line)["Detail"])["soak"]["n"]] += 1
    wrong = sum(count != 1 for count in seen)
    keys = {
        f"{unpack_id(event_id)}-{key}"
        for event_id, key in database.execute(
            "SELECT event_id, delivery_key FROM deliveries JOIN events"
            " USING (event_key) WHERE state = 'DELIVERED'"
        )
    }
    (total,) = database.execute("SELECT COUNT(*) FROM deliveries").fetchone()
    database.close()
    lines = 0
    for path in (state / "sinks").rglob("*.jsonl"):
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                lines += 1
                keys.discard(json.loads(line)["deliveryId"])
    if wrong or keys or not lines == total == expected:
        raise SystemExit(
            f"{wrong} lines not there once, {len(keys)} deliveries without a line,"
            f" {lines} lines and {total} deliveries for {expected} matches"
        )


if __name__ == "__main__":
    main()
