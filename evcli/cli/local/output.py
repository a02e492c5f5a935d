"""What local commands write: one JSON value, a list of them, or a file.

A list is a table on a terminal, and elsewhere what `--output` and `--query` say. It is
written as it comes, so memory does not grow with it.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING

from evcli.cli.errors import GeneralError
from evcli.cli.output.rendering import write_response
from evcli.cli.output.visible import TerminalStream
from evcli.model.shapes import Operation, Shape, structure
from evcli.store.directory.private_files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from evcli.cli.output.columns import Column
    from evcli.cli.session import Session
    from evcli.context import Context

    Value = dict[str, Any]

# Colours of the states of a delivery, of those that can be read on a light and on a dark
# ground; yellow cannot.
STATE_STYLES = {"FAILED": "red", "RETRYING": "magenta", "DELIVERED": "green"}


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
    )


def write_list(
    session: Session,
    title: str,
    values: Iterable[Value],
    columns: Sequence[Column],
    members: Sequence[str],
    output: str,
    *,
    note: Callable[[Value], str] | None = None,
    endless: bool = False,
) -> None:
    """Write values as they come: a table for people, or what `--output` says.

    Args:
        columns: of the table, which on a terminal goes through the pager.
        members: what a line of `--output text` consists of; scripts count on it,
            whatever people see.
        output: what `choose_output` gave.
        note: value → what stands dimly below its row in the table; "" for nothing.
        endless: there may always be another one: no pager, and JSON line by line.
    """
    if session.options.get("query") is not None:
        # A query may need them all; endless ones are asked one by one.
        for asked in ([value] for value in values) if endless else [list(values)]:
            write_document(session, title, asked, output)
        return
    with nullcontext(session.stdout) if endless else session.open_output() as stream:
        if output == "table":
            from evcli.cli.output.columns import MEASURED_ROWS, write_table

            color = session.options.get("color", "auto")
            measured = 0 if endless else MEASURED_ROWS
            write_table(
                values, columns, stream, note=note, color=color, measured=measured
            )
            return
        shown: Any = TerminalStream(stream, output) if stream.isatty() else stream
        for text in _format_list(values, members, output, endless):
            shown.write(text)
            if endless:
                shown.flush()


def _format_list(
    values: Iterable[Value], members: Sequence[str], output: str, endless: bool
) -> Iterator[str]:
    """Format values one by one."""
    if output == "json" and not endless:
        yield from _format_json_array(values)
        return
    for value in values:
        if output == "json":
            yield f"{json.dumps(value, ensure_ascii=False)}\n"
        elif output == "text":
            cells = (str(value.get(name, "None")) for name in members)
            yield "\t".join(cells) + "\n"
        elif output != "off":
            from evcli.cli.yaml import format_yaml

            yield format_yaml([value])


def _format_json_array(values: Iterable[Value]) -> Iterator[str]:
    """Format one JSON array, indented like every answer."""
    separator = "[\n"
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=4)
        indented = "\n".join(f"    {line}" for line in text.split("\n"))
        yield f"{separator}{indented}"
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def write_file(path: str, text: str) -> None:
    """Write a file, whole or not at all, for its owner only. Raises: GeneralError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GeneralError(f"{path} cannot be written: {error.strerror}.") from error
