"""After put-events: the exit status that `--exit-code` and `--expect-match` ask for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# As grep and diff say no, unlike every error.
NO = 1


def follow_up(
    _session: Session,
    ctx: Context,
    _request: dict[str, Any],
    response: dict[str, Any],
    options: dict[str, Any],
) -> int:
    """Give the exit code: of entries that failed, of events that no rule matched."""
    if options.get("exit_code") and response["FailedEntryCount"]:
        return NO
    if options.get("expect_match") and not _has_matches(ctx, response["Entries"]):
        return NO
    return 0


def _has_matches(ctx: Context, results: list[dict[str, Any]]) -> bool:
    from evcli.inspection.arrivals import has_matches

    arrivals = [
        event.event_key
        for result in results
        if "EventId" in result
        for event in ctx.store.accepted_events.list_arrivals(result["EventId"])
    ]
    return has_matches(ctx, arrivals)
