"""Run every check on what files, the state or a pattern describe."""

from __future__ import annotations

from evcli.authoring.lint import (
    held_against,
    inputs,
    pattern_meanings,
    pattern_texts,
    refusals,
    rules,
    schedules,
    schema_fields,
    targets,
    templates,
)
from evcli.authoring.lint.catalogue import CHECKS
from evcli.authoring.reports import Result
from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from evcli.authoring.lint.shapes import Events
    from evcli.authoring.lint.subjects import Finding, Pattern, Rule, Subjects, Target


def lint(
    subjects: Subjects,
    *,
    now: datetime,
    events: Sequence[Events] = (),
    schema_directory: str | None = None,
    only: Collection[str] = tuple(CHECKS),
) -> list[Result]:
    """List what is wrong, file by file by name, from the top down.

    Args:
        now: the instant from which schedules are looked at.
        events: what patterns are held against; of several the first that knows events
            of the kind that a pattern is about.
        schema_directory: where the schemas of a project are.
        only: ids of the checks that count.
    """
    for pattern in subjects.patterns:
        if pattern.compiled is not None:
            shapes = (each.find(pattern.compiled) for each in events)
            pattern.shape = next((each for each in shapes if each is not None), None)
    found = [
        _make_result(each)
        for each in _find(subjects, now, events, schema_directory)
        if each.check in only
    ]
    # Python's sort keeps the order of what stands in one line.
    return sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line or 0))


def _find(
    subjects: Subjects,
    now: datetime,
    events: Sequence[Events],
    schema_directory: str | None,
) -> Iterator[Finding]:
    yield from refusals.check_requests(subjects)
    for pattern in subjects.patterns:
        yield from _check_pattern(pattern, events)
        if pattern.compiled is not None and schema_directory is not None:
            yield from schema_fields.check_schemas(pattern, schema_directory)
    for rule in subjects.rules:
        yield from _check_rule(rule, now)
    for target in subjects.targets:
        yield from _check_target(target)
    yield from targets.check_rules_of_targets(subjects)
    for check in (*rules.CHECKS, *templates.CHECKS):
        yield from check(subjects)


def _check_pattern(pattern: Pattern, events: Sequence[Events]) -> Iterator[Finding]:
    for check in pattern_texts.CHECKS:
        yield from check(pattern)
    yield from pattern_meanings.check_top_names(pattern)
    if pattern.compiled is None:
        return
    for check in pattern_meanings.CHECKS:
        yield from check(pattern)
    yield from held_against.check_fields(pattern)
    for each in events:
        yield from held_against.check_kinds(pattern, each)


def _check_rule(rule: Rule, now: datetime) -> Iterator[Finding]:
    yield from refusals.check_rule(rule)
    yield from schedules.check_expression(rule)
    yield from schedules.check_days(rule)
    yield from schedules.check_instants(rule, now)
    for check in targets.RULE_CHECKS:
        yield from check(rule)
    if rule.pattern is not None:
        state = rule.members.get("State") or "ENABLED"
        yield from pattern_meanings.check_recorded_calls(rule.pattern, state)


def _check_target(target: Target) -> Iterator[Finding]:
    yield from refusals.check_target(target)
    for check in (*targets.CHECKS, *inputs.CHECKS):
        yield from check(target)


def _make_result(finding: Finding) -> Result:
    check = CHECKS[finding.check]
    return Result(
        finding.level or check.level,
        finding.name,
        finding.message,
        finding.fix or check.fix,
        finding.origin.file,
        finding.origin.find_line(),
        finding.check,
    )


def choose_checks(select: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """List the checks that ids or their beginnings select, but those ignored.

    Raises: InspectionError: no check begins so.
    """
    chosen = _list_checks(select, "select") if select else set(CHECKS)
    dropped = _list_checks(ignore, "ignore")
    return [each for each in CHECKS if each in chosen and each not in dropped]


def _list_checks(beginnings: Sequence[str], option: str) -> set[str]:
    found: set[str] = set()
    for text in beginnings:
        for each in filter(None, text.upper().replace(" ", "").split(",")):
            begun = {check for check in CHECKS if check.startswith(each)}
            if not begun:
                raise InspectionError(
                    f"no check is called {each} or begins so; --list lists them", option
                )
            found |= begun
    return found
