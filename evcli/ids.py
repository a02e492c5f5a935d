"""Ids that evcli makes up: random UUIDs, the text form of any UUID, random characters.

Not by the `uuid` module, whose import costs more than a commit.
"""

from __future__ import annotations

import os

from evcli import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The namespace of URLs. Source: RFC 9562, 6.6.
NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")

# As many as a request may have entries.
DRAWN_AT_ONCE = 10

LOWER_CASE = "abcdefghijklmnopqrstuvwxyz"
LETTERS_AND_DIGITS = LOWER_CASE + LOWER_CASE.upper() + "0123456789"


def format_uuid(digits: str, version: int) -> str:
    """Write 32 lower-case hexadecimal digits as a UUID of a version."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return (
        f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}"
        f"-{variant}{digits[17:20]}-{digits[20:32]}"
    )


def new_uuid() -> str:
    """Make a random UUID, version 4, in lower case. Source: [aws] EventId."""
    return format_uuid(os.urandom(16).hex(), 4)


def new_uuids(count: int) -> list[str]:
    """Make many random UUIDs at once, in order, the first eight digits in common.

    An index then takes them one behind the other; ids that are random throughout would
    touch a page each. Of each 88 bits are its own.
    """
    digits = os.urandom(5 + 11 * count).hex()
    head, variant = digits[:8], "89ab"[int(digits[8], 16) & 3]
    own = sorted([digits[i : i + 22] for i in range(10, len(digits), 22)])
    # As `format_uuid`, at half its cost.
    return [
        f"{head}-{each[:4]}-4{each[4:7]}-{variant}{each[7:10]}-{each[10:]}"
        for each in own
    ]


def draw_neighbours() -> Callable[[], str]:
    """Make a source of random UUIDs that are neighbours in an index, as `new_uuids`."""
    return _draw_neighbours().__next__


def _draw_neighbours() -> Iterator[str]:
    head = os.urandom(4).hex()
    while True:
        digits = os.urandom(12 * DRAWN_AT_ONCE).hex()
        for i in range(0, len(digits), 24):
            yield format_uuid(head + digits[i : i + 24], 4)


def draw_text(new_id: str, alphabet: str, length: int) -> str:
    """Draw characters of an alphabet; the randomness is that of a new id.

    Args:
        length: at most 8. The last 12 digits of an id are 48 random bits.
    """
    number = int(new_id[-12:], 16)
    text = ""
    for _ in range(length):
        number, i = divmod(number, len(alphabet))
        text += alphabet[i]
    return text


def name_by_id(event_id: str) -> str:
    """Name what a service starts for an event: by the event's id, as most ids allow.

    One that is no name everywhere, as those of whole events need not be, gives way to a
    UUID that is always the same for it.
    """
    is_name = len(event_id) <= 36 and event_id.replace("-", "").isalnum()
    return event_id if is_name else derive_uuid(event_id)


def derive_uuid(*parts: str) -> str:
    """Make a UUID, version 5, that is the same for the same parts."""
    # Neither ARNs nor target ids hold a blank.
    name = " ".join(parts).encode("utf-8", "surrogatepass")
    digest = load("hashlib", "sha1")(NAMESPACE + name, usedforsecurity=False)
    return format_uuid(digest.hexdigest()[:32], 5)
