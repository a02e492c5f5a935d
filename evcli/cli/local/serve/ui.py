"""`evcli local ui`: the page for browsers, and a server behind it if there is none."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.serve.serve import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    open_server,
    run_server,
    say_start,
)
from evcli.cli.local.signals import handling_signals
from evcli.errors import EvcliError

if TYPE_CHECKING:
    from evcli.cli.session import Session
    from evcli.server.server import Server


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help=f"Port of a server that is started; {DEFAULT_PORT} if it is free.",
)
@click.option("--no-open", is_flag=True, help="Print the address and open no browser.")
@quiet_option
@click.pass_obj
def ui_command(session: Session, port: int | None, no_open: bool, quiet: bool) -> None:
    """Open a page that shows events as they arrive and what became of each, a playground
    for patterns, and rules.

    It is the page of `evcli local serve`. Where a server runs on this state directory,
    that one shows it; else one is started, which answers SDKs as well, until Ctrl-C.
    """
    from evcli.server.announcement import find_server

    url = find_server(session.find_state_directory())
    if url is not None:
        _show(session, url, no_open=no_open)
        return
    gc.enable()
    session.environ = environ = dict(session.environ)
    reporter = Reporter(session, quiet=quiet, leave=lambda: server.stop())
    with (
        closing(_open_server(session, port, reporter)) as server,
        handling_signals(lambda *_: server.stop(), signal.SIGINT, signal.SIGTERM),
    ):
        environ.setdefault("AWS_ENDPOINT_URL_EVENTBRIDGE", server.url)
        say_start(session, reporter, server, DEFAULT_HOST)
        # Some browsers are waited for, and wait for the page themselves.
        threading.Thread(
            target=_show,
            args=(session, server.url),
            kwargs={"no_open": no_open},
            daemon=True,
        ).start()
        run_server(session, server, with_worker=True, reporter=reporter)
    reporter.say("evcli stopped.")


def _open_server(session: Session, port: int | None, reporter: Reporter) -> Server:
    """Open the port that was asked for; else the usual one, or a free one."""
    if port is not None:
        return open_server(session, DEFAULT_HOST, port, reporter=reporter)
    try:
        return open_server(session, DEFAULT_HOST, DEFAULT_PORT, reporter=reporter)
    except EvcliError:
        # That of another state directory, most likely. Any other error comes again.
        return open_server(session, DEFAULT_HOST, 0, reporter=reporter)


def _show(session: Session, url: str, *, no_open: bool) -> None:
    """Open the page in a browser; print its address where that is asked for or fails."""
    if no_open or not open_browser(session, url):
        session.write(f"{url}/\n")
        session.stdout.flush()


def open_browser(session: Session, url: str) -> bool:
    """Open an address in a browser of the desktop; say whether there is one.

    One for terminals is not opened unless BROWSER names it: it would take this one.
    """
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser and "BROWSER" not in session.environ:
        return False
    return browser.open(f"{url}/")
