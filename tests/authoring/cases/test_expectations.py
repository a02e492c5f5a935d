"""Expectations: the shop's hold, and every kind of them is caught when it is wrong."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from evcli.authoring.cases.reading import read_schema, read_source
from evcli.cli.help.topics import read_topic
from tests.authoring.cases.conftest import run_files
from tests.authoring.cases.mutations import MUTATIONS, ORDERS, RULES, Mutation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.authoring.cases.conftest import Done

# Members of cases that say what is to happen; all others say what is done.
EXPECTATIONS = {
    "event_test": {"rules", "rules_include", "rules_exclude", "targets", "fits_schema", "error"},
    "pattern_test": {"matches", "not_matches", "error"},
    "schedule_test": {"fires", "until", "targets", "error"},
}  # fmt: skip


def change(value: Any, path: tuple[str | int, ...], new: Any) -> None:
    """Put something else where a path leads to."""
    *above, last = path
    for step in above:
        value = value.setdefault(step, {}) if isinstance(value, dict) else value[step]
    value[last] = new


def name(mutation: Mutation) -> str:
    return f"{mutation.case}-{'.'.join(map(str, mutation.path))}"


def test_the_shop_passes(shop: Path) -> None:
    done = run_files(shop, ORDERS, RULES)

    assert done.unreadable == []
    assert [case for case, problem in done.cases.items() if problem] == []
    assert len(done.cases) == 17


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name)
def test_a_wrong_expectation_is_caught(shop: Path, mutation: Mutation) -> None:
    path = shop / mutation.file
    value = read_source(str(path)).value
    (case,) = (each for each in value["tests"] if each["name"] == mutation.case)
    change(case, mutation.path, mutation.value)
    path.write_text(json.dumps(value))

    done = run_files(shop, mutation.file, expression=mutation.case)

    assert done.unreadable == []
    assert list(done.cases) == [mutation.case]
    assert mutation.message in done.cases[mutation.case]


def test_every_kind_of_expectation_has_a_wrong_one() -> None:
    definitions = json.loads(read_schema())["$defs"]
    members = {
        f"{kind}.{each}" for kind, known in EXPECTATIONS.items() for each in known
    }
    members |= {f"target.{each}" for each in definitions["target"]["properties"]}
    members |= {
        f"dead_letter.{each}" for each in definitions["dead_letter"]["properties"]
    }

    caught = {member for each in MUTATIONS for member in list_members(each)}

    assert members - caught == {"event_test.targets", "schedule_test.targets"}


def list_members(mutation: Mutation) -> list[str]:
    """Say which expectation a mutation changes, as the schema calls it."""
    steps = [str(step) for step in mutation.path]
    if steps[0] == "targets":
        inner = steps[2:]
        if inner[:1] == ["dead_letter"] and len(inner) > 1:
            return [f"dead_letter.{inner[1]}"]
        return [f"target.{each}" for each in inner[:1]]
    return [f"{kind}.{steps[0]}" for kind in EXPECTATIONS]


@pytest.mark.parametrize("kind", EXPECTATIONS)
def test_all_that_a_case_may_expect_is_known_here(kind: str) -> None:
    definition = json.loads(read_schema())["$defs"][kind]
    enough = {member for each in definition["anyOf"] for member in each["required"]}

    assert enough - EXPECTATIONS[kind] == set()
    assert EXPECTATIONS[kind] - definition["properties"].keys() == set()


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("status: [paid]", "status: [payed]", "rules: billing does not match"),
        ("prefix: shop.", "prefix: shops.", "rules: everything does not match"),
        ('"order": <order>', '"order": <total>', "order: expected 7, got 12.5"),
        ("MessageGroupId: orders", "MessageGroupId: o", 'expected "orders", got "o"'),
        ("State: DISABLED", "State: ENABLED", "rules: paused matches"),
    ],
)
def test_a_template_that_changes_is_caught(
    shop: Path, before: str, after: str, problem: str
) -> None:
    path = shop / "template.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))

    done = run_files(shop, ORDERS, expression="billed and kept")

    assert problem in "\n".join(done.cases.values())


def test_the_example_in_the_help_passes(run_text: Callable[..., Done]) -> None:
    page = read_topic("test-files")
    example = page.split("\nEXAMPLE\n")[1].split("\n\nRULES\n")[0]

    done = run_text(textwrap.dedent(example))

    assert done.unreadable == []
    assert list(done.cases.values()) == [""] * 5


@pytest.mark.parametrize("kind", [*EXPECTATIONS, "target", "changed_event"])
def test_the_help_names_every_member(kind: str) -> None:
    page = read_topic("test-files")
    members = json.loads(read_schema())["$defs"][kind]["properties"]

    assert [each for each in members if not re.search(rf"\b{each}\b", page)] == []
