"""What tests look at: events, deliveries, explanations; plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, cast

from evcli.arns import parse_arn, split_rule_resource
from evcli.delivery.dead_letters import build_dead_letter_request
from evcli.delivery.targets import build_request
from evcli.delivery.targets.target_kinds import InvalidRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.store import deliveries

State = Literal["PENDING", "RETRYING", "DELIVERED", "FAILED"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as an event bus accepted it, and what has come of it so far.

    `envelope` is the whole event as targets get it. `rules` are the names of those that
    deliveries came of, `deliveries` says how many are in which state; `reason` is a
    sentence for people why there are none, `None` where there are some.
    """

    id: str
    event_bus_name: str
    envelope: dict[str, Any]
    rules: tuple[str, ...]
    deliveries: dict[str, int]
    reason: str | None

    @property
    def source(self) -> str:
        """The event's source."""
        return str(self.envelope["source"])

    @property
    def detail_type(self) -> str:
        """The event's detail-type."""
        return str(self.envelope["detail-type"])

    @property
    def detail(self) -> dict[str, Any]:
        """The event's detail."""
        detail: dict[str, Any] = self.envelope["detail"]
        return detail


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that left something to say; it succeeded if `error_code` is `None`."""

    number: int
    attempted_at: datetime
    error_code: str | None
    error_message: str | None
    output: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target.

    `attempts` counts the attempts so
    far, `attempt_log` has those that failed or said something. `payload` is what the code
    behind the target sees, parsed if it is JSON, else the text. `action` and `request`
    are what the target's service would be called with, such as `sqs:SendMessage` and its
    parameters; `None` where it would refuse the payload. `is_dead_letter`: the target is
    the dead-letter queue of a delivery that failed.
    """

    id: str
    event_id: str
    event_bus_name: str
    rule: str
    rule_arn: str
    target_id: str
    target_arn: str
    state: State
    payload: Any
    action: str | None
    request: dict[str, Any] | None
    attempts: int
    attempt_log: tuple[Attempt, ...]
    error_code: str | None
    error_message: str | None
    is_dead_letter: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a rule matches an event, as its truth value, and why, as its text."""

    matched: bool
    text: str

    def __bool__(self) -> bool:
        return self.matched

    def __str__(self) -> str:
        return self.text


def make_event(described: Mapping[str, Any]) -> Event:
    """Make an event of what `inspection.events` says of it."""
    return Event(
        id=described["EventId"],
        event_bus_name=described["EventBusName"],
        envelope=described["Event"],
        rules=tuple(described["Rules"]),
        deliveries=described["Deliveries"],
        reason=described.get("Reason"),
    )


def make_delivery(
    delivery: deliveries.Delivery, attempts: Sequence[deliveries.Attempt]
) -> Delivery:
    """Make a delivery of a row of the ledger and what is known of its attempts."""
    is_dead_letter = delivery.dead_letter_of is not None
    build = build_dead_letter_request if is_dead_letter else build_request
    call = build(delivery)
    action = request = None
    if not isinstance(call, InvalidRequest):
        action, request = call["action"], call["request"]
    arn = parse_arn(delivery.rule_arn)
    return Delivery(
        id=delivery.delivery_id,
        event_id=delivery.event.event_id,
        event_bus_name=delivery.event.event_bus_name,
        rule=delivery.rule_arn if arn is None else split_rule_resource(arn.resource)[1],
        rule_arn=delivery.rule_arn,
        target_id=delivery.target_id,
        target_arn=delivery.target_arn,
        state=cast("State", delivery.state),
        payload=_parse(delivery.payload),
        action=action,
        request=request,
        attempts=delivery.attempts,
        attempt_log=tuple(
            Attempt(
                each.number,
                each.attempted_at,
                each.error_code,
                each.error_message,
                each.output,
            )
            for each in attempts
        ),
        error_code=delivery.error_code,
        error_message=delivery.error_message,
        is_dead_letter=is_dead_letter,
    )


def _parse(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload


def is_of_target(target_id: str, target_arn: str, named: str) -> bool:
    """Say whether a name means a target: its id, its ARN, or the ARN's last part."""
    return named in (target_id, target_arn) or target_arn.endswith(
        (f":{named}", f"/{named}")
    )
