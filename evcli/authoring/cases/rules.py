"""Which rules match, held against those that were to match and those that were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.authoring.cases.trials import Problem, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from evcli.authoring.cases.trials import Trial
    from evcli.authoring.cases.worlds import Bus

MEMBERS = ("rules", "rules_include", "rules_exclude")
# More explanations of rules than anybody reads.
MOST_EXPLAINED = 3


def check_rules(trial: Trial, members: Mapping[str, Any]) -> Iterator[Problem]:
    """Hold the rules that match against those that were to, and those that were not."""
    for member in MEMBERS:
        if member not in members:
            continue
        given = []
        for text in members[member]:
            try:
                bus, rule = trial.find_rule(text)
                given.append((bus, rule.name))
            except UnknownNameError as error:
                yield Problem(f"{member}: {error}")
        buses = dict.fromkeys([trial.bus, *(bus for bus, _ in given)])
        matching = [(bus, each) for bus in buses for each in trial.list_matching(bus)]
        is_exclusion = member == "rules_exclude"
        missing = [] if is_exclusion else [e for e in given if e not in matching]
        surplus = [each for each in matching if each not in given]
        if member != "rules":
            surplus = (
                [each for each in given if each in matching] if is_exclusion else []
            )
        yield from _report_rules(trial, member, "does not match", missing)
        yield from _report_rules(trial, member, "matches", surplus)


def _report_rules(
    trial: Trial, member: str, what: str, rules: list[tuple[Bus, str]]
) -> Iterator[Problem]:
    for bus, name in rules[:MOST_EXPLAINED]:
        rule = trial.world.get_rule(bus, name)
        assert rule is not None, "it was found before"
        lines = list(trial.explain_rule(bus, rule))
        yield Problem(f"{member}: {trial.name_rule(bus, name)} {what}", lines)
    if len(rules) > MOST_EXPLAINED:
        rest = ", ".join(trial.name_rule(*each) for each in rules[MOST_EXPLAINED:])
        yield Problem(f"{member}: likewise {rest}")
