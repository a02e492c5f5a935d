"""Bulk input: events per second, by a bare SQLite insert of the same bytes.

`evcli local send` as a whole command, with a hundred mixed rules (few deliveries) and with
one more that sends every event to a file sink; then what a second process brings to `send`
and `match`, by the form of the input. Counts are checked in every round.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evcli.ids import derive_uuid
from tests.benchmarks.bulk_input import (
    EVERYTHING,
    build_envelopes,
    build_state,
    count_matches,
    make_entries,
    make_mixed_rules,
)
from tests.benchmarks.measure import (
    PROGRAM,
    ROUNDS,
    Row,
    evcli_environ,
    measure_in_turn,
    measure_size,
    time_work,
)
from tests.benchmarks.servers import Contestant, send_all, start_moto

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
# Rows of one transaction of the bare insert; more make it no faster.
BATCH = 1_000
MOTO_EVENTS = 1_000
WITHOUT_ORJSON = (
    sys.executable,
    "-c",
    "import sys; sys.modules['orjson'] = None; from evcli import main; main()",
)
FORMS = ("lines", "whole events", "standard input", "gzip", "JSON array")
# What each command reads of these.
SHARED = {"match": FORMS[:3], "send": FORMS}


def list_rows(quick: bool) -> list[Row]:
    """Measure sending, then what a second process brings."""
    rounds, events, shared = (1, 4_000, 4_000) if quick else (ROUNDS, 200_000, 50_000)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        rows += measure_sending(Input(Path(name), events), rounds)
    with tempfile.TemporaryDirectory() as name:
        rows += measure_jobs(Input(Path(name), shared), rounds)
    return rows


class Input:
    """The input in its forms, and commands over it."""

    def __init__(self, directory: Path, events: int) -> None:
        self.directory = directory
        entries = make_entries(events)
        self.events = events
        self.few = entries[:MOTO_EVENTS]
        self.envelopes = build_envelopes(entries, NOW)
        lines = [json.dumps(entry) for entry in entries]
        self.forms = {form: directory / form.replace(" ", "-") for form in FORMS}
        self.forms["lines"].write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.forms["JSON array"].write_text(json.dumps(entries), encoding="utf-8")
        with gzip.open(self.forms["gzip"], "wb", compresslevel=6) as stream:
            stream.write(self.forms["lines"].read_bytes())
        with self.forms["whole events"].open("w", encoding="utf-8") as stream:
            # Each with an id of its own, as captured ones have.
            stream.writelines(
                text.replace("0" * 36, derive_uuid(str(number)), 1) + "\n"
                for number, text in enumerate(self.envelopes)
            )
        mixed = make_mixed_rules(100)
        self.rules = {"mixed": mixed, "all": [*mixed, EVERYTHING]}
        self.expected = {
            name: count_matches(rules, self.envelopes)
            for name, rules in self.rules.items()
        }
        for name, rules in self.rules.items():
            build_state(directory / name, rules)
        # Bytes of state directory for each event, by what was measured last.
        self.sizes: dict[str, int] = {}

    def insert(self) -> float:
        """Insert the envelopes into a table of nothing else; the seconds."""
        path = self.directory / "bare.db"
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE events (envelope TEXT NOT NULL)")
        rows = [(text,) for text in self.envelopes]

        def insert() -> None:
            for first in range(0, len(rows), BATCH):
                database.execute("BEGIN IMMEDIATE")
                chunk = rows[first : first + BATCH]
                database.executemany("INSERT INTO events VALUES (?)", chunk)
                database.execute("COMMIT")

        seconds = time_work(insert)
        database.close()
        path.unlink()
        return seconds

    def send(
        self,
        name: str,
        *words: str,
        form: str = "lines",
        program: tuple[str, ...] = PROGRAM,
    ) -> float:
        """Send everything in a new state directory; the seconds of the command."""
        state = self.directory / "state"
        shutil.copytree(self.directory / name, state)
        seconds, answer = self.run(state, program, words, form)
        counts = (answer["AcceptedCount"], answer["DeliveryCount"])
        if counts != (self.events, self.expected[name]):
            raise SystemExit(f"{counts}, not {self.events}, {self.expected[name]}")
        self.sizes[name] = measure_size(state) // self.events
        shutil.rmtree(state)
        return seconds

    def match(self, *words: str, form: str) -> float:
        """Backtest everything; the seconds of the command."""
        state = self.directory / "mixed"
        seconds, answer = self.run(state, PROGRAM, words, form)
        count = sum(rule["MatchCount"] for rule in answer["Rules"])
        if count != self.expected["mixed"]:
            raise SystemExit(f"{count} matches, not {self.expected['mixed']}")
        return seconds

    def run(
        self, state: Path, program: tuple[str, ...], words: tuple[str, ...], form: str
    ) -> tuple[float, Any]:
        """Run a local command over a form of the input."""
        is_piped = form == "standard input"
        path = self.forms["lines" if is_piped else form]
        with path.open("rb") as stream:
            begin = time.perf_counter()
            done = subprocess.run(
                [*program, "local", *words, "-" if is_piped else str(path)],
                env=evcli_environ(state),
                stdin=stream,
                capture_output=True,
                check=False,
            )
            seconds = time.perf_counter() - begin
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode())
        return seconds, json.loads(done.stdout)

    def send_to(self, server: Contestant) -> float:
        """Send some entries to a server, ten in a request; the seconds."""
        requests = [
            ("PutEvents", {"Entries": self.few[first : first + 10]})
            for first in range(0, len(self.few), 10)
        ]
        return time_work(partial(send_all, server.port, requests))

    def describe(self, name: str = "mixed") -> str:
        """Say what the input is."""
        size = len("".join(self.envelopes).encode()) // self.events
        deliveries = self.expected[name] / self.events
        return (
            f"{self.events:,} events of {size} bytes, {deliveries:.2f} deliveries each"
        )


def measure_sending(given: Input, rounds: int) -> list[Row]:
    """Send as lines in several settings, insert, and send some to moto's server."""
    moto = start_moto()
    rules = [
        ("PutRule", {"Name": f"rule-{number}", "EventPattern": pattern})
        for number, pattern in enumerate(given.rules["mixed"])
    ]
    runs: dict[str, tuple[str, Callable[[], float]]] = {
        "send, 100 mixed rules": ("mixed", partial(given.send, "mixed", "send")),
        "send, every event to a file": ("all", partial(given.send, "all", "send")),
        "send, 100 mixed rules, whole events": (
            "mixed",
            partial(given.send, "mixed", "send", form="whole events"),
        ),
        "send, every event to a file, without orjson": (
            "all",
            partial(given.send, "all", "send", program=WITHOUT_ORJSON),
        ),
    }
    try:
        send_all(moto.port, rules)
        seconds = measure_in_turn(
            {
                "bare": given.insert,
                "moto": partial(given.send_to, moto),
                **{what: run for what, (_, run) in runs.items()},
            },
            rounds,
        )
    finally:
        moto.stop()
    seconds["moto"] *= given.events / len(given.few)
    rates = {what: given.events / each for what, each in seconds.items()}

    def build_row(what: str, by: str, name: str, kind: str) -> Row:
        figures = f"{rates[what]:,.0f}/s ÷ {rates[kind]:,.0f}/s"
        ratio = rates[what] / rates[kind]
        return Row(f"{what} ÷ {by}", ratio, figures, given.describe(name), rounds)

    sizes = [
        Row(f"state directory{what}, bytes an event", given.sizes[name], "", text, 1)
        for what, name in (("", "mixed"), (" and file sinks", "all"))
        for text in [given.describe(name)]
    ]
    return [
        *(build_row(what, "bare insert", name, "bare") for what, (name, _) in runs.items()),
        build_row("send, 100 mixed rules", "moto_server", "mixed", "moto"),
        *sizes,
    ]  # fmt: skip


def measure_jobs(given: Input, rounds: int) -> list[Row]:
    """Match and send each form of input by one process, and by two."""
    rows = []
    work = {"match": given.match, "send": partial(given.send, "mixed")}
    for command, forms in SHARED.items():
        for form in forms if takes_jobs(command) else ():
            runs = {
                jobs: partial(work[command], command, "--jobs", jobs, form=form)
                for jobs in ("1", "2")
            }
            seconds = measure_in_turn(runs, rounds)
            one, two = (given.events / seconds[jobs] for jobs in runs)
            what = f"{command}, {form}, --jobs 2 ÷ 1"
            figures = f"{two:,.0f}/s ÷ {one:,.0f}/s"
            rows.append(Row(what, two / one, figures, given.describe(), rounds))
    return rows


def takes_jobs(command: str) -> bool:
    """Tell whether a command can share its work."""
    done = subprocess.run(
        [*PROGRAM, "local", command, "help"], capture_output=True, check=True
    )
    return b"--jobs" in done.stdout
