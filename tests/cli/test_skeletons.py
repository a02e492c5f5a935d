"""Skeletons against the official client's generator, for every operation."""

from __future__ import annotations

import io
import json
import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from evcli.cli.help.shared_options import find_first_sentence
from evcli.cli.output.skeletons import (
    build_sample,
    write_skeleton,
)
from evcli.cli.yaml import parse_yaml
from evcli.model import INDEX, get_operation
from evcli.model.names import to_kebab_case
from evcli.model.shapes import (
    LIST,
    STRUCTURE,
    Member,
    Operation,
    Shape,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

each_operation = pytest.mark.parametrize("name", INDEX)


def find_operation(name: str) -> Operation:
    operation = get_operation(name)
    assert operation is not None
    return operation


def run_official_generator(name: str, kind: str, monkeypatch: Any) -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel
    from botocore.utils import ArgumentGenerator

    # Version 2 takes the first of the allowed values, version 1 any.
    monkeypatch.setattr(random, "choice", lambda values: values[0])
    model = ServiceModel(Loader().load_service_model("events", "service-2"))
    operation = model.operation_model(name)
    shape = operation.input_shape if kind == "input" else operation.output_shape
    if shape is None:
        return {}
    return ArgumentGenerator(use_member_names=kind == "output").generate_skeleton(shape)


def write(kind: str, operation: Operation) -> str:
    stream = io.StringIO()
    write_skeleton(kind, operation, stream)
    return stream.getvalue()


@each_operation
def test_input_is_what_the_official_client_writes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = run_official_generator(name, "input", monkeypatch)

    expected = json.dumps(theirs, indent=4, default=datetime.isoformat) + "\n"

    assert write("input", find_operation(name)) == expected


@each_operation
def test_sample_of_a_response_is_what_the_official_client_builds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = find_operation(name).response

    sample = {} if response is None else build_sample(response, response.name)

    assert sample == run_official_generator(name, "output", monkeypatch)
    assert list(sample) == ([] if response is None else list(response.members))


@each_operation
def test_yaml_input_reads_back_as_the_input(name: str) -> None:
    operation = find_operation(name)

    read = parse_yaml(write("yaml-input", operation))

    assert (read or {}) == build_sample(operation.request)


def test_yaml_input_is_laid_out_as_by_the_official_client() -> None:
    operation = find_operation("PutRule")

    lines = write("yaml-input", operation).splitlines()

    tag, value = operation.request.members["Tags"].shape.element.members.values()  # type: ignore[union-attr]
    assert lines[0].startswith("Name: ''  # [REQUIRED] The name of the rule.")
    assert lines[3].endswith(
        " Valid values are: ENABLED, DISABLED,"
        " ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS."
    )
    assert lines[3].startswith("State: ENABLED # ")
    assert lines[6].startswith("Tags: # ")
    assert lines[7].startswith("- Key: ''  # [REQUIRED]")
    assert lines[8].startswith("  Value: '' # [REQUIRED]")
    assert (tag.required, value.required) == (True, True)


@each_operation
def test_every_line_of_yaml_input_with_a_comment_says_something(name: str) -> None:
    lines = write("yaml-input", find_operation(name)).splitlines()

    empty = [line for line in lines if line.rstrip().endswith("#")]

    assert empty == []


def build_commented(value: Any, shape: Shape) -> Any:
    """Comment a sample as the official client does, with the texts that are ours."""
    if shape.kind == LIST and shape.element is not None:
        return [build_commented(item, shape.element) for item in value]
    if shape.kind != STRUCTURE:
        return value
    commented = CommentedMap()
    for name, member in shape.members.items():
        commented[name] = build_commented(value[name], member.shape)
        parts = ["[REQUIRED]"] if member.required else []
        parts.append(find_first_sentence(member.help))
        if member.shape.enum:
            parts.append(f"Valid values are: {', '.join(member.shape.enum)}.")
        if any(parts):
            commented.yaml_add_eol_comment(f"# {' '.join(parts)}", name)
    return commented


@each_operation
def test_yaml_input_has_its_blanks_where_the_official_clients_library_puts_them(
    name: str,
) -> None:
    request = find_operation(name).request
    yaml, stream = YAML(), io.StringIO()

    yaml.dump(build_commented(build_sample(request), request), stream)

    assert write("yaml-input", find_operation(name)) == stream.getvalue()


def test_yaml_input_of_nested_members_is_laid_out_as_recorded() -> None:
    lines = write("yaml-input", find_operation("PutTargets")).splitlines()

    # Recorded from version 2.9.19 of the official client.
    assert [line.partition("#")[0] for line in lines if "#" in line][8:14] == [
        "  InputTransformer: ",
        "    InputPathsMap:  ",
        "    InputTemplate: '' ",
        "  KinesisParameters: ",
        "    PartitionKeyPath: ''  ",
        "  RunCommandParameters: ",
    ]


def test_yaml_of_a_response_has_no_anchor_where_times_are_equal(
    evcli_command: Callable[..., Outcome],
) -> None:
    words = ("deauthorize-connection", "--name", "x", "--output", "yaml")

    outcome = evcli_command(*words, "--generate-cli-skeleton", "output")

    # Recorded from version 2.9.19 of the official client.
    assert outcome == (
        0,
        "ConnectionArn: ConnectionArn\nConnectionState: ConnectionState\n"
        "CreationTime: 1970-01-01 00:00:00\nLastAuthorizedTime: 1970-01-01 00:00:00\n"
        "LastModifiedTime: 1970-01-01 00:00:00\n",
        "",
    )


def test_yaml_input_shows_lists_maps_and_structures() -> None:
    lines = write("yaml-input", find_operation("PutTargets")).splitlines()

    bare = [line.partition(" #")[0].rstrip() for line in lines]
    start = bare.index("  HttpParameters:")

    assert bare[:4] == ["Rule: ''", "EventBusName: ''", "Targets:", "- Id: ''"]
    assert bare[start : start + 7] == [
        "  HttpParameters:",
        "    PathParameterValues:",
        "    - ''",
        "    HeaderParameters:",
        "      KeyName: ''",
        "    QueryStringParameters:",
        "      KeyName: ''",
    ]
    assert "      weight: 0" in bare
    assert "    EnableECSManagedTags: true" in bare


def test_times_are_unquoted_in_yaml_input() -> None:
    lines = write("yaml-input", find_operation("StartReplay")).splitlines()

    assert lines[3].startswith("EventStartTime: 1970-01-01 00:00:00 # [REQUIRED] ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("One, such as `a.b`. Two.", "One, such as `a.b`."),
        ("Only one", "Only one"),
        ("Broken\nover lines. And on.", "Broken over lines."),
    ],
)
def test_first_sentence_ends_at_the_first_full_stop_with_a_blank(
    text: str, sentence: str
) -> None:
    assert find_first_sentence(text) == sentence


def test_members_without_a_comment_have_none() -> None:
    members = (Member("A", string("T")), Member("B", string("T")))
    operation = Operation("X", "", request=members, response=None, errors=())

    assert write("yaml-input", operation) == "A: ''\nB: ''\n"


@each_operation
def test_input_skeleton_of_every_command_needs_nothing(
    name: str, entry: str, evcli_command: Callable[..., Outcome]
) -> None:
    command = to_kebab_case(name)

    outcome = evcli_command(command, "--generate-cli-skeleton", entry=entry)

    assert outcome == (0, write("input", find_operation(name)), "")
