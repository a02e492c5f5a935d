"""Hold a request or a response against the declaration of its operation.

Two layers, as with the official command line and the service behind it. The client
looks for required and unknown members, types and minimums, in the order of the request,
and refuses before anything is sent: `ParamValidationError`. Whatever passes reaches the
service's layer, `constraints.py`, and its `ValidationException`.

Source: [aws] the client's lines; the tests hold them against the installed client.
"""

from __future__ import annotations

from evcli.errors import ParamValidationError, ValidationException
from evcli.model import shapes
from evcli.model.constraints import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from evcli.model.shapes import Operation, Shape

# bool is an int, for the official client too.
TYPES: dict[str, tuple[type, ...]] = {
    shapes.STRING: (str,),
    shapes.INTEGER: (int,),
    shapes.LONG: (int,),
    shapes.BOOLEAN: (bool,),
    shapes.LIST: (list, tuple),
    shapes.MAP: (dict,),
    shapes.STRUCTURE: (dict,),
}


def check_request(
    operation: Operation,
    request: Any,
    *,
    client: bool = True,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Check a request; return it as the service reads it.

    The copy has no nulls and no unknown members, its members are in model order, and
    its points in time are aware UTC datetimes of whole seconds.

    Args:
        operation: whose request it is.
        request: a wire dict, as parsed from the command line or from a body.
        client: whether the client's layer comes first; without it, as for a body that
            arrived over HTTP, only the service looks.
        now: completes a point in time that names no day; see `parse_timestamp`.

    Raises:
        ParamValidationError: the client refuses; all its problems, in its order.
        ValidationException: the service refuses; all violations in one message.
        SerializationException: a value has another JSON type than its member.
    """
    if client:
        problems = find_client_problems(operation.request, request)
        if problems:
            raise ParamValidationError(problems)
    walk = Walk(now)
    accepted: dict[str, Any] = walk.read(operation.request, request, None)
    if walk.violations:
        from evcli.model.violations import format_violations

        raise ValidationException(format_violations(walk.violations))
    return accepted


def find_client_problems(shape: Shape, value: Any) -> list[str]:
    """List what the official client would find, in its order, without the service."""
    problems: list[str] = []
    _check_value(shape, value, "", problems)
    return problems


def _check_value(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    """Collect the client's problems of a value; `path` starts with a dot, or is empty."""
    if shape.kind == shapes.TIMESTAMP:
        from evcli.model.timestamps import parse_timestamp

        if parse_timestamp(value) is None:
            types = "<class 'datetime.datetime'>, timestamp-string"
            problems.append(_format_type_problem(shape, path, value, types))
        return
    if not isinstance(value, TYPES[shape.kind]):
        types = ", ".join([str(each) for each in TYPES[shape.kind]])
        problems.append(_format_type_problem(shape, path, value, types))
        return
    if shape.min is not None:
        _check_minimum(shape, shape.min, value, path, problems)
    check_inside = CONTAINER_CHECKS.get(shape.kind)
    if check_inside is not None:
        check_inside(shape, value, path, problems)


def _check_minimum(
    shape: Shape, minimum: int, value: Any, path: str, problems: list[str]
) -> None:
    is_number = shape.kind in (shapes.INTEGER, shapes.LONG)
    size = value if is_number else len(value)
    if size < minimum:
        what = "value" if is_number else "length"
        problems.append(
            f"Invalid {what} for parameter {_name(path)}, value: {size}, "
            f"valid min {what}: {minimum}"
        )


def _check_structure(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    for name, member in shape.members.items():
        if member.required and name not in value:
            problems.append(f'Missing required parameter in {_name(path)}: "{name}"')
    for name in value:
        if name not in shape.members:
            known = ", ".join(shape.members)
            problems.append(
                f'Unknown parameter in {_name(path)}: "{name}", must be one of: {known}'
            )
    for name, inner in value.items():
        if name in shape.members:
            _check_value(shape.members[name].shape, inner, f"{path}.{name}", problems)


def _check_list(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    assert shape.element
    for i, item in enumerate(value):
        _check_value(shape.element, item, f"{path}[{i}]", problems)


def _check_map(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    assert shape.key
    assert shape.value
    for key, item in value.items():
        _check_value(shape.key, key, f"{path} (key: {key})", problems)
        _check_value(shape.value, item, f"{path}.{key}", problems)


def _name(path: str) -> str:
    return path.removeprefix(".") or "input"


def _format_type_problem(shape: Shape, path: str, value: object, types: str) -> str:
    from evcli.model.secrets import hide_text

    # A number may be a password too.
    return (
        f"Invalid type for parameter {_name(path)}, "
        f"value: {hide_text(shape, str(value))}, "
        f"type: {type(value)}, valid types: {types}"
    )


CONTAINER_CHECKS: dict[str, Callable[[Shape, Any, str, list[str]], None]] = {
    shapes.STRUCTURE: _check_structure,
    shapes.LIST: _check_list,
    shapes.MAP: _check_map,
}
