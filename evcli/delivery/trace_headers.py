"""Trace headers: whether X-Ray would take one. A malformed one is dropped. [doc]

    Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1

Source: [doc] the X-Ray developer guide, "Tracing header"; [guess] that the root alone is
needed, that members may stand in any order, and that letters have no case.
"""

from __future__ import annotations

import re

# As long as the model lets an entry's be; what HTTP brings has no other limit. [guess]
MOST_CHARACTERS = 500

MEMBERS = {
    "Root": re.compile(r"1-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{24}"),
    "Parent": re.compile(r"[0-9A-Fa-f]{16}"),
    # `?` asks the next one to decide.
    "Sampled": re.compile(r"[01?]"),
}
# Of every other member, such as Lineage or Self: what may stand in an HTTP header.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
VALUE = re.compile(r"[\x21-\x7e]+")


def is_trace_header(text: str) -> bool:
    """Say whether a trace header is well formed."""
    if len(text) > MOST_CHARACTERS:
        return False
    members = [member.partition("=")[::2] for member in text.split(";") if member]
    return "Root" in dict(members) and all(
        NAME.fullmatch(name) and MEMBERS.get(name, VALUE).fullmatch(value)
        for name, value in members
    )
