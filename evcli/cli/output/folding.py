"""Lines for people, folded between words where a terminal would break them anywhere.

Pipes and files get lines whole. A word that is longer than the terminal, such as an ARN,
begins a line of its own and stays whole, so that it is copied whole.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

HANGING = 2


def fold(text: str, stream: TextIO, hanging: int = HANGING) -> str:
    """Fold the lines of a text that are longer than the terminal behind a stream.

    Args:
        hanging: by how many columns what follows stands further right.
    """
    if not stream.isatty():
        return text
    from evcli.cli.output.rendering import find_terminal_width

    width = find_terminal_width(stream)
    lines = text.split("\n")
    return "\n".join(
        line if len(line) <= width else fold_line(line, width, hanging)
        for line in lines
    )


def fold_line(line: str, width: int, hanging: int = HANGING) -> str:
    """Fold one line to a width, between words."""
    import textwrap

    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * (len(line) - len(line.lstrip()) + hanging),
        expand_tabs=False,
        replace_whitespace=False,
        break_on_hyphens=False,
        break_long_words=False,
    )
