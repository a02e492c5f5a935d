"""What to write for an operator that does not exist: the known ones, the nearest first.

Source: ours; the other names are those of the languages that people come from.
"""

from __future__ import annotations

# [peer] the matcher knows it, nobody documents it.
UNDOCUMENTED = "exactly"
SIGNS = str.maketrans("", "", "-_ $")
# Names elsewhere, without hyphens and in lower case -> the operator that does the same.
ELSEWHERE = {
    "startswith": "prefix",
    "beginswith": "prefix",
    "endswith": "suffix",
    "contains": "wildcard",
    "like": "wildcard",
    "glob": "wildcard",
    "regex": "wildcard",
    "regexp": "wildcard",
    "match": "wildcard",
    "matches": "wildcard",
    "stringlike": "wildcard",
    "not": "anything-but",
    "ne": "anything-but",
    "nin": "anything-but",
    "notin": "anything-but",
    "notequals": "anything-but",
    "iequals": "equals-ignore-case",
    "ignorecase": "equals-ignore-case",
    "gt": "numeric",
    "gte": "numeric",
    "lt": "numeric",
    "lte": "numeric",
    "range": "numeric",
    "between": "numeric",
    ">": "numeric",
    ">=": "numeric",
    "<": "numeric",
    "<=": "numeric",
    "=": "numeric",
    "ipaddress": "cidr",
    "ip": "cidr",
    "subnet": "cidr",
    "isnull": "exists",
    "present": "exists",
    "absent": "exists",
}
# Operators elsewhere that are none here: what is written instead.
OTHERWISE = {
    "or": 'Alternatives are items of one list, or "$or" beside other fields.',
    "equals": "A plain value in the list is equal to itself.",
    "eq": "A plain value in the list is equal to itself.",
    "in": "Several values are several items of the list.",
    "anyof": "Several values are several items of the list.",
}


def advise_operator(name: str, known: list[str]) -> str:
    """List the known operators for one that is not, and say which may be meant."""
    listed = sorted(operator for operator in known if operator != UNDOCUMENTED)
    sentence = f"Operators are {', '.join(listed)}."
    plain = name.translate(SIGNS).casefold()
    if plain in OTHERWISE:
        return f"{sentence} {OTHERWISE[plain]}"
    near = ELSEWHERE.get(plain) or _find_near(plain, listed)
    return f"{sentence} For {name} the nearest is {near}." if near else sentence


def _find_near(plain: str, known: list[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - errors only

    by_plain = {operator.translate(SIGNS): operator for operator in known}
    close = get_close_matches(plain[:40], by_plain, 1)
    return by_plain[close[0]] if close else None
