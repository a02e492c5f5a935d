"""`--output table`: boxes for people, byte for byte the official client's.

An answer becomes a list of sections: a title, perhaps a header, rows. All sections share
one width; what is nested one level deeper is one `|` narrower on both sides. Rich cannot
draw this (its columns are sized, padded and nested by other rules), so it is drawn here.

Source: [aws] observed; [peer] the official client's table, compared at test time.
"""

from __future__ import annotations

import unicodedata

from evcli.cli.errors import GeneralError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TextIO

    from evcli.cli.output.rendering import RenderedResponse


# Two blanks on both sides of the longest cell of a column.
CELL_PADDING = 4
# One edge left and right of a section.
EDGES = 2
RESET = "\x1b[0m"
CELL_COLOR = "\x1b[1m\x1b[34m"
INDENT_COLOR = "\x1b[2m\x1b[33m"


class Section:
    """One titled block of the table.

    `widths` are those of the longest cell per column, in terminal columns; `None` until
    the first header or row says how many columns there are.
    """

    __slots__ = ("header", "level", "rows", "title", "widths")

    def __init__(self, title: str, level: int) -> None:
        self.title = title
        self.level = level
        self.header: list[str] = []
        self.rows: list[list[str]] = []
        self.widths: list[int] | None = None

    def set_header(self, names: list[str]) -> None:
        """Give the columns names; none for objects that hold no scalars."""
        self._widen(names)
        self.header = names

    def add_row(self, values: list[Any]) -> None:
        """Add a row, longer and shorter ones than before are refused."""
        cells = [str(value) for value in values]
        self._widen(cells)
        self.rows.append(cells)

    def _widen(self, cells: list[str]) -> None:
        sizes = [measure(cell) for cell in cells]
        before = sizes if self.widths is None else self.widths
        if len(sizes) != len(before):
            raise GeneralError(
                f"Row should have {len(before)} elements, instead it has {len(sizes)}"
            )
        self.widths = [max(pair) for pair in zip(before, sizes, strict=True)]

    def measure(self) -> int:
        """Width that the section needs, edges and those of its parents included."""
        columns = sum(width + CELL_PADDING for width in self.widths or ())
        return max(columns, measure(self.title)) + EDGES + 2 * self.level

    def scale_widths(self, width: int) -> list[int]:
        """Column widths that add up to `width`.

        Columns grow by the same factor and are rounded; what is too much is taken from
        the left, what is missing is given from the right, one by one.
        """
        wanted = [each + CELL_PADDING for each in self.widths or ()]
        scaled = [round(width / sum(wanted) * each) for each in wanted]
        surplus = sum(scaled) - width
        step = 1 if surplus > 0 else -1
        order = range(len(scaled)) if surplus > 0 else range(len(scaled) - 1, -1, -1)
        while surplus:
            for column in order:
                if surplus:
                    scaled[column] -= step
                    surplus -= step
        return scaled


def write(response: RenderedResponse, stream: TextIO) -> None:
    """Write the whole answer; nothing for one that is empty or null."""
    result = response.get_result()
    if not result:
        return
    if response.is_terminal:
        from evcli.cli.output.visible import make_values_visible

        result = make_values_visible(result)
    color = response.color == "on" or (
        response.color == "auto" and response.is_terminal
    )
    for line in format_lines(
        response.title, result, response.terminal_width, color=color
    ):
        stream.write(line + "\n")


def format_lines(
    title: str, value: Any, terminal_width: int = 80, *, color: bool = False
) -> Iterator[str]:
    """Yield the lines of the table.

    A table wider than the terminal has its sections of one row turned upright; the
    others stay as wide as they are.
    """
    sections = [Section(title, 0)]
    _fill(sections, title, value, 0)
    width = max(section.measure() for section in sections)
    if width > terminal_width:
        sections = [_turn_upright(section) for section in sections]
        width = max(section.measure() for section in sections)
    yield "-" * width
    for section in sections:
        edge = _paint("|", INDENT_COLOR if color else "") * section.level
        for line in _draw(section, width - 2 * section.level, color):
            yield edge + line + edge


def measure(text: str) -> int:
    """Count terminal columns; wide, fullwidth and ambiguous characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _fill(sections: list[Section], title: str, value: Any, level: int) -> None:
    """Add a value to the last section, and sections for what is nested in it."""
    if isinstance(value, dict):
        _fill_object(sections, value, level)
    elif not isinstance(value, list):
        return
    elif isinstance(value[0], dict):
        _fill_objects(sections, title, value, level)
    else:
        _fill_list(sections, value)


def _fill_object(sections: list[Section], value: dict[str, Any], level: int) -> None:
    scalars, nested = _split_names([value])
    if len(scalars) == 1:
        sections[-1].add_row([scalars[0], value[scalars[0]]])
    elif scalars:
        sections[-1].set_header(scalars)
        sections[-1].add_row([value[name] for name in scalars])
    _fill_nested(sections, value, nested, level)


def _fill_objects(
    sections: list[Section], title: str, items: list[Any], level: int
) -> None:
    scalars, nested = _split_names(items)
    sections[-1].set_header(scalars)
    for position, item in enumerate(items):
        if position and nested:
            sections.append(Section(title, level))
            sections[-1].set_header(scalars)
        sections[-1].add_row([item.get(name, "") for name in scalars])
        _fill_nested(sections, item, nested, level)


def _fill_nested(
    sections: list[Section], value: dict[str, Any], names: list[str], level: int
) -> None:
    for name in names:
        if value.get(name):
            sections.append(Section(name, level + 1))
            _fill(sections, name, value[name], level + 1)


def _fill_list(sections: list[Section], items: list[Any]) -> None:
    for item in items:
        if not _is_nested(item):
            sections[-1].add_row([item])
        elif not any(_is_nested(element) for element in item):
            sections[-1].add_row(list(item))
        else:
            _fill(sections, "", item, 0)


def _split_names(items: list[Any]) -> tuple[list[str], list[str]]:
    """Sorted names of scalars, and of nested members, in any of the objects."""
    scalars: set[str] = set()
    nested: set[str] = set()
    for item in items:
        if not isinstance(item, dict):
            raise GeneralError("A list of objects and other values fits no table.")
        for name, value in item.items():
            (nested if _is_nested(value) else scalars).add(name)
    return sorted(scalars), sorted(nested)


def _turn_upright(section: Section) -> Section:
    if len(section.rows) != 1 or not section.header:
        return section
    upright = Section(section.title, section.level)
    for name, cell in zip(section.header, section.rows[0], strict=True):
        upright.add_row([name, cell])
    return upright


def _draw(section: Section, width: int, color: bool) -> Iterator[str]:
    if section.title:
        yield _draw_cells([section.title], [width], _center)
        if not section.header and not section.rows:
            yield "+" + "-" * (width - EDGES) + "+"
    if not section.widths:
        return
    widths = section.scale_widths(width)
    rule = "+" + "+".join("-" * room for room in _find_rooms(widths)) + "+"
    if section.header:
        yield rule
        yield _draw_cells(section.header, widths, _center)
    yield rule
    for row in section.rows:
        yield _draw_cells(row, widths, _align, CELL_COLOR if color else "")
    yield rule


def _draw_cells(
    cells: list[str],
    widths: list[int],
    find_blanks: Callable[[int, int, int], int],
    color: str = "",
) -> str:
    drawn = []
    for cell, width, room in zip(cells, widths, _find_rooms(widths), strict=True):
        size = measure(cell)
        before = find_blanks(size, width, room)
        after = room - size - before
        drawn.append(" " * before + _paint(cell, color) + " " * after)
    return "|" + "|".join(drawn) + "|"


def _find_rooms(widths: list[int]) -> list[int]:
    """Room between the edges: the first column has an edge on both sides."""
    return [width - (1 if column else EDGES) for column, width in enumerate(widths)]


def _center(size: int, width: int, room: int) -> int:
    """Blanks before a centered text; by the width with edges, which shifts by one."""
    return width // 2 - size // 2 - 1


def _align(size: int, width: int, room: int) -> int:
    """Blanks before a cell: two, or none where two do not fit."""
    return 2 if size + 2 <= room else 0


def _paint(text: str, color: str) -> str:
    return f"{color}{text}{RESET}" if color else text


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list))
