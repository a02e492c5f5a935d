"""The commands as click sees them: one per operation, built when asked for.

click's tooling (help, documentation generators, completion) finds every option here, as
parameters made from the model. Reading argv is left to `arguments`: click's own
rules are not those of the official command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evcli.cli.dispatch import dispatch, run_operation
from evcli.cli.help.pages import format_operation_help, format_program_help
from evcli.cli.local.group import LocalGroup
from evcli.model import INDEX
from evcli.model.names import operation_by_command, option_name, to_kebab_case
from evcli.model.shapes import BOOLEAN, INTEGER, LIST, LONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.cli.session import Session
    from evcli.model.shapes import Member, Operation


class Unparsed(click.Command):
    """A command that leaves argv as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take all of it for arguments."""
        ctx.args = args
        return args


class OperationCommand(Unparsed):
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

    def get_help(self, _ctx: click.Context) -> str:
        """The page that `evcli COMMAND help` shows."""
        return format_operation_help(self.operation)

    def invoke(self, ctx: click.Context) -> int:
        """Run the operation."""
        return run_operation(ctx.obj, self.operation, ctx.args)


class Program(Unparsed, click.Group):
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

    def invoke(self, ctx: click.Context) -> int:
        """Run the command that argv names."""

        def run(_: Session, operation: Operation, tokens: Sequence[str]) -> int:
            command = OperationCommand(operation)
            name = to_kebab_case(operation.name)
            with command.make_context(name, list(tokens), parent=ctx) as inner:
                return command.invoke(inner)

        return dispatch(ctx.obj, ctx.args, run)

    def get_help(self, ctx: click.Context) -> str:
        """The page that `evcli help` shows."""
        return format_program_help(ctx.info_name or "evcli")


PROGRAM = Program(name="evcli")


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
