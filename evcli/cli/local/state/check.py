"""`evcli local check`: whether everything is as it should be, and the mending of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evcli.cli.local.output import write_document
from evcli.inspection.checks import check_state, describe_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.cli.session import Session


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended without loss.")
@click.pass_context
def check_command(ctx: click.Context, repair: bool) -> None:
    """Look at everything in the state directory, a line for each finding; exit code 1 if
    there is one.

    The database is read page by page and row by row, the counters of archives are
    counted anew, every delivery to a file is looked for in it, and the modes and owners
    of files are compared with what evcli makes. Others may work meanwhile.

    Notes are nothing wrong: a sink's file that was removed, emptied or rotated, say.
    With --repair what was mended is said, and is no finding any more.
    """
    session: Session = ctx.obj
    found = check_state(session.find_state_directory(), session.warn_at_once)
    findings = describe_findings(found, session.warn, repair=repair)
    output = session.settings.output
    if output is None:
        has_findings = write_lines(session, findings)
    else:
        listed = list(findings)
        write_document(session, "Findings", listed, output)
        has_findings = any(each["Kind"] == "finding" for each in listed)
    ctx.exit(1 if has_findings else 0)


def write_lines(session: Session, findings: Iterator[dict[str, Any]]) -> bool:
    """Write a line for each; say whether there was one that is no note."""
    has_findings = False
    for each in findings:
        has_findings = has_findings or each["Kind"] == "finding"
        session.stdout.write(f"{each['Kind']}: {each['Area']}: {each['Text']}\n")
        session.stdout.flush()
    if not has_findings:
        session.stdout.write("No findings.\n")
    return has_findings
