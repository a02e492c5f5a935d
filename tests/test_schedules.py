"""The schedule expressions that are accepted and refused, and the instants they name.

The fire times of the first table agree with two independent evaluators [peer] wherever
those know the syntax; the others follow from the grammar [guess].

Long because the tables stand here, next to the walker that judges the search.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.errors import ValidationException
from evcli.schedules import Cron, Schedule, instants, next_instant, parse_schedule

SENTENCE = "Parameter ScheduleExpression is not valid."

ACCEPTED = [
    ("rate(1 minute)", "[aws]"),
    ("rate(5 minutes)", "[doc]"),
    ("rate(5 hours)", "[doc]"),
    ("rate(10 minutes)", "[aws]"),
    ("rate(2 days)", "[guess]"),
    ("rate(1440 minutes)", "[guess]"),
    ("cron(0 10 * * ? *)", "[aws]"),
    ("cron(15 12 * * ? *)", "[aws]"),
    ("cron(0 18 ? * MON-FRI *)", "[aws]"),
    ("cron(0 8 1 * ? *)", "[aws]"),
    ("cron(0/15 * * * ? *)", "[aws]"),
    ("cron(0/10 * ? * MON-FRI *)", "[aws]"),
    ("cron(0/5 8-17 ? * MON-FRI *)", "[aws]"),
    ("cron(0/30 20-23 ? * MON-FRI *)", "[aws]"),
    ("cron(0/30 20-2 ? * MON-SAT *)", "[doc shape]"),
    ("cron(0 2 ? * SAT#3 *)", "[aws]"),
    ("cron(0 12 * * ? *)", "[aws]"),
    ("cron(0 20 * * ? *)", "[aws]"),
    ("cron(15 10 ? * 6L 2019-2022)", "[doc]"),
    ("cron(0 0/4 * * ? *)", "[doc]"),
    ("cron(*/15 * * * ? *)", "[aws-sched]"),
    ("cron(0-59/10 0-23/2 ? * * *)", "[aws-sched]"),
    ("cron(30-30 13-13 ? * 2,4,6 *)", "[aws-sched]"),
    ("cron(1-31/30 1-1 ? * 1,7 *)", "[aws-sched]"),
    ("cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)", "[aws-sched]"),
    ("cron(* * ? * mon-sun *)", "[doc (workshop)]"),
    ("cron(0 0 ? * 3#2 *)", "[doc]"),
    ("cron(0 9 3W * ? *)", "[doc]"),
    ("cron(0 9 L * ? *)", "[doc]"),
    ("cron(0 9 LW * ? *)", "[guess]"),
    ("cron(0 9 L-3 * ? *)", "[guess]"),
    ("cron(0 9 ? * MONL *)", "[guess]"),
    ("cron(05 09 01 * ? *)", "[guess]"),
    ("cron(0 9 1 1 ? 1970)", "[doc range]"),
    ("cron(0 9 1 1 ? 2199)", "[doc range]"),
    ("cron(0 9 ? * SAT-MON *)", "[guess]"),
    ("cron(0 9 28-3 * ? *)", "[guess]"),
    ("cron(0 9 1 DEC-JAN ? *)", "[guess]"),
    ("cron(0 9 1 * ? 2024,2030-2032)", "[guess]"),
    ("cron(5, 0, 1, *, ?, *)", "[peer] public templates"),
    ("cron(0/5, 9-18, ?, *, MON-FRI, *)", "[peer] public templates"),
    ("cron(* ? * * * *)", "[peer] an AWS solution"),
]

REFUSED = [
    ("rate(1 minutes)", "[aws]"),
    ("rate(1 days)", "[aws]"),
    ("rate(10 minute)", "[aws]"),
    ("rate(10 hour)", "[aws]"),
    ("rate(5 seconds)", "[aws shape]"),
    ("rate(3 years)", "[aws shape]"),
    ("rate(7)", "[aws shape]"),
    ("rate(abc hours)", "[aws shape]"),
    ("rate(0 hours)", "[aws shape]"),
    ("rate(-1 hours)", "[aws shape]"),
    ("rate(5 Minutes)", "[aws shape]"),
    ("rate( 5 minutes )", "[aws shape]"),
    (" rate(5 minutes)", "[aws shape]"),
    ("rate(5 minutes) ", "[guess]"),
    ("rate(2.5 days)", "[guess]"),
    ("rate(5mins)", "[guess]"),
    ("rate(1 week)", "[guess]"),
    ("RATE(5 minutes)", "[guess]"),
    ("CRON(0 12 * * ? *)", "[guess]"),
    ("5 minutes", "[guess]"),
    ("cron()", "[aws-sched]"),
    ("cron(0 12 * * ? )", "[guess]"),
    ("cron( 0 12 * * ? *)", "[guess]"),
    ("cron(5 1 * * * *)", "[aws shape]"),
    ("cron(0 12 ? * ? *)", "[guess]"),
    ("cron(0 12 15 * FRI *)", "[doc]"),
    ("cron(0 12 * * 1-5 *)", "[doc]"),
    ("cron(60 12 * * ? *)", "[aws shape]"),
    ("cron(0 25 * * ? *)", "[guess]"),
    ("cron(0 12 40 * ? *)", "[guess]"),
    ("cron(0 12 1 0 ? *)", "[guess]"),
    ("cron(0 12 1 14 ? *)", "[guess]"),
    ("cron(0 12 ? * 9 *)", "[guess]"),
    ("cron(0 12 ? * ABC *)", "[aws shape]"),
    ("cron(0 12 ? * MON#1,FRI#2 *)", "[doc]"),
    ("cron(0 12 ? * 2#0 *)", "[guess]"),
    ("cron(0 12 ? * 2#7 *)", "[guess]"),
    ("cron(0 12 1 * ? 1960)", "[doc range]"),
    ("cron(0 12 1 * ? 2250)", "[doc range]"),
    ("cron(0 12 1 * ? ?)", "[guess]"),
    ("cron(0 12 1 ? ? *)", "[guess]"),
    ("cron(0 ? 1 * ? *)", "[guess]"),
    ("cron(0 0 12 * * ? *)", "[guess]"),
    ("cron(0 12 * * ?)x", "[guess]"),
    ("cron(0/0 * * * ? *)", "[guess]"),
    ("cron(0/ * * * ? *)", "[guess]"),
    ("cron(, 12 * * ? *)", "[guess]"),
    ("cron(5-1-2 12 * * ? *)", "[guess]"),
    ("at(2026-01-01T00:00:00)", "[guess]"),
]

# Recorded refusals of PutRule; of the cron ones the kind is recorded, the numbers ours.
RECORDED_REFUSALS = [
    ("rate(10 seconds)", "[aws]"),
    ("rate(10 years)", "[aws]"),
    ("rate(1 minutes)", "[aws]"),
    ("rate(1 hours)", "[aws]"),
    ("rate(1 days)", "[aws]"),
    ("rate(10 minute)", "[aws]"),
    ("rate(10 hour)", "[aws]"),
    ("rate(10 day)", "[aws]"),
    ("rate()", "[aws]"),
    ("rate(10)", "[aws]"),
    ("rate(10 minutess)", "[aws]"),
    ("rate(foo minutes)", "[aws]"),
    ("rate(0 minutes)", "[aws]"),
    ("rate(-10 minutes)", "[aws]"),
    ("rate(10 MINUTES)", "[aws]"),
    ("rate( 10 minutes )", "[aws]"),
    (" rate(10 minutes)", "[aws]"),
    ("cron(0 12 * * * *)", "[aws] kind: both day fields concrete"),
    ("cron(0 12 ? * NOT *)", "[aws] kind: no such day name"),
    ("cron(INVALID)", "[aws]"),
    ("cron(0 noon ? * MON-FRI *)", "[aws] kind: text in hours"),
    ("cron(71 12 * * ? *)", "[aws] kind: minute 71"),
]

# Refusals that follow from the grammar above; each has caught a careless reader.
GRAMMAR_REFUSALS = [
    ("", "[guess]"),
    ("rate(5  minutes)", "[aws] kind: exactly one space"),
    ("rate(5 minutes)\n", "[guess]"),
    ("rate(\u0663 minutes)", "[guess] ASCII digits only"),
    ("rate(1000000000 minutes)", "[guess] nine digits"),
    ("cron(0 12\t* * ? *)", "[guess] spaces separate"),
    ("cron(0 12 * * ?\u2003*)", "[guess] spaces separate"),
    ("cron(0 12\t5 * * ? *)", "[guess] spaces separate"),
    ("cron(0 12 * * ? *)\n", "[guess]"),
    ("cron(0 12 * * ? *))", "[guess]"),
    ("cron(0 12 ? * \u017fUN *)", "[guess] ASCII names only"),
    ("cron(\u0663 12 * * ? *)", "[guess] ASCII digits only"),
    ("cron(,, 12 * * ? *)", "[guess] a field without any item"),
    ("cron(0 12 , * ? *)", "[guess] a field without any item"),
    ("cron(0 12 * * ? ,)", "[guess] a field without any item"),
    ("cron(? 12 * * * *)", "[guess] no ? in minutes"),
    ("cron(0 12 * ? * *)", "[guess] no ? in months"),
    ("cron(0 ? ? * MON *)", "[guess] one ? only"),
    ("cron(0 ? * * ? *)", "[guess] one ? only"),
    ("cron(0 ? 1 * MON *)", "[guess] two day fields that both say something"),
    ("cron(0 ?,5 * * * *)", "[guess] ? stands alone"),
    ("cron(0 12 ?,1 * MON *)", "[guess] ? stands alone"),
    ("cron(1- 12 * * ? *)", "[guess]"),
    ("cron(*-5 12 * * ? *)", "[guess]"),
    ("cron(MON 12 * * ? *)", "[guess] no names in minutes"),
    ("cron(0 12 L-31 * ? *)", "[guess]"),
    ("cron(0 12 L-3W * ? *)", "[guess]"),
    ("cron(0 12 0W * ? *)", "[guess]"),
    ("cron(0 12 32W * ? *)", "[guess]"),
    ("cron(0 12 W * ? *)", "[guess]"),
    ("cron(0 12 1-5W * ? *)", "[guess]"),
    ("cron(0 12 L/2 * ? *)", "[guess]"),
    ("cron(0 12 ?/2 * MON *)", "[guess]"),
    ("cron(0 12 3#2 * ? *)", "[guess] # is for weekdays"),
    ("cron(0 12 ? * 3W *)", "[guess] W is for days of the month"),
    ("cron(0 12 ? * LW *)", "[guess]"),
    ("cron(0 12 ? * 8L *)", "[guess]"),
    ("cron(0 12 ? * FOOL *)", "[guess]"),
    ("cron(0 12 ? * MON#1,FRI *)", "[doc]"),
    ("cron(0 12 ? * MON# *)", "[guess]"),
    ("cron(0 L * * ? *)", "[guess]"),
    ("cron(0 12 1 L ? *)", "[guess]"),
    ("cron(0 12 1 * ? 2030-2024)", "[guess] years do not wrap"),
]

# Beyond the documented forms: what the grammar lets through on purpose.
GRAMMAR_ACCEPTED = [
    ("rate(05 minutes)", "[guess] as 05 in cron fields"),
    ("rate(999999999 days)", "[guess]"),
    ("cron(0  12   * * ? *)", "[guess] runs of spaces"),
    ("cron(0/90 12 * * ? *)", "[guess] a step past the maximum"),
    ("cron(0 12 1,15,LW,L-2,20W * ? *)", "[guess] rules in a list"),
    ("cron(0 12 ? * MON,L,6L *)", "[guess] rules in a list"),
    ("cron(0 12 lw * ? *)", "[guess] letters ignore case"),
    ("cron(0 12 ? * l *)", "[guess] letters ignore case"),
    ("cron(0 12 ? * fril *)", "[guess] letters ignore case"),
    ("cron(0 12 L-30 * ? *)", "[guess]"),
    ("cron(0 12 30 2 ? *)", "[guess] valid, never fires"),
    ("cron(1, 12 * * ? *)", "[peer] kind: a comma at the end"),
    ("cron(,1 12 * * ? *)", "[guess] a comma in front"),
    ("cron(1,,5 12 * * ? *)", "[guess] two commas"),
    ("cron(0 12 ? * 3#2, *)", "[guess] a comma at the end is no second item"),
    ("cron(0 ? 1 * * *)", "[guess] one ?, and one day field that says something"),
    ("cron(0 ? * * MON *)", "[guess] one ?, and one day field that says something"),
]

# expression | exclusive start, the anchor of a rate | the next three, fewer at the end
FIRE_TIMES = """
cron(0 10 * * ? *) | 2024-05-01T10:00:00Z | 2024-05-02T10:00:00Z 2024-05-03T10:00:00Z 2024-05-04T10:00:00Z
cron(15 12 * * ? *) | 2024-05-01T12:14:59Z | 2024-05-01T12:15:00Z 2024-05-02T12:15:00Z 2024-05-03T12:15:00Z
cron(0 18 ? * MON-FRI *) | 2024-05-03T18:00:00Z | 2024-05-06T18:00:00Z 2024-05-07T18:00:00Z 2024-05-08T18:00:00Z
cron(0 8 1 * ? *) | 2024-01-15T00:00:00Z | 2024-02-01T08:00:00Z 2024-03-01T08:00:00Z 2024-04-01T08:00:00Z
cron(0/15 * * * ? *) | 2024-05-01T09:46:00Z | 2024-05-01T10:00:00Z 2024-05-01T10:15:00Z 2024-05-01T10:30:00Z
cron(1/10 * * * ? *) | 2024-05-01T09:50:00Z | 2024-05-01T09:51:00Z 2024-05-01T10:01:00Z 2024-05-01T10:11:00Z
cron(0/5 8-17 ? * MON-FRI *) | 2024-05-03T17:50:00Z | 2024-05-03T17:55:00Z 2024-05-06T08:00:00Z 2024-05-06T08:05:00Z
cron(0/30 20-2 ? * MON-SAT *) | 2024-05-04T23:00:00Z | 2024-05-04T23:30:00Z 2024-05-06T00:00:00Z 2024-05-06T00:30:00Z
cron(15 10 ? * 6L 2019-2022) | 2022-11-01T00:00:00Z | 2022-11-25T10:15:00Z 2022-12-30T10:15:00Z
cron(0 0/4 * * ? *) | 2024-05-01T17:00:00Z | 2024-05-01T20:00:00Z 2024-05-02T00:00:00Z 2024-05-02T04:00:00Z
cron(5,35 14 * * ? *) | 2024-05-01T14:05:00Z | 2024-05-01T14:35:00Z 2024-05-02T14:05:00Z 2024-05-02T14:35:00Z
cron(0 0 ? * 3#2 *) | 2024-05-01T00:00:00Z | 2024-05-14T00:00:00Z 2024-06-11T00:00:00Z 2024-07-09T00:00:00Z
cron(0 2 ? * SAT#3 *) | 2024-05-18T02:00:00Z | 2024-06-15T02:00:00Z 2024-07-20T02:00:00Z 2024-08-17T02:00:00Z
cron(0 9 3W * ? *) | 2024-02-04T00:00:00Z | 2024-03-04T09:00:00Z 2024-04-03T09:00:00Z 2024-05-03T09:00:00Z
cron(0 9 1W * ? *) | 2025-02-15T00:00:00Z | 2025-03-03T09:00:00Z 2025-04-01T09:00:00Z 2025-05-01T09:00:00Z
cron(0 9 L * ? *) | 2024-02-01T00:00:00Z | 2024-02-29T09:00:00Z 2024-03-31T09:00:00Z 2024-04-30T09:00:00Z
cron(0 9 LW * ? *) | 2024-03-01T00:00:00Z | 2024-03-29T09:00:00Z 2024-04-30T09:00:00Z 2024-05-31T09:00:00Z
cron(0 9 L-3 * ? *) | 2024-02-01T00:00:00Z | 2024-02-26T09:00:00Z 2024-03-28T09:00:00Z 2024-04-27T09:00:00Z
cron(0 9 ? * MONL *) | 2024-05-01T00:00:00Z | 2024-05-27T09:00:00Z 2024-06-24T09:00:00Z 2024-07-29T09:00:00Z
cron(0 9 ? * L *) | 2024-05-01T00:00:00Z | 2024-05-04T09:00:00Z 2024-05-11T09:00:00Z 2024-05-18T09:00:00Z
cron(0 9 31 * ? *) | 2024-03-31T09:00:00Z | 2024-05-31T09:00:00Z 2024-07-31T09:00:00Z 2024-08-31T09:00:00Z
cron(0 9 29 2 ? *) | 2024-03-01T00:00:00Z | 2028-02-29T09:00:00Z 2032-02-29T09:00:00Z 2036-02-29T09:00:00Z
cron(0 9 ? * SAT-MON *) | 2024-05-01T00:00:00Z | 2024-05-04T09:00:00Z 2024-05-05T09:00:00Z 2024-05-06T09:00:00Z
cron(0 9 1 DEC-JAN ? *) | 2024-05-01T00:00:00Z | 2024-12-01T09:00:00Z 2025-01-01T09:00:00Z 2025-12-01T09:00:00Z
cron(0-40/20 6 * * ? *) | 2024-05-01T06:20:00Z | 2024-05-01T06:40:00Z 2024-05-02T06:00:00Z 2024-05-02T06:20:00Z
cron(0 0 1 1/4 ? *) | 2024-05-01T00:00:00Z | 2024-09-01T00:00:00Z 2025-01-01T00:00:00Z 2025-05-01T00:00:00Z
cron(0 12 1 6 ? 2020) | 2024-01-01T00:00:00Z |
cron(0 12 1 6 ? 2024/3) | 2024-07-01T00:00:00Z | 2027-06-01T12:00:00Z 2030-06-01T12:00:00Z 2033-06-01T12:00:00Z
cron(* * * * ? *) | 2024-12-31T23:58:10Z | 2024-12-31T23:59:00Z 2025-01-01T00:00:00Z 2025-01-01T00:01:00Z
rate(5 minutes) | 2024-05-01T09:58:00Z | 2024-05-01T10:03:00Z 2024-05-01T10:08:00Z 2024-05-01T10:13:00Z
rate(1 hour) | 2024-05-01T23:30:00Z | 2024-05-02T00:30:00Z 2024-05-02T01:30:00Z 2024-05-02T02:30:00Z
rate(2 days) | 2024-02-28T06:00:00Z | 2024-03-01T06:00:00Z 2024-03-03T06:00:00Z 2024-03-05T06:00:00Z
""".strip().splitlines()

MORE_FIRE_TIMES = """
cron(0 22-4/3 1 1 ? 2030) | 2029-12-31T00:00:00Z | 2030-01-01T01:00:00Z 2030-01-01T04:00:00Z 2030-01-01T22:00:00Z
cron(0 9 29 2 ? *) | 2096-02-29T09:00:00Z | 2104-02-29T09:00:00Z 2108-02-29T09:00:00Z 2112-02-29T09:00:00Z
cron(0 9 L 2 ? 2023-2025) | 2023-01-01T00:00:00Z | 2023-02-28T09:00:00Z 2024-02-29T09:00:00Z 2025-02-28T09:00:00Z
cron(0 9 30 2 ? *) | 1970-01-01T00:00:00Z |
cron(0 9 31W * ? *) | 2024-03-01T00:00:00Z | 2024-03-29T09:00:00Z 2024-05-31T09:00:00Z 2024-07-31T09:00:00Z
cron(0 9 31W 11 ? *) | 2024-01-01T00:00:00Z |
cron(0 9 15W * ? *) | 2024-06-01T00:00:00Z | 2024-06-14T09:00:00Z 2024-07-15T09:00:00Z 2024-08-15T09:00:00Z
cron(0 9 L-30 * ? *) | 2024-01-01T09:00:00Z | 2024-03-01T09:00:00Z 2024-05-01T09:00:00Z 2024-07-01T09:00:00Z
cron(0 9 1,L 2 ? *) | 2024-01-01T00:00:00Z | 2024-02-01T09:00:00Z 2024-02-29T09:00:00Z 2025-02-01T09:00:00Z
cron(0 9 ? * 5#5 *) | 2024-02-01T00:00:00Z | 2024-02-29T09:00:00Z 2024-05-30T09:00:00Z 2024-08-29T09:00:00Z
cron(0 9 ? * FRI-MON/2 *) | 2024-05-01T00:00:00Z | 2024-05-03T09:00:00Z 2024-05-05T09:00:00Z 2024-05-10T09:00:00Z
cron(0 9 ? * sun *) | 2024-05-01T00:00:00Z | 2024-05-05T09:00:00Z 2024-05-12T09:00:00Z 2024-05-19T09:00:00Z
cron(0 9 ? * MON,L *) | 2024-05-01T00:00:00Z | 2024-05-04T09:00:00Z 2024-05-06T09:00:00Z 2024-05-11T09:00:00Z
cron(0 0 1 1 ? *) | 1969-12-31T23:59:00Z | 1970-01-01T00:00:00Z 1971-01-01T00:00:00Z 1972-01-01T00:00:00Z
cron(59 23 31 12 ? *) | 2198-12-31T23:58:59Z | 2198-12-31T23:59:00Z 2199-12-31T23:59:00Z
cron(* * * * ? *) | 2199-12-31T23:59:00Z |
cron(* * * * ? *) | 9999-12-31T23:59:59Z |
cron(0 10 * * ? *) | 2024-05-01T09:59:59.999999Z | 2024-05-01T10:00:00Z 2024-05-02T10:00:00Z 2024-05-03T10:00:00Z
cron(5, 0, 1, *, ?, *) | 2024-05-01T00:00:00Z | 2024-05-01T00:05:00Z 2024-06-01T00:05:00Z 2024-07-01T00:05:00Z
cron(0/5, 9-18, ?, *, MON-FRI, *) | 2024-05-03T18:50:00Z | 2024-05-03T18:55:00Z 2024-05-06T09:00:00Z 2024-05-06T09:05:00Z
cron(0 9,,17 * * ? *) | 2024-05-01T09:00:00Z | 2024-05-01T17:00:00Z 2024-05-02T09:00:00Z 2024-05-02T17:00:00Z
cron(* ? * * * *) | 2024-05-01T09:58:59Z | 2024-05-01T09:59:00Z 2024-05-01T10:00:00Z 2024-05-01T10:01:00Z
cron(0 ? 1 * * *) | 2024-05-01T22:00:00Z | 2024-05-01T23:00:00Z 2024-06-01T00:00:00Z 2024-06-01T01:00:00Z
cron(0 ? * * MON *) | 2024-05-06T22:00:00Z | 2024-05-06T23:00:00Z 2024-05-13T00:00:00Z 2024-05-13T01:00:00Z
rate(7 days) | 2024-05-01T09:58:07Z | 2024-05-08T09:58:07Z 2024-05-15T09:58:07Z 2024-05-22T09:58:07Z
rate(1 day) | 9999-12-29T12:00:00Z | 9999-12-30T12:00:00Z 9999-12-31T12:00:00Z
rate(999999999 days) | 2024-05-01T00:00:00Z |
""".strip().splitlines()

ANCHOR = datetime(2024, 5, 1, 9, 58, 7, tzinfo=UTC)
WINDOW_DAYS = 500
WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
T = TypeVar("T")

# The text of a field, and whether it allows a number or a date.
NumberField = tuple[str, Callable[[int], bool]]
DateField = tuple[str, Callable[[date], bool]]
# An expression, whether it fires on a date, whether at a minute of the day (0-1439).
CronCase = tuple[str, Callable[[date], bool], Callable[[int], bool]]


@pytest.mark.parametrize(("expression", "source"), ACCEPTED + GRAMMAR_ACCEPTED)
def test_parse_schedule_accepts_well_formed_expressions(
    expression: str, source: str
) -> None:
    kind = timedelta if expression.startswith("rate") else Cron

    schedule = parse_schedule(expression)

    assert type(schedule) is kind


@pytest.mark.parametrize(
    ("expression", "source"), REFUSED + RECORDED_REFUSALS + GRAMMAR_REFUSALS
)
def test_parse_schedule_refuses_malformed_expressions_with_one_sentence(
    expression: str, source: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        parse_schedule(expression)

    assert caught.value.message == SENTENCE


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(05 minutes)", 300),
        ("rate(1 hour)", 3_600),
        ("rate(5 hours)", 18_000),
        ("rate(1 day)", 86_400),
        ("rate(2 days)", 172_800),
    ],
)
def test_rate_is_counted_in_seconds(expression: str, seconds: int) -> None:
    schedule = parse_schedule(expression)

    assert schedule == timedelta(seconds=seconds)


def test_cron_lists_numbers_ascending_and_keeps_what_depends_on_the_month() -> None:
    schedule = parse_schedule("cron(50-10/15 22-1 20,3W,L-2,5,L NOV-FEB ? 2196/2)")

    assert isinstance(schedule, Cron)
    assert {name: getattr(schedule, name) for name in Cron.__slots__} == {
        "minutes": (5, 50),
        "hours": (0, 1, 22, 23),
        "days_of_month": (5, 20),
        "months": (1, 2, 11, 12),
        "days_of_week": (),
        "years": (2196, 2198),
        "day_rules": (("nearest_weekday", (3,)), ("before_end", (2,)), ("end", ())),
    }


@pytest.mark.parametrize(
    ("field", "days_of_week", "day_rules"),
    [
        ("sun,L,TUE", (1, 3, 7), ()),
        ("6L,1L", (), (("last", (6,)), ("last", (1,)))),
        ("FRI#5", (), (("nth", (6, 5)),)),
    ],
)
def test_weekdays_count_from_sunday_as_one(
    field: str,
    days_of_week: tuple[int, ...],
    day_rules: tuple[tuple[str, tuple[int, ...]], ...],
) -> None:
    schedule = parse_schedule(f"cron(0 9 ? * {field} *)")

    assert isinstance(schedule, Cron)
    assert schedule.days_of_month == ()
    assert schedule.days_of_week == days_of_week
    assert schedule.day_rules == day_rules


@pytest.mark.parametrize("row", FIRE_TIMES + MORE_FIRE_TIMES)
def test_instants_are_the_first_three_strictly_after_the_start(row: str) -> None:
    expression, start_text, expected_text = (cell.strip() for cell in row.split("|"))
    start = datetime.fromisoformat(start_text)

    found = list(islice(instants(parse_schedule(expression), start, start), 3))

    assert found == [datetime.fromisoformat(text) for text in expected_text.split()]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (ANCHOR - timedelta(days=3), ANCHOR + timedelta(minutes=5)),
        (ANCHOR, ANCHOR + timedelta(minutes=5)),
        (ANCHOR + timedelta(minutes=4, seconds=59), ANCHOR + timedelta(minutes=5)),
        (ANCHOR + timedelta(minutes=5), ANCHOR + timedelta(minutes=10)),
        (ANCHOR + timedelta(days=1), ANCHOR + timedelta(days=1, minutes=5)),
    ],
)
def test_rate_fires_at_whole_intervals_from_its_anchor(
    after: datetime, expected: datetime
) -> None:
    schedule = parse_schedule("rate(5 minutes)")

    assert next_instant(schedule, after, ANCHOR) == expected


def test_cron_ignores_the_anchor_and_answers_in_utc() -> None:
    schedule = parse_schedule("cron(0 10 * * ? *)")

    found = next_instant(schedule, ANCHOR, datetime.max.replace(tzinfo=UTC))

    assert found == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert found.tzinfo is UTC


# The walker below knows the meaning of every field but nothing of the search: a strategy
# draws the text of a field together with the plain definition of what it allows.


@st.composite
def number_items(
    draw: st.DrawFn, lowest: int, highest: int, wraps: bool = True
) -> NumberField:
    """One item of a numeric field and the numbers that it names."""
    span = highest - lowest + 1
    first, last = (draw(st.integers(lowest, highest)) for _ in range(2))
    if not wraps:
        first, last = sorted((first, last))
    step = draw(st.integers(1, 20))
    forms: dict[str, Callable[[int], bool]] = {
        "*": lambda number: True,
        f"{first}": lambda number: number == first,
        f"{first}-{last}": lambda number: (
            (number - first) % span <= (last - first) % span
        ),
        f"*/{step}": lambda number: (number - lowest) % step == 0,
        f"{first}/{step}": lambda number: (
            number >= first and (number - first) % step == 0
        ),
        f"{first}-{last}/{step}": lambda number: (
            (number - first) % span <= (last - first) % span
            and (number - first) % span % step == 0
        ),
    }
    text, names = draw(st.sampled_from(list(forms.items())))
    return text, lambda number: lowest <= number <= highest and names(number)


def lists_of(
    items: st.SearchStrategy[tuple[str, Callable[[T], bool]]],
) -> st.SearchStrategy[tuple[str, Callable[[T], bool]]]:
    """A comma-separated field: any item may allow the value, empty ones are nothing."""
    commas = st.sampled_from(["", "", ","])
    return st.tuples(st.lists(items, min_size=1, max_size=3), commas, commas).map(
        lambda drawn: (
            drawn[1] + ",".join(text for text, _ in drawn[0]) + drawn[2],
            lambda value: any(allows(value) for _, allows in drawn[0]),
        )
    )


def month_of(day: date) -> list[date]:
    first = day.replace(day=1)
    return [
        found
        for found in (first + timedelta(days=offset) for offset in range(31))
        if found.month == day.month
    ]


def is_nearest_weekday(day: date, number: int) -> bool:
    """No weekday of the month is closer to the numbered day, if the month has that day."""
    weekdays = [found for found in month_of(day) if found.isoweekday() <= 5]
    nearest = min(weekdays, key=lambda found: abs(found.day - number))
    return number <= month_of(day)[-1].day and day == nearest


def is_last_weekday(day: date) -> bool:
    return day == [found for found in month_of(day) if found.isoweekday() <= 5][-1]


def is_on(day: date, weekday: int) -> bool:
    """Weekdays of cron: SUN is 1."""
    return day.isoweekday() % 7 + 1 == weekday


def same_weekday(day: date) -> list[date]:
    return [found for found in month_of(day) if found.weekday() == day.weekday()]


@st.composite
def days_of_month(draw: st.DrawFn) -> DateField:
    number = draw(st.integers(1, 31))
    before = draw(st.integers(1, 30))
    numeric, allows = draw(number_items(1, 31))
    forms: list[DateField] = [
        (numeric, lambda day: allows(day.day)),
        ("L", lambda day: day == month_of(day)[-1]),
        ("LW", is_last_weekday),
        (f"L-{before}", lambda day: month_of(day)[-1] - day == timedelta(days=before)),
        (f"{number}W", lambda day: is_nearest_weekday(day, number)),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def days_of_week(draw: st.DrawFn) -> DateField:
    weekday = draw(st.integers(1, 7))
    name = draw(st.sampled_from([str(weekday), WEEKDAY_NAMES[weekday - 1]]))
    numeric, allows = draw(number_items(1, 7))
    forms: list[DateField] = [
        (numeric, lambda day: allows(day.isoweekday() % 7 + 1)),
        (name, lambda day: is_on(day, weekday)),
        ("L", lambda day: is_on(day, 7)),
        (
            f"{name}L",
            lambda day: is_on(day, weekday) and day == same_weekday(day)[-1],
        ),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def numbered_weekdays(draw: st.DrawFn) -> DateField:
    weekday = draw(st.integers(1, 7))
    ordinal = draw(st.integers(1, 5))
    return (
        f"{weekday}#{ordinal}",
        lambda day: is_on(day, weekday) and same_weekday(day).index(day) == ordinal - 1,
    )


@st.composite
def cron_expressions(draw: st.DrawFn) -> CronCase:
    minute, allows_minute = draw(lists_of(number_items(0, 59)))
    hour, allows_hour = draw(lists_of(number_items(0, 23)))
    month, allows_month = draw(lists_of(number_items(1, 12)))
    year, allows_year = draw(lists_of(number_items(1970, 2199, wraps=False)))
    of_month = lists_of(days_of_month()).map(
        lambda field: (f"{field[0]} {{}} ?", field[1])
    )
    of_week = st.one_of(lists_of(days_of_week()), numbered_weekdays()).map(
        lambda field: (f"? {{}} {field[0]}", field[1])
    )
    day_fields, allows_day = draw(st.one_of(of_month, of_week))
    expression = f"cron({minute} {hour} {day_fields.format(month)} {year})"
    return (
        expression,
        lambda day: (
            allows_year(day.year) and allows_month(day.month) and allows_day(day)
        ),
        lambda minutes: allows_hour(minutes // 60) and allows_minute(minutes % 60),
    )


def walk(
    fires_on: Callable[[date], bool],
    fires_at: Callable[[int], bool],
    after: datetime,
) -> datetime | None:
    """Try every minute of the window after `after`; days that do not fire have none."""
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight + timedelta(days=offset) for offset in range(WINDOW_DAYS)):
        if fires_on(day.date()):
            for minutes in range(24 * 60):
                instant = day + timedelta(minutes=minutes)
                if instant > after and fires_at(minutes):
                    return instant
    return None


moments = st.timedeltas(timedelta(0), timedelta(days=84_500)).map(
    lambda since: datetime(1969, 1, 1, tzinfo=UTC) + since
)


@settings(max_examples=300)
@given(cron=cron_expressions(), after=moments)
def test_next_instant_is_the_first_minute_that_a_walker_finds(
    cron: CronCase, after: datetime
) -> None:
    expression, fires_on, fires_at = cron

    found = next_instant(parse_schedule(expression), after, after)

    window_end = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        days=WINDOW_DAYS
    )
    in_window = found if found and found < window_end else None
    assert in_window == walk(fires_on, fires_at, after)


@given(cron=cron_expressions(), after=moments)
def test_instants_increase_and_each_one_follows_from_the_one_before(
    cron: CronCase, after: datetime
) -> None:
    expression, fires_on, fires_at = cron

    found = list(islice(instants(parse_schedule(expression), after, after), 30))

    assert all(earlier < later for earlier, later in pairwise([after, *found]))
    assert all(
        fires_on(instant.date()) and fires_at(instant.hour * 60 + instant.minute)
        for instant in found
    )


@given(
    count=st.integers(2, 50),
    unit=st.sampled_from(["minutes", "hours", "days"]),
    anchor=moments,
    later=st.timedeltas(timedelta(days=-2), timedelta(days=20)),
)
def test_rate_fires_at_the_first_multiple_that_a_walker_finds(
    count: int, unit: str, anchor: datetime, later: timedelta
) -> None:
    interval = timedelta(**{unit: count})
    expected = anchor + interval
    while expected <= anchor + later:
        expected += interval

    found = next_instant(
        parse_schedule(f"rate({count} {unit})"), anchor + later, anchor
    )

    assert found == expected


LETTERS = "0123456789*?,-/#LW \t\n()MONFRIJANcronrateminutesdays\u017f\u0663"
FIELDS = st.one_of(
    st.sampled_from(["*", "?", "0", "1", "L", "MON", "2030"]),
    st.text(LETTERS, min_size=1, max_size=6),
)
EXPRESSIONS = st.one_of(
    st.text(),
    st.text(LETTERS),
    st.lists(FIELDS, min_size=5, max_size=7).map(
        lambda fields: f"cron({' '.join(fields)})"
    ),
    st.tuples(st.text("0123456789-. "), st.text("minuteshoday ")).map(
        lambda parts: f"rate({parts[0]} {parts[1]})"
    ),
)


def parse_or_sentence(expression: str) -> Schedule | str:
    try:
        return parse_schedule(expression)
    except ValidationException as error:
        return error.message


@settings(max_examples=500)
@given(expression=EXPRESSIONS, after=moments)
def test_any_text_is_a_schedule_or_gets_the_sentence(
    expression: str, after: datetime
) -> None:
    parsed = parse_or_sentence(expression)

    if isinstance(parsed, str):
        assert parsed == SENTENCE
    else:
        instant = next_instant(parsed, after, ANCHOR)
        assert instant is None or instant > after
