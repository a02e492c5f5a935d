"""`evcli put-events` itself, killed at random moments: what was answered arrives once.

python -m pytest tests/delivery/test_killed_commands.py tests/delivery/test_crashes.py
python -m pytest ... --full          1,000 kills a test instead of 20
"""

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

import pytest

from evcli.store.deliveries import DELIVERED
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from evcli import main; main()"]
AT_ONCE = 4


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
        stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        killed += process.returncode == -signal.SIGKILL
        assert stderr == b""
        # An answer is whole, or was never given.
        if stdout.endswith(b"\n}\n"):
            answered += [each["EventId"] for each in json.loads(stdout)["Entries"]]
    return answered, killed


def kill_commands(kills: int) -> list[str]:
    """Kill so many commands, others not; gives the ids that were answered.

    How long commands take changes with the machine and its neighbours: when all of a
    batch were killed the next one has more time, when all were done it has less.
    """
    chance = random.Random(1)
    answered: list[str] = []
    killed = 0
    seconds = 0.5
    for _ in range(50 * kills):
        more, died = put_events(chance.uniform(0, 2) * seconds)
        answered += more
        killed += died
        seconds *= {AT_ONCE: 1.5, 0: 0.7}.get(died, 1)
        if killed >= kills and answered:
            return answered
    raise AssertionError(f"{killed} killed, {len(answered)} answered")


def test_what_was_answered_arrives_exactly_once_and_nothing_twice(
    ctx: Context, call: Callable[..., Any], state_directory: Path, kills: int
) -> None:
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')
    queues = [f"arn:aws:sqs:us-east-1:000000000000:q{n}" for n in (1, 2)]
    targets = [{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(queues)]
    call("PutTargets", Rule="r", Targets=targets)

    answered = kill_commands(kills)
    tick = start("local", "tick", "--quiet")

    assert (tick.communicate(timeout=PATIENCE_SECONDS), tick.returncode) == (
        (b"", b""),
        0,
    )
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
