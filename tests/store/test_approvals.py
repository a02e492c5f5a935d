"""What the config.toml of a project may do, and who has to agree first."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path
from typing import Any

import pytest

from evcli.context import open_context
from evcli.errors import ConfigurationError
from evcli.store.directory import approvals
from evcli.store.directory.approvals import approve, read_approved
from evcli.store.directory.configuration import list_effects
from evcli.store.directory.configuration_file import read_configuration
from evcli.store.store import open_store

EXEC = '[[sinks]]\narn = "*"\nkind = "exec"\ncommand = "./deliver.sh"\n'
EXEC_EFFECT = 'sinks = {"arn": "*", "command": "./deliver.sh", "kind": "exec"}'
HARMLESS = "".join(
    f'[[sinks]]\narn = "*:{kind}"\nkind = "{kind}"\n'
    for kind in ("file", "stdout", "null", "table")
)


@pytest.fixture
def project(tmp_path: Path) -> str:
    """The state directory of a project."""
    path = tmp_path / "project" / ".evcli"
    path.mkdir(parents=True)
    return str(path)


def configure(directory: str, text: str) -> None:
    Path(directory, "config.toml").write_text(text)


def load(directory: str, **environ: str) -> dict[str, Any]:
    store = open_store(directory)
    try:
        settings = store.meta.all()
        return store.load_configuration(settings, {**os.environ, **environ})
    finally:
        store.close()


def refuse(directory: str, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(directory, **environ)
    return caught.value.message


# -- what is asked about


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        ("", []),
        ('region = "eu-west-1"', []),
        (HARMLESS, []),
        ("hosts = {}\nallowed_hosts = []", []),
        (EXEC, [EXEC_EFFECT]),
        (
            '[[sinks]]\narn = "*"\nkind = "http"\nurl = "http://10.0.0.1/"\n',
            ['sinks = {"arn": "*", "kind": "http", "url": "http://10.0.0.1/"}'],
        ),
        (
            '[[sinks]]\nkind = "other"\narn = "*"\nx = "\\u001b\\u0430"\n',
            ['sinks = {"arn": "*", "kind": "other", "x": "\\u001b\\u0430"}'],
        ),
        (
            'allowed_hosts = ["a.example"]\n[hosts]\n"b.example" = "http://10.0.0.1"\n',
            [
                'hosts = {"b.example": "http://10.0.0.1"}',
                'allowed_hosts = "a.example"',
            ],
        ),
    ],
    ids=["empty", "region", "harmless", "none", "exec", "http", "other", "hosts"],
)
def test_what_runs_code_or_leaves_the_machine_needs_an_approval(
    project: str, text: str, effects: list[str]
) -> None:
    configure(project, text)

    value = read_configuration(f"{project}/config.toml")

    assert list_effects(value) == effects
    if effects:
        assert all(effect in refuse(project) for effect in effects)
        approve(project, effects, os.environ)
    assert load(project) == value


@pytest.mark.parametrize(
    ("path", "is_asked_about"),
    [
        ("out.jsonl", False),
        ("../out.jsonl", False),
        ("a/../../out.jsonl", False),
        ("../../out.jsonl", True),
        ("a/../../../out.jsonl", True),
        ("~/.bashrc", True),
        ("/etc/profile.d/x.sh", True),
    ],
)
def test_a_file_outside_of_the_project_needs_an_approval(
    path: str, is_asked_about: bool
) -> None:
    sink = {"arn": "*", "kind": "file", "path": path}

    assert bool(list_effects({"sinks": [sink]})) is is_asked_about


def test_a_refusal_is_a_sentence_with_the_entries_and_the_cure(project: str) -> None:
    configure(project, EXEC)

    assert refuse(project) == (
        f"{project}/config.toml would run code or leave the project with {EXEC_EFFECT}:"
        " approve that with `evcli local allow`, or in CI with EVCLI_ALLOW_SINKS=1."
    )


def test_a_refusal_counts_the_entries_that_it_does_not_name(project: str) -> None:
    names = [f'"{number}.example"' for number in range(8)]
    configure(project, f"allowed_hosts = [{', '.join(names)}]")

    shown = "; ".join(f"allowed_hosts = {name}" for name in names[:5])
    assert f" with {shown} and 3 more: approve " in refuse(project)


def test_a_refused_context_leaves_the_store_closed(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, EXEC)
    closed: list[str] = []
    monkeypatch.setattr(
        "evcli.store.store.Store.close", lambda store: closed.append(store.path)
    )

    with pytest.raises(ConfigurationError, match="would run code"):
        open_context(project)

    assert closed == [project]


def test_ci_approves_everything_with_a_variable(project: str) -> None:
    configure(project, EXEC)

    assert load(project, EVCLI_ALLOW_SINKS="1")["sinks"][0]["kind"] == "exec"


@pytest.mark.parametrize("value", ["", "0", "no"])
def test_another_value_of_the_variable_approves_nothing(
    project: str, value: str
) -> None:
    configure(project, EXEC)

    assert EXEC_EFFECT in refuse(project, EVCLI_ALLOW_SINKS=value)


@pytest.mark.parametrize("name", ["evcli", "state"])
def test_a_directory_that_is_no_projects_is_its_persons_own(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    configure(str(tmp_path / name), EXEC)

    assert load(str(tmp_path / name))["sinks"][0]["kind"] == "exec"


@pytest.mark.parametrize("spelling", ["{}/", "{}/.", "{}/../.evcli"])
def test_no_spelling_of_its_path_makes_a_project_trusted(
    project: str, spelling: str
) -> None:
    configure(project, EXEC)

    assert EXEC_EFFECT in refuse(spelling.format(project))


# -- what is approved


def test_approved_are_entries_and_not_the_file(project: str) -> None:
    configure(project, EXEC)
    approve(project, [EXEC_EFFECT], os.environ)

    configure(project, f'region = "eu-west-1"\n{HARMLESS}{EXEC}# edited')
    edited = load(project)
    configure(project, EXEC.replace("./deliver.sh", "./other.sh"))
    changed = refuse(project)
    configure(project, EXEC.replace('"*"', '"*:q"'))
    moved = refuse(project)

    assert edited["region"] == "eu-west-1"
    assert '"./other.sh"' in changed
    assert '"*:q"' in moved


def test_approved_is_one_directory_and_not_its_copy(
    project: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy" / ".evcli"
    copy.mkdir(parents=True)
    for directory in (project, str(copy)):
        configure(directory, EXEC)
    approve(project, [EXEC_EFFECT], os.environ)

    assert load(project)["sinks"]
    assert EXEC_EFFECT in refuse(str(copy))


def test_a_path_through_a_link_is_the_same_directory(
    project: str, tmp_path: Path
) -> None:
    configure(project, EXEC)
    approve(project, [EXEC_EFFECT], os.environ)
    (tmp_path / "link").symlink_to(Path(project).parent)

    assert load(str(tmp_path / "link" / ".evcli"))["sinks"]


def test_a_value_that_was_put_into_the_store_is_judged_like_one_of_the_file(
    project: str,
) -> None:
    configure(project, "")
    load(project)
    store = open_store(project)
    known = store.meta.all()["configuration"]
    forged = {"sinks": [{"arn": "*", "kind": "exec", "command": "./deliver.sh"}]}
    store.meta.put("configuration", {**known, "value": forged})
    store.close()

    assert EXEC_EFFECT in refuse(project)


def test_without_such_an_entry_no_file_is_read(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, HARMLESS)
    load(project)
    opened: list[str] = []
    real_open = builtins.open

    def note(path: Any, *arguments: Any, **options: Any) -> Any:
        opened.append(str(path))
        return real_open(path, *arguments, **options)

    monkeypatch.setattr(builtins, "open", note)
    monkeypatch.setattr(approvals, "require_approved", None)
    value = load(project)

    assert len(value["sinks"]) == 4
    assert opened == []


# -- where approvals are


def test_approvals_are_private_and_outside_of_the_project(
    project: str, tmp_path: Path
) -> None:
    configure(project, EXEC)
    before = os.umask(0)
    approve(project, [EXEC_EFFECT], os.environ)
    os.umask(before)

    home = tmp_path / "home"
    made = sorted(home.rglob("*"))
    assert [path.stat().st_mode & 0o777 for path in made] == [0o700] * 3 + [0o600]
    assert made[-1].parent == home / ".config" / "evcli" / "allowed"
    assert json.loads(made[-1].read_text()) == {
        "path": project,
        "entries": [EXEC_EFFECT],
    }
    assert [path.name for path in Path(project).iterdir()] == ["config.toml"]


def test_what_is_approved_no_longer_is_refused_again(
    project: str, tmp_path: Path
) -> None:
    configure(project, EXEC)
    approve(project, [EXEC_EFFECT], os.environ)

    approve(project, [], os.environ)

    assert EXEC_EFFECT in refuse(project)
    assert list((tmp_path / "home").rglob("*.json")) == []


def test_damaged_approvals_are_named_and_approve_nothing(
    project: str, tmp_path: Path
) -> None:
    configure(project, EXEC)
    approve(project, [EXEC_EFFECT], os.environ)
    [path] = (tmp_path / "home").rglob("*.json")
    path.write_text("[]")

    with pytest.raises(ConfigurationError) as caught:
        read_approved(project, os.environ)

    assert caught.value.message == (
        f"{path} is damaged; remove it and approve with `evcli local allow` again."
    )


def test_a_user_without_a_home_has_approved_nothing(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, EXEC)

    def find_nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", find_nobody)
    monkeypatch.delenv("HOME")

    assert EXEC_EFFECT in refuse(project)
