"""A store that is new, empty, damaged, or not to be written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from evcli.errors import DamagedStoreError, EvcliError
from evcli.store.database import PAGE_BYTES
from evcli.store.records import EventBus, Rule
from evcli.store.sqlite import migrations, opening
from evcli.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evcli.store.store import Store

pytestmark = pytest.mark.sqlite_only

DAMAGED = (
    " is damaged. `evcli local check` says more, and `evcli local restore FILE --force`"
    " puts a backup in its place."
)


def refuse_to_open(state_directory: Path) -> str:
    with pytest.raises(EvcliError) as caught:
        open_store(str(state_directory))
    return caught.value.message


def list_names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def change_database(state_directory: Path, sql: str) -> None:
    with closing(sqlite3.connect(state_directory / "state.db")) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(sql)
        database.commit()


# -- new


def test_a_store_that_could_not_be_made_leaves_no_file_behind(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, break_off))
    with pytest.raises(KeyboardInterrupt):
        open_store(str(state_directory))

    assert list_names(state_directory) == ["locks"]


def test_what_a_killed_process_was_making_stands_in_nobodys_way(
    state_directory: Path,
) -> None:
    state_directory.mkdir()
    for ending in ("", "-journal", "-wal", "-shm"):
        draft = state_directory / f"state.db.{os.getpid()}{ending}"
        draft.write_bytes(b"left over")

    open_store(str(state_directory)).close()

    assert list_names(state_directory) == ["locks", "state.db"]


def test_a_store_that_another_process_made_meanwhile_is_kept(
    open_again: Callable[[], Store], state_directory: Path
) -> None:
    open_again().meta.put("theirs", True)
    file = str(state_directory / "state.db")

    opening.make_state_file(str(state_directory), file, None)

    assert open_again().meta.all()["theirs"] is True


# -- damaged


def test_an_empty_file_is_refused_as_the_loss_that_it_is(state_directory: Path) -> None:
    open_store(str(state_directory)).close()
    file = state_directory / "state.db"
    file.write_bytes(b"")

    message = refuse_to_open(state_directory)

    assert message == (
        f"{file}{DAMAGED}".replace(
            "damaged", "damaged: it is empty, as evcli never leaves it", 1
        )
    )
    assert file.read_bytes() == b""


def test_a_negative_version_is_refused(state_directory: Path) -> None:
    open_store(str(state_directory)).close()
    change_database(state_directory, "PRAGMA user_version = -1")

    assert refuse_to_open(state_directory) == (
        f"{state_directory}/state.db{DAMAGED}".replace(
            "damaged", "damaged: it has schema -1, which no evcli wrote", 1
        )
    )


def test_a_file_whose_beginning_is_gone_is_damaged_and_not_somebody_elses(
    state_directory: Path,
) -> None:
    open_store(str(state_directory)).close()
    file = state_directory / "state.db"
    with file.open("r+b") as stream:
        stream.write(bytes(4096))

    assert refuse_to_open(state_directory) == f"{file}{DAMAGED}"


def test_a_torn_page_names_the_tools(
    open_again: Callable[[], Store], state_directory: Path
) -> None:
    store = open_again()
    page = store.database.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'rules'"
    ).fetchone()[0]
    store.close()
    file = state_directory / "state.db"
    with file.open("r+b") as stream:
        stream.seek((page - 1) * PAGE_BYTES)
        stream.write(b"\xff" * PAGE_BYTES)

    with pytest.raises(DamagedStoreError) as caught:
        open_again().list_records(Rule)

    assert caught.value.message == f"{file}{DAMAGED}"


def test_a_table_that_is_gone_names_the_tools(state_directory: Path) -> None:
    open_store(str(state_directory)).close()
    change_database(state_directory, "DROP TABLE rules")
    store = open_store(str(state_directory))

    with pytest.raises(DamagedStoreError) as caught:
        store.list_records(Rule)
    store.close()

    assert caught.value.message == f"{state_directory}/state.db{DAMAGED}"


def test_a_row_that_cannot_be_read_is_named(
    store: Store, state_directory: Path
) -> None:
    store.database.execute(
        "INSERT INTO event_buses (account_id, region, name, log_config, created_at,"
        " last_modified_at) VALUES ('0', 'r', 'orders', '{broken', 0, 0)"
    )

    with pytest.raises(DamagedStoreError) as caught:
        store.get(EventBus, "0", "r", "orders")

    assert caught.value.message == (
        f"{state_directory}/state.db is damaged: 0/r/orders of event_buses cannot be"
        " read. `evcli local check` says more, and `evcli local restore FILE --force`"
        " puts a backup in its place."
    )


# -- not to be written

# Root may write anywhere, so another user has to try. That one need not be allowed to
# read the interpreter's directories: the command runs once before, elsewhere, for what
# it imports.
AS_NOBODY = """
import io, os, shutil, sys
import evcli.store.sqlite.failures
import evcli.store.sqlite.opening
from evcli.cli.main import run
warm = {"EVCLI_STATE_DIR": "warm", "HOME": "/nonexistent"}
os.mkdir("warm")
shutil.copy("state/config.toml", "warm")
for argv in (sys.argv[1:], ["describe-rule", "--name", "missing"]):
    run(argv, io.StringIO(), io.StringIO(), io.StringIO(), warm)
shutil.rmtree("warm")
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
environ = {"EVCLI_STATE_DIR": "state", "HOME": "/nonexistent"}
streams = sys.stdin, sys.stdout, sys.stderr
sys.exit(run(sys.argv[1:], *streams, environ, working_directory=""))
"""


def run_as_nobody(shared: Path, *argv: str) -> tuple[int, str, str]:
    result = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *argv],
        cwd=shared.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr.strip()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A state directory with a rule that everybody may read and nobody write."""
    # Everybody may walk there, unlike to what pytest makes.
    with TemporaryDirectory() as directory:
        path = Path(directory)
        path.chmod(0o711)
        state_directory = path / "state"
        with closing(open_store(str(state_directory))) as store:
            store.put(
                Rule(
                    account_id="000000000000",
                    region="us-east-1",
                    event_bus_name="default",
                    name="kept",
                    schedule_expression="rate(1 hour)",
                    state="ENABLED",
                    created_by="000000000000",
                )
            )
        (state_directory / "config.toml").write_text('region = "us-east-1"\n')
        for each in state_directory.iterdir():
            each.chmod(0o444)
        state_directory.chmod(0o555)
        yield state_directory
        state_directory.chmod(0o700)
        (state_directory / "locks").chmod(0o700)


REFUSED = "evcli: [ERROR]: An error occurred (Configuration): The state directory"
NAMES = ["list-rules", "--query", "Rules[].Name", "--output", "text"]


@pytest.mark.parametrize("mode", [0o444, 0o666])
def test_a_directory_that_cannot_be_written_can_be_read(
    shared: Path, mode: int
) -> None:
    (shared / "state.db").chmod(mode)
    before = list_names(shared)

    ends = [
        run_as_nobody(shared, *NAMES),
        run_as_nobody(shared, "local", "deliveries", "--output", "json"),
        run_as_nobody(shared, "delete-rule", "--name", "kept"),
    ]

    assert ends == [
        (0, "kept\n", ""),
        (0, "[]\n", ""),
        (253, "", f"{REFUSED} state cannot be written."),
    ]
    assert list_names(shared) == before


def test_last_changes_that_cannot_be_read_without_writing_are_not_left_out(
    shared: Path,
) -> None:
    shared.chmod(0o755)
    (shared / "state.db-wal").write_bytes(b"x" * 5000)
    shared.chmod(0o555)

    end = run_as_nobody(shared, *NAMES)

    assert end == (
        253,
        "",
        f"{REFUSED} state cannot be written, and its last changes, in"
        " state/state.db-wal, cannot be read without that; read a copy of the"
        " directory.",
    )


def test_an_old_directory_that_cannot_be_written_is_refused(shared: Path) -> None:
    shared.chmod(0o755)
    change_database(shared, "PRAGMA user_version = 1")
    shared.chmod(0o555)

    end = run_as_nobody(shared, *NAMES)

    assert end == (
        253,
        "",
        f"{REFUSED} state was written by an older evcli (schema 1, this one has"
        f" {len(migrations.MIGRATIONS)}) and cannot be written now; whoever may write"
        " it has to run a command first.",
    )
