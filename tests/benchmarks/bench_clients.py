"""evcli beside the official client with a running `moto_server`, and what imports cost.

    python tests/benchmarks/bench_clients.py [--runs N]

`aws events put-rule` and `put-events` talk to moto's server, which is warm and keeps
everything in memory; evcli does the same work against its state directory and commits
it to the disk. Beside them bare interpreter starts that import click and jsonschema, and
put-events with up to 10,000 rules on the event bus. In turn; medians; nothing asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.bench_server import Contestant
from tests.benchmarks.bench_startup import build_entries, build_state
from tests.benchmarks.measure import Command, evcli_environ, format_table, measure

BIN = Path(sys.executable).parent
EVCLI = str(BIN / "evcli")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
PUT_RULE = ["put-rule", "--name", "r", "--event-pattern", '{"source":["s"]}']
RULES = (1, 100, 300, 10_000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    server = Contestant(
        "moto", lambda port: [str(BIN / "moto_server"), "-p", str(port)], {}
    )
    with tempfile.TemporaryDirectory() as name:
        server.start()
        try:
            medians = measure(list_commands(Path(name), server.port), runs)
        finally:
            server.stop()
    floor = medians["bare interpreter"]
    rows = [
        (name, f"{seconds * 1000:.1f}", f"{seconds / floor:.2f}")
        for name, seconds in medians.items()
    ]
    print(format_table(("command", "ms", "÷ bare interpreter"), rows))  # noqa: T201
    for what in ("put-rule", "put-events"):
        ratio = medians[f"aws {what}, moto_server"] / medians[f"evcli {what}"]
        print(f"\naws {what} with moto_server ÷ evcli {what}: {ratio:.1f}")  # noqa: T201
    ratio = medians["evcli put-events, 10,000 rules"] / medians["evcli put-events"]
    print(f"\nput-events with 10,000 rules ÷ with 1 rule: {ratio:.2f}")  # noqa: T201


def list_commands(directory: Path, port: int) -> list[Command]:
    """List what is measured."""
    entries = build_entries(directory / "entries.json")
    put_events = ["put-events", "--entries", entries]
    states = {count: directory / f"state-{count}" for count in RULES}
    for count, state in states.items():
        build_state(state, count)
    aws = [str(BIN / "aws"), "--endpoint-url", f"http://127.0.0.1:{port}", "events"]
    own = evcli_environ(states[1])
    return [
        Command("bare interpreter", [sys.executable, "-I", "-c", "pass"]),
        Command("import click", [sys.executable, "-I", "-c", "import click"]),
        Command("import jsonschema", [sys.executable, "-I", "-c", "import jsonschema"]),
        Command("evcli put-rule", [EVCLI, *PUT_RULE], own),
        Command("aws put-rule, moto_server", [*aws, *PUT_RULE], CREDENTIALS),
        Command("evcli put-events", [EVCLI, *put_events], own),
        *(
            Command(
                f"evcli put-events, {count:,} rules",
                [EVCLI, *put_events],
                evcli_environ(states[count]),
            )
            for count in RULES[1:]
        ),
        Command("aws put-events, moto_server", [*aws, *put_events], CREDENTIALS),
    ]


if __name__ == "__main__":
    main()
