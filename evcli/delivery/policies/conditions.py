"""Conditions of policy statements: operators, as a table, and the texts they compare.

A condition is operator → key → values. Keys are looked up in lower case, since their
names have no case; several keys must all hold, of several values one. Every key that
evcli knows has one value, so `ForAnyValue:` and `ForAllValues:` differ from the plain
operator only where the key is missing.

Source: [doc] the operators, what a missing key means to each, wildcards, variables.
"""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # A text in pieces; with each, whether its wildcards are only characters.
    Pieces = list[tuple[str, bool]]
    # A wildcard, or a character that stands for itself.
    Tokens = Sequence[tuple[str, bool]]
    Test = Callable[[Pieces, str], bool]

VARIABLE = re.compile(r"\$\{([^}]*)\}")
NUMBER = re.compile(r"[+-]?\d{1,100}(\.\d{1,100})?", re.ASCII)


def find_obstacle(
    condition: object, context: Mapping[str, str], *, fills: bool, unknown: bool
) -> str | None:
    """Find the first part of a condition that does not hold; `None` when all do.

    Args:
        context: keys in lower case.
        fills: variables such as `${aws:PrincipalAccount}` count.
        unknown: whether what is no condition that evcli knows counts as holding.

    Returns:
        `OPERATOR KEY`, for people.
    """
    if not isinstance(condition, dict):
        return None if unknown else "a Condition that is no object"
    for name, block in condition.items():
        for key, wanted in block.items() if isinstance(block, dict) else [("", block)]:
            verdict = holds(name, key, list_texts(wanted), context, fills=fills)
            if verdict is False or (verdict is None and not unknown):
                return f"{name} {key}".rstrip()
    return None


def holds(
    name: str,
    key: str,
    wanted: Sequence[str],
    context: Mapping[str, str],
    *,
    fills: bool,
) -> bool | None:
    """Say whether one operator holds for one key; `None` for an unknown operator.

    Source: [doc] a missing key fails an operator, passes its negation and `…IfExists`;
    `ForAllValues:` passes and `ForAnyValue:` fails whatever they stand in front of.
    """
    quantifier, _, plain = name.rpartition(":")
    base = plain.removesuffix("IfExists")
    value = context.get(key.lower())
    if name == "Null":
        missing = "true" if value is None else "false"
        return any(text.lower() == missing for text in wanted)
    if base not in OPERATORS or quantifier not in QUANTIFIERS or not key:
        return None
    test, is_negated = OPERATORS[base]
    if value is None:
        passes = QUANTIFIERS[quantifier]
        return base != plain or (is_negated if passes is None else passes)
    texts = (split_variables(text, context, fills=fills) for text in wanted)
    matched = any(pieces is not None and test(pieces, value) for pieces in texts)
    return matched != is_negated


# What each says of a missing key; nothing leaves that to the operator.
QUANTIFIERS = {"": None, "ForAnyValue": False, "ForAllValues": True}


def list_texts(value: object) -> list[str]:
    """Read the values of a key: one or several; JSON's own types count as their text."""
    texts = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bool):
            texts.append("true" if each else "false")
        elif isinstance(each, str | int | float):
            texts.append(str(each))
    return texts


# -- texts


def split_variables(
    text: str, context: Mapping[str, str], *, fills: bool
) -> Pieces | None:
    """Put values in the place of variables; `None` when one has no value.

    What a variable brings, `${*}`, `${?}` and `${$}` too, is no wildcard.
    """
    if not fills:
        return [(text, False)]
    pieces: Pieces = []
    for number, piece in enumerate(VARIABLE.split(text)):
        if number % 2 == 0:
            pieces.append((piece, False))
            continue
        value = piece if piece in ("*", "?", "$") else context.get(piece.lower())
        if value is None:
            return None
        pieces.append((value, True))
    return pieces


def join(pieces: Pieces) -> str:
    """Read a text whose wildcards are only characters."""
    return "".join(piece for piece, _ in pieces)


def find_wildcards(pieces: Pieces) -> Tokens:
    """Read a text character by character: `*` any text, `?` any one character."""
    return [
        (character, not is_plain and character in "*?")
        for piece, is_plain in pieces
        for character in piece
    ]


def match_wildcards(tokens: Tokens, text: str) -> bool:
    """Match a whole text. Takes length times length steps at worst, whatever is asked."""
    at = position = 0
    star: int | None = None
    resume = 0
    while position < len(text):
        if at < len(tokens) and tokens[at] == ("*", True):
            star, resume = at, position
            at += 1
        elif at < len(tokens) and (
            tokens[at] == ("?", True) or tokens[at] == (text[position], False)
        ):
            at += 1
            position += 1
        elif star is not None:
            # What `*` stands for grows by a character.
            at, resume = star + 1, resume + 1
            position = resume
        else:
            return False
    return all(token == ("*", True) for token in tokens[at:])


def split_arn(tokens: Tokens) -> list[Tokens]:
    """Cut at the first five colons."""
    parts: list[list[tuple[str, bool]]] = [[]]
    for token in tokens:
        if token[0] == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return list(parts)


# -- operators


def _equals(pieces: Pieces, value: str) -> bool:
    return join(pieces) == value


def _equals_in_any_case(pieces: Pieces, value: str) -> bool:
    return join(pieces).lower() == value.lower()


def _is_like(pieces: Pieces, value: str) -> bool:
    return match_wildcards(find_wildcards(pieces), value)


def _is_like_arn(pieces: Pieces, value: str) -> bool:
    """Match part by part: a wildcard stays inside its part. Source: [doc]."""
    wanted, given = split_arn(find_wildcards(pieces)), value.split(":", 5)
    return len(wanted) == len(given) == 6 and all(map(match_wildcards, wanted, given))


def _compare_numbers(compare: Callable[[float, float], bool]) -> Test:
    def test(pieces: Pieces, value: str) -> bool:
        text = join(pieces)
        if not (NUMBER.fullmatch(text) and NUMBER.fullmatch(value)):
            return False
        return compare(float(value), float(text))

    return test


def _compare_dates(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(pieces: Pieces, value: str) -> bool:
        try:
            return compare(_read_date(value), _read_date(join(pieces)))
        except (ValueError, OverflowError, OSError):
            return False

    return test


def _read_date(text: str) -> datetime:
    """Read ISO 8601 or epoch seconds; without an offset it is UTC. Raises: ValueError."""
    if NUMBER.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _is_in_network(pieces: Pieces, value: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(value) in ip_network(join(pieces), strict=False)
    except ValueError:
        return False


# Name → the test of one value, and whether the operator is its negation.
OPERATORS: dict[str, tuple[Test, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_in_any_case, False),
    "StringNotEqualsIgnoreCase": (_equals_in_any_case, True),
    "StringLike": (_is_like, False),
    "StringNotLike": (_is_like, True),
    "ArnEquals": (_is_like_arn, False),
    "ArnNotEquals": (_is_like_arn, True),
    "ArnLike": (_is_like_arn, False),
    "ArnNotLike": (_is_like_arn, True),
    "Bool": (_equals_in_any_case, False),
    "BinaryEquals": (_equals, False),
    "IpAddress": (_is_in_network, False),
    "NotIpAddress": (_is_in_network, True),
    "NumericEquals": (_compare_numbers(operator.eq), False),
    "NumericNotEquals": (_compare_numbers(operator.eq), True),
    "NumericLessThan": (_compare_numbers(operator.lt), False),
    "NumericLessThanEquals": (_compare_numbers(operator.le), False),
    "NumericGreaterThan": (_compare_numbers(operator.gt), False),
    "NumericGreaterThanEquals": (_compare_numbers(operator.ge), False),
    "DateEquals": (_compare_dates(operator.eq), False),
    "DateNotEquals": (_compare_dates(operator.eq), True),
    "DateLessThan": (_compare_dates(operator.lt), False),
    "DateLessThanEquals": (_compare_dates(operator.le), False),
    "DateGreaterThan": (_compare_dates(operator.gt), False),
    "DateGreaterThanEquals": (_compare_dates(operator.ge), False),
}
