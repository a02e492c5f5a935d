"""Ids as people type them: cut short, as long as only one begins like that.

As in git: a whole id is always meant as it is, a prefix has to be unique, and one that is
not is answered with its candidates. Ids need not be UUIDs. Both directions ask the
index of ids and never read the ledger.
"""

from __future__ import annotations

from os.path import commonprefix

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.context import Context

SHOWN_CANDIDATES = 5
# As short as an id is shown at most; it is typed as short as anybody likes.
SHORT_ID = 8


def expand_event_id(ctx: Context, text: str) -> str:
    """Complete the beginning of an event's id.

    Returns:
        The id; the text itself if no id begins like that: its event may be yet to come.

    Raises: InspectionError: several ids begin like that.
    """
    candidates = ctx.store.accepted_events.list_ids(text, SHOWN_CANDIDATES + 1)
    # The whole id is the first of those that begin with it.
    if not text or not candidates or candidates[0] == text:
        return text
    if len(candidates) > 1:
        raise ambiguous_id("event", text, candidates)
    return candidates[0]


def find_event_id(ctx: Context, text: str) -> str:
    """Complete the beginning of the id of an event that was accepted.

    Raises: InspectionError: no id begins like that, or several do.
    """
    event_id = expand_event_id(ctx, text)
    if not ctx.store.accepted_events.list_ids(event_id, 1):
        raise InspectionError(f"There is no event {text} in the ledger.")
    return event_id


def ambiguous_id(what: str, text: str, candidates: Sequence[str]) -> InspectionError:
    """Word the refusal of a prefix that several ids have."""
    shown = ", ".join(candidates[:SHOWN_CANDIDATES])
    more = " and more" if len(candidates) > SHOWN_CANDIDATES else ""
    return InspectionError(
        f"The {what} id {text} is ambiguous; these begin like that: {shown}{more}."
    )


def shorten_event_id(ctx: Context, event_id: str) -> str:
    """Cut an event's id to a beginning that no other id has."""
    length = SHORT_ID
    while length < len(event_id):
        same = ctx.store.accepted_events.list_ids(event_id[:length], 3)
        others = [each for each in same if each != event_id]
        if not others:
            break
        # Characters are meant here, and not the parts of a path.
        length = len(commonprefix([event_id, *others])) + 1  # noqa: RUF071
    return event_id[:length]
