"""`evcli` by itself: where to begin, on a terminal; an error as `aws` has it elsewhere."""

from __future__ import annotations

import io
import os
import shlex
from typing import TYPE_CHECKING

import pytest

from evcli.cli.help.overview import LINES, format_overview
from evcli.cli.main import run
from tests.cli.conftest import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome


@pytest.mark.parametrize("argv", [(), ("events",), ("--region", "eu-west-1")])
def test_a_terminal_gets_the_overview_and_the_code_of_aws(argv: tuple[str]) -> None:
    stdout, stderr = Terminal(), Terminal()

    code = run(argv, io.StringIO(), stdout, stderr, os.environ)

    assert (code, stdout.getvalue(), stderr.getvalue()) == (252, format_overview(), "")


def test_everything_but_a_terminal_gets_the_error_of_aws(
    evcli_command: Callable[..., Outcome],
) -> None:
    outcome = evcli_command()

    assert (outcome.code, outcome.stdout) == (252, "")
    assert "the following arguments are required: command" in outcome.stderr


@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_every_line_can_be_typed(
    evcli_command: Callable[..., Outcome], line: str
) -> None:
    program, *argv = shlex.split(line)

    assert (program, evcli_command(*argv).code) == ("evcli", 0)


def test_behind_the_alias_operations_are_called_by_it() -> None:
    page = format_overview("aws events")

    assert "\n  aws events put-rule help  " in page
    assert "\n  evcli local events  " in page
    assert [line for line in page.splitlines() if len(line) > 80] == []
