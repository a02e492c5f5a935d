"""`evcli local deliveries` and `redeliver`: what became of events, and another attempt.

Formats: a table on a terminal, else what `--output` or the configuration says.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.local.output import STATE_STYLES, choose_output, write_list
from evcli.cli.local.time.times import read_instant
from evcli.cli.output.columns import CUT, Column
from evcli.cli.output.short_forms import (
    format_clock,
    shorten_delivery_id,
    shorten_rule_arn,
    shorten_target_arn,
)
from evcli.delivery.redelivery import redeliver_failed
from evcli.inspection.deliveries import (
    describe_delivery,
    follow_deliveries,
    list_deliveries,
    redeliver_by_id,
)
from evcli.store.deliveries import FAILED, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session
    from evcli.inspection.deliveries import Value
    from evcli.store.deliveries import Delivery

# How many of the newest a table on a terminal shows, unless --limit says it.
SHOWN_ON_TERMINAL = 50

# What a line of `--output text` says.
MEMBERS = (
    "AcceptedAt",
    "State",
    "Attempts",
    "RuleArn",
    "TargetArn",
    "ErrorCode",
    "DeliveryId",
)


@click.command()
@click.option("--event-id", metavar="ID", help="Only deliveries of this event.")
@click.option("--rule", metavar="NAME|ARN", help="Only deliveries through this rule.")
@click.option("--target-arn", metavar="ARN", help="Only deliveries to this target.")
@click.option(
    "--state",
    type=click.Choice(STATES, case_sensitive=False),
    metavar="STATE",
    help=f"Only deliveries that are {', '.join(STATES[:-1])} or {STATES[-1]}.",
)
@click.option("--failed", is_flag=True, help="The same as --state FAILED.")
@click.option(
    "--since", metavar="TIME", help="Only of events accepted since, such as 5m or 2h."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Only the newest N; {SHOWN_ON_TERMINAL} in a table on a terminal.",
)
@click.option(
    "--follow", is_flag=True, help="Go on with what happens next, until interrupted."
)
@click.pass_obj
def deliveries_command(
    session: Session,
    event_id: str | None,
    rule: str | None,
    target_arn: str | None,
    state: str | None,
    failed: bool,
    since: str | None,
    limit: int | None,
    follow: bool,
) -> None:
    """List deliveries, oldest first: one event on its way to one target each.

    A table of the newest ones on a terminal, all as JSON elsewhere; --output chooses.
    With --follow a delivery is shown when it appears and again after each attempt, and
    JSON comes one object a line.

    TIME is how long ago, like 90s, 5m, 2h or 7d, or 2026-11-23T12:00:00Z.
    """
    if failed and state not in (None, FAILED):
        raise ParamError(f"--failed and --state {state} exclude each other.")
    with closing(session.open_context()) as ctx:
        output = choose_output(session, ctx)
        conditions: dict[str, Any] = {
            "event_id": event_id,
            "rule_name": rule,
            "target_arn": target_arn,
            "state": FAILED if failed else state,
            "since": since and read_instant(ctx, since, "--since", ahead=False),
        }
        if limit is None and output == "table" and session.stdout.isatty():
            limit = SHOWN_ON_TERMINAL
        after = 0
        if limit is not None:
            after = ctx.store.ledger.find_newest(limit, **conditions)
        find = follow_deliveries if follow else list_deliveries
        found = find(ctx, conditions, after)
        footer = "There are older ones: --limit N." if after and not follow else ""
        now = ctx.clock.now()
        write_deliveries(session, found, output, now, footer=footer, endless=follow)


@click.command()
@click.argument("delivery_id", required=False, metavar="DELIVERY_ID")
@click.option("--failed", is_flag=True, help="All deliveries that failed for good.")
@click.pass_obj
def redeliver_command(session: Session, delivery_id: str | None, failed: bool) -> None:
    """Attempt a delivery again, now, with the payload that it had.

    One that failed gets another attempt; one that was made already is made anew, under
    an id of its own. Where input settings left no payload there is nothing to send.
    """
    if failed == (delivery_id is not None):
        raise ParamError("Name either one DELIVERY_ID or --failed.")
    with closing(session.open_context()) as ctx:
        if delivery_id is None:
            made = redeliver_failed(ctx)
        else:
            made = redeliver_by_id(ctx, delivery_id)
        output = choose_output(session, ctx)
        write_deliveries(session, made, output, ctx.clock.now())
        session.warn_notices(ctx)


def write_deliveries(
    session: Session,
    deliveries: Iterable[Delivery],
    output: str,
    now: datetime,
    *,
    footer: str = "",
    endless: bool = False,
) -> None:
    """Write deliveries as they come; arguments as for `write_list`."""
    values = map(describe_delivery, deliveries)
    write_list(
        session,
        "Deliveries",
        values,
        list_columns(now),
        MEMBERS,
        output,
        note=format_error,
        footer=footer,
        endless=endless,
    )


def list_columns(now: datetime) -> tuple[Column, ...]:
    """The columns of a table of deliveries; `now` decides how much of a day is shown."""

    def show_state(value: Value) -> Cell:
        return value["State"], STATE_STYLES.get(value["State"], "")

    return (
        Column(
            "AcceptedAt",
            "ACCEPTED",
            lambda value: format_clock(value["AcceptedAt"], now),
        ),
        Column("State", "STATE", show_state, least=9),
        Column("Attempts", "TRIES", align="right"),
        Column(
            "RuleArn",
            "RULE",
            lambda value: shorten_rule_arn(value["RuleArn"]),
            fit=CUT,
            least=12,
        ),
        Column(
            "TargetArn",
            "→ TARGET",
            lambda value: f"→ {shorten_target_arn(value['TargetArn'])}",
            fit=CUT,
            least=16,
        ),
        Column(
            "DeliveryId",
            "DELIVERY",
            lambda value: shorten_delivery_id(value["DeliveryId"]),
            least=12,
        ),
    )


def format_error(value: Value) -> str:
    """Say why a delivery failed, or waits for another attempt; "" if it did neither."""
    code, message = value.get("ErrorCode"), value.get("ErrorMessage")
    # What a target answered may have many lines.
    return " ".join(": ".join(text for text in (code, message) if text).split())
