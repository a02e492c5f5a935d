"""Look-alikes of city lots (GeoJSON features), and sixteen sets of rules over them.

The features of San Francisco's lots that AWS's matcher is measured with are not at hand
everywhere; these have the same fields and sizes and planted matches.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

SEED = 213068
STREETS = [f"{head}{tail}" for head in ("AN", "BE", "CA", "DU", "EL", "FI", "GR", "HA", "JE",
           "LA", "MI", "NO", "OA", "PO", "SA", "TU", "VA", "WE") for tail in ("SON", "TER",
           "LLE", "IGH", "MOND", "RA", "ON", "ER", "TON")]  # fmt: skip
BLOCKS = [f"{number:04d}" for number in (12, 345, 1001, 4999, 7777)]
TYPES = ["ST", "ST", "ST", "ST", "AVE", "AVE", "BLVD", "CT", "DR", None]


def make_events(count: int) -> list[str]:
    """Make features, one compact JSON text each."""
    rng = Random(SEED)
    return [json.dumps(_make_lot(rng), separators=(",", ":")) for _ in range(count)]


def _make_lot(rng: Random) -> dict[str, Any]:
    block, lot = f"{rng.randrange(8000):04d}", f"{rng.randrange(60):03d}"
    if rng.random() < 0.003:
        block, lot = rng.choice(BLOCKS), "001"  # planted for EXACT
    first = rng.randrange(1, 4000)
    points = [_make_point(rng) for _ in range(rng.randint(8, 16))]
    return {
        "type": "Feature",
        "properties": {
            "MAPBLKLOT": block + lot,
            "BLKLOT": block + lot,
            "BLOCK_NUM": block,
            "LOT_NUM": lot,
            "FROM_ST": str(first),
            "TO_ST": str(first + rng.randrange(20)),
            "STREET": rng.choice(STREETS),
            "ST_TYPE": rng.choice(TYPES),
            "ODD_EVEN": rng.choice("OE"),
        },
        "geometry": {
            "type": "Polygon" if rng.random() < 0.97 else "MultiPolygon",
            "firstCoordinates": points[0],
            "coordinates": [points],
        },
    }


def _make_point(rng: Random) -> dict[str, float]:
    x = round(-122.51 + rng.random() * 0.15, 5)
    return {"x": x, "y": round(37.70 + rng.random() * 0.12, 6), "z": 0.0}


def _properties(name: str, *leaves: list[Any]) -> list[str]:
    return [json.dumps({"properties": {name: leaf}}) for leaf in leaves]


def _numbers(path: str) -> list[str]:
    """Make the five numeric rules, on the x of one point or of many."""
    leaves: list[Any] = [
        [{"numeric": ["=", -122.42]}],
        [{"numeric": ["<", -122.508]}],
        [{"numeric": [">", -122.362]}],
        [{"numeric": [">", -122.46, "<", -122.458]}],
        [{"numeric": [">=", -122.40, "<=", -122.398]}],
    ]
    rules = [{"geometry": {path: {"x": leaf}}} for leaf in leaves]
    for rule in rules[3:]:
        rule["geometry"]["type"] = ["Polygon"]
    return [json.dumps(rule) for rule in rules]


def _anything_but(name: str | None, *lists: list[str]) -> list[str]:
    leaves = [[{"anything-but": {name: texts} if name else texts}] for texts in lists]
    return _properties("STREET", *leaves)


EXACT = _properties("MAPBLKLOT", *[[block + "001", block + "017"] for block in BLOCKS])
WILDCARD = _properties(
    "MAPBLKLOT",
    *([{"wildcard": text}] for text in ("143*", "*218", "1*5", "3*1*2", "*007*")),
)
HEADS, TAILS = ("AN", "DU", "GR", "PO", "WE"), ("SON", "LLE", "RA", "ON", "TER")
PREFIX = _properties("STREET", *([{"prefix": text}] for text in HEADS))
PREFIX_IGNORING_CASE = _properties(
    "STREET", *([{"prefix": {"equals-ignore-case": text.lower()}}] for text in HEADS)
)
SUFFIX = _properties("STREET", *([{"suffix": text}] for text in TAILS))
SUFFIX_IGNORING_CASE = _properties(
    "STREET", *([{"suffix": {"equals-ignore-case": text.lower()}}] for text in TAILS)
)
EQUALS_IGNORING_CASE = [
    *_properties(
        "STREET", *([{"equals-ignore-case": f"{head}ter"}] for head in HEADS[:4])
    ),
    *_properties("ST_TYPE", [{"equals-ignore-case": "st"}]),
]
NUMERIC = _numbers("firstCoordinates")
COMPLEX_ARRAYS = _numbers("coordinates")
NAMES = [[f"{head}SON", f"{head}TER"] for head in HEADS]
ANYTHING_BUT = _anything_but(None, *NAMES)
ANYTHING_BUT_IGNORING_CASE = _anything_but("equals-ignore-case", *NAMES)
ANYTHING_BUT_PREFIX = _anything_but("prefix", *([text] for text in HEADS))
ANYTHING_BUT_SUFFIX = _anything_but("suffix", *([text] for text in TAILS))
ANYTHING_BUT_WILDCARD = _anything_but("wildcard", *([f"{text}*ON"] for text in HEADS))
PARTIAL_COMBO = [
    *NUMERIC, *EXACT, *PREFIX, *ANYTHING_BUT, *ANYTHING_BUT_IGNORING_CASE,
    *ANYTHING_BUT_PREFIX, *ANYTHING_BUT_SUFFIX, *ANYTHING_BUT_WILDCARD,
]  # fmt: skip

RULE_SETS = {
    "EXACT": EXACT,
    "WILDCARD": WILDCARD,
    "PREFIX": PREFIX,
    "PREFIX ignoring case": PREFIX_IGNORING_CASE,
    "SUFFIX": SUFFIX,
    "SUFFIX ignoring case": SUFFIX_IGNORING_CASE,
    "EQUALS ignoring case": EQUALS_IGNORING_CASE,
    "NUMERIC": NUMERIC,
    "ANYTHING-BUT": ANYTHING_BUT,
    "ANYTHING-BUT ignoring case": ANYTHING_BUT_IGNORING_CASE,
    "ANYTHING-BUT prefix": ANYTHING_BUT_PREFIX,
    "ANYTHING-BUT suffix": ANYTHING_BUT_SUFFIX,
    "ANYTHING-BUT wildcard": ANYTHING_BUT_WILDCARD,
    "COMPLEX-ARRAYS": COMPLEX_ARRAYS,
    "PARTIAL-COMBO": PARTIAL_COMBO,
    "COMBO": [*PARTIAL_COMBO, *COMPLEX_ARRAYS],
}
