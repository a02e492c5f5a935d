"""Options of every operation, their order, what is required, where commands begin."""

from __future__ import annotations

import pytest

from evcli.cli.errors import UnknownOptionsError, UsageError
from evcli.cli.parsing.arguments import (
    GLOBAL_OPTIONS,
    find_command_index,
    find_operation,
    list_commands,
    list_options,
    parse_command,
    parse_globals,
    parse_operation,
)
from evcli.model import INDEX, get_operation
from evcli.model.names import option_name, to_kebab_case
from evcli.model.shapes import Operation

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

each_operation = pytest.mark.parametrize("name", INDEX)
AUTOMATIC = {"ListRules", "ListRuleNamesByTarget", "ListTargetsByRule"}


def get(name: str) -> Operation:
    operation = get_operation(name)
    assert operation is not None
    return operation


def list_official_options(name: str) -> list[str]:
    """The options of the installed official client, in its order."""
    from awscli.clidriver import create_clidriver

    service = create_clidriver().create_help_command().command_table["events"]
    operations = service.create_help_command().command_table
    command = operations[to_kebab_case(name)]
    return [f"--{argument}" for argument in command.arg_table]


@pytest.fixture(autouse=True)
def official_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the official client find its files whatever ran before."""
    from pathlib import Path

    import awscli

    monkeypatch.setenv("AWS_DATA_PATH", str(Path(awscli.__file__).parent / "data"))


@pytest.mark.slow
@each_operation
def test_options_are_those_of_the_official_client_in_its_order(name: str) -> None:
    extras = {extra.option for extra in get(name).extras}

    ours = [option for option in list_options(get(name)) if option not in extras]

    # Version 1 knows no YAML.
    ours.remove("--cli-input-yaml")
    assert ours == list_official_options(name)


@each_operation
def test_missing_options_are_told_all_at_once_in_model_order(name: str) -> None:
    operation = get(name)
    required = [
        option_name(member.name)
        for member in operation.request.members.values()
        if member.required
    ]

    try:
        parse_operation(operation, [])
        message = ""
    except UsageError as error:
        message = error.message

    told = f"the following arguments are required: {', '.join(required)}"
    assert message == (told if required else "")


@each_operation
@pytest.mark.parametrize(
    "words",
    [
        ["--cli-input-json", "{}"],
        ["--cli-input-yaml", "{}"],
        ["--generate-cli-skeleton"],
        ["--generate-cli-skeleton", "yaml-input"],
    ],
)
def test_documents_and_skeletons_stand_for_required_options(
    name: str, words: list[str]
) -> None:
    values, options = parse_operation(get(name), words)

    assert (values, list(options)) == (
        {},
        [words[0][2:].replace("-", "_")],
    )


@each_operation
def test_every_member_arrives_under_its_own_name(name: str) -> None:
    operation = get(name)
    words: list[str] = []
    expected: dict[str, object] = {}
    for member in operation.request.members.values():
        words.append(option_name(member.name))
        expected[member.name] = True
        if member.shape.kind != "boolean":
            words.append(member.name)
            is_list = member.shape.kind == "list"
            expected[member.name] = [member.name] if is_list else member.name

    values, options = parse_operation(operation, words)

    assert (values, options) == (expected, {})
    assert list(values) == list(operation.request.members)


def test_values_stand_in_model_order_whatever_was_typed_first() -> None:
    words = ["--event-bus-name", "b", "--description", "d", "--name", "n"]

    values, _ = parse_operation(get("PutRule"), words)

    assert list(values) == ["Name", "Description", "EventBusName"]


@each_operation
def test_paging_options_exist_where_pages_are_followed(name: str) -> None:
    options = set(list_options(get(name)))

    paging = {"--starting-token", "--page-size", "--max-items"} & options

    assert len(paging) == (3 if name in AUTOMATIC else 0)


@pytest.mark.slow
@each_operation
def test_no_option_of_evcli_is_one_of_the_official_client(name: str) -> None:
    operation = get(name)
    official = {*list_official_options(name), *GLOBAL_OPTIONS}

    clashes = [each.option for each in operation.extras if each.option in official]

    assert clashes == []


def test_words_left_over_are_told_in_order_with_the_positional_last() -> None:
    with pytest.raises(UnknownOptionsError) as caught:
        parse_operation(get("PutRule"), ["--name", "a", "--bogus", "b", "c"])

    assert caught.value.tokens == ["--bogus", "c", "b"]


def test_every_command_word_leads_to_its_operation() -> None:
    commands = list_commands()[: len(INDEX)]

    assert [find_operation(command).name for command in commands] == list(INDEX)
    assert list_commands()[len(INDEX) :] == ["help", "local"]


def test_the_word_events_may_lead() -> None:
    assert parse_command(["events", "put-rule", "a"]) == ("put-rule", ["a"])
    assert parse_command(["put-rule", "events"]) == ("put-rule", ["events"])


def test_global_options_leave_everything_else_in_order() -> None:
    words = ["--output", "text", "put-rule", "--name", "x", "--region=r", "--", "y"]

    options, rest = parse_globals(words)

    assert options == {"output": "text", "region": "r"}
    assert rest == ["put-rule", "--name", "x", "--", "y"]


@pytest.mark.parametrize(
    ("words", "index"),
    [
        (["local"], 0),
        (["--region", "local", "local"], 2),
        (["--region=local", "local"], 1),
        (["--debug", "local"], 1),
        (["--state-dir", "d", "--debug", "local", "path"], 3),
        (["--debug"], 1),
        ([], 0),
    ],
)
def test_the_command_word_is_found_behind_global_options(
    words: list[str], index: int
) -> None:
    assert find_command_index(words) == index
