"""Shorthand against the official client's parser, and back from a formatter."""

from __future__ import annotations

import copy
import string
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evcli.cli.parsing.shorthand import ShorthandError, fit_to_shape, parse_shorthand
from evcli.model import get_operation

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ALPHABET = "abK=,,,==[]{}'\"\\@ \n\t|~^!#1:/-é\U0001f600"
TEXTS = st.text(alphabet=ALPHABET, max_size=24)
KEYS = st.text(alphabet=string.ascii_letters + string.digits + "_.#/:-", max_size=6)
SCALARS = st.text(max_size=8).filter(lambda text: not text.endswith("\\"))


def load_nothing(_text: str) -> None:
    """No value is a reference."""


def run_evcli(text: str) -> tuple[str, Any]:
    try:
        return "value", parse_shorthand(text, load_nothing)
    except ShorthandError as error:
        return "error", str(error)


def run_official_client(text: str) -> tuple[str, Any]:
    from awscli.shorthand import (
        ShorthandParseError,
        ShorthandParser,
        ShorthandParseSyntaxError,
    )

    try:
        return "value", ShorthandParser().parse(text)
    except ShorthandParseSyntaxError as error:
        # Version 2 puts a blank before the input.
        return "error", str(error).replace("for input:\n", "for input:\n ", 1)
    except ShorthandParseError as error:
        return "error", str(error)


def format_item(value: Any) -> str:
    """Write a value so that it reads back; every scalar is quoted."""
    if isinstance(value, dict):
        pairs = ",".join(f"{key}={format_item(item)}" for key, item in value.items())
        return f"{{{pairs}}}"
    if isinstance(value, list):
        return f"[{','.join(map(format_item, value))}]"
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def format_shorthand(value: dict[str, Any]) -> str:
    """Write a structure on the top level: pairs without braces."""
    return ",".join(f"{key}={format_item(item)}" for key, item in value.items())


ITEMS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=3000)
@given(text=TEXTS | TEXTS.map(lambda text: f"a={text}"))
@example("a=/,/\\,")
@example("a=b,c=d,e")
@example("a=b,\nc==d\n")
def test_any_text_means_what_the_official_client_says(text: str) -> None:
    assert run_evcli(text) == run_official_client(text)


@settings(max_examples=1000)
@given(text=st.text(max_size=40))
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    kind, _ = run_evcli(text)

    assert kind in ("value", "error")


@settings(max_examples=500)
@given(value=st.dictionaries(KEYS, ITEMS, min_size=1, max_size=4))
def test_what_is_written_reads_back(value: dict[str, Any]) -> None:
    # A backslash before a quote is unescaped twice, by the official client too.
    text = format_shorthand(value)

    assert parse_shorthand(text, load_nothing) == run_official_client(text)[1]
    if "\\" not in text:
        assert parse_shorthand(text, load_nothing) == value


def test_references_are_loaded_for_their_own_key_only() -> None:
    text = "a@=one,b=one,c={d@=one,e=one},f@=x,y"

    value = parse_shorthand(text, {"one": "1", "y": "2"}.get)

    assert value == {
        "a": "1",
        "b": "one",
        "c": {"d": "1", "e": "one"},
        "f": ["x", "2"],
    }


def test_deep_brackets_are_a_recursion_error() -> None:
    with pytest.raises(RecursionError):
        parse_shorthand("a=" + "[" * 100_000, load_nothing)


def fit(operation: str, member: str, value: Any) -> Any:
    found = get_operation(operation)
    assert found is not None
    shape = found.request.members[member].shape
    assert shape.element is not None
    return fit_to_shape(shape.element, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"RetryPolicy": {"MaximumRetryAttempts": "3"}},
         {"RetryPolicy": {"MaximumRetryAttempts": 3}}),
        ({"RunCommandParameters": {"RunCommandTargets": {"Key": "k"}}},
         {"RunCommandParameters": {"RunCommandTargets": [{"Key": "k"}]}}),
        ({"EcsParameters": {"EnableECSManagedTags": "True"}},
         {"EcsParameters": {"EnableECSManagedTags": True}}),
        ({"EcsParameters": {"EnableECSManagedTags": "1"}},
         {"EcsParameters": {"EnableECSManagedTags": "1"}}),
        ({"HttpParameters": {"HeaderParameters": {"a": "1"}}},
         {"HttpParameters": {"HeaderParameters": {"a": "1"}}}),
        ({"Unknown": "3", "RetryPolicy": "x"}, {"Unknown": "3", "RetryPolicy": "x"}),
    ],
)  # fmt: skip
def test_text_is_fitted_to_the_model(value: Any, expected: Any) -> None:
    assert fit("PutTargets", "Targets", value) == expected


def test_the_first_bad_integer_in_model_order_is_told() -> None:
    value = {
        "RetryPolicy": {"MaximumEventAgeInSeconds": "b", "MaximumRetryAttempts": "a"}
    }

    with pytest.raises(ValueError, match="'a'"):
        fit("PutTargets", "Targets", value)


MEMBERS = st.sampled_from(
    ["RetryPolicy", "MaximumRetryAttempts", "EcsParameters", "TaskCount", "Subnets",
     "EnableECSManagedTags", "NetworkConfiguration", "awsvpcConfiguration", "weight",
     "CapacityProviderStrategy", "RunCommandParameters", "RunCommandTargets", "Values",
     "HttpParameters", "HeaderParameters", "PathParameterValues", "Id", "unknown"]
)  # fmt: skip
TARGETS = st.dictionaries(
    MEMBERS,
    st.recursive(
        st.sampled_from(["1", "x", "true", "False", "", " 7 "]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@cache
def load_official_target() -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = Loader().load_service_model("events", "service-2")
    return ServiceModel(model).shape_for("Target")


def fit_or_complain(fit: Callable[[], Any]) -> Any:
    try:
        return fit()
    except (ValueError, TypeError, AttributeError) as error:
        return str(error)


@settings(max_examples=1500)
@given(value=TARGETS)
def test_fitting_agrees_with_the_official_client(value: dict[str, Any]) -> None:
    from awscli.shorthand import BackCompatVisitor

    def run_official_client() -> Any:
        theirs = copy.deepcopy(value)
        BackCompatVisitor().visit(theirs, load_official_target())
        return theirs

    ours = fit_or_complain(lambda: fit("PutTargets", "Targets", value))

    assert ours == fit_or_complain(run_official_client)
