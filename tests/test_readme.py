"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from evcli.cli.help.topics import TOPICS
from evcli.cli.local import COMMANDS
from tests.local_table import TABLE, format_table
from tests.postgresql_server import Server
from tests.transcript import Step, fits, load_transcripts, prepare, run_step

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TRANSCRIPTS = load_transcripts(README)


@pytest.fixture
def team(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a database `team` where libpq looks for one."""
    with psycopg.connect(postgresql.conninfo, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS team")
        connection.execute("CREATE DATABASE team")
    monkeypatch.setenv("PGHOST", str(postgresql.directory))
    monkeypatch.setenv("PGUSER", "evcli")


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript_prints_what_the_readme_shows(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if name == "team":
        request.getfixturevalue("team")
    transcript = TRANSCRIPTS[name]
    directory = tmp_path / "reader"
    prepare(transcript, directory)

    for step in transcript.steps:
        code, printed = run_step(step, directory)

        assert code == 0, (step.command, printed)
        assert fits(step.expected, printed), (step.command, step.expected, printed)


def test_every_console_block_is_a_transcript_or_one_of_the_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    outside = re.sub(r"<!-- transcript: .*?<!-- end -->", "", text, flags=re.DOTALL)
    outside = re.sub(
        r"<!-- (main job|tests) -->\n```console\n.*?```", "", outside, flags=re.DOTALL
    )

    assert "```console" not in outside


def test_the_picture_is_what_the_first_transcript_leads_to(tmp_path: Path) -> None:
    reader = tmp_path / "reader"
    prepare(TRANSCRIPTS["main-job"], reader)
    for step in TRANSCRIPTS["main-job"].steps:
        run_step(step, reader)
    found = re.search(r"```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    anonymous = re.sub(r"(?m)^[\d:]{8}|[\da-f]{8}(?=  )", "…", found[1])

    _, printed = run_step(Step("evcli local events --output table"), reader)

    assert fits(anonymous.splitlines(), printed), printed


def test_the_table_of_local_commands_is_the_table_of_contents() -> None:
    text = README.read_text(encoding="utf-8")

    marks = TABLE.search(text)

    assert marks is not None
    # `python -m tests.local_table` writes it.
    assert marks[0] == marks[1] + format_table() + marks[2]


def test_a_newcomer_reads_no_more_than_this() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 220


def test_every_command_and_topic_that_is_named_is_there() -> None:
    text = README.read_text(encoding="utf-8")

    named = re.findall(r"`evcli local ([a-z]+)", text)
    topics = re.findall(r"`evcli help ([a-z-]+)", text)

    assert [name for name in named if name not in {*COMMANDS, "help"}] == []
    assert [name for name in topics if name not in TOPICS] == []


def test_fits_tells_other_output() -> None:
    assert fits(["a … c", ""], "a b c\n\n") is False
    assert fits(["a … c"], "a b c\n") is True
    assert fits(["a c"], "a b c\n") is False
