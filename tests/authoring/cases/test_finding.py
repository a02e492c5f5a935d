"""Which test files there are, and which cases `-k` wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evcli.authoring.cases.finding import find_case_files, is_wanted
from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def make(directory: Path, *names: str) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("tests: []")


def test_folders_are_gone_through_in_the_order_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(
        tmp_path, "b.evtest.yml", "a.evtest.yaml", "c/d.evtest.json", "a.yaml", "evtest.yaml"
    )  # fmt: skip

    assert find_case_files(["."]) == [
        "a.evtest.yaml",
        "b.evtest.yml",
        "c/d.evtest.json",
    ]


def test_folders_of_others_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    folders = (".git", "node_modules/x", "venv", "cdk.out", "__pycache__")
    make(tmp_path, *(f"{each}/a.evtest.yaml" for each in folders))
    (tmp_path / "loop").symlink_to(tmp_path)

    assert find_case_files([str(tmp_path)]) == []
    assert find_case_files([str(tmp_path / ".git")]) == [
        str(tmp_path / ".git/a.evtest.yaml")
    ]


def test_a_file_is_run_once_and_may_have_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, "a.evtest.yaml", "orders.yaml")

    assert find_case_files(["orders.yaml", ".", "./a.evtest.yaml"]) == [
        "orders.yaml",
        "a.evtest.yaml",
    ]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no\.evtest\.yaml does not exist\."):
        find_case_files([str(tmp_path / "no.evtest.yaml")])


@pytest.mark.parametrize(
    ("expression", "is_it"),
    [
        ("", True),
        ("REFUND", True),
        ("a refund goes", True),
        ("orders", True),
        ("paid", False),
        ("not paid", True),
        ("not refund", False),
        ("refund and orders", True),
        ("refund and paid", False),
        ("paid or nowhere", True),
        ("paid and refund or not paid and nowhere", True),
    ],
)
def test_expressions_choose(expression: str, is_it: bool) -> None:
    assert is_wanted("orders.evtest.yaml A refund goes nowhere", expression) is is_it
