"""The operators of a pattern as they are written: their operands, and what is refused.

Each function of `OPERATORS` is called with the reader at the operator's name and returns
with the reader at the brace behind the operand. The order of the checks is the order in
which the service notices faults, since only the first one is reported.

Source: [aws] 37 recorded rejections; [peer] the matcher for the other texts.
"""

from __future__ import annotations

from functools import partial

from evcli.errors import InvalidEventPatternException
from evcli.patterns.language.addresses import NetworkError, parse_network
from evcli.patterns.language.conditions import Item
from evcli.patterns.language.events import LITERALS, NumberText
from evcli.patterns.language.numbers import comparable
from evcli.patterns.language.predicates import PREDICATES
from evcli.patterns.language.wildcards import WildcardError, parse_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.patterns.language.reader import Reader as TextReader
    from evcli.patterns.language.tree_reader import TreeReader

    Reader = TextReader | TreeReader

LOWER_BOUNDS = (">", ">=")
UPPER_BOUNDS = ("<", "<=")
NESTED_IN_ANYTHING_BUT = ("prefix", "suffix", "equals-ignore-case", "wildcard")

ONE_KEY = "Only one key allowed in match expression"
TOO_MANY = "Too many elements in numeric expression"
IGNORE_CASE_STRING = "equals-ignore-case match pattern must be a string"
ANYTHING_BUT_VALUE = (
    "Value of anything-but must be an array or single string/number value."
)
ANYTHING_BUT_LIST = "Inside anything but list, start|null|boolean is not supported."
ANYTHING_BUT_MIXED = (
    "Inside anything but list, either all values are number or string,"
    " mixed type is not supported"
)
# What a nested operand that is not a string is told, per operator.
NESTED_STRING = {
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "equals-ignore-case": (
        "Inside anything-but/equals-ignore-case list,"
        " number|start|null|boolean is not supported."
    ),
    "wildcard": "wildcard match pattern must be a string",
}


def read_operator(reader: Reader) -> Item:
    """Read an item that is an operator; the reader is at its opening brace.

    Raises: InvalidEventPatternException: there is no such, or its operand is not valid.
    """
    if reader.advance() != "name":
        raise reader.error("Match expression name not found")
    read = OPERATORS.get(reader.value)
    if read is None:
        from evcli.patterns.language.operator_advice import advise_operator  # noqa: PLC0415 - errors only

        advice = advise_operator(reader.value, [*OPERATORS])
        raise reader.error(f"Unrecognized match type {reader.value}", advice)
    return read(reader)


def _build(operator: str, operand: Any) -> Item:
    return Item(operator, operand, PREDICATES[operator])


def _read_text(reader: Reader, operator: str, complaint: str) -> Item:
    if reader.advance() != "string":
        raise reader.error(complaint)
    text = reader.take_text()
    _close(reader, ONE_KEY)
    return _build(operator, text)


def _read_text_or_folded(reader: Reader, operator: str) -> Item:
    token = reader.advance()
    if token == "string":
        text = reader.take_text()
        _close(reader, ONE_KEY)
        return _build(operator, text)
    if token != "{":
        raise reader.error(f"{operator} match pattern must be a string")
    if reader.advance() != "name":
        raise reader.error(f"{operator.capitalize()} expression name not found")
    if reader.value != "equals-ignore-case":
        raise reader.error(f"Unsupported {operator} pattern: {reader.value}")
    item = _read_text(reader, f"{operator}/equals-ignore-case", IGNORE_CASE_STRING)
    _close(reader, ONE_KEY)
    return item


def _read_wildcard(reader: Reader) -> Item:
    if reader.advance() != "string":
        raise reader.error(NESTED_STRING["wildcard"])
    text = reader.take_text()
    _check_wildcards(reader, (text,))
    _close(reader, ONE_KEY)
    return _build("wildcard", text)


def _read_cidr(reader: Reader) -> Item:
    if reader.advance() != "string":
        # The service words it so, although the operator is another one. [aws]
        raise reader.error("prefix match pattern must be a string")
    text = reader.take_text()
    try:
        parse_network(text)
    except NetworkError as error:
        from evcli.patterns.language.error_positions import clean  # noqa: PLC0415 - errors only

        raise InvalidEventPatternException(clean(str(error))) from error
    _close(reader, ONE_KEY)
    return _build("cidr", text)


def _read_exists(reader: Reader) -> Item:
    token = reader.advance()
    if token not in ("true", "false"):
        raise reader.error("exists match pattern must be either true or false.")
    _close(reader, ONE_KEY)
    return _build("exists", LITERALS[token])


def _read_numeric(reader: Reader) -> Item:
    if reader.advance() != "[":
        raise reader.error("Value of numeric must be an array.")
    bounds = _read_bounds(reader)
    for _, text in bounds:
        if comparable(text) is None:
            raise reader.error(f"Cannot compare number : {text}")
    if len(bounds) == 2 and not float(bounds[0][1]) < float(bounds[1][1]):
        raise reader.error("Bottom must be less than top")
    _close(reader, TOO_MANY)
    return _build("numeric", bounds)


def _read_bounds(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Read `OP, number` or `LOW, number, HIGH, number` up to the closing bracket."""
    if reader.advance() != "string":
        raise reader.error(f"Invalid member in numeric match: {reader.value}")
    operator = reader.take_text()
    token = reader.advance()
    if operator not in ("=", *LOWER_BOUNDS, *UPPER_BOUNDS):
        raise reader.error(f"Unrecognized numeric range operator: {operator}")
    if token != "number":
        name = "equals" if operator == "=" else operator
        raise reader.error(f"Value of {name} must be numeric")
    first = (operator, reader.value)
    if reader.advance() == "]":
        return (first,)
    if operator not in LOWER_BOUNDS:
        raise reader.error(TOO_MANY)
    return first, _read_upper_bound(reader)


def _read_upper_bound(reader: Reader) -> tuple[str, str]:
    if reader.token != "string":
        raise reader.error(f"Bad value in numeric range: {reader.value}")
    operator = reader.take_text()
    if operator not in UPPER_BOUNDS:
        raise reader.error(f"Bad numeric range operator: {operator}")
    if reader.advance() != "number":
        raise reader.error(f"Value of {operator} must be numeric")
    bound = (operator, reader.value)
    if reader.advance() != "]":
        raise reader.error("Too many terms in numeric range expression")
    return bound


def _read_anything_but(reader: Reader) -> Item:
    token = reader.advance()
    if token == "{":
        item = _read_anything_but_nested(reader)
    elif token == "[":
        item = _build("anything-but", _read_anything_but_list(reader))
    elif token == "string":
        item = _build("anything-but", (reader.take_text(),))
    elif token == "number":
        item = _build("anything-but", (_read_comparable(reader),))
    else:
        raise reader.error(ANYTHING_BUT_VALUE)
    _close(reader, TOO_MANY)
    return item


def _read_anything_but_list(reader: Reader) -> tuple[str, ...]:
    operands = _read_list(reader, _read_listed_value)
    if len({type(operand) for operand in operands}) != 1:
        raise reader.error(ANYTHING_BUT_MIXED)
    return tuple(operands)


def _read_listed_value(reader: Reader) -> str:
    if reader.token == "string":
        return reader.take_text()
    if reader.token != "number":
        raise reader.error(ANYTHING_BUT_LIST)
    return _read_comparable(reader)


def _read_comparable(reader: Reader) -> NumberText:
    if comparable(reader.value) is None:
        reason = f"Cannot compare number : {reader.value}"
        raise InvalidEventPatternException(reason)
    return NumberText(reader.value)


def _read_list(reader: Reader, read_member: Callable[[Reader], str]) -> list[str]:
    """Read the members of a list; the reader is at its opening bracket.

    The matcher words a fault of any kind in here anew, with the position at which it
    then stands: so most of these reasons have two position lines. [aws] a list with null;
    [peer] faults of JSON.
    """
    members = []
    try:
        while reader.advance() != "]":
            members.append(read_member(reader))
    except InvalidEventPatternException as error:
        raise reader.error(error.reason) from error
    return members


def _read_anything_but_nested(reader: Reader) -> Item:
    if reader.advance() != "name":
        raise reader.error("Anything-But expression name not found")
    operator = reader.value
    if operator not in NESTED_IN_ANYTHING_BUT:
        raise reader.error(
            f"Unsupported anything-but pattern: {operator}",
            f"Inside anything-but stand {', '.join(NESTED_IN_ANYTHING_BUT)}, or values.",
        )
    read_text = partial(_read_nested_text, operator)
    token = reader.advance()
    if token == "[":
        operands = _read_list(reader, read_text)
        if not operands:
            # [guess] the matcher crashes here; the reason is that of the plain list.
            raise reader.error(ANYTHING_BUT_MIXED)
    elif token in ("string", "number"):
        operands = [read_text(reader)]
    else:
        raise reader.error(ANYTHING_BUT_VALUE)
    if operator == "wildcard":
        _check_wildcards(reader, operands)
    _close(reader, TOO_MANY)
    return _build(f"anything-but/{operator}", tuple(operands))


def _read_nested_text(operator: str, reader: Reader) -> str:
    if reader.token != "string":
        raise reader.error(NESTED_STRING[operator])
    text = reader.take_text()
    if not text and operator in ("prefix", "suffix"):
        raise reader.error("Null prefix/suffix not allowed")
    return text


def _check_wildcards(reader: Reader, texts: list[str] | tuple[str, ...]) -> None:
    for text in texts:
        try:
            parse_wildcard(text)
        except WildcardError as error:
            raise reader.error(str(error)) from error


def _close(reader: Reader, complaint: str) -> None:
    if reader.advance() != "}":
        raise reader.error(complaint)


OPERATORS: dict[str, Callable[[Reader], Item]] = {
    "exactly": partial(
        _read_text,
        operator="exactly",
        complaint="exact match pattern must be a string",
    ),
    "prefix": partial(_read_text_or_folded, operator="prefix"),
    "suffix": partial(_read_text_or_folded, operator="suffix"),
    "equals-ignore-case": partial(
        _read_text, operator="equals-ignore-case", complaint=IGNORE_CASE_STRING
    ),
    "wildcard": _read_wildcard,
    "cidr": _read_cidr,
    "numeric": _read_numeric,
    "exists": _read_exists,
    "anything-but": _read_anything_but,
}
