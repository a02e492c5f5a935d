"""What a target would receive of an event, and how its sink takes a made-up one.

Nothing is put, and nothing stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evcli.arns import (
    DEFAULT_EVENT_BUS,
    find_arn,
    format_rule_arn,
    parse_arn,
    split_rule_resource,
)
from evcli.context import Outcome
from evcli.delivery.api_destinations.calls import preview_request
from evcli.delivery.envelopes import build_envelope, parse_detail
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.payloads import build_payload
from evcli.delivery.sinks import find_sink
from evcli.delivery.targets import build_request
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.errors import InspectionError
from evcli.model import find_operation
from evcli.model.check import check_request
from evcli.operations.entries import EVENT_KEYS
from evcli.operations.targets import require_target
from evcli.store.deliveries import Delivery
from evcli.store.records import Rule

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.arns import Arn
    from evcli.context import Context

# The envelope in the order that targets receive; what has a default may be left out.
ENVELOPE: dict[str, Any] = {
    "version": "0",
    "id": None,
    "detail-type": None,
    "source": None,
    "account": None,
    "time": None,
    "region": None,
    "replay-name": None,
    "resources": [],
    "detail": {},
}


def read_event(text: str) -> dict[str, Any]:
    """Read an event as rules see it, its members in the order that targets receive.

    Raises: InspectionError: it is none.
    """
    event = parse_detail(text)
    if event is None:
        raise InspectionError("it is not a JSON object", "event")
    missing = sorted(EVENT_KEYS - event.keys())
    if missing:
        raise InspectionError(f"it has no {', '.join(missing)}", "event")
    for name in sorted(EVENT_KEYS):
        if not isinstance(event[name], str):
            raise InspectionError(f"its {name} is not a string", "event")
    ordered = {
        name: event.get(name, default)
        for name, default in ENVELOPE.items()
        if name in event or default is not None
    }
    return ordered | event


def find_rule_arn(
    rule_arn: str | None, rule_name: str | None, envelope: dict[str, Any]
) -> Arn:
    """Name the rule that matched: by ARN, or one of the event's account and region.

    Raises: InspectionError: the ARN is not one of a rule, or of another than is named.
    """
    if rule_arn is None:
        text = format_rule_arn(
            envelope["region"],
            envelope["account"],
            DEFAULT_EVENT_BUS,
            rule_name or "rule",
        )
        return find_arn(text)
    arn = parse_arn(rule_arn)
    if arn is None:
        raise InspectionError(f"{rule_arn!r} is not an ARN", "rule_arn")
    if arn.service != "events" or not arn.resource.startswith("rule/"):
        raise InspectionError(f"{rule_arn!r} is not the ARN of a rule", "rule_arn")
    name = split_rule_resource(arn.resource)[1]
    if rule_name not in (None, name):
        problem = f"{rule_name!r} is not the rule of --rule-arn, {name!r}"
        raise InspectionError(problem, "rule_name")
    return arn


def accept_target(target: dict[str, Any], rule_arn: Arn) -> dict[str, Any]:
    """Check a target as put-targets does; an Id is not needed.

    Raises: ParamValidationError, ValidationException: what put-targets would say.
    """
    operation = find_operation("PutTargets")
    targets = [{"Id": "1", **target}]
    checked = check_request(operation, {"Rule": "rule", "Targets": targets})
    accepted: dict[str, Any] = checked["Targets"][0]
    require_target(
        accepted, Rule(account_id=rule_arn.account_id, region=rule_arn.region)
    )
    return accepted


class Rehearsal(NamedTuple):
    """What a delivery would be, or the `reason` why there would be none."""

    payload: str | None
    request: dict[str, Any] | InvalidRequest
    reason: str | None


def rehearse(
    target: dict[str, Any],
    envelope: dict[str, Any],
    rule_arn: Arn,
    received_at: datetime,
    trace_header: str | None = None,
    ctx: Context | None = None,
) -> Rehearsal:
    """Make the delivery that an event would lead to, and attempt nothing.

    Args:
        target: what `accept_target` gave.
        received_at: when the event was accepted.
        ctx: knows API destinations and their connections, if there is one: their whole
            request is shown, secrets hidden, and else what the target adds to it.
    """
    event = _make_event(envelope, received_at, trace_header)
    payload = build_payload(target, event, str(rule_arn))
    text = payload if isinstance(payload, str) else ""
    delivery = Delivery(
        event=event.row, rule_arn=str(rule_arn), target=target, payload=text
    )
    request = build_request(delivery) if ctx is None else preview_request(ctx, delivery)
    reason = None
    for made in (request, payload):
        if isinstance(made, InvalidRequest):
            reason = f"{made.error_code}: {made.message}"
    return Rehearsal(text, request, reason)


def _make_event(
    envelope: dict[str, Any], accepted_at: datetime, trace_header: str | None = None
) -> AcceptedEvent:
    event_bus = (envelope["account"], envelope["region"], DEFAULT_EVENT_BUS)
    return AcceptedEvent(envelope, event_bus, accepted_at, trace_header=trace_header)


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
    event = _make_event(envelope, now).row
    delivery = Delivery(
        event=event,
        rule_arn=ctx.rule_arn(DEFAULT_EVENT_BUS, "evcli-sink-test"),
        target={"Id": "test", "Arn": arn},
        payload=event.envelope,
    )
    request = build_request(delivery)
    if isinstance(request, InvalidRequest):
        # No kind of target, or one that needs more than an ARN.
        request = {"action": "evcli:Test", "request": {}}
    sink = find_sink(ctx, arn)
    outcome = sink.deliver(delivery, request)
    try:
        sink.flush()
    except OSError as error:
        return Outcome("INTERNAL_ERROR", str(error))
    return outcome
