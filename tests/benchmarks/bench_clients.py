"""evcli beside the official client with a running `moto_server`, and what imports cost.

`aws events put-rule` and `put-events` talk to moto's server, which is warm and keeps
everything in memory; evcli does the same work against its state directory and commits
it to the disk. Beside them bare interpreter starts that import click and jsonschema, and
put-events with up to 10,000 rules on the event bus.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.bench_startup import FLOOR, PUT_RULE, write_script
from tests.benchmarks.measure import (
    BIN,
    ROUNDS,
    Command,
    Row,
    evcli_environ,
    measure,
    show_ms,
)
from tests.benchmarks.servers import start_moto
from tests.benchmarks.shapes import build_entries, build_kinds

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
COUNTS = (1, 10_000)
# Row, what is timed, what it is divided by, the input.
RATIOS = (
    ("aws put-rule with moto_server ÷ put-rule", "aws put-rule", "put-rule", "1 rule"),
    (
        "aws put-events with moto_server ÷ put-events",
        "aws put-events",
        "put-events, 1 rule",
        "10 entries",
    ),
    (
        "put-events, 10,000 rules ÷ 1 rule",
        "put-events, 10,000 rules",
        "put-events, 1 rule",
        "10 entries, each for one of 10 rules",
    ),
    ("import click ÷ floor", "import click", "floor", "bare interpreter"),
    ("import jsonschema ÷ floor", "import jsonschema", "floor", "bare interpreter"),
)


def list_rows(quick: bool) -> list[Row]:
    """Measure the clients in turn."""
    rounds = 1 if quick else ROUNDS
    server = start_moto()
    try:
        with tempfile.TemporaryDirectory() as name:
            medians = measure(list_commands(Path(name), server.port), rounds)
    finally:
        server.stop()
    return [
        Row(
            row,
            medians[ours] / medians[yardstick],
            f"{show_ms(medians[ours])} ÷ {show_ms(medians[yardstick])}",
            given,
            rounds,
        )
        for row, ours, yardstick, given in RATIOS
    ]


def list_commands(directory: Path, port: int) -> list[Command]:
    """List what is measured."""
    put_events = ["put-events", "--entries", build_entries(directory / "entries.json")]
    states = {count: directory / f"state-{count}" for count in COUNTS}
    for count, state in states.items():
        build_kinds(state, count)
    aws = [str(BIN / "aws"), "--endpoint-url", f"http://127.0.0.1:{port}", "events"]
    evcli = write_script(directory / "evcli", "new")
    environs = [evcli_environ(states[count]) for count in COUNTS]
    return [
        FLOOR,
        *(
            Command(f"import {each}", [sys.executable, "-I", "-c", f"import {each}"])
            for each in ("click", "jsonschema")
        ),
        Command("put-rule", [evcli, *PUT_RULE], environs[0]),
        Command("aws put-rule", [*aws, *PUT_RULE], CREDENTIALS),
        Command("put-events, 1 rule", [evcli, *put_events], environs[0]),
        Command("put-events, 10,000 rules", [evcli, *put_events], environs[1]),
        Command("aws put-events", [*aws, *put_events], CREDENTIALS),
    ]
