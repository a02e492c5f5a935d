"""The group behind `evcli local …`: finds a command, runs it, rewords errors.

Global options such as `--state-dir` may stand anywhere on the line; they are removed
before click reads it, so no command may have options of these names.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from evcli import load
from evcli.cli.dispatch import begin, show_version
from evcli.cli.errors import GeneralError, ParamError, ValueSyntaxError
from evcli.cli.local import COMMANDS
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS
from evcli.cli.parsing.scanner import ONE, VersionRequested
from evcli.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evcli.cli.session import Session


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

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


def run_local(session: Session, argv_before: Sequence[str], argv: Sequence[str]) -> int:
    """Run `evcli ARGV_BEFORE local ARGV`; give the exit code.

    Raises:
        ParamError: click or a command cannot read argv.
        GeneralError: a command gave up with a line of its own.
    """
    local_args, global_args = part_globals(argv)
    if local_args[-1:] == ["help"] and len(local_args) <= 2:
        local_args[-1] = "--help"
    try:
        begin(session, [*argv_before, *global_args])
    except VersionRequested:
        return show_version(session)
    if session.options.pop("help", False):
        local_args.append("--help")
    session.check_profile()
    group = LocalGroup(
        "local",
        help="Commands about this machine: its state, its clock, its deliveries.",
        subcommand_metavar="<command> [parameters]",
        options_metavar="",
        context_settings={"max_content_width": 80},
    )
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
            session.stdout.write(f"{error.format_message()}\n")
            return 0


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

    Global options count in their full spelling only, up to a `--`.
    """
    local_args: list[str] = []
    global_args: list[str] = []
    rest = list(argv)
    while rest:
        token = rest.pop(0)
        option = GLOBAL_OPTIONS.get(token.partition("=")[0])
        if token == "--":
            return [*local_args, token, *rest], global_args
        if option is None or option.dest == "help":
            local_args.append(token)
            continue
        global_args.append(token)
        if option.arity == ONE and "=" not in token and rest:
            global_args.append(rest.pop(0))
    return local_args, global_args
