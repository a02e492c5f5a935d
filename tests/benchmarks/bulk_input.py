"""The input of bulk benchmarks: EventBridge shapes as lines for put-events, with rules.

Sources that begin with `aws.` are AWS's own and refused by put-events, so theirs begin
with `lab.` here, in events and rules alike.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.context import open_context
from evcli.delivery.envelopes import build_envelope, format_json
from evcli.operations import call
from evcli.patterns import compile_pattern
from evcli.patterns.matching.index import PatternIndex
from tests.benchmarks.shapes import make_events, make_rules

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Any

QUEUES = 4
EVERYTHING = '{"version":["0"]}'


def rename(text: str) -> str:
    """Rename AWS's own sources."""
    return text.replace('"aws.', '"lab.')


def make_entries(count: int) -> list[dict[str, Any]]:
    """Make entries of put-events, `Detail` as text."""
    return [to_entry(json.loads(rename(text))) for text in make_events(count)]


def to_entry(event: dict[str, Any]) -> dict[str, Any]:
    """Turn an event into the entry that it may have been."""
    return {
        "Time": event["time"],
        "Source": event["source"],
        "Resources": event["resources"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"], separators=(",", ":")),
    }


def make_mixed_rules(count: int) -> list[str]:
    """Make the texts of mixed rules for these entries."""
    return [rename(text) for text in make_rules(count, "mixed")]


def build_state(path: Path, rules: list[str]) -> None:
    """Put rules on the default event bus, each with one of a few queues as a target."""
    ctx = open_context(str(path))
    ctx.store.database.relax_durability()
    ctx.quotas["rules_per_event_bus"] = len(rules)
    for number, pattern in enumerate(rules):
        name = f"rule-{number:06}"
        arn = f"arn:aws:sqs:us-east-1:000000000000:queue-{number % QUEUES}"
        call(ctx, "PutRule", {"Name": name, "EventPattern": pattern})
        call(ctx, "PutTargets", {"Rule": name, "Targets": [{"Id": "q", "Arn": arn}]})
    ctx.close()


def build_envelopes(entries: list[dict[str, Any]], now: datetime) -> list[str]:
    """Write the envelopes that put-events would make: the bytes to store."""
    return [
        format_json(
            build_envelope(
                event_id="0" * 36,
                detail_type=entry["DetailType"],
                source=entry["Source"],
                account_id="000000000000",
                time=now,
                region="us-east-1",
                resources=entry["Resources"],
                detail=json.loads(entry["Detail"]),
            )
        )
        for entry in entries
    ]


def count_matches(rules: list[str], envelopes: list[str]) -> int:
    """Count the deliveries that there have to be."""
    index = PatternIndex()
    for number, pattern in enumerate(rules):
        index.add(number, compile_pattern(pattern))
    return sum(len(index.match(envelope)) for envelope in envelopes)
