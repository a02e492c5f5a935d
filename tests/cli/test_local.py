"""`evcli local`: the group, its words, `init` and `path`."""

from __future__ import annotations

import re
import shlex
import stat
from typing import TYPE_CHECKING

import click
import pytest

from evcli.cli.help.configuration_keys import format_file
from evcli.cli.help.local_examples import LOCAL_EXAMPLES
from evcli.cli.local import COMMANDS
from evcli.cli.local.group import LocalGroup, part_globals, read_help_word
from evcli.store.directory.configuration_file import read_configuration
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which nothing names a state directory."""
    path = tmp_path / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    monkeypatch.delenv("EVCLI_STATE_DIR")
    return path


def test_path_is_the_state_directory(
    state_directory: Path, entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("local", "path", entry=entry)

    assert outcome == (0, f"{state_directory}\n", "")
    assert not state_directory.exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["--state-dir", "/elsewhere", "local", "path"],
        ["local", "--state-dir", "/elsewhere", "path"],
        ["local", "path", "--state-dir", "/elsewhere"],
        ["local", "path", "--state-dir=/elsewhere"],
        ["--state-dir=/x", "local", "path", "--state-dir=/elsewhere"],
    ],
)
def test_global_options_may_stand_anywhere(
    argv: list[str], evcli_command: Callable[..., Outcome]
) -> None:
    assert evcli_command(*argv) == (0, "/elsewhere\n", "")


@pytest.mark.parametrize(
    ("words", "own", "taken"),
    [
        (["a", "--region", "r", "b"], ["a", "b"], ["--region", "r"]),
        (["--debug", "a"], ["a"], ["--debug"]),
        (["--reg", "r"], ["--reg", "r"], []),
        (["a", "--", "--region", "r"], ["a", "--", "--region", "r"], []),
        (["--help"], ["--help"], []),
        (["-h"], ["-h"], []),
        (["--region"], [], ["--region"]),
    ],
)
def test_words_are_parted_by_full_spelling_up_to_two_dashes(
    words: list[str], own: list[str], taken: list[str]
) -> None:
    assert part_globals(words) == (own, taken)


@pytest.mark.parametrize(
    "argv",
    [
        ["local"],
        ["local", "help"],
        ["local", "--help"],
        ["local", "-h"],
        ["--help", "local"],
        ["help", "local"],
    ],
)
def test_help_lists_every_command(
    argv: list[str], entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command(*argv, entry=entry)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert set(COMMANDS) - set(outcome.stdout.split()) == set()
    assert outcome == evcli_command("local", "help")


def list_paths() -> list[str]:
    """Every command behind `evcli local`, those of groups too; "" for itself."""
    paths = [""]
    group = LocalGroup("local")
    with click.Context(group) as ctx:
        for name in COMMANDS:
            command = group.get_command(ctx, name)
            paths.append(name)
            if isinstance(command, click.Group):
                paths += [f"{name} {inner}" for inner in command.list_commands(ctx)]
    return paths


@pytest.mark.parametrize("path", list_paths())
def test_every_command_has_a_page_like_those_of_operations(
    path: str, evcli_command: Callable[..., Outcome]
) -> None:
    words = path.split()

    page = evcli_command("local", *words, "help")

    assert (page.code, page.stderr) == (0, "")
    assert page.stdout.startswith(f"NAME\n    {path or 'evcli local'} - ")
    headings = re.findall(r"(?m)^[A-Z].*", page.stdout)
    assert [each for each in headings if each not in ("COMMANDS", "OPTIONS")] == [
        "NAME", "DESCRIPTION", "SYNOPSIS", "GLOBAL OPTIONS", "EXAMPLES", "EXIT CODES",
    ]  # fmt: skip
    assert [line for line in page.stdout.splitlines() if len(line) > 80] == []
    assert re.findall(r"(?m)[ \t]+$|\n\n\n", page.stdout) == []
    assert {
        evcli_command("local", *words, "--help"),
        evcli_command("local", *words, "-h"),
        evcli_command("local", "help", *words),
        evcli_command("help", "local", *words),
    } == {page}


@pytest.mark.parametrize("path", list_paths())
def test_examples_can_be_typed(path: str) -> None:
    group = LocalGroup("local")

    for _, line in LOCAL_EXAMPLES[path]:
        found = re.search(r'evcli local (.*?)(?:\)"|$)', line)
        assert found is not None, line
        words, _ = part_globals(shlex.split(found[1]))
        assert not path or words[: len(path.split())] == path.split()
        with group.make_context("local", words, obj=None) as ctx:
            name, command, rest = group.resolve_command(ctx, words)
            assert command is not None
            if rest[-1:] != ["help"]:
                command.make_context(name, rest, parent=ctx).close()


def test_examples_of_no_command_are_gone() -> None:
    assert set(LOCAL_EXAMPLES) == set(list_paths())


def test_the_word_help_may_be_a_value(evcli_command: Callable[..., Outcome]) -> None:
    shown = evcli_command("local", "sinks", "list", "--output", "json")
    outcome = evcli_command("local", "exec", "echo", "help")

    assert shown == (0, "[]\n", "")
    assert outcome.code == 0
    assert read_help_word(LocalGroup("local"), ["exec", "echo", "help"]) == [
        "exec",
        "echo",
        "help",
    ]
    assert read_help_word(LocalGroup("local"), ["sinks", "add", "help"]) == [
        "sinks",
        "add",
        "--help",
    ]


def test_the_package_runs_as_a_module(state_directory: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "evcli", "local", "path"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"{state_directory}\n",
        "",
    )


def test_an_unknown_command_is_a_mistake(
    entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("local", "zap", entry=entry)

    assert (outcome.code, outcome.stdout) == (252, "")
    assert outcome.stderr.startswith(
        "\nevcli: [ERROR]: An error occurred (ParamValidation): No such command 'zap'."
    )
    assert outcome.stderr.endswith("\nTo see help text: evcli local --help\n")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("deliverys", "'deliveries' or 'redeliver'"),
        ("sink", "'sinks'"),
        ("complete", "'completion'"),
        ("trac", "'trace'"),
    ],
)
def test_an_unknown_command_names_the_near_one(
    word: str, hint: str, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("local", word)

    assert (outcome.code, outcome.stdout) == (252, "")
    assert outcome.stderr == (
        "\nevcli: [ERROR]: An error occurred (ParamValidation): No such command"
        f" '{word}'. (Did you mean {hint}?)\n\nUsage: evcli local <command>"
        " [parameters]\n\nTo see help text: evcli local --help\n"
    )


@pytest.mark.parametrize("name", ["clock", "sinks"])
def test_a_group_by_itself_shows_its_help(
    name: str, evcli_command: Callable[..., Outcome]
) -> None:
    alone = evcli_command("local", name)

    assert alone == evcli_command("local", name, "--help")
    assert (alone.code, alone.stderr) == (0, "")


def test_a_bad_option_shows_the_usage_of_its_command(
    evcli_command: Callable[..., Outcome],
) -> None:
    outcome = evcli_command("local", "path", "--nope")

    assert outcome.code == 252
    assert "Usage: evcli local path" in outcome.stderr
    assert outcome.stderr.endswith("\nTo see help text: evcli local path --help\n")


def test_an_unknown_profile_is_told(evcli_command: Callable[..., Outcome]) -> None:
    outcome = evcli_command("local", "path", "--profile", "nope")

    assert outcome == (
        255,
        "",
        "\nevcli: [ERROR]: The config profile (nope) could not be found\n",
    )


def test_init_makes_a_directory_that_commands_below_find(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    evcli_command: Callable[..., Outcome],
) -> None:
    below = project / "a" / "b"
    below.mkdir(parents=True)

    made = evcli_command("local", "init")
    monkeypatch.chdir(below)
    found = evcli_command("local", "path")

    path = project / ".evcli"
    assert (made, found) == ((0, f"{path}\n", ""), (0, f"{path}\n", ""))
    names = sorted(each.name for each in path.iterdir())
    assert names == [".gitignore", "config.toml"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_init_writes_account_and_region(
    project: Path, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command(
        "local", "init", "--account", "111122223333", "--region", "eu-west-1"
    )
    rule = evcli_command(
        "put-rule", "--name", "r", "--schedule-expression", "rate(1 day)",
        "--query", "RuleArn",
    )  # fmt: skip

    assert outcome.code == 0
    assert read_configuration(str(project / ".evcli" / "config.toml")) == {
        "account": "111122223333",
        "region": "eu-west-1",
    }
    assert rule == (0, '"arn:aws:events:eu-west-1:111122223333:rule/r"\n', "")


def test_init_keeps_what_is_there(
    project: Path, evcli_command: Callable[..., Outcome]
) -> None:
    evcli_command("local", "init", "--account", "111122223333")

    again = evcli_command("local", "init")
    other = evcli_command("local", "init", "--account", "444455556666")

    configuration = project / ".evcli" / "config.toml"
    assert again == (0, f"{project / '.evcli'}\n", "")
    assert other == (
        253,
        "",
        "\nevcli: [ERROR]: An error occurred (Configuration):"
        f" {configuration} exists already; edit it instead.\n",
    )
    assert read_configuration(str(configuration)) == {"account": "111122223333"}


def test_init_says_when_the_environment_names_another_directory(
    project: Path,
    evcli_command: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EVCLI_STATE_DIR", str(project / "other"))

    outcome = evcli_command("local", "init")

    assert outcome == (
        0,
        f"{project / '.evcli'}\n",
        f"EVCLI_STATE_DIR is set, so commands use {project / 'other'} and not this"
        " one.\n",
    )


def test_init_writes_a_file_that_is_the_topics_keys(
    project: Path, evcli_command: Callable[..., Outcome]
) -> None:
    evcli_command("local", "init")

    text = (project / ".evcli" / "config.toml").read_text()

    assert text == format_file({})
    assert read_configuration(str(project / ".evcli" / "config.toml")) == {}


def test_init_refuses_a_bad_account(
    project: Path, evcli_command: Callable[..., Outcome]
) -> None:
    outcome = evcli_command("local", "init", "--account", "12")

    assert outcome.code == 253
    assert "account: '12' does not fit 12 digits" in outcome.stderr


def test_only_what_people_write_is_for_git(
    project: Path, evcli_command: Callable[..., Outcome]
) -> None:
    import subprocess

    evcli_command("local", "init")
    for name in (
        "events/order.json",
        "events/old/order.json",
        "schemas/shop@Order.json",
    ):
        path = project / ".evcli" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    evcli_command("put-rule", "--name", "r", "--schedule-expression", "rate(1 day)")
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)

    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    )

    assert listed.stdout.split() == [
        ".evcli/.gitignore",
        ".evcli/config.toml",
        ".evcli/events/old/order.json",
        ".evcli/events/order.json",
        ".evcli/schemas/shop@Order.json",
    ]
