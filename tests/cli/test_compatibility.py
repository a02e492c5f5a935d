"""The table of invocations: what reaches an operation, what is said, which exit code.

Each row of `compatibility/*.json` has `argv` and a `source`; then `exit`, and of these
what applies: `calls` (operation and request as sent on the wire), `stdout`, `error` (the
text behind the name of the program), the `advice` below it, its `class`, where the `usage` stands, `stdin`,
`files` and `environ`. What a row does not name is empty. Every row runs through both entries.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome, Spy

ROWS = [
    (path.stem, row)
    for path in sorted((Path(__file__).parent / "compatibility").glob("*.json"))
    for row in json.loads(path.read_text(encoding="utf-8"))
]
KEYS = {
    "advice", "argv", "calls", "class", "comment", "environ", "error", "exit", "files", "source",
    "stdin", "stdout", "usage",
}  # fmt: skip
USAGE = (
    "usage: evcli [options] <command> <subcommand> [<subcommand> ...] [parameters]\n"
    "To see help text, you can run:\n"
    "\n"
    "  evcli help\n"
    "  evcli <command> help\n"
    "  evcli <command> <subcommand> help\n"
)


def format_stderr(row: dict[str, Any]) -> str:
    """The bytes that a row's error stands for."""
    if "error" not in row:
        return ""
    message = row["error"]
    if row.get("usage") == "after":
        message = f"{message}\n\n{USAGE}"
    if "class" in row:
        message = f"An error occurred ({row['class']}): {message}"
    line = f"\nevcli: [ERROR]: {message.strip()}\n"
    if "advice" in row:
        line += f"{row['advice']}\n"
    return f"\n{USAGE}\n{line}" if row.get("usage") == "before" else line


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [row for _, row in ROWS], ids=[f"{name}-{row['argv']}" for name, row in ROWS]
)
def test_invocation_does_what_the_official_command_line_does(
    row: dict[str, Any],
    entry: str,
    evcli_command: Callable[..., Outcome],
    spy: Spy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in row.get("files", {}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, value in row.get("environ", {}).items():
        monkeypatch.setenv(name, value)

    outcome = evcli_command(*row["argv"], stdin=row.get("stdin", ""), entry=entry)

    expected = (row["exit"], row.get("stdout", ""), format_stderr(row))
    assert (outcome, spy.calls) == (expected, row.get("calls", []))


def test_there_are_more_than_two_hundred_rows_with_sources() -> None:
    unsourced = [row["argv"] for _, row in ROWS if not row.get("source")]
    unknown = [set(row) - KEYS for _, row in ROWS if set(row) - KEYS]

    assert (unsourced, unknown) == ([], [])
    assert len(ROWS) >= 200
