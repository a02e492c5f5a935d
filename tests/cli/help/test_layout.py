"""Filled lines and folded commands."""

from __future__ import annotations

import re
import shlex

import pytest

from evcli.cli.help.layout import (
    fill,
    fill_item,
    fill_paragraphs,
    fold_command,
    join_sections,
)
from evcli.model import INDEX, get_operation
from evcli.model.shapes import Example

EXAMPLES = [
    example
    for name in INDEX
    if (operation := get_operation(name)) is not None
    for example in operation.examples
]


def test_code_is_not_broken() -> None:
    text = "word " * 13 + "`cron(0 12 * * ? *)` end"

    assert fill(text, 1) == [
        "    " + "word " * 12 + "word",
        "    `cron(0 12 * * ? *)` end",
    ]


def test_paragraphs_stay_apart() -> None:
    assert list(fill_paragraphs("One.\n\nTwo.", 2)) == [
        "        One.",
        "",
        "        Two.",
    ]


def test_a_name_too_long_for_its_column_has_a_line_of_its_own() -> None:
    assert fill_item("  short", "text", 10) == ["  short   text"]
    assert fill_item("  not-so-short", "text", 10) == [
        "  not-so-short",
        " " * 10 + "text",
    ]


def test_sections_without_lines_are_left_out() -> None:
    assert (
        join_sections([("A", ["    a"]), ("B", []), ("C", ["c"])])
        == "A\n    a\n\nC\nc\n"
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_a_folded_command_is_the_same_command(example: Example) -> None:
    folded = "\n".join(fold_command(example.command))

    assert split_words(folded) == split_words(example.command)


def split_words(command: str) -> list[str]:
    """Split as a shell does, without what indenting adds to the lines of JSON."""
    joined = re.sub(r"\\\n *", "", command)
    return [re.sub(r"\n\s*", "\n", word) for word in shlex.split(joined)]


def test_a_command_folds_at_options_then_at_values() -> None:
    command = f"evcli put-rule --name r --description '{'long ' * 12}x' --tags a b"

    assert fold_command(command, 0) == [
        "evcli put-rule --name r --description \\",
        f"  '{'long ' * 12}x' --tags a b",
    ]
