"""Every operation and every option says in our words what it is for."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader

from evcli.model import INDEX, load_family
from evcli.model.names import operation_by_command, option_name, to_kebab_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.model.shapes import Operation, Shape

OPERATIONS = [load_family(family)[name] for name, (family, _) in INDEX.items()]
COMPLETIONS = {
    "account",
    "api-destination",
    "archive",
    "archive-arn",
    "connection",
    "connection-arn",
    "endpoint",
    "endpoint-id",
    "event-bus",
    "event-bus-arn",
    "event-source",
    "partner-event-source",
    "region",
    "replay",
    "resource-arn",
    "rule",
    "sample",
    "statement-id",
    "tag-key",
    "target-arn",
    "target-id",
}

each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda each: each.name
)


def list_helps(shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a request with its path, as deep as options can be filled."""
    for name, member in shape.members.items():
        yield f"{path}.{name}", member.help
        yield from list_helps(member.shape, f"{path}.{name}")
    if shape.element is not None:
        yield from list_helps(shape.element, f"{path}[]")


def split_sentences(text: str) -> set[str]:
    """Sentences of eight words or more, without markup, blanks and case."""
    plain = " ".join(re.sub(r"<[^>]+>|`", "", text).split()).lower()
    sentences = re.split(r"(?<=[.!?:])\s+", plain)
    return {sentence for sentence in sentences if len(sentence.split()) >= 8}


@cache
def list_official_sentences() -> frozenset[str]:
    model = Loader().load_service_model("events", "service-2")
    texts = [each.get("documentation", "") for each in model["operations"].values()]
    for shape in model["shapes"].values():
        texts.append(shape.get("documentation", ""))
        members = shape.get("members", {}).values()
        texts.extend(member.get("documentation", "") for member in members)
    return frozenset().union(*(split_sentences(text) for text in texts))


def list_commands(operation: Operation) -> list[str]:
    return [
        command
        for example in operation.examples
        for command in (*example.given, example.command)
    ]


@each_operation
def test_operation_is_explained_in_one_to_four_paragraphs(operation: Operation) -> None:
    paragraphs = operation.help.split("\n\n")

    faults = [
        paragraph
        for paragraph in paragraphs
        if not re.fullmatch(r"([A-Z]|evcli )[^\n]{30,600}\.", paragraph)
    ]

    assert faults == []
    assert len(paragraphs) <= 4


@each_operation
def test_every_member_of_a_request_is_explained(operation: Operation) -> None:
    helps = list(list_helps(operation.request, operation.name))

    faults = [path for path, text in helps if not re.fullmatch(r"[A-Z].+[^.]\.", text)]

    assert faults == []


@each_operation
def test_every_option_of_our_own_is_explained(operation: Operation) -> None:
    helps = {extra.option: extra.help for extra in operation.extras}

    faults = [
        option for option, text in helps.items() if not re.fullmatch(r"[A-Z].+\.", text)
    ]

    assert faults == []


@each_operation
def test_no_sentence_is_one_of_the_official_help(operation: Operation) -> None:
    helps = [text for _, text in list_helps(operation.request, "")]

    ours = set().union(*map(split_sentences, [operation.help, *helps]))

    assert ours & list_official_sentences() == set()


def test_official_sentences_would_be_recognised() -> None:
    sentences = list_official_sentences()

    known = [each for each in sentences if "must be omitted" in each]

    assert len(sentences) > 500
    assert known != []


@each_operation
def test_operation_names_only_commands_that_exist(operation: Operation) -> None:
    helps = [operation.help, *(text for _, text in list_helps(operation.request, ""))]
    verbs = "|".join({to_kebab_case(name).split("-")[0] for name in INDEX})
    commands = re.findall(rf"`((?:{verbs})-[a-z-]+)`", " ".join(helps))

    unknown = [command for command in commands if operation_by_command(command) is None]

    assert unknown == []


@each_operation
def test_every_operation_has_an_example_of_itself(operation: Operation) -> None:
    start = f"evcli {to_kebab_case(operation.name)}"

    commands = [example.command for example in operation.examples]

    assert commands != []
    assert [each for each in commands if each.split(" --")[0] != start] == []


@each_operation
def test_examples_give_existing_options_and_all_required_ones(
    operation: Operation,
) -> None:
    faults = []
    for command in list_commands(operation):
        words = shlex.split(re.sub(r'"\$\(.*?\)"', "SUBSTITUTED", command))
        used = operation_by_command(words[1])
        assert used is not None
        given = {word.partition("=")[0] for word in words if word[:2] == "--"}
        extras = {extra.option: extra for extra in used.extras}
        options = {option_name(name) for name in used.request.members} | {*extras}
        flags = {option.replace("--", "--no-", 1) for option in options}
        known = options | flags | {"--output", "--query", "--region"}
        filled = {
            extra.fills[0]
            for option, extra in extras.items()
            if extra.fills is not None and option in given
        }
        required = {
            option_name(name)
            for name, member in used.request.members.items()
            if member.required and name not in filled
        }
        if given - known or required - given:
            faults.append(command)

    assert faults == []


@each_operation
def test_examples_hide_braces_and_stars_from_the_shell(operation: Operation) -> None:
    quoted = r"'[^']*'|\"[^\"]*\""

    bare = [re.sub(quoted, "", command) for command in list_commands(operation)]

    assert [each for each in bare if re.search(r"[][{}*?$<>&|;!]", each)] == []


@each_operation
def test_members_complete_what_completion_knows(operation: Operation) -> None:
    keys = {member.completes for member in operation.request.members.values()}

    unknown = keys - COMPLETIONS - {""}

    assert unknown == set()


def test_every_completion_is_offered_somewhere() -> None:
    keys = {
        member.completes
        for operation in OPERATIONS
        for member in operation.request.members.values()
    }

    assert keys - {""} == COMPLETIONS
