"""What `lint` and `test` have in common: `--format`, `--output`, colours, exit codes."""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING, NamedTuple

import click

from evcli.authoring.reports import (
    ERROR,
    FORMATS,
    INFO,
    PASSED,
    SKIPPED,
    TEXT,
    WARNING,
    list_lines,
)
from evcli.cli.errors import ParamError
from evcli.cli.local.output import write_file
from evcli.cli.local.send_and_see.bulk_input import locate
from evcli.cli.output.folding import fold
from evcli.cli.output.query import Query
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from evcli.authoring.reports import Report
    from evcli.cli.session import Session

# As in a table, colours that can be read on a light and on a dark ground.
STYLES = {
    ERROR: "red",
    WARNING: "magenta",
    INFO: "cyan",
    PASSED: "green",
    SKIPPED: "blue",
}
STREAM = "-"
JSON = "json"
# Where the checkout is that names of files start from. Source: [doc] GitHub Actions.
CHECKOUT = "GITHUB_WORKSPACE"


class ReportOptions(NamedTuple):
    """In which form results are wanted, and in which file, if in one."""

    format: str
    output: str | None


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format` and `--output`; the command gets them under `report_options`.

    `cli.local.OWN_OPTIONS` says that this `--output` is not the global one.
    """

    @functools.wraps(command)
    def run(*args: Any, **values: Any) -> Any:
        options = ReportOptions(values.pop("report_format"), values.pop("report_file"))
        return command(*args, **values, report_options=options)

    run = click.option(
        "--output",
        "report_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        help="Write it to FILE; standard output still tells people.",
    )(run)
    return click.option(
        "--format",
        "report_format",
        type=click.Choice((TEXT, *FORMATS)),
        default=TEXT,
        show_default=True,
        help="In which form results are written.",
    )(run)


def write_report(
    session: Session,
    report: Report,
    options: ReportOptions,
    lines: Iterable[tuple[str, str]] | None = None,
) -> None:
    """Write results in the form and to where they are wanted.

    Args:
        lines: what people read, each with the level that colours it, or ""; findings as
            `list_lines` tells them if there are none.

    Raises: GeneralError: the file cannot be written.
    """
    if "query" in session.options:
        options = _require_json(options)
    lines = list_lines(report) if lines is None else lines
    if options.output in (None, STREAM):
        if options.format == TEXT:
            write_lines(session, lines)
        else:
            session.write(_format(session, report, options.format))
        return
    assert options.output is not None
    if options.format == TEXT:
        lines = list(lines)
        text = _encode("".join(f"{line}\n" for line, _ in lines))
    else:
        text = _format(session, report, options.format)
    write_file(locate(session, options.output), text)
    write_lines(session, lines)


def write_lines(session: Session, lines: Iterable[tuple[str, str]]) -> None:
    """Write lines for people: on a terminal in the colours of their levels, and wrapped."""
    color = session.options.get("color", "auto")
    is_colored = color == "on" or (color == "auto" and session.stdout.isatty())
    for line, level in lines:
        # Whoever reads it, in a terminal or in a log of a run.
        text = fold(_encode(make_visible(line)), session.stdout, hanging=8)
        style = STYLES.get(level) if is_colored else None
        session.stdout.write(f"{click.style(text, fg=style) if style else text}\n")


def _format(session: Session, report: Report, name: str) -> str:
    results = [
        each._replace(file=name_from_root(session, each.file))
        for each in report.results
    ]
    text = FORMATS[name](report._replace(results=results))
    query = session.options.get("query")
    return _encode(text if query is None else _pick(text, query))


def _require_json(options: ReportOptions) -> ReportOptions:
    """What a query picks from is JSON. Raises: ParamError: another form was asked for."""
    if options.format not in (TEXT, JSON):
        raise ParamError(f"--query picks from JSON; --format {options.format} is not.")
    return options._replace(format=JSON)


def _pick(text: str, query: str) -> str:
    value = Query(query).search(json.loads(text))
    return json.dumps(value, ensure_ascii=False, indent=4) + "\n"


def name_from_root(session: Session, file: str) -> str:
    """Name a file from the root of the checkout, else from the working directory."""
    here = session.find_working_directory()
    path = os.path.join(here, file)
    # Standard input and the like are no files.
    if not file or not os.path.exists(path):
        return file
    root = session.environ.get(CHECKOUT) or here
    name = os.path.relpath(path, root)
    return path if name.startswith(os.pardir) else name.replace(os.sep, "/")


def _encode(text: str) -> str:
    """Replace halves of characters, which JSON can name and nothing can write."""
    return text.encode(errors="replace").decode()
