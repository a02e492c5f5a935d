"""Topics: pages that are there, listed, offered, and as readable as all others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evcli.cli.completion.candidates import find_candidates
from evcli.cli.help import topics
from evcli.cli.help.pages import format_program_help
from evcli.cli.help.topics import TOPICS, read_topic
from evcli.cli.local import COMMANDS
from evcli.cli.session import Session
from evcli.model.names import operation_by_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]


def test_every_topic_has_a_file_and_every_file_is_a_topic() -> None:
    files = Path(topics.__file__).parent.glob("*.txt")

    assert sorted(path.stem for path in files) == sorted(TOPICS)
    assert [name for name in TOPICS if operation_by_command(name)] == []


@pytest.mark.parametrize("name", TOPICS)
def test_a_page_is_laid_out_like_those_of_commands(name: str) -> None:
    page = read_topic(name)

    assert page.startswith(f"NAME\n    {name} - {TOPICS[name]}\n\nDESCRIPTION\n")
    assert [line for line in page.splitlines() if len(line) > 80] == []
    assert re.findall(r"(?m)[ \t]+$|\n\n\n", page) == []
    assert page.endswith("\n")
    # An example is indented as its own format has it.
    prose = re.sub(r"(?s)\nEXAMPLE\n.*?\n\n(?=[A-Z])", "\n", page)
    assert re.findall(r"(?m)^(?![A-Z][A-Z /]+$| {4}(?: {4})*\S|$).*", prose) == []


@pytest.mark.parametrize("name", TOPICS)
def test_a_page_names_only_commands_that_are_there(name: str) -> None:
    commands = re.findall(r"`evcli\s+local\s+([a-z]+)", read_topic(name))

    assert [each for each in commands if each not in COMMANDS] == []


@pytest.mark.parametrize("name", TOPICS)
def test_help_shows_a_topic(evcli_command: Run, entry: str, name: str) -> None:
    assert evcli_command("help", name, entry=entry) == (0, read_topic(name), "")


def test_the_programs_help_lists_topics() -> None:
    section = format_program_help().split("\nTOPICS\n")[1].split("\n\n")[0]

    assert section.split() == [
        word for name in sorted(TOPICS) for word in (name, *TOPICS[name].split())
    ]


def test_a_topic_that_is_nearly_right_is_named(evcli_command: Run) -> None:
    end = evcli_command("help", "durabilty")

    assert end.code == 252
    assert "Maybe you meant:\n\n  * durability\n" in end.stderr


def test_completion_offers_topics_behind_help(evcli_command: Run) -> None:
    session = Session(*3 * (None,), {})  # type: ignore[arg-type]

    behind_help = find_candidates(session, ["help"], "dur")
    at_first = find_candidates(session, [], "dur")

    assert behind_help == [("durability", TOPICS["durability"])]
    assert at_first == []
