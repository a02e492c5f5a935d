"""The commands as click sees them: one per operation, built when asked for.

click's tooling (help, documentation generators, completion) finds every option here, as
parameters made from the model. Reading the words is left to `arguments`: click's own
rules are not those of the official command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evcli.cli import lanes
from evcli.cli.local.group import LocalGroup
from evcli.model import INDEX
from evcli.model.names import operation_by_command, option_name, to_kebab_case
from evcli.model.shapes import BOOLEAN, INTEGER, LIST, LONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.cli.session import Session
    from evcli.model.shapes import Member, Operation

# In the order in which people meet them.
FAMILIES = {
    "entries": "Events",
    "rules": "Rules",
    "targets": "Targets",
    "event_buses": "Event buses",
    "permissions": "Permissions",
    "archives": "Archives",
    "replays": "Replays",
    "api_destinations": "API destinations",
    "connections": "Connections",
    "endpoints": "Global endpoints",
    "event_sources": "Partner event sources",
    "tags": "Tags",
}


class OperationCommand(click.Command):
    """An operation; its parameters are for looking at."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(
            to_kebab_case(operation.name),
            params=[
                *map(make_parameter, operation.request.members.values()),
                *(
                    click.Option([each.option], help=each.help)
                    for each in operation.extras
                ),
            ],
            help=operation.help,
            short_help=INDEX[operation.name][1],
        )
        self.operation = operation

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the words as they are."""
        ctx.args = args
        return args

    def invoke(self, ctx: click.Context) -> int:
        """Carry the operation out."""
        return lanes.run_operation(ctx.obj, self.operation, ctx.args)


class Program(click.Group):
    """evcli itself: the operations and `local`."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Every operation, and `local`."""
        return [*map(to_kebab_case, INDEX), "local"]

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Build one command."""
        if cmd_name == "local":
            return LocalGroup("local")
        operation = operation_by_command(cmd_name)
        return None if operation is None else OperationCommand(operation)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the words as they are."""
        ctx.args = args
        return args

    def invoke(self, ctx: click.Context) -> int:
        """Run the command that the words name."""

        def carry_out(_: Session, operation: Operation, words: Sequence[str]) -> int:
            command = OperationCommand(operation)
            name = to_kebab_case(operation.name)
            with command.make_context(name, list(words), parent=ctx) as inner:
                return command.invoke(inner)

        return lanes.dispatch(ctx.obj, ctx.args, carry_out)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the operations by family, then evcli's own commands."""
        sections = [
            (
                title,
                [
                    (to_kebab_case(name), summary)
                    for name, (its_family, summary) in INDEX.items()
                    if its_family == family
                ],
            )
            for family, title in FAMILIES.items()
        ]
        local = LocalGroup("local").list_summaries("local ")
        sections.append(("Beside EventBridge", local))
        # One column for all sections: the names of one wide one do not jump.
        width = max(len(name) for _, rows in sections for name, _ in rows)
        for title, rows in sections:
            with formatter.section(title):
                padded = [(name.ljust(width), summary) for name, summary in rows]
                formatter.write_dl(padded, col_max=width)


PROGRAM = Program(
    name="evcli",
    help=(
        "Amazon EventBridge on this machine: what `aws events` does, offline."
        "\n\nEvery command has help: `evcli put-rule help`."
    ),
    options_metavar="[options]",
    subcommand_metavar="<command> [parameters]",
    context_settings={"max_content_width": 80, "help_option_names": []},
)


def make_parameter(member: Member) -> click.Option:
    """Describe a member of a request as an option."""
    shape = member.shape
    name = option_name(member.name)
    settings: dict[str, Any] = {"help": member.help, "required": member.required}
    if shape.kind == BOOLEAN:
        return click.Option([f"{name}/--no-{name[2:]}"], default=None, **settings)
    if shape.kind in (INTEGER, LONG):
        settings["type"] = int
    return click.Option([name], multiple=shape.kind == LIST, **settings)


def run_click(session: Session, argv: Sequence[str]) -> int:
    """Run any command through click; give the exit code."""
    with PROGRAM.make_context(session.program, list(argv), obj=session) as ctx:
        return PROGRAM.invoke(ctx)


def write_help(session: Session, operation: Operation | None) -> None:
    """Write the help of an operation, or of the program, to standard output."""
    command: click.Command = (
        PROGRAM if operation is None else OperationCommand(operation)
    )
    with click.Context(command, info_name=session.program, obj=session) as ctx:
        session.stdout.write(command.get_help(ctx) + "\n")
