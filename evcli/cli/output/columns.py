"""evcli's own tables for people: columns that fit the terminal.

`--output table` of operations is the official client's and is drawn in `table`. What
`evcli local …` lists is shown as here: no frames, a bold heading, and as many columns as
there is room for. A command says once which columns it has:

    COLUMNS = (
        Column("State", "STATE", show_state, least=9),
        Column("Attempts", "TRIES", align="right", drop=2),
        Column("RuleArn", "RULE", show_rule, fit=CUT, least=12),
    )

and hands its values, dicts as its JSON output has them, to `write_list` of
`cli.local.output`, which writes them in whatever format was asked for, or here, to
`write_table`. When the columns do not fit, those that may be are cut or wrapped, down to
their least width; then whole columns drop, the highest `drop` first. What columns show in place
of ARNs, ids and instants is in `short_forms`.

Values come from others: control characters are shown as signs, line breaks too.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from evcli.cli.output.rendering import find_terminal_width
from evcli.cli.output.visible import make_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TextIO

    from rich.console import Console
    from rich.text import Text

    Value = dict[str, Any]
    # What a column shows of a value: a text, or a text with a style of rich.
    Cell = str | tuple[str, str]

# What becomes of cells that are wider than their column.
KEEP, CUT, WRAP = "keep", "cut", "wrap"

GAP = "  "
# Rows that are read before the first is written, so that the columns fit them.
MEASURED_ROWS = 200
NOTE_INDENT = "  "
NOTE_LINES = 3
# Line breaks and tabs, which `make_visible` lets through, would break rows.
BREAKS = str.maketrans({"\n": "␊", "\t": "␉"})


class Column:
    """A column: where its values come from and what gives way when room is short.

    Args:
        key: the member of a value that it is about.
        heading: "" for none; a table without any headings starts with its first row.
        show: value → cell; without it the member as it is, "" where there is none.
        fit: `KEEP`, `CUT` (an ellipsis at the end) or `WRAP` (more lines).
        least: the width that `CUT` and `WRAP` leave, and that endless tables start with.
        drop: 0 stays; otherwise the higher the number, the sooner the column goes.
        align: `left` or `right`.
    """

    __slots__ = ("align", "drop", "fit", "heading", "key", "least", "show")

    def __init__(
        self,
        key: str,
        heading: str,
        show: Callable[[Value], Cell] | None = None,
        *,
        fit: str = KEEP,
        least: int = 0,
        drop: int = 0,
        align: str = "left",
    ) -> None:
        self.key = key
        self.heading = heading
        self.show = show or (lambda value: str(value.get(key, "")))
        self.fit = fit
        self.least = max(least, len(heading))
        self.drop = drop
        self.align = align


def write_table(
    values: Iterable[Value],
    columns: Sequence[Column],
    stream: TextIO,
    *,
    note: Callable[[Value], str] | None = None,
    footer: str = "",
    color: str = "auto",
    measured: int = MEASURED_ROWS,
) -> None:
    """Write rows as they come, on a terminal fitted to its width.

    Args:
        note: value → the dim lines below its row; "" for none.
        footer: the dim lines behind the last row; "" for none.
        color: `on`, `off` or `auto`, as `--color` has it.
        measured: how many rows are read before the first is written; 0 where the next
            one may take its time, and the columns start with their least widths.
    """
    width = find_terminal_width(stream) if stream.isatty() else None
    console = open_console(stream, color, width)
    rows = (
        ([_to_text(column.show(value)) for column in columns], note and note(value))
        for value in values
    )
    first = list(islice(rows, measured))
    fitted = fit_columns(
        columns, [[cell.cell_len for cell in cells] for cells, _ in first], width
    )
    if any(column.heading for column in columns):
        headings = [_to_text((column.heading, "bold")) for column in columns]
        _print_row(console, columns, fitted, headings)
    for cells, text in chain(first, rows):
        _print_row(console, columns, fitted, cells)
        if text:
            _print_note(console, text, width, NOTE_INDENT)
        stream.flush()
    if footer:
        _print_note(console, footer, width)


def fit_columns(
    columns: Sequence[Column], sizes: Sequence[Sequence[int]], width: int | None
) -> dict[int, int]:
    """Choose the columns that are shown, and their widths.

    Args:
        sizes: of the cells of each row.
        width: of the terminal; `None` where nothing limits it.

    Returns:
        Position of a column → its width.
    """
    wanted = {
        position: _find_wish(column, [row[position] for row in sizes], width)
        for position, column in enumerate(columns)
    }
    if width is None:
        return wanted
    while True:
        fitted = _shrink(columns, wanted, width)
        droppable = [each for each in fitted if columns[each].drop]
        if _measure(fitted) <= width or not droppable:
            return fitted
        del wanted[max(droppable, key=lambda each: columns[each].drop)]


def _find_wish(column: Column, sizes: list[int], width: int | None) -> int:
    """The width that a column would like to have."""
    if column.fit == KEEP:
        return max([column.least, *sizes])
    # Of cells that nobody has seen yet, those that may be cut or wrapped share the room.
    return max([len(column.heading), *sizes]) if sizes else width or column.least


def _shrink(
    columns: Sequence[Column], wanted: dict[int, int], width: int
) -> dict[int, int]:
    """Take what is too much from the widest columns that may be cut or wrapped."""
    # One cell may hold a whole document.
    fitted = {position: min(each, width) for position, each in wanted.items()}
    flexible = [each for each in fitted if columns[each].fit != KEEP]
    for _ in range(_measure(fitted) - width):
        spare = {
            each: fitted[each]
            for each in flexible
            if fitted[each] > columns[each].least
        }
        if not spare:
            break
        fitted[max(spare, key=lambda each: spare[each])] -= 1
    return fitted


def _measure(widths: dict[int, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def open_console(stream: TextIO, color: str, width: int | None = None) -> Console:
    """Open rich on a stream: colours as `--color` says, no markup, no guesses.

    Args:
        width: `None` for lines as long as they are.
    """
    from rich.console import Console

    return Console(
        file=stream,
        width=width or 1_000_000,
        force_terminal=True if color == "on" else None,
        color_system=None if color == "off" else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def _to_text(cell: Cell) -> Text:
    from rich.text import Text

    text, style = (cell, "") if isinstance(cell, str) else cell
    return Text(make_visible(text).translate(BREAKS), style)


def _print_row(
    console: Console,
    columns: Sequence[Column],
    fitted: dict[int, int],
    cells: Sequence[Text],
) -> None:
    from rich.text import Text

    blocks = {
        position: _fill(console, columns[position], cells[position], width)
        for position, width in fitted.items()
    }
    for number in range(max(map(len, blocks.values()))):
        line = Text()
        for position, block in blocks.items():
            cell = block[number] if number < len(block) else Text()
            missing = max(fitted[position] - cell.cell_len, 0)
            cell.pad_left(missing if columns[position].align == "right" else 0)
            line.append_text(cell)
            line.append(" " * (fitted[position] - cell.cell_len) + GAP)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _fill(console: Console, column: Column, cell: Text, width: int) -> list[Text]:
    """Bring a cell into its column: a line, or several."""
    if column.fit == KEEP or cell.cell_len <= width:
        return [cell]
    if column.fit == WRAP:
        return list(cell.wrap(console, width, overflow="fold"))
    cell.truncate(width, overflow="ellipsis")
    return [cell]


def _print_note(
    console: Console, text: str, width: int | None, indent: str = ""
) -> None:
    """Print dim lines, a very long one on several, cut at last."""
    for line in text.split("\n"):
        note = _to_text((line, "dim"))
        parts = [note]
        if width is not None:
            room = width - len(indent)
            note.truncate(room * NOTE_LINES, overflow="ellipsis")
            parts = list(note.wrap(console, room, overflow="fold"))
        for part in parts:
            part.rstrip()
            part.pad_left(len(indent))
            console.print(part, soft_wrap=True)
