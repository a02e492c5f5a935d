"""All that can be wrong with a state directory: files, configuration, database, sinks."""

from __future__ import annotations

import os
from contextlib import closing

from evcli.errors import ConfigurationError, EvcliError, StoreError
from evcli.inspection.sink_check import check_sinks
from evcli.store.directory.configuration_file import get_configuration
from evcli.store.directory.shared_store import has_state
from evcli.store.store import open_store
from evcli.store.upkeep import Finding
from evcli.store.upkeep.file_modes import check_files
from evcli.store.upkeep.integrity import (
    DATABASE,
    check_shared_store,
    check_store,
    open_snapshot,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from evcli.store.store import Store

CONFIGURATION = "configuration"


def check_state(path: str, warn: Callable[[str], None]) -> Iterator[Finding]:
    """Look at everything in a state directory, files first.

    Args:
        warn: called with a line about what takes long.
    """
    if os.path.isdir(path):
        yield from check_files(path)
    configuration: dict[str, Any] | None = None
    try:
        configuration = get_configuration(path)
        is_there = has_state(path, os.environ)
    except ConfigurationError as error:
        is_there = os.path.lexists(os.path.join(path, "state.db"))
        yield Finding(CONFIGURATION, error.message)
    if not is_there:
        yield Finding(DATABASE, f"There is no state in {path}.", is_note=True)
        return
    try:
        with closing(open_store(path, warn)) as store:
            yield from _check_store(store, configuration)
    except (StoreError, ConfigurationError) as error:
        yield Finding(DATABASE, error.message)


def _check_store(
    store: Store, configuration: dict[str, Any] | None
) -> Iterator[Finding]:
    """Look at the database, and at the files of sinks if it is known which they are.

    Raises: StoreError: it is too damaged to be read.
    """
    if store.database.is_shared:
        # Files of sinks are those of one of its machines.
        yield from check_shared_store(store.database)
        return
    is_readable = True
    with open_snapshot(store.database) as snapshot:
        for finding in check_store(store.database, snapshot):
            if finding.area == DATABASE and finding.mend is None:
                is_readable = False
            yield finding
        if is_readable and configuration is not None:
            yield from check_sinks(store, snapshot, configuration)


def describe_findings(
    findings: Iterable[Finding], warn: Callable[[str], None], *, repair: bool
) -> Iterator[dict[str, Any]]:
    """Lay findings out as JSON values: kind (finding, note or repaired), area and text.

    Args:
        warn: called with a line about what could not be mended.
        repair: mend what can be.
    """
    for finding in findings:
        text, kind = finding.text, "note" if finding.is_note else "finding"
        if repair and finding.mend is not None:
            try:
                text, kind = finding.mend(), "repaired"
            except (EvcliError, OSError) as error:
                warn(f"{finding.text} That could not be mended: {error}")
        yield {"Kind": kind, "Area": finding.area, "Text": text}
