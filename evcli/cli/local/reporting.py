"""What commands that work say of it: a line a thing on standard error.

`16:04:48 ✔ big → lambda:handler attempt 2`: the time, whether it went well, what it was.
On a virtual clock the time is that clock's, whole and by name. With `--output json` each
thing is an object on a line of standard output instead, as `delivery/reports.py` makes
it; `--quiet` leaves both out.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import click

from evcli.cli.output.query import Query
from evcli.cli.output.short_forms import (
    format_clock,
    shorten_rule_arn,
    shorten_target_arn,
)
from evcli.cli.output.visible import TerminalStream
from evcli.context import SystemClock
from evcli.delivery.reports import (
    ATTEMPT,
    EXPIRY,
    REPLAY,
    REQUEST,
    RESOURCE,
    SCHEDULE,
    SUMMARY,
)
from evcli.store.deliveries import FAILED, RETRYING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.cli.session import Session

    Report = dict[str, Any]

quiet_option = click.option(
    "--quiet", "-q", is_flag=True, help="Say nothing of what is done; errors are said."
)

MARKS = {FAILED: "✘", RETRYING: "↻"}
DONE = "✔"
# What was done to a resource, by the action of its change.
VERBS = {"add": "added", "change": "changed", "remove": "removed"}


class Reporter:
    """Takes reports, writes them, and counts them by type and state.

    It may be called by several threads.

    Args:
        leave: called when nobody reads the JSON any more; without it the command ends.
    """

    def __init__(
        self,
        session: Session,
        *,
        quiet: bool,
        leave: Callable[[], object] | None = None,
    ) -> None:
        self._session = session
        self._quiet = quiet or session.options.get("output") == "off"
        self._leave = leave
        self._lock = threading.Lock()
        # What the profile says is about answers; lines are asked for by the option.
        self.is_json = session.options.get("output") == "json"
        self._query = None
        if self.is_json and "query" in session.options:
            self._query = Query(session.options["query"])
        self.counts: Counter[tuple[str, str]] = Counter()

    def __call__(self, report: Report) -> None:
        """Write a report. Raises: BrokenPipeError: nobody reads the JSON any more."""
        with self._lock:
            self.counts[report["Type"], report.get("State", "")] += 1
            if self._quiet:
                return
            if not self.is_json:
                self._session.warn(format_line(report))
                self._session.stderr.flush()
                return
            try:
                self._write_json(report)
            except BrokenPipeError:
                self._quiet = True
                if self._leave is None:
                    raise
                self._leave()

    def summarize(self) -> dict[str, int]:
        """Count what was reported so far, for a report of type `SUMMARY`."""
        totals: Counter[str] = Counter()
        for (kind, _), number in self.counts.items():
            totals[kind] += number
        return {
            "Schedules": totals[SCHEDULE],
            "Attempts": totals[ATTEMPT],
            "Failed": self.counts[ATTEMPT, FAILED],
            "Retrying": self.counts[ATTEMPT, RETRYING],
            "Replays": totals[REPLAY],
            "Archives": totals[EXPIRY],
        }

    def say(self, line: str) -> None:
        """Say something of the work as a whole; JSON has nothing of it."""
        if not self._quiet and not self.is_json:
            self._session.warn(line)

    def _write_json(self, report: Report) -> None:
        stdout: Any = self._session.stdout
        stream = TerminalStream(stdout, "json") if stdout.isatty() else stdout
        value = report if self._query is None else self._query.search(report)
        stream.write(f"{json.dumps(value, ensure_ascii=False)}\n")
        stdout.flush()


def format_line(report: Report) -> str:
    """Write a report as a line for people."""
    time = format_clock(report["Time"], SystemClock().now())
    if "Clock" in report:
        time = f"{report['Time']} {report['Clock']}"
    text = FORMATS[report["Type"]](report)
    return f"{time} {' '.join(text.split())}"


def _format_attempt(report: Report) -> str:
    state = report["State"]
    rule, target = (
        shorten_rule_arn(report["RuleArn"]),
        shorten_target_arn(report["TargetArn"]),
    )
    parts = [MARKS.get(state, DONE), rule, "→", target]
    if report.get("DeadLetter"):
        parts.append("dead letter")
    elif report["Attempt"] > 1 or state in MARKS:
        parts.append(f"attempt {report['Attempt']}")
    if "ErrorCode" in report:
        parts.append(report["ErrorCode"])
        if "ErrorMessage" in report:
            parts[-1] += f": {report['ErrorMessage']}"
    if "NextAttemptAt" in report:
        wait = datetime.fromisoformat(report["NextAttemptAt"])
        seconds = (wait - datetime.fromisoformat(report["Time"])).total_seconds()
        parts.append(f"(again in {max(round(seconds), 0)} s)")
    return " ".join(parts)


def _format_schedule(report: Report) -> str:
    due = "" if report["DueAt"] == report["Time"] else f", due at {report['DueAt']}"
    return f"{DONE} {shorten_rule_arn(report['RuleArn'])} fired{due}"


def _format_replay(report: Report) -> str:
    mark = MARKS.get(report["State"], DONE)
    name = report["ReplayArn"].rpartition("/")[2]
    return (
        f"{mark} replay {name}: {_count(report['Events'], 'event')}, {report['State']}"
    )


def _format_expiry(report: Report) -> str:
    name = report["ArchiveArn"].rpartition("/")[2]
    return f"{DONE} archive {name}: {_count(report['Events'], 'event')} expired"


def _format_request(report: Report) -> str:
    parts = [report["Operation"], str(report["Status"]), f"{report['DurationMs']} ms"]
    if "Entries" in report:
        entries = report["Entries"]
        parts.append(f"{entries} {'entry' if entries == 1 else 'entries'}")
        if report["FailedEntries"]:
            parts[-1] += f", {report['FailedEntries']} failed"
    if "ErrorCode" in report:
        parts.append(report["ErrorCode"])
    return " ".join(parts)


def _format_resource(report: Report) -> str:
    kind = report["Kind"].replace("_", " ")
    scope = f"in {report['AccountId']} {report['Region']}"
    return f"{DONE} {kind} {report['Name']} {VERBS[report['Action']]} {scope}"


def _format_summary(report: Report) -> str:
    unmade = report["Failed"] + report["Retrying"]
    words = f", {unmade:,} without success" if unmade else ""
    if report["Failed"]:
        deliveries = "delivery" if report["Failed"] == 1 else "deliveries"
        words += f", {report['Failed']:,} {deliveries} failed for good"
    parts = [
        _count(report[name], noun) + more
        for name, noun, more in (
            ("Schedules", "schedule", " fired"),
            ("Attempts", "attempt", words),
            ("Replays", "replay", " sent on"),
            ("Archives", "archive", " shortened"),
        )
        if report[name]
    ]
    return f"{', '.join(parts)}." if parts else "Nothing was due."


FORMATS: dict[str, Callable[[Report], str]] = {
    ATTEMPT: _format_attempt,
    EXPIRY: _format_expiry,
    REPLAY: _format_replay,
    REQUEST: _format_request,
    RESOURCE: _format_resource,
    SCHEDULE: _format_schedule,
    SUMMARY: _format_summary,
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
