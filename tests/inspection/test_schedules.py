"""Schedules: when a rule fires next, and what each field of cron() takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from evcli.errors import InspectionError
from evcli.inspection.schedules import FIELDS, list_instants, read_schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.context import Context


@pytest.mark.parametrize("values", [values for _, values, _ in FIELDS])
def test_what_a_field_is_said_to_take_it_takes(values: str) -> None:
    among = next(among for _, said, among in FIELDS if said == values)

    for value in values.split(", "):
        read_schedule(among.format("1" if value == "?" else value))


def test_instants_are_those_of_a_rule_or_an_expression(
    ctx: Context, call: Callable[..., Any]
) -> None:
    call("PutRule", Name="timed", ScheduleExpression="cron(0 12 * * ? *)")
    call("PutRule", Name="other", EventPattern='{"source":["s"]}')
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    after = noon - timedelta(hours=1)

    of_rule = list(islice(list_instants(ctx, "timed", after), 2))
    of_expression = list(islice(list_instants(ctx, "rate(1 hour)", after), 2))

    assert of_rule == [noon, noon + timedelta(days=1)]
    assert of_expression == [noon, noon + timedelta(hours=1)]
    with pytest.raises(InspectionError) as caught:
        list_instants(ctx, "other", after)
    assert caught.value.message == "Rule other has no schedule."
