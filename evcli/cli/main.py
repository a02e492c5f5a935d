"""The program: streams and environment in, exit code out.

Light on purpose: the collector is switched off before anything else is loaded, and
little is loaded before SIGINT is in hand. At whatever instant that comes, the program
ends with 130 and without a traceback.
"""

from __future__ import annotations

# The module below `signal`, which makes classes of all signals first.
import _signal  # type: ignore[import-not-found]  # not in the stubs
import gc
import os
import sys

from evcli import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO

    from evcli.cli.session import Session
    from evcli.errors import EvcliError


def run_process() -> int:
    """Run the process's argv; give the exit code, with everything written."""
    # There is nothing to undo yet.
    take_interrupts(leave_interrupted)
    sys.unraisablehook = report_unraisable
    # A command is over before cyclic garbage matters.
    gc.disable()
    from evcli.cli.imports import take_shortcut

    take_shortcut()
    program = find_program_name(sys.argv[0], os.environ)
    # A closed stream is `None` in Python.
    stdin = sys.stdin or _open_nothing("r")
    stdout = sys.stdout or _open_nothing("w")
    stderr = sys.stderr or _open_nothing("w")
    take_interrupts(interrupt)
    code = run(sys.argv[1:], stdin, stdout, stderr, os.environ, program=program)
    take_interrupts(leave_interrupted)
    for stream in (stdout, stderr):
        try:
            stream.flush()
        except OSError:
            # Nobody reads; the exit code says how it went.
            continue
    return code


# -- interrupts


def take_interrupts(handle: Callable[[int, object], None]) -> None:
    """Have SIGINT handled; but jobs in the background are started to ignore it."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, handle)


def interrupt(_number: int, _frame: object) -> None:
    """Take the first SIGINT: what runs may tidy up. A second one waits for nothing."""
    take_interrupts(leave_interrupted)
    raise KeyboardInterrupt


def leave_interrupted(_number: int, _frame: object) -> None:
    """Take a SIGINT: end the process. What is committed is committed."""
    os._exit(INTERRUPTED)


def report_unraisable(unraisable: Any) -> None:
    """Take an exception that Python cannot raise where it happened, in a finalizer say.

    An interrupt among them would be printed with a traceback, and then forgotten.
    """
    if unraisable.exc_type is KeyboardInterrupt:
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)


def _comes_from_interrupt(error: BaseException | None) -> bool:
    """Say whether an error comes from an interrupt that was turned into it.

    Python does, when it comes while a class is being made.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


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
        argv: without the program's name.
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
        code = run_command(session, argv)
        stdout.flush()
        return code
    except EvcliError as error:
        return print_error(session, error)
    except KeyboardInterrupt:
        _write_plainly(stdout, "\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough. Source: [peer] exit code.
        return 0
    except (OSError, UnicodeEncodeError) as error:
        # A full disk, a terminal that cannot show a character: nobody's bug.
        return print_error(session, _to_general_error(session, error))
    except Exception as error:
        if _comes_from_interrupt(error):
            _write_plainly(stdout, "\n")
            return INTERRUPTED
        from evcli.store.sqlite.failures import get_failure

        failure = get_failure(session.find_state_directory(), error)
        return (
            _report_bug(session, error)
            if failure is None
            else print_error(session, failure)
        )
    finally:
        for each in session.kept.values():
            each.close()


def run_command(session: Session, argv: Sequence[str]) -> int:
    """Complete a word, run `evcli local …` by click, or anything else without it."""
    if "EVCLI_COMPLETE" in session.environ:
        from evcli.cli.completion.answer import write_candidates

        return write_candidates(session, argv)
    if "local" in argv:
        from evcli.cli.parsing.arguments import find_command_index

        index = find_command_index(argv)
        before, behind = argv[:index], list(argv[index:])
        if behind[:2] == ["help", "local"]:
            behind[:2] = ["local", "help"]
        if behind[:1] == ["local"]:
            from evcli.cli.local.group import run_local

            return run_local(session, before, behind[1:])
    from evcli.cli.dispatch import dispatch

    return dispatch(session, argv)


def _write_plainly(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except OSError:
        return  # nobody reads; the exit code still says it


def print_error(session: Session, error: EvcliError) -> int:
    """Write an error to standard error; give the exit code. Never raises."""
    from evcli.cli.errors import describe_error

    session.flush_output()
    try:
        from evcli.cli.output.error_output import report_error

        return report_error(session, error)
    except OSError:
        # Nobody reads, or no file can be opened any more, not even those of modules.
        _write_plainly(
            session.stderr, f"\n{session.program}: [ERROR]: {error.message}\n"
        )
        return describe_error(error)[0]


def _to_general_error(session: Session, error: Exception) -> EvcliError:
    from evcli.cli.errors import GeneralError

    if not session.is_carried_out:
        return GeneralError(str(error))
    return GeneralError(
        f"{session.operation_name} was carried out, but its answer could not be"
        f" written: {error}."
    )


def _report_bug(session: Session, error: Exception) -> int:
    from evcli.cli.errors import GENERAL_CODE

    session.flush_output()
    session.show_trace()
    session.warn(
        f"\n{session.program}: [ERROR]: This is a bug in evcli"
        f" ({type(error).__name__}: {error}). Please report it with the command and"
        " what the same command prints with --debug."
    )
    return GENERAL_CODE
