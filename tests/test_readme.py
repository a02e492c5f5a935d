"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evcli.model import INDEX
from evcli.model.names import to_kebab_case
from tests.transcript import fits, load_transcripts, prepare, run_step

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TRANSCRIPTS = load_transcripts(README)


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript_prints_what_the_readme_shows(name: str, tmp_path: Path) -> None:
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
        r"<!-- (main job|tests) -->.*?```\n.*?```", "", outside, flags=re.DOTALL
    )

    assert "```console" not in outside


def test_the_operation_table_is_the_models() -> None:
    text = README.read_text(encoding="utf-8")

    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \|$", text, flags=re.MULTILINE)

    assert rows == [(to_kebab_case(name), line) for name, (_, line) in INDEX.items()]


def test_fits_tells_other_output() -> None:
    assert fits(["a … c", ""], "a b c\n\n") is False
    assert fits(["a … c"], "a b c\n") is True
    assert fits(["a c"], "a b c\n") is False
