"""The files of sinks beside the ledger: each delivery has its line, once.

Which file a delivery went to is what `config.toml` says now. People move, empty and
rotate files, so what is gone up to a file's first line is a note; what is missing behind
it was lost.
"""

from __future__ import annotations

import json
import os
import stat
from functools import partial
from itertools import groupby, islice

from evcli.delivery.sinks import find_default_kind, find_sink_entry, find_sink_file
from evcli.delivery.sinks.file import LOCK_SECONDS
from evcli.delivery.sinks.sink_lines import (
    LINE_START,
    RECORD_START,
    is_torn,
    mend_last_line,
    read_at,
)
from evcli.store.deliveries import DELIVERED, FAILED
from evcli.store.directory.locks import lock_file
from evcli.store.upkeep import Finding
from evcli.store.upkeep.sink_comparison import SinkLines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from evcli.store.database import Database
    from evcli.store.store import Store

    # Delivery key, event id, number of the line in the file.
    Line = tuple[int, str, int]

SINKS = "sinks"
finding = partial(Finding, SINKS)
note = partial(Finding, SINKS, is_note=True)
# A finding names this many deliveries and counts the others.
SHOWN_IDS = 3
BATCH = 10_000
# Targets that are called or changed, and have no line when that is done.
OWN_RESOURCES = ("api-destination/", "event-bus/")


def check_sinks(
    store: Store, snapshot: Database, configuration: dict[str, Any]
) -> Iterator[Finding]:
    """Compare the files of sinks with the ledger.

    Args:
        store: where things are mended.
        snapshot: what is compared; older than what is read of the files.
    """
    lines = SinkLines(snapshot)
    paths: dict[str, int] = {}
    for arn, has_letters in lines.list_target_arns():
        path = _find_path(store, configuration, arn)
        if path is not None and (has_letters or not _is_own(arn)):
            lines.add_target(paths.setdefault(path, len(paths)), arn)
    for path in _list_default_files(store.path):
        paths.setdefault(path, len(paths))
    states = {}
    for path, number in paths.items():
        reader = FileReader(path)
        states[number] = reader
        found = reader.read()
        while batch := list(islice(found, BATCH)):
            lines.add_lines((number, *line) for line in batch)
        yield from reader.list_findings()
    yield from _compare(store, lines, states)


def _find_path(store: Store, configuration: dict[str, Any], arn: str) -> str | None:
    """Find the file of a target; `None` when its sink is none."""
    entries = configuration.get("sinks", [])
    number = find_sink_entry(entries, arn)
    options = {"kind": find_default_kind(store)} if number is None else entries[number]
    if options["kind"] != "file":
        return None
    path = options.get("path")
    if path is None:
        return find_sink_file(store.path, arn)
    return os.path.join(store.path, os.path.expanduser(path))


def _is_own(arn: str) -> bool:
    parts = arn.split(":", 5)
    return (
        len(parts) == 6 and parts[2] == "events" and parts[5].startswith(OWN_RESOURCES)
    )


def _list_default_files(state_directory: str) -> Iterator[str]:
    for directory, directories, files in os.walk(
        os.path.join(state_directory, "sinks")
    ):
        directories.sort()
        for name in sorted(files):
            if name.endswith(".jsonl"):
                yield os.path.join(directory, name)


class FileReader:
    """Reads the lines of one file, and says what is wrong with the file by itself.

    `kind` is `missing`, `empty`, `other` (no regular file: it keeps no lines), or "".
    """

    __slots__ = ("_broken", "_findings", "_foreign", "kind", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.kind = ""
        self._broken: list[int] = []
        self._foreign = 0
        self._findings: list[Finding] = []

    def read(self) -> Iterator[Line]:
        """Read the lines that are evcli's."""
        try:
            found = os.stat(self.path)
            if not stat.S_ISREG(found.st_mode):
                self.kind = "other"
                return
            if found.st_size == 0:
                self.kind = "empty"
            with open(self.path, "rb") as file:
                offset = 0
                for number, line in enumerate(file, start=1):
                    if not line.endswith(b"\n"):
                        yield from self._read_last(file.fileno(), number, offset)
                        break
                    offset += len(line)
                    yield from self._read_line(number, line)
        except FileNotFoundError:
            self.kind = "missing"
        except OSError as error:
            self.kind = "other"
            text = f"{self.path} cannot be read: {error.strerror}."
            self._findings.append(finding(text))

    def _read_last(self, descriptor: int, number: int, offset: int) -> Iterator[Line]:
        """Read a line that had no end, once nobody is writing it any more."""
        lock_file(descriptor, LOCK_SECONDS)
        end = os.fstat(descriptor).st_size
        line, line_end, _ = read_at(descriptor, offset, end - offset).partition(b"\n")
        if line_end or not is_torn(descriptor, offset, end):
            yield from self._read_line(number, line)
            return
        text = f"{self.path} ends in half a line, which a killed process left."
        mend = partial(_cut_last_line, self.path)
        self._findings.append(finding(text, mend=mend))

    def _read_line(self, number: int, line: bytes) -> Iterator[Line]:
        if not line.strip() or line.startswith(RECORD_START):
            return
        if not line.startswith(LINE_START):
            self._foreign += 1
            return
        found = _read_ids(number, line)
        if found is None:
            self._broken.append(number)
        else:
            yield found

    def list_findings(self) -> Iterator[Finding]:
        """Say what was found; after `read`."""
        yield from self._findings
        if self._broken:
            yield finding(
                f"{self.path} has {len(self._broken)} lines that are no JSON, the first"
                f" one is line {self._broken[0]}."
            )
        if self._foreign:
            yield note(f"{self.path} has {self._foreign} lines that are not evcli's.")


def _read_ids(number: int, line: bytes) -> Line | None:
    """Read whose line it is; `None` when it is broken."""
    try:
        delivery_id = json.loads(line)["deliveryId"]
        event_id, _, key = delivery_id.rpartition("-")
        return int(key), event_id, number
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    except RecursionError:
        head = line[len(LINE_START) :].partition(b'"')[0].decode()
        event_id, _, key = head.rpartition("-")
        return int(key), event_id, number


def _cut_last_line(path: str) -> str:
    """Cut half a line off, if there still is one. Raises: OSError."""
    with open(path, "r+b") as file:
        descriptor = file.fileno()
        if lock_file(descriptor, LOCK_SECONDS):
            mend_last_line(descriptor, os.fstat(descriptor).st_size)
            os.fsync(descriptor)
    return f"Half a line at the end of {path} was cut off."


def _compare(
    store: Store, lines: SinkLines, files: dict[int, FileReader]
) -> Iterator[Finding]:
    for number, missing in groupby(lines.list_missing(), lambda row: row[0]):
        yield from _describe_missing(files[number], missing)
    for number, double in groupby(lines.list_double(), lambda row: row[0]):
        ids = [delivery_id for _, delivery_id in double]
        yield finding(
            f"{files[number].path} has more than one line for {_list_ids(ids)}."
        )
    for number, delivery_id, key in lines.list_unrecorded():
        yield from _describe_unrecorded(store, files[number].path, delivery_id, key)
    for number, count in lines.list_unknown():
        yield note(
            f"{files[number].path} has {count} lines of deliveries that the ledger does"
            " not have: they were pruned, or are of another state directory."
        )


def _describe_missing(
    file: FileReader, missing: Iterable[tuple[int, str, bool]]
) -> Iterator[Finding]:
    if file.kind == "other":
        return
    old = 0
    lost: list[str] = []
    lost_count = 0
    for _, delivery_id, is_old in missing:
        if is_old:
            old += 1
            continue
        lost_count += 1
        if len(lost) < SHOWN_IDS:
            lost.append(delivery_id)
    if lost:
        yield finding(
            f"{file.path} has no line for {_list_ids(lost, lost_count)}, which the"
            " ledger has as DELIVERED."
        )
    if old:
        what = {"missing": "is not there", "empty": "is empty"}.get(
            file.kind, "begins later"
        )
        yield note(f"{file.path} {what}: {old} deliveries were made before.")


def _list_ids(ids: list[str], count: int | None = None) -> str:
    more = (len(ids) if count is None else count) - len(ids[:SHOWN_IDS])
    shown = ", ".join(ids[:SHOWN_IDS])
    return f"{shown} and {more} more" if more else shown


def _describe_unrecorded(
    store: Store, path: str, delivery_id: str, key: int
) -> Iterator[Finding]:
    """Describe a line whose delivery is not recorded as made, unless it is by now."""
    delivery = store.ledger.get_delivery(key)
    if delivery is None or delivery.state == DELIVERED:
        return
    if delivery.state == FAILED:
        text = f"{path} has a line for {delivery_id}, which the ledger has as FAILED."
        yield finding(text)
        return
    owner = delivery.owner
    if owner is not None and (
        store.database.is_read_only or store.owner.is_alive(owner)
    ):
        return
    yield note(
        f"{path} has a line for {delivery_id}, which is yet to be recorded as made; the"
        " next attempt finds it.",
        mend=partial(_record_as_made, store, delivery_id, key),
    )


def _record_as_made(store: Store, delivery_id: str, key: int) -> str:
    with store.transaction():
        delivery = store.ledger.get_delivery(key)
        if delivery is not None and delivery.state not in (DELIVERED, FAILED):
            delivery.finished_at = delivery.next_attempt_at
            delivery.state, delivery.attempts = DELIVERED, delivery.attempts + 1
            delivery.next_attempt_at = delivery.owner = None
            store.ledger.update_delivery(delivery, None)
    return f"{delivery_id} is recorded as made."
