"""What local commands write: one JSON value, a list of them, or a file.

A list is a table on a terminal, and elsewhere what `--output` and `--query` say. It is
written as it comes, so memory does not grow with it.
"""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.output.folding import fold
from evcli.cli.output.rendering import write_response
from evcli.cli.output.visible import TerminalStream
from evcli.model.shapes import Operation, Shape
from evcli.store.directory.private_files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TextIO

    from rich.tree import Tree

    from evcli.cli.output.columns import Column
    from evcli.cli.session import Session
    from evcli.context import Context

    Value = dict[str, Any]
    Command = Callable[..., Any]

# Colours of the states of a delivery, of those that can be read on a light and on a dark
# ground; yellow cannot.
STATE_STYLES = {"FAILED": "red", "RETRYING": "magenta", "DELIVERED": "green"}


def newest_options(shown_on_terminal: int) -> Callable[[Command], Command]:
    """Add `--limit` and `--follow`, as lists have them that grow at their end.

    Args:
        shown_on_terminal: how many a table on a terminal has without `--limit`.
    """
    limit = click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Only the newest N; {shown_on_terminal} in a table on a terminal.",
    )
    follow = click.option(
        "--follow", is_flag=True, help="Go on with what comes next, until interrupted."
    )
    # The one that is applied last stands first in the help.
    return lambda command: limit(follow(command))


def choose_output(session: Session, ctx: Context | None = None) -> str:
    """Name the output format: what was asked for, else a table on a terminal.

    Args:
        ctx: where `config.toml` was read already; it is read here without.
    """
    is_asked = session.settings.output is not None or "query" in session.options
    if session.stdout.isatty() and not is_asked:
        return "table"
    if ctx is not None:
        return session.find_output(ctx.configuration)
    from evcli.store.directory.configuration_file import get_configuration

    return session.find_output(get_configuration(session.find_state_directory()))


def find_asked_output(session: Session) -> str | None:
    """Name the format that the command line asks for; None where lines are wanted.

    For what scripts use as it is, such as a path: neither a terminal nor a profile makes
    anything else of it.
    """
    output: str | None = session.options.get("output")
    if output is None and "query" in session.options:
        return session.settings.output or "json"
    return output


def write_lines(session: Session, title: str, lines: Iterable[str], value: Any) -> None:
    """Write lines, or the value that they tell of where the command line asks for one."""
    output = find_asked_output(session)
    if output is not None:
        write_document(session, title, value, output)
        return
    for line in lines:
        session.write(f"{fold(line, session.stdout)}\n")


def write_document(
    session: Session, title: str, value: Any, output: str, *, endless: bool = False
) -> None:
    """Write a value the way operations write theirs, on a terminal through the pager.

    Args:
        title: what a table is headed with.
        output: a key of `cli.output.FORMATTERS`.
        endless: others may follow, so there is no pager.
    """
    no_operation = Operation(title, "", request=(), response=None, errors=())
    no_operation.response = Shape("document", title)

    def write(stream: TextIO) -> None:
        write_response(
            no_operation,
            value,
            output=output,
            query=session.options.get("query"),
            color=session.options.get("color", "auto"),
            timestamp_format=session.settings.timestamp_format,
            stream=stream,
        )

    session.write_output(write, paged=not endless)


def write_list(
    session: Session,
    title: str,
    values: Iterable[Value],
    columns: Sequence[Column],
    members: Sequence[str],
    output: str,
    *,
    note: Callable[[Value], str] | None = None,
    footer: str = "",
    endless: bool = False,
) -> None:
    """Write values as they come: a table for people, or what `--output` says.

    Args:
        columns: of the table, which on a terminal goes through the pager.
        members: what a line of `--output text` consists of; scripts count on it,
            whatever people see.
        output: what `choose_output` gave.
        note: value → the dim lines below its row in the table; "" for none.
        footer: the dim lines behind the table; "" for none.
        endless: there may always be another one: no pager, and JSON line by line.
    """
    # Off for commands that are soon over. Indented JSON leaves a cycle for each value.
    gc.enable()
    if session.options.get("query") is not None:
        # A query may need them all; endless ones are asked one by one.
        for asked in ([value] for value in values) if endless else [list(values)]:
            write_document(session, title, asked, output, endless=endless)
        return
    if output == "table":
        write_columns(
            session, values, columns, note=note, footer=footer, endless=endless
        )
        return

    def write(stream: TextIO) -> None:
        shown: Any = TerminalStream(stream, output) if stream.isatty() else stream
        for text in _format_list(values, members, output, endless):
            shown.write(text)
            if endless:
                shown.flush()

    session.write_output(write, paged=not endless)


def write_columns(
    session: Session,
    values: Iterable[Value],
    columns: Sequence[Column],
    *,
    note: Callable[[Value], str] | None = None,
    footer: str = "",
    endless: bool = False,
) -> None:
    """Write a table for people, on a terminal through the pager; as `write_list`."""
    from evcli.cli.output.columns import MEASURED_ROWS, write_table

    def write(stream: TextIO) -> None:
        write_table(
            values,
            columns,
            stream,
            note=note,
            footer=footer,
            color=session.options.get("color", "auto"),
            measured=0 if endless else MEASURED_ROWS,
        )

    session.write_output(write, paged=not endless)


def write_trees(session: Session, trees: Iterable[Tree]) -> None:
    """Draw trees for people, one below the other, on a terminal through the pager."""
    from evcli.cli.output.columns import open_console
    from evcli.cli.output.rendering import find_terminal_width

    def write(stream: TextIO) -> None:
        width = find_terminal_width(stream) if stream.isatty() else None
        console = open_console(stream, session.options.get("color", "auto"), width)
        for tree in trees:
            console.print(tree)

    session.write_output(write)


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
