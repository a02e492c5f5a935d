"""What `evcli` by itself shows on a terminal: where to begin. Elsewhere it is an error.

Plain text of at most 80 columns; every line can be typed, which a test does.
"""

from __future__ import annotations

from evcli.cli.help.layout import fill, fill_item
from evcli.cli.help.topics import TOPICS

COLUMN = 42

LINES = (
    ("evcli local trigger s3/object-created", "play an event of an AWS service"),
    ("evcli local events", "see what came, and what came of it"),
    ("evcli put-rule help", "one of the 57 commands of `aws events`"),
    ("evcli local help", "what has no counterpart in AWS"),
    ("evcli help", "all commands, options and topics"),
    ("evcli help patterns", "a topic"),
)


def format_overview(caller: str = "evcli") -> str:
    """Format the overview, its last line ended.

    Args:
        caller: how operations are called, `aws events` where evcli stands in for it.
    """
    lines = ["evcli: Amazon EventBridge on this machine, offline", ""]
    for command, text in LINES:
        is_local = command.startswith("evcli local")
        typed = command if is_local else command.replace("evcli", caller, 1)
        lines += fill_item(f"  {typed}", text, COLUMN)
    topics = fill(f"Topics: {', '.join(sorted(TOPICS))}.", 0)
    return "\n".join([*lines, "", *topics]) + "\n"
