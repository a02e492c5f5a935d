"""What local commands write: one JSON value by `--output` and `--query`, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.cli.errors import GeneralError
from evcli.cli.output.rendering import write_response
from evcli.model.shapes import Operation, Shape
from evcli.store.directory.private_files import write_atomically

if TYPE_CHECKING:
    from typing import Any

    from evcli.cli.session import Session
    from evcli.context import Context

# Colours of the states of a delivery.
STATE_STYLES = {"FAILED": "red", "RETRYING": "yellow", "DELIVERED": "green"}


def choose_output(session: Session, ctx: Context) -> str:
    """Name the output format: what was asked for, else a table on a terminal."""
    if session.settings.output is None and session.stdout.isatty():
        return "table"
    return session.find_output(ctx.configuration)


def write_document(session: Session, title: str, value: Any, output: str) -> None:
    """Write a value the way operations write theirs.

    Args:
        title: what a table is headed with.
        output: a key of `cli.output.FORMATTERS`.
    """
    no_operation = Operation(title, "", request=(), response=None, errors=())
    no_operation.response = Shape("document", title)
    write_response(
        no_operation,
        value,
        output=output,
        query=session.options.get("query"),
        color=session.options.get("color", "auto"),
        timestamp_format=session.settings.timestamp_format,
        stream=session.stdout,
    )


def write_file(path: str, text: str) -> None:
    """Write a file, whole or not at all, for its owner only. Raises: GeneralError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GeneralError(f"{path} cannot be written: {error.strerror}.") from error
