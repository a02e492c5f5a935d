"""`evcli local test`: whether events lead to what test files say."""

from __future__ import annotations

import gc
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from evcli.authoring.cases.finding import find_case_files
from evcli.authoring.cases.reading import read_schema
from evcli.authoring.cases.running import run_suites
from evcli.authoring.cases.worlds import Surroundings
from evcli.authoring.reports import (
    CLEAN,
    ERROR,
    FOUND,
    NOTHING,
    PASSED,
    SKIPPED,
    UNREADABLE,
    WARNING,
    Report,
    Result,
)
from evcli.cli.local.author.reporting import report_options, write_report
from evcli.context import choose_scope
from evcli.infrastructure.state import read_state
from evcli.store.directory.configuration_file import get_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evcli.authoring.cases.running import Outcome
    from evcli.cli.local.author.reporting import ReportOptions
    from evcli.cli.session import Session
    from evcli.infrastructure.description import Resource

    Line = tuple[str, str]

# Level of a result → its sign in a line of dots, and its word in a list.
SIGNS = {PASSED: (".", "PASSED"), SKIPPED: ("s", "SKIPPED"), ERROR: ("F", "FAILED")}
UNREADABLE_SIGN = ("E", "UNREADABLE")
# Styles of lines that explain → levels, which have colours.
LEVELS = {"met": PASSED, "missed": ERROR, "hint": WARNING}
SUMMARY = (("failed", ERROR), ("passed", PASSED), ("skipped", SKIPPED))


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
@click.option(
    "-k",
    "expression",
    metavar="TEXT",
    help="Run the tests whose file or name has TEXT in it; `and`, `or` and `not` may"
    " stand between texts.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each test.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that share the files.",
)
@click.option("--watch", is_flag=True, help="Run again at every save of a file.")
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of test files, and stop."
)
@report_options
@click.pass_context
def test_command(
    ctx: click.Context,
    paths: tuple[str, ...],
    expression: str | None,
    verbose: bool,
    jobs: int,
    watch: bool,
    schema: bool,
    report_options: ReportOptions,
) -> None:
    """Test rules: run the test files PATH, or all below a folder, which is the working
    directory if you name none. Their names end in .evtest.yaml, .evtest.yml or
    .evtest.json.

    A test puts an event on an event bus and says which rules match, what targets get,
    and what becomes of it when targets fail; or it says what an event pattern matches;
    or when a schedule fires. Rules come from a template of CloudFormation or SAM, a
    cdk.out, a plan of Terraform, an export, from the test file, or from the state.
    Events stand in the file, in others, or are samples (`evcli local trigger`).
    Those that have a schema in .evcli/schemas have to fit it.

    All of it happens in memory, on a virtual clock; the state stays as it is, and no
    target is called. What fails is explained. `evcli help test-files` tells what a test
    file may say.
    """
    session: Session = ctx.obj
    if schema:
        session.write(read_schema())
        return
    # Off for commands that are soon over.
    gc.enable()
    run = Run(session, paths or (".",), expression, verbose, report_options, jobs)
    if watch:
        from evcli.cli.watching import run_on_every_save

        run_on_every_save(session, run.list_watched(), run.carry_out)
    ctx.exit(run.carry_out())


class Run:
    """What a command line asks for, to be carried out once or at every save."""

    def __init__(
        self,
        session: Session,
        paths: Sequence[str],
        expression: str | None,
        is_verbose: bool,
        options: ReportOptions,
        jobs: int,
    ) -> None:
        self._session = session
        self._paths = paths
        self._expression = expression or ""
        self._is_verbose = is_verbose
        self._options = options
        self._jobs = jobs

    def carry_out(self) -> int:
        """Run the tests and report them; give the exit code."""
        begin = time.perf_counter()
        outcomes = self._run()
        for note in dict.fromkeys(note for each in outcomes for note in each.notes):
            self._session.warn(note)
        results = [each for outcome in outcomes for each in to_results(outcome)]
        seconds = time.perf_counter() - begin
        report = Report("evcli test", results, seconds=seconds)
        lines = list_lines(outcomes, results, seconds, is_verbose=self._is_verbose)
        write_report(self._session, report, self._options, lines)
        return find_exit_code(outcomes, results)

    def list_watched(self) -> list[str]:
        """List the files that have a part in the tests."""
        paths = [path for each in self._run() for path in each.paths]
        return list(dict.fromkeys(paths))

    def _run(self) -> list[Outcome]:
        session = self._session
        settings = session.settings
        configuration = get_configuration(session.find_state_directory())
        account_id, region = choose_scope(
            configuration, settings.profile, settings.account_id, settings.region
        )
        files = find_case_files(self._paths)
        with tempfile.TemporaryDirectory() as scratch:
            surroundings = Surroundings(
                account_id,
                region,
                configuration,
                session.environ,
                self._read_state,
                scratch,
            )
            return list(run_suites(files, surroundings, self._expression, self._jobs))

    def _read_state(self) -> list[Resource]:
        with closing(self._session.open_context()) as ctx, ctx.store.snapshot():
            return read_state(ctx)


def find_exit_code(outcomes: Sequence[Outcome], results: Sequence[Result]) -> int:
    """Say how a run ends: what cannot be read counts for more than what fails."""
    if any(each.problem for each in outcomes):
        return UNREADABLE
    if not results:
        return NOTHING
    return FOUND if any(each.level == ERROR for each in results) else CLEAN


def to_results(outcome: Outcome) -> Iterator[Result]:
    """Make results of what became of a file, for other programs."""
    if outcome.problem:
        name = "the file can be read"
        yield Result(ERROR, name, outcome.problem, file=outcome.path)
    for each in outcome.results:
        result = Result(
            PASSED,
            each.case.name,
            file=outcome.path,
            line=each.line,
            seconds=each.seconds,
        )
        if "skip" in each.case.members:
            result = result._replace(level=SKIPPED, message=each.case.members["skip"])
        elif each.problems:
            first, *others = each.problems
            texts = [text for _, text in first.lines]
            for problem in others:
                texts += [problem.message, *(text for _, text in problem.lines)]
            result = result._replace(
                level=ERROR, message=first.message, details="\n".join(texts)
            )
        yield result


def list_lines(
    outcomes: Sequence[Outcome],
    results: Sequence[Result],
    seconds: float,
    *,
    is_verbose: bool,
) -> Iterator[Line]:
    """Tell people what became of the tests: files or tests, failures, how many."""
    by_file: dict[str, list[Result]] = {}
    for result in results:
        by_file.setdefault(result.file, []).append(result)
    unreadable = {each.path for each in outcomes if each.problem}
    for file, listed in by_file.items():
        signs = [
            UNREADABLE_SIGN if file in unreadable else SIGNS[each.level]
            for each in listed
        ]
        if is_verbose:
            for each, (_, word) in zip(listed, signs, strict=True):
                where = file if each.line is None else f"{file}:{each.line}"
                yield f"{where}: {each.name} {word}", each.level
            continue
        level = ERROR if any(each.level == ERROR for each in listed) else PASSED
        yield f"{file} {''.join(sign for sign, _ in signs)}", level
    for outcome in outcomes:
        yield from _list_failures(outcome)
    if any(each.level == ERROR for each in results):
        yield "", ""
    yield _summarize(results, seconds)


def _list_failures(outcome: Outcome) -> Iterator[Line]:
    if outcome.problem:
        yield "", ""
        yield f"{outcome.path} cannot be tested", ""
        yield f"  {outcome.problem}", ERROR
    for each in outcome.results:
        if not each.problems:
            continue
        yield "", ""
        yield f"{outcome.path}:{each.line}: {each.case.name}", ""
        for problem in each.problems:
            yield f"  {problem.message}", ERROR
            for style, text in problem.lines:
                yield f"    {text}", LEVELS.get(style, "")


def _summarize(results: Sequence[Result], seconds: float) -> Line:
    """Say how many there were of each kind, as the last line."""
    if not results:
        return "no tests found", ""
    counts = [
        f"{count} {word}"
        for word, level in SUMMARY
        if (count := sum(each.level == level for each in results))
    ]
    level = ERROR if any(each.level == ERROR for each in results) else PASSED
    return f"{', '.join(counts)} in {seconds:.2f} s", level
