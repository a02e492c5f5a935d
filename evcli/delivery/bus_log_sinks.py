"""Where the records of `bus_logs.py` go: the sink that stands for a log group.

It is found as that of any target: without an entry in `config.toml` a file below
`sinks/`. There is no other destination, for S3 buckets and Firehose streams are set up in
CloudWatch Logs, and not by operations of EventBridge.

Records are the least of what is to be kept: nothing waits for the disk, and a sink that
fails loses them.

Source: [aws] the name of the log stream.
"""

from __future__ import annotations

import json

from evcli.delivery.sinks import find_record_sink
from evcli.store.deliveries import Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.context import Context, LogRecord
    from evcli.store.deliveries import Event

LOG_STREAM = "EventBridgeEventBusLogs"


def write_records(ctx: Context) -> None:
    """Hand the records that wait to their sinks; call outside of transactions.

    Never fails: what cannot be written is lost, and a notice says so.
    """
    records = ctx.log_records.copy()
    ctx.log_records.clear()
    by_group: dict[str, list[LogRecord]] = {}
    for record in records:
        by_group.setdefault(record[0], []).append(record)
    for group, found in by_group.items():
        try:
            problem = _write_to_sink(ctx, group, found)
        except Exception as error:  # of a sink; nobody's events wait for it
            problem = str(error) or type(error).__name__
        notice = f"What event buses log was not written to {group}: {problem}"
        if problem is not None and notice not in ctx.notices:
            ctx.notices.append(notice)


def _write_to_sink(ctx: Context, group: str, records: list[LogRecord]) -> str | None:
    """Write the records of one log group; returns what went wrong."""
    sink = find_record_sink(ctx, group)
    append_lines: Callable[[bytes], None] | None = getattr(sink, "append_lines", None)
    if append_lines is not None:
        text = "".join(f"{line}\n" for _, _, line in records)
        append_lines(text.encode("utf-8", "replace"))
        return None
    problem = None
    lines = []
    for _, event, line in records:
        delivery, request = _make_delivery(group, event, line)
        outcome = sink.deliver(delivery, request)
        if outcome.line is not None:
            lines.append((delivery, outcome.line))
        if outcome.error_code is not None:
            problem = outcome.message or outcome.error_code
    sink.flush()
    if lines:
        from evcli.store.table_lines import TableLines

        with ctx.store.transaction(durable=False, alone_in=None):
            TableLines(ctx.store.database).add_all(lines)
    return problem


def _make_delivery(
    group: str, event: Event, line: str
) -> tuple[Delivery, dict[str, Any]]:
    """Make of a record what sinks take: a delivery, and the call of its service."""
    target = {"Id": LOG_STREAM, "Arn": group}
    delivery = Delivery(event=event, rule_arn="", target=target, payload=line)
    timestamp = json.loads(line)["message_timestamp_ms"]
    request = {
        "logGroupName": group.partition("log-group:")[2],
        "logStreamName": LOG_STREAM,
        "logEvents": [{"timestamp": timestamp, "message": line}],
    }
    return delivery, {"action": "logs:PutLogEvents", "request": request}
