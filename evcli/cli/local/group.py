"""The group behind `evcli local …`: finds a command, runs it, rewords errors.

Global options such as `--state-dir` may stand anywhere on the line; they are removed
before click reads it, so no command may have options of these names but those that
`CHECKER_OPTIONS` lists.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from evcli import load
from evcli.cli.dispatch import begin, show_version
from evcli.cli.errors import (
    CheckerError,
    GeneralError,
    ParamError,
    ValueSyntaxError,
)
from evcli.cli.local import CHECKER_OPTIONS, CHECKERS, COMMANDS
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS
from evcli.cli.parsing.scanner import ONE, VersionRequested
from evcli.errors import EvcliError, InspectionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evcli.cli.session import Session

DESCRIPTION = """\
What has no counterpart in the cloud: sending and seeing events, trying patterns, the \
clock, the state directory, servers for SDKs, this machine.

On a terminal lists are tables that fit it, and long ones go through the pager; elsewhere \
they are JSON. `--output` and `--query` choose, as with operations."""


class LocalGroup(click.Group):
    """The group of evcli's own commands, each loaded when it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Every command, by name."""
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, summary = entry
        path = f"evcli.cli.local.{module}"
        command: click.Command = load(path, f"{cmd_name}_command")
        # Said once, in the table; click names commands by their functions.
        command.name, command.short_help = cmd_name, summary
        _use_own_help(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of one that is not there, name those that are near."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = " or ".join(map(repr, get_close_matches(args[0], COMMANDS)))
            hint = f" (Did you mean {near}?)" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


def show_page(ctx: click.Context, _: click.Parameter | None, is_asked: bool) -> None:
    """Show the page of a context's command, as operations show theirs, and stop."""
    if not is_asked or ctx.resilient_parsing:
        return
    from evcli.cli.dispatch import write_page
    from evcli.cli.help.local_pages import format_local_help

    write_page(ctx.obj, format_local_help(ctx))
    ctx.exit()


HELP = click.Option(
    ["-h", "--help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_page,
    help="Show help and stop.",
)


def _use_own_help(command: click.Command) -> None:
    """Let a command, and those below it, show pages of evcli's own."""
    if command.add_help_option:
        command.add_help_option = False
        command.params.append(HELP)
    for inner in getattr(command, "commands", {}).values():
        _use_own_help(inner)


def run_local(session: Session, argv_before: Sequence[str], argv: Sequence[str]) -> int:
    """Run `evcli ARGV_BEFORE local ARGV`; give the exit code.

    Raises:
        ParamError: click or a command cannot read argv.
        GeneralError: a command gave up with a line of its own.
        CheckerError: either of them, from a command that checks.
    """
    local_args, global_args = part_globals(argv)
    try:
        return _run(session, [*argv_before, *global_args], local_args)
    except EvcliError as error:
        if _find_checker(local_args) is None:
            raise
        raise CheckerError(error.message) from error


def _find_checker(local_args: Sequence[str]) -> str | None:
    """Name the command, if it is one that checks."""
    command = next((each for each in local_args if not each.startswith("-")), None)
    return command if command in CHECKERS else None


def _run(session: Session, global_args: list[str], local_args: list[str]) -> int:
    try:
        begin(session, global_args)
    except VersionRequested:
        return show_version(session)
    if session.options.pop("help", False):
        local_args.append("--help")
    session.check_profile()
    group = LocalGroup(
        "local",
        help=DESCRIPTION,
        short_help="Send and see events, and everything else about this machine",
        subcommand_metavar="<command> [parameters]",
        options_metavar="",
        params=[HELP],
        add_help_option=False,
    )
    local_args = read_help_word(group, local_args)
    name = f"{session.program} local"
    with (
        contextlib.redirect_stdout(session.stdout),
        contextlib.redirect_stderr(session.stderr),
        _rewording_errors(name),
    ):
        try:
            with group.make_context(name, local_args or ["--help"], obj=session) as ctx:
                return group.invoke(ctx) or 0
        except click.exceptions.Exit as leaving:
            return leaving.exit_code
        except click.exceptions.NoArgsIsHelpError as error:
            # A group by itself is asked what it can do, like `evcli local`.
            if error.ctx is not None:
                with contextlib.suppress(click.exceptions.Exit):
                    show_page(error.ctx, None, True)
            return 0


def read_help_word(group: LocalGroup, local_args: Sequence[str]) -> list[str]:
    """Read the word `help`, which stands first, or last and right behind a command.

    Elsewhere it may be the value of something.
    """
    arguments = list(local_args)
    if arguments[:1] == ["help"]:
        return [*arguments[1:], "--help"]
    if arguments[-1:] != ["help"]:
        return arguments
    command: click.Command | None = group
    with click.Context(group) as ctx:
        for name in arguments[:-1]:
            inner = (
                command.get_command(ctx, name)
                if isinstance(command, click.Group)
                else None
            )
            if inner is None:
                return arguments
            command = inner
    return [*arguments[:-1], "--help"]


@contextlib.contextmanager
def _rewording_errors(name: str) -> Iterator[None]:
    """Make the command line's errors of those of click and of `inspection`."""
    try:
        yield
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.UsageError as error:
        raise ParamError(_describe_misuse(error, name)) from error
    except click.ClickException as error:
        raise GeneralError(error.format_message()) from error
    except InspectionError as error:
        if error.argument is None:
            raise
        option = f"--{error.argument.replace('_', '-')}"
        raise ValueSyntaxError(option, error.message) from error


def _describe_misuse(error: click.UsageError, name: str) -> str:
    """Word what click could not read, with the usage of the command it was for."""
    path, usage = name, ""
    if error.ctx is not None:
        path, usage = error.ctx.command_path, f"\n\n{error.ctx.get_usage()}"
    return f"{error.format_message()}{usage}\n\nTo see help text: {path} --help"


def part_globals(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part a local command's own arguments from the global options among them.

    Global options count in their full spelling only, up to a `--`; behind a command that
    checks, those of `CHECKER_OPTIONS` are its own.
    """
    local_args: list[str] = []
    global_args: list[str] = []
    rest = list(argv)
    while rest:
        token = rest.pop(0)
        option = GLOBAL_OPTIONS.get(token.partition("=")[0])
        if token == "--":
            return [*local_args, token, *rest], global_args
        is_own = token.partition("=")[0] in CHECKER_OPTIONS and _find_checker(
            local_args
        )
        if option is None or option.dest == "help" or is_own:
            local_args.append(token)
            continue
        global_args.append(token)
        if option.arity == ONE and "=" not in token and rest:
            global_args.append(rest.pop(0))
    return local_args, global_args
