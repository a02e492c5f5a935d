"""What click sees: every operation a command, every member a parameter."""

from __future__ import annotations

import click
import pytest

from evcli.cli.commands import PROGRAM, OperationCommand
from evcli.cli.help.pages import format_operation_help
from evcli.cli.local import CHECKER_OPTIONS, CHECKERS, COMMANDS
from evcli.cli.local.group import LocalGroup
from evcli.model import INDEX, get_operation
from evcli.model.names import option_name, to_kebab_case
from evcli.model.shapes import BOOLEAN, LIST

each_operation = pytest.mark.parametrize("name", INDEX)


def get_command(name: str) -> OperationCommand:
    command = PROGRAM.get_command(click.Context(PROGRAM), to_kebab_case(name))
    assert isinstance(command, OperationCommand)
    return command


@each_operation
def test_parameters_are_the_members_of_the_request(name: str) -> None:
    operation = get_operation(name)
    assert operation is not None
    members = operation.request.members.values()

    options = [
        each for each in get_command(name).params if isinstance(each, click.Option)
    ]

    described = [
        (each.opts[0], each.required, each.is_flag, each.multiple, each.help)
        for each in options[: len(members)]
    ]
    assert described == [
        (
            option_name(member.name),
            member.required,
            member.shape.kind == BOOLEAN,
            member.shape.kind == LIST,
            member.help,
        )
        for member in members
    ]
    assert [each.opts[0] for each in options[len(members) :]] == [
        extra.option for extra in operation.extras
    ]


@each_operation
def test_help_and_summary_come_from_the_declaration(name: str) -> None:
    command = get_command(name)
    operation = command.operation

    page = command.get_help(click.Context(command))

    assert page == format_operation_help(operation)
    assert (command.help, command.short_help) == (operation.help, INDEX[name][1])


def test_commands_are_the_operations_and_local() -> None:
    names = PROGRAM.list_commands(click.Context(PROGRAM))

    assert names == [*map(to_kebab_case, INDEX), "local"]
    assert isinstance(PROGRAM.get_command(click.Context(PROGRAM), "local"), LocalGroup)


def test_an_unknown_name_is_no_command() -> None:
    assert PROGRAM.get_command(click.Context(PROGRAM), "put-rul") is None
    assert LocalGroup("local").get_command(click.Context(PROGRAM), "nope") is None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_local_command_has_help_and_no_option_of_a_global_name(name: str) -> None:
    from evcli.cli.parsing.arguments import GLOBAL_OPTIONS

    command = LocalGroup("local").get_command(click.Context(PROGRAM), name)
    assert command is not None

    own = {spelling for each in command.params for spelling in each.opts}

    assert command.help
    kept = CHECKER_OPTIONS if name in CHECKERS else ()
    assert own & set(GLOBAL_OPTIONS) == {"--help", "-h", *kept}
    assert command.get_short_help_str(200) == COMMANDS[name][1]
