"""`evcli local lint`: what is wrong with rules, before anybody deploys them."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import click

from evcli.arns import locate_event_bus
from evcli.authoring.lint.catalogue import CHECKS
from evcli.authoring.lint.checking import choose_checks, lint
from evcli.authoring.lint.reading import read_sources
from evcli.authoring.lint.refusals import complete_arn
from evcli.authoring.lint.shapes import collect, read_samples
from evcli.authoring.lint.subjects import Subjects
from evcli.authoring.reports import (
    FINDINGS,
    NOTHING,
    PASSED,
    TEST_LISTS,
    WARNING,
    Report,
    Result,
    find_exit_code,
)
from evcli.authoring.samples import find_own_directory
from evcli.bulk.backtest import Backtest
from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.local.author.reporting import report_options, write_report
from evcli.cli.local.file_options import file_options, make_read_options
from evcli.cli.local.send_and_see.bulk_input import Inputs
from evcli.context import SystemClock, choose_scope
from evcli.errors import ConfigurationError, EntryError
from evcli.infrastructure.description import Description
from evcli.infrastructure.sources import name_file
from evcli.infrastructure.state import read_state
from evcli.store.directory.configuration_file import get_configuration
from evcli.store.directory.state_directory import SCHEMAS, find_project_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from evcli.authoring.lint.shapes import Events
    from evcli.cli.local.author.reporting import ReportOptions
    from evcli.cli.local.file_options import FileOptions
    from evcli.cli.session import Session

TITLE = "evcli local lint"


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="FILE...")
@click.option(
    "--event-bus-name",
    metavar="NAME",
    help="Without FILE: only the rules of this event bus.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="ID",
    help="Only these checks: ids or how they begin, as EB2; repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="ID",
    help="All but these checks; repeatable.",
)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Hold patterns and paths against events that were captured.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FINDINGS),
    default=WARNING,
    show_default=True,
    help="Exit with 1 for findings as bad as this, or worse.",
)
@click.option(
    "--list", "is_list", is_flag=True, help="List all checks, and check nothing."
)
@report_options
@partial(file_options, format_option="--input-format")
@click.pass_context
def lint_command(
    ctx: click.Context,
    paths: tuple[str, ...],
    event_bus_name: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    events_file: str | None,
    fail_on: str,
    is_list: bool,
    report_options: ReportOptions,
    file_options: FileOptions,
) -> None:
    """Say what is wrong with the rules that each FILE describes, or those of the state
    directory: what AWS would refuse, what it accepts and nothing comes of, and what may
    cost or lose something.

    FILE is whatever `evcli local import` takes, an event pattern, or a rule as
    describe-rule, list-rules or put-rule have it; - is standard input.

    Patterns are held against the sample events of AWS services and of this project, its
    schemas, and with --events against captured ones, which are read as `evcli local send` reads them;
    lines that file sinks wrote will do, too.

    What AWS refuses is an error, what it accepts and cannot be meant a warning, all else a
    remark. Remarks alone do not fail a run, unless by --fail-on info.
    """
    session: Session = ctx.obj
    if is_list:
        write_checks(session)
        return
    if paths and event_bus_name is not None:
        raise ParamError("Name either files or an event bus.")
    if events_file == "-" and "-" in paths:
        raise ParamError("Standard input is either FILE or --events.")
    only = choose_checks(select, ignore)
    linter = Linter(session, file_options)
    subjects = linter.read_files(paths) if paths else linter.read_state(event_bus_name)
    results = lint(
        subjects,
        now=linter.now,
        events=linter.list_events(events_file),
        schema_directory=linter.find_schemas(),
        only=only,
    )
    if not paths:
        results = [each._replace(file="", line=None) for each in results]
    code = find_exit_code(results, fail_on)
    if report_options.format in TEST_LISTS:
        results += list_clean(paths, results)
    checks = {name: CHECKS[name].finds for name in only}
    write_report(session, Report(TITLE, results, checks), report_options)
    has_any = subjects.resources or subjects.patterns
    ctx.exit(code if has_any or paths else NOTHING)


class Linter:
    """Reads what a run of the command checks, and what it is held against."""

    def __init__(self, session: Session, options: FileOptions) -> None:
        self.session = session
        self._options = options
        settings = session.settings
        configuration = get_configuration(session.find_state_directory())
        self._account_id, self._region = choose_scope(
            configuration, settings.profile, settings.account_id, settings.region
        )
        self.now: datetime = SystemClock().now()

    def read_files(self, paths: tuple[str, ...]) -> Subjects:
        """Read files. Raises: ConfigurationError: one cannot be read."""
        session, options = self.session, self._options
        read_options = make_read_options(
            session, options, self._account_id, self._region
        )
        subjects = read_sources(paths, read_options, session.stdin)
        for line in subjects.description.remarks:
            session.warn(line)
        notes = len(subjects.description.notes)
        if options.strict and notes:
            what = "value" if notes == 1 else "values"
            raise ConfigurationError(
                f"{notes} {what} could not be worked out (--strict):"
                f" {subjects.description.notes[0]}"
            )
        return subjects

    def read_state(self, event_bus_name: str | None) -> Subjects:
        """Read the rules of the state, or of one event bus of it."""
        with closing(self.session.open_context()) as ctx:
            self.now = ctx.clock.now()
            with ctx.store.snapshot():
                resources = read_state(ctx)
            ctx.notices.clear()
        account_id, region, name = locate_event_bus(
            event_bus_name, self._account_id, self._region
        )
        for each in resources:
            if each.kind == "target":
                # Read as exports have it, without the id of an API destination.
                each.members["Arn"] = complete_arn(each.members["Arn"])
        description = Description()
        description.resources = [
            each
            for each in resources
            if (each.account_id, each.region) == (account_id, region)
            and (event_bus_name is None or each.name[0] == name)
        ]
        if event_bus_name is not None:
            kinds = ("rule", "target", "event_bus", "policy", "permission")
            description.resources = [
                each for each in description.resources if each.kind in kinds
            ]
        return Subjects(description)

    def find_schemas(self) -> str | None:
        """Find the schemas of the nearest project."""
        here = self.session.find_working_directory()
        return find_project_folder(SCHEMAS, self.session.environ, here)

    def list_events(self, events_file: str | None) -> list[Events]:
        """List what patterns are held against. Raises: GeneralError: no events."""
        session = self.session
        here = session.find_working_directory()
        samples = read_samples(find_own_directory(session.environ, here))
        if events_file is None:
            return [samples]
        captured = collect(self._read_events(events_file))
        if not captured.shapes:
            raise GeneralError(f"{name_file(events_file)} has no events.")
        return [captured, samples]

    def _read_events(self, path: str) -> Iterator[Any]:
        backtest = Backtest(
            {}, account_id=self._account_id, region=self._region, now=self.now
        )
        unread = 0
        for lines in Inputs(self.session, [path]).open_each():
            for line in lines.stream:
                if not line.strip():
                    continue
                try:
                    yield backtest.read(unwrap(line))
                except EntryError:
                    unread += 1
        if unread:
            what = "line is no event" if unread == 1 else "lines are no events"
            self.session.warn(f"{name_file(path)}: {unread:,} {what}.")


def unwrap(line: bytes) -> bytes:
    """The event in a line that a file sink wrote; other lines stay as they are."""
    if b'"deliveryId"' not in line:
        return line
    try:
        payload = json.loads(line)["payload"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return line
    return payload.encode(errors="replace") if isinstance(payload, str) else line


def list_clean(paths: tuple[str, ...], results: list[Result]) -> list[Result]:
    """List the files in which nothing was found, for whom an empty list says nothing."""
    files = {each.file for each in results}
    names = [name_file(path) for path in paths] or [""]
    return [
        Result(PASSED, "nothing found", file=name)
        for name in dict.fromkeys(names)
        # What is found in a folder, is found in its files.
        if not any(file == name or file.startswith(f"{name}/") for file in files)
    ]


def write_checks(session: Session) -> None:
    """List the checks: a table for people, else what --output says."""
    from evcli.cli.local.output import choose_output, write_list
    from evcli.cli.output.columns import WRAP, Column

    rows = [
        {"Check": name, "Level": each.level, "Finds": each.finds, "Fix": each.fix}
        for name, each in CHECKS.items()
    ]
    columns = (
        Column("Check", "ID"),
        Column("Level", "LEVEL"),
        Column("Finds", "FINDS", fit=WRAP, least=20),
    )
    members = ("Check", "Level", "Finds", "Fix")
    write_list(session, TITLE, rows, columns, members, choose_output(session))
