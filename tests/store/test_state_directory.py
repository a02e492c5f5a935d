"""Where the state directory is, how it is made, who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import platformdirs
import pytest

from evcli.errors import ConfigurationError
from evcli.store.state_directory import (
    find_state_directory,
    find_user_state_directory,
)
from evcli.store.store import open_store
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a state directory of its own, and folders below."""
    (tmp_path / "project" / ".evcli").mkdir(parents=True)
    (tmp_path / "project" / "src" / "deep").mkdir(parents=True)
    return tmp_path / "project"


# -- where


def test_the_option_comes_first(project: Path) -> None:
    environ = {"EVCLI_STATE_DIR": "/from/environment"}

    found = find_state_directory("/from/option", environ, str(project))

    assert found == "/from/option"


def test_the_environment_comes_before_the_project(project: Path) -> None:
    environ = {"EVCLI_STATE_DIR": "/from/environment"}

    assert find_state_directory(None, environ, str(project)) == "/from/environment"


@pytest.mark.parametrize("inside", ["", "src", "src/deep"])
def test_the_nearest_project_upwards_is_found(project: Path, inside: str) -> None:
    found = find_state_directory(None, {}, str(project / inside))

    assert found == str(project / ".evcli")


def test_a_file_called_like_a_project_is_not_one(project: Path) -> None:
    (project / "src" / ".evcli").write_text("")

    found = find_state_directory(None, {}, str(project / "src"))

    assert found == str(project / ".evcli")


def test_without_a_project_it_is_the_users(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": "/home/me/state", "EVCLI_STATE_DIR": ""}

    found = find_state_directory(None, environ, str(tmp_path))

    assert found == find_user_state_directory(environ)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [("relative", "{here}/relative"), ("~/mine", "{home}/mine")],
)
def test_a_chosen_path_is_made_absolute(
    tmp_path: Path, chosen: str, found: str
) -> None:
    expected = found.format(here=tmp_path, home=os.environ["HOME"])

    assert find_state_directory(chosen, {}, str(tmp_path)) == expected


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"XDG_STATE_HOME": "/elsewhere/state"},
        {"XDG_STATE_HOME": ""},
        {"XDG_STATE_HOME": "  "},
        {"XDG_STATE_HOME": "~/state"},
        {"XDG_STATE_HOME": "relative/state"},
        {"XDG_STATE_HOME": "/a/../b/"},
        {"HOME": "/home/somebody"},
        {"HOME": "/"},
        {"HOME": ""},
        {"HOME": "relative"},
    ],
)
def test_the_users_directory_is_the_one_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    found = find_user_state_directory(os.environ)

    assert found == platformdirs.user_state_dir("evcli", appauthor=False)


def test_the_users_directory_needs_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME")

    found = find_user_state_directory(os.environ)

    assert found == platformdirs.user_state_dir("evcli", appauthor=False)


def test_a_user_without_a_home_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find_nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", find_nobody)

    with pytest.raises(ConfigurationError) as caught:
        find_user_state_directory({})

    assert caught.value.message == (
        "Nothing says where the user's home is; name a state directory with"
        " --state-dir or EVCLI_STATE_DIR."
    )


# -- who may read it


@pytest.fixture
def lax_umask() -> Iterator[None]:
    """A umask that forbids nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("lax_umask")
def test_nobody_else_may_read_what_evcli_makes(state_directory: Path) -> None:
    store = open_store(str(state_directory))
    store.owner.claim()
    with store.transaction():
        store.settings.put("name", 1)

    modes = {
        str(path.relative_to(state_directory.parent)): path.stat().st_mode & 0o777
        for path in (state_directory, *state_directory.rglob("*"))
    }
    store.close()

    assert modes == {
        "state": 0o700,
        "state/state.db": 0o600,
        "state/state.db-wal": 0o600,
        "state/state.db-shm": 0o600,
        "state/locks": 0o700,
        "state/locks/upgrade": 0o600,
        "state/locks/owners": 0o600,
    }


# -- what can be in the way


def refuse_to_open(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        open_store(str(path))
    return caught.value.message


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")

    assert refuse_to_open(path) == (
        f"The state directory {path} is not a directory; name another one with"
        " --state-dir or EVCLI_STATE_DIR."
    )
    assert path.read_text() == "mine"


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    path = tmp_path / "file" / "state"

    assert refuse_to_open(path) == (
        f"The state directory {path} cannot be made: Not a directory; name another one"
        " with --state-dir or EVCLI_STATE_DIR."
    )


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_in_the_place_of_the_database_is_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "state").mkdir()
    make(tmp_path / "state" / "state.db")

    assert refuse_to_open(tmp_path / "state") == (
        f"{tmp_path}/state/state.db is not a state file of evcli; name another"
        " directory with --state-dir. Nothing was changed."
    )


def test_a_file_in_the_place_of_the_locks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "locks").write_text("")

    assert refuse_to_open(tmp_path / "state") == (
        f"The state directory cannot be written: {tmp_path}/state/locks/upgrade: Not a"
        " directory."
    )


# Root may write anywhere, so another user has to try. That one need not be allowed to
# walk to the test's directory, so the path is relative.
OPEN_AS_NOBODY = """
import os
from evcli.errors import ConfigurationError
from evcli.store.store import open_store
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store("state")
except ConfigurationError as error:
    print(error.message)
"""


def test_a_directory_that_cannot_be_written_is_refused_in_words(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o711)
    (tmp_path / "state").mkdir(mode=0o555)

    result = subprocess.run(
        [sys.executable, "-c", OPEN_AS_NOBODY],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (result.stdout, result.stderr) == (
        "The state directory state cannot be used: state/state.db: Permission denied.\n",
        "",
    )
