"""What workers report of their work, for whoever watches: one JSON value a thing.

`ctx.report` takes them, when somebody watches; `cli` writes them as lines. `Type` says
what a value is about, `Time` when it happened, by the clock that holds.
"""

from __future__ import annotations

from evcli.store.deliveries import RETRYING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.context import Context, Outcome
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
        members: what there is to say, in JSON's spelling; `None` and instants too.
    """
    if ctx.report is None:
        return
    value = {"Time": format_instant(ctx.clock.now()), "Type": kind}
    for name, member in members.items():
        if member is not None:
            value[name] = member
    ctx.report(value)


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


def format_instant(instant: datetime | None) -> str | None:
    """Write an instant as UTC to the millisecond, `2024-05-14T11:23:22Z` when whole."""
    if instant is None:
        return None
    timespec = "milliseconds" if instant.microsecond else "seconds"
    return instant.isoformat(timespec=timespec).replace("+00:00", "Z")
