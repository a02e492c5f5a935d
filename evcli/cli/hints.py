"""Dim lines on standard error for whoever types commands: why nothing came of it.

The official client says none of this, so scripts must not see it: nothing here is loaded
unless standard output and standard error are both a terminal, see `Session.is_watched`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evcli.cli.output.folding import fold
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# us-east-1, us-gov-west-1, eusc-de-east-1. Source: [doc] the names of all regions so far.
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}", re.ASCII)
# Different sentences about the entries of one request.
SHOWN_REASONS = 3


def show_hint(session: Session, text: str) -> None:
    """Write a dim line to standard error; plain where colours are not wanted."""
    line = make_visible(f"{session.program}: {' '.join(text.split())}")
    line = fold(line, session.stderr)
    is_plain = "NO_COLOR" in session.environ or session.environ.get("TERM") == "dumb"
    if not is_plain and session.options.get("color") != "off":
        line = f"\x1b[2m{line}\x1b[0m"
    try:
        session.stderr.write(f"{line}\n")
    except OSError:
        return  # as `Session.warn`


def hint_at_region(session: Session, region: str) -> None:
    """Name a region that looks like none, and the ones that are near."""
    if REGION.fullmatch(region):
        return
    from difflib import get_close_matches

    from evcli.cli.completion.known_values import REGIONS

    near = sorted(get_close_matches(region, REGIONS)) or ["us-east-1"]
    show_hint(
        session, f"{region!r} does not look like a region; {', '.join(near)} would."
    )


def hint_at_entries(
    session: Session, ctx: Context, request: dict[str, Any], response: dict[str, Any]
) -> None:
    """Say of entries that failed, or led to nothing, why."""
    from evcli.inspection.entries import explain_entries

    reasons: dict[str, list[int]] = {}
    for number, reason in explain_entries(ctx, request["Entries"], response["Entries"]):
        reasons.setdefault(reason, []).append(number)
    if not reasons:
        return
    if len(request["Entries"]) == 1:
        show_hint(session, next(iter(reasons)))
        return
    parts = [
        f"{'entry' if len(numbers) == 1 else 'entries'} {', '.join(map(str, numbers))}:"
        f" {reason}"
        for reason, numbers in reasons.items()
    ]
    more = len(parts) - SHOWN_REASONS
    if more > 0:
        parts[SHOWN_REASONS:] = [f"and {more} more; see evcli local events --unmatched"]
    show_hint(session, " · ".join(parts))
