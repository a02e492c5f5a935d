"""One invocation: the operation runs first, then its answer is written."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

import evcli.operations
from evcli.cli.errors import GeneralError
from evcli.model import INDEX, get_operation
from evcli.model.names import to_kebab_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Spy

FORMATTING = "evcli.cli.output.rendering"


def list_callers() -> set[str]:
    """The modules of the functions that are running."""
    found = set()
    frame = sys._getframe()
    while frame is not None:
        found.add(frame.f_globals["__name__"])
        frame = frame.f_back  # type: ignore[assignment]  # None ends it
    return found


@pytest.mark.parametrize("name", INDEX)
def test_an_operation_runs_outside_of_formatting_unless_it_has_pages(
    evcli_command: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    callers: list[set[str]] = []

    def call(*_: object, **__: object) -> dict[str, Any]:
        callers.append(list_callers())
        return {"Targets": [], "Rules": [], "RuleNames": []}

    monkeypatch.setattr(evcli.operations, "call", call)
    operation = get_operation(name)
    assert operation is not None
    request = {
        member.name: "x"
        for member in operation.request.members.values()
        if member.required
    }

    words = ["--no-wait"] if name == "StartReplay" else []

    document = ("--cli-input-json", json.dumps(request))
    outcome = evcli_command(to_kebab_case(name), *document, *words)

    pagination = operation.pagination
    has_pages = pagination is not None and pagination.automatic
    assert outcome.code == 0
    assert [FORMATTING in each for each in callers] == [has_pages]


@pytest.mark.parametrize(("output", "shown"), [("json", ""), ("text", "RULES\ta\n")])
def test_a_page_that_cannot_be_fetched_ends_the_answer_where_it_is(
    evcli_command: Callable[..., Outcome], spy: Spy, output: str, shown: str
) -> None:
    page = {"Rules": [{"Name": "a"}], "NextToken": "t"}
    spy.responses = [page, GeneralError("no more")]

    outcome = evcli_command("list-rules", "--output", output)

    assert outcome == (255, shown, "\nevcli: [ERROR]: no more\n")
