"""Routing: an accepted event meets the rules of its event bus.

Runs inside the transaction of the operation that accepted the event: the event, and a
delivery for every target of every matching rule, are committed together or not at all.
"""

from __future__ import annotations

from evcli.arns import format_rule_arn
from evcli.delivery.payloads import build_payload
from evcli.patterns import compile_pattern, match, read_event
from evcli.store.ledger import FAILED, Delivery
from evcli.store.records import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.context import Context
    from evcli.patterns import EventPattern
    from evcli.store.ledger import Event


class Router:
    """Matches the events of one transaction; remembers what it has read and compiled.

    Rules are fetched by the event's (source, detail-type) and not held in an index: a
    one-shot command meets too few events to earn the building of one.
    """

    __slots__ = ("_candidates", "_ctx", "_patterns", "_targets")

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._candidates: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._patterns: dict[str, EventPattern] = {}
        self._targets: dict[tuple[str, ...], list[Target]] = {}

    def accept(self, event: Event, envelope: dict[str, Any]) -> list[Delivery]:
        """Write an event that an event bus accepted, and its deliveries.

        Args:
            event: where it arrived; gets its key here.
            envelope: the event as a value, as in `event.envelope`.

        Returns:
            The deliveries to attempt once the transaction is committed.
        """
        ledger = self._ctx.store.ledger
        ledger.add_event(event)
        deliveries = []
        for rule_name in self.match(event, envelope):
            for delivery in self.build_deliveries(event, envelope, rule_name):
                ledger.add_delivery(delivery)
                deliveries.append(delivery)
        self._debug(event, deliveries)
        return [each for each in deliveries if each.state != FAILED]

    def match(self, event: Event, envelope: dict[str, Any]) -> list[str]:
        """List the names of the rules on the event's bus that match, ascending."""
        bus = (event.account_id, event.region, event.event_bus_name)
        key = (*bus, envelope["source"], envelope["detail-type"])
        candidates = self._candidates.get(key)
        if candidates is None:
            candidates = self._ctx.store.rule_keys.list_candidates(bus, *key[3:])
            self._candidates[key] = candidates
        if not candidates:
            return []
        leaves = read_event(event.envelope)
        return [name for name, text in candidates if match(self._compile(text), leaves)]

    def _compile(self, text: str) -> EventPattern:
        pattern = self._patterns.get(text)
        if pattern is None:
            pattern = self._patterns[text] = compile_pattern(text)
        return pattern

    def build_deliveries(
        self, event: Event, envelope: dict[str, Any], rule_name: str
    ) -> list[Delivery]:
        """Make the deliveries of a matched rule: one for each of its targets."""
        bus = (event.account_id, event.region, event.event_bus_name)
        targets = self._targets.get((*bus, rule_name))
        if targets is None:
            targets = self._ctx.store.list_records(Target, *bus, rule_name)
            self._targets[(*bus, rule_name)] = targets
        rule_arn = format_rule_arn(
            event.region, event.account_id, event.event_bus_name, rule_name
        )
        owner = self._ctx.store.owner.claim() if targets else None
        deliveries = []
        for target in targets:
            payload = build_payload(target.definition, event, envelope, rule_arn)
            delivery = Delivery(
                event=event,
                rule_arn=rule_arn,
                target=target.definition,
                payload=payload.text,
                next_attempt_at=event.accepted_at,
                owner=owner,
            )
            if payload.error_code is not None:
                delivery.state = FAILED
                delivery.next_attempt_at = delivery.owner = None
                delivery.finished_at = event.accepted_at
                delivery.error_code = payload.error_code
                delivery.error_message = payload.error_message
            deliveries.append(delivery)
        return deliveries

    def _debug(self, event: Event, deliveries: list[Delivery]) -> None:
        if self._ctx.debug is not None:
            matched = sorted({delivery.rule_arn for delivery in deliveries})
            self._ctx.debug(
                f"event {event.event_id} on {event.event_bus_name}:"
                f" {len(deliveries)} deliveries from rules {matched}"
            )
