"""`--output text`: tab separated lines for `cut`, `awk` and `while read`.

A line is one object's scalars in the order of their sorted names, behind the upper-case
name of the member that holds the object. Lists of objects share the union of their
names, so that columns line up; what an object does not have is an empty column.

Pages are written one by one, each with columns of its own, and the query runs on each.
Source: [aws] observed for all of it; [peer] the official client's text format.
"""

from __future__ import annotations

from evcli.cli.errors import GeneralError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

    from evcli.cli.output.rendering import RenderedResponse


def write(response: RenderedResponse, stream: TextIO) -> None:
    """Write the answer page by page, then the token that continues it, if any."""
    for result in response.get_results_by_page():
        for line in format_lines(result):
            stream.write(line + "\n")


def format_lines(
    value: Any, label: str | None = None, columns: list[str] | None = None
) -> Iterator[str]:
    """Yield the lines of a value.

    Args:
        label: name of the member that holds the value; `None` at the top.
        columns: names of the scalars that the value's neighbours in a list have too.
    """
    if isinstance(value, dict):
        yield from _format_object(value, label, columns)
    elif isinstance(value, list):
        yield from _format_list(value, label)
    else:
        yield str(value)


def _format_object(
    value: dict[str, Any], label: str | None, columns: list[str] | None
) -> Iterator[str]:
    if columns is None:
        columns = [name for name in sorted(value) if not _is_nested(value[name])]
    cells = [str(value.get(name, "")) for name in columns]
    if cells:
        yield "\t".join(cells if label is None else [label.upper(), *cells])
    for name in sorted(value.keys() - set(columns)):
        yield from format_lines(value[name], name)


def _format_list(items: list[Any], label: str | None) -> Iterator[str]:
    if any(isinstance(item, dict) for item in items):
        columns = _find_columns(items)
        for item in items:
            yield from format_lines(item, label, columns)
        return
    scalars = [item for item in items if not _is_nested(item)]
    if scalars:
        yield from _format_scalars(scalars, label)
    for item in items:
        if _is_nested(item):
            yield from format_lines(item, label)


def _format_scalars(scalars: list[Any], label: str | None) -> Iterator[str]:
    if label is None:
        yield "\t".join(str(scalar) for scalar in scalars)
        return
    for scalar in scalars:
        yield f"{label.upper()}\t{scalar}"


def _find_columns(items: list[Any]) -> list[str]:
    """Sorted union of the names of scalars in the objects of a list.

    Raises:
        GeneralError: other values stand among the objects. Source: [peer] exit code.
    """
    if not all(isinstance(item, dict) for item in items):
        raise GeneralError("A list of objects and other values has no columns.")
    return sorted(
        {
            name
            for item in items
            for name, value in item.items()
            if not _is_nested(value)
        }
    )


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list))
