"""Random patterns and events, as trees that can be written as JSON texts.

A tree is an `Obj` (a list of members, so that keys can repeat), a list, a string, a `Num`
(a number as written), `True`, `False` or `None`. Few names and few values, so that
patterns and events meet often; every quirk of the language has its name or value here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

NAMES = ["a", "a", "a", "b", "b", "c", "a.b", "b.c", "🌊", "\uff5e", "source"]
TEXTS = ["", "x", "X", "xy", "yx", "10.0.0.1", "010.0.0.1", "::1", "0::1", "ß", "SS"]
NUMBERS = ["0", "-0.0", "1", "1.0", "10e-1", "2", "9007199254740993", "1e400"]
LITERALS = [True, False, None]
PIECES = ["", "x", "y", "X", "ß", "xy"]
WILDCARDS = ["*", "x*", "*x", "x*y", "*x*y*", "", "x", r"\*", r"x\\*"]
MAX_ALTERNATIVES = 100
MAX_STARS = 4  # more may be too complex
NETWORKS = ["10.0.0.0/8", "11.0.0.0/8", "::/16"]


class Obj(list[tuple[str, Any]]):
    """A JSON object."""


class Num(str):
    """A JSON number."""

    __slots__ = ()


def write(tree: object) -> str:
    """Write a tree as JSON."""
    if isinstance(tree, Num):
        return str(tree)
    if isinstance(tree, Obj):
        members = [f"{json.dumps(name)}: {write(value)}" for name, value in tree]
        return "{" + ", ".join(members) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(write, tree)) + "]"
    return json.dumps(tree)


def make_event(rng: Random, depth: int = 3) -> Obj:
    """Make an event: objects, arrays of objects, arrays of arrays, repeated keys."""
    names = [rng.choice(NAMES) for _ in range(rng.randint(1, 4))]
    return Obj((name, _make_value(rng, depth)) for name in names)


def _make_value(rng: Random, depth: int) -> object:
    kind = rng.random()
    if depth == 0 or kind < 0.35:
        return _make_scalar(rng)
    if kind < 0.6:
        return make_event(rng, depth - 1)
    return [_make_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]


def _make_scalar(rng: Random) -> object:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(TEXTS)
    if kind < 0.8:
        return Num(rng.choice(NUMBERS))
    return rng.choice(LITERALS)


def make_pattern(rng: Random, depth: int = 3) -> Obj:
    """Make a valid pattern; members may repeat, and `$or` may stand anywhere."""
    while True:
        pattern = _make_pattern(rng, depth)
        if _count_alternatives(pattern) <= MAX_ALTERNATIVES:
            return pattern


def _count_alternatives(pattern: Obj) -> int:
    count = 1
    for name, node in pattern:
        if name == "$or":
            count *= sum(map(_count_alternatives, node))
        elif isinstance(node, Obj):
            count *= _count_alternatives(node)
    return count


def _make_pattern(rng: Random, depth: int) -> Obj:
    members = Obj()
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        kind = rng.random()
        if depth > 0 and kind < 0.15:
            alternatives = [
                _make_pattern(rng, depth - 1) for _ in range(rng.randint(2, 3))
            ]
            members.append(("$or", alternatives))
        elif depth > 0 and kind < 0.5:
            members.append((rng.choice(NAMES), _make_pattern(rng, depth - 1)))
        else:
            members.append((rng.choice(NAMES), _make_leaf(rng)))
    return members


def _make_leaf(rng: Random) -> list[object]:
    while True:
        items = [_make_item(rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        if write(items).count("*") <= MAX_STARS:
            return items


def _make_item(rng: Random) -> object:
    if rng.random() < 0.45:
        return _make_scalar(rng)
    name = rng.choice(list(OPERANDS))
    return Obj([(name, OPERANDS[name](rng))])


def _make_piece_or_folded(rng: Random) -> object:
    piece = rng.choice(PIECES)
    return Obj([("equals-ignore-case", piece)]) if rng.random() < 0.4 else piece


def _make_numeric(rng: Random) -> object:
    number = Num(rng.choice(["0", "1", "1.5", "2"]))
    if rng.random() < 0.6:
        return [rng.choice(["=", "<", "<=", ">", ">="]), number]
    return [rng.choice([">", ">="]), Num("0.5"), rng.choice(["<", "<="]), Num("1")]


def _make_anything_but(rng: Random) -> object:
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return Num(rng.choice(NUMBERS[:6]))
    if kind == 2:
        return [rng.choice(TEXTS) for _ in range(rng.randint(1, 3))]
    if kind == 3:
        return [Num(rng.choice(NUMBERS[:6])) for _ in range(rng.randint(1, 2))]
    name = rng.choice(["prefix", "suffix", "equals-ignore-case", "wildcard"])
    pool = WILDCARDS if name == "wildcard" else PIECES[1:]
    operands = [rng.choice(pool) for _ in range(rng.randint(1, 2))]
    return Obj([(name, operands if rng.random() < 0.5 else operands[0])])


OPERANDS = {
    "prefix": _make_piece_or_folded,
    "suffix": _make_piece_or_folded,
    "equals-ignore-case": lambda rng: rng.choice(TEXTS),
    "wildcard": lambda rng: rng.choice(WILDCARDS),
    "exactly": lambda rng: rng.choice(TEXTS),
    "cidr": lambda rng: rng.choice(NETWORKS),
    "numeric": _make_numeric,
    "exists": lambda rng: rng.random() < 0.4,
    "anything-but": _make_anything_but,
}
