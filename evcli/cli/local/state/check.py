"""`evcli local check`: whether everything is as it should be, and the mending of it."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.state.document_output import write_document
from evcli.errors import ConfigurationError, EvcliError, StoreError
from evcli.inspection.sink_check import check_sinks
from evcli.store.directory.configuration import FILE_NAME
from evcli.store.directory.configuration_file import read_configuration
from evcli.store.store import open_store
from evcli.store.upkeep import Finding
from evcli.store.upkeep.file_modes import check_files
from evcli.store.upkeep.integrity import DATABASE, check_store, open_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.session import Session
    from evcli.store.store import Store

CONFIGURATION = "configuration"


@click.command(short_help="Say what is damaged or exposed, and mend what can be")
@click.option("--repair", is_flag=True, help="Mend what can be mended without loss.")
@click.pass_context
def command(ctx: click.Context, repair: bool) -> None:
    """Look at everything in the state directory, a line for each finding; exit code 1 if
    there is one.

    The database is read page by page and row by row, the counters of archives are
    counted anew, every delivery to a file is looked for in it, and the modes and owners
    of files are compared with what evcli makes. Others may work meanwhile.

    Notes are nothing wrong: a sink's file that was removed, emptied or rotated, say.
    With --repair what was mended is said, and is no finding any more.
    """
    session: Session = ctx.obj
    rows = map_findings(session, find_all(session), repair=repair)
    output = session.settings.output
    if output is None:
        has_findings = write_lines(session, rows)
    else:
        listed = list(rows)
        write_document(session, "Findings", listed, output)
        has_findings = any(row["Kind"] == "finding" for row in listed)
    ctx.exit(1 if has_findings else 0)


def write_lines(session: Session, rows: Iterator[dict[str, Any]]) -> bool:
    """Write a line for each; say whether there was a finding."""
    has_findings = False
    for row in rows:
        has_findings = has_findings or row["Kind"] == "finding"
        session.stdout.write(f"{row['Kind']}: {row['Area']}: {row['Text']}\n")
        session.stdout.flush()
    if not has_findings:
        session.stdout.write("No findings.\n")
    return has_findings


def map_findings(
    session: Session, findings: Iterator[Finding], *, repair: bool
) -> Iterator[dict[str, Any]]:
    """Mend findings if that is wanted; lay them out: finding, note or repaired."""
    for finding in findings:
        text, kind = finding.text, "note" if finding.is_note else "finding"
        if repair and finding.mend is not None:
            try:
                text, kind = finding.mend(), "repaired"
            except (EvcliError, OSError) as error:
                session.warn(f"{finding.text} That could not be mended: {error}")
        yield {"Kind": kind, "Area": finding.area, "Text": text}


def find_all(session: Session) -> Iterator[Finding]:
    """Look at everything, files first."""
    path = session.find_state_directory()
    if not os.path.isdir(path):
        yield Finding(DATABASE, f"There is no state in {path}.", is_note=True)
        return
    yield from check_files(path)
    if not os.path.lexists(os.path.join(path, "state.db")):
        yield Finding(DATABASE, f"There is no state in {path}.", is_note=True)
        return
    configuration = None
    try:
        configuration = read_own_configuration(path)
    except ConfigurationError as error:
        yield Finding(CONFIGURATION, error.message)
    try:
        with closing(open_store(path, session.warn_at_once)) as store:
            yield from find_in_store(store, configuration)
    except (StoreError, ConfigurationError) as error:
        yield Finding(DATABASE, error.message)


def read_own_configuration(path: str) -> dict[str, Any]:
    """Read `config.toml`; `{}` when there is none. Raises: ConfigurationError."""
    file = os.path.join(path, FILE_NAME)
    return read_configuration(file) if os.path.exists(file) else {}


def find_in_store(
    store: Store, configuration: dict[str, Any] | None
) -> Iterator[Finding]:
    """Look at the database, and at the files of sinks if it is known which they are.

    Raises: StoreError: it is too damaged to be read.
    """
    is_readable = True
    with open_snapshot(store.database) as snapshot:
        for finding in check_store(store.database, snapshot):
            if finding.area == DATABASE and finding.mend is None:
                is_readable = False
            yield finding
        if is_readable and configuration is not None:
            yield from check_sinks(store, snapshot, configuration)
