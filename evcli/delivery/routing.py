"""Routing: an accepted event meets the rules of its event bus.

Runs inside the transaction of the operation that accepted the event: the event, a
delivery for every target of every matching rule, and the event in archives are
committed together or not at all.
"""

from __future__ import annotations

from evcli.arns import (
    DEFAULT_EVENT_BUS,
    format_rule_arn,
    is_archive_hook,
    locate_event_bus,
)
from evcli.delivery.outcomes import open_bus_logs, record_failure
from evcli.delivery.sinks import find_measure
from evcli.delivery.targets.target_kinds import InvalidRequest
from evcli.patterns import compile_pattern, match
from evcli.store.deliveries import (
    ARCHIVED,
    FAILED,
    NO_EVENT_BUS,
    NO_RULE,
    NO_TARGET,
    Delivery,
)
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container
    from typing import Any

    from evcli.context import Context
    from evcli.delivery.archives import Archiver
    from evcli.delivery.events import AcceptedEvent, EventBusKey
    from evcli.delivery.rule_index import IndexedRules
    from evcli.errors import EntryError
    from evcli.patterns import EventPattern
    from evcli.store.deliveries import Event
    from evcli.store.ledger_batch import LedgerBatch
    from evcli.store.store import Store

# The settings that make something else of the event.
INPUTS = frozenset({"Input", "InputPath", "InputTransformer"})


class StoredRules:
    """Fetches rules by the event's (source, detail-type), and no others.

    A one-shot command meets too few events to earn the building of an index; commands
    that meet many have `IndexedRules` in `delivery/rule_index.py`.
    """

    __slots__ = ("_candidates", "_patterns", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._candidates: dict[tuple[EventBusKey, str, str], list[tuple[str, str]]] = {}
        self._patterns: dict[str, EventPattern] = {}

    def match(self, event: AcceptedEvent) -> list[str]:
        """List the names of the rules on the event's bus that match, ascending."""
        key = (event.event_bus, event.members["source"], event.members["detail-type"])
        candidates = self._candidates.get(key)
        if candidates is None:
            candidates = self._store.rules.list_candidates(*key)
            self._candidates[key] = candidates
        return [
            name for name, text in candidates if match(self._compile(text), event.tree)
        ]

    def refresh(self) -> None:
        """Take over what others have changed."""
        self._candidates.clear()

    def _compile(self, text: str) -> EventPattern:
        pattern = self._patterns.get(text)
        if pattern is None:
            pattern = self._patterns[text] = compile_pattern(text)
        return pattern


class RuleTargets:
    """The targets of a rule that get deliveries, and whether an archive is one more."""

    __slots__ = ("has_archive", "rule_arn", "targets")

    def __init__(
        self, ctx: Context, rule_arn: str, rows: list[tuple[dict[str, Any], str | None]]
    ) -> None:
        self.rule_arn = rule_arn
        self.targets = [
            RuleTarget(ctx, definition, damage)
            for definition, damage in rows
            if not is_archive_hook(definition["Arn"])
        ]
        self.has_archive = len(self.targets) < len(rows)

    @property
    def is_standard(self) -> bool:
        """Whether it is more than an archive's managed rule."""
        return bool(self.targets) or not self.has_archive


class RuleTarget:
    """A target, and what is known about all of its deliveries.

    `gets_event` says whether it gets the event as it is; `measure` measures the file that
    stands for it, if a file does; `damage` says what is wrong with its row.
    """

    __slots__ = ("damage", "gets_event", "measure", "target")

    def __init__(
        self, ctx: Context, target: dict[str, Any], damage: str | None
    ) -> None:
        self.target = target
        self.damage = damage
        self.gets_event = damage is None and INPUTS.isdisjoint(target)
        self.measure: Callable[[], int] | None = None
        # Events go to an event bus without any sink.
        if ":event-bus/" not in target["Arn"]:
            self.measure = find_measure(ctx, target["Arn"])


class Router:
    """Sends accepted events on; remembers what it has read.

    One transaction is its life, or several of which each begins with `refresh`.
    """

    __slots__ = (
        "_archiver",
        "_batch",
        "_buses",
        "_ctx",
        "_ledger",
        "_logs",
        "_rule_targets",
        "_rules",
        "_version",
    )

    def __init__(
        self,
        ctx: Context,
        rules: IndexedRules | None = None,
        batch: LedgerBatch | None = None,
        *,
        is_for_request: bool = False,
    ) -> None:
        """Get ready.

        Args:
            rules: for many events; by default they are looked up one event at a time.
            batch: takes what is written, instead of the store itself.
            is_for_request: whether all events come by one request, which logs name.
        """
        self._ctx = ctx
        self._batch = batch
        self._ledger = batch or ctx.store.ledger
        self._rules = rules or StoredRules(ctx.store)
        self._rule_targets: dict[tuple[EventBusKey, str], RuleTargets] = {}
        self._archiver: Archiver | None = None
        self._logs = open_bus_logs(ctx)
        if self._logs is not None and is_for_request:
            self._logs.begin_request()
        self._version: int | None = None
        # Which event buses exist, of those that an event came to in vain.
        self._buses: dict[EventBusKey, bool] = {}

    def refresh(self) -> bool:
        """Forget what was read if others have written; say whether they may have."""
        version = self._ctx.store.database.read_version()
        if version == self._version:
            return False
        self._version = version
        self._rules.refresh()
        self._rule_targets.clear()
        self._buses.clear()
        self._archiver = None
        self._logs = open_bus_logs(self._ctx)
        return True

    def accept(
        self, event: AcceptedEvent, *, rule_names: Container[str] | None = None
    ) -> list[Delivery]:
        """Write an event that an event bus accepted, its deliveries, what archives keep.

        Args:
            event: its row gets its key here.
            rule_names: those of the rules that take part; `None` for all.

        Returns:
            The deliveries to attempt once the transaction is committed.
        """
        matched = {
            rule_name: self.find_targets(event.event_bus, rule_name)
            for rule_name in self._rules.match(event)
            if rule_names is None or rule_name in rule_names
        }
        self._add_event(event, matched.values())
        if self._logs is not None:
            is_matched = any(found.is_standard for found in matched.values())
            self._logs.add_arrival(event, is_matched=is_matched)
        deliveries = []
        for rule_name, found in matched.items():
            if found.has_archive:
                self.archiver.archive(event, rule_name)
            deliveries += self._add_deliveries(event, found)
        if self._ctx.debug is not None:
            self._debug(event.row, deliveries)
        return deliveries

    def accept_scheduled(self, event: AcceptedEvent, rule_name: str) -> list[Delivery]:
        """Write an event of a rule's schedule and its deliveries; else as `accept`.

        It goes to the targets of that rule alone. Source: [aws]; [guess] no archive either.
        """
        found = self.find_targets(event.event_bus, rule_name)
        self._add_event(event, (found,))
        return self._add_deliveries(event, found)

    def _add_event(
        self, event: AcceptedEvent, matched: Collection[RuleTargets]
    ) -> None:
        """Write an event, and why no delivery comes of it if none does.

        Args:
            matched: what the rules that match lead to.
        """
        if not any(found.targets for found in matched):
            event.row.undelivered = self.find_reason(event.event_bus, matched)
        self._ledger.add_event(event.row)

    def find_reason(
        self, event_bus: EventBusKey, matched: Collection[RuleTargets]
    ) -> str:
        """Say why no delivery comes of an event; `matched` leads to no target."""
        if matched:
            is_archived = all(found.has_archive for found in matched)
            return ARCHIVED if is_archived else NO_TARGET
        # Every account and region has that one, stored or not.
        if event_bus[2] == DEFAULT_EVENT_BUS:
            return NO_RULE
        if event_bus not in self._buses:
            record = self._ctx.store.get(EventBus, *event_bus)
            self._buses[event_bus] = record is not None
        return NO_RULE if self._buses[event_bus] else NO_EVENT_BUS

    def _add_deliveries(
        self, event: AcceptedEvent, found: RuleTargets
    ) -> list[Delivery]:
        """Write the deliveries of a rule; returns those to attempt."""
        row = event.row
        owner = self._ctx.store.owner.claim() if found.targets else None
        made = []
        deliveries = []
        for target in found.targets:
            measure = target.measure
            delivery = Delivery(
                event=row,
                rule_arn=found.rule_arn,
                target=target.target,
                payload=row.envelope,
                next_attempt_at=row.accepted_at,
                owner=owner,
                sink_length_bytes=None if measure is None else measure(),
            )
            if not target.gets_event:
                set_payload(delivery, event, target.damage)
            self._ledger.add_delivery(delivery)
            made.append(delivery)
            if delivery.state == FAILED:
                deliveries += record_failure(self._ctx, delivery, None, self._ledger)
            else:
                deliveries.append(delivery)
        if self._logs is not None and found.is_standard:
            self._logs.add_match(row, found.rule_arn, made)
        return deliveries

    def log_refusal(self, entry: dict[str, Any], error: EntryError) -> None:
        """Let the event bus that an entry is for log that it became no event."""
        if self._logs is None:
            return
        scope = (self._ctx.account_id, self._ctx.region)
        event_bus = locate_event_bus(entry.get("EventBusName"), *scope)
        self._logs.add_refusal(event_bus, entry, error)

    def find_targets(self, event_bus: EventBusKey, rule_name: str) -> RuleTargets:
        """Find the targets of a rule."""
        key = (event_bus, rule_name)
        found = self._rule_targets.get(key)
        if found is None:
            account_id, region, name = event_bus
            rule_arn = format_rule_arn(region, account_id, name, rule_name)
            rows = self._ctx.store.rules.list_definitions((*event_bus, rule_name))
            found = self._rule_targets[key] = RuleTargets(self._ctx, rule_arn, rows)
        return found

    @property
    def archiver(self) -> Archiver:
        """What keeps events in archives."""
        if self._archiver is None:
            from evcli.delivery.archives import Archiver

            self._archiver = Archiver(self._ctx, self._batch)
        return self._archiver

    @property
    def is_watched(self) -> bool:
        """Whether somebody is told of each event."""
        return self._logs is not None or self._ctx.debug is not None

    def _debug(self, event: Event, deliveries: list[Delivery]) -> None:
        assert self._ctx.debug is not None
        matched = sorted({delivery.rule_arn for delivery in deliveries})
        self._ctx.debug(
            f"event {event.event_id} on {event.event_bus_name}:"
            f" {len(deliveries)} deliveries from rules {matched}"
        )


def set_payload(delivery: Delivery, event: AcceptedEvent, damage: str | None) -> None:
    """Give a delivery the payload that its target's input settings make of the event.

    Without one it has failed already, for good and before any attempt.

    Args:
        damage: why nobody knows those settings; `None` when they are known.
    """
    if damage is None:
        from evcli.delivery.payloads import build_payload

        payload = build_payload(delivery.target, event, delivery.rule_arn)
        if isinstance(payload, str):
            delivery.payload = payload
            return
        delivery.payload, refusal = "", payload
    else:
        message = f"The row of the target is damaged: {damage}."
        refusal = InvalidRequest("INTERNAL_ERROR", message)
    delivery.error_code, delivery.error_message = refusal.error_code, refusal.message
    delivery.state = FAILED
    delivery.next_attempt_at = delivery.owner = None
    delivery.finished_at = event.row.accepted_at
