"""From the text of a pattern to its alternatives.

Reading gives its members as they are written: conditions, and `$or`s as lists of arms,
which have members again. From them follow the alternatives, each a map from path to
condition: from start to end, a condition is put into every alternative, replacing what is
there at its path; a `$or` lets each of its arms work on a copy of the alternatives so far,
and the union is the new list. So two `$or` multiply, and the order of members matters.

Most patterns are plain: JSON without faults, objects and lists of values and operators.
What JSON's own parser reads of these becomes members at once. All others are read token
by token, by `evcli.patterns.language.members`, which also knows what is wrong with them.

Source: [doc] `$or`; [peer] order and replacement; [aws] at most 1000 alternatives.
"""

from __future__ import annotations

from evcli.errors import InvalidEventPatternException
from evcli.json_text import Decoder
from evcli.patterns.language.conditions import (
    OR,
    Condition,
    EventPattern,
    Item,
    build_plain_item,
    list_conditions,
)
from evcli.patterns.language.events import NumberText, refuse_constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from evcli.patterns.language.conditions import Members

MAX_ALTERNATIVES = 1000
# [guess] the text; that the service refuses is documented.
TOO_MANY_ALTERNATIVES = (
    f"Rule is too complex - the $or arrays multiply to more than {MAX_ALTERNATIVES}"
    " alternatives"
)
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating"
    " character sequences after a wildcard character"
)
WILDCARDS = frozenset(["wildcard", "anything-but/wildcard"])
MAX_PLAIN_DEPTH = 50  # levels that are read by recursion


def compile_pattern(text: str) -> EventPattern:
    """Compile the text of an event pattern.

    Raises: InvalidEventPatternException: with the service's reason.
    """
    members = read_plain(text)
    if members is None:
        from evcli.patterns.language.members import read_members  # noqa: PLC0415 - few need it

        members = read_members(text)
        if _count_alternatives(members) > MAX_ALTERNATIVES:
            raise InvalidEventPatternException(TOO_MANY_ALTERNATIVES)
    # Where the word is not even spelled, perhaps with escapes, nothing needs to be asked.
    if ("wildcard" in text or "\\" in text) and any(
        map(_is_too_complex, list_conditions(members))
    ):
        raise InvalidEventPatternException(TOO_COMPLEX)
    return EventPattern(text, members, list_alternatives(members))


def list_alternatives(members: Members) -> list[tuple[Condition, ...]]:
    """Multiply members out: an event meets them all when it meets an alternative."""
    return [_sort(alternative) for alternative in _expand(members)]


def _expand(members: Members) -> list[dict[str, Condition]]:
    alternatives: list[dict[str, Condition]] = [{}]
    for member in members:
        if isinstance(member, Condition):
            for alternative in alternatives:
                alternative[member.path] = member
        else:
            union = []
            # No comprehension, which would double the depth of the recursion.
            for arm in member:
                for added in _expand(arm):
                    union += [before | added for before in alternatives]
            alternatives = union
    return alternatives


def _count_alternatives(members: Members) -> int:
    count = 1
    for member in members:
        if isinstance(member, list):
            count *= sum(map(_count_alternatives, member))
    return count


# -- plain patterns. An object is the tuple of its members, in which keys may repeat.

_DECODER = Decoder(
    object_pairs_hook=tuple,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=refuse_constant,
)


def read_plain(text: str) -> Members | None:
    """Read the members of a plain pattern; `None` of any other text."""
    members: Members = []
    try:
        tree = _DECODER.decode(text)
        if type(tree) is not tuple or not _add_members(tree, "", members, 1):
            return None
    except (ValueError, RecursionError, InvalidEventPatternException):
        return None
    return members


def _add_members(
    tree: tuple[tuple[str, Any], ...], prefix: str, members: Members, depth: int
) -> bool:
    """Add what an object says to the members; False if it is not plain."""
    for name, value in tree:
        if name == OR or not value:
            return False
        if type(value) is list:
            items = [
                build_plain_item(each) if type(each) is str else _build_item(each)
                for each in value
            ]
            members.append(Condition(prefix + name, items))
        elif (
            type(value) is not tuple
            or depth == MAX_PLAIN_DEPTH
            or not _add_members(value, f"{prefix}{name}.", members, depth + 1)
        ):
            return False
    return bool(tree)


def _build_item(value: Any) -> Item:
    """Build an item. Raises: InvalidEventPatternException: it is none."""
    if type(value) is tuple:
        from evcli.patterns.language.operators import read_operator  # noqa: PLC0415 - not for plain values
        from evcli.patterns.language.tree_reader import TreeReader  # noqa: PLC0415

        return read_operator(TreeReader(value))
    if type(value) is list:
        raise InvalidEventPatternException("")
    return build_plain_item(value)


def _sort(alternative: dict[str, Condition]) -> tuple[Condition, ...]:
    """Sort by path in UTF-16 code units, on which `exists: false` below arrays depends."""
    # Up to U+FFFF that is the order of strings, which needs no codec to be imported.
    key = None if "".join(alternative).isascii() else _list_utf16_units
    return tuple([alternative[path] for path in sorted(alternative, key=key)])


def _list_utf16_units(path: str) -> str:
    units = path.encode("utf-16-be", "surrogatepass")
    # One character for each unit, so that both keys are strings.
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join([chr(high << 8 | low) for high, low in pairs])


def _is_too_complex(condition: Condition) -> bool:
    texts: list[str] = []
    for item in condition.items:
        if item.operator in WILDCARDS:
            texts += item.operand if type(item.operand) is tuple else (item.operand,)
    if not texts:
        return False
    from evcli.patterns.language.wildcards import is_too_complex, parse_wildcard  # noqa: PLC0415 - not for plain values

    return is_too_complex([parse_wildcard(text) for text in texts])
