"""What workers report of their work, for whoever watches: one JSON value a thing.

`ctx.report` takes them, when somebody watches; `cli` writes them as lines. `Type` says
what a value is about, `Time` when it happened, by the clock that holds, and `Clock` that
this one is virtual.
"""

from __future__ import annotations

from evcli.context import VirtualClock
from evcli.store.deliveries import RETRYING
from evcli.store.epoch import format_instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Clock, Context, Outcome
    from evcli.store.deliveries import Delivery

ATTEMPT = "Attempt"
SCHEDULE = "Schedule"
REPLAY = "Replay"
EXPIRY = "Expiry"
REQUEST = "Request"
RESOURCE = "Resource"
SUMMARY = "Summary"


def report(ctx: Context, kind: str, **members: Any) -> None:
    """Report a thing, if somebody watches; call once it is committed.

    Args:
        kind: one of the types above.
        members: what there is to say, as JSON; what is `None` is left out.
    """
    if ctx.report is not None:
        ctx.report(make_report(ctx.clock, kind, members))


def make_report(clock: Clock, kind: str, members: dict[str, Any]) -> dict[str, Any]:
    """Make a report of a thing that happened now; members without a value are left out."""
    value = {
        "Time": format_instant(clock.now()),
        "Clock": "virtual" if isinstance(clock, VirtualClock) else None,
        "Type": kind,
        **members,
    }
    return {name: member for name, member in value.items() if member is not None}


def report_attempt(ctx: Context, delivery: Delivery, outcome: Outcome) -> None:
    """Report an attempt of which the delivery says already what it came to.

    One that was postponed was none; its number is that of the attempt to come.
    """
    is_postponed = (
        outcome.postponed_until is not None
        and delivery.next_attempt_at == outcome.postponed_until
    )
    is_waiting = delivery.state == RETRYING and delivery.next_attempt_at is not None
    report(
        ctx,
        ATTEMPT,
        DeliveryId=delivery.delivery_id,
        RuleArn=delivery.rule_arn,
        TargetArn=delivery.target_arn,
        Attempt=delivery.attempts + is_postponed,
        State=delivery.state,
        ErrorCode=delivery.error_code,
        ErrorMessage=delivery.error_message,
        NextAttemptAt=format_instant(delivery.next_attempt_at) if is_waiting else None,
        DeadLetter=True if delivery.dead_letter_of is not None else None,
    )
