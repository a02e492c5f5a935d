"""The man page: all of the help, and nothing that roff would read as its own."""

from __future__ import annotations

import re
import subprocess
import sys

from evcli.cli.help.man_page import format_man_page
from evcli.cli.help.pages import format_program_help
from evcli.cli.help.topics import TOPICS, read_topic
from tests.patience import PATIENCE_SECONDS

REQUESTS = (".TH ", ".SH ", ".SS ", ".nf", ".fi")


def read_roff(page: str) -> list[str]:
    """The words of a page as a reader sees them."""
    lines = [
        line.partition(" ")[2].strip('"') if line.startswith((".SH ", ".SS ")) else line
        for line in page.splitlines()
        if not line.startswith((".TH", ".nf", ".fi"))
    ]
    text = "\n".join(lines).replace(r"\-", "-").replace(r"\&", "")
    return text.replace(r"\e", "\\").split()


def test_the_page_says_what_help_says_and_then_the_topics() -> None:
    expected = format_program_help().split()
    for name in sorted(TOPICS):
        body = read_topic(name).split("\nDESCRIPTION\n", 1)[1]
        expected += f"TOPIC {name.upper()} {TOPICS[name]}. {body}".split()

    assert read_roff(format_man_page()) == expected


def test_every_line_that_begins_with_a_dot_is_one_of_a_few_requests() -> None:
    lines = format_man_page().splitlines()
    requests = [line for line in lines if line.startswith((".", "'"))]

    assert [line for line in requests if not line.startswith(REQUESTS)] == []
    assert re.findall(r"\\(?![-e&])", "\n".join(lines)) == []


def test_it_is_printed_as_its_module_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evcli.cli.help.man_page"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.stdout, done.stderr) == (format_man_page(), "")
