"""When a rule fires next, or an expression would; what is wrong with a malformed one."""

from __future__ import annotations

import re

from evcli.errors import InspectionError, ValidationException
from evcli.operations.rules import find_rule
from evcli.schedules import instants, parse_schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from evcli.context import Context
    from evcli.schedules import Schedule

# Fields of cron(): name, what it takes, and an expression whose other fields are right.
FIELDS = (
    ("minutes", "0-59", "cron({} * * * ? *)"),
    ("hours", "0-23", "cron(0 {} * * ? *)"),
    ("day of month", "1-31, L, LW, 15W, ?", "cron(0 0 {} * ? *)"),
    ("month", "1-12, JAN-DEC", "cron(0 0 1 {} ? *)"),
    ("day of week", "1-7, SUN-SAT, FRIL, FRI#2, ?", "cron(0 0 ? * {} *)"),
    ("year", "1970-2199", "cron(0 0 1 1 ? {})"),
)


def list_instants(
    ctx: Context, rule_or_expression: str, after: datetime
) -> Iterator[datetime]:
    """List the instants of a rule of the default event bus, or of an expression.

    A rate counts from when the rule was made or enabled; that of an expression from
    `after`.

    Raises:
        InspectionError: the rule has no schedule.
        ResourceNotFoundException: there is no such rule.
        ValidationException: the expression is malformed.
    """
    if any(sign in rule_or_expression for sign in "() "):
        return instants(read_schedule(rule_or_expression), after, after)
    rule = find_rule(ctx, None, rule_or_expression)
    if rule.schedule_expression is None:
        raise InspectionError(f"Rule {rule.name} has no schedule.")
    schedule = read_schedule(rule.schedule_expression)
    return instants(schedule, after, rule.schedule_anchor_at or after)


def read_schedule(expression: str) -> Schedule:
    """Read an expression.

    Raises: ValidationException: it is malformed; which field it is, behind AWS's words.
    """
    try:
        return parse_schedule(expression)
    except ValidationException as error:
        reason = find_fault(expression)
        raise ValidationException(f"{error.message} Reason: {reason}") from error


def find_fault(expression: str) -> str:
    """Say what is wrong with a malformed expression.

    A field is wrong if it is so among others that are right: what it may hold is known
    to `schedules` alone. Where a `?` may stand depends on the other fields.
    """
    if expression.startswith("rate("):
        return (
            "rate() takes a whole number above 0 and minute, hour or day, with an s from 2"
            " on: rate(1 hour), rate(5 minutes)."
        )
    cron = re.fullmatch(r"cron\((.*)\)", expression, re.DOTALL)
    if cron is None:
        return "It is neither cron(…) nor rate(…)."
    fields = [field for field in cron[1].split(" ") if field]
    if len(fields) != len(FIELDS):
        names = ", ".join(name for name, _, _ in FIELDS)
        return f"cron() takes six fields ({names}), not {len(fields)}."
    faults = [
        f"{name} takes {values}, not {field}"
        for field, (name, values, among) in zip(fields, FIELDS, strict=True)
        if not ((field == "?" and "?" in values) or _is_valid(among.format(field)))
    ]
    if faults:
        return f"{'; '.join(faults)}."
    if not _is_valid(f"cron({' '.join(fields)})"):
        return "One of day of month and day of week has to be ?, the other must not."
    return "Fields are parted by blanks, with none next to the parentheses."


def _is_valid(expression: str) -> bool:
    try:
        parse_schedule(expression)
    except ValidationException:
        return False
    return True
