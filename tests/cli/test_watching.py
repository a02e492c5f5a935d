"""`--watch`: runs follow saves, whatever an editor does to the files."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pytest

import evcli.cli.watching
from evcli.cli.main import run
from evcli.cli.watching import CLEAR, PATIENCE_LOOKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENT = {
    "id": "1", "account": "000000000000", "source": "shop", "region": "r",
    "time": "2024-01-01T00:00:00Z", "resources": [], "detail-type": "t", "detail": {},
}  # fmt: skip
MATCH = '{\n    "Result": true\n}\n'
NO_MATCH = '{\n    "Result": false\n}\n'
SHOP, BANK = '{"source":["shop"]}', '{"source":["bank"]}'


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Watch:
    """A watching command; between its looks at the files the steps happen, one each."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pattern = directory / "pattern.json"
        self.event = directory / "event.json"
        self.event.write_text(json.dumps(EVENT))
        self.stdout, self.stderr = io.StringIO(), io.StringIO()
        self.shown: list[str] = []
        self.steps: list[Callable[[], object]] = []
        self.saves = 0
        monkeypatch.setattr(evcli.cli.watching, "sleep", self.look_away)

    def save(self, text: str, path: Path | None = None) -> None:
        """Write a file so that no clock is too coarse to tell."""
        path = path or self.pattern
        path.write_text(text)
        self.saves += 1
        os.utime(path, ns=(self.saves * 10**9, self.saves * 10**9))

    def replace(self, text: str) -> None:
        """Put a new file in place of the old one."""
        self.save(text, self.pattern.with_suffix(".new"))
        self.pattern.with_suffix(".new").replace(self.pattern)

    def look_away(self, _seconds: float) -> None:
        """Take the next step instead of sleeping; after the last one comes Ctrl-C."""
        self.shown.append(self.stdout.getvalue() + self.stderr.getvalue())
        for stream in (self.stdout, self.stderr):
            stream.seek(0)
            stream.truncate()
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()

    def run(self, *steps: Callable[[], object], stdin: str = "") -> list[str]:
        """Run the command through some steps; what each run shows."""
        self.steps = [*steps, rest, rest]
        argv = [
            "test-event-pattern", "--event-pattern", f"file://{self.pattern}",
            "--event", "file:///dev/stdin" if stdin else f"file://{self.event}", "--watch",
        ]  # fmt: skip
        code = run(argv, io.StringIO(stdin), self.stdout, self.stderr, os.environ)
        assert code == 130
        return [text for text in self.shown if text]


def rest() -> None:
    """Leave the files as they are."""


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A command that watches a pattern that matches, and an event."""
    made = Watch(tmp_path, monkeypatch)
    made.save(SHOP)
    return made


def test_a_save_of_either_file_runs_again_and_rest_does_not(watch: Watch) -> None:
    other = json.dumps({**EVENT, "source": "bank"})

    shown = watch.run(
        rest, lambda: watch.save(BANK), rest, rest, lambda: watch.save(other, watch.event)
    )  # fmt: skip

    assert shown == [MATCH, NO_MATCH, MATCH]


def test_a_file_that_is_written_in_steps_is_read_once_it_is_quiet(watch: Watch) -> None:
    shown = watch.run(
        lambda: watch.save(""), lambda: watch.save('{"sour'), lambda: watch.save(BANK)
    )

    assert shown == [MATCH, NO_MATCH]


def test_a_file_that_is_replaced_or_gone_for_a_moment_is_read_anew(
    watch: Watch,
) -> None:
    shown = watch.run(
        lambda: watch.replace(BANK),
        rest,
        watch.pattern.unlink,
        rest,
        rest,
        lambda: watch.save(SHOP),
    )

    assert shown == [MATCH, NO_MATCH, MATCH]


def test_a_file_that_stays_away_is_named_once_and_waited_for(watch: Watch) -> None:
    shown = watch.run(
        watch.pattern.unlink,
        *[rest] * (3 * PATIENCE_LOOKS),
        lambda: watch.save(BANK),
    )

    assert [shown[0], shown[2]] == [MATCH, NO_MATCH]
    assert len(shown) == 3
    assert f"Unable to load paramfile file://{watch.pattern}" in shown[1]


def test_broken_json_is_shown_and_waited_on(watch: Watch) -> None:
    watch.save('{"source": [')

    shown = watch.run(lambda: watch.save(SHOP))

    assert "Unexpected end-of-input" in shown[0]
    assert shown[1:] == [MATCH]


def test_standard_input_is_read_once(watch: Watch) -> None:
    shown = watch.run(lambda: watch.save(BANK), stdin=json.dumps(EVENT))

    assert shown == [MATCH, NO_MATCH]


def test_a_terminal_is_cleared_and_told_what_is_watched(watch: Watch) -> None:
    watch.stdout, watch.stderr = Terminal(), Terminal()

    shown = watch.run(lambda: watch.save(BANK))

    footer = "Waiting for a save of pattern.json, event.json; Ctrl-C ends.\n"
    assert shown == [f"{CLEAR}{MATCH}{footer}", f"{CLEAR}{NO_MATCH}{footer}"]


def test_without_a_file_there_is_nothing_to_watch(
    evcli_command: Callable[..., object],
) -> None:
    outcome = evcli_command(
        "test-event-pattern", "--event-pattern", SHOP, "--event", json.dumps(EVENT), "--watch"
    )  # fmt: skip

    assert outcome == (
        252,
        "",
        "\nevcli: [ERROR]: An error occurred (ParamValidation): --watch needs a file to"
        " watch, such as --event file://e.json.\n",
    )
