"""The program's door: streams and environment in, exit code out.

Light on purpose: the collector is switched off before anything else is loaded.
"""

from __future__ import annotations

import gc
import os
import sys

from evcli.cli.imports import take_shortcut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn, TextIO

    from evcli.cli.session import Session
    from evcli.errors import EvcliError

INTERRUPTED = 130


def main() -> NoReturn:
    """Run the program on the process's own words and streams, and leave."""
    # A command is over before cyclic garbage matters.
    gc.disable()
    take_shortcut()
    program = find_program_name(sys.argv[0], os.environ)
    # A closed stream is `None` in Python.
    stdin = sys.stdin or _open_nothing("r")
    stdout = sys.stdout or _open_nothing("w")
    stderr = sys.stderr or _open_nothing("w")
    code = run(sys.argv[1:], stdin, stdout, stderr, os.environ, program=program)
    for stream in (stdout, stderr):
        try:
            stream.flush()
        except OSError:
            # Nobody is left to tell when nobody reads.
            continue
    # Tearing the interpreter down costs more than a command.
    os._exit(code)


def _open_nothing(mode: str) -> TextIO:
    return open(os.devnull, mode)  # type: ignore[return-value]


def find_program_name(path: str, environ: Mapping[str, str]) -> str:
    """Say by which name messages start: `aws` where evcli stands in for it."""
    name = environ.get("EVCLI_PROGRAM") or os.path.basename(path)
    return "aws" if name == "aws" else "evcli"


def run(
    argv: Sequence[str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str],
    *,
    program: str = "evcli",
    working_directory: str | None = None,
) -> int:
    """Run one command in this process and give its exit code; never raises.

    Args:
        argv: the words behind the program's name.
        stdin, stdout, stderr: text streams; they stay open.
        environ: the environment, as the command should see it.
        program: the name at the start of messages.
        working_directory: where the search for a state directory starts.
    """
    from evcli.cli.session import Session
    from evcli.errors import EvcliError

    session = Session(
        stdin,
        stdout,
        stderr,
        environ,
        program=program,
        working_directory=working_directory,
    )
    try:
        from evcli.cli.lanes import choose_lane

        code = choose_lane(session, argv)
        stdout.flush()
        return code
    except EvcliError as error:
        return _tell(session, error)
    except KeyboardInterrupt:
        _end_line(stdout)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough. Source: [peer] exit code.
        return 0
    except (OSError, UnicodeEncodeError) as error:
        # A full disk, a terminal that cannot show a character: nobody's bug.
        return _tell(session, _to_general_error(session, error))
    except Exception as error:
        return _report_bug(session, error)


def _end_line(stdout: TextIO) -> None:
    try:
        stdout.write("\n")
    except OSError:
        return  # whoever read was interrupted first


def _tell(session: Session, error: EvcliError) -> int:
    from evcli.cli.errors import describe_error, show_error
    from evcli.cli.settings import find_error_format
    from evcli.errors import EvcliError

    session.flush_answer()
    try:
        error_format = find_error_format(session.options, session.environ)
    except EvcliError:
        error_format = "enhanced"
    session.show_trace()
    try:
        return show_error(
            error,
            session.stderr,
            program=session.program,
            error_format=error_format,
            operation_name=session.operation_name,
        )
    except OSError:
        # Nobody is left to tell; the exit code still says it.
        return describe_error(error)[0]


def _to_general_error(session: Session, error: Exception) -> EvcliError:
    from evcli.cli.errors import GeneralError

    if not session.carried_out:
        return GeneralError(str(error))
    return GeneralError(
        f"{session.operation_name} was carried out, but its answer could not be"
        f" written: {error}."
    )


def _report_bug(session: Session, error: Exception) -> int:
    from evcli.cli.errors import GENERAL_CODE

    session.flush_answer()
    session.show_trace()
    session.warn(
        f"\n{session.program}: [ERROR]: This is a bug in evcli"
        f" ({type(error).__name__}: {error}). Please report it with the command and"
        " what the same command prints with --debug."
    )
    return GENERAL_CODE
