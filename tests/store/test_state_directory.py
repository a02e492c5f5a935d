"""Where the state directory is, how it is made, who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import platformdirs
import pytest

from evcli.errors import ConfigurationError
from evcli.store.directory.state_directory import (
    find_project_folder,
    find_state_directory,
    find_user_directory,
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

    assert found == find_user_directory("state", environ)


def test_a_folder_of_the_nearest_project_that_has_it_is_found(project: Path) -> None:
    (project / ".evcli" / "events").mkdir()
    (project / "src" / ".evcli" / "schemas").mkdir(parents=True)
    environ = {"EVCLI_STATE_DIR": "/somewhere/else"}

    def find(name: str) -> str | None:
        return find_project_folder(name, environ, str(project / "src" / "deep"))

    assert find("events") == str(project / ".evcli" / "events")
    assert find("schemas") == str(project / "src" / ".evcli" / "schemas")
    assert find("nothing") is None


def test_a_folder_that_others_could_fill_is_passed_over(project: Path) -> None:
    (project / ".evcli" / "events").mkdir()
    (project / "src" / ".evcli" / "events").mkdir(parents=True)
    (project / "src" / ".evcli").chmod(0o777)

    found = find_project_folder("events", {}, str(project / "src"))

    assert found == str(project / ".evcli" / "events")


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

    found = find_user_directory("state", os.environ)

    assert found == platformdirs.user_state_dir("evcli", appauthor=False)


def test_the_users_directory_needs_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME")

    found = find_user_directory("state", os.environ)

    assert found == platformdirs.user_state_dir("evcli", appauthor=False)


def test_a_user_without_a_home_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find_nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", find_nobody)

    with pytest.raises(ConfigurationError) as caught:
        find_user_directory("state", {})

    assert caught.value.message == (
        "Nothing says where the user's home is; name a state directory with"
        " --state-dir or EVCLI_STATE_DIR."
    )


@pytest.mark.parametrize("configured", [{}, {"XDG_CONFIG_HOME": "/else/config"}])
def test_the_users_configuration_is_where_platformdirs_has_it(
    monkeypatch: pytest.MonkeyPatch, configured: dict[str, str]
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name, value in configured.items():
        monkeypatch.setenv(name, value)

    found = find_user_directory("config", os.environ)

    assert found == platformdirs.user_config_dir("evcli", appauthor=False)


# -- whose it is


def refuse_to_find(project: Path, environ: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        find_state_directory(None, environ, str(project / "src"))
    return caught.value.message.removeprefix(f"The state directory {project}/.evcli ")


@pytest.fixture
def stranger(project: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The owner of the project; this process runs as root, which is somebody else."""
    if (project / ".evcli").stat().st_uid == 0:
        os.chown(project / ".evcli", 1234, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return (project / ".evcli").stat().st_uid


@pytest.mark.usefixtures("stranger")
def test_a_directory_of_another_user_that_is_found_is_refused(project: Path) -> None:
    assert refuse_to_find(project, {}) == (
        "belongs to another user, so it is used only when it is named:"
        f" EVCLI_STATE_DIR={project}/.evcli evcli …"
    )


@pytest.mark.usefixtures("stranger")
def test_a_directory_of_another_user_that_is_named_is_used(project: Path) -> None:
    path = str(project / ".evcli")

    by_option = find_state_directory(path, {}, str(project))
    by_variable = find_state_directory(None, {"EVCLI_STATE_DIR": path}, str(project))

    assert (by_option, by_variable) == (path, path)


def test_under_sudo_the_callers_directory_is_roots_own(
    project: Path, stranger: int
) -> None:
    found = find_state_directory(None, {"SUDO_UID": str(stranger)}, str(project))

    assert found == str(project / ".evcli")
    assert refuse_to_find(project, {"SUDO_UID": str(stranger + 1)}).startswith(
        "belongs to another user"
    )


def test_what_sudo_says_counts_for_root_alone(
    project: Path, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: stranger + 1)

    assert refuse_to_find(project, {"SUDO_UID": str(stranger)}).startswith(
        "belongs to another user"
    )


def test_another_users_link_to_a_directory_of_ones_own_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "src" / ".evcli").symlink_to(project / ".evcli")
    real_lstat = os.lstat

    def lstat(path: str) -> os.stat_result:
        fields = list(real_lstat(path))
        fields[4] += 1  # its owner
        return os.stat_result(fields)

    monkeypatch.setattr(os, "lstat", lstat)

    with pytest.raises(ConfigurationError, match="belongs to another user"):
        find_state_directory(None, {}, str(project / "src"))


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_directory_that_everybody_may_write_is_refused(
    project: Path, mode: int
) -> None:
    (project / ".evcli").chmod(mode)

    assert refuse_to_find(project, {}) == (
        "can be written by everybody, so it is used only when it is named:"
        f" EVCLI_STATE_DIR={project}/.evcli evcli …"
    )


def test_what_umask_002_makes_of_a_clone_is_fine(project: Path) -> None:
    (project / ".evcli").chmod(0o775)

    found = find_state_directory(None, {}, str(project))

    assert found == str(project / ".evcli")


def test_the_cure_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "it's mine" / ".evcli"
    path.mkdir(parents=True)
    path.chmod(0o777)

    with pytest.raises(ConfigurationError) as caught:
        find_state_directory(None, {}, str(path.parent))

    cure = caught.value.message.partition("named: ")[2].replace("evcli …", "env")
    shown = subprocess.run(
        cure, shell=True, capture_output=True, text=True, check=True, timeout=60
    )
    assert f"EVCLI_STATE_DIR={path}\n" in shown.stdout


# -- who may read it


@pytest.fixture(params=[0, 0o022, 0o777], ids=oct)
def any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """A umask that forbids nothing, an ordinary one, one that forbids everything."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def list_modes(directory: Path) -> dict[str, int]:
    return {
        str(path.relative_to(directory.parent)): path.stat().st_mode & 0o777
        for path in (directory, *directory.rglob("*"))
    }


@pytest.mark.usefixtures("any_umask")
def test_nobody_else_may_read_what_evcli_makes(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "parent" / "state"))
    store.owner.claim()
    with store.transaction():
        store.meta.put("name", 1)

    modes = list_modes(tmp_path / "parent" / "state")
    store.close()

    assert (tmp_path / "parent").stat().st_mode & 0o777 == 0o700
    assert modes == {
        "state": 0o700,
        "state/state.db": 0o600,
        "state/state.db-wal": 0o600,
        "state/state.db-shm": 0o600,
        "state/locks": 0o700,
        "state/locks/upgrade": 0o600,
        "state/locks/owners": 0o600,
    }


@pytest.fixture
def wide(state_directory: Path) -> Path:
    """A state directory that others may read and change."""
    open_store(str(state_directory)).close()
    (state_directory / "sinks").mkdir(mode=0o777)
    for path in (state_directory, *state_directory.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    return state_directory


def test_what_others_may_read_or_change_is_made_private_at_the_next_opening(
    wide: Path,
) -> None:
    open_store(str(wide)).close()

    modes = list_modes(wide)
    assert [modes[name] for name in ("state", "state/state.db", "state/sinks")] == [
        0o700,
        0o600,
        0o700,
    ]


def test_a_clone_without_a_state_yet_is_made_private(project: Path) -> None:
    (project / ".evcli").chmod(0o755)
    (project / ".evcli" / "events.toml").write_text("")

    open_store(str(project / ".evcli")).close()

    assert (project / ".evcli").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_holds_other_things_stays_open_to_others(wide: Path) -> None:
    (wide / "src").mkdir()

    open_store(str(wide)).close()

    modes = list_modes(wide)
    assert [modes[name] for name in ("state", "state/state.db", "state/sinks")] == [
        0o777,
        0o600,
        0o700,
    ]


def test_a_shared_directory_stays_shared(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)

    open_store(str(tmp_path / "tmp")).close()

    assert (tmp_path / "tmp").stat().st_mode & 0o7777 == 0o1777


def test_what_a_link_leads_to_stays_as_it_is(wide: Path, tmp_path: Path) -> None:
    (wide / "sinks").rmdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine").chmod(0o755)
    (wide / "sinks").symlink_to(tmp_path / "mine")

    open_store(str(wide)).close()

    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o755


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
import evcli.store.directory.shared_store, evcli.store.sqlite.opening
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
