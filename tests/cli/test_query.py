"""`--query`: what is refused before the call, what fails on the data."""

from __future__ import annotations

import pytest

from evcli.cli.errors import GeneralError, ParamError
from evcli.cli.query import Query


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


def test_a_result_keeps_the_order_of_the_expression() -> None:
    result = Query("Rules[].{N: Name, A: Arn}").search(
        {"Rules": [{"Arn": "arn:r", "Name": "r"}]}
    )

    assert [list(item.items()) for item in result] == [[("N", "r"), ("A", "arn:r")]]
