"""Schedules: whether they are, when they fire, and whether that was meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from evcli.errors import ValidationException
from evcli.inspection.schedules import FIELDS, find_fault
from evcli.schedules import next_instant, parse_schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.authoring.lint.subjects import Finding, Rule

MEMBER = "ScheduleExpression"
EVERY_MINUTE = {"rate(1 minute)", "cron(* * * * ? *)", "cron(*/1 * * * ? *)"}
# Monday to Friday, and weekends: numbers that nobody has from Unix.
DELIBERATE_DAYS = ("2-6", "1,7", "7,1")
NUMBERED_DAYS = re.compile(r"[0-7]([-,][0-7])*(#[1-5])?")
NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def check_expression(rule: Rule) -> Iterator[Finding]:
    """Say what is wrong with a malformed schedule. EB501 to EB504"""
    text = rule.members.get(MEMBER)
    if not isinstance(text, str) or not text:
        return
    try:
        parse_schedule(text)
    except ValidationException:
        fault = find_fault(text)
        yield rule.find(_find_check(text, fault), f"{text}: {fault}", MEMBER)


def _find_check(text: str, fault: str) -> str:
    if text.startswith("rate("):
        return "EB503"
    if f"takes {_spell(len(FIELDS))} fields" in fault:
        return "EB501"
    return "EB502" if fault.startswith("One of day of month") else "EB504"


def _spell(number: int) -> str:
    return {6: "six"}.get(number, str(number))


def check_days(rule: Rule) -> Iterator[Finding]:
    """Look for days of the week that stand as numbers. EB505"""
    fields = _read_fields(rule)
    if len(fields) != len(FIELDS):
        return
    days = fields[4]
    if not NUMBERED_DAYS.fullmatch(days) or days in DELIBERATE_DAYS:
        return
    first = NAMES[(int(days[0]) - 1) % 7]
    message = f"{days} begins with {first} here, and not as in Unix"
    named = re.sub(r"(?<!#)[1-7]", lambda day: NAMES[int(day[0]) - 1], days)
    yield rule.find("EB505", message, MEMBER, f"if that is meant, write {named}")


def _read_fields(rule: Rule) -> list[str]:
    """The fields of a cron() that is valid."""
    text = rule.members.get(MEMBER)
    if not isinstance(text, str) or not text.startswith("cron("):
        return []
    try:
        parse_schedule(text)
    except ValidationException:
        return []
    return text[len("cron(") : -1].split()


def check_instants(rule: Rule, now: datetime) -> Iterator[Finding]:
    """Look for schedules that never fire, and for those that do all the time.
    EB506, EB507
    """
    text = rule.members.get(MEMBER)
    if not isinstance(text, str) or not text:
        return
    try:
        schedule = parse_schedule(text)
    except ValidationException:
        return
    now = now.astimezone(UTC)
    if next_instant(schedule, now, now) is None:
        yield rule.find("EB506", f"{text} has no instant after {now:%Y-%m-%d}", MEMBER)
    elif text in EVERY_MINUTE:
        yield rule.find("EB507", f"{text} is every minute", MEMBER)
