"""Schedule expressions: `rate()` and `cron()`, whether they are valid and when they fire.

No clock and no rules here: instants come in and go out as aware UTC datetimes.

Each cron field becomes the sorted numbers that it allows. What cannot be listed without
knowing the month (`L`, `3W`, `FRI#2`) stays a day rule: a name in `_DAY_RULES` and its
numbers. The search takes the allowed years, then months, then days, and never walks over
minutes, so an expression that fires once in a century, or never, costs no more than a
few thousand additions.

Source: the user guide's pages on rate and cron expressions [doc], recorded refusals
[aws]. Unix cron libraries do not fit: SUN is 1, ranges wrap, day fields exclude each other.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from evcli.errors import ValidationException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A rule's name in `_DAY_RULES`, then the numbers that its function takes.
DayRule = tuple[str, tuple[int, ...]]
# What a day field allows: numbers, and what depends on the month.
Days = tuple[tuple[int, ...], tuple[DayRule, ...]]

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_SATURDAY, _SUNDAY = 7, 1
_LAST_YEAR = 2199


class Cron:
    """The allowed numbers of each field, ascending; SUN is 1.

    One of the two day fields says nothing and is empty here. `day_rules` are the items of
    the other one that depend on the month; a day fires if any number or rule names it.
    """

    __slots__ = (
        "day_rules",
        "days_of_month",
        "days_of_week",
        "hours",
        "minutes",
        "months",
        "years",
    )

    def __init__(
        self,
        minutes: tuple[int, ...],
        hours: tuple[int, ...],
        days_of_month: tuple[int, ...],
        months: tuple[int, ...],
        days_of_week: tuple[int, ...],
        years: tuple[int, ...],
        day_rules: tuple[DayRule, ...],
    ) -> None:
        self.minutes = minutes
        self.hours = hours
        self.days_of_month = days_of_month
        self.months = months
        self.days_of_week = days_of_week
        self.years = years
        self.day_rules = day_rules


# A rate is its interval, at least a minute.
Schedule = timedelta | Cron


class _Field:
    """The values that a cron field takes: bounds, names, whether `20-2` may wrap."""

    __slots__ = ("highest", "lowest", "numbers", "wraps")

    def __init__(
        self, lowest: int, highest: int, names: str = "", wraps: bool = True
    ) -> None:
        self.lowest = lowest
        self.highest = highest
        self.numbers = {
            name: number for number, name in enumerate(names.split(), lowest)
        }
        self.wraps = wraps


_MINUTE = _Field(0, 59)
_HOUR = _Field(0, 23)
_DAY_OF_MONTH = _Field(1, 31)
_MONTH = _Field(1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
_DAY_OF_WEEK = _Field(1, 7, "SUN MON TUE WED THU FRI SAT")
_YEAR = _Field(1970, _LAST_YEAR, wraps=False)

# Nine digits keep every interval inside a timedelta; the service's limit is unknown.
# [guess] A recording of rate(9999999999 minutes) would settle it.
_RATE = re.compile(r"rate\(([0-9]{1,9}) (minute|hour|day)(s?)\)")
# [guess] Runs of spaces separate too, none next to the parentheses; recordings of
# cron(0  12 * * ? *) and cron( 0 12 * * ? *) would settle it.
_CRON = re.compile(r"cron\(([^ ]+(?: +[^ ]+){5})\)")

# ASCII: without it, ignoring case would let U+017F through as an S. [guess] The letters
# L and W ignore case as the names do [doc]; a recording of `6l` would settle it.
_FLAGS = re.ASCII | re.IGNORECASE
_VALUE = "[0-9]{1,4}|[A-Z]{3}"
_ITEM = re.compile(
    rf"(?:\*|(?P<first>{_VALUE})(?:-(?P<last>{_VALUE}))?)(?:/(?P<step>[0-9]{{1,4}}))?",
    _FLAGS,
)
_RULE_OF_MONTH = re.compile(
    r"(?P<end>L)|(?P<end_weekday>LW)|L-(?P<before_end>[0-9]{1,2})"
    r"|(?P<nearest_weekday>[0-9]{1,2})W",
    _FLAGS,
)
_RULE_OF_WEEK = re.compile(
    rf"(?P<last>{_VALUE})L|(?P<nth>{_VALUE})#(?P<ordinal>[1-5])", _FLAGS
)


def parse_schedule(expression: str) -> Schedule:
    """Read a schedule expression.

    Raises: ValidationException: the expression is malformed.

    Source: [aws] one sentence for every malformed expression.
    """
    if match := _RATE.fullmatch(expression):
        return _parse_rate(match)
    if match := _CRON.fullmatch(expression):
        return _parse_cron(re.split(" +", match[1]))
    raise _invalid()


def next_instant(
    schedule: Schedule, after: datetime, anchor: datetime
) -> datetime | None:
    """Find the first instant strictly after `after`; `None` when there is none left.

    A rate fires at anchor + k * interval, k = 1, 2, …; a cron expression ignores the anchor
    and fires on whole minutes, up to the end of 2199.

    Args:
        anchor: when the rule was created, or its schedule last changed or enabled.

    Source: [doc] "a rate expression starts when you create the rule".
    """
    if isinstance(schedule, timedelta):
        return _next_of_rate(schedule, after, anchor)
    return _next_of_cron(schedule, after)


def instants(
    schedule: Schedule, after: datetime, anchor: datetime
) -> Iterator[datetime]:
    """Give every instant strictly after `after`, ascending; see `next_instant`."""
    instant = next_instant(schedule, after, anchor)
    while instant is not None:
        yield instant
        instant = next_instant(schedule, instant, anchor)


def _invalid() -> ValidationException:
    return ValidationException("Parameter ScheduleExpression is not valid.")


def _parse_rate(match: re.Match[str]) -> timedelta:
    """Singular exactly when the value is 1. Source: [aws] `1 minutes`, `10 hour`."""
    value = int(match[1])
    is_plural = match[3] == "s"
    if value < 1 or is_plural == (value == 1):
        raise _invalid()
    return timedelta(seconds=value * _SECONDS[match[2]])


def _parse_cron(fields: list[str]) -> Cron:
    minute, hour, day_of_month, month, day_of_week, year = map(_split_list, fields)
    # Exactly one `?`: [aws] two concrete day fields are refused; [peer] an AWS solution
    # deploys `cron(* ? * * * *)`; [guess] two are refused, which a recording of
    # cron(0 12 ? * ? *) would settle.
    if [hour, day_of_month, day_of_week].count(["?"]) != 1:
        raise _invalid()
    if hour == ["?"]:
        hour = ["*"]
        # Of the two day fields one says nothing; else they contradict each other. [guess]
        if day_of_month == ["*"]:
            day_of_month = ["?"]
        elif day_of_week == ["*"]:
            day_of_week = ["?"]
        else:
            raise _invalid()
    of_month = _parse_days(
        day_of_month, _DAY_OF_MONTH, _RULE_OF_MONTH, _make_month_rule
    )
    of_week = _parse_days_of_week(day_of_week)
    return Cron(
        minutes=_parse_list(minute, _MINUTE),
        hours=_parse_list(hour, _HOUR),
        days_of_month=of_month[0],
        months=_parse_list(month, _MONTH),
        days_of_week=of_week[0],
        years=_parse_list(year, _YEAR),
        day_rules=of_month[1] or of_week[1],
    )


def _split_list(text: str) -> list[str]:
    """Split a field into its items; one that is empty beside another is nothing.

    Source: [peer] public templates that AWS deploys end fields in a comma; [guess] that
    a comma in front and two in a row are no different.
    """
    items = [item for item in text.split(",") if item]
    if not items:
        raise _invalid()
    return items


def _parse_days(
    items: list[str],
    field: _Field,
    pattern: re.Pattern[str],
    make_rule: Callable[[re.Match[str]], DayRule],
) -> Days:
    if items == ["?"]:
        return (), ()
    rules = {item: pattern.fullmatch(item) for item in items}
    numbers = _parse_list([item for item in items if not rules[item]], field)
    return numbers, tuple(make_rule(match) for match in rules.values() if match)


def _make_month_rule(match: re.Match[str]) -> DayRule:
    """Make a rule of `L`, `L-3`, `LW` or `3W`."""
    name = match.lastgroup or ""
    if name in ("end", "end_weekday"):
        return name, ()
    number = _parse_value(match[name], _DAY_OF_MONTH)
    # [guess] L-31 is before the first day of any month; a recording would settle it.
    if name == "before_end" and number == _DAY_OF_MONTH.highest:
        raise _invalid()
    return name, (number,)


def _parse_days_of_week(items: list[str]) -> Days:
    """Read the day-of-week field: numbers, and the rules `6L`, `FRIL`, `3#2`.

    `L` alone is Saturday, every week. Source: [doc].
    """
    # Source: [doc] one expression only where there is a `#`.
    if len(items) > 1 and any("#" in item for item in items):
        raise _invalid()
    items = ["SAT" if item in ("L", "l") else item for item in items]
    return _parse_days(items, _DAY_OF_WEEK, _RULE_OF_WEEK, _make_week_rule)


def _make_week_rule(match: re.Match[str]) -> DayRule:
    if match["last"]:
        return "last", (_parse_value(match["last"], _DAY_OF_WEEK),)
    return "nth", (_parse_value(match["nth"], _DAY_OF_WEEK), int(match["ordinal"]))


def _parse_list(items: list[str], field: _Field) -> tuple[int, ...]:
    return tuple(
        sorted({number for item in items for number in _parse_item(item, field)})
    )


def _parse_item(item: str, field: _Field) -> list[int]:
    """Read `*`, `n` or `a-b`, each with or without `/step`; `n/step` ends at the maximum."""
    match = _ITEM.fullmatch(item)
    if not match:
        raise _invalid()
    first, last = field.lowest, field.highest
    if match["first"]:
        first = last = _parse_value(match["first"], field)
        if match["last"]:
            last = _parse_value(match["last"], field)
        elif match["step"]:
            last = field.highest
    # [guess] A step past the maximum leaves the first value alone; a recording of
    # cron(0/60 * * * ? *) would settle it.
    step = int(match["step"] or 1)
    if step < 1 or (first > last and not field.wraps):
        raise _invalid()
    if first <= last:
        return list(range(first, last + 1, step))
    # `20-2` goes on from the minimum. Source: [doc] `20-2`.
    wrapped = [*range(first, field.highest + 1), *range(field.lowest, last + 1)]
    return wrapped[::step]


def _parse_value(text: str, field: _Field) -> int:
    number = int(text) if text.isdigit() else field.numbers.get(text.upper(), -1)
    if not field.lowest <= number <= field.highest:
        raise _invalid()
    return number


def _next_of_rate(
    interval: timedelta, after: datetime, anchor: datetime
) -> datetime | None:
    count = max(1, (after - anchor) // interval + 1)
    try:
        return anchor + count * interval
    except OverflowError:  # past year 9999
        return None


def _next_of_cron(cron: Cron, after: datetime) -> datetime | None:
    if after.year > _LAST_YEAR:
        return None
    start = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for day in _list_days(cron, start.date()):
        earliest = (start.hour, start.minute) if day == start.date() else (0, 0)
        if time := _first_time(cron, *earliest):
            return datetime(day.year, day.month, day.day, *time, tzinfo=UTC)
    return None


def _list_days(cron: Cron, start: date) -> Iterator[date]:
    """Give the days on which the expression fires, ascending, not before `start`."""
    for year in cron.years:
        if year < start.year:
            continue
        for month in cron.months:
            if (year, month) < (start.year, start.month):
                continue
            for day in _days_of(cron, year, month):
                if (found := date(year, month, day)) >= start:
                    yield found


def _days_of(cron: Cron, year: int, month: int) -> list[int]:
    length = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    first = date(year, month, 1).isoweekday() % 7 + 1
    days = {day for day in cron.days_of_month if day <= length}
    if cron.days_of_week:
        days.update(
            day
            for day in range(1, length + 1)
            if _weekday(day, first) in cron.days_of_week
        )
    for name, numbers in cron.day_rules:
        day = _DAY_RULES[name](length, first, *numbers)
        if 1 <= day <= length:
            days.add(day)
    return sorted(days)


def _first_time(cron: Cron, hour: int, minute: int) -> tuple[int, int] | None:
    """Find the first (hour, minute) of a day that is not before the given one."""
    for allowed_hour in cron.hours:
        if allowed_hour > hour:
            return allowed_hour, cron.minutes[0]
        if allowed_hour == hour:
            for allowed_minute in cron.minutes:
                if allowed_minute >= minute:
                    return hour, allowed_minute
    return None


# Day rules: (length of the month, weekday of its first day, numbers…) -> day. A day
# outside the month means that this month has none.


def _weekday(day: int, first: int) -> int:
    return (first + day - 2) % 7 + 1


def _nearest_weekday(length: int, first: int, day: int) -> int:
    """Move a weekend day to the nearest weekday without leaving the month. [doc]."""
    if day > length:
        return 0
    weekday = _weekday(day, first)
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else 3
    if weekday == _SUNDAY:
        return day + 1 if day < length else day - 2
    return day


_DAY_RULES: dict[str, Callable[..., int]] = {
    "end": lambda length, _: length,
    "end_weekday": lambda length, first: _nearest_weekday(length, first, length),
    "before_end": lambda length, _, days: length - days,
    "nearest_weekday": _nearest_weekday,
    "last": lambda length, first, weekday: (
        length - (_weekday(length, first) - weekday) % 7
    ),
    "nth": lambda _, first, weekday, ordinal: (
        1 + (weekday - first) % 7 + 7 * (ordinal - 1)
    ),
}
