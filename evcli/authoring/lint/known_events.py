"""Which sources and detail-types AWS services have, as far as evcli knows.

Source: [doc] the events reference of EventBridge, [doc] names of services. New ones come
every month, so what is not here is no mistake by itself: what is near to one that is, is.
"""

from __future__ import annotations

import functools
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aws_events.json")
AWS = "aws."
PARTNER = "aws.partner/"
# Of every service. Source: [doc].
RECORDED = " via CloudTrail"
CLOSE_ENOUGH = 0.8


@functools.cache
def read_known() -> Mapping[str, Sequence[str]]:
    """Read the known sources with their detail-types, those of CloudTrail left out."""
    with open(FILE, encoding="utf-8") as file:
        known = json.load(file)
    services: dict[str, Sequence[str]] = {
        f"{AWS}{name}": () for name in known["services"].split()
    }
    services |= known["events"]
    return services


def find_near_source(source: str) -> str | None:
    """Find the source of AWS that was probably meant; `None` if none is near."""
    return _find_near(source, list(read_known()))


def find_near_type(source: str, detail_type: str) -> str | None:
    """Find the detail-type that was probably meant: of the source, else of another."""
    known = read_known()
    if detail_type.endswith(RECORDED):
        return None
    return _find_near(detail_type, known[source])


def list_sources_of(detail_type: str) -> list[str]:
    """List the sources that have a detail-type."""
    return [source for source, types in read_known().items() if detail_type in types]


def _find_near(text: str, known: Sequence[str]) -> str | None:
    from difflib import get_close_matches

    folded = {each.casefold(): each for each in known}
    if text.casefold() in folded:
        return folded[text.casefold()]
    near = get_close_matches(text[:300].casefold(), folded, 1, CLOSE_ENOUGH)
    return folded[near[0]] if near else None
