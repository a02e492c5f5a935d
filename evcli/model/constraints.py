"""The service's side of the check: length, value, regex, enum, null, and JSON's types.

One walk over the request collects every violated constraint, in model order. A value of
the wrong JSON type ends the walk at once: the service cannot read such a request at all.

Source: [aws] the order of a member's constraints; [guess] a list of scalars and a map
have one message each for all their broken elements, as in other AWS services.
"""

from __future__ import annotations

from functools import cache

from evcli.errors import SerializationException
from evcli.model import shapes
from evcli.model.shared import EVENT_BUS_ARN_REGEX, EVENT_BUS_NAME_REGEX, NAME_REGEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from evcli.model.shapes import Shape

    # The path to a value, innermost step last: (path of its owner, member or index).
    # A pair costs nothing to add a step to; text is made of it only for a message.
    Path = tuple["Path", str | int] | None

NOT_NULL = "Member must not be null"
INTEGER_LIMIT = 2**31
LONG_LIMIT = 2**63


class Violation:
    """A value that breaks a constraint; worded only when the whole walk is done."""

    __slots__ = ("path", "phrase", "shape", "value")

    def __init__(self, path: Path, shape: Shape, value: object, phrase: str) -> None:
        self.path = path
        self.shape = shape
        self.value = value
        self.phrase = phrase


class Walk:
    """One look at a request: collects violations, copies what the service would read.

    `now` is what `parse_timestamp` wants to know.
    """

    __slots__ = ("now", "violations")

    def __init__(self, now: datetime | None) -> None:
        self.now = now
        self.violations: list[Violation] = []

    def read(self, shape: Shape, value: Any, path: Path) -> Any:
        """Check a value; return it as the service reads it.

        That is without nulls and unknown members, members in model order, whole numbers
        as integers and points in time as aware UTC without a fraction.

        Raises:
            SerializationException: a value has another JSON type than its shape.
        """
        return READERS[shape.kind](self, shape, value, path)

    def report(self, path: Path, shape: Shape, value: object, phrase: str) -> None:
        """Remember a violated constraint."""
        self.violations.append(Violation(path, shape, value, phrase))


def _read_string(walk: Walk, shape: Shape, value: Any, path: Path) -> str:
    if not isinstance(value, str):
        raise SerializationException(value, "a String")
    if not value.isascii():
        _require_encodable(value)
    for phrase in _broken_phrases(shape, value):
        walk.report(path, shape, value, phrase)
    return value


def _require_encodable(text: str) -> None:
    """Refuse half a surrogate pair: JSON can spell it, but it is no text to store."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SerializationException(text, "UTF-8") from error


def _read_integer(walk: Walk, shape: Shape, value: Any, path: Path) -> int:
    limit, expected = (
        (LONG_LIMIT, "a Long")
        if shape.kind == shapes.LONG
        else (INTEGER_LIMIT, "an Integer")
    )
    # True == 1 in Python; JSON's true is no number.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SerializationException(value, expected)
    # NaN and the infinities fail this comparison too.
    if not -limit <= value < limit:
        raise SerializationException(value, expected)
    number = int(value)
    for phrase in _broken_phrases(shape, number):
        walk.report(path, shape, number, phrase)
    return number


def _read_boolean(walk: Walk, shape: Shape, value: Any, path: Path) -> bool:
    if not isinstance(value, bool):
        raise SerializationException(value, "a Boolean")
    return value


def _read_timestamp(walk: Walk, shape: Shape, value: Any, path: Path) -> datetime:
    from evcli.model.timestamps import parse_timestamp

    instant = parse_timestamp(value, now=walk.now)
    if instant is None:
        raise SerializationException(value, "a Timestamp")
    return instant.replace(microsecond=0)


def _read_list(walk: Walk, shape: Shape, value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise SerializationException(value, "a List")
    assert shape.element
    for phrase in _broken_phrases(shape, value):
        walk.report(path, shape, value, phrase)
    if shape.element.kind == shapes.STRUCTURE:
        return [
            _read_element(walk, shape.element, item, (path, i))
            for i, item in enumerate(value)
        ]
    items, is_broken = _read_scalars(walk, shape.element, value)
    if is_broken:
        phrases = ", ".join(_all_phrases(shape.element))
        phrase = f"Member must satisfy constraint: [{phrases}]"
        walk.report(path, shape, value, phrase)
    return items


def _read_element(walk: Walk, shape: Shape, value: Any, path: Path) -> Any:
    if value is None:
        walk.report(path, shape, None, NOT_NULL)
        return None
    return walk.read(shape, value, path)


def _read_scalars(walk: Walk, shape: Shape, values: Any) -> tuple[list[Any], bool]:
    """Read scalars that share one message; tell whether any of them is broken."""
    aside = Walk(walk.now)
    items = [_read_element(aside, shape, value, None) for value in values]
    return items, bool(aside.violations)


def _read_map(walk: Walk, shape: Shape, value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationException(value, "a Map")
    assert shape.key
    assert shape.value
    for phrase in _broken_phrases(shape, value):
        walk.report(path, shape, value, phrase)
    keys, are_keys_broken = _read_scalars(walk, shape.key, value)
    items, are_items_broken = _read_scalars(walk, shape.value, value.values())
    if are_keys_broken:
        phrases = ", ".join(_all_phrases(shape.key))
        phrase = f"Map keys must satisfy constraint: [{phrases}]"
        walk.report(path, shape, value, phrase)
    if are_items_broken:
        phrases = ", ".join(_all_phrases(shape.value))
        phrase = f"Map value must satisfy constraint: [{phrases}]"
        walk.report(path, shape, value, phrase)
    return dict(zip(keys, items, strict=True))


def _read_structure(walk: Walk, shape: Shape, value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationException(value, "a Structure")
    read = {}
    for name, member in shape.members.items():
        given = value.get(name)
        if given is not None:
            inner = member.shape
            read[name] = READERS[inner.kind](walk, inner, given, (path, name))
        elif member.required:
            walk.report((path, name), member.shape, None, NOT_NULL)
    return read


def _broken_phrases(shape: Shape, value: Any) -> list[str]:
    """Word the constraints that a value breaks: regex, then bounds, then enum."""
    phrases = []
    if shape.regex is not None and not is_match(shape.regex, value):
        phrases.append(_phrase_regex(shape))
    if shape.max is not None or shape.min is not None:
        size = value if shape.kind == shapes.INTEGER else len(value)
        if shape.max is not None and size > shape.max:
            phrases.append(_phrase_bound(shape, "less", shape.max))
        if shape.min is not None and size < shape.min:
            phrases.append(_phrase_bound(shape, "greater", shape.min))
    if shape.enum and not _is_in_enum(shape, value):
        phrases.append(_phrase_enum(shape))
    return phrases


def _is_in_enum(shape: Shape, value: str) -> bool:
    return value in shape.enum or (shape.any_case and value.upper() in shape.enum)


def _all_phrases(shape: Shape) -> list[str]:
    """Word all constraints of an element, broken or not: bounds, regex, enum."""
    phrases = []
    if shape.max is not None:
        phrases.append(_phrase_bound(shape, "less", shape.max))
    if shape.min is not None:
        phrases.append(_phrase_bound(shape, "greater", shape.min))
    if shape.regex is not None:
        phrases.append(_phrase_regex(shape))
    if shape.enum:
        phrases.append(_phrase_enum(shape))
    return phrases or [NOT_NULL]


def _phrase_regex(shape: Shape) -> str:
    return f"Member must satisfy regular expression pattern: {shape.regex}"


def _phrase_bound(shape: Shape, side: str, bound: int) -> str:
    what = "value" if shape.kind == shapes.INTEGER else "length"
    return f"Member must have {what} {side} than or equal to {bound}"


def _phrase_enum(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.enum_order)}]"


# -- the model's regexes, which are Java's, matched by Python's `re`
#
# Java looks at the whole value, its classes `\d`, `\w`, `\s` are ASCII, and its dot stops
# at five line ends, not at one. An unknown construct is an error of `re`, never a wrong
# verdict. Two of the regexes take exponential time to refuse a value: a blank may belong
# to a word or to the gap between words. They are replaced by equal ones that read each
# character once; the tests compare both on every short value.
#
# Source: [doc] the regexes; [doc] java.util.regex.Pattern.

# The constructs of Java that `re` lacks. Letters and numbers, with the underscore, are
# just what `\w` is for text; the separators are the 19 characters of category Z.
PROPERTIES = {
    r"\p{L}\p{Z}\p{N}_": r"\w \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
DOT = r"[^\n\r\x85\u2028\u2029]"
LINEAR = {
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": (
        r"\t*[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*"
    ),
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*[\x20-\x7E][\t\x20-\x7E]*",
}


# Every text of these characters matches such a regex, and few others do. They tell most
# names, because to import `re` and compile a regex takes a tenth of a command.
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAME_CHARACTERS = LETTERS + "0123456789.-_"
NAMES = {
    NAME_REGEX: NAME_CHARACTERS,
    EVENT_BUS_NAME_REGEX: NAME_CHARACTERS + "/",
    EVENT_BUS_ARN_REGEX + NAME_REGEX: NAME_CHARACTERS,
    EVENT_BUS_ARN_REGEX + EVENT_BUS_NAME_REGEX: NAME_CHARACTERS + "/",
}


def is_match(regex: str, value: str) -> bool:
    """Hold a whole value against a regex of the service model."""
    characters = NAMES.get(regex)
    if characters is not None and value and not value.strip(characters):
        return True
    return compile_regex(regex).fullmatch(value) is not None


@cache
def compile_regex(regex: str) -> re.Pattern[str]:
    """Translate a regex of the service model for `fullmatch`."""
    import re

    translated = LINEAR.get(regex, regex)
    flags = re.ASCII
    for java, python in PROPERTIES.items():
        if java in translated:
            translated = translated.replace(java, python)
            flags = re.UNICODE
    return re.compile(_widen_dots(translated), flags)


def _widen_dots(regex: str) -> str:
    """Replace every dot that stands for any character: not `\\.`, not in a class."""
    import re

    pieces = re.split(r"(\\.|\[(?:\\.|[^\]])*\])", regex)
    # Every second piece is an escape or a class, which stays as it is.
    pieces[::2] = [piece.replace(".", DOT) for piece in pieces[::2]]
    return "".join(pieces)


READERS: dict[str, Callable[[Walk, Shape, Any, Path], Any]] = {
    shapes.STRING: _read_string,
    shapes.INTEGER: _read_integer,
    shapes.LONG: _read_integer,
    shapes.BOOLEAN: _read_boolean,
    shapes.TIMESTAMP: _read_timestamp,
    shapes.LIST: _read_list,
    shapes.MAP: _read_map,
    shapes.STRUCTURE: _read_structure,
}
