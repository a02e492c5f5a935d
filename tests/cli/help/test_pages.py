"""Help: every page complete, readable at 80 columns, and its examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evcli.cli.help import shared_options
from evcli.cli.help.pages import (
    NEVER_RAISED,
    embolden,
    format_operation_help,
    format_program_help,
)
from evcli.cli.parsing.arguments import GLOBAL_OPTIONS, list_options
from evcli.model import INDEX, get_operation
from evcli.model.names import option_name, to_kebab_case
from evcli.model.shapes import Operation, Shape, structure

HEADINGS = [
    "NAME",
    "DESCRIPTION",
    "SYNOPSIS",
    "OPTIONS",
    "GLOBAL OPTIONS",
    "EXAMPLES",
    "OUTPUT",
    "EXIT CODES",
]


@pytest.fixture(params=sorted(INDEX))
def operation(request: pytest.FixtureRequest) -> Operation:
    """Each of the 57 operations."""
    found = get_operation(request.param)
    assert found is not None
    return found


def split_sections(page: str) -> dict[str, str]:
    """Heading → text below it."""
    parts = re.split(r"(?m)^([A-Z][A-Z ]+)\n", page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def list_names(shape: Shape) -> list[str]:
    """Names of all members at any depth."""
    inner = shape.element or shape.value
    names = list_names(inner) if inner is not None else []
    for name, member in shape.members.items():
        names += [name, *list_names(member.shape)]
    return names


def test_a_page_has_every_section_and_none_is_empty(operation: Operation) -> None:
    sections = split_sections(format_operation_help(operation))

    assert list(sections) == HEADINGS
    assert [name for name, text in sections.items() if not text.strip()] == []


def test_a_page_fits_eighty_columns(operation: Operation) -> None:
    lines = format_operation_help(operation).splitlines()

    assert [line for line in lines if len(line) > 80] == []


def test_lines_neither_end_in_blanks_nor_stand_empty_twice(
    operation: Operation,
) -> None:
    page = format_operation_help(operation)

    assert re.findall(r"(?m)[ \t]+$|\n\n\n", page) == []


def test_every_option_but_hidden_ones_is_explained(operation: Operation) -> None:
    sections = split_sections(format_operation_help(operation))
    hidden = set()
    if operation.pagination is not None and operation.pagination.automatic:
        hidden = {"--next-token", "--limit"}

    # A blank line is in front of all but the first, a text below each.
    explained = re.findall(
        r"(?m)(?:\A|\n\n)    (--[a-z-]+)[^\n]*\n {8}\S", sections["OPTIONS"]
    )

    options = set(list_options(operation))
    negations = {f"--no-{name[2:]}" for name in options}
    expected = options - hidden - negations
    assert sorted(explained) == sorted(expected)


def test_the_synopsis_names_every_option_and_brackets_the_optional_ones(
    operation: Operation,
) -> None:
    synopsis = split_sections(format_operation_help(operation))["SYNOPSIS"]
    words = " ".join(synopsis.split())
    hidden = operation.pagination is not None and operation.pagination.automatic
    members = [
        member
        for name, member in operation.request.members.items()
        if not (hidden and name in ("NextToken", "Limit"))
    ]

    # A member that options of evcli can fill may be left out.
    filled = {extra.fills[0] for extra in operation.extras if extra.fills is not None}
    required = [
        member.name
        for member in members
        if member.required and member.name not in filled
    ]

    missing = [
        member.name
        for member in members
        if (f" {option_name(member.name)} " in words) != (member.name in required)
        or (f" [{option_name(member.name)} " in words) == (member.name in required)
    ]

    assert missing == []


def test_nested_members_limits_and_values_are_listed(operation: Operation) -> None:
    options = split_sections(format_operation_help(operation))["OPTIONS"]
    described = re.findall(r"(?m)^ {8,}([A-Za-z]\w+) \([a-z]", options)
    unbroken = re.sub(r"\s+", " ", options)

    for member in operation.request.members.values():
        for name in list_names(member.shape):
            assert name in described, name
        if member.shape.enum:
            assert f"One of {', '.join(member.shape.enum)}" in unbroken


def test_output_lists_every_member(operation: Operation) -> None:
    output = split_sections(format_operation_help(operation))["OUTPUT"]
    expected = list_names(operation.response or structure("None"))

    listed = re.findall(r"(?m)^ {4,}(\w+) \([a-z]", output)

    assert listed == expected
    assert expected or output.strip() == "Nothing is printed."


def test_exit_codes_name_the_errors_that_can_occur(operation: Operation) -> None:
    text = split_sections(format_operation_help(operation))["EXIT CODES"]

    named = set(re.findall(r"\b[A-Z]\w+(?:Exception|Token)\b", text))

    assert named == {*operation.errors, "ValidationException"} - NEVER_RAISED


def test_the_program_page_lists_every_command_once() -> None:
    page = format_program_help()

    listed = re.findall(r"(?m)^      ([a-z-]+)", split_sections(page)["COMMANDS"])

    assert sorted(listed) == sorted(map(to_kebab_case, INDEX))
    assert [line for line in page.splitlines() if len(line) > 80] == []


def test_the_program_page_lists_every_local_command() -> None:
    from evcli.cli.local import COMMANDS

    section = split_sections(format_program_help())["LOCAL COMMANDS"]

    listed = re.findall(r"(?m)^      ([a-z-]+)", section)

    assert sorted(listed) == sorted(COMMANDS)


def test_every_global_option_is_explained_or_said_to_have_no_effect() -> None:
    explained = {*shared_options.GLOBAL_OPTIONS, *shared_options.WITHOUT_EFFECT}

    assert {*GLOBAL_OPTIONS} == {*explained, "-h"}


def test_help_of_aws_says_aws() -> None:
    operation = get_operation("PutRule")
    assert operation is not None

    synopsis = split_sections(format_operation_help(operation, "aws"))["SYNOPSIS"]

    assert synopsis.startswith("    aws events put-rule --name <value>")


def test_headings_and_options_are_bold_on_terminals() -> None:
    bold = embolden("NAME\n    put-rule - x\n\nGLOBAL OPTIONS\n    --name (string)\n")

    assert bold == (
        "\x1b[1mNAME\x1b[0m\n    put-rule - x\n\n\x1b[1mGLOBAL OPTIONS\x1b[0m\n"
        "    \x1b[1m--name\x1b[0m (string)\n"
    )


@pytest.mark.slow
def test_the_examples_do_what_they_say(
    operation: Operation, tmp_path: Path, state_directory: Path
) -> None:
    evcli = tmp_path / "evcli"
    evcli.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path[:0] = {sys.path}\n"
        "from evcli import main\nmain()\n"
    )
    evcli.chmod(0o700)
    # Each example in a state directory of its own, its exit code behind its output.
    script = "".join(
        f"export EVCLI_STATE_DIR={state_directory}-{number}\n"
        + "".join(f"{command} >&2 || exit 99\n" for command in example.given)
        + f"{example.command}\n[ $? = {example.exit_code} ] || exit {number}\n"
        for number, example in enumerate(operation.examples, 1)
    )

    result = subprocess.run(
        ["sh", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )

    refusals = sum(example.exit_code != 0 for example in operation.examples)
    told = result.stderr.count("[ERROR]")
    failed_entries = re.findall(r'"FailedEntryCount": [1-9]', result.stdout)
    assert (result.returncode, told) == (0, refusals), result.stderr
    assert failed_entries == []
