"""Lines of help: filled, folded and indented, 80 columns wide.

Text in backticks stays on one line, so that it can be read as it is typed.
"""

from __future__ import annotations

import re
import textwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 80
STEP = 4

# A word of a shell command, with the quoted parts in it.
_SHELL_WORD = re.compile(r"""(?:[^\s'"\\]|'[^']*'|"(?:\\.|[^"\\])*"|\\.)+""", re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
# Stands for a blank in code while lines are filled.
_GLUE = "\x00"


def join_sections(sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Join sections that have lines to one page, its last line ended."""
    pages = []
    for title, content in sections:
        lines = list(content)
        if lines:
            pages.append("\n".join([title, *lines]))
    return "\n\n".join(pages) + "\n"


def join_blocks(blocks: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of all blocks with an empty line between them."""
    for position, block in enumerate(blocks):
        if position:
            yield ""
        yield from block


def fill_paragraphs(text: str, level: int) -> Iterator[str]:
    """Fill paragraphs that empty lines separate; `level` counts indents."""
    yield from join_blocks(fill(each, level) for each in text.split("\n\n"))


def fill(text: str, level: int) -> list[str]:
    """Fill one paragraph."""
    indent = " " * (STEP * level)
    return _wrap(text, WIDTH, indent, indent)


def fill_item(name: str, text: str, column: int) -> list[str]:
    """Set a name and, from a column on, the text that explains it.

    A name that reaches into the column has a line of its own.
    """
    if len(name) >= column:
        return [name, *_wrap(text, WIDTH, " " * column, " " * column)]
    return _wrap(text, WIDTH, f"{name:<{column}}", " " * column)


def _wrap(text: str, width: int, first: str, indent: str) -> list[str]:
    glued = _CODE.sub(lambda code: code[0].replace(" ", _GLUE), text)
    lines = textwrap.wrap(
        glued,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines]


def fill_pieces(
    pieces: Iterable[str], level: int, *, glue: str = " ", hanging: int = STEP
) -> list[str]:
    """Fill lines with pieces that are not broken."""
    indent = " " * (STEP * level)
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(glue) + len(piece) <= WIDTH:
            lines[-1] += glue + piece
        else:
            lines.append(indent + " " * (hanging if lines else 0) + piece)
    return lines


def break_anywhere(text: str, level: int) -> list[str]:
    """Break text without blanks, such as a regex, where a line is full."""
    indent = " " * (STEP * level)
    lines = [indent + text[: WIDTH - len(indent)]]
    rest = text[WIDTH - len(indent) :]
    room = WIDTH - len(indent) - 2
    while rest:
        lines.append(f"{indent}  {rest[:room]}")
        rest = rest[room:]
    return lines


def fold_command(command: str, level: int = 2) -> list[str]:
    """Fold a shell command into lines that can still be pasted.

    Lines end before options, and before values that would not fit behind their option;
    a word that is longer than a line stays whole. A command may have line breaks of its
    own where indenting the next line changes nothing, such as in JSON.
    """
    indent = " " * (STEP * level)
    further = indent + "  "
    lines: list[str] = []
    for words in _group_words(command):
        group = " ".join(words).replace("\n", f"\n{further}")
        if not lines:
            lines.append(indent + group)
        elif _fits(f"{lines[-1]} {group}"):
            lines[-1] += f" {group}"
        elif _fits(further + group):
            lines.append(further + group)
        else:
            option, *values = words
            if _fits(f"{lines[-1]} {option}"):
                lines[-1] += f" {option}"
            else:
                lines.append(further + option)
            lines += [further + value.replace("\n", f"\n{further}") for value in values]
    return " \\\n".join(lines).split("\n")


def _fits(text: str) -> bool:
    """Whether all lines of a text have room; two columns stay free for a backslash."""
    return all(len(line) <= WIDTH - 2 for line in text.split("\n"))


def _group_words(command: str) -> list[list[str]]:
    """Split a command before its options: each with the values that follow it."""
    groups: list[list[str]] = [[]]
    for word in _SHELL_WORD.findall(command):
        if word.startswith("-"):
            groups.append([])
        groups[-1].append(word)
    return groups
