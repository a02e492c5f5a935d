"""The README's table of local commands, from the table of contents.

    python -m tests.local_table

writes it anew into README.md.
"""

from __future__ import annotations

import re
from pathlib import Path

from evcli.cli.local import COMMANDS, PARTS

README = Path(__file__).parent.parent / "README.md"
TABLE = re.compile(
    r"(<!-- local commands -->\n).*?(<!-- end of local commands -->)", re.S
)


def format_table() -> str:
    """Format the rows, one for each part of a day."""
    lines = ["| for | `evcli local …` |", "|---|---|"]
    for part, title in PARTS.items():
        names = [
            name
            for name, (module, _) in sorted(COMMANDS.items())
            if module.partition(".")[0] == part
        ]
        lines.append(f"| {title} | {', '.join(f'`{name}`' for name in names)} |")
    return "".join(f"{line}\n" for line in lines)


def write_table() -> None:
    """Put the table between its marks."""
    text = README.read_text(encoding="utf-8")
    README.write_text(
        TABLE.sub(lambda marks: marks[1] + format_table() + marks[2], text),
        encoding="utf-8",
    )


if __name__ == "__main__":
    write_table()
