"""The pager: which one, when it starts, what it is given."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from evcli.cli.errors import PagerError
from evcli.cli.output.pager import Pager, find_pager


@pytest.mark.parametrize(
    ("environ", "configured", "expected"),
    [
        ({}, None, "less"),
        ({"PAGER": "more"}, None, "more"),
        ({"PAGER": "more"}, "bat", "bat"),
        ({"PAGER": "more", "AWS_PAGER": "most"}, "bat", "most"),
        ({"PAGER": "more", "AWS_PAGER": ""}, "bat", ""),
        ({"PAGER": "more"}, "", ""),
    ],
)
def test_the_pager_is_the_first_one_named(
    environ: Mapping[str, str], configured: str | None, expected: str
) -> None:
    assert find_pager(environ, configured) == expected


def page(tmp_path: Path, code: str, texts: list[str], environ: dict[str, str]) -> str:
    """Send texts to a pager written in Python; its standard output."""
    script = tmp_path / "pager.py"
    script.write_text(code)
    out = tmp_path / "out"
    with (
        out.open("w") as terminal,
        Pager(f"'{sys.executable}' '{script}'", terminal, environ) as pager,
    ):
        for text in texts:
            pager.write(text)
    return out.read_text()


def test_the_pager_gets_all_text_and_quiet_options_for_less(tmp_path: Path) -> None:
    shown = page(
        tmp_path,
        "import os, sys; print(os.environ['LESS'], sys.stdin.read().upper())",
        ["a", "b\n"],
        {**os.environ},
    )

    assert shown == "FRX AB\n\n"


def test_options_of_less_that_are_set_stay(tmp_path: Path) -> None:
    shown = page(tmp_path, "import os; print(os.environ['LESS'])", ["a"], {"LESS": "S"})

    assert shown == "S\n"


def test_no_text_starts_no_pager() -> None:
    with Pager("no-such-pager", io.StringIO(), {}) as pager:
        pager.write("")


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    shown = page(tmp_path, "print('left')", ["x" * 100_000, "y" * 100_000], {})

    assert shown == "left\n"


def test_a_pager_that_cannot_start_says_how_to_choose_another(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as terminal:
        pager = Pager("no-such-pager -x", terminal, {})

        with pytest.raises(PagerError) as caught:
            pager.write("text")

    assert caught.value.message == (
        "Unable to redirect output to pager. Received the following error when "
        "opening pager:\n[Errno 2] No such file or directory: 'no-such-pager'\n\n"
        "The pager is 'no-such-pager -x'; AWS_PAGER names another one, and an empty "
        "AWS_PAGER or --no-cli-pager uses none."
    )
