"""What the page asks: JSON in, JSON out, under `/_evcli/`, beside the AWS protocol.

Every call is a POST with a JSON object, so that a browser lets no other page send one
without asking, and `hosts` refuses it then. Calls that write need the token that the page
was served with besides: against forged requests, no more than that, as whoever reaches
the port may do everything by the AWS protocol anyway.

What is answered `inspection` and `authoring` compute, as for `evcli local …`. Each answer
is short: a server has few threads, and SDKs need them.
"""

from __future__ import annotations

import os
from datetime import timedelta

from evcli.authoring import samples
from evcli.delivery.envelopes import format_json, parse_envelope
from evcli.delivery.scheduled.rules import fire_now
from evcli.errors import EvcliError, InspectionError
from evcli.inspection.deliveries import describe_delivery, redeliver_by_id
from evcli.inspection.events import make_query
from evcli.inspection.page import event_windows, overview, playground
from evcli.inspection.traces import trace_event
from evcli.operations import call
from evcli.operations.rules import find_rule
from evcli.operations.whole_events import send_whole_events
from evcli.patterns import EventTextError
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.context import Context
    from evcli.store.records import Rule

    Value = dict[str, Any]

MOST_EVENTS = 200
# Rules of a bus that a story judges; a bus may have 100,000.
MOST_RULES = 300
# Events on the screen whose deliveries are not over yet.
MOST_WATCHED = 50
COUNTED = timedelta(hours=1)


def list_events(ctx: Context, request: Value) -> Value:
    """List the newest events, those `Before` a cursor, or those `After` one.

    `Watch` has keys of events whose deliveries may have moved on; they come as `Updates`.
    `Ledger` names the ledger that cursors are of. With those of another one, one that was
    removed or restored say, the answer is about the newest, and `IsReset`.
    """
    query = make_query(
        event_bus_name=_get(request, "EventBusName", str),
        event_pattern=_get(request, "EventPattern", str),
        text=_get(request, "Text", str),
        undelivered=bool(_get(request, "Unmatched", bool)),
        failed=bool(_get(request, "Failed", bool)),
    )
    after, before = _get(request, "After", int), _get(request, "Before", int)
    limit = max(1, min(_get(request, "Limit", int) or MOST_EVENTS, MOST_EVENTS))
    ledger = str(ctx.store.meta.all()["created_at"])
    is_reset = request.get("Ledger") not in (None, ledger) or (
        after is not None and after > ctx.store.accepted_events.get_last_key()
    )
    if is_reset or after is None:
        value = event_windows.list_newest(
            ctx, query, limit, None if is_reset else before
        )
    else:
        value = event_windows.list_new(ctx, query, limit, after)
    watched = [] if is_reset else (_get(request, "Watch", list) or [])[:MOST_WATCHED]
    keys = [key for key in watched if type(key) is int]
    value["Updates"] = event_windows.list_again(ctx, keys)
    return {"Ledger": ledger, "IsReset": is_reset, **value}


def tell_story(ctx: Context, request: Value) -> Value:
    """Tell the story of the event with a `Key`; `Text` is the event as rules saw it."""
    event = ctx.store.accepted_events.get_event(_require(request, "Key", int))
    if event is None:
        raise InspectionError("The event is no longer in the ledger.")
    story = trace_event(ctx, event.event_id, MOST_RULES)
    del story["Event"]
    return {"Key": event.event_key, "Text": event.envelope, **story}


def send_again(ctx: Context, request: Value) -> Value:
    """Send the event with a `Key` once more, where it arrived; the copy has its own id."""
    event = ctx.store.accepted_events.get_event(_require(request, "Key", int))
    envelope = None if event is None else parse_envelope(event.envelope)
    if event is None or envelope is None:
        raise InspectionError("The event is no longer in the ledger, or damaged.")
    kept = {
        name: value
        for name, value in envelope.items()
        if name not in ("id", "replay-name")
    }
    acting = ctx.act_as(event.account_id, event.region, ctx.organization_id)
    (sent,) = send_whole_events(acting, [kept], event.event_bus_name)
    return {"Key": sent.event_key, "EventId": sent.event_id}


def redeliver(ctx: Context, request: Value) -> Value:
    """Attempt the delivery with a `DeliveryId` again."""
    made = redeliver_by_id(ctx, _require(request, "DeliveryId", str))
    return {"Deliveries": list(map(describe_delivery, made))}


def list_samples(ctx: Context, _request: Value) -> Value:
    """List the names of sample events, the project's own first, and event buses."""
    buses = ctx.store.list_names(EventBus, ctx.account_id, ctx.region)
    names = [sample.name for sample in samples.list_samples(_find_own_samples(ctx))]
    return {"Samples": names, "EventBuses": sorted({"default", *buses})}


def read_sample(ctx: Context, request: Value) -> Value:
    """Give the text of the sample event with a `Name`."""
    name = _require(request, "Name", str)
    sample = samples.find_sample(name, _find_own_samples(ctx))
    return {"Text": format_json(samples.make_event(ctx, sample))}


def _find_own_samples(ctx: Context) -> str | None:
    return samples.find_own_directory(ctx.environ, os.getcwd())


def play(ctx: Context, request: Value) -> Value:
    """Try an `EventPattern` and an `Event` on each other.

    With an `InputTemplate` (and `InputPathsMap`) also what an input transformer makes of
    the event, with an `EventBusName` also which rules of that bus match it.
    """
    event = _require(request, "Event", str)
    value: Value = {
        "Pattern": playground.try_pattern(
            ctx, _require(request, "EventPattern", str), event
        )
    }
    template = _get(request, "InputTemplate", str)
    if template is not None:
        paths = _get(request, "InputPathsMap", dict)
        value["Transformer"] = playground.try_transformer(ctx, paths, template, event)
    event_bus_name = _get(request, "EventBusName", str)
    if event_bus_name is not None:
        try:
            value["Rules"] = playground.list_verdicts(ctx, event_bus_name, event)
        except EventTextError:
            # What is wrong with the event is said of the pattern's verdict.
            value["Rules"] = []
    return value


def describe_rules(ctx: Context, _request: Value) -> Value:
    """Lay out all that there is, with deliveries of the last hour counted."""
    return overview.describe_overview(ctx, ctx.clock.now() - COUNTED)


def set_rule_state(ctx: Context, request: Value) -> Value:
    """Enable a rule, or disable it: `IsEnabled`."""
    is_enabled = _require(request, "IsEnabled", bool)
    acting, rule = _find_rule(ctx, request)
    named = {"Name": rule.name, "EventBusName": rule.event_bus_name}
    call(acting, "EnableRule" if is_enabled else "DisableRule", named)
    return {}


def fire_rule(ctx: Context, request: Value) -> Value:
    """Send the scheduled event of a rule now."""
    acting, rule = _find_rule(ctx, request)
    if rule.schedule_expression is None:
        raise InspectionError(f"Rule {rule.name} has no schedule.")
    fire_now(acting, rule)
    return {}


def _find_rule(ctx: Context, request: Value) -> tuple[Context, Rule]:
    """Find the rule that a request names, and a context of its account and region."""
    acting = ctx.act_as(
        _require(request, "Account", str),
        _require(request, "Region", str),
        ctx.organization_id,
    )
    event_bus_name = _require(request, "EventBusName", str)
    return acting, find_rule(acting, event_bus_name, _require(request, "Name", str))


def _get(request: Value, name: str, kind: type) -> Any:
    """Read a member that may be absent. Raises: InspectionError: it is of another type."""
    value = request.get(name)
    if value is not None and type(value) is not kind:
        raise InspectionError(f"{name} has to be of the type {kind.__name__}.")
    return value


def _require(request: Value, name: str, kind: type) -> Any:
    value = _get(request, name, kind)
    if value is None:
        raise InspectionError(f"{name} is missing.")
    return value


# Name → what answers it, and whether it writes.
CALLS: dict[str, tuple[Callable[[Context, Value], Value], bool]] = {
    "events": (list_events, False),
    "story": (tell_story, False),
    "send-again": (send_again, True),
    "redeliver": (redeliver, True),
    "samples": (list_samples, False),
    "sample": (read_sample, False),
    "play": (play, False),
    "rules": (describe_rules, False),
    "set-rule-state": (set_rule_state, True),
    "fire-rule": (fire_rule, True),
}


def answer(ctx: Context, name: str, request: Value) -> Value:
    """Answer a call of `CALLS`; what was refused is an `Error`."""
    try:
        return CALLS[name][0](ctx, request)
    except EvcliError as error:
        return {"Error": playground.describe_error(error)}
