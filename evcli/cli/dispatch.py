"""Which command the words of one run name, and what every command does first.

`main.run` has taken completion and `evcli local` apart before; what comes here is an
operation, `help` or `--version`. click is not needed for any of them: its view of the
commands, in `commands`, asks the same functions.
"""

from __future__ import annotations

from evcli.cli.parsing import arguments
from evcli.cli.parsing.scanner import VersionRequested
from evcli.cli.settings import check_globals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from evcli.cli.session import Session
    from evcli.model.shapes import Operation

    RunOperation = Callable[[Session, Operation, Sequence[str]], int]


def run_operation(session: Session, operation: Operation, tokens: Sequence[str]) -> int:
    """Parse the tokens behind an operation's name and run it, or show its help."""
    if session.options.get("help"):
        return show_help(session, operation)
    try:
        invocation = arguments.parse_operation(operation, tokens)
    except arguments.HelpRequested:
        return show_help(session, operation)
    from evcli.cli.invoke import invoke

    return invoke(session, invocation)


def dispatch(
    session: Session, argv: Sequence[str], run: RunOperation = run_operation
) -> int:
    """Run what argv names, an operation by `run`; give the exit code."""
    try:
        tokens = begin(session, argv)
    except VersionRequested:
        return show_version(session)
    if not tokens and session.options.get("help"):
        return show_help(session, None)
    command, tokens = arguments.parse_command(tokens)
    if command == "help":
        return show_help(session, tokens[0] if tokens else None)
    return run(session, arguments.find_operation(command), tokens)


def begin(session: Session, argv: Sequence[str]) -> list[str]:
    """Take the global options and load what they decide; give the other tokens."""
    session.options, tokens = arguments.parse_globals(argv)
    check_globals(session.options)
    session.load_settings()
    return tokens


def show_help(session: Session, about: Operation | str | None) -> int:
    """Show the page of an operation, of a topic, or of the program.

    Args:
        about: the operation, or the word that names it or a topic.

    Raises: UsageError: the word names neither.
    """
    from evcli.cli.help.pages import (
        embolden,
        format_operation_help,
        format_program_help,
    )
    from evcli.cli.help.topics import TOPICS, read_topic

    if isinstance(about, str) and about in TOPICS:
        page = read_topic(about)
    elif about is not None:
        operation = (
            arguments.find_operation(about, TOPICS) if isinstance(about, str) else about
        )
        page = format_operation_help(operation, session.program)
    else:
        page = format_program_help(session.program)

    def write(stream: TextIO, is_terminal: bool) -> None:
        stream.write(embolden(page) if is_terminal else page)

    session.show(write)
    return 0


def show_version(session: Session) -> int:
    """Print one line in the form that the official client has."""
    import platform

    from evcli import __version__

    session.stdout.write(
        f"evcli/{__version__} Python/{platform.python_version()}"
        f" {platform.system()}/{platform.release()}\n"
    )
    return 0
