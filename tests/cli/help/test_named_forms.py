"""Commands that messages, footers and pages name are there, with the options they name."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import evcli
from evcli.cli.help.topics import TOPICS, read_topic
from evcli.cli.local.group import LocalGroup
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS, list_options
from evcli.model.names import operation_by_command

PACKAGE = Path(evcli.__file__).parent
# `evcli …` in backticks; a text may go on in the next line, or in the next literal.
NAMED = re.compile(r"`((?:evcli|clock|tick|send|trace) [^`]{1,300})`")
SEAM = re.compile(r'"\s*\n\s*f?"|\s*\n\s*(?:#\s*)?|\\n')
OPTION = re.compile(r"--[a-z][a-z-]+")


def list_named() -> list[str]:
    """Every command that stands in backticks in the sources and in the topics."""
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    texts += [read_topic(name) for name in TOPICS]
    found = {
        " ".join(SEAM.sub(" ", each).split())
        for text in texts
        for each in NAMED.findall(text)
    }
    # A word in capitals stands for any command.
    return sorted(each for each in found if not re.search(r"…|^evcli [A-Z]", each))


def find_options(words: list[str]) -> set[str] | None:
    """The options of the command that words begin with; `None`: there is none."""
    if words[:1] == ["local"]:
        group: click.Command | None = LocalGroup("local")
        ctx, rest = click.Context(click.Group()), words[1:]
        while isinstance(group, click.Group) and rest and rest[0] != "help":
            group, rest = group.get_command(ctx, rest[0]), rest[1:]
        if group is None:
            return None
        return {name for each in group.params for name in each.opts}
    operation = operation_by_command(words[0])
    if operation is not None:
        return set(list_options(operation))
    is_page = words[0] == "help" and (len(words) == 1 or words[1] in {*TOPICS, "TOPIC"})
    return set() if is_page or words[0].startswith("-") else None


NAMED_FORMS = list_named()


@pytest.mark.parametrize("form", NAMED_FORMS)
def test_what_is_named_can_be_typed(form: str) -> None:
    program, *words = form.split()
    if program != "evcli":
        words = ["local", program, *words]

    options = find_options(words)

    assert options is not None
    assert set(OPTION.findall(form)) - options - set(GLOBAL_OPTIONS) == set()


def test_many_forms_are_named() -> None:
    assert len(NAMED_FORMS) > 50
