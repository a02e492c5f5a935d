"""Targets: what the service of each would be called with, a module for each family.

A builder takes (delivery, parsed ARN of the target, what the kind reads the payload as)
and returns `{"action": "sqs:SendMessage", "request": {…}}`, or an `InvalidRequest` for a
payload that the service would refuse. `action` is SERVICE:API; where there is no API but
a plain HTTP request, it is the IAM action that allows it. Beside the request may stand
`headers`, the HTTP headers of the call that say something. The order of members is that
of the service's documentation, and absent parameters are left out.

target_kinds    the table of kinds: what each one asks for, who builds, who carries
payload_limits  how much of a call each service takes
messages        what takes any text: functions, queues, topics, streams, state machines
logs            CloudWatch Logs
tasks           what starts work: containers, jobs, builds, pipelines, statements
management      Systems Manager, Incident Manager and EC2
http            API Gateway, AppSync and API destinations
event_buses     other event buses

Builders are loaded when a delivery of their kind is due: `put-events` pays for one.
"""

from __future__ import annotations

from evcli.arns import parse_arn
from evcli.delivery.envelopes import refuse_constant
from evcli.delivery.targets.target_kinds import (
    ALL_INPUTS,
    AS_HEADER,
    FIELDS,
    IGNORED,
    JSON,
    OBJECT,
    SETTINGS,
    SINK,
    TEXT,
    TOO_LARGE,
    TRACE_HEADER,
    InvalidRequest,
    get_target_kind,
)
from evcli.json_text import Decoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.delivery.targets.target_kinds import Builder
    from evcli.store.deliveries import Delivery

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
    return RequestBuilder(delivery.target_arn).build(delivery)


class RequestBuilder:
    """Builds the requests of all deliveries to one target; the kind is found once.

    `carrier` is that of the kind; what is of no kind ends at a sink, refused.
    `most_repeated` is up to how many characters of payload no request is refused, nor
    differs from the others in anything else; 0 where they do.
    """

    __slots__ = ("_arn", "_build", "_kind", "_target_arn", "carrier", "most_repeated")

    def __init__(self, target_arn: str) -> None:
        self._target_arn = target_arn
        self._arn = parse_arn(target_arn)
        self._kind = None if self._arn is None else get_target_kind(self._arn)
        self._build: Builder | None = None
        self.carrier = SINK if self._kind is None else self._kind.carrier
        self.most_repeated = 0
        if self._kind is not None and self._kind.repeats:
            self.most_repeated = (self._kind.limit or 0) // LONGEST

    def build(self, delivery: Delivery) -> dict[str, Any] | InvalidRequest:
        """Build one request; as `build_request`."""
        arn, kind = self._arn, self._kind
        if arn is None or kind is None:
            message = f"{self._target_arn} is no kind of target."
            return InvalidRequest("INVALID_PARAMETER", message)
        payload = READERS[kind.payload](delivery)
        if isinstance(payload, InvalidRequest):
            return payload
        if self._build is None:
            self._build = kind.load_builder()
        call = self._build(delivery, arn, payload)
        if isinstance(call, InvalidRequest):
            return call
        refusal = refuse_excess(call, delivery.payload, kind.limit)
        if refusal is not None:
            return refusal
        if delivery.event.trace_header is not None and kind.trace_header == AS_HEADER:
            call["headers"] = {TRACE_HEADER: delivery.event.trace_header}
        return call


def refuse_excess(
    call: dict[str, Any], payload: str, limit: int | None
) -> InvalidRequest | None:
    """Refuse a call that has more than its service takes, see `payload_limits.py`."""
    if limit is None or len(payload) * LONGEST <= limit:
        return None
    from evcli.delivery.targets.payload_limits import find_excess

    excess = find_excess(call, limit)
    return None if excess is None else InvalidRequest(TOO_LARGE, excess)


def _read_json(delivery: Delivery) -> Any:
    # The event itself is JSON, and most payloads are that: not worth reading again.
    if delivery.payload == delivery.event.envelope:
        return None
    return _parse_payload(delivery)


def _parse_payload(delivery: Delivery) -> Any:
    try:
        return Decoder(parse_constant=refuse_constant).decode(delivery.payload)
    except (ValueError, RecursionError) as error:
        return InvalidRequest("INVALID_JSON", f"The payload is not JSON: {error}.")


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
    TEXT: lambda _: None,
    JSON: _read_json,
    OBJECT: _read_object,
    SETTINGS: _read_settings,
    FIELDS: _read_fields,
    IGNORED: lambda _: None,
}
