"""`evcli local redeliver`: another attempt, now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.send_and_see.delivery_output import (
    choose_output,
    find_delivery,
    write_deliveries,
)
from evcli.delivery.redelivery import has_payload, redeliver, redeliver_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.store.deliveries import Delivery


@click.command(short_help="Attempt a delivery again, or all that failed")
@click.argument("delivery_id", required=False, metavar="DELIVERY_ID")
@click.option("--failed", is_flag=True, help="All deliveries that failed for good.")
@click.pass_obj
def command(session: Session, delivery_id: str | None, failed: bool) -> None:
    """Attempt a delivery again, now, with the payload that it had.

    One that failed gets another attempt; one that was made already is made anew, under
    an id of its own. Where input settings left no payload there is nothing to send.
    """
    if failed == (delivery_id is not None):
        raise ParamError("Name either one DELIVERY_ID or --failed.")
    with closing(session.open_context()) as ctx:
        made = redeliver_failed(ctx) if failed else _redeliver(ctx, str(delivery_id))
        write_deliveries(session, made, choose_output(session, ctx), endless=False)
        for notice in ctx.notices:
            session.warn(notice)


def _redeliver(ctx: Context, delivery_id: str) -> Iterator[Delivery]:
    delivery = find_delivery(ctx, delivery_id)
    if not has_payload(delivery):
        raise GeneralError(
            f"Delivery {delivery_id} has no payload to send: {delivery.error_message}"
        )
    return redeliver(ctx, delivery)
