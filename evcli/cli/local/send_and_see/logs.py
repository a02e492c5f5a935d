"""`evcli local logs`: what event buses log of their own work."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import choose_output, newest_options, write_list
from evcli.cli.local.signals import make_wait
from evcli.cli.output.columns import CUT, Column
from evcli.cli.output.short_forms import (
    format_clock,
    shorten_id,
    shorten_rule_arn,
    shorten_target_arn,
)
from evcli.inspection.bus_logs import (
    LogFollower,
    explain_silence,
    list_records,
    open_logs,
)
from evcli.inspection.following import follow_ledger
from evcli.store.epoch import from_epoch_ms

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session
    from evcli.inspection.bus_logs import LogFile, Record

# How many of the newest a table on a terminal shows, unless --limit says it.
SHOWN_ON_TERMINAL = 50
LEVEL_STYLES = {"ERROR": "red", "TRACE": "dim"}

# What a line of `--output text` says.
MEMBERS = ("message_timestamp_ms", "log_level", "event_bus_name", "message_type", "event_id")  # fmt: skip


@click.command()
@click.argument("event_bus_name", required=False, metavar="BUS")
@click.option(
    "--level",
    type=click.Choice(["ERROR", "INFO", "TRACE"], case_sensitive=False),
    default="TRACE",
    metavar="LEVEL",
    help="Only what an event bus at this level writes: ERROR, INFO or TRACE.",
)
@newest_options(SHOWN_ON_TERMINAL)
@click.pass_obj
def logs_command(
    session: Session,
    event_bus_name: str | None,
    level: str,
    limit: int | None,
    follow: bool,
) -> None:
    """Print what event buses log of their own work, oldest first: records as AWS has
    them, of BUS or of all event buses of the account and region.

    `evcli update-event-bus --name BUS --log-config Level=TRACE` has an event bus log;
    ERROR and INFO write less, OFF ends it, and IncludeDetail=FULL adds events and
    payloads. Records go to the sink of the log group
    /aws/vendedlogs/events/event-bus/BUS, a file unless config.toml makes it another one.

    A table of the newest ones on a terminal, all as JSON elsewhere; --output chooses.
    With --follow JSON comes one record a line.
    """
    with closing(session.open_context()) as ctx:
        output = choose_output(session, ctx)
        if limit is None and output == "table" and session.stdout.isatty():
            limit = SHOWN_ON_TERMINAL
        logs = open_logs(ctx, event_bus_name)
        now = ctx.clock.now()
        silence = explain_silence(ctx, event_bus_name)
        path = session.options["state_dir"] = ctx.store.path
    records, is_cut = _list_newest(logs, level, limit)
    if silence and (follow or not records):
        session.warn_at_once(silence)
    found = iter(records)
    if follow:
        look = LogFollower(logs, event_bus_name, level).look
        wait = make_wait(session.stdout)
        found = chain(records, follow_ledger(session.open_context, path, look, wait))
    write_list(
        session,
        "Records",
        found,
        list_columns(now, names_bus=event_bus_name is None),
        MEMBERS,
        output,
        note=format_error,
        footer="There are older ones: --limit N." if is_cut and not follow else "",
        endless=follow,
    )


def _list_newest(
    logs: list[LogFile], level: str, limit: int | None
) -> tuple[list[Record], bool]:
    """List the newest records; say whether there are older ones."""
    newest: deque[Record] = deque(maxlen=limit and limit + 1)
    newest.extend(list_records(logs, level))
    if limit is None or len(newest) <= limit:
        return list(newest), False
    newest.popleft()
    return list(newest), True


def list_columns(now: datetime, *, names_bus: bool) -> tuple[Column, ...]:
    """The columns of a table of records.

    Args:
        now: decides how much of a day is shown.
        names_bus: whether records of several event buses may be among them.
    """

    def show_time(record: Record) -> Cell:
        instant = from_epoch_ms(record["message_timestamp_ms"])
        return format_clock(instant.isoformat(), now)

    bus = Column("event_bus_name", "BUS", fit=CUT, least=7, drop=1)
    return (
        Column("message_timestamp_ms", "TIME", show_time, least=8),
        Column("log_level", "LEVEL", show_level, least=5, drop=2),
        *((bus,) if names_bus else ()),
        Column("event_id", "EVENT", show_event, least=8),
        Column("message_type", "STEP", show_step, fit=CUT, least=26),
        Column("details", "", show_details, fit=CUT, least=20),
    )


def show_level(record: Record) -> Cell:
    """The level of the step, errors red."""
    level: str = record["log_level"]
    return level, LEVEL_STYLES.get(level, "")


def show_step(record: Record) -> Cell:
    """What happened, in the colour of its level."""
    return record["message_type"], LEVEL_STYLES.get(record["log_level"], "")


def show_event(record: Record) -> Cell:
    """The short id; what was refused has none."""
    return shorten_id(record.get("event_id", ""))


def show_details(record: Record) -> Cell:
    """Say what it was about: the event, or rule, target, attempt and status."""
    details = record["details"]
    if "source" in details:
        return f'{details["source"]} "{details.get("detail_type", "")}"'
    if "rule_arn" not in details:
        return ""
    rule = shorten_rule_arn(details["rule_arn"])
    targets = details.get("target_arns") or [details.get("target_arn")]
    names = [shorten_target_arn(target) for target in targets if target]
    parts = [f"{rule} → {', '.join(names) or 'no targets'}"]
    if "attempt_count" in details:
        parts.append(f"attempt {details['attempt_count']}")
    status = details.get("invocation_status") or details.get("final_invocation_status")
    if status not in (None, "SUCCESS"):
        parts.append(status)
    return " ".join(parts)


def format_error(record: Record) -> str:
    """Say what went wrong; "" where nothing did."""
    message: str = record.get("error", {}).get("error_message", "")
    return message
