"""`evcli put-events` itself, killed at random moments: what was answered arrives once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evcli.store.deliveries import DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from evcli.cli.main import main; main()"]
RUNS = 300
AT_ONCE = 4
ENTRY = ("--source", "shop", "--detail-type", "x", "--detail", "{}")


def start(*argv: str) -> subprocess.Popen[bytes]:
    """Start the program as the installed script does."""
    return subprocess.Popen(
        [*PROGRAM, *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def put_events(patience_seconds: float) -> tuple[list[str], int]:
    """Put events and kill whoever is not done by then.

    Gives the ids that were answered, and how many processes were killed.
    """
    entries = [{"Source": "shop", "DetailType": "x", "Detail": "{}"}] * 2
    argv = ("put-events", "--entries", json.dumps(entries))
    processes = [start(*argv) for _ in range(AT_ONCE)]
    time.sleep(patience_seconds)
    answered: list[str] = []
    killed = 0
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        assert stderr == b""
        # An answer is whole, or was never given.
        if stdout.endswith(b"\n}\n"):
            answered += [each["EventId"] for each in json.loads(stdout)["Entries"]]
    return answered, killed


def measure_batch() -> float:
    """How long, in seconds, a batch of commands takes that are left alone."""
    began = time.monotonic()
    for process in [start("put-events", *ENTRY) for _ in range(AT_ONCE)]:
        process.communicate(timeout=60)
    return time.monotonic() - began


def test_what_was_answered_arrives_exactly_once_and_nothing_twice(
    ctx: Context, call: Callable[..., Any], state_directory: Path
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    queues = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2)]
    targets = [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(queues)]
    call("PutTargets", Rule="r", Targets=targets)
    chance = random.Random(1)

    answered: list[str] = []
    killed = 0
    duration = measure_batch()
    for _ in range(RUNS // AT_ONCE):
        more, died = put_events(chance.uniform(0.4, 1.3) * duration)
        answered += more
        killed += died
    tick = start("local", "tick")

    assert (tick.communicate(timeout=60), tick.returncode) == ((b"", b""), 0)
    assert killed > 0
    lines = [
        json.loads(line)
        for path in (state_directory / "sinks").rglob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    ledger = list(ctx.store.ledger.list_deliveries())
    assert {each.state for each in ledger} == {DELIVERED}
    assert Counter(line["deliveryId"] for line in lines) == dict.fromkeys(
        [each.delivery_id for each in ledger], 1
    )
    arrived = Counter(line["eventId"] for line in lines)
    assert {event_id: arrived[event_id] for event_id in answered} == dict.fromkeys(
        answered, len(queues)
    )
    assert len(answered) > 0
