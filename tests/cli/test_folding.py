"""Lines for people end between words, and only on terminals."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from evcli.cli.output.folding import fold, fold_line
from tests.cli.conftest import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:lambda:us-east-1:000000000000:function:notify-the-customer"


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("", ""),
        ("short", "short"),
        ("delivery d to the sink failed", "delivery d to the\n  sink failed"),
        ("    in a list of some things", "    in a list of\n      some things"),
        ("a\tb  c " + "d" * 14, "a\tb  c\n  " + "d" * 14),
        (f"to {ARN} failed", f"to\n  {ARN}\n  failed"),
    ],
)
def test_a_line_is_folded_between_words(line: str, folded: str) -> None:
    assert fold_line(line, 20) == folded


def test_pipes_get_lines_whole_and_terminals_those_that_fit() -> None:
    long = "word " * 30

    assert fold(long, io.StringIO()) == long
    assert fold("fits\n  this too", Terminal()) == "fits\n  this too"
    assert max(map(len, fold(long, Terminal()).split("\n"))) <= 80


def test_findings_of_a_check_fit_a_terminal(
    run_on_terminal: Callable[..., list[str]],
) -> None:
    lines = run_on_terminal("local", "lint", "--list")

    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines if line.startswith("    ")] != []
