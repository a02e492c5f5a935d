"""Holding a response against the declaration of its operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evcli.model import shapes
from evcli.model.check import TYPES

if TYPE_CHECKING:
    from evcli.model.shapes import Operation, Shape


def check_response(operation: Operation, response: Any) -> list[str]:
    """Return what an answer has that its operation does not declare.

    Problems are unknown members, wrong types (a point in time is an aware `datetime`),
    nulls, and members out of model order, which is the order of output.
    """
    if operation.response is None:
        return [] if response in (None, {}) else ["the operation has no response"]
    problems: list[str] = []
    _check_answer(operation.response, response, operation.name, problems)
    return problems


def _check_answer(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if shape.kind == shapes.TIMESTAMP:
        is_fit = getattr(value, "tzinfo", None) is not None
    else:
        # Unlike the client, an answer keeps true and 1 apart.
        is_fit = isinstance(value, TYPES[shape.kind]) and (
            isinstance(value, bool) == (shape.kind == shapes.BOOLEAN)
        )
    if not is_fit:
        problems.append(f"{path}: {value!r} is no {shape.kind}")
        return
    if shape.kind == shapes.STRUCTURE:
        _check_answer_members(shape, value, path, problems)
    elif shape.kind == shapes.LIST:
        assert shape.element
        for i, item in enumerate(value):
            _check_answer(shape.element, item, f"{path}[{i}]", problems)
    elif shape.kind == shapes.MAP:
        assert shape.value
        for key, item in value.items():
            _check_answer(shape.value, item, f"{path}.{key}", problems)


def _check_answer_members(
    shape: Shape, value: Any, path: str, problems: list[str]
) -> None:
    known = [name for name in value if name in shape.members]
    if known != [name for name in shape.members if name in value]:
        problems.append(f"{path}: members out of order: {', '.join(known)}")
    for name, item in value.items():
        if name in shape.members:
            _check_answer(shape.members[name].shape, item, f"{path}.{name}", problems)
        else:
            problems.append(f"{path}: {name} is not declared")
