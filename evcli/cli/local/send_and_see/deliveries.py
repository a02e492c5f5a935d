"""`evcli local deliveries` and `redeliver`: what became of events, and another attempt."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import ParamError
from evcli.cli.local.output import choose_output
from evcli.cli.local.send_and_see.delivery_output import write_deliveries
from evcli.delivery.redelivery import redeliver_failed
from evcli.inspection.deliveries import (
    follow_deliveries,
    list_deliveries,
    redeliver_by_id,
)
from evcli.store.ledger import FAILED

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session


@click.command()
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
def deliveries_command(
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
        find = follow_deliveries if follow else list_deliveries
        output = choose_output(session, ctx)
        write_deliveries(session, find(ctx, conditions, after), output, endless=follow)


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
        write_deliveries(session, made, choose_output(session, ctx), endless=False)
        session.warn_notices(ctx)
