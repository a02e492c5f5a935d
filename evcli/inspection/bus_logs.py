"""What event buses have logged, read back from the files that stand for their log groups."""

from __future__ import annotations

import heapq
import json
import os

from evcli.arns import DEFAULT_EVENT_BUS, locate_event_bus
from evcli.delivery.bus_logs import LEVELS, MESSAGE_TYPES, name_log_group
from evcli.delivery.sinks import find_sink_entry, find_sink_file
from evcli.delivery.sinks.sink_lines import RECORD_START
from evcli.errors import InspectionError
from evcli.inspection.following import FRESH, OTHER
from evcli.store.records import EventBus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.context import Context

    Record = dict[str, Any]


class LogFile:
    """The file of an event bus's records; `read` gives those that it has not given yet.

    Others may append meanwhile; a file that is cut or replaced is read from its start.
    """

    def __init__(self, path: str, event_bus_arn: str) -> None:
        self.path = path
        self.event_bus_arn = event_bus_arn
        # A file may stand for many ARNs.
        self._start = RECORD_START + event_bus_arn.encode() + b'"'
        self._offset = 0
        self._inode = 0

    def skip(self) -> None:
        """Leave out all that it has so far."""
        for _ in self.read():
            pass

    def read(self) -> Iterator[Record]:
        """Give the records that are new, in the order of their lines."""
        try:
            file = open(self.path, "rb")  # noqa: SIM115 - closed below
        except (FileNotFoundError, NotADirectoryError):
            self._offset = 0
            return
        with file:
            found = os.fstat(file.fileno())
            if found.st_ino != self._inode or found.st_size < self._offset:
                self._inode, self._offset = found.st_ino, 0
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # its rest is being written
                self._offset += len(line)
                record = self._parse(line)
                if record is not None:
                    yield record

    def _parse(self, line: bytes) -> Record | None:
        """Read a record; `None` for what is none of this event bus's."""
        if not line.startswith(self._start):
            return None
        try:
            record: Record = json.loads(line)
        except (ValueError, RecursionError):
            return None
        is_record = record.get("message_type") in MESSAGE_TYPES and isinstance(
            record.get("message_timestamp_ms"), int
        )
        return record if is_record else None


def open_logs(ctx: Context, event_bus_name: str | None) -> list[LogFile]:
    """Open the records of one event bus, or of all of this account and region.

    Args:
        event_bus_name: name or ARN; `None` for all that there are.

    Raises: InspectionError: there is no such event bus, or its records are in no file.
    """
    scope = (ctx.account_id, ctx.region)
    if event_bus_name is not None:
        return [_open_log(ctx, *locate_event_bus(event_bus_name, *scope))]
    names = {DEFAULT_EVENT_BUS, *ctx.store.list_names(EventBus, *scope)}
    logs = []
    for name in sorted(names):
        path = _find_path(ctx, *scope, name)
        if path is not None:
            logs.append(LogFile(path, ctx.event_bus_arn(name)))
    return logs


def _open_log(ctx: Context, account_id: str, region: str, name: str) -> LogFile:
    within = ctx.act_as(account_id, region)
    event_bus = ctx.store.get(EventBus, account_id, region, name)
    if event_bus is None and name != DEFAULT_EVENT_BUS:
        raise InspectionError(f"Event bus {name} does not exist.")
    path = _find_path(ctx, account_id, region, name)
    if path is None:
        group = name_log_group(region, account_id, name)
        raise InspectionError(
            f"What event bus {name} logs goes to the sink of {group}, which config.toml"
            " makes none that keeps a file, so there is nothing to read here."
        )
    return LogFile(path, within.event_bus_arn(name))


def _find_path(ctx: Context, account_id: str, region: str, name: str) -> str | None:
    """Find the file that stands for an event bus's log group; `None` when none does."""
    group = name_log_group(region, account_id, name)
    entries = ctx.configuration.get("sinks", [])
    number = find_sink_entry(entries, group)
    options: dict[str, Any] = {"kind": "file"} if number is None else entries[number]
    if options["kind"] != "file":
        return None
    path = options.get("path") or find_sink_file(ctx.store.path, group)
    return os.path.join(ctx.store.path, os.path.expanduser(path))


def explain_silence(ctx: Context, event_bus_name: str | None) -> str:
    """Say why there may be no records; "" when there should be some."""
    configs = ctx.store.list_log_configs()
    scope = (ctx.account_id, ctx.region)
    if event_bus_name is None:
        buses = [bus for bus in configs if bus[:2] == scope]
    else:
        buses = [locate_event_bus(event_bus_name, *scope)]
    if any(bus in configs for bus in buses):
        return ""
    name = event_bus_name or DEFAULT_EVENT_BUS
    return (
        f"Logging is off. `evcli update-event-bus --name {name} --log-config"
        " Level=TRACE,IncludeDetail=FULL` switches it on."
    )


def list_records(logs: Iterable[LogFile], level: str = "TRACE") -> Iterator[Record]:
    """Give the records that are new, those of several event buses by their time.

    Args:
        level: those of this level and of the ones below it.
    """
    merged = heapq.merge(
        *(log.read() for log in logs), key=lambda each: each["message_timestamp_ms"]
    )
    for record in merged:
        if LEVELS[MESSAGE_TYPES[record["message_type"]]] <= LEVELS[level]:
            yield record


class LogFollower:
    """Finds the records that came since the last look: a `look` of `follow_ledger`.

    Event buses may be made meanwhile, and the state directory replaced by one that does
    not have them yet.
    """

    def __init__(
        self, logs: Iterable[LogFile], event_bus_name: str | None, level: str
    ) -> None:
        """Go on where `logs` stand; the rest as for `open_logs` and `list_records`."""
        self._logs = {(each.path, each.event_bus_arn): each for each in logs}
        self._event_bus_name = event_bus_name
        self._level = level

    def look(self, ctx: Context, change: str) -> Iterator[Record]:
        """Give the records that came."""
        try:
            found = open_logs(ctx, self._event_bus_name)
        except InspectionError:
            found = []
        if change == OTHER:
            self._logs.clear()
            for log in found:
                log.skip()
        elif change == FRESH:
            # Files outside of it, which config.toml names, have not begun anew.
            inside = os.path.join(ctx.store.path, "")
            kept = {k: v for k, v in self._logs.items() if not k[0].startswith(inside)}
            self._logs = kept
        for log in found:
            self._logs.setdefault((log.path, log.event_bus_arn), log)
        return list_records(self._logs.values(), self._level)
