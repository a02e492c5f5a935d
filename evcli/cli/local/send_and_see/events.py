"""`evcli local events`: what event buses accepted, and what came of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import (
    STATE_STYLES,
    choose_output,
    newest_options,
    write_list,
)
from evcli.cli.local.signals import make_wait
from evcli.cli.local.time.times import read_instant
from evcli.cli.output.columns import CUT, WRAP, Column
from evcli.cli.output.short_forms import format_clock
from evcli.cli.parsing.requests import ValueReader
from evcli.inspection.events import (
    EventFollower,
    describe_events,
    find_newest,
    list_events,
    make_query,
)
from evcli.inspection.following import follow_ledger
from evcli.model.shared import PLAIN_STRING
from evcli.store.deliveries import STATES

if TYPE_CHECKING:
    from datetime import datetime

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.inspection.events import EventQuery, Value

# How many of the newest a table on a terminal shows, unless --limit says it.
SHOWN_ON_TERMINAL = 20

# What a line of `--output text` says.
MEMBERS = ("AcceptedAt", "EventBusName", "Source", "DetailType", "EventId", "Reason")


@click.command()
@click.option(
    "--unmatched",
    is_flag=True,
    help="Only events that no delivery came of, as said above.",
)
@click.option(
    "--source", metavar="TEXT", help="Only of this source; * is any text: 'aws.*'."
)
@click.option("--detail-type", metavar="TEXT", help="Only of this type, likewise.")
@click.option(
    "--pattern",
    metavar="JSON",
    help="Only what this event pattern matches; file://PATH.",
)
@click.option(
    "--event-bus-name", metavar="NAME|ARN", help="Only what arrived on this event bus."
)
@click.option(
    "--since", metavar="TIME", help="Only what was accepted since, such as 5m or 2h."
)
@newest_options(SHOWN_ON_TERMINAL)
@click.pass_obj
def events_command(
    session: Session,
    unmatched: bool,
    source: str | None,
    detail_type: str | None,
    pattern: str | None,
    event_bus_name: str | None,
    since: str | None,
    limit: int | None,
    follow: bool,
) -> None:
    """List the events that event buses accepted, oldest first, and what came of them:
    the rules that matched, how many deliveries are in which state, or why there are none.

    A table of the newest ones on a terminal, all as JSON elsewhere, the events in it;
    --output chooses. With --follow an event is shown once, after its first attempts, and
    JSON comes one object a line.

    An event stays --unmatched when its event bus does not exist, no rule matches, those
    that match have no targets, or archives alone keep it. Why, is what was so when it
    came; which rules that was about, is said by rules as they are now.

    TIME is how long ago, like 90s, 5m, 2h or 7d, or 2026-11-23T12:00:00Z.
    """
    with closing(session.open_context()) as ctx:
        output = choose_output(session, ctx)
        query = make_query(
            event_bus_name=event_bus_name,
            source=source,
            detail_type=detail_type,
            event_pattern=_read_pattern(session, pattern),
            since=read_instant(ctx, since, "--since", ahead=False) if since else None,
            undelivered=unmatched,
        )
        if limit is None and output == "table" and session.stdout.isatty():
            limit = SHOWN_ON_TERMINAL
        after = 0 if limit is None else find_newest(ctx, query, limit)
        if not follow:
            _write_events(session, ctx, query, after, output)
            return
        path = session.options["state_dir"] = ctx.store.path
        now, scope = ctx.clock.now(), (ctx.account_id, ctx.region)
    follower = EventFollower(query, after, for_people=output == "table")
    wait = make_wait(session.stdout)
    values = follow_ledger(session.open_context, path, follower.look, wait)
    columns = list_columns(now, scope)
    write_list(
        session,
        "Events",
        values,
        columns,
        MEMBERS,
        output,
        note=format_reason,
        endless=True,
    )


def _read_pattern(session: Session, text: str | None) -> str | None:
    if text is None:
        return None
    content = ValueReader(session.read_input).read("--pattern", PLAIN_STRING, text)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content


def _write_events(
    session: Session, ctx: Context, query: EventQuery, after: int, output: str
) -> None:
    events = list_events(ctx, query, after)
    write_list(
        session,
        "Events",
        describe_events(ctx, events, for_people=output == "table"),
        list_columns(ctx.clock.now(), (ctx.account_id, ctx.region)),
        MEMBERS,
        output,
        note=format_reason,
        footer="There are older ones: --limit N." if after else "",
    )


def list_columns(now: datetime, scope: tuple[str, str]) -> tuple[Column, ...]:
    """The columns of a table of events.

    Args:
        now: decides how much of a day is shown.
        scope: account and region, which are not said of event buses that are there.
    """

    def show_bus(value: Value) -> Cell:
        name: str = value["EventBusName"]
        foreign = (value["Account"], value["Region"])
        return name if foreign == scope else f"{name} {' '.join(foreign)}"

    return (
        Column(
            "AcceptedAt", "TIME", lambda value: format_clock(value["AcceptedAt"], now)
        ),
        Column("EventBusName", "BUS", show_bus, fit=CUT, least=7, drop=1),
        Column("Source", "SOURCE", fit=CUT, least=8),
        Column("DetailType", "DETAIL-TYPE", fit=CUT, least=11),
        Column("ShortId", "EVENT", least=8),
        Column("Rules", "RULES", lambda value: ", ".join(value["Rules"]), fit=CUT),
        Column("Deliveries", "DELIVERIES", show_deliveries, fit=WRAP, least=11),
    )


def show_deliveries(value: Value) -> Cell:
    """Count the deliveries by state; the colour is that of the worst."""
    counts = value["Deliveries"]
    if not counts:
        return "none", "dim"
    text = ", ".join(f"{counts[state]} {state}" for state in STATES if state in counts)
    worst = next(state for state in _WORST_FIRST if state in counts)
    return text, STATE_STYLES.get(worst, "")


_WORST_FIRST = ("FAILED", "RETRYING", "PENDING", "DELIVERED")


def format_reason(value: Value) -> str:
    """Say why no delivery came of an event; "" where some did."""
    reason: str = value.get("Reason", "")
    return reason
