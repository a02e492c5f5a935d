"""Pages of `evcli local …`, laid out as those of operations.

What is said about a command stands at the command, in its docstring and its options; its
examples are in `local_examples`.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from evcli.cli.help.layout import (
    fill,
    fill_item,
    fill_paragraphs,
    fill_pieces,
    join_blocks,
    join_sections,
)
from evcli.cli.help.local_examples import LOCAL_EXAMPLES
from evcli.cli.help.pages import (
    list_examples,
    list_exit_codes,
    list_global_options,
    list_local_commands,
)
from evcli.cli.help.shared_options import (
    CHECKER_EXIT_CODES,
    GLOBAL_OPTIONS,
    LOCAL_EXIT_CODES,
    NOT_LOCAL,
)
from evcli.cli.local import CHECKER_OPTIONS, CHECKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def format_local_help(ctx: click.Context) -> str:
    """Format the page of the command of a context, its last line ended."""
    command, name = ctx.command, _find_name(ctx)
    description = inspect.cleandoc(command.help or "")
    summary = command.get_short_help_str(limit=200).rstrip(".")
    is_checker = name in CHECKERS
    left_out = (*NOT_LOCAL, *(CHECKER_OPTIONS if is_checker else ()))
    options = [each for each in GLOBAL_OPTIONS if each not in left_out]
    codes = CHECKER_EXIT_CODES if is_checker else LOCAL_EXIT_CODES
    return join_sections(
        (
            ("NAME", fill(f"{name or ctx.info_name} - {summary}", 1)),
            ("DESCRIPTION", _fill_description(description)),
            ("SYNOPSIS", _summarize(ctx)),
            ("COMMANDS", list_local_commands() if not name else _list_commands(ctx)),
            ("OPTIONS", _list_options(ctx)),
            ("GLOBAL OPTIONS", list_global_options(options)),
            ("EXAMPLES", list_examples(LOCAL_EXAMPLES.get(name, ()))),
            ("EXIT CODES", list_exit_codes(codes)),
        )
    )


def _find_name(ctx: click.Context) -> str:
    """Name a command as it follows `evcli local`: "" for that itself, `sinks add`."""
    if ctx.parent is None:
        return ""
    return f"{_find_name(ctx.parent)} {ctx.command.name}".strip()


def _fill_description(text: str) -> Iterator[str]:
    """Fill paragraphs; one that begins with click's `\\b` stays as it is written."""
    for position, paragraph in enumerate(text.split("\n\n")):
        if position:
            yield ""
        if paragraph.startswith("\b\n"):
            yield from _indent(paragraph.splitlines()[1:])
        else:
            yield from fill_paragraphs(paragraph, 1)


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"    {line}".rstrip() for line in lines]


def _summarize(ctx: click.Context) -> list[str]:
    """The usage, which click's `[OPTIONS]` says nothing about."""
    command = ctx.command
    pieces = [ctx.command_path]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            name = parameter.make_metavar(ctx)
            is_plain = parameter.required or name.startswith("[")
            pieces.append(name if is_plain else f"[{name}]")
            continue
        if "--help" in parameter.opts:
            continue
        record = parameter.get_help_record(ctx)
        if record is not None:
            piece = " | ".join(record[0].split(" / "))
            pieces.append(piece if parameter.required else f"[{piece}]")
    if isinstance(command, click.Group):
        pieces += ["<command>", "[<options>]"]
    return fill_pieces([*pieces, "[<global options>]"], 1)


def _list_commands(ctx: click.Context) -> Iterator[str]:
    """The commands of a group below `evcli local`, such as `sinks add`."""
    command = ctx.command
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(ctx):
        inner = command.get_command(ctx, name)
        if inner is not None:
            summary = inner.get_short_help_str(limit=200).rstrip(".")
            yield from fill_item(f"      {name}", summary, 20)


def _list_options(ctx: click.Context) -> Iterator[str]:
    records = [
        record
        for parameter in ctx.command.params
        if isinstance(parameter, click.Option)
        and "--help" not in parameter.opts
        and (record := parameter.get_help_record(ctx)) is not None
    ]
    yield from join_blocks([f"    {names}", *fill(text, 2)] for names, text in records)
