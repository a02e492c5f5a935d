"""Topics: pages that are there, listed, offered, and as readable as all others."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evcli.arns import find_arn
from evcli.cli.completion.candidates import find_candidates
from evcli.cli.help import topics
from evcli.cli.help.configuration_keys import format_file, list_tables
from evcli.cli.help.pages import format_program_help
from evcli.cli.help.topics import TOPICS, read_topic
from evcli.cli.local import COMMANDS
from evcli.cli.session import Session
from evcli.delivery.sinks import KINDS
from evcli.delivery.transform import RESERVED_VARIABLES
from evcli.errors import ValidationException
from evcli.inspection import transforms
from evcli.model.names import operation_by_command
from evcli.patterns import compile_pattern, match, read_event
from evcli.patterns.language.conditions import OR
from evcli.patterns.language.operators import NESTED_IN_ANYTHING_BUT, OPERATORS
from evcli.schedules import parse_schedule
from evcli.store.directory.configuration_file import require_valid
from evcli.store.directory.configuration_schema import SCHEMA, SINK_KEYS, SINK_KINDS
from tests.transcript import Transcript, fits, prepare, run_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]


def test_every_topic_has_a_file_and_every_file_is_a_topic() -> None:
    files = Path(topics.__file__).parent.glob("*.txt")

    assert sorted(path.stem for path in files) == sorted(TOPICS)
    assert [name for name in TOPICS if operation_by_command(name)] == []


@pytest.mark.parametrize("name", TOPICS)
def test_a_page_is_laid_out_like_those_of_commands(name: str) -> None:
    page = read_topic(name)

    assert page.startswith(f"NAME\n    {name} - {TOPICS[name]}\n\nDESCRIPTION\n")
    assert [line for line in page.splitlines() if len(line) > 80] == []
    assert re.findall(r"(?m)[ \t]+$|\n\n\n", page) == []
    assert page.endswith("\n")
    # An example is indented as its own format has it.
    prose = re.sub(r"(?s)\nEXAMPLE\n.*?\n\n(?=[A-Z])", "\n", page)
    assert re.findall(r"(?m)^(?![A-Z][A-Z /]+$| {4}(?: {4})*\S|$).*", prose) == []


@pytest.mark.parametrize("name", TOPICS)
def test_a_page_names_only_commands_that_are_there(name: str) -> None:
    commands = re.findall(r"evcli\s+local\s+([a-z]+)", read_topic(name))

    assert [each for each in commands if each not in COMMANDS] == []


@pytest.mark.parametrize("name", TOPICS)
def test_help_shows_a_topic(evcli_command: Run, entry: str, name: str) -> None:
    assert evcli_command("help", name, entry=entry) == (0, read_topic(name), "")


# -- commands with what they print


def read_transcript(name: str) -> Transcript:
    """The commands of a page, and their output, as one would type them."""
    transcript = Transcript(name, "")
    for block in read_topic(name).split("\n\n"):
        _, mark, rest = block.partition("    $ ")
        if mark:
            transcript.read_steps(textwrap.dedent(f"        $ {rest}"))
    return transcript


TYPED = [name for name in TOPICS if read_transcript(name).steps]


@pytest.mark.slow
@pytest.mark.parametrize("name", TYPED)
def test_a_page_shows_what_its_commands_print(name: str, tmp_path: Path) -> None:
    transcript = read_transcript(name)
    reader = tmp_path / "reader"
    prepare(transcript, reader)

    printed = [(step, *run_step(step, reader)) for step in transcript.steps]

    assert [
        (step.command, code, output)
        for step, code, output in printed
        if code != 0 or not fits(step.expected, output)
    ] == []


def test_pages_about_work_in_several_steps_show_it() -> None:
    assert TYPED == ["bulk", "partner-sources", "replays"]


# -- patterns


def read_examples(name: str, verdict: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The examples of a page: an object, and the lines below it with their words.

    Args:
        verdict: a regular expression of these words.
    """
    examples: list[tuple[str, list[tuple[str, str]]]] = []
    lines = read_topic(name).splitlines()
    for number, line in enumerate(lines):
        found = re.fullmatch(rf" {{8,12}}({verdict}) {{2}}(.+)", line)
        if found is None:
            continue
        if not re.match(rf" {{8,12}}({verdict}) {{2}}", lines[number - 1]):
            start = number - 1
            while lines[start - 1]:
                start -= 1
            examples.append(("\n".join(lines[start:number]), []))
        examples[-1][1].append((found[1], found[2]))
    return examples


PATTERN_EXAMPLES = read_examples("patterns", "matches|but not")


@pytest.mark.parametrize(
    ("pattern", "events"), PATTERN_EXAMPLES, ids=range(len(PATTERN_EXAMPLES))
)
def test_an_example_of_a_pattern_matches_what_the_page_says(
    pattern: str, events: list[tuple[str, str]]
) -> None:
    compiled = compile_pattern(pattern)

    verdicts = [(match(compiled, read_event(text)), text) for _, text in events]

    assert verdicts == [(word == "matches", text) for word, text in events]
    assert {word for word, _ in events} == {"matches", "but not"}


def test_every_operator_has_an_example() -> None:
    nested = [f"anything-but.*{each}" for each in NESTED_IN_ANYTHING_BUT]
    folded = [f"{each}.*equals-ignore-case" for each in ("prefix", "suffix")]
    patterns = [pattern for pattern, _ in PATTERN_EXAMPLES]

    missing = [
        operator
        for operator in [*OPERATORS, OR.replace("$", r"\$"), *nested, *folded]
        if not any(re.search(f'"{operator}"', pattern) for pattern in patterns)
    ]

    assert missing == []


# -- transformers

TRANSFORMER_EXAMPLES = [
    (settings, text)
    for settings, outcomes in read_examples("transformers", "becomes")
    for _, text in outcomes
]


def read_settings(text: str) -> dict[str, Any]:
    """The settings of a target that an example shows."""
    settings: dict[str, Any] = json.loads(text)
    return {"InputTransformer": settings} if "InputTemplate" in settings else settings


def test_an_input_becomes_what_the_page_says() -> None:
    page = read_topic("transformers")
    text = page.split("about this event:\n\n")[1].split("\n\n")[0]
    event = transforms.read_event(text)
    rule = find_arn("arn:aws:events:us-east-1:000000000000:rule/r")
    target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:q"}

    outcomes = [
        transforms.rehearse(
            {**target, **read_settings(settings)},
            event,
            rule,
            datetime(2026, 1, 5, tzinfo=UTC),
        ).payload
        or "nothing"
        for settings, _ in TRANSFORMER_EXAMPLES
    ]

    assert len(outcomes) == 9
    assert outcomes == [text for _, text in TRANSFORMER_EXAMPLES]


def test_every_variable_of_templates_is_explained() -> None:
    page = read_topic("transformers").split("\nVARIABLES\n")[1]

    assert re.findall(r"(?m)^    (aws\.\S+)$", page) == list(RESERVED_VARIABLES)


# -- schedules


def test_schedules_are_accepted_and_refused_as_the_page_says() -> None:
    accepted, refused = read_topic("schedules").split("\nREFUSED\n")
    expression = re.compile(r"(?m)^ {8,12}((?:rate|cron|at)\(.+?\))")

    good = [parse_schedule(each) for each in expression.findall(accepted)]
    bad = expression.findall(refused)

    assert len(good) == 9
    assert len(bad) == 8
    for each in bad:
        with pytest.raises(ValidationException):
            parse_schedule(each)


# -- tables


def test_every_kind_of_sink_is_explained_with_its_keys() -> None:
    page = read_topic("sinks").split("\nKINDS\n")[1].split("\nFAILURES\n")[0]
    kinds = re.split(r"(?m)^ {4}(?=\S+$)", page)[1:]

    explained = {
        text.split("\n")[0]: re.findall(r"(?m)^ {8}(\w+) \((?:req|opt)", text)
        for text in kinds
    }

    assert explained == {kind: list(keys) for kind, (_, keys) in SINK_KINDS.items()}
    assert SINK_KINDS.keys() == KINDS.keys()


def list_schema_keys(schema: dict[str, Any]) -> set[str]:
    """Every name that may stand in a file, at any depth."""
    names = set(schema.get("properties", ()))
    inner = [*schema.get("properties", {}).values(), schema.get("items", {})]
    inner += [schema.get("additionalProperties") or {}]
    inner += [each["then"] for each in schema.get("allOf", ())]
    return names.union(*(list_schema_keys(each) for each in inner if each))


def test_every_key_of_the_configuration_is_listed() -> None:
    page = read_topic("config").split("\nKEYS\n")[1]
    listed = set(re.findall(r"(?m)^ {4,8}\[*([\w\"]+)(?:[ \].]|$)", page))

    assert list_schema_keys(SCHEMA) - listed == set()


def test_every_key_of_the_configuration_but_quotas_is_explained() -> None:
    unexplained = {
        f"{heading}.{key}"
        for heading, _, keys in list_tables()
        for key, schema in keys.items()
        if "help" not in schema and heading != "[quotas]"
    }

    assert unexplained == set()


def test_the_file_to_edit_is_valid_as_it_is_and_with_every_line_in_force() -> None:
    text = format_file({"account": "111122223333"})
    in_force = re.sub(r'(?m)^# (?=\[|[\w".-]+ = )', "", text)

    assert tomllib.loads(text) == {"account": "111122223333"}
    require_valid("config.toml", tomllib.loads(in_force), SCHEMA)
    of_kinds = {key for _, keys in SINK_KINDS.values() for key in keys}
    assert list_schema_keys(SCHEMA) - {*of_kinds, *SINK_KEYS} <= {
        *re.findall(r"(?m)^\[*(\w+)", in_force)
    }


PACKAGE = Path(topics.__file__).parent.parent.parent.parent


def test_every_variable_that_evcli_reads_or_sets_is_in_the_page() -> None:
    quoted = re.compile(r'"((?:EVCLI|AWS|XDG)_[A-Z_]+|NO_COLOR|TERM|PAGER|LESS|HOME)"')
    sources = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    used = {name for source in sources for name in quoted.findall(source)}

    page = set(re.findall(r"[A-Z_]{4,}", read_topic("environment")))

    assert used - page == set()


def test_the_programs_help_lists_topics() -> None:
    section = format_program_help().split("\nTOPICS\n")[1].split("\n\n")[0]

    assert section.split() == [
        word for name in sorted(TOPICS) for word in (name, *TOPICS[name].split())
    ]


def test_a_topic_that_is_nearly_right_is_named(evcli_command: Run) -> None:
    end = evcli_command("help", "durabilty")

    assert end.code == 252
    assert "Maybe you meant:\n\n  * durability\n" in end.stderr


def test_completion_offers_topics_behind_help(evcli_command: Run) -> None:
    session = Session(*3 * (None,), {})  # type: ignore[arg-type]

    behind_help = [text for text, _ in find_candidates(session, ["help"], "")]
    at_first = [text for text, _ in find_candidates(session, [], "")]

    assert set(TOPICS) - set(behind_help) == set()
    assert set(TOPICS) & set(at_first) == set()
