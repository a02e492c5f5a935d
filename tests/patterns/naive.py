"""The rules of matching written down as plainly as possible, for comparison.

Nothing is shared with evcli: trees of `random_cases` go in, and every choice of values is
tried. Source: the rules of the language; [aws] [peer] as in the cases.
"""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from itertools import product
from typing import Any

from tests.patterns.random_cases import Num, Obj

Field = tuple[object, dict[int, int]]


def naive_match(pattern: Obj, event: Obj) -> bool:
    """Tell whether an event matches a pattern."""
    fields = flatten(event)
    return any(fits(alternative, fields) for alternative in expand(pattern, "", []))


def flatten(event: Obj) -> dict[str, list[Field]]:
    """List the values at each path, with the index in each numbered array."""
    fields: dict[str, list[Field]] = {}
    numbers = iter(range(10**9))

    def walk(path: str, value: object, positions: dict[int, int]) -> None:
        if isinstance(value, Obj):
            for name, member in value:
                walk(f"{path}.{name}" if path else name, member, positions)
        elif isinstance(value, list):
            array = next(numbers)
            for index, element in enumerate(value):
                here = {array: index} if isinstance(element, list) else {}
                walk(path, element, positions | here)
        else:
            fields.setdefault(path, []).append((value, positions))

    walk("", event, {})
    return fields


def expand(
    pattern: Obj, prefix: str, alternatives: list[dict[str, list[Any]]]
) -> list[dict[str, list[Any]]]:
    """List the alternatives, given those before this object."""
    for name, node in pattern:
        if name == "$or":
            branches = []
            for branch in node:
                copies = [dict(alternative) for alternative in alternatives] or [{}]
                branches += expand(branch, prefix, copies)
            alternatives = branches
        elif isinstance(node, Obj):
            alternatives = expand(node, f"{prefix}{name}.", alternatives)
        else:
            alternatives = alternatives or [{}]
            for alternative in alternatives:
                alternative[prefix + name] = node
    return alternatives


def fits(alternative: dict[str, list[Any]], fields: dict[str, list[Field]]) -> bool:
    """Try every choice of one value, or absence, per path."""
    paths = sorted(alternative, key=lambda path: path.encode("utf-16-be"))
    options = [[*fields.get(path, []), None] for path in paths]
    return any(
        agrees(
            [(alternative[path], fields.get(path, [])) for path in paths],
            choice,
        )
        for choice in product(*options)
    )


def agrees(
    wanted: list[tuple[list[Any], list[Field]]], choice: tuple[Field | None, ...]
) -> bool:
    """Check one choice from the first path to the last."""
    chosen: dict[int, int] = {}
    for (items, fields), option in zip(wanted, choice, strict=True):
        open_fields = [
            (value, positions)
            for value, positions in fields
            if all(chosen.get(array, at) == at for array, at in positions.items())
        ]
        if option is None:
            if open_fields or Obj([("exists", False)]) not in items:
                return False
            continue
        value, positions = option
        if not any(option is field for field in fields):
            return False
        if any(chosen.get(array, at) != at for array, at in positions.items()):
            return False
        if not any(meets(item, value) for item in items):
            return False
        chosen |= positions
    return True


def meets(item: object, value: object) -> bool:
    """Tell whether one value meets one item."""
    if not isinstance(item, Obj):
        return equals(item, value)
    ((name, operand),) = item
    if name == "exists":
        return bool(operand)
    if name == "numeric":
        return in_range(operand, value)
    if name == "anything-but":
        return not any(meets(hit, value) for hit in list_hits(operand))
    if not is_text(value):
        return False
    return text_meets(name, operand, str(value))


def list_hits(operand: Any) -> list[object]:
    """List the items that `anything-but` excludes."""
    if isinstance(operand, Obj):
        ((name, texts),) = operand
        texts = texts if isinstance(texts, list) else [texts]
        return [Obj([(name, text)]) for text in texts]
    operands = operand if isinstance(operand, list) else [operand]
    return [
        operand if isinstance(operand, Num) else Obj([("exactly", operand)])
        for operand in operands
    ]


def text_meets(name: str, operand: Any, text: str) -> bool:
    """Tell whether a text meets an operator on texts."""
    if isinstance(operand, Obj):
        ((_, folded),) = operand
        starts = {"prefix": lambda form: text.startswith(form), "suffix": text.endswith}
        return any(map(starts[name], spell(folded)))
    match name:
        case "prefix":
            return text.startswith(operand)
        case "suffix":
            return text.endswith(operand)
        case "exactly":
            return text == operand
        case "equals-ignore-case":
            return text in spell(operand)
        case "wildcard":
            tokens = re.findall(r"\\.|.", operand, re.DOTALL)
            regex = "".join(".*" if t == "*" else re.escape(t[-1]) for t in tokens)
            return re.fullmatch(regex, text, re.DOTALL) is not None
        case "cidr":
            address = read_address(text)
            network = ipaddress.ip_network(operand, strict=False)
            return address is not None and address in network
    raise AssertionError(name)


def equals(item: object, value: object) -> bool:
    """Compare a plain item."""
    if isinstance(item, Num):
        if not isinstance(value, Num):
            return False
        same = comparable(item) is not None and comparable(item) == comparable(value)
        return same or str(item) == str(value)
    if isinstance(item, str):
        if not is_text(value):
            return False
        address = read_address(item)
        return item == value or (
            address is not None and address == read_address(str(value))
        )
    return item is value


def in_range(operand: list[Any], value: object) -> bool:
    """Compare with one or two bounds."""
    number = comparable(value) if isinstance(value, Num) else None
    if number is None:
        return False
    tests = {
        "=": number.__eq__,
        "<": number.__lt__,
        "<=": number.__le__,
        ">": number.__gt__,
        ">=": number.__ge__,
    }
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return all(tests[name](Decimal(bound)) for name, bound in pairs)


def comparable(number: object) -> Decimal | None:
    """Give the value of a number that binary64 holds in its shortest decimal."""
    text = str(number)
    nearest = float(text)
    if abs(nearest) == float("inf") or Decimal(repr(nearest)) != Decimal(text):
        return None
    return Decimal(text)


def read_address(text: str) -> object:
    """Read an address; leading zeros of IPv4 parts are decimal."""
    if re.fullmatch(r"\d+(\.\d+){3}", text):
        text = ".".join(str(int(part)) for part in text.split("."))
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def spell(operand: str) -> set[str]:
    """List all texts that an operand accepts without regard to case."""
    forms = [(character.lower(), character.upper()) for character in operand]
    return {"".join(choice) for choice in product(*forms)}


def is_text(value: object) -> bool:
    """Tell strings from numbers."""
    return isinstance(value, str) and not isinstance(value, Num)
