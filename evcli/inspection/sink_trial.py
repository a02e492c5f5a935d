"""A made-up delivery to the sink that stands for a target, past the ledger."""

from __future__ import annotations

from evcli.context import Outcome
from evcli.delivery.envelopes import build_envelope, format_json
from evcli.delivery.sinks import find_sink
from evcli.store.ledger import Delivery, Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context


def try_sink(ctx: Context, arn: str) -> Outcome:
    """Make a delivery that is in no ledger to the sink of an ARN."""
    now = ctx.clock.now()
    envelope = build_envelope(
        event_id=ctx.new_id(),
        detail_type="Sink Test",
        source="evcli",
        account_id=ctx.account_id,
        time=now,
        region=ctx.region,
        resources=(),
        detail={},
    )
    text = format_json(envelope)
    event = Event(
        event_id=envelope["id"],
        account_id=ctx.account_id,
        region=ctx.region,
        event_bus_name="default",
        accepted_at=now,
        envelope=text,
    )
    delivery = Delivery(
        event=event,
        rule_arn=ctx.rule_arn("default", "evcli-sink-test"),
        target={"Id": "test", "Arn": arn},
        payload=text,
    )
    sink = find_sink(ctx, arn)
    outcome = sink.deliver(delivery, {"action": "evcli:Test", "request": {}})
    try:
        sink.flush()
    except OSError as error:
        return Outcome("INTERNAL_ERROR", str(error))
    return outcome
