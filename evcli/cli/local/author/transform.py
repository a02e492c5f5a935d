"""`evcli local transform`: what a target would receive, without sending anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from evcli.arns import find_arn, format_rule_arn, parse_arn, split_rule_resource
from evcli.cli.errors import ValueSyntaxError
from evcli.cli.local.time.times import read_point
from evcli.cli.parsing.values import ValueReader
from evcli.delivery.envelopes import format_json, parse_detail
from evcli.delivery.payloads import build_payload
from evcli.delivery.targets import build_request
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.delivery.trace_headers import is_trace_header
from evcli.model import get_operation
from evcli.model.check import check_request
from evcli.model.shared import PLAIN_STRING
from evcli.model.targets import TARGET
from evcli.operations.entries import EVENT_KEYS
from evcli.operations.targets import check_target, list_warnings
from evcli.store.ledger import Delivery, Event
from evcli.store.records import Rule

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from evcli.arns import Arn
    from evcli.cli.session import Session

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


@click.command(short_help="Show what a target would receive of an event")
@click.option(
    "--target",
    required=True,
    metavar="STRUCTURE",
    help="The target as for put-targets: JSON, shorthand, file://PATH or -. An Id is"
    " not needed.",
)
@click.option(
    "--event",
    required=True,
    metavar="JSON",
    help="The event as rules see it: JSON, file://PATH or -.",
)
@click.option("--rule-arn", metavar="ARN", help="The rule that matched the event.")
@click.option(
    "--rule-name",
    metavar="NAME",
    help="Its name, which --rule-arn has to agree with; without one, a rule on the default"
    " event bus of the event's account and region. `rule` if neither is given.",
)
@click.option(
    "--ingestion-time",
    metavar="TIME",
    help="When the event was received; its own time if absent.",
)
@click.option(
    "--trace-header",
    metavar="TEXT",
    help="The X-Ray trace header that came with the event; --request shows where it"
    " goes.",
)
@click.option(
    "--request",
    "wants_request",
    is_flag=True,
    help="Show what the target's service would be called with instead.",
)
@click.pass_context
def command(
    ctx: click.Context,
    target: str,
    event: str,
    rule_arn: str | None,
    rule_name: str | None,
    ingestion_time: str | None,
    trace_header: str | None,
    wants_request: bool,
) -> None:
    """Print the payload that a target would receive of an event, and a line end.

    Nothing is put, nothing is stored, and no state directory is needed. Where nothing
    would be delivered, nothing is printed; the reason is on stderr, the exit code is 1.
    """
    session: Session = ctx.obj
    reader = ValueReader(session.read_input)
    wanted = {"Id": "1", **read_target(reader, target)}
    envelope = read_event(reader, event)
    arn = find_rule_arn(rule_arn, rule_name, envelope)
    accepted = accept_target(wanted, arn)
    for warning in list_warnings(accepted):
        session.warn(warning)
    received_at = read_point(ingestion_time or envelope["time"], "--ingestion-time")
    if trace_header is not None and not is_trace_header(trace_header):
        session.warn("The trace header is malformed, so it goes nowhere.")
        trace_header = None
    delivery, reason = rehearse(accepted, envelope, str(arn), received_at, trace_header)
    request = build_request(delivery)
    if reason is None and isinstance(request, InvalidRequest):
        reason = f"{request.error_code}: {request.message}"
    if reason is not None:
        session.warn(f"Nothing would be delivered: {reason}")
        ctx.exit(1)
    shown = json.dumps(request, ensure_ascii=False, indent=4)
    session.write(f"{shown if wants_request else delivery.payload}\n")


def read_target(reader: ValueReader, text: str) -> dict[str, Any]:
    """Read the target; whether it is one is checked later. Raises: ParamError."""
    target: dict[str, Any] = reader.read("--target", TARGET, text)
    return target


def read_event(reader: ValueReader, text: str) -> dict[str, Any]:
    """Read the event, its members in the order that targets receive.

    Raises: ParamError: it is not an event as rules see it.
    """
    content = (
        reader.read_standard_input()
        if text == "-"
        else reader.read("--event", PLAIN_STRING, text)
    )
    if isinstance(content, bytes):
        content = content.decode("utf-8", "replace")
    event = parse_detail(content)
    if event is None:
        raise ValueSyntaxError("--event", "it is not a JSON object")
    missing = sorted(EVENT_KEYS - event.keys())
    if missing:
        raise ValueSyntaxError("--event", f"it has no {', '.join(missing)}")
    for name in sorted(EVENT_KEYS):
        if not isinstance(event[name], str):
            raise ValueSyntaxError("--event", f"its {name} is not a string")
    ordered = {
        name: event.get(name, default)
        for name, default in ENVELOPE.items()
        if name in event or default is not None
    }
    read_point(event["time"], "--event")
    return ordered | event


def find_rule_arn(
    rule_arn: str | None, rule_name: str | None, envelope: dict[str, Any]
) -> Arn:
    """Name the rule that matched.

    Raises: ValueSyntaxError: the ARN is not one of a rule, or of another than is named.
    """
    if rule_arn is None:
        text = format_rule_arn(
            envelope["region"], envelope["account"], "default", rule_name or "rule"
        )
        return find_arn(text)
    arn = parse_arn(rule_arn)
    if arn is None:
        raise ValueSyntaxError("--rule-arn", f"{rule_arn!r} is not an ARN")
    if arn.service != "events" or not arn.resource.startswith("rule/"):
        raise ValueSyntaxError("--rule-arn", f"{rule_arn!r} is not the ARN of a rule")
    name = split_rule_resource(arn.resource)[1]
    if rule_name not in (None, name):
        problem = f"{rule_name!r} is not the rule of --rule-arn, {name!r}"
        raise ValueSyntaxError("--rule-name", problem)
    return arn


def accept_target(target: dict[str, Any], rule_arn: Arn) -> dict[str, Any]:
    """Check a target as put-targets does.

    Raises: ParamValidationError, ValidationException: what put-targets would say.
    """
    operation = get_operation("PutTargets")
    assert operation is not None
    checked = check_request(operation, {"Rule": "rule", "Targets": [target]})
    accepted: dict[str, Any] = checked["Targets"][0]
    check_target(accepted, Rule(account_id=rule_arn.account_id, region=rule_arn.region))
    return accepted


def rehearse(
    target: dict[str, Any],
    envelope: dict[str, Any],
    rule_arn: str,
    received_at: datetime,
    trace_header: str | None = None,
) -> tuple[Delivery, str | None]:
    """Make the delivery that the event would lead to, and say why there is none."""
    event = Event(
        event_id=envelope["id"],
        account_id=envelope["account"],
        region=envelope["region"],
        event_bus_name="default",
        accepted_at=received_at,
        envelope=format_json(envelope),
        trace_header=trace_header,
    )
    payload = build_payload(target, event, envelope, rule_arn)
    delivery = Delivery(
        event=event, rule_arn=rule_arn, target=target, payload=payload.text
    )
    if payload.error_code is None:
        return delivery, None
    return delivery, f"{payload.error_code}: {payload.error_message}"
