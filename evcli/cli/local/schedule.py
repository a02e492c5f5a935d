"""`evcli local schedule`: when a rule fires, or an expression would."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.times import read_instant
from evcli.delivery.envelopes import format_time
from evcli.schedules import instants, parse_schedule

if TYPE_CHECKING:
    from evcli.cli.session import Session


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
    the rule was made or enabled; that of an expression from TIME.
    """
    with closing(session.open_context()) as ctx:
        start = ctx.clock.now() if after is None else read_instant(ctx, after)
        anchor = start
        expression = what
        session.operation_name = "PutRule"
        if "(" not in what and ")" not in what and " " not in what:
            from evcli.operations.rules import find_rule

            session.operation_name = "DescribeRule"
            rule = find_rule(ctx, "default", what)
            if rule.schedule_expression is None:
                raise GeneralError(f"Rule {what} has no schedule.")
            expression = rule.schedule_expression
            anchor = rule.schedule_anchor_at or start
        found = instants(parse_schedule(expression), start, anchor)
        for instant in islice(found, count):
            session.stdout.write(f"{format_time(instant)}\n")
