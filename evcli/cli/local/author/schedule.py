"""`evcli local schedule`: when a rule fires, or an expression would."""

from __future__ import annotations

import re
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.time.times import read_instant
from evcli.delivery.envelopes import format_time
from evcli.errors import ValidationException
from evcli.schedules import instants, parse_schedule

if TYPE_CHECKING:
    from evcli.cli.session import Session
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


@click.command(short_help="Print the next instants of a rule or an expression")
@click.argument("what", metavar="RULE|EXPRESSION")
@click.option(
    "--count", type=click.IntRange(min=1), default=10, metavar="N", help="How many; 10."
)
@click.option("--from", "after", metavar="TIME", help="Only after TIME; now if absent.")
@click.pass_obj
def command(session: Session, what: str, count: int, after: str | None) -> None:
    """Print when a rule of the default event bus fires next, one instant a line.

    Or when an expression would, such as 'cron(0 12 * * ? *)'. A rate counts from when
    the rule was made or enabled; that of an expression from TIME, which is like
    2026-11-23T12:00:00Z, 7d (ago) or +1h (ahead).
    """
    with closing(session.open_context()) as ctx:
        start = ctx.clock.now()
        if after is not None:
            start = read_instant(ctx, after, "--from")
        anchor = start
        expression = what
        if "(" not in what and ")" not in what and " " not in what:
            from evcli.operations.rules import find_rule

            rule = find_rule(ctx, None, what)
            if rule.schedule_expression is None:
                raise GeneralError(f"Rule {what} has no schedule.")
            expression = rule.schedule_expression
            anchor = rule.schedule_anchor_at or start
        for instant in islice(
            instants(read_schedule(expression), start, anchor), count
        ):
            session.stdout.write(f"{format_time(instant)}\n")


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
