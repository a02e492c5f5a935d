"""The cases of one file with all that they name: rules, events, schemas."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evcli.authoring.cases.events import EventReader
from evcli.authoring.cases.reading import read_instant
from evcli.authoring.cases.worlds import World
from evcli.authoring.schemas import Schemas
from evcli.store.directory.state_directory import SCHEMAS, find_project_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from evcli.authoring.cases.reading import Case, CaseFile
    from evcli.authoring.cases.worlds import Surroundings
    from evcli.infrastructure.description import Path

TIMES = ("now", "until")


class CaseSuite:
    """The cases of one file, ready to be run.

    `world` has the rules, `events` the events of cases by where they stand in the file,
    `paths` are all files that had a part.
    """

    def __init__(
        self, file: CaseFile, cases: Sequence[Case], surroundings: Surroundings
    ) -> None:
        """Read all that cases name.

        Raises: EvcliError: the file, the line, and what is wrong there.
        """
        self.file = file
        self.world = World(file, surroundings)
        reader = EventReader(
            file, self.world.account_id, self.world.region, surroundings.environ
        )
        self.events: dict[Path, dict[str, Any]] = {}
        for case in cases:
            if "skip" in case.members:
                continue
            for path, given in _list_events(case):
                self.events[path] = reader.read(given, path)
            for member in TIMES:
                self.read_time(case, member)
            for number in range(len(case.members.get("fires", ()))):
                self.read_time(case, "fires", number)
        self.paths = [file.name, *self.world.paths, *reader.paths]
        here = os.path.dirname(file.source.path)
        directory = find_project_folder(SCHEMAS, surroundings.environ, here)
        self.schemas = None if directory is None else Schemas(directory)

    def read_time(self, case: Case, *keys: str | int) -> datetime | None:
        """Read a time of a case, such as its `now`; `None` if it says none.

        Raises: ConfigurationError: there is no such day.
        """
        text: Any = case.members
        for key in keys:
            if isinstance(text, dict) and key not in text:
                return None
            text = text[key]
        return read_instant(self.file, (*case.path, *keys), text)


def _list_events(case: Case) -> Iterator[tuple[Path, Any]]:
    """List what a case says of events, and where."""
    if "event" in case.members:
        yield (*case.path, "event"), case.members["event"]
    for member in ("matches", "not_matches"):
        for number, given in enumerate(case.members.get(member, ())):
            yield (*case.path, member, number), given
