"""The two ways of a command, and what both do first.

An operation whose words parse runs straight through, without click. `evcli local …`
goes through click; with `EVCLI_LANE=click` in the environment every command does. The
commands of that lane ask the functions here, so both lanes give equal answers.
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

    CarryOut = Callable[[Session, Operation, Sequence[str]], int]


def choose_lane(session: Session, argv: Sequence[str]) -> int:
    """Run the words in the lane that they need; give the exit code."""
    if "EVCLI_COMPLETE" in session.environ:
        from evcli.cli.completion.answer import write_candidates

        return write_candidates(session, argv)
    if "local" in argv:
        index = arguments.find_command_index(argv)
        if list(argv[index : index + 1]) == ["local"]:
            from evcli.cli.local.group import run_local

            return run_local(session, argv[:index], argv[index + 1 :])
    if session.environ.get("EVCLI_LANE") == "click":
        from evcli.cli.commands import run_click

        return run_click(session, argv)
    return dispatch(session, argv, run_operation)


def dispatch(session: Session, argv: Sequence[str], carry_out: CarryOut) -> int:
    """Find out what the words want; let `carry_out` do it when it is an operation."""
    try:
        rest = begin(session, argv)
    except VersionRequested:
        return show_version(session)
    if not rest and session.options.get("help"):
        return show_help(session, None)
    command, words = arguments.parse_command(rest)
    if command == "help":
        return show_help(session, words[0] if words else None)
    return carry_out(session, arguments.find_operation(command), words)


def begin(session: Session, argv: Sequence[str]) -> list[str]:
    """Take the global options and settle what they decide; give the other words."""
    session.options, rest = arguments.parse_globals(argv)
    check_globals(session.options)
    session.settle()
    return rest


def run_operation(session: Session, operation: Operation, words: Sequence[str]) -> int:
    """Parse the words of one operation and carry it out, or show its help."""
    if session.options.get("help"):
        return show_help(session, operation)
    try:
        invocation = arguments.parse_operation(operation, words)
    except arguments.HelpRequested:
        return show_help(session, operation)
    from evcli.cli.invoke import invoke

    return invoke(session, invocation)


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
