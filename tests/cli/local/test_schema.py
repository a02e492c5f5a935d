"""`evcli local schema`: prints what it infers, or writes it where it is looked for."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

ORDER = {"source": "shop", "detail-type": "Order/1", "detail": {"total": 1}}
REFUND = {"source": "shop", "detail-type": "Refund", "detail": {}}
NAMES = ["shop@Order%2F1.json", "shop@Refund.json"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with captured events, as the working directory."""
    path = tmp_path / "project"
    (path / ".evcli").mkdir(parents=True)
    monkeypatch.chdir(path)
    lines = [json.dumps(each) for each in (ORDER, REFUND, ORDER)]
    (path / "events.jsonl").write_text("\n".join(lines))
    return path


def fail(line: str) -> tuple[int, str, str]:
    return 255, "", f"\nevcli: [ERROR]: {line}\n"


def test_schemas_are_printed_by_the_names_of_their_files(
    project: Path, evcli_command: Run, state_directory: Path
) -> None:
    outcome = evcli_command("local", "schema", "events.jsonl")

    printed = json.loads(outcome.stdout)
    assert list(printed) == NAMES
    assert printed[NAMES[0]]["properties"]["detail"] == {
        "type": "object",
        "properties": {"total": {"type": "integer"}},
        "required": ["total"],
    }
    assert sorted(path.name for path in project.iterdir()) == [".evcli", "events.jsonl"]
    assert not state_directory.exists()


def test_standard_input_is_read(evcli_command: Run) -> None:
    outcome = evcli_command("local", "schema", "-", stdin=json.dumps([ORDER]))

    assert list(json.loads(outcome.stdout)) == NAMES[:1]


def test_written_schemas_are_used(project: Path, evcli_command: Run) -> None:
    directory = project / ".evcli" / "schemas"

    outcome = evcli_command("local", "schema", "events.jsonl", "--write")

    assert outcome == (0, "".join(f"{directory}/{name}\n" for name in NAMES), "")
    assert sorted(path.name for path in directory.iterdir()) == NAMES
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    events = project / ".evcli" / "events"
    events.mkdir()
    (events / "order.json").write_text(json.dumps({**ORDER, "detail": {}}))
    misfit = evcli_command("local", "trigger", "order").stderr
    assert misfit == (
        f"The event does not fit {directory / NAMES[0]}:"
        " detail: 'total' is a required property\n"
    )


def test_another_directory_is_made(project: Path, evcli_command: Run) -> None:
    outcome = evcli_command("local", "schema", "events.jsonl", "--output-dir", "a/b")

    assert outcome.stdout == "".join(f"{project}/a/b/{name}\n" for name in NAMES)
    assert sorted(path.name for path in (project / "a" / "b").iterdir()) == NAMES


def test_what_is_there_is_replaced_only_by_force(
    project: Path, evcli_command: Run
) -> None:
    kept = project / "out" / NAMES[1]
    kept.parent.mkdir()
    kept.write_text("mine")
    command = ("local", "schema", "events.jsonl", "--output-dir", "out")

    refused = evcli_command(*command)
    after_refusal = [path.name for path in kept.parent.iterdir()]
    forced = evcli_command(*command, "--force")

    assert refused == fail(f"{kept} exists already; --force replaces it.")
    assert after_refusal == [kept.name]
    assert (forced.code, kept.read_text() == "mine") == (0, False)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "f has no events."),
        (b"\xff", "f is not UTF-8."),
        (b"{}", "f: event 1 is no event: it needs source, detail-type and detail, or"
         " Source, DetailType and Detail."),
    ],
)  # fmt: skip
def test_a_file_without_events_is_refused(
    project: Path, evcli_command: Run, content: bytes, problem: str
) -> None:
    (project / "f").write_bytes(content)

    outcome = evcli_command("local", "schema", "f", "--write")

    assert outcome == fail(problem)
    assert list((project / ".evcli").iterdir()) == []


def test_a_name_that_no_file_can_have_is_refused(
    project: Path, evcli_command: Run
) -> None:
    events = json.dumps([REFUND, {**ORDER, "detail-type": "☃" * 100}])

    outcome = evcli_command("local", "schema", "-", "--write", stdin=events)

    name = f"shop@{'☃' * 100}.json"
    assert outcome == fail(f"{name} is too long for the name of a file.")
    assert list((project / ".evcli").iterdir()) == []


def test_without_a_project_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evcli_command: Run
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = evcli_command("local", "schema", "-", "--write", stdin=json.dumps(ORDER))
    both = evcli_command("local", "schema", "-", "--write", "--output-dir", "x")

    assert outcome == fail(
        "There is no .evcli here or above; `evcli local init` makes one, and --output-dir"
        " names another directory."
    )
    assert "Give either --write or --output-dir." in both.stderr
