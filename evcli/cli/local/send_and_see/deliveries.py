"""`evcli local deliveries`: what became of events on their way to targets."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.send_and_see.delivery_output import (
    choose_output,
    page_through,
    write_deliveries,
)
from evcli.store.deliveries import DELIVERED, FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.deliveries import Delivery

# How often --follow looks, in seconds.
LOOK_SECONDS = 0.2


@click.command(short_help="List what was delivered, failed or still waits")
@click.option("--event-id", metavar="ID", help="Only deliveries of this event.")
@click.option("--rule", metavar="NAME|ARN", help="Only deliveries through this rule.")
@click.option("--target-arn", metavar="ARN", help="Only deliveries to this target.")
@click.option("--failed", is_flag=True, help="Only deliveries that failed for good.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N."
)
@click.option(
    "--follow", is_flag=True, help="Go on with what happens next, until interrupted."
)
@click.pass_obj
def command(
    session: Session,
    event_id: str | None,
    rule: str | None,
    target_arn: str | None,
    failed: bool,
    limit: int | None,
    follow: bool,
) -> None:
    """List deliveries, oldest first: one event on its way to one target each.

    A table on a terminal, JSON elsewhere; --output chooses. With --follow a delivery
    is shown when it appears and again after each attempt, and JSON comes one object a
    line.
    """
    with closing(session.open_context()) as ctx:
        conditions: dict[str, Any] = {
            "event_id": event_id,
            "rule_name": rule,
            "target_arn": target_arn,
            "state": FAILED if failed else None,
        }
        after = 0
        if limit is not None:
            after = ctx.store.ledger.find_newest(limit, **conditions)
        deliveries = page_through(ctx, conditions, after)
        if follow:
            deliveries = follow_deliveries(ctx, conditions, after)
        output = choose_output(session, ctx)
        write_deliveries(session, deliveries, output, endless=follow)


def follow_deliveries(
    ctx: Context, conditions: dict[str, Any], after: int
) -> Iterator[Delivery]:
    """Give deliveries as they appear, and again whenever they have moved on."""
    failed_only = conditions["state"] is not None
    # The state would hide deliveries on their way to it.
    conditions = {**conditions, "state": None}
    moving: dict[int, tuple[str, int]] = {}
    while True:
        for delivery in page_through(ctx, conditions, after):
            after = delivery.delivery_key
            if delivery.state not in (DELIVERED, FAILED):
                moving[after] = (delivery.state, delivery.attempts)
            if not failed_only or delivery.state == FAILED:
                yield delivery
        for key, seen in list(moving.items()):
            moved = ctx.store.ledger.get_delivery(key)
            if moved is None or (moved.state, moved.attempts) == seen:
                continue
            moving[key] = (moved.state, moved.attempts)
            if moved.state in (DELIVERED, FAILED):
                del moving[key]
            if not failed_only or moved.state == FAILED:
                yield moved
        time.sleep(LOOK_SECONDS)
