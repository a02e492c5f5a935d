"""A case while it is tried: names of rules and targets, and what became of its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evcli.authoring.samples import suggest_names
from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, render_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.cases.target_sink import TargetSink
    from evcli.authoring.cases.worlds import Bus, World
    from evcli.context import Context
    from evcli.patterns import EventPattern
    from evcli.store.deliveries import Delivery, Event
    from evcli.store.records import Rule

    # The style of a line, one of `patterns.explain`, and its text.
    Line = tuple[str, str]

EVERY_TARGET = "*"


class Problem(NamedTuple):
    """What is not as a case expects: one line, and what explains it."""

    message: str
    lines: list[Line] = []


class UnknownNameError(Exception):
    """A case names what is not there; the text says so."""


class Trial:
    """The world of a case, and what became of its event once that was sent.

    `bus` is the event bus that names of rules are of; `arrivals` are where the event
    arrived, `deliveries` what came of it, dead letters among them.
    """

    def __init__(self, world: World, ctx: Context, sink: TargetSink, bus: Bus) -> None:
        self.world = world
        self.ctx = ctx
        self.sink = sink
        self.bus = bus
        self.arrivals: list[Event] = []
        self.deliveries: list[Delivery] = []

    def observe(self, event_id: str) -> None:
        """Take in what became of an event."""
        store = self.ctx.store
        self.arrivals = store.accepted_events.list_arrivals(event_id)
        self.deliveries = list(store.ledger.list_deliveries(event_id=event_id))

    def get_arrival(self, bus: Bus) -> Event | None:
        """The event as it arrived on an event bus, `None` if it did not."""
        for event in self.arrivals:
            if (event.account_id, event.region, event.event_bus_name) == bus:
                return event
        return None

    def list_matching(self, bus: Bus) -> list[str]:
        """List the rules of an event bus that match, by the names of the service."""
        event = self.get_arrival(bus)
        return [] if event is None else self.world.list_matching(event)

    def find_rule(self, text: str) -> tuple[Bus, Rule]:
        """Find the rule that a case calls `RULE` or `BUS/RULE`.

        Raises: UnknownNameError: there is none; near names are said.
        """
        bus_name, _, name = text.rpartition("/")
        bus = self.world.locate_bus(bus_name) if bus_name else self.bus
        rule = self.world.get_rule(bus, name)
        if rule is not None:
            return bus, rule
        known = self.world.list_rules(bus)
        near = suggest_names(name, known)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownNameError(f"there is no rule {name} on event bus {bus[2]}{hint}")

    def list_target_ids(self, bus: Bus, rule: Rule, target_id: str) -> list[str]:
        """List the targets of a rule that an id, or `*`, means.

        Raises: UnknownNameError: there is none.
        """
        known = self.world.list_target_ids(bus, rule.name)
        if target_id == EVERY_TARGET and known:
            return known
        if target_id in known:
            return [target_id]
        if not known:
            raise UnknownNameError(f"rule {rule.name} has no targets")
        raise UnknownNameError(
            f"rule {rule.name} has no target {target_id}; it has {', '.join(known)}"
        )

    def name_rule(self, bus: Bus, name: str) -> str:
        """Name a rule as people know it, with its event bus if that is another one."""
        label = self.world.labels.get((bus, name), name)
        return label if bus == self.bus else f"{bus[2]}/{label}"

    def explain_rule(self, bus: Bus, rule: Rule) -> Iterator[Line]:
        """Say why a rule matches the event, or does not."""
        origin = self.world.origins.get((*bus[:2], "rule", (bus[2], rule.name)))
        where = f" ({origin})" if origin is not None and origin.file else ""
        yield "aside", f"rule {self.name_rule(bus, rule.name)}{where}"
        event = self.get_arrival(bus)
        if rule.state == "DISABLED":
            yield "missed", "  it is disabled"
        elif rule.event_pattern is None:
            yield "missed", "  it has a schedule and no event pattern"
        elif event is None:
            yield "missed", f"  the event did not come to event bus {bus[2]}"
        else:
            pattern = compile_pattern(rule.event_pattern)
            yield from explain_pattern(pattern, event.envelope)


def explain_pattern(pattern: EventPattern, event: str | Any) -> Iterator[Line]:
    """Say why a pattern matches an event or does not."""
    for style, text in render_lines(explain(pattern, read_event(event))):
        yield style, f"  {text}"
