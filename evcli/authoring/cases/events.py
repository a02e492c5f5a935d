"""From what a test file says of an event to the event: a sample, a file, changes."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from typing import TYPE_CHECKING

from evcli.authoring import samples
from evcli.authoring.cases.reading import read_source
from evcli.authoring.changes import Change, apply_change, parse_path
from evcli.delivery.envelopes import format_json, parse_envelope
from evcli.errors import InspectionError
from evcli.operations.whole_events import ENTRY_MEMBERS, is_whole_event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.authoring.cases.reading import CaseFile
    from evcli.infrastructure.description import Path

    Value = dict[str, Any]

SAMPLE = "sample:"
FILE = "file:"
# Events that are made of events that are made of events.
MOST_STEPS = 20


class EventReader:
    """Makes the events of one test file; each file and sample is read once."""

    def __init__(
        self,
        file: CaseFile,
        account_id: str,
        region: str,
        environ: Mapping[str, str],
    ) -> None:
        self._file = file
        self._account_id = account_id
        self._region = region
        self._environ = environ
        self._known: dict[str, Value] = {}
        # Files that were read, for who watches them.
        self.paths: list[str] = []

    def read(self, given: Any, path: Path) -> Value:
        """Make an event, whole or in part, or an entry of PutEvents.

        Args:
            given: as the file has it.
            path: where in the file that is, for errors.

        Raises: ConfigurationError: the file, the line, and what is wrong there.
        """
        event = self._read(given, path, MOST_STEPS)
        # As events are read that come in, so that all have the same limits.
        exact = parse_envelope(format_json(event))
        if exact is None:
            raise self._file.fault(path, "a number is larger than events may have")
        return exact

    def _read(self, given: Any, path: Path, steps: int) -> Value:
        if not steps:
            raise self._file.fault(path, "events refer to each other without end")
        if isinstance(given, str):
            return deepcopy(self._refer(given, path, steps))
        if "from" in given:
            event = self._read(given["from"], (*path, "from"), steps - 1)
            return self._change(event, given, path)
        return self._complete(given)

    def _complete(self, event: Value) -> Value:
        if not ENTRY_MEMBERS.isdisjoint(event):
            return event
        return {**self._file.settings.get("defaults", {}), **event}

    def _refer(self, name: str, path: Path, steps: int) -> Value:
        if name in self._known:
            return self._known[name]
        if name.startswith(SAMPLE):
            event = self._read_sample(name.removeprefix(SAMPLE), path)
        elif name.startswith(FILE):
            event = self._read_file(name.removeprefix(FILE), path)
        else:
            events = self._file.settings.get("events", {})
            if name not in events:
                near = samples.suggest_names(name, [*events])
                hint = (
                    f"; did you mean {near[0]}?"
                    if near
                    else (" among events; a file is file:PATH, a sample sample:NAME")
                )
                raise self._file.fault(path, f"there is no event {name}{hint}")
            event = self._read(events[name], ("events", name), steps - 1)
        self._known[name] = event
        return event

    def _read_sample(self, name: str, path: Path) -> Value:
        here = os.path.dirname(self._file.source.path)
        own = samples.find_own_directory(self._environ, here)
        try:
            sample = samples.find_sample(name, own)
            event = samples.read_file(sample.path)
        except InspectionError as error:
            raise self._file.fault(path, error.message) from error
        self.paths.append(sample.path)
        if not sample.service:
            return event
        return samples.localize(event, self._account_id, self._region)

    def _read_file(self, name: str, path: Path) -> Value:
        full = os.path.join(self._file.directory, name)
        self.paths.append(full)
        if not os.path.isfile(full):
            raise self._file.fault(path, f"there is no file {name}")
        source = read_source(full)
        event = source.value
        if isinstance(event, dict) and source.text.lstrip().startswith("{"):
            # As events are read, so that numbers stay as they are written.
            event = parse_envelope(source.text)
        if not isinstance(event, dict) or not (
            is_whole_event(event) or not ENTRY_MEMBERS.isdisjoint(event)
        ):
            raise self._file.fault(
                path, f"{name} is neither an event nor an entry of put-events"
            )
        return self._complete(event)

    def _change(self, event: Value, given: Value, path: Path) -> Value:
        for member, adds in (("set", False), ("add", True)):
            for text, value in given.get(member, {}).items():
                self._apply(event, text, value, (*path, member, text), adds=adds)
        for number, text in enumerate(given.get("unset", ())):
            self._remove(event, text, (*path, "unset", number))
        return event

    def _apply(
        self, event: Value, text: str, value: Any, path: Path, *, adds: bool
    ) -> None:
        try:
            change = Change(parse_path(text), value, is_text=False)
            apply_change(event, change, adds=adds)
        except InspectionError as error:
            # Said of what `evcli local trigger` calls a sample, and its options.
            problem = error.message.replace("the sample has", "the event has")
            way_out = "" if path[-2] == "unset" else " `add` adds it."
            problem = problem.replace(" --add adds it", way_out)
            raise self._file.fault(path, problem) from error

    def _remove(self, event: Value, text: str, path: Path) -> None:
        # Refused as a change is if it is not there.
        self._apply(event, text, None, path, adds=False)
        *above, last = parse_path(text)
        container: Any = event
        for step in above:
            container = container[step]
        del container[last]


def write_entry(entry: Value) -> Value:
    """Write the detail of an entry as the text that PutEvents takes."""
    detail = entry.get("Detail")
    if isinstance(detail, dict):
        return {**entry, "Detail": json.dumps(detail)}
    return entry
