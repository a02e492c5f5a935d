"""Start-up: what a script pays for one evcli command, in bare interpreter starts.

    python tests/benchmarks/bench_startup.py [--runs N]

Run it with the interpreter of the virtual environment that evcli is installed in, not as
an editable install; the floor is that same interpreter doing nothing. The budgets are for
the console script of uv, or of pip from 26.3 on: older ones import `re` themselves.
Prints a Markdown table of medians and ratios, beside the budgets; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measure import (
    Command,
    evcli_environ,
    format_table,
    measure,
)

BIN = Path(sys.executable).parent
EVCLI = str(BIN / "evcli")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def build_state(state_directory: Path, rules: int) -> None:
    """Put `rules` rules on the default event bus, each for its own detail-type."""
    from evcli.context import open_context
    from evcli.operations import call

    ctx = open_context(str(state_directory))
    ctx.quotas["rules_per_event_bus"] = rules
    for number in range(rules):
        pattern = {"source": ["shop"], "detail-type": [f"kind-{number}"]}
        name = f"rule-{number:05}"
        call(ctx, "PutRule", {"Name": name, "EventPattern": json.dumps(pattern)})
        if number < 10:
            target = {"Id": "q", "Arn": QUEUE}
            call(ctx, "PutTargets", {"Rule": name, "Targets": [target]})
    ctx.close()


def build_entries(path: Path) -> str:
    """Write ten entries, each for one rule."""
    entries = [
        {
            "Source": "shop",
            "DetailType": f"kind-{number}",
            "Detail": json.dumps({"total": number, "customer": {"id": "c-17"}}),
        }
        for number in range(10)
    ]
    path.write_text(json.dumps(entries), encoding="utf-8")
    return f"file://{path}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        entries = build_entries(directory / "entries.json")
        states = {count: directory / f"state-{count}" for count in (1, 100, 300, 1000)}
        for count, state in states.items():
            build_state(state, count)
        put_events = [EVCLI, "put-events", "--entries", entries]
        completion = {
            **evcli_environ(states[1000]),
            "EVCLI_COMPLETE": "bash",
            "EVCLI_LINE": "evcli describe-rule --name rule-0012",
        }
        describe = [EVCLI, "describe-rule", "--name", "rule-00000"]
        commands = [
            Command("floor", [sys.executable, "-I", "-c", "pass"]),
            Command("describe-rule", describe, evcli_environ(states[100])),
            Command(
                "put-rule",
                [
                    EVCLI,
                    "put-rule",
                    "--name",
                    "r",
                    "--event-pattern",
                    '{"source":["s"]}',
                ],
                evcli_environ(states[100]),
            ),
            Command("put-events, 100 rules", put_events, evcli_environ(states[100])),
            Command("put-events, 300 rules", put_events, evcli_environ(states[300])),
            Command("put-events, 1 rule", put_events, evcli_environ(states[1])),
            Command("TAB, 1,000 rules", [EVCLI], completion, expects=b"rule-00127"),
        ]
        medians = measure(commands, runs)
    floor = medians["floor"]
    budgets = {
        "describe-rule": "2.15",
        "put-rule": "2.5",
        "put-events, 100 rules": "3.0",
        "TAB, 1,000 rules": "2.0",
    }
    rows = [
        (name, f"{seconds * 1000:.1f}", f"{seconds / floor:.2f}", budgets.get(name, ""))
        for name, seconds in medians.items()
    ]
    table = format_table(("command", "ms", "÷ floor", "must be at most"), rows)
    ratio = medians["put-events, 300 rules"] / medians["put-events, 1 rule"]
    sys.stdout.write(
        f"{table}\n\nput-events with 300 rules ÷ with 1 rule: {ratio:.2f} (at most 1.3)\n"
    )


if __name__ == "__main__":
    main()
