"""The `wildcard` operator: its spelling, its test, its complexity limit.

A wildcard is held as the literal texts between its stars: `a*b` is `("a", "b")`, and a
wildcard without a star has one part. Finding the parts from left to right decides, so no
regular expression is needed, whose backtracking hostile patterns would exploit.

Source: [doc] Wildcard matching; [aws] positions, and complexity 7 accepted, 11 rejected;
[peer] how complexity is counted.
"""

from __future__ import annotations

MAX_COMPLEXITY = 10
# States explored before the search for the score gives up. [guess] such a rule is refused.
MAX_EXPLORED = 20_000

Parts = tuple[str, ...]


class WildcardError(ValueError):
    """A wildcard that is not well formed; the text is the reason of the service."""


def parse_wildcard(text: str) -> Parts:
    r"""Split at the stars and undo `\*` and `\\`.

    Positions in errors count UTF-8 bytes from 1.

    Raises: WildcardError: two stars in a row, or a stray backslash.
    """
    if "\\" not in text and "**" not in text:
        return tuple(text.split("*"))
    parts: list[list[str]] = [[]]
    offset = 0
    while offset < len(text):
        character = text[offset]
        following = text[offset + 1 : offset + 2]
        if character == "*":
            if following == "*":
                raise _error("Consecutive wildcard characters", text, offset)
            parts.append([])
        elif character != "\\":
            parts[-1].append(character)
        elif following in ("*", "\\"):
            parts[-1].append(following)
            offset += 1
        else:
            raise _error("Invalid escape character", text, offset)
        offset += 1
    return tuple("".join(part) for part in parts)


def fits(parts: Parts, text: str) -> bool:
    """Tell whether a text fits the whole wildcard."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    end = len(text) - len(last)
    start = len(first)
    if start > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in parts[1:-1]:
        found = text.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True


def is_too_complex(wildcards: list[Parts]) -> bool:
    """Tell whether one input can be at too many points of the wildcards at once.

    All wildcards of one field are run as one automaton over the quoted values. A state
    is "this prefix of this wildcard fits the input so far"; the score is the largest
    number of states that hold together. Sets of states are bit sets.
    """
    if any(len(parts) - 1 > MAX_COMPLEXITY for parts in wildcards):
        return True  # a star once reached stays, and some input reaches them all
    characters, stars, start = _number_states(wildcards)
    masks: dict[str, int] = {}
    for index, character in enumerate(characters):
        if character:
            masks[character] = masks.get(character, 0) | 1 << index
    return _explore(characters, masks, stars, start)


def _number_states(wildcards: list[Parts]) -> tuple[list[str], int, int]:
    """Lay the wildcards out in a row, one state per character and per star.

    Returns the character of each state (empty for a star, and for the opening quote of
    each wildcard, which nothing leads to), the stars, and the states of the quotes.
    """
    characters: list[str] = []
    stars = start = 0
    for parts in wildcards:
        start |= 1 << len(characters)
        characters.append("")
        for index, part in enumerate(parts):
            if index:
                stars |= 1 << len(characters)
                characters.append("")
            characters.extend(part)
        characters.append('"')
    return characters, stars, start


def _explore(
    characters: list[str], masks: dict[str, int], stars: int, start: int
) -> bool:
    states = start | (start << 1 & stars)
    seen = {states}
    queue = [states]
    for states in queue:
        if states.bit_count() > MAX_COMPLEXITY or len(seen) > MAX_EXPLORED:
            return True
        # A character that no state waits for leads to a subset of any other successor,
        # and from a subset nothing larger can be reached.
        for character in _awaited(characters, states << 1 & ~stars):
            following = (states << 1 & masks[character]) | (states & stars)
            following |= following << 1 & stars
            if following not in seen:
                seen.add(following)
                queue.append(following)
    return False


def _awaited(characters: list[str], states: int) -> set[str]:
    found = set()
    while states:
        index = states.bit_length() - 1
        states ^= 1 << index
        if index < len(characters) and characters[index]:
            found.add(characters[index])
    return found


def _error(reason: str, text: str, offset: int) -> WildcardError:
    position = len(text[:offset].encode("utf-8", "surrogatepass")) + 1
    return WildcardError(f"{reason} at pos {position}")
