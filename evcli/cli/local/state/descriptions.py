"""`evcli local import` and `diff`: what files describe, made or compared."""

from __future__ import annotations

import gc
import json
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.cli.errors import GeneralError, UnreadableError
from evcli.cli.local.file_options import file_options, make_read_options
from evcli.cli.local.output import find_asked_output, write_document
from evcli.cli.local.reporting import Reporter, quiet_option
from evcli.cli.local.signals import handling_signals, interrupt
from evcli.cli.output.folding import fold
from evcli.delivery.reports import RESOURCE, report
from evcli.errors import ConfigurationError, EvcliError
from evcli.infrastructure.apply import carry_out
from evcli.infrastructure.changes import (
    ABSENT,
    ADDED,
    CHANGED,
    REMOVED,
    Change,
    carry_out_compared,
    list_changes,
)
from evcli.infrastructure.reading import read_files
from evcli.infrastructure.sources import STANDARD_STREAM
from evcli.infrastructure.toml_writer import format_string
from evcli.infrastructure.watching import read_stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from evcli.cli.local.file_options import FileOptions
    from evcli.cli.session import Session
    from evcli.context import Context
    from evcli.infrastructure.description import Description

EQUAL, DIFFERENT = 0, 1

# How often files are looked at, in seconds.
WATCH_SECONDS = 0.3

MARKS = {ADDED: "+", CHANGED: "~", REMOVED: "-"}
STYLES = {ADDED: "green", CHANGED: "magenta", REMOVED: "red"}


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Change nothing; print what would be changed, as `evcli local diff` does.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Also remove what an earlier import of these files made and they no longer have.",
)
@click.option("--watch", is_flag=True, help="Import again whenever a file changes.")
@quiet_option
@file_options
@click.pass_context
def import_command(
    ctx: click.Context,
    paths: tuple[str, ...],
    dry_run: bool,
    prune: bool,
    watch: bool,
    quiet: bool,
    file_options: FileOptions,
) -> None:
    """Make the event buses, rules, targets, archives, connections, API destinations and
    endpoints that each FILE describes, or change them to what it says; - is standard
    input. What no FILE names stays. All of it happens, or nothing.

    FILE is a template of CloudFormation, SAM or Serverless, a folder cdk.out, a plan or
    state as `terraform show -json` prints it, or what `evcli local export` wrote. Nothing
    of it is executed and nothing is fetched.

    ARNs of other services' resources are those that AWS would give them, names that AWS
    would make up are the same each time. What cannot be worked out is named and left out.

    Connections keep the secrets that they have; a new one whose secret is not in FILE
    gets a placeholder.

    A line on standard error tells of each thing that is added, changed or removed; with
    --output json an object on a line of standard output.
    """
    session: Session = ctx.obj
    if watch and dry_run:
        raise click.UsageError("--watch and --dry-run exclude each other.")
    reporter = None if dry_run else Reporter(session, quiet=quiet)
    importer = Importer(
        session, paths, file_options, is_pruning=prune, reporter=reporter
    )
    if dry_run:
        importer.print_changes()
        return
    watcher = Watcher(importer) if watch else None
    importer.carry_out()
    if watcher is None:
        return
    gc.enable()
    try:
        with handling_signals(interrupt, signal.SIGTERM):
            watcher.run(time.sleep)
    except KeyboardInterrupt:
        session.warn("evcli stopped.")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option(
    "--prune",
    is_flag=True,
    help="Also what `evcli local import --prune` would remove.",
)
@file_options
@click.pass_context
def diff_command(
    ctx: click.Context,
    paths: tuple[str, ...],
    prune: bool,
    file_options: FileOptions,
) -> None:
    """Print what `evcli local import FILE...` would change, and change nothing: - what is,
    + what will be. FILE is as it is for `evcli local import`.

    The exit code is 0 if nothing would change, 1 if something would, 2 if a FILE cannot
    be read or imported. --output json prints a list of the changes.
    """
    session: Session = ctx.obj
    importer = Importer(session, paths, file_options, is_pruning=prune)
    try:
        changes = importer.print_changes()
    except ConfigurationError as error:
        raise UnreadableError(error.message) from error
    ctx.exit(DIFFERENT if changes else EQUAL)


class Importer:
    """Reads the files of a command, and imports or compares what they describe."""

    def __init__(
        self,
        session: Session,
        paths: tuple[str, ...],
        options: FileOptions,
        *,
        is_pruning: bool = False,
        reporter: Reporter | None = None,
    ) -> None:
        self._reporter = reporter
        self.session = session
        self.paths = paths
        self._options = options
        self._is_pruning = is_pruning
        self.watched = (*paths, *options.parameters)

    def carry_out(self) -> None:
        """Import the files, and warn of what people should know about them.

        Raises: ConfigurationError: names the file, the line or key, and what is wrong.
        """
        with closing(self.session.open_context()) as ctx:
            description = self._read(ctx)
            if self._reporter is None:
                carry_out(ctx, description, is_pruning=self._is_pruning)
            else:
                ctx.report = self._reporter
                self._carry_out_reported(ctx, description, self._reporter)
            self.session.warn_notices(ctx)

    def _carry_out_reported(
        self, ctx: Context, description: Description, reporter: Reporter
    ) -> None:
        changes = carry_out_compared(ctx, description, is_pruning=self._is_pruning)
        for change in changes:
            document = change.to_document()
            del document["Changes"]
            report(ctx, RESOURCE, **document)
        if not changes:
            reporter.say("Everything is as it was.")

    def print_changes(self) -> list[Change]:
        """Print what importing would change. Raises: ConfigurationError, as `carry_out`."""
        with closing(self.session.open_context()) as ctx:
            description = self._read(ctx)
            changes = list_changes(ctx, description, is_pruning=self._is_pruning)
            self.session.warn_notices(ctx)
        output = find_asked_output(self.session)
        if output is not None:
            document = [each.to_document() for each in changes]
            write_document(self.session, "Diff", document, output)
        else:
            print_changes(self.session, changes, description.invented)
        return changes

    def _read(self, ctx: Context) -> Description:
        session, options = self.session, self._options
        if (
            self._is_pruning
            and STANDARD_STREAM in self.paths
            and not options.stack_name
        ):
            raise GeneralError(
                "--prune needs --stack-name with standard input: another file may have"
                " come from there before."
            )
        read_options = make_read_options(session, options, ctx.account_id, ctx.region)
        description = read_files(self.paths, read_options, session.stdin)
        for line in (*description.remarks, *description.notes):
            session.warn(line)
        if options.strict and description.notes:
            count = len(description.notes)
            what = "value" if count == 1 else "values"
            raise ConfigurationError(
                f"{count} {what} could not be worked out (--strict)."
            )
        return description


def print_changes(session: Session, changes: list[Change], invented: set[str]) -> None:
    """Print changes for people, in colour on a terminal."""
    color = session.options.get("color", "auto")
    is_colored = color == "on" or (color == "auto" and session.stdout.isatty())
    scope = None
    for change in changes:
        if scope != change.key[:2]:
            scope = change.key[:2]
            session.write(f"account {scope[0]}, region {scope[1]}\n")
        for line, style in format_change(change, invented):
            # Styled last: what others wrote must not look like a style.
            from evcli.cli.output.visible import make_visible

            line = fold(line, session.stdout, hanging=4)
            if is_colored:
                session.stdout.write(f"{click.style(make_visible(line), fg=style)}\n")
            else:
                session.write(f"{line}\n")
    if changes:
        counts = [
            f"{sum(each.action == action for each in changes)} to {action}"
            for action in (ADDED, CHANGED, REMOVED)
        ]
        session.write(f"{', '.join(counts)}\n")


def format_change(
    change: Change, invented: set[str]
) -> Iterator[tuple[str, str | None]]:
    """The lines of a change, each with its colour."""
    kind, name = change.key[2].replace("_", " "), "/".join(change.key[3])
    where = "" if change.origin is None else f"  ({change.origin})"
    yield f"{MARKS[change.action]} {kind} {name}{where}", STYLES[change.action]
    for path, before, after in change.leaves:
        if before is not ABSENT:
            yield f"  - {path}: {_write(before, invented)}", "red"
        if after is not ABSENT:
            yield f"  + {path}: {_write(after, invented)}", "green"


def _write(value: Any, invented: set[str]) -> str:
    if not isinstance(value, str) or "\n" in value:
        return json.dumps(value, ensure_ascii=False)
    is_invented = any(name in value for name in invented)
    # JSON in a text stays legible.
    return format_string(value) + ("  (name made up)" if is_invented else "")


class Watcher:
    """Imports files again whenever one of them changes.

    A file that cannot be imported is named, and left until it changes again.

    Raises: GeneralError: standard input is among them.
    """

    def __init__(self, importer: Importer) -> None:
        if STANDARD_STREAM in importer.watched:
            raise GeneralError("--watch needs files; standard input has an end.")
        self._importer = importer
        self._names = ", ".join(importer.paths)
        # As they are before the first import: what changes during it is not missed.
        self._stamps = read_stamps(importer.watched)

    def run(self, wait: Callable[[float], object]) -> None:
        """Look at the files until `wait`, which sleeps for some seconds, says `True`."""
        session = self._importer.session
        session.warn(f"evcli watches {self._names}.")
        session.stderr.flush()
        while not wait(WATCH_SECONDS):
            found = read_stamps(self._importer.watched)
            if found != self._stamps:
                self._stamps = found
                self._import_again()

    def _import_again(self) -> None:
        session = self._importer.session
        try:
            self._importer.carry_out()
        except EvcliError as error:
            session.warn(error.message)
        else:
            session.warn(f"{self._names} imported again.")
        session.stderr.flush()
