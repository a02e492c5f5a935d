"""Nearest misses of a pattern that says something else than its author thinks.

Plain strings that were meant as operators, comparisons, lists or regular expressions, and
where a wildcard stops. Nothing that is written in a pattern is run as a regular expression.

Source: ours, after the mistakes people report.
"""

from __future__ import annotations

import json
import re

from evcli.patterns.explain.wording import format_value, shorten
from evcli.patterns.language.operators import OPERATORS
from evcli.patterns.language.wildcards import WildcardError, fits, parse_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.patterns.language.conditions import Item

COMPARISON = re.compile(r"\s*(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*")
OPERATOR_TEXT = re.compile(rf"\s*({'|'.join(OPERATORS)})\s*(?:[:=(].*)?", re.DOTALL)
# What is hardly ever written but in regular expressions.
REGEX_SIGNS = re.compile(
    r"^\^|\$$|\.[*+]|\\[dwsbDWSB.]|\[[^\]]+\][*+?]|\([^)]*\|[^)]*\)"
)
REGEX_ONLY = frozenset("[](){}|+?\\^$")
SHOWN = 40
SHOWN_JSON = 200


def hint_operator_text(item: Item, value: object = None) -> str | None:
    """Find an operator written as a string, whatever the event has."""
    if item.operator not in ("equals", "exactly"):
        return None
    text: str = item.operand
    if comparison := COMPARISON.fullmatch(text):
        bounds = f'["{comparison[1]}", {comparison[2]}]'
        return f'it is plain text; write {{"numeric": {bounds}}}'
    if text.lstrip().startswith(("{", "[")):
        return _describe_json(text)
    if operator := OPERATOR_TEXT.fullmatch(text):
        return f'it is plain text; an operator is an object, {{"{operator[1]}": …}}'
    if text.startswith("!") and len(text) > 1:
        rest = format_value(text.lstrip("!= "))
        return f'it is plain text, ! included; write {{"anything-but": {rest}}}'
    return None


def _describe_json(text: str) -> str | None:
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        return None
    shown = shorten(text.strip(), SHOWN_JSON)
    if isinstance(written, list):
        return f"it is plain text; without the quotes around it, it is the list {shown}"
    if len(written) == 1 and next(iter(written)) in OPERATORS:
        return f"an operator is an object and not a string; write {shown}"
    return None


def _hint_regex(item: Item, value: object) -> str | None:
    if item.operator not in ("equals", "wildcard", "prefix", "suffix"):
        return None
    if not REGEX_SIGNS.search(item.operand):
        return None
    text = re.sub(r"\.[*+]", "*", item.operand).removeprefix("^").removesuffix("$")
    text = re.sub(r"\*+", "*", text.replace("\\.", "."))
    does_fit = _fits(text, value)
    if item.operator == "wildcard" and ".*" in item.operand and not does_fit:
        return None  # a dot and a star, as in "*.example.*": nothing to wonder at
    if not REGEX_ONLY & set(text):
        verb = "write" if does_fit else "as a wildcard it is"
        operand = f'{{"wildcard": {format_value(text)}}}'
        return f"regular expressions are not known; {verb} {operand}"
    return (
        "regular expressions are not known; the nearest is wildcard, in which * stands for"
        " any characters and nothing else is special"
    )


def _hint_star(item: Item, value: object) -> str | None:
    if item.operator not in ("equals", "prefix", "suffix") or "*" not in item.operand:
        return None
    text = item.operand + "*" * (item.operator == "prefix")
    text = re.sub(r"\*+", "*", "*" * (item.operator == "suffix") + text)
    if not _fits(text, value):
        return None
    operand = format_value(text)
    return f'a star means nothing here; write {{"wildcard": {operand}}}'


def _hint_question_mark(item: Item, value: object) -> str | None:
    if item.operator != "wildcard" or "?" not in item.operand:
        return None
    if not _fits(re.sub(r"[*?]+", "*", item.operand), value):
        return None
    return "in a wildcard ? is a question mark; only * stands for other characters"


def _hint_list_text(item: Item, value: object) -> str | None:
    """Find several values in one string."""
    if item.operator != "equals" or type(value) is not str:
        return None
    for sign in "|,":
        parts = [part.strip() for part in item.operand.split(sign)]
        if len(parts) > 1 and value in parts:
            listed = ", ".join(format_value(part) for part in parts)
            return f"it is one text; as several values it is [{shorten(listed, 200)}]"
    return None


def _hint_stop(item: Item, value: object) -> str | None:
    """Say where a wildcard stops to fit."""
    if item.operator != "wildcard" or type(value) is not str:
        return None
    parts = parse_wildcard(item.operand)
    if len(parts) == 1:
        return "a wildcard without a star must be the whole value"
    first, last = parts[0], parts[-1]
    if not value.startswith(first):
        return _describe_parting(first, value)
    start = len(first)
    for part in parts[1:-1]:
        found = value.find(part, start)
        if found < 0:
            return _describe_stop(value[:start], part, value[start:], "is not in")
        start = found + len(part)
    if value.endswith(last):
        return "the value is too short: what stands around the stars would overlap"
    return _describe_stop(value[:start], last, value[start:], "is not the end of")


def _describe_stop(fitting: str, part: str, rest: str, relation: str) -> str:
    before = f"it fits as far as {_show(fitting)}; " if fitting else ""
    return f"{before}{_show(part)} {relation} {_show(rest)}"


def _describe_parting(wanted: str, value: str) -> str | None:
    """Say where two texts that begin alike part; `None` if they do not."""
    length = count_common(wanted, value)
    if not length:
        return f"the value does not begin with {_show(wanted)}"
    return (
        f"both begin with {_show(wanted[:length])}; then the pattern has"
        f" {_show(wanted[length:])} and the event {_show(value[length:])}"
    )


def _hint_parting(item: Item, value: object) -> str | None:
    """Say where long texts part, in which the eye does not find it."""
    if type(value) is not str or item.operator not in ("equals", "exactly", "prefix"):
        return None
    length = count_common(item.operand, value)
    if length < len(item.operand) // 2 or length < 8 or len(item.operand) == length:
        return None
    return _describe_parting(item.operand, value)


def count_common(one: str, other: str) -> int:
    """Count the characters with which both texts begin."""
    pairs = zip(one, other, strict=False)
    return next(
        (index for index, (left, right) in enumerate(pairs) if left != right),
        min(len(one), len(other)),
    )


def _fits(wildcard: str, value: object) -> bool:
    try:
        return type(value) is str and fits(parse_wildcard(wildcard), value)
    except WildcardError:
        return False


def _show(text: str) -> str:
    return format_value(shorten(text, SHOWN)) if text else "nothing more"


SYNTAX_HINTS: tuple[Callable[[Item, object], str | None], ...] = (
    hint_operator_text,
    _hint_star,
    _hint_regex,
    _hint_question_mark,
    _hint_list_text,
)
PARTING_HINTS: tuple[Callable[[Item, object], str | None], ...] = (
    _hint_stop,
    _hint_parting,
)
