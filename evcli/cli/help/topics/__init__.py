"""Pages of help that belong to no command: `evcli help TOPIC`.

Each is a text file beside this module, written as it is shown: plain, at most 80
columns, headings in capitals. A line `@NAME` stands for lines that are made from the
tables that evcli itself goes by, see `generated`. `TOPICS` is the table of contents;
help and completion read it and open none of the files.
"""

from __future__ import annotations

import os

# Topic -> one line.
TOPICS: dict[str, str] = {
    "bulk": "Many events from files: sent, matched, checked",
    "config": "config.toml, every key",
    "differences": "Where evcli is not what AWS is",
    "durability": "What survives a kill, a power cut, an I/O error",
    "environment": "Environment variables that evcli reads",
    "exit-codes": "What commands end with",
    "infrastructure": "Rules from templates and plans, and files of the state",
    "inputs": "Files of events: patterns, URLs, forms, a cluster",
    "partner-sources": "Both sides of a partner event source",
    "patterns": "The event pattern language, every operator by example",
    "replays": "Archives, and their events sent again",
    "schedules": "rate() and cron(), and when they fire",
    "sinks": "What stands for targets on this machine",
    "state": "The state directory: where it is, what is in it, how to keep it",
    "test-files": "What a test file for `evcli local test` may say",
    "testing": "evcli in tests: one run, one directory, one clock",
    "transformers": "What a target receives: Input, InputPath, InputTransformer",
}


def read_topic(name: str) -> str:
    """Read the page of a topic, its last line ended."""
    path = os.path.join(os.path.dirname(__file__), f"{name}.txt")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "\n@" not in text:
        return text
    from evcli.cli.help.topics.generated import fill_in

    return fill_in(text)
