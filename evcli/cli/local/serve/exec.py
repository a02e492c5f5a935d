"""`evcli local exec`: one command, with an EventBridge of its own around it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import tempfile
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.serve.serve import DEFAULT_HOST, open_server, serve
from evcli.cli.output.visible import make_visible
from evcli.cli.session import Session
from evcli.store.directory.configuration import FILE_NAME, require_approval
from evcli.store.directory.configuration_file import (
    read_configuration,
    write_configuration,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from evcli.server.server import Server

# What would lead an SDK past the server, or to other credentials. Source: [doc] SDK
# settings.
HIDDEN = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)

# Exit codes of a shell: the command is not there, or is none; killed by signal N is
# 128 + N.
NOT_FOUND = 127
NOT_EXECUTABLE = 126
KILLED = 128


@click.command(
    short_help="Run a command with a fresh EventBridge around it",
    context_settings={"allow_interspersed_args": False},
)
@click.option(
    "--import",
    "import_path",
    type=click.Path(),
    metavar="FILE",
    help="Start with the state in FILE, as `evcli local export` writes it.",
)
@click.argument("words", nargs=-1, required=True, metavar="COMMAND...")
@click.pass_context
def command(
    ctx: click.Context, import_path: str | None, words: tuple[str, ...]
) -> None:
    """Run COMMAND with a state directory and a server of its own, and remove both after
    it. Write -- before COMMAND.

    In its environment, AWS SDKs and the aws command find the server, dummy credentials
    and a region; evcli finds the state directory, which starts with the config.toml
    that holds here. The exit code is the command's.
    """
    gc.enable()
    outer: Session = ctx.obj
    with (
        _passing_signals() as signals,
        tempfile.TemporaryDirectory(
            prefix="evcli-", ignore_cleanup_errors=True
        ) as directory,
    ):
        copy_configuration(outer, directory)
        session = make_session(outer, directory)
        if import_path is not None:
            _import(session, import_path)
        server = open_server(session, DEFAULT_HOST, 0)
        with _serving(session, server):
            environ = build_environ(session, server.url, directory)
            code = run(words, environ, signals)
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
        write_configuration(os.path.join(directory, FILE_NAME), value)


def make_session(outer: Session, directory: str) -> Session:
    """Make a session on another state directory, otherwise with the same settings."""
    session = Session(
        outer.stdin, outer.stdout, outer.stderr, outer.environ, program=outer.program
    )
    session.options = {**outer.options, "state_dir": directory}
    session.load_settings()
    return session


def _import(session: Session, path: str) -> None:
    from evcli.cli.local.state.import_ import import_file

    with closing(session.open_context()) as ctx:
        import_file(session, ctx, path)


def build_environ(session: Session, url: str, directory: str) -> dict[str, str]:
    """The environment of the command: what leads SDKs and evcli here."""
    with closing(session.open_context()) as ctx:
        account_id, region = ctx.account_id, ctx.region
        profiles = ctx.configuration.get("profiles", {})
    environ = {
        name: value for name, value in session.environ.items() if name not in HIDDEN
    }
    if session.settings.profile in profiles:
        # What leads evcli to the profile's account is hidden from SDKs.
        environ["EVCLI_ACCOUNT_ID"] = account_id
    return environ | {
        "AWS_ENDPOINT_URL_EVENTBRIDGE": url,
        # Twelve digits: the server takes them for the account.
        "AWS_ACCESS_KEY_ID": account_id,
        "AWS_SECRET_ACCESS_KEY": "evcli",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "EVCLI_STATE_DIR": directory,
    }


@contextmanager
def _serving(session: Session, server: Server) -> Iterator[None]:
    """Answer requests in another thread."""
    thread = threading.Thread(
        target=serve, args=(session, server), kwargs={"with_worker": True}
    )
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()


def run(words: tuple[str, ...], environ: dict[str, str], signals: Signals) -> int:
    """Run a command on this process's own streams; give its exit code as a shell does.

    Raises: GeneralError: it cannot be started for a reason of the system's.
    """
    try:
        process = signals.start(words, environ)
    except FileNotFoundError:
        return _tell(words[0], "command not found", NOT_FOUND)
    except PermissionError:
        return _tell(words[0], "permission denied", NOT_EXECUTABLE)
    except (OSError, ValueError) as error:
        raise GeneralError(f"{words[0]} cannot be run: {error}.") from error
    code = process.wait()
    return KILLED - code if code < 0 else code


def _tell(word: str, problem: str, code: int) -> int:
    click.echo(make_visible(f"{word}: {problem}"), err=True)
    return code


class Signals:
    """What SIGINT and SIGTERM do: before the command they end this process.

    Once it was started they are the command's. SIGTERM is handed on to it; SIGINT it has
    from the terminal, and here that only must not end what is around. This holds after
    the command's end too: what is left then is to tidy up, and to pass on its exit code.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_started = False
        self._is_terminated = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if not self._is_started:
            raise KeyboardInterrupt
        if number == signal.SIGTERM:
            self._is_terminated = True
            if self._process is not None:
                self._process.terminate()

    def start(
        self, words: tuple[str, ...], environ: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start the command. Raises: as `subprocess.Popen`."""
        # The command may run long before this process knows of it.
        self._is_started = True
        self._process = subprocess.Popen(words, env=environ)
        if self._is_terminated:
            self._process.terminate()
        return self._process


@contextmanager
def _passing_signals() -> Iterator[Signals]:
    """Let SIGINT and SIGTERM do what `Signals` says."""
    signals = Signals()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signals.handle) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
