"""From responses to what stands on the screen: model order, timestamps, query, format.

JSON, which most commands write, is here; the other formats have a module each, imported
when chosen.
"""

from __future__ import annotations

from evcli import load
from evcli.cli.errors import GeneralError
from evcli.cli.output import FORMATTERS
from evcli.json_text import dumps_indented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import Any, TextIO

    from evcli.cli.output.query import Query
    from evcli.model.shapes import Operation, Shape

    # A page, and the token that continues after it.
    Step = tuple[dict[str, Any], str]

# Where output is no terminal, or one of unknown width. Source: [aws].
DEFAULT_WIDTH = 80

TOKEN = "NextToken"


class Pages:
    """The responses of one command, one by one.

    `result` names the member whose items the pages share, "" for a single response.
    `resume_token` is what `--starting-token` takes to go on after the page just given,
    "" where nothing is left or more pages follow.
    """

    __slots__ = ("_steps", "result", "resume_token")

    def __init__(self, steps: Iterable[Step], result: str = "") -> None:
        self._steps = steps
        self.result = result
        self.resume_token = ""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for response, resume_token in self._steps:
            self.resume_token = resume_token
            yield response


class RenderedResponse:
    """What a command has to say, as every format needs it.

    `title` is the wire name of the operation. `color` is `on`, `off` or `auto`.
    `terminal_width` counts columns.
    """

    __slots__ = (
        "_format_time",
        "_pages",
        "_query",
        "_shape",
        "color",
        "is_terminal",
        "terminal_width",
        "title",
    )

    def __init__(
        self,
        operation: Operation,
        response: Any | Pages,
        query: Query | None = None,
        *,
        color: str = "auto",
        timestamp_format: str = "iso8601",
        is_terminal: bool = False,
        terminal_width: int = DEFAULT_WIDTH,
    ) -> None:
        self.title = operation.name
        self.color = color
        self.is_terminal = is_terminal
        self.terminal_width = terminal_width
        self._shape = operation.response
        self._pages = (
            response if isinstance(response, Pages) else Pages([(response, "")])
        )
        self._query = query
        self._format_time = (
            format_epoch if timestamp_format == "wire" else format_local_time
        )

    def get_result(self) -> Any:
        """The whole answer: pages merged, a token that continues them last; queried."""
        pages = self._pages
        whole: dict[str, Any] = {}
        for page in self._shape_pages():
            if pages.result and whole:
                whole[pages.result] += page[pages.result]
            elif pages.result:
                whole = {pages.result: page[pages.result]}
            else:
                whole = page
        if pages.resume_token:
            whole[TOKEN] = pages.resume_token
        return self._search(whole)

    def get_results_by_page(self) -> Iterator[Any]:
        """Each page's items by themselves, then an object with the token; all queried.

        The token stands one level deeper than in a whole answer. Source: [peer].
        """
        pages = self._pages
        for page in self._shape_pages():
            yield self._search(
                {pages.result: page[pages.result]} if pages.result else page
            )
        if pages.resume_token:
            yield self._search({TOKEN: {TOKEN: pages.resume_token}})

    def get_results_as_received(self) -> Iterator[Any]:
        """Each page with the service's own token, queried; no empty answer."""
        for page in self._shape_pages():
            result = self._search(page)
            if self._pages.result or result != {}:
                yield result

    def skip(self) -> None:
        """Make the calls that fetch pages, and forget the answer."""
        for _ in self._pages:
            pass

    def _shape_pages(self) -> Iterator[dict[str, Any]]:
        for page in self._pages:
            yield shape_value(self._shape, page, self._format_time)

    def _search(self, value: Any) -> Any:
        return value if self._query is None else self._query.search(value)


def write_response(
    operation: Operation,
    response: Any | Pages,
    *,
    output: str,
    query: str | None,
    color: str,
    timestamp_format: str,
    stream: TextIO,
) -> None:
    """Write what a command answers.

    Args:
        response: what the operation answered, or the pages of its answer, which are
            fetched while they are written.
        output: a key of `FORMATTERS`.
        query: a JMESPath expression.
        timestamp_format: `iso8601` (in the machine's zone) or `wire` (epoch seconds).

    Raises:
        GeneralError: the query does not fit the data, the data no table, or there is no
            such output; what fetching pages raises.
    """
    is_terminal = stream.isatty()
    compiled = None
    if query is not None:
        from evcli.cli.output.query import Query

        compiled = Query(query)
    rendered = RenderedResponse(
        operation,
        response,
        compiled,
        color=color,
        timestamp_format=timestamp_format,
        is_terminal=is_terminal,
        terminal_width=find_terminal_width(stream) if is_terminal else DEFAULT_WIDTH,
    )
    write = find_formatter(output, rendered)
    if is_terminal and output != "table":  # a table has colors of its own
        from evcli.cli.output.visible import TerminalStream

        shown = TerminalStream(stream, output)
        write(rendered, shown)  # type: ignore[arg-type]  # enough of a stream
    else:
        write(rendered, stream)
    stream.flush()


def find_formatter(
    output: str, response: RenderedResponse
) -> Callable[[RenderedResponse, TextIO], None]:
    """Import a format.

    An unknown one (from the environment; the option itself is checked by the parser) is
    noticed only after the calls were made. Source: [aws].
    """
    if output not in FORMATTERS:
        response.skip()
        raise GeneralError(f"Unknown output type: {output}")
    module_name, function_name = FORMATTERS[output]
    formatter: Callable[[RenderedResponse, TextIO], None] = load(
        f"evcli.cli.{module_name}", function_name
    )
    return formatter


def find_terminal_width(stream: TextIO) -> int:
    """Ask the terminal behind a stream for its columns."""
    import os

    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except OSError:
        return DEFAULT_WIDTH


def shape_value(
    shape: Shape | None, value: Any, format_time: Callable[[datetime], Any]
) -> Any:
    """Bring a response into the form that is printed.

    Members stand in model order; null ones and those that the model does not know are
    left out. Keys of maps keep their order. Source: [aws].
    """
    if shape is None:
        return {}
    if shape.kind == "structure":
        return {
            name: shape_value(member.shape, value[name], format_time)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.kind == "list":
        return [shape_value(shape.element, item, format_time) for item in value]
    if shape.kind == "map":
        return {
            key: shape_value(shape.value, item, format_time)
            for key, item in value.items()
        }
    # Times without a zone are samples of an output skeleton and stay as they are.
    if shape.kind == "timestamp" and getattr(value, "tzinfo", None) is not None:
        return format_time(value)
    return value


def format_local_time(instant: datetime) -> str:
    """ISO 8601 with the offset of the machine's zone. Source: [aws]."""
    return instant.astimezone().isoformat()


def format_epoch(instant: datetime) -> float:
    """Epoch seconds as the service sends them; whole ones as an integer.

    [guess] for whole seconds, where clients differ by service; a recording settles it.
    """
    seconds = instant.timestamp()
    return int(seconds) if seconds == int(seconds) else seconds


# -- json and off


def format_json(value: object) -> str:
    """Format a value as `aws` prints it: indent 4, UTF-8 as it is.

    Timestamps without a zone (output skeletons) become ISO text.

    Raises: GeneralError: a query left a reference to an expression, such as `&@`.
    """
    return dumps_indented(value, _format_odd)


def write_json(response: RenderedResponse, stream: TextIO) -> None:
    """Write the whole answer, and nothing at all for an empty object.

    Source: [aws] `null`, `[]` and scalars are printed, `{}` is not.
    """
    result = response.get_result()
    if result != {}:
        stream.write(format_json(result) + "\n")


def _format_odd(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    # What the official client, which hands the value back, is told. Source: [aws].
    raise GeneralError("Circular reference detected")


def write_nothing(response: RenderedResponse, stream: TextIO) -> None:
    """Make the calls; the query is not applied, so it cannot fail on the data either.

    [guess] for the query; running the official client would settle it.
    """
    response.skip()
