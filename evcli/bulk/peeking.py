"""Lines that no rule can match, found without being read whole.

msgspec checks that a line is JSON and keeps two of its members, which takes a fifth of
the time of reading it. Where no rule is for that source and detail-type the line is done,
if for certain nothing else could stand for them: it is ASCII, so that its encoding need
not be checked; it has no backslash, so that keys are spelled as they are; and each of the
two keys is in it once, so that it is not repeated. Of any other line nothing is said.

Where most lines have rules, to peek is a waste. So the first lines of every block decide
about the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.patterns.matching.index import PatternIndex

SAMPLE = 50


class Peeker:
    """Peeks at the lines of one block."""

    __slots__ = ("_decode", "_found", "_has_candidates", "_left")

    def __init__(self, index: PatternIndex, decode: Callable[[bytes], Any]) -> None:
        """Take the rules, and what `get_decoder` found."""
        self._has_candidates = index.has_candidates
        self._decode = decode
        # Lines of the sample to come, and lines found in it; below zero without an end.
        self._left = SAMPLE
        self._found = 0

    def is_hopeless(self, line: bytes) -> bool:
        """Tell whether a line is for certain a whole event that no rule matches."""
        if self._left == 0:
            if 2 * self._found < SAMPLE:
                return False
        else:
            self._left -= 1
        if not line.isascii() or b"\\" in line:
            return False
        try:
            seen = self._decode(line)
        except ValueError:
            return False
        if (
            self._has_candidates(seen.source, seen.detail_type)
            or line.count(b'"source"') != 1
            or line.count(b'"detail-type"') != 1
        ):
            return False
        self._found += 1
        return True


def get_decoder() -> Callable[[bytes], Any] | None:
    """Build what reads `source` and `detail_type` of a line, where msgspec is installed.

    It raises ValueError of a line that is no JSON, or where one of them is no string.
    """
    try:
        import msgspec
    except ImportError:
        return None
    seen = msgspec.defstruct(
        "Seen",
        [("source", str), ("detail_type", str)],
        rename={"detail_type": "detail-type"},
        gc=False,
    )
    return msgspec.json.Decoder(seen).decode
