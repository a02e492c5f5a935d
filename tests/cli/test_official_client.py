"""The table of invocations, row by row, through the installed official client.

The installed client is version 1 and the table follows version 2, so rows are left out
where both differ: options that version 1 lacks, the words about choices, documents that
it words otherwise, what is checked only when a request is sent. What is left is what
argparse, value loading and shorthand decide, and that is equal.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from evcli.model import get_operation
from tests.cli.conftest import to_wire

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ONLY_IN_VERSION_2 = (
    "--cli-input-yaml",
    "--no-cli-pager",
    "--cli-auto-prompt",
    "--cli-error-format",
    "--cli-binary-format",
)
WORDED_OTHERWISE = (
    "Found invalid choice",
    "ambiguous option: --c could",
    "ambiguous option: --n",
    "Invalid JSON received",
    "Invalid type: expecting map",
    "Parameter validation failed",
    "Provided region_name",
)
# Followed pages are parameters of another form.
PAGING = ("--page-size", "--max-items", "--starting-token")


def load_rows() -> list[dict[str, Any]]:
    """Rows that both versions should agree on."""
    folder = Path(__file__).parent / "compatibility"
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        rows += json.loads(path.read_text(encoding="utf-8"))
    return [row for row in rows if is_comparable(row)]


def is_comparable(row: dict[str, Any]) -> bool:
    argv = row["argv"]
    # Later versions of Python, on which the client runs, take `--` otherwise.
    if "--" in argv and sys.version_info >= (3, 12):
        return False
    return not (
        row["source"].startswith("[guess]")
        or "stdout" in row
        or "stdin" in row
        or any(word in ONLY_IN_VERSION_2 for word in argv)
        or any(word.startswith("http") for word in argv)
        or any(text in row.get("error", "") for text in WORDED_OTHERWISE)
        or ("calls" in row and any(word in PAGING for word in argv))
    )


ROWS = load_rows()


def run_official_client(
    argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Any], str]:
    """The operations it would call with their parameters, and what it says."""
    import awscli
    from awscli import clidriver

    # Importing awscli sets it, for the first test only.
    data = Path(awscli.__file__).parent / "data"
    monkeypatch.setenv("AWS_DATA_PATH", str(data))
    calls: list[Any] = []

    def invoke(_self: object, _service: str, name: str, request: Any, _: object) -> int:
        calls.append([name, request])
        return 0

    monkeypatch.setattr(clidriver.CLIOperationCaller, "invoke", invoke)
    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr), contextlib.suppress(SystemExit):
        clidriver.create_clidriver().main(argv)
    return calls, stderr.getvalue()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["argv"]))
def test_row_agrees_with_the_official_client(
    row: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in row.get("files", {}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, value in row.get("environ", {}).items():
        monkeypatch.setenv(name, value)

    argv = row["argv"]
    # In evcli the word may be left out; without any command it is what is missing.
    if "events" not in argv and "required: command" not in row.get("error", ""):
        argv = ["events", *argv]
    calls, stderr = run_official_client(argv, monkeypatch)

    for call in calls:
        operation = get_operation(call[0])
        assert operation is not None
        call[1] = to_wire(operation.request, call[1])
    assert calls == row.get("calls", [])
    # Version 2 puts a blank before the line that a caret points into.
    error = row.get("error", "").replace("for input:\n ", "for input:\n")
    assert error in stderr


def test_most_rows_are_compared() -> None:
    assert len(ROWS) >= 180
