"""`evcli local serve` and `failover`: endpoints, the one for SDKs and global ones."""

from __future__ import annotations

import gc
import os
import signal
import threading
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import click

from evcli.cli.local.file_options import import_options
from evcli.cli.local.output import write_file, write_lines
from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.signals import handling_signals
from evcli.cli.local.time.worker import open_state_directory, work_on_directory
from evcli.errors import EvcliError, WorkerBusyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evcli.cli.local.file_options import FileOptions
    from evcli.cli.session import Session
    from evcli.server.server import Server

DEFAULT_HOST = "127.0.0.1"
# Of a global endpoint, the primary event bus first.
SIDES = ("primary", "secondary")
DEFAULT_PORT = 4010

# How long the worker waits for another one to end before it looks again, in seconds.
BUSY_SECONDS = 1.0
# How long a stop waits for what the worker is at, in seconds. What it cannot finish the
# next worker does: nothing depends on a worker's end.
STOP_SECONDS = 5.0


def _read_allowed_hosts(
    _ctx: click.Context, _parameter: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    from evcli.server.hosts import read_own_host

    hosts = []
    for name in names:
        host = read_own_host(name)
        if host is None:
            raise click.BadParameter(
                f"{name!r} is no name or address of a host; each is named in full, as"
                " clients call it, without port. A pattern would also let in pages that"
                " have their own name lead here."
            )
        hosts.append(host)
    return tuple(hosts)


@click.command()
@click.option(
    "--host", default=DEFAULT_HOST, show_default=True, help="Where to listen."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="PORT",
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    callback=_read_allowed_hosts,
    help="Answer requests to this name as well, such as that of a compose service;"
    " repeatable.",
)
@click.option(
    "--page",
    is_flag=True,
    help="Show browsers the page on a --host that other machines reach, too.",
)
@click.option(
    "--ready-file",
    type=click.Path(),
    metavar="PATH",
    help="Write the URL to this file once requests are answered.",
)
@click.option(
    "--no-worker",
    is_flag=True,
    help="Leave schedules, retries and replays to `evcli local run` or `tick`.",
)
@quiet_option
@import_options
@click.option(
    "--watch", is_flag=True, help="Import again whenever a file of --import changes."
)
@click.pass_obj
def serve_command(
    session: Session,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    page: bool,
    ready_file: str | None,
    no_worker: bool,
    quiet: bool,
    import_paths: tuple[str, ...],
    file_options: FileOptions,
    watch: bool,
) -> None:
    """Answer AWS SDKs and the aws command, which find it by
    AWS_ENDPOINT_URL_EVENTBRIDGE or --endpoint-url, until SIGINT or SIGTERM.

    A request acts in the region of its signature, and as the account of the profile in
    config.toml whose access_key_id it has; an access key of twelve digits is an account
    itself. Signatures are not verified: whoever reaches the port may do everything. So
    only requests to localhost, --host and each --allowed-host are answered, and none of
    other pages in a browser.

    A state directory that is removed or replaced meanwhile counts from the next request
    on, which finds a fresh one.

    Schedules, retries and replays are carried out as by `evcli local run`.

    A line on standard error tells of each request and of what is done; with --output
    json an object on a line of standard output.

    Browsers get a page at the same URL: live events and what became of each, a playground
    for patterns, rules. See `evcli local ui`.
    """
    gc.enable()
    if watch and not import_paths:
        raise click.UsageError("--watch needs --import.")
    session.environ = environ = dict(session.environ)
    reporter = Reporter(session, quiet=quiet, leave=lambda: server.stop())
    with (
        closing(
            open_server(session, host, port, allowed_hosts, reporter, has_page=page)
        ) as server,
        # They stop the server instead of the process.
        handling_signals(lambda *_: server.stop(), signal.SIGINT, signal.SIGTERM),
        _importing(session, import_paths, file_options, reporter, is_watching=watch),
    ):
        # So that a handler or a command of a sink puts its events here.
        environ.setdefault("AWS_ENDPOINT_URL_EVENTBRIDGE", server.url)
        say_start(session, reporter, server, host)
        with _ready_file(ready_file, server):
            run_server(session, server, with_worker=not no_worker, reporter=reporter)
    reporter.say("evcli stopped.")


@contextmanager
def _importing(
    session: Session,
    paths: tuple[str, ...],
    options: FileOptions,
    reporter: Reporter,
    *,
    is_watching: bool,
) -> Iterator[None]:
    """Import files first, and again in another thread as they change."""
    if not paths:
        yield
        return
    from evcli.cli.local.state.descriptions import Importer, Watcher

    importer = Importer(session, paths, options, reporter=reporter)
    watcher = Watcher(importer)
    importer.carry_out()
    if not is_watching:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=watcher.run, args=(over.wait,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(STOP_SECONDS)


@contextmanager
def _ready_file(path: str | None, server: Server) -> Iterator[None]:
    """Have the file there as long as requests are answered."""
    if path is None:
        yield
        return
    write_file(path, f"{server.url}\n")
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(path)


def open_server(
    session: Session,
    host: str,
    port: int,
    allowed_hosts: Iterable[str] = (),
    reporter: Reporter | None = None,
    *,
    has_page: bool = False,
) -> Server:
    """Open the port, and the state directory once, to see that it can be used.

    Args:
        allowed_hosts: names that lead to the port, besides `host` and the loopback's.
        reporter: told of requests, and of what is done for them.
        has_page: whether browsers get the page even if other machines reach the host.

    Raises:
        ConfigurationError: the state directory or its `config.toml` cannot be used.
        EvcliError: the port cannot be opened.
    """
    from evcli.server.application import Application
    from evcli.server.server import Server, leads_to_loopback

    application = Application(
        open_state_directory(session),
        account_id=session.settings.account_id,
        region=session.settings.region,
        profile=session.settings.profile,
        own_hosts=[host.lower(), *allowed_hosts],
        has_page=has_page or leads_to_loopback(host),
        warn=session.warn,
        environ=session.environ,
        stdout=session.stdout,
        stderr=session.stderr,
        kept=session.kept,
        report=reporter,
    )
    return Server(application, host, port)


def say_start(session: Session, reporter: Reporter, server: Server, host: str) -> None:
    """Say where the server is, and who may reach it."""
    from evcli.server.server import leads_to_loopback

    reporter.say(
        f"evcli answers at {server.url}; Ctrl-C stops it. Signatures are read, not"
        f" verified. The state is in {session.find_state_directory()}"
    )
    if not leads_to_loopback(host):
        session.warn(
            f"Warning: other machines can reach {host}, and whoever can may do"
            " everything with this state directory."
        )
    session.stderr.flush()


def run_server(
    session: Session,
    server: Server,
    *,
    with_worker: bool,
    reporter: Reporter | None = None,
) -> None:
    """Answer requests until the server is stopped, with a worker beside if wanted."""
    from evcli.server.announcement import announcing

    over = threading.Event()
    worker = threading.Thread(
        target=_run_worker, args=(session, over, reporter), daemon=True
    )
    path = session.find_state_directory()
    announced = announcing(path, server.url) if server.has_page else nullcontext()
    if with_worker:
        worker.start()
    try:
        with announced:
            server.run()
    finally:
        over.set()
        if with_worker:
            worker.join(STOP_SECONDS)


def _run_worker(
    session: Session, over: threading.Event, reporter: Reporter | None
) -> None:
    """Be the worker, in a thread and with a context of its own, until it is over."""
    path = session.find_state_directory()
    is_warned = False
    while not over.is_set():
        try:
            work_on_directory(session, path, over.wait, reporter)
        except WorkerBusyError as error:
            if not is_warned:
                session.warn(f"{error.message} This one waits for its turn.")
            is_warned = True
            over.wait(BUSY_SECONDS)
        except EvcliError as error:
            # A config.toml in the middle of an edit, say; the next look may find it well.
            session.warn(error.message)
            over.wait(BUSY_SECONDS)


@click.command()
@click.argument("endpoint")
@click.argument("to", type=click.Choice(SIDES), required=False)
@click.pass_obj
def failover_command(session: Session, endpoint: str, to: str | None) -> None:
    """Make the primary or the secondary event bus of ENDPOINT the one that serves.

    Without either, show which one does and change nothing.

    ENDPOINT is the name of a global endpoint in this region. From now on entries sent
    with its id go to the chosen event bus, and copies, with replication, to the other.
    Prints the ARN of the event bus that serves.
    """
    from evcli.operations.endpoints import fail_over, find_serving

    with closing(session.open_context()) as ctx:
        if to is not None:
            fail_over(ctx, endpoint, to_secondary=to == SIDES[True])
        is_secondary, serving = find_serving(ctx, endpoint)
    side, arn = SIDES[is_secondary], str(serving)
    line = f"{side}\t{arn}" if to is None else arn
    write_lines(session, "Failover", [line], {"Side": side, "EventBusArn": arn})
