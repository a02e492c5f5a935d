"""Values held against each other, in whole or in part, as JSON has them.

Numbers are equal by value, 12.5 and 12.50; true is no number.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.authoring.changes import format_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.infrastructure.description import Path

LONGEST_VALUE = 200


def find_differences(
    expected: Any, found: Any, *, is_whole: bool, path: Path = ()
) -> Iterator[str]:
    """Say where a value is not as it was to be, a line each.

    Args:
        is_whole: whether objects have no other members than those expected. Lists are
            as long as expected in any case.
        path: where the value is.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            where = (*path, name)
            if name not in found:
                yield f"{_name(where)}: expected {show(value)}, got nothing"
                continue
            yield from find_differences(
                value, found[name], is_whole=is_whole, path=where
            )
        if is_whole:
            for name in found.keys() - expected.keys():
                yield f"{_name((*path, name))}: expected nothing, got {show(found[name])}"
        return
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) == len(found):
            for i, (one, other) in enumerate(zip(expected, found, strict=True)):
                yield from find_differences(
                    one, other, is_whole=is_whole, path=(*path, i)
                )
            return
        counts = f"expected {len(expected)} items, got {len(found)}"
        yield f"{_name(path)}: {counts}: {show(found)}"
        return
    if not _is_same(expected, found):
        yield f"{_name(path)}: expected {show(expected)}, got {show(found)}"


def _name(path: Path) -> str:
    if path and isinstance(path[0], int):
        return f"payload{format_path(path)}"
    return format_path(path) or "payload"


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def show(value: Any) -> str:
    """Write a value on one line, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
