"""Answers of local commands that are one JSON value: `--output` and `--query` as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.cli.output.rendering import write_response
from evcli.model.shapes import Operation, Shape, structure

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session


def write_document(session: Session, title: str, value: Any, output: str) -> None:
    """Write a value the way operations write theirs.

    Args:
        title: what a table is headed with.
        output: a key of `cli.output.FORMATTERS`.
    """
    anything = Shape("document", title)
    no_operation = Operation(
        title, "", request=structure(title), response=anything, errors=()
    )
    write_response(
        no_operation,
        value,
        output=output,
        query=session.options.get("query"),
        color=session.options.get("color", "auto"),
        timestamp_format=session.settings.timestamp_format,
        stream=session.stdout,
        is_terminal=session.stdout.isatty(),
    )
