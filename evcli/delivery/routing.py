"""Routing: an accepted event meets the rules of its event bus.

Runs inside the transaction of the operation that accepted the event: the event, a
delivery for every target of every matching rule, and the event's place in archives are
committed together or not at all.
"""

from __future__ import annotations

from evcli.arns import format_rule_arn, is_archive_hook
from evcli.delivery.payloads import build_payload
from evcli.patterns import compile_pattern, match, read_event
from evcli.store.ledger import FAILED, Delivery
from evcli.store.records import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.archiving import Archiver
    from evcli.patterns import EventPattern
    from evcli.store.ledger import Event


class Router:
    """Matches the events of one transaction; remembers what it has read and compiled.

    Rules are fetched by the event's (source, detail-type) and not held in an index: a
    one-shot command meets too few events to earn the building of one.
    """

    __slots__ = ("_archiver", "_candidates", "_ctx", "_patterns", "_targets")

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._candidates: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._patterns: dict[str, EventPattern] = {}
        self._targets: dict[tuple[str, ...], tuple[list[Target], bool]] = {}
        self._archiver: Archiver | None = None

    def accept(
        self,
        event: Event,
        envelope: dict[str, Any],
        *,
        detail: str | None = None,
        only: Container[str] | None = None,
    ) -> list[Delivery]:
        """Write an event that an event bus accepted, its deliveries, what archives keep.

        Args:
            event: where it arrived; gets its key here.
            envelope: the event as a value, as in `event.envelope`.
            detail: the text that was sent as the detail, for the size in archives;
                `None` when the event was not sent by anyone.
            only: the names of the rules that take part; `None` for all.

        Returns:
            The deliveries to attempt once the transaction is committed.
        """
        self._ctx.store.ledger.add_event(event)
        deliveries = []
        for rule_name in self.match(event, envelope):
            if only is not None and rule_name not in only:
                continue
            if self._find_targets(event, rule_name)[1]:
                self._archive(event, envelope, rule_name, detail)
            deliveries += self._add_deliveries(event, envelope, rule_name)
        self._debug(event, deliveries)
        return deliveries

    def fire(
        self, event: Event, envelope: dict[str, Any], rule_name: str
    ) -> list[Delivery]:
        """Write an event of a rule's schedule and its deliveries; else as `accept`.

        It goes to the targets of that rule alone. Source: [aws]; [inf] no archive either.
        """
        self._ctx.store.ledger.add_event(event)
        return self._add_deliveries(event, envelope, rule_name)

    def _add_deliveries(
        self, event: Event, envelope: dict[str, Any], rule_name: str
    ) -> list[Delivery]:
        """Write the deliveries of a rule; returns those to attempt."""
        deliveries = []
        for delivery in self.build_deliveries(event, envelope, rule_name):
            self._ctx.store.ledger.add_delivery(delivery)
            if delivery.state == FAILED:
                from evcli.delivery.worker import record_failure

                deliveries += record_failure(self._ctx, delivery, None)
            else:
                deliveries.append(delivery)
        return deliveries

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
        targets, _ = self._find_targets(event, rule_name)
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

    def _find_targets(self, event: Event, rule_name: str) -> tuple[list[Target], bool]:
        """Read the targets of a rule, and whether an archive is among them."""
        key = (event.account_id, event.region, event.event_bus_name, rule_name)
        found = self._targets.get(key)
        if found is None:
            targets = self._ctx.store.list_records(Target, *key)
            receivers = [each for each in targets if not is_archive_hook(each.arn)]
            found = self._targets[key] = (receivers, len(receivers) < len(targets))
        return found

    def _archive(
        self, event: Event, envelope: dict[str, Any], rule_name: str, detail: str | None
    ) -> None:
        if self._archiver is None:
            from evcli.delivery.archiving import Archiver

            self._archiver = Archiver(self._ctx)
        self._archiver.keep(event, envelope, rule_name, detail)

    def _debug(self, event: Event, deliveries: list[Delivery]) -> None:
        if self._ctx.debug is not None:
            matched = sorted({delivery.rule_arn for delivery in deliveries})
            self._ctx.debug(
                f"event {event.event_id} on {event.event_bus_name}:"
                f" {len(deliveries)} deliveries from rules {matched}"
            )
