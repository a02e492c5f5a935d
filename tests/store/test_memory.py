"""Stores in memory: they are stores, and copies are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.context import Context, SystemClock
from evcli.operations import call
from evcli.store.sqlite.memory import copy_memory_store, open_memory_store

if TYPE_CHECKING:
    from pathlib import Path

    from evcli.store.store import Store


def list_rules(store: Store) -> list[str]:
    ctx = Context(store=store, clock=SystemClock())
    return [each["Name"] for each in call(ctx, "ListRules", {})["Rules"]]


def put_rule(store: Store, name: str) -> None:
    request = {"Name": name, "EventPattern": '{"source":["s"]}'}
    call(Context(store=store, clock=SystemClock()), "PutRule", request)


def test_what_happens_in_a_copy_stays_there(tmp_path: Path) -> None:
    store = open_memory_store(str(tmp_path))
    put_rule(store, "both")

    copy = copy_memory_store(store)
    put_rule(copy, "copy")
    put_rule(store, "original")

    assert list_rules(copy) == ["both", "copy"]
    assert list_rules(store) == ["both", "original"]


def test_nothing_is_written_to_the_directory(tmp_path: Path) -> None:
    directory = tmp_path / "locks-only"

    put_rule(open_memory_store(str(directory)), "r")

    assert not directory.exists()
