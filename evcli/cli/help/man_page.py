"""The man page evcli(1), made from the help, for whoever packages evcli.

    python -m evcli.cli.help.man_page > evcli.1

The page of the program, then the topics. Lines stay as help has laid them out, since
examples, tables and indents mean something there.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from evcli import __version__
from evcli.cli.help.pages import format_program_help
from evcli.cli.help.topics import TOPICS, read_topic

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADING = re.compile(r"[A-Z][A-Z /]+")


def format_man_page() -> str:
    """Format the page as roff, its last line ended."""
    lines = [f'.TH EVCLI 1 "" "evcli {__version__}" "User Commands"']
    lines += _convert(format_program_help(), ".SH")
    for name in sorted(TOPICS):
        lines.append(f'.SH "TOPIC {name.upper()}"')
        body = read_topic(name).split("\nDESCRIPTION\n", 1)[1]
        lines += _convert(f"{TOPICS[name]}.\n\n{body}", ".SS")
    return "".join(f"{line}\n" for line in lines)


def _convert(page: str, heading: str) -> Iterator[str]:
    """Convert the lines of a page; its headings become those of a macro."""
    yield ".nf"
    for line in page.splitlines():
        if HEADING.fullmatch(line):
            yield from (".fi", f'{heading} "{line}"', ".nf")
        else:
            # The macros indent by themselves.
            yield _escape(line.removeprefix("    "))
    yield ".fi"


def _escape(line: str) -> str:
    """Keep what roff would read: backslashes, hyphens, a dot or quote at the start."""
    text = line.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    sys.stdout.write(format_man_page())
