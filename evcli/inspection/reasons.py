"""Why nothing came of an event: no such event bus, no rule that matches, no target.

What was so when the event arrived, the ledger knows; which rules it was about is said by
rules as they are now.
"""

from __future__ import annotations

from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import StoredRules
from evcli.patterns import compile_pattern, match, parse_json
from evcli.patterns.explain import explain, find_reason
from evcli.store.deliveries import ARCHIVED, NO_EVENT_BUS, NO_TARGET
from evcli.store.records import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from evcli.context import Context
    from evcli.patterns import EventPattern, EventTree
    from evcli.store.deliveries import Event

    Value = dict[str, Any]
    Bus = tuple[str, str, str]

# Rules that are looked at to say which comes nearest: a bus may have 100,000.
MOST_RULES = 200


class ReasonFinder:
    """Words why events led to no delivery.

    It remembers rules, so it must not grow old: a few hundred events are its life.
    """

    def __init__(self, ctx: Context) -> None:
        self._store = ctx.store
        self._rules = StoredRules(ctx.store)
        self._disabled: dict[Bus, list[tuple[str, EventPattern]]] = {}

    def find(self, event: Event, envelope: Value, *, names_nearest: bool = True) -> str:
        """Word why an event led to no delivery.

        Args:
            names_nearest: whether to look for the rule that comes nearest, which takes
                longer than all else.
        """
        bus = (event.account_id, event.region, event.event_bus_name)
        if event.undelivered == NO_EVENT_BUS:
            return f"event bus {bus[2]} does not exist: dropped"
        members = parse_json(event.envelope)
        arrived = AcceptedEvent(members, bus, event.accepted_at, text=event.envelope)
        matching = [
            name
            for name in self._rules.match(arrived)
            if not name.startswith(RULE_PREFIX)
        ]
        if event.undelivered == NO_TARGET:
            return self._describe_bare_rule(bus, matching)
        reasons = ["archived only"] if event.undelivered == ARCHIVED else []
        disabled = self._find_disabled(bus, arrived.tree)
        if disabled is not None:
            reasons.append(f"rule {disabled} matches and is disabled")
        elif matching:
            reasons.append(f"nothing matched when it came; rule {matching[0]} does now")
        if not reasons and not names_nearest:
            return "nothing matched"
        return "; ".join(reasons) or self._find_nearest(bus, envelope, arrived.tree)

    def _describe_bare_rule(self, bus: Bus, matching: list[str]) -> str:
        for name in matching:
            if not self._store.rules.list_definitions((*bus, name)):
                return f"rule {name} matches and has no targets"
        return "the rule that matched had no targets"

    def _find_disabled(self, bus: Bus, tree: EventTree) -> str | None:
        """Find a rule that would match if it were not disabled."""
        if bus not in self._disabled:
            rules = self._store.list_records(
                Rule, *bus, limit=MOST_RULES, where={"state": "DISABLED"}
            )
            self._disabled[bus] = [
                (rule.name, compile_pattern(rule.event_pattern))
                for rule in rules
                if rule.event_pattern is not None
            ]
        return next(
            (name for name, each in self._disabled[bus] if match(each, tree)), None
        )

    def _find_nearest(self, bus: Bus, envelope: Value, tree: EventTree) -> str:
        """Name the rule that comes nearest, and what keeps it from matching.

        Rules that are for the event's source and detail-type go before others.
        """
        candidates = self._store.rules.list_candidates(
            bus, envelope["source"], envelope["detail-type"]
        )
        # Rules of archives are for every event, and nobody's to be told of.
        patterns = _leave_out_managed(candidates) or _leave_out_managed(
            (rule.name, rule.event_pattern)
            for rule in self._store.list_records(Rule, *bus, limit=MOST_RULES)
            if rule.event_pattern is not None and rule.state != "DISABLED"
        )
        verdicts = [
            (name, explain(compile_pattern(text), tree))
            for name, text in patterns[:MOST_RULES]
        ]
        if not verdicts:
            return f"event bus {bus[2]} has no rule with an event pattern"
        name, verdict = min(verdicts, key=lambda each: each[1].misses)
        return f"nothing matched; nearest rule {name}: {find_reason(verdict)}"


def _leave_out_managed(rules: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [each for each in rules if not each[0].startswith(RULE_PREFIX)]
