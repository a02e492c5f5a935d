"""`evcli local exec`: one command, with an EventBridge of its own around it."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import signal
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GENERAL_CODE, GeneralError
from evcli.cli.local.file_options import import_options
from evcli.cli.local.output import write_file
from evcli.cli.local.serve.serve import DEFAULT_HOST, open_server, run_server
from evcli.cli.local.signals import SignalRelay, handling_signals
from evcli.cli.local.time.times import read_instant
from evcli.cli.output.visible import make_visible
from evcli.cli.session import Session
from evcli.delivery.scheduled.scheduler import set_clock
from evcli.errors import EvcliError
from evcli.infrastructure.sources import STANDARD_STREAM
from evcli.infrastructure.state import format_state
from evcli.server.environment import HIDDEN, list_variables
from evcli.store.directory.configuration import FILE_NAME, require_approval
from evcli.store.directory.configuration_file import (
    anchor_handlers,
    read_configuration,
    write_configuration,
)
from evcli.store.directory.private_files import make_private_directories
from evcli.store.directory.run_directory import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.cli.local.file_options import FileOptions
    from evcli.server.server import Server

# Exit codes of a shell: the command is not there, or is none; killed by signal N is
# 128 + N.
NOT_FOUND = 127
NOT_EXECUTABLE = 126
KILLED = 128


@click.command(
    context_settings={"allow_interspersed_args": False},
)
@import_options
@click.option(
    "--clock",
    "clock_time",
    metavar="TIME",
    help="Start with a virtual clock that stands at TIME, see `evcli local clock`.",
)
@click.option(
    "--keep-on-failure",
    "kept_in",
    type=click.Path(),
    metavar="DIR",
    help="Where COMMAND fails, keep the state directory, as a new one in DIR.",
)
@click.option(
    "--export-on-exit",
    "export_path",
    type=click.Path(),
    metavar="FILE",
    help="Write the state that COMMAND leaves to FILE, as `evcli local export` does.",
)
@click.argument("argv", nargs=-1, required=True, metavar="COMMAND...")
@click.pass_context
def exec_command(
    ctx: click.Context,
    import_paths: tuple[str, ...],
    file_options: FileOptions,
    clock_time: str | None,
    kept_in: str | None,
    export_path: str | None,
    argv: tuple[str, ...],
) -> None:
    """Run COMMAND with a state directory and a server of its own, and remove both after
    it. Write -- before COMMAND.

    In its environment, AWS SDKs and the aws command find the server, dummy credentials
    and a region; evcli finds the state directory, which starts with the config.toml
    that holds here. Handlers and commands of sinks find the same. The exit code is the
    command's.

    Queues, topics and streams are not emulated. What emulates them gets the messages by
    a sink of the kind aws, and a test reads them there; with moto_server:

    \b
    MOTO_ACCOUNT_ID=000000000000 moto_server -p 5000 &
    evcli local sinks add '*' --kind aws --endpoint-url http://127.0.0.1:5000
    AWS_ENDPOINT_URL=http://127.0.0.1:5000 evcli local exec -- pytest
    """
    gc.enable()
    outer: Session = ctx.obj
    relay = SignalRelay()
    with (
        handling_signals(relay.handle, signal.SIGINT, signal.SIGTERM),
        RunDirectory() as directory,
    ):
        copy_configuration(outer, directory)
        environ = dict(outer.environ)
        session = make_session(outer, directory, environ)
        if clock_time is not None:
            put_clock(session, clock_time)
        if import_paths:
            from evcli.cli.local.state.descriptions import Importer

            Importer(session, import_paths, file_options).carry_out()
        server = open_server(session, DEFAULT_HOST, 0)
        with _serving(session, server):
            lead_here(environ, session, server.url, directory)
            code = run(argv, environ, relay)
        if export_path is not None:
            problem = export_to(session, export_path)
            code = code or problem
        if code and kept_in is not None:
            keep(outer, directory, kept_in, code)
    ctx.exit(code)


def copy_configuration(session: Session, directory: str) -> None:
    """Give a state directory the `config.toml` that holds here, if there is one.

    Raises: ConfigurationError: it cannot be used, or nobody has approved it.
    """
    source = session.find_state_directory()
    path = os.path.join(source, FILE_NAME)
    if os.path.exists(path):
        value = read_configuration(path)
        # The copy is no project's any more, and would not be asked about.
        require_approval(source, value, session.environ)
        anchor_handlers(value, source)
        write_configuration(os.path.join(directory, FILE_NAME), value)


def make_session(outer: Session, directory: str, environ: dict[str, str]) -> Session:
    """Make a session on another state directory, otherwise with the same settings."""
    session = Session(
        outer.stdin, outer.stdout, outer.stderr, environ, program=outer.program
    )
    session.kept = outer.kept
    session.options = {**outer.options, "state_dir": directory}
    session.load_settings()
    return session


def put_clock(session: Session, time: str) -> None:
    """Let the clock of a state directory stand at a time. Raises: ValueSyntaxError."""
    with closing(session.open_context()) as ctx:
        instant = read_instant(ctx, time, "--clock")
        with ctx.store.transaction():
            set_clock(ctx, instant)


def lead_here(
    environ: dict[str, str], session: Session, url: str, directory: str
) -> None:
    """Have an environment lead SDKs and evcli here: that of the command and of sinks."""
    with closing(session.open_context()) as ctx:
        account_id, region = ctx.account_id, ctx.region
        profiles = ctx.configuration.get("profiles", {})
    for name in HIDDEN:
        environ.pop(name, None)
    environ |= list_variables(url, account_id, region, directory)
    if session.settings.profile in profiles:
        # What leads evcli to the profile's account is hidden from SDKs.
        environ["EVCLI_ACCOUNT_ID"] = account_id


def export_to(session: Session, path: str) -> int:
    """Write the state to a file; give an exit code, the problem being printed."""
    try:
        with closing(session.open_context()) as ctx:
            text = format_state(ctx)
        if path == STANDARD_STREAM:
            session.write(text)
        else:
            write_file(path, text)
    except EvcliError as error:
        session.warn(f"The state was not exported: {error.message}")
        return GENERAL_CODE
    return 0


def keep(session: Session, directory: str, kept_in: str, code: int) -> None:
    """Copy the state directory of a command that failed, and say where it is.

    Never raises: the exit code that was worked for is the command's.
    """
    kept = os.path.join(kept_in, os.path.basename(directory))
    try:
        make_private_directories(kept_in)
        shutil.copytree(directory, kept)
    except OSError as error:
        session.warn(f"The state cannot be kept as {kept}: {error.strerror or error}.")
        return
    session.warn(
        f"The command failed with {code}; what it left is in {kept}:"
        f" `evcli local deliveries --state-dir {shlex.quote(kept)}` lists what was"
        " delivered."
    )


@contextmanager
def _serving(session: Session, server: Server) -> Iterator[None]:
    """Answer requests in another thread."""
    thread = threading.Thread(
        target=run_server, args=(session, server), kwargs={"with_worker": True}
    )
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()


def run(argv: tuple[str, ...], environ: dict[str, str], relay: SignalRelay) -> int:
    """Run a command on this process's own streams; give its exit code as a shell does.

    Raises: GeneralError: it cannot be started for a reason of the system's.
    """
    try:
        process = relay.start(argv, environ)
    except FileNotFoundError:
        return _refuse(argv[0], "command not found", NOT_FOUND)
    except PermissionError:
        return _refuse(argv[0], "permission denied", NOT_EXECUTABLE)
    except (OSError, ValueError) as error:
        raise GeneralError(f"{argv[0]} cannot be run: {error}.") from error
    code = process.wait()
    return KILLED - code if code < 0 else code


def _refuse(program: str, problem: str, code: int) -> int:
    click.echo(make_visible(f"{program}: {problem}"), err=True)
    return code
