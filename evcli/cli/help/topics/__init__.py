"""Pages of help that belong to no command: `evcli help TOPIC`.

Each is a text file beside this module, written as it is shown: plain, at most 80
columns, headings in capitals. `TOPICS` is the table of contents; help and completion
read it and open none of the files.
"""

from __future__ import annotations

import os

# Topic -> one line.
TOPICS: dict[str, str] = {
    "durability": "What survives a kill, a power cut, an I/O error",
    "test-files": "What a test file for `evcli local test` may say",
}


def read_topic(name: str) -> str:
    """Read the page of a topic, its last line ended."""
    path = os.path.join(os.path.dirname(__file__), f"{name}.txt")
    with open(path, encoding="utf-8") as file:
        return file.read()
