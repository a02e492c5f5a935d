"""`evcli local exec`: one command, with an EventBridge of its own around it."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError
from evcli.cli.local.file_options import import_options
from evcli.cli.local.serve.serve import DEFAULT_HOST, open_server, run_server
from evcli.cli.local.signals import SignalRelay, handling_signals
from evcli.cli.output.visible import make_visible
from evcli.cli.session import Session
from evcli.store.directory.configuration import FILE_NAME, require_approval
from evcli.store.directory.configuration_file import (
    read_configuration,
    write_configuration,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.cli.local.file_options import FileOptions
    from evcli.server.server import Server

# What makes an SDK miss the server or use other credentials. Source: [doc] SDK
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
    context_settings={"allow_interspersed_args": False},
)
@import_options
@click.argument("argv", nargs=-1, required=True, metavar="COMMAND...")
@click.pass_context
def exec_command(
    ctx: click.Context,
    import_paths: tuple[str, ...],
    file_options: FileOptions,
    argv: tuple[str, ...],
) -> None:
    """Run COMMAND with a state directory and a server of its own, and remove both after
    it. Write -- before COMMAND.

    In its environment, AWS SDKs and the aws command find the server, dummy credentials
    and a region; evcli finds the state directory, which starts with the config.toml
    that holds here. The exit code is the command's.
    """
    gc.enable()
    outer: Session = ctx.obj
    relay = SignalRelay()
    with (
        handling_signals(relay.handle, signal.SIGINT, signal.SIGTERM),
        tempfile.TemporaryDirectory(
            prefix="evcli-", ignore_cleanup_errors=True
        ) as directory,
    ):
        copy_configuration(outer, directory)
        session = make_session(outer, directory)
        if import_paths:
            from evcli.cli.local.state.descriptions import Importer

            Importer(session, import_paths, file_options).carry_out()
        server = open_server(session, DEFAULT_HOST, 0)
        with _serving(session, server):
            environ = build_environ(session, server.url, directory)
            code = run(argv, environ, relay)
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
