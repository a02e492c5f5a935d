"""`--output table` against the official client's."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evcli.cli.errors import GeneralError
from evcli.cli.output.rendering import RenderedResponse, format_local_time, shape_value
from evcli.cli.output.table import format_lines, write
from evcli.model.shapes import Operation

SCALARS = st.none() | st.booleans() | st.integers() | st.text("aä日 ", max_size=12)
NAMES = st.text("aBcdefgh日", min_size=1, max_size=9)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=12)
        | st.lists(st.dictionaries(NAMES, inner, max_size=4), max_size=3)
    ),
    max_leaves=30,
)
DESCRIBED = {
    "Name": "a-rule",
    "Arn": "arn:r",
    "EventPattern": '{"source":["my.app"]}',
    "State": "ENABLED",
    "EventBusName": "default",
    "CreatedBy": "123456789012",
}


def format_table(title: str, value: Any, *, color: bool = False) -> str:
    if not value:
        return ""
    return "".join(line + "\n" for line in format_lines(title, value, color=color))


@pytest.mark.parametrize("color", ["on", "off"])
def test_table_equals_the_peer_for_every_operation(
    operation: Operation,
    make_response: Callable[[int], dict[str, Any]],
    peer: Callable[..., str],
    color: str,
) -> None:
    values = [
        shape_value(operation.response, make_response(seed), format_local_time)
        for seed in range(5)
    ]

    written = [
        format_table(operation.name, value, color=color == "on") for value in values
    ]

    assert written == [
        peer("table", operation.name, value, color=color) for value in values
    ]


@given(value=VALUES)
@example(value=[{}, []])
def test_table_equals_the_peer_for_any_query_result(value: Any) -> None:
    # Where objects and empty lists are mixed the peer prints half a box. [peer]
    expected = None if is_mixed(value) else _format_as_peer(value)

    try:
        written: str | None = format_table("PutRule", value)
    except GeneralError:
        written = None

    assert written == expected


def is_mixed(value: Any) -> bool:
    """Say whether a list that begins with an object holds something else as well."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return any(not isinstance(item, dict) or is_mixed(item) for item in value)
    return any(map(is_mixed, inner))


def _format_as_peer(value: Any) -> str | None:
    """The peer's table, `None` where it fails on the data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from awscli.formatter import TableFormatter
        from awscli.table import MultiTable, Styler
    formatter = TableFormatter.__new__(TableFormatter)
    formatter.table = MultiTable(
        initial_section=False, column_separator="|", styler=Styler()
    )
    formatter.table._terminal_width = 80
    stream = io.StringIO()
    try:
        formatter._format_response("PutRule", value, stream)
    except (AttributeError, IndexError, TypeError, ValueError):
        return None
    return stream.getvalue()


@pytest.mark.parametrize(
    ("title", "value", "expected"),
    [
        (
            "DescribeRule",
            DESCRIBED,
            """\
-------------------------------------------
|              DescribeRule               |
+---------------+-------------------------+
|  Arn          |  arn:r                  |
|  CreatedBy    |  123456789012           |
|  EventBusName |  default                |
|  EventPattern |  {"source":["my.app"]}  |
|  Name         |  a-rule                 |
|  State        |  ENABLED                |
+---------------+-------------------------+
""",
        ),
        (
            "ListRuleNamesByTarget",
            {"RuleNames": ["a-rule", "b-rule"]},
            """\
-----------------------
|ListRuleNamesByTarget|
+---------------------+
||     RuleNames     ||
|+-------------------+|
||  a-rule           ||
||  b-rule           ||
|+-------------------+|
""",
        ),
        (
            "ListRules",
            [
                {"N": "a-rule", "S": None},
                {"N": "b-rule", "S": "rate(5 minutes)"},
                {"N": "c-rule", "S": "cron(0 12 * * ? *)"},
            ],
            """\
----------------------------------
|            ListRules           |
+---------+----------------------+
|    N    |          S           |
+---------+----------------------+
|  a-rule |  None                |
|  b-rule |  rate(5 minutes)     |
|  c-rule |  cron(0 12 * * ? *)  |
+---------+----------------------+
""",
        ),
        (
            "PutEvents",
            {
                "FailedEntryCount": 0,
                "Entries": [{"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}],
            },
            """\
--------------------------------------------
|                 PutEvents                |
+---------------------------------+--------+
|  FailedEntryCount               |  0     |
+---------------------------------+--------+
||                 Entries                ||
|+----------------------------------------+|
||                 EventId                ||
|+----------------------------------------+|
||  11710aed-b79e-4468-a20b-bb3c0c3b4860  ||
|+----------------------------------------+|
""",
        ),
        (
            "ListReplays",
            {"Replays": []},
            "-------------\n|ListReplays|\n+-----------+\n",
        ),
    ],
)
def test_table_of_recorded_answers(title: str, value: Any, expected: str) -> None:
    assert format_table(title, value) == expected


def test_rows_of_different_length_are_an_error() -> None:
    with pytest.raises(GeneralError) as caught:
        format_table("ListRules", [["a"], ["b", "c"]])

    assert caught.value.message == "Row should have 1 elements, instead it has 2"


@pytest.mark.parametrize(
    ("color", "is_terminal", "is_colored"),
    [
        ("auto", False, False),
        ("auto", True, True),
        ("on", False, True),
        ("off", True, False),
    ],
)
def test_color_is_for_terminals_unless_said_otherwise(
    color: str, is_terminal: bool, is_colored: bool
) -> None:
    stream = io.StringIO()
    operation = Operation("ListRules", "", request=(), response=(), errors=())
    answer = RenderedResponse(
        operation, {}, Fixed("a"), color=color, is_terminal=is_terminal
    )

    write(answer, stream)

    cell = "\x1b[1m\x1b[34ma\x1b[0m" if is_colored else "a"
    assert stream.getvalue().splitlines()[3] == f"|  {cell}      |"


def test_a_wide_terminal_keeps_the_row_that_a_narrow_one_turns_upright() -> None:
    wide = list(format_lines("DescribeRule", DESCRIBED, 200))
    narrow = list(format_lines("DescribeRule", DESCRIBED, 80))

    assert (len(wide), len(narrow)) == (7, 10)


class Fixed:
    """A query that answers the same whatever it is asked."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def search(self, value: Any) -> Any:
        return [[self.result]]
