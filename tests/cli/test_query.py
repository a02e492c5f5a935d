"""`--query`: what is refused before the call, what fails on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.output.query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Rules[",
            "Bad value for --query Rules[: Invalid jmespath expression: "
            'Incomplete expression:\n"Rules["\n       ^',
        ),
        (
            "",
            "Bad value for --query : Invalid JMESPath expression: cannot be empty.",
        ),
        (
            f"Rules[{'9' * 5000}]",
            f"Bad value for --query Rules[{'9' * 5000}]: Exceeds the limit (4300 digits)"
            " for integer string conversion: value has 5000 digits; use"
            " sys.set_int_max_str_digits() to increase the limit",
        ),
    ],
)
def test_an_expression_that_is_none_is_refused_with_its_place(
    text: str, message: str
) -> None:
    with pytest.raises(ParamError) as caught:
        Query(text)

    assert caught.value.message == message


@pytest.mark.parametrize("text", ["(" * 20_000, "[" * 20_000, "!" * 20_000 + "a"])
def test_an_expression_too_deep_to_read_is_refused(text: str) -> None:
    with pytest.raises(ParamError) as caught:
        Query(text)

    assert caught.value.message.startswith(f"Bad value for --query {text}: ")


def test_an_expression_too_deep_for_the_data_fails_when_applied() -> None:
    query = Query(" | ".join(["a"] * 20_000))

    with pytest.raises(GeneralError) as caught:
        query.search({})

    assert caught.value.message == "The --query goes too deep for the data"


def test_an_expression_that_does_not_fit_the_data_fails_when_applied() -> None:
    query = Query("length(Rules)")

    with pytest.raises(GeneralError) as caught:
        query.search({})

    assert caught.value.message == (
        "In function length(), invalid type for value: None, expected one of: "
        "['string', 'array', 'object'], received: \"null\""
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Rules[::0]", "slice step cannot be zero"),
        (
            "Rules[?Name > `1`]",
            "'>' not supported between instances of 'str' and 'int'",
        ),
        (
            'ceil(to_number(`"inf"`))',
            "cannot convert float infinity to integer",
        ),
        ('ceil(to_number(`"nan"`))', "cannot convert float NaN to integer"),
        ("&@", "Circular reference detected"),
        ("{a: [&Name]}", "Circular reference detected"),
    ],
)
def test_what_python_cannot_do_is_told_as_the_official_client_tells_it(
    evcli_command: Callable[..., Outcome], text: str, message: str
) -> None:
    sample = ("list-rules", "--generate-cli-skeleton", "output")

    outcome = evcli_command(*sample, "--query", text)

    # Recorded from version 2.9.19 of the official client.
    assert outcome == (255, "", f"\nevcli: [ERROR]: {message}\n")


@pytest.mark.parametrize("output", ["yaml", "yaml-stream"])
@pytest.mark.parametrize("text", ["&@", "{a: [&Name]}"])
def test_a_reference_to_an_expression_is_no_yaml(
    evcli_command: Callable[..., Outcome], text: str, output: str
) -> None:
    sample = ("list-rules", "--generate-cli-skeleton", "output")

    outcome = evcli_command(*sample, "--query", text, "--output", output)

    start = (
        "\nevcli: [ERROR]: cannot represent an object: <jmespath.visitor._Expression"
    )
    assert (outcome.code, outcome.stdout) == (255, "")
    assert outcome.stderr.startswith(start)


@pytest.mark.parametrize("number", ["9" * 40, "-" + "9" * 40])
def test_an_index_beyond_the_end_finds_nothing(number: str) -> None:
    assert Query(f"Rules[{number}]").search({"Rules": [1]}) is None
    assert Query(f"Rules[0:{'9' * 40}]").search({"Rules": [1]}) == [1]


def test_a_result_keeps_the_order_of_the_expression() -> None:
    result = Query("Rules[].{N: Name, A: Arn}").search(
        {"Rules": [{"Arn": "arn:r", "Name": "r"}]}
    )

    assert [list(item.items()) for item in result] == [[("N", "r"), ("A", "arn:r")]]
