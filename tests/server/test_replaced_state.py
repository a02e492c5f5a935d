"""A state directory that goes away under the server: the next request has another one."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest

from evcli.context import open_context
from evcli.operations import call as call_operation
from evcli.server import dispatcher
from evcli.server.stores import Stores
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.server.conftest import Answer

    Post = Callable[..., Answer]

ONE_THREAD = pytest.mark.usefixtures("one_thread")
PATTERN = '{"source":["shop"]}'


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one thread answer everything, which then has the old directory open."""
    monkeypatch.setattr(dispatcher, "THREADS", 1)


def list_rules(state_directory: Path) -> list[str]:
    """The rules that a command would see."""
    ctx = open_context(str(state_directory))
    rules = call_operation(ctx, "ListRules", {})["Rules"]
    ctx.close()
    return [rule["Name"] for rule in rules]


@ONE_THREAD
def test_a_removed_state_directory_is_made_anew_by_the_next_request(
    state_directory: Path, post: Post
) -> None:
    post("PutRule", {"Name": "old", "EventPattern": PATTERN})
    shutil.rmtree(state_directory)

    found = post("ListRules").document
    post("PutRule", {"Name": "new", "EventPattern": PATTERN})

    assert found == {"Rules": []}
    assert list_rules(state_directory) == ["new"]
    assert state_directory.stat().st_mode & 0o777 == 0o700


@ONE_THREAD
def test_a_replaced_state_directory_is_the_one_that_is_read_and_written(
    state_directory: Path, tmp_path: Path, post: Post
) -> None:
    post("PutRule", {"Name": "old", "EventPattern": PATTERN})
    ctx = open_context(str(tmp_path / "other"))
    call_operation(ctx, "PutRule", {"Name": "other", "EventPattern": PATTERN})
    ctx.close()
    state_directory.rename(tmp_path / "before")
    (tmp_path / "other").rename(state_directory)

    post("PutRule", {"Name": "new", "EventPattern": PATTERN})

    assert list_rules(state_directory) == ["new", "other"]
    assert list_rules(tmp_path / "before") == ["old"]


@ONE_THREAD
def test_a_directory_that_was_only_emptied_is_filled_again(
    state_directory: Path, post: Post
) -> None:
    post("PutRule", {"Name": "old", "EventPattern": PATTERN})
    (state_directory / "state.db").unlink()

    found = post("ListRules").document

    assert found == {"Rules": []}


def test_every_thread_leaves_the_removed_directory_and_harms_not_the_new_one(
    state_directory: Path, client: Any
) -> None:
    def put_from_many_threads(prefix: str) -> None:
        threads = [
            threading.Thread(
                target=client.put_rule,
                kwargs={"Name": f"{prefix}{number}", "EventPattern": PATTERN},
            )
            for number in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for prefix in ("a", "b", "c"):
        shutil.rmtree(state_directory, ignore_errors=True)
        put_from_many_threads(prefix)

        assert list_rules(state_directory) == sorted(f"{prefix}{n}" for n in range(40))


def test_a_store_that_is_closed_late_takes_nothing_from_its_successor(
    state_directory: Path,
) -> None:
    # SQLite removes the log at the last close, by name: not that of another file.
    late = open_store(str(state_directory))
    late.meta.put("x", 1)
    shutil.rmtree(state_directory)
    successor = open_store(str(state_directory))
    successor.meta.put("y", 2)

    late.close()

    assert (state_directory / "state.db-wal").exists()
    other = open_store(str(state_directory))
    assert other.meta.all()["y"] == 2
    other.close()
    successor.close()


def test_a_request_costs_no_reopening_while_the_directory_stays(
    state_directory: Path,
) -> None:
    open_store(str(state_directory)).close()
    stores = Stores(str(state_directory), warn=lambda line: None)

    seen = []
    for _ in range(3):
        with stores.lend() as store:
            seen.append(store)
    stores.close()

    assert seen[0] is seen[1] is seen[2]


def test_a_store_that_is_lent_outlasts_the_directory_that_it_is_of(
    state_directory: Path,
) -> None:
    stores = Stores(str(state_directory), warn=lambda line: None)

    with stores.lend() as old:
        old.meta.put("x", 1)
        shutil.rmtree(state_directory)
        with stores.lend() as new:
            assert "x" not in new.meta.all()
        with old.transaction():
            assert old.meta.all()["x"] == 1
    stores.close()
