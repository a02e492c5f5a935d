"""Shapes of JSON values, as short as the reference of AWS's events writes them.

S N B               a string, a number that is no boolean, a boolean
{"a", "b"}          one of these strings
(S, None)           any of these
[shape]             an array of such; `[]`: an array of anything
{"name": shape}     an object of these members and no others; `name?` may be absent,
                    `*` is every other name
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

S, N, B = str, float, bool
# An object of which the reference names no members.
ANY = {"*": object}
TAGS = {"*": S}


def list_misfits(value: Any, shape: Any, path: str = "$") -> Iterator[str]:
    """Say where a value has another shape, member by member."""
    if isinstance(shape, tuple):
        if all(any(list_misfits(value, each, path)) for each in shape):
            yield f"{path}: {value!r} is none of {shape}"
    elif isinstance(shape, dict):
        yield from list_object_misfits(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no array"
            return
        for i, each in enumerate(value if shape else []):
            yield from list_misfits(each, shape[0], f"{path}[{i}]")
    elif not is_scalar_of(value, shape):
        yield f"{path}: {value!r} is no {shape}"


def list_object_misfits(value: Any, shape: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    members = {name.removesuffix("?"): each for name, each in shape.items()}
    needed = {name for name in shape if not name.endswith("?") and name != "*"}
    for name in sorted(needed - value.keys()):
        yield f"{path}: {name} is missing"
    for name, each in value.items():
        if name in members:
            yield from list_misfits(each, members[name], f"{path}.{name}")
        elif "*" in members:
            yield from list_misfits(each, members["*"], f"{path}.{name}")
        else:
            yield f"{path}: {name} is unknown"


def is_scalar_of(value: Any, shape: Any) -> bool:
    if shape is None:
        return value is None
    if isinstance(shape, set):
        return isinstance(value, str) and value in shape
    if shape is N:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, shape)
