"""`evcli local deliveries` and `redeliver`: what became of events, and another attempt.

Formats: a table on a terminal, else what `--output` or the configuration says.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.local.output import (
    STATE_STYLES,
    choose_output,
    newest_options,
    write_list,
)
from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.signals import make_wait
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
    FINISHED,
    DeliveryFollower,
    count_by_state,
    describe_delivery,
    find_newest,
    list_deliveries,
    redeliver_by_id,
    wait_for_deliveries,
)
from evcli.inspection.event_ids import expand_event_id, find_event_id
from evcli.inspection.following import follow_ledger
from evcli.store.deliveries import FAILED, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from evcli.cli.output.columns import Cell
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.inspection.deliveries import Value
    from evcli.store.deliveries import Delivery

# How many of the newest a table on a terminal shows, unless --limit says it.
SHOWN_ON_TERMINAL = 50

# How many deliveries are counted in each state, for what --wait says in the end.
COUNTED_AT_MOST = 10_000

BREAK = re.compile(r"\s*[\r\n]\s*")

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
@newest_options(SHOWN_ON_TERMINAL)
@click.option(
    "--wait",
    "wanted",
    type=click.IntRange(min=1),
    metavar="N",
    help="First wait until N of them are over, or are in the --state asked for.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long --wait waits; then the exit code is 1.",
)
@click.option(
    "--payloads", is_flag=True, help="Print nothing but the payloads, one a line."
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
    wanted: int | None,
    timeout: float,
    payloads: bool,
) -> None:
    """List deliveries, oldest first: one event on its way to one target each.

    A table of the newest ones on a terminal, all as JSON elsewhere; --output chooses.
    With --follow a delivery is shown when it appears and again after each attempt, and
    JSON comes one object a line.

    --wait is for tests in a shell: it waits for N deliveries that were made or failed for
    good, and meanwhile makes retries that are due and what killed commands left. Schedules
    and replays need `run` or `tick`. When the time is up, it says on standard error how
    many there are, and prints nothing.

    A payload with line breaks is written in one line with --payloads: JSON without them,
    any other text as a JSON string.

    ID may be cut short, as long as only one begins like that. TIME is how long ago, like 90s, 5m, 2h or 7d, or 2026-11-23T12:00:00Z.
    """
    if failed and state not in (None, FAILED):
        raise ParamError(f"--failed and --state {state} exclude each other.")
    if follow and wanted is not None:
        raise ParamError("--follow and --wait exclude each other.")
    if payloads and not {"output", "query"}.isdisjoint(session.options):
        raise ParamError("--payloads excludes --output and --query.")
    # Whoever waits may know the id of an event that is yet to come.
    find_id = expand_event_id if follow or wanted is not None else find_event_id
    with closing(session.open_context()) as ctx:
        output = choose_output(session, ctx)
        conditions: dict[str, Any] = {
            "event_id": event_id and find_id(ctx, event_id),
            "rule_name": rule,
            "target_arn": target_arn,
            "state": FAILED if failed else state,
            "since": since and read_instant(ctx, since, "--since", ahead=False),
        }
        if wanted is not None:
            _wait(session, ctx, conditions, wanted, timeout)
        is_table = output == "table" and not payloads
        if limit is None and is_table and session.stdout.isatty():
            limit = SHOWN_ON_TERMINAL
        after = 0
        if limit is not None:
            after = find_newest(ctx, limit, conditions)
        found = list_deliveries(ctx, conditions, after)
        if follow:
            follower = DeliveryFollower(conditions, after)
            path = session.options["state_dir"] = ctx.store.path
            wait = make_wait(session.stdout)
            found = follow_ledger(session.open_context, path, follower.look, wait)
        if payloads:
            _write_payloads(session, found)
            return
        footer = "There are older ones: --limit N." if after and not follow else ""
        now = ctx.clock.now()
        write_deliveries(session, found, output, now, footer=footer, endless=follow)


def _wait(
    session: Session,
    ctx: Context,
    conditions: dict[str, Any],
    wanted: int,
    timeout_seconds: float,
) -> None:
    """Wait for deliveries. Raises: Exit: with 1, there are not so many in time."""
    is_there = wait_for_deliveries(ctx, conditions, wanted, timeout_seconds)
    session.warn_notices(ctx)
    if is_there:
        return
    counts = count_by_state(ctx, conditions, STATES, COUNTED_AT_MOST)
    all_that_fit = ", ".join(f"{count} {state}" for state, count in counts.items())
    states = FINISHED if conditions["state"] is None else (conditions["state"],)
    session.warn_at_once(
        f"After {timeout_seconds:g} s {sum(counts.get(each, 0) for each in states)} of"
        f" {wanted} deliveries are {' or '.join(states)}; all that fit:"
        f" {all_that_fit or 'none'}."
    )
    raise click.exceptions.Exit(1)


def _write_payloads(session: Session, deliveries: Iterable[Delivery]) -> None:
    for delivery in deliveries:
        session.write(f"{format_in_line(delivery.payload)}\n")
        session.stdout.flush()


def format_in_line(payload: str) -> str:
    """Write a payload in one line, as it is where it is one."""
    if not BREAK.search(payload):
        return payload
    try:
        json.loads(payload)
    except (ValueError, RecursionError):
        return json.dumps(payload, ensure_ascii=False)
    # Between the tokens only: strings of JSON hold none as they are.
    return BREAK.sub(" ", payload).strip()


@click.command()
@click.argument("delivery_id", required=False, metavar="DELIVERY_ID")
@click.option("--failed", is_flag=True, help="All deliveries that failed for good.")
@quiet_option
@click.pass_obj
def redeliver_command(
    session: Session, delivery_id: str | None, failed: bool, quiet: bool
) -> None:
    """Attempt a delivery again, now, with the payload that it had.

    One that failed gets another attempt; one that was made already is made anew, under
    an id of its own. Where input settings left no payload there is nothing to send.

    A line on standard error tells of each attempt; with --output json an object on a
    line of standard output, in place of the deliveries as they stand then.
    """
    if failed == (delivery_id is not None):
        raise ParamError("Name either one DELIVERY_ID or --failed.")
    reporter = Reporter(session, quiet=quiet)
    with closing(session.open_context()) as ctx:
        ctx.report = reporter
        if delivery_id is None:
            made = redeliver_failed(ctx)
        else:
            made = redeliver_by_id(ctx, delivery_id)
        output = "off" if reporter.is_json else choose_output(session, ctx)
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
