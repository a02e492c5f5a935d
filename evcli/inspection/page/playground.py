"""A pattern and an event tried on each other: the verdict, its tree, AWS's complaint.

Nothing is put, and nothing stored. Each part is answered by itself, so that a mistake in
one does not hide what can be said of the others.
"""

from __future__ import annotations

import re
from itertools import islice

from evcli.errors import (
    EvcliError,
    InspectionError,
    InvalidEventPatternException,
)
from evcli.inspection.matches import list_patterns
from evcli.inspection.transforms import (
    accept_target,
    find_rule_arn,
    read_event,
    rehearse,
)
from evcli.model.timestamps import parse_timestamp
from evcli.operations import call
from evcli.patterns import compile_pattern
from evcli.patterns import read_event as read_tree
from evcli.patterns.explain import explain, find_reason, verdict_to_dict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context

    Value = dict[str, Any]

# A target whose payload is what an input transformer makes, with nothing around it.
TARGET_ARN = "arn:aws:lambda:{region}:{account_id}:function:playground"
# Where the service says that it noticed an error; the text that it quotes stands before.
POSITION = re.compile(r"; line: (\d+), column: (\d+)\]\s*\Z")
# Rules of a bus that are explained; a bus may have 100,000.
MOST_RULES = 500


def try_pattern(ctx: Context, event_pattern: str, event: str) -> Value:
    """Hold a pattern against an event, as test-event-pattern does, and explain it.

    Returns:
        `Matched` and `Explanation`, as `verdict_to_dict` has it; or `Error` as
        `describe_error`, `Of` saying whether it is of the `Pattern` or of the `Event`.
    """
    request = {"EventPattern": event_pattern, "Event": event}
    try:
        matched = call(ctx, "TestEventPattern", request)["Result"]
    except InvalidEventPatternException as error:
        return {"Of": "Pattern", "Error": describe_error(error)}
    except EvcliError as error:
        # The service looks at the event first; a pattern may be wrong as well.
        try:
            compile_pattern(event_pattern)
        except InvalidEventPatternException as other:
            return {"Of": "Pattern", "Error": describe_error(other)}
        return {"Of": "Event", "Error": describe_error(error)}
    verdict = explain(compile_pattern(event_pattern), read_tree(event))
    return {"Matched": matched, "Explanation": verdict_to_dict(verdict)}


def describe_error(error: EvcliError) -> Value:
    """Lay an error out: `Message`, `Advice`, and `Line` and `Column` where it says so.

    The column is where reading stopped, so right behind what is wrong. Source: [aws].
    """
    value: Value = {"Message": error.message}
    if error.advice:
        value["Advice"] = error.advice
    found = POSITION.search(error.message)
    if found is not None:
        value |= {"Line": int(found[1]), "Column": int(found[2])}
    return value


def try_transformer(
    ctx: Context, paths: Value | None, template: str, event: str
) -> Value:
    """Make the payload that an input transformer gives of an event.

    Args:
        paths: name → JSON path, as `InputPathsMap`.

    Returns: `Payload`, or `Error` as `describe_error`.
    """
    transformer: Value = {"InputTemplate": template}
    if paths is not None:
        transformer["InputPathsMap"] = paths
    arn = TARGET_ARN.format(region=ctx.region, account_id=ctx.account_id)
    try:
        envelope = read_event(event)
        rule_arn = find_rule_arn(None, None, envelope)
        target = accept_target({"Arn": arn, "InputTransformer": transformer}, rule_arn)
        received_at = parse_timestamp(envelope["time"], now=ctx.clock.now())
        rehearsal = rehearse(target, envelope, rule_arn, received_at or ctx.clock.now())
    except InspectionError as error:
        return {"Error": {"Message": f"The event cannot be used: {error.message}."}}
    except EvcliError as error:
        return {"Error": describe_error(error)}
    if rehearsal.reason is not None:
        return {"Error": {"Message": rehearsal.reason}}
    return {"Payload": rehearsal.payload}


def list_verdicts(ctx: Context, event_bus_name: str, event: str) -> list[Value]:
    """Say of each enabled rule of an event bus whether it matches an event.

    Returns: `Name`, `Matched`, and `Reason` where it does not.

    Raises:
        EventTextError: the event cannot be read.
        ResourceNotFoundException: there is no such event bus.
    """
    tree = read_tree(event)
    verdicts = []
    for name, text in islice(list_patterns(ctx, event_bus_name).items(), MOST_RULES):
        verdict = explain(compile_pattern(text), tree)
        value: Value = {"Name": name, "Matched": verdict.matched}
        if not verdict.matched:
            value["Reason"] = find_reason(verdict)
        verdicts.append(value)
    return verdicts
