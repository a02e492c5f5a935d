"""Input templates at PutTargets. Each test marks its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("a", "b", "detail-x", "n_1")
RESERVED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
)


def make_request(template: str, names: tuple[str, ...] = NAMES) -> dict[str, Any]:
    transformer: dict[str, Any] = {"InputTemplate": template}
    if names:
        transformer["InputPathsMap"] = dict.fromkeys(names, "$.detail")
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    return {
        "Rule": "r",
        "Targets": [{"Id": "t1", "Arn": arn, "InputTransformer": transformer}],
    }


@pytest.fixture(autouse=True)
def rule(call: Callable[..., dict[str, Any]]) -> None:
    """The rule `r` that the targets are put on."""
    call("PutRule", Name="r", EventPattern='{"source":["shop"]}')


@pytest.mark.parametrize(
    "template",
    [
        '{"id" : <a>}',  # [aws] 3
        '{"id" : "<a>"}',  # [aws] 4
        '{"path": "users/<a>", "bod": <b>}',  # [aws] 1
        '"<a> one"\n"<b> two"\n"<a> three"',  # [aws] 7
        '{"payload": "<a>"}',  # [aws] 9, accepted and never delivered
        '"instance \\"<a>\\" is in <b>"',  # [doc] 17
        '{\n  "instance" : <a>,\n  "state": <b>\n}',  # [doc] 18
        '  {"lead": <a>}',  # [guess] 48
        "[<a>, <b>]",  # [guess] 49
        "<a>",  # [guess] 51
        '{"gt": "a > b", "lt": "a < b"}',  # [guess] 56, lone brackets
        '{"nested": {"e": <detail-x>, "l": [<n_1>, "<a><b>"]}}',
        '{"text": "a\\\\"}',
        '{"key with : colon": "<a> : <b>"}',
        "42",
    ],
)
def test_a_template_that_can_become_json_is_accepted(
    call: Callable[..., dict[str, Any]], template: str
) -> None:
    response = call("PutTargets", **make_request(template))

    assert response == {"FailedEntryCount": 0, "FailedEntries": []}


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_variables_need_no_map(
    call: Callable[..., dict[str, Any]], name: str
) -> None:
    response = call("PutTargets", **make_request(f'{{"x": <{name}>}}', names=()))

    assert response == {"FailedEntryCount": 0, "FailedEntries": []}  # [aws]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("<detail-y>", "detail-y"),  # [guess] 50
        ('{"html": "<br>"}', "br"),  # [guess] 55
        ('"<a> <nope> <never>"', "nope"),  # the first one is named
        ('{"x": <>}', ""),
        ('{"x": <A>}', "A"),
        ('{"x": <aws.events.nope>}', "aws.events.nope"),
        ('"<a<c>"', "c"),  # no bracket stands inside a placeholder
    ],
)
def test_an_unknown_placeholder_is_refused(
    refused: Callable[..., str], template: str, name: str
) -> None:
    assert refused("PutTargets", **make_request(template)) == (  # [aws]
        "ValidationException: InputTemplate for target t1 contains invalid placeholder"
        f" {name}."
    )


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("<a> is in state x", 1, 5),  # [doc] quotes are required
        ('{"<a>": 1}', 1, 3),  # [doc] 54, no placeholder as a key
        ('{"k-<a>" : 1}', 1, 5),
        ("{<a>: 1}", 1, 2),
        ('{\n  "x": <a>,\n  "y" <b>\n}', 3, 7),
        ('"a" "b', 1, 5),
        ('"a""b"', 1, 4),
        ("<a><b>", 1, 4),
        ("NaN", 1, 1),
        ('"line\nbreak"', 1, 6),
        ("   ", 1, 4),
        ("[" * 8192, 1, 1),
    ],
)
def test_a_template_that_cannot_become_json_is_refused_with_its_place(
    refused: Callable[..., str], template: str, line: int, column: int
) -> None:
    assert refused("PutTargets", **make_request(template)) == (  # [guess]
        "ValidationException: Invalid InputTemplate for target t1 : [Source:"
        f' (String)"{template}"; line: {line}, column: {column}].'
    )


def test_keys_of_the_map_do_not_start_with_aws(refused: Callable[..., str]) -> None:
    refusal = refused("PutTargets", **make_request('"x"', ("AWSthing",)))

    assert refusal == (  # [doc] the rule, [guess] the text
        "ValidationException: InputPathsMap for target t1 contains invalid key"
        " AWSthing."
    )


@pytest.mark.parametrize(
    ("names", "constraint"),
    [
        (
            ("a.b",),
            "Map keys must satisfy constraint: [Member must have length less than or"
            " equal to 256, Member must have length greater than or equal to 1, Member"
            r" must satisfy regular expression pattern: [A-Za-z0-9\_\-]+]",
        ),
        (
            tuple(f"n{i}" for i in range(101)),
            "Member must have length less than or equal to 100",
        ),
    ],
)
def test_the_map_has_limits_of_its_own(
    refused: Callable[..., str], names: tuple[str, ...], constraint: str
) -> None:
    shown = ", ".join(f"{name}=$.detail" for name in names)

    assert refused("PutTargets", **make_request('"x"', names)) == (
        f"ValidationException: 1 validation error detected: Value '{{{shown}}}' at"
        " 'targets.1.member.inputTransformer.inputPathsMap' failed to satisfy"
        f" constraint: {constraint}"
    )
