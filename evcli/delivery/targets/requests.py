"""What each target's service would be called with, a module for each family of kinds.

A builder takes (delivery, parsed ARN of the target, what the kind reads the payload as)
and returns `{"action": "sqs:SendMessage", "request": {…}}`, or an `InvalidRequest` for a
payload that the service would refuse. `action` is SERVICE:API; where there is no API but
a plain HTTP request, it is the IAM action that allows it. Beside the request may stand
`headers`, the HTTP headers of the call that say something. The order of members is that
of the service's documentation, and absent parameters are left out.

messages     what takes any text: functions, queues, topics, streams, state machines
logs         CloudWatch Logs
tasks        what starts work: containers, jobs, builds, pipelines, statements
management   Systems Manager, Incident Manager and EC2
http         API Gateway, AppSync and API destinations
event_buses  other event buses
naming       names that services want and events do not have

Builders are loaded when a delivery of their kind is due: `put-events` pays for one.
"""

from __future__ import annotations

import json

from evcli.arns import parse_arn
from evcli.delivery.targets.target_kinds import (
    ALL_INPUTS,
    AS_HEADER,
    FIELDS,
    IGNORED,
    JSON,
    OBJECT,
    SETTINGS,
    TEXT,
    TOO_LARGE,
    TRACE_HEADER,
    InvalidRequest,
    find_target_kind,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.arns import Arn
    from evcli.delivery.targets.target_kinds import TargetKind
    from evcli.store.deliveries import Delivery

    Builder = Callable[[Delivery], dict[str, Any] | InvalidRequest]

# How many times as long as the payload what a service counts may be: characters are up
# to six bytes in JSON, and what else is counted is short.
LONGEST = 8


def build_request(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
    """Build what the target's service is called with.

    Returns:
        `{"action": "sqs:SendMessage", "request": {…}}`; for an event bus `envelope` as
        well, and `headers` (dict) where the call has HTTP headers that say something.
        Or why the service would refuse it. Never raises.
    """
    return find_builder(delivery.target_arn)(delivery)


def find_builder(target_arn: str) -> Builder:
    """Make the function that builds the requests of all deliveries to a target."""
    arn = parse_arn(target_arn)
    kind = None if arn is None else find_target_kind(arn)
    if arn is None or kind is None:
        refusal = InvalidRequest(
            "INVALID_PARAMETER", f"{target_arn} is no kind of target."
        )
        return lambda _: refusal
    read, build = READERS[kind.payload], load_builder(kind)

    def build_one(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
        payload = read(delivery)
        if isinstance(payload, InvalidRequest):
            return payload
        call = build(delivery, arn, payload)
        if isinstance(call, InvalidRequest):
            return call
        refusal = refuse_excess(call, delivery.payload, kind.limit)
        if refusal is not None:
            return refusal
        if delivery.event.trace_header is not None and kind.trace_header == AS_HEADER:
            call["headers"] = {TRACE_HEADER: delivery.event.trace_header}
        return call

    return build_one


def refuse_excess(
    call: dict[str, Any], payload: str, limit: int | None
) -> InvalidRequest | None:
    """Refuse a call that has more than its service takes, see `payload_limits.py`."""
    if limit is None or len(payload) * LONGEST <= limit:
        return None
    from evcli.delivery.targets.payload_limits import find_excess

    excess = find_excess(call, limit)
    return None if excess is None else InvalidRequest(TOO_LARGE, excess)


def load_builder(
    kind: TargetKind,
) -> Callable[[Delivery, Arn, Any], dict[str, Any] | InvalidRequest]:
    """Import the function that builds a kind's requests."""
    module, _, name = kind.builder.partition(":")
    family = __import__(f"evcli.delivery.targets.{module}", fromlist=[name])
    return getattr(family, name)  # type: ignore[no-any-return]


def _read_nothing(delivery: Delivery) -> None:
    return None


def _read_json(delivery: Delivery) -> Any:
    # The event itself is JSON, and most payloads are that: not worth reading again.
    if delivery.payload == delivery.event.envelope:
        return None
    return _parse_payload(delivery)


def _parse_payload(delivery: Delivery) -> Any:
    try:
        return json.loads(delivery.payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return InvalidRequest("INVALID_JSON", f"The payload is not JSON: {error}.")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _read_object(delivery: Delivery) -> dict[str, Any] | InvalidRequest:
    value = _parse_payload(delivery)
    if isinstance(value, dict | InvalidRequest):
        return value
    return InvalidRequest("INVALID_JSON", "The payload is not a JSON object.")


def _read_settings(delivery: Delivery) -> dict[str, Any] | InvalidRequest | None:
    if ALL_INPUTS.isdisjoint(delivery.target):
        return None
    return _read_object(delivery)


def _read_fields(delivery: Delivery) -> dict[str, Any]:
    value = _read_object(delivery)
    return {} if isinstance(value, InvalidRequest) else value


READERS: dict[str, Callable[[Delivery], Any]] = {
    TEXT: _read_nothing,
    JSON: _read_json,
    OBJECT: _read_object,
    SETTINGS: _read_settings,
    FIELDS: _read_fields,
    IGNORED: _read_nothing,
}
