"""The rules under test, in a store in memory, a fresh one for each case.

Rules come from files as `evcli local import` reads them, from the test file itself, or
from the state directory, and are made by `infrastructure.apply`, so all that the service
checks is checked. Targets are stood for by one sink that keeps what it gets.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from evcli.arns import DEFAULT_EVENT_BUS
from evcli.authoring.cases.reading import read_instant
from evcli.authoring.cases.target_sink import TargetSink
from evcli.context import Context, VirtualClock
from evcli.delivery.archives import RULE_PREFIX
from evcli.delivery.envelopes import format_json
from evcli.delivery.events import AcceptedEvent
from evcli.delivery.routing import StoredRules
from evcli.delivery.scheduled.rules import reschedule_all
from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.description import Description, Origin, Resource, Stack
from evcli.infrastructure.formats import ReadOptions
from evcli.infrastructure.reading import read_files
from evcli.patterns import parse_json
from evcli.store.records import EventBus, Rule, Target
from evcli.store.sqlite.memory import copy_memory_store, open_memory_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from evcli.authoring.cases.reading import CaseFile
    from evcli.infrastructure.description import Path
    from evcli.store.deliveries import Event
    from evcli.store.store import Store

    # Account, region, event bus.
    Bus = tuple[str, str, str]

START = "2026-01-01T00:00:00Z"


class Surroundings(NamedTuple):
    """What a run of tests has from outside of its files.

    Attributes:
        account_id, region: for files that name none.
        configuration: of the state directory; its quotas hold.
        read_state: gives what the state directory has, for files without rules.
        scratch: a directory of the run's own, for locks.
    """

    account_id: str
    region: str
    configuration: dict[str, Any]
    environ: Mapping[str, str]
    read_state: Callable[[], list[Resource]]
    scratch: str


class World:
    """The rules of one test file.

    `aliases` are names of rules that stand in files and not in the service: logical ids
    and addresses; `labels` the same the other way round, for names that were made up.
    `notes` say what of the files could not be worked out.
    """

    def __init__(self, file: CaseFile, surroundings: Surroundings) -> None:
        """Make the rules. Raises: ConfigurationError: file, line, what is wrong there."""
        settings = file.settings
        self.account_id: str = settings.get("account", surroundings.account_id)
        self.region: str = settings.get("region", surroundings.region)
        self._configuration = surroundings.configuration
        self._now = read_instant(file, ("now",), settings.get("now", START))
        self.paths = _list_paths(file)
        description = self._describe(file, surroundings)
        self.notes = [*description.remarks, *description.notes]
        self.aliases: dict[tuple[Bus, str], str] = {}
        self.labels: dict[tuple[Bus, str], str] = {}
        for rule in description.select("rule"):
            bus = (rule.account_id, rule.region, rule.name[0])
            alias, name = rule.origin.logical_id, rule.name[1]
            if alias:
                self.aliases[bus, alias] = name
                if name in description.invented:
                    self.labels[bus, name] = alias
        self.origins = {each.key: each.origin for each in description.select("rule")}
        self._store = open_memory_store(surroundings.scratch)
        carry_out(self._make_context(self._store, self._now), description)
        self._rules = StoredRules(self._store)
        targets = self._store.list_records(Target)
        self._target_arns = {each.definition["Arn"] for each in targets}

    def _describe(self, file: CaseFile, surroundings: Surroundings) -> Description:
        settings = file.settings
        description = Description()
        if "from" in settings:
            options = ReadOptions(
                self.account_id,
                self.region,
                format=settings.get("format"),
                parameters=_write_values(settings.get("parameters", {})),
                import_values=_write_values(settings.get("import_values", {})),
                stack_name=settings.get("stack_name"),
            )
            _require_files(file, self.paths)
            description = read_files(self.paths, options, io.StringIO())
        elif "rules" not in settings:
            description.resources = surroundings.read_state()
        own = self._describe_own_rules(file)
        replaced = {each.key for each in own if each.kind == "rule"}
        description.resources = [
            each
            for each in description.resources
            # A rule goes with its targets.
            if (*each.key[:2], "rule", each.name[:2]) not in replaced
        ] + own
        self._add_event_buses(description)
        return description

    def _describe_own_rules(self, file: CaseFile) -> list[Resource]:
        own = []
        stack = Stack(file.source.path)
        for name, members in file.settings.get("rules", {}).items():
            path: Path = ("rules", name)
            origin = Origin(stack, file.name, path, name, file.source.locate)
            bus = members.get("EventBusName", DEFAULT_EVENT_BUS)
            rule = {
                k: v for k, v in members.items() if k not in ("EventBusName", "Targets")
            }
            if isinstance(rule.get("EventPattern"), dict):
                rule["EventPattern"] = format_json(rule["EventPattern"])
            where = (self.account_id, self.region)
            own.append(Resource("rule", *where, (bus, name), rule, origin))
            for number, target in enumerate(members.get("Targets", ())):
                rest = {k: v for k, v in target.items() if k != "Id"}
                key = (bus, name, target["Id"])
                below = origin.below("Targets", number)
                own.append(Resource("target", *where, key, rest, below))
        return own

    def _add_event_buses(self, description: Description) -> None:
        """Describe the event buses, too, that only rules of the test file name."""
        known = {each.key for each in description.resources}
        for rule in description.select("rule"):
            key = (rule.account_id, rule.region, "event_bus", rule.name[:1])
            is_own = rule.origin.path[:1] == ("rules",)
            if is_own and key not in known and rule.name[0] != DEFAULT_EVENT_BUS:
                known.add(key)
                made = Resource("event_bus", *key[:2], rule.name[:1], {}, rule.origin)
                description.resources.append(made)

    def _make_context(self, store: Store, now: datetime) -> Context:
        ctx = Context(
            store=store,
            clock=VirtualClock(now),
            account_id=self.account_id,
            region=self.region,
            configuration={"quotas": self._configuration.get("quotas", {})},
            environ={},
        )
        count = 0

        def new_id() -> str:
            nonlocal count
            count += 1
            return f"00000000-0000-4000-8000-{count:012d}"

        ctx.new_id = new_id
        return ctx

    @contextmanager
    def open(self, now: datetime | None) -> Iterator[tuple[Context, TargetSink]]:
        """Open a fresh copy for one case.

        Args:
            now: where its clock stands, if not where the file says.
        """
        ctx = self._make_context(copy_memory_store(self._store), now or self._now)
        sink = TargetSink()
        # By its own ARN as well, so that no API destination is called.
        ctx.sinks = dict.fromkeys(("*", *self._target_arns), sink)
        try:
            if now is not None:
                with ctx.store.transaction():
                    reschedule_all(ctx, now)
            yield ctx, sink
        finally:
            ctx.close()

    # -- what cases name; none of it is changed by a case

    def locate_bus(self, name: str) -> Bus:
        """Name an event bus of the file's account and region in full."""
        return self.account_id, self.region, name

    def list_buses(self) -> list[str]:
        """List the names of the event buses of the file's account and region."""
        names = self._store.list_names(EventBus, self.account_id, self.region)
        return sorted({DEFAULT_EVENT_BUS, *names})

    def get_rule(self, bus: Bus, name: str) -> Rule | None:
        """Fetch a rule by its name or by that which a file has for it."""
        rule = self._store.get(Rule, *bus, name)
        alias = self.aliases.get((bus, name))
        if rule is not None or alias is None:
            return rule
        return self._store.get(Rule, *bus, alias)

    def list_rules(self, bus: Bus) -> list[str]:
        """List the names of an event bus's rules as people know them."""
        names = self._store.list_names(Rule, *bus)
        return [
            self.labels.get((bus, name), name)
            for name in names
            if not name.startswith(RULE_PREFIX)
        ]

    def list_target_ids(self, bus: Bus, rule_name: str) -> list[str]:
        """List the ids of the targets of a rule."""
        return self._store.list_names(Target, *bus, rule_name)

    def list_matching(self, event: Event) -> list[str]:
        """List the rules that match an event where it arrived, by their real names."""
        members = parse_json(event.envelope)
        bus = (event.account_id, event.region, event.event_bus_name)
        arrived = AcceptedEvent(members, bus, event.accepted_at, text=event.envelope)
        names = self._rules.match(arrived)
        return [name for name in names if not name.startswith(RULE_PREFIX)]


def _list_paths(file: CaseFile) -> list[str]:
    given = file.settings.get("from", [])
    return [
        os.path.join(file.directory, each)
        for each in ([given] if isinstance(given, str) else given)
    ]


def _require_files(file: CaseFile, paths: list[str]) -> None:
    """Refuse paths that lead to nothing, or to a pipe that would never end."""
    for number, path in enumerate(paths):
        given = file.settings["from"]
        where: Path = ("from",) if isinstance(given, str) else ("from", number)
        name = given if isinstance(given, str) else given[number]
        if not os.path.exists(path):
            raise file.fault(where, f"{name} does not exist")
        if not (os.path.isfile(path) or os.path.isdir(path)):
            raise file.fault(where, f"{name} is neither a file nor a folder")


def _write_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Write parameters as text, as templates take them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
    }
