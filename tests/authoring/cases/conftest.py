"""Run test files in this process: the shop's, and those that a test writes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from evcli.authoring.cases.running import run_suites
from evcli.authoring.cases.worlds import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.infrastructure.description import Resource

SHOP = Path(__file__).parent.parent / "shop"


class Done(NamedTuple):
    """What became of test files: of each case its problems in full; what is wrong."""

    cases: dict[str, str]
    unreadable: list[str]
    notes: list[str]


def run_files(
    directory: Path,
    *names: str,
    expression: str = "",
    state: list[Resource] | None = None,
) -> Done:
    """Run test files of a directory."""
    scratch = directory / ".scratch"
    scratch.mkdir(exist_ok=True)
    surroundings = Surroundings(
        "000000000000", "us-east-1", {}, os.environ, lambda: state or [], str(scratch)
    )
    paths = [str(directory / name) for name in names]
    done = Done({}, [], [])
    for outcome in run_suites(paths, surroundings, expression):
        if outcome.problem:
            done.unreadable.append(outcome.problem.replace(f"{directory}/", ""))
        done.notes.extend(outcome.notes)
        for each in outcome.results:
            done.cases[each.case.name] = "\n".join(
                line
                for problem in each.problems
                for line in (problem.message, *(text for _, text in problem.lines))
            ).replace(f"{directory}/", "")
    return done


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the shop: a template, test files, an event, a schema."""
    return shutil.copytree(SHOP, tmp_path / "shop")


@pytest.fixture
def run_text(tmp_path: Path) -> Callable[..., Done]:
    """Run `run_text("tests: …")`, or a value, as a test file of its own."""

    def run(content: str | dict[str, Any], **options: Any) -> Done:
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (tmp_path / "a.evtest.yaml").write_text(text)
        return run_files(tmp_path, "a.evtest.yaml", **options)

    return run
