"""Real shells: words are typed, TAB is pressed, what was run is what counts.

The command run in the end prints its own words, so a test sees exactly what the shell
made of the completed line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from evcli.cli.completion.scripts import COMPLETIONS, format_alias
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

BUS_ARN = "arn:aws:events:us-east-1:000000000000:event-bus/"
# How each shell starts without anybody's own settings.
STARTS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
SETUPS = {
    "bash": "PS1='READY> '; bind 'set enable-bracketed-paste off'",
    "zsh": "PS1='READY> '; unset zle_bracketed_paste",
    "fish": "function fish_prompt; echo -n 'READY> '; end; set fish_greeting",
}


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_the_file_of_a_shell_is_what_evcli_prints(shell: str) -> None:
    name, text = COMPLETIONS[shell]
    root = Path(__file__).parents[3]

    assert (root / "completions" / name).read_text() == text


class Shell:
    """A shell on a terminal, with evcli's completion loaded."""

    def __init__(self, name: str, directory: Path) -> None:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"no {name} on this machine")
        self.directory = directory
        self.answer_seconds = 0.0
        self.process = pexpect.spawn(
            path,
            STARTS[name],
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            cwd=str(directory),
            dimensions=(50, 200),
            env={
                **os.environ,
                "PATH": f"{directory / 'bin'}:{os.environ['PATH']}",
                "TERM": "dumb",
                "LC_ALL": "C.UTF-8",
            },
        )
        self.run(SETUPS[name])
        _, script = COMPLETIONS[name]
        (directory / "script").write_text(script)
        self.run(f"source {directory / 'script'}")

    def run(self, line: str) -> None:
        """Run a line and wait until it is done."""
        done = self.directory / "done"
        done.unlink(missing_ok=True)
        self.process.send(f"{line}; touch {done}\r")
        self.wait_for(done)

    def wait_for(self, path: Path) -> None:
        """Wait for a file, reading what the shell writes meanwhile."""
        begin = time.monotonic()
        while time.monotonic() < begin + PATIENCE_SECONDS:
            if path.exists():
                self.answer_seconds = time.monotonic() - begin
                return
            with contextlib.suppress(pexpect.TIMEOUT):
                self.process.expect(r".+", timeout=0.05)
        raise AssertionError(f"{path.name}: {self.process.before!r}")

    def type(self, text: str) -> list[str]:
        """Type a line with its TABs, run it, and give the words that evcli got."""
        words = self.directory / "words"
        words.unlink(missing_ok=True)
        for piece in text.split("\t")[:-1]:
            asked = self.directory / "asked"
            asked.unlink(missing_ok=True)
            self.process.send(piece + "\t")
            # The shell asks evcli, and then needs a moment of its own.
            self.wait_for(asked)
            self.drain()
        self.process.send(text.rpartition("\t")[2] + "\r")
        self.wait_for(words)
        self.drain()
        return words.read_text().split("\0")[:-1]

    def drain(self) -> None:
        """Read until the shell has been quiet for as long as it took to ask."""
        quiet_seconds = max(0.15, self.answer_seconds)
        while True:
            try:
                self.process.expect(r".+", timeout=quiet_seconds)
            except pexpect.TIMEOUT:
                return


@pytest.fixture(params=COMPLETIONS)
def shell(
    request: pytest.FixtureRequest, tmp_path: Path, call: Callable[..., dict[str, Any]]
) -> Iterator[Shell]:
    """Each shell, with two rules, an event bus and some files around."""
    call("CreateEventBus", Name="orders")
    for name in ("my-rule", "your-rule"):
        call("PutRule", Name=name, EventPattern='{"source":["x"]}')
    directory = tmp_path / "here"
    (directory / "patterns").mkdir(parents=True)
    (directory / "patterns" / "big orders.json").touch()
    _install(directory)
    opened = Shell(request.param, directory)
    yield opened
    opened.process.close(force=True)


def _install(directory: Path) -> None:
    """Install an `evcli` that completes, and otherwise notes its words; an `aws` too."""
    (directory / "bin").mkdir()
    for name, first in (("evcli", []), ("aws", ["the real aws"])):
        program = directory / "bin" / name
        program.write_text(
            f"#!{sys.executable}\n"
            "import os, sys\n"
            f"sys.path[:0] = {sys.path}\n"
            "if 'EVCLI_COMPLETE' in os.environ:\n"
            "    from evcli.cli.main import run\n"
            "    run(sys.argv[1:], sys.stdin, sys.stdout, sys.stderr, os.environ)\n"
            "    sys.stdout.flush()\n"
            f"    open({str(directory / 'asked')!r}, 'w').close()\n"
            "else:\n"
            f"    with open({str(directory / 'part')!r}, 'w') as file:\n"
            f"        for word in [*{first}, *sys.argv[1:]]:\n"
            "            file.write(word + '\\0')\n"
            f"    os.rename({str(directory / 'part')!r}, {str(directory / 'words')!r})\n"
        )
        program.chmod(0o700)


def test_commands_options_and_names_are_completed(shell: Shell) -> None:
    assert shell.type("evcli desc\trul\t--na\tmy\t") == [
        "describe-rule",
        "--name",
        "my-rule",
    ]


def test_values_of_options_are_completed(shell: Shell) -> None:
    assert shell.type("evcli put-rule --state DIS\t--outp\tte\t") == [
        "put-rule",
        "--state",
        "DISABLED",
        "--output",
        "text",
    ]


def test_a_value_behind_an_equals_sign_is_completed(shell: Shell) -> None:
    assert shell.type("evcli list-rules --output=tab\t") == [
        "list-rules",
        "--output=table",
    ]


def test_arns_are_completed_over_their_colons(shell: Shell) -> None:
    assert shell.type("evcli tag-resource --resource-arn arn:aws:\tevent-bus/o\t") == [
        "tag-resource",
        "--resource-arn",
        f"{BUS_ARN}orders",
    ]


def test_files_are_completed_in_the_middle_of_words(shell: Shell) -> None:
    assert shell.type("evcli put-rule --event-pattern file://pat\tbig\t") == [
        "put-rule",
        "--event-pattern",
        "file://patterns/big orders.json",
    ]


def test_files_are_completed_by_what_they_are_for(shell: Shell) -> None:
    # One of another kind is beside it.
    (shell.directory / "patterns" / "notes.txt").touch()

    assert shell.type("evcli local send pat\t\t") == [
        "local",
        "send",
        "patterns/big orders.json",
    ]


def test_words_in_quotes_are_completed(shell: Shell) -> None:
    assert shell.type("evcli describe-rule --name 'you\tx") == [
        "describe-rule",
        "--name",
        "your-rule",
        "x",
    ]


def test_local_commands_are_completed(shell: Shell) -> None:
    assert shell.type("evcli local comp\tzs\t") == ["local", "completion", "zsh"]


def test_events_of_aws_go_to_evcli_and_the_rest_to_aws(shell: Shell) -> None:
    name = Path(str(shell.process.command)).name
    (shell.directory / "alias").write_text(format_alias(name))
    shell.run(f"source {shell.directory / 'alias'}")

    assert shell.type("aws --region eu-west-1 --debug events put-rule 'a b'") == [
        "--region",
        "eu-west-1",
        "--debug",
        "events",
        "put-rule",
        "a b",
    ]
    assert shell.type("aws --region events s3 ls") == [
        "the real aws",
        "--region",
        "events",
        "s3",
        "ls",
    ]
