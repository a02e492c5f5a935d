"""evcli's own tables: what gives way when room is short, notes, colours, odd values."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.cli.output.columns import CUT, WRAP, Column, fit_columns, write_table
from evcli.cli.output.short_forms import (
    format_clock,
    format_distance,
    shorten_delivery_id,
    shorten_rule_arn,
    shorten_target_arn,
)

NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
COLUMNS = (
    Column("state", "STATE", least=9),
    Column("tries", "TRIES", align="right", drop=2),
    Column("rule", "RULE", fit=CUT, least=6),
    Column("reason", "WHY", fit=WRAP, least=8),
    Column("id", "ID", drop=1),
)
VALUE = {
    "state": "FAILED",
    "tries": 3,
    "rule": "a-long-rule",
    "reason": "nobody is at home",
    "id": "12345678",
}


class Terminal(io.StringIO):
    """A terminal of a width; its file number is nobody's, so rich is told."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Draw a table on a terminal of a width; `None` for a pipe."""
    monkeypatch.setenv("TERM", "xterm")

    def run(values: list[Any], width: int | None, **settings: Any) -> list[str]:
        stream = io.StringIO() if width is None else Terminal()
        monkeypatch.setattr(
            "evcli.cli.output.columns.find_terminal_width", lambda _: width
        )
        settings.setdefault("color", "off")
        columns = settings.pop("columns", COLUMNS)
        write_table(values, columns, stream, **settings)
        return stream.getvalue().splitlines()

    return run


def test_what_fits_is_shown_whole(draw: Any) -> None:
    expected = [
        "STATE      TRIES  RULE         WHY                ID",
        "FAILED         3  a-long-rule  nobody is at home  12345678",
    ]

    assert draw([VALUE], 80) == expected
    assert draw([VALUE], None) == expected


def test_flexible_columns_give_way_before_any_drops(draw: Any) -> None:
    assert draw([VALUE], 48) == [
        "STATE      TRIES  RULE       WHY        ID",
        "FAILED         3  a-long-r…  nobody is  12345678",
        "                             at home",
    ]


def test_the_column_that_may_drop_first_goes_first(draw: Any) -> None:
    assert draw([VALUE], 41) == [
        "STATE      RULE       WHY        ID",
        "FAILED     a-long-r…  nobody is  12345678",
        "                      at home",
    ]


def test_columns_that_may_not_drop_stay_whatever_the_width(draw: Any) -> None:
    assert draw([VALUE], 10) == [
        "STATE      RULE    WHY",
        "FAILED     a-lon…  nobody",
        "                   is at",
        "                   home",
    ]


@pytest.mark.parametrize("width", [28, 33, 47, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(draw: Any, width: int) -> None:
    values = [VALUE, {**VALUE, "rule": "漢字" * 40, "reason": "x" * 500}]

    lines = draw(values, width, note=lambda value: value["reason"])

    from rich.cells import cell_len

    assert max(map(cell_len, lines)) <= width


def test_notes_stand_below_their_rows_and_a_long_line_ends_in_dots(draw: Any) -> None:
    columns = (Column("id", "ID"),)
    values: list[Any] = [{"id": "1"}, {"id": "2", "why": "because\nof it"}]
    values.append({"id": "3", "why": "word " * 40})

    lines = draw(values, 22, columns=columns, note=lambda value: value.get("why", ""))

    assert lines == [
        "ID",
        "1",
        "2",
        "  because",
        "  of it",
        "3",
        "  word word word word",
        "  word word word word",
        "  word word word word…",
    ]


def test_without_headings_there_is_no_line_for_them(draw: Any) -> None:
    columns = (Column("name", ""), Column("value", "", fit=WRAP, least=10))

    assert draw([{"name": "a", "value": "b"}], 80, columns=columns) == ["a  b"]


def test_control_characters_and_line_breaks_are_shown_as_signs(draw: Any) -> None:
    columns = (Column("a", "A"), Column("b", "B"))

    lines = draw(
        [{"a": "\x1b[31mred\n", "b": "[bold]x[/bold] :smile:"}],
        80,
        columns=columns,
        note=lambda _: "\x1b]0;title\x07",
    )

    assert lines == [
        "A          B",
        "␛[31mred␊  [bold]x[/bold] :smile:",
        "  ␛]0;title␇",
    ]


def test_cells_are_coloured_on_a_terminal_alone(
    draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    columns = (Column("a", "", lambda value: (value["a"], "red")),)
    values = [{"a": "x"}]

    def is_colored(width: int | None, color: str) -> bool:
        return "\x1b[31mx" in draw(values, width, columns=columns, color=color)[0]

    assert [is_colored(80, each) for each in ("auto", "on", "off")] == [
        True,
        True,
        False,
    ]
    assert [is_colored(None, each) for each in ("auto", "on", "off")] == [
        False,
        True,
        False,
    ]


def test_a_row_of_an_endless_table_is_written_before_the_next_is_known() -> None:
    stream = io.StringIO()

    def give_values() -> Any:
        yield VALUE
        assert "12345678" in stream.getvalue()
        yield VALUE

    write_table(give_values(), COLUMNS, stream, measured=0)

    assert stream.getvalue().count("12345678") == 2


def test_endless_tables_share_the_terminal_before_they_know_a_row() -> None:
    assert fit_columns(COLUMNS, [], 80) == {0: 9, 1: 5, 2: 28, 3: 28, 4: 2}


@pytest.mark.parametrize(
    ("arn", "short"),
    [
        ("arn:aws:lambda:us-east-1:000000000000:function:thumb", "lambda:thumb"),
        ("arn:aws:lambda:us-east-1:000000000000:function:thumb:7", "lambda:thumb:7"),
        ("arn:aws:sqs:us-east-1:000000000000:orders", "sqs:orders"),
        ("arn:aws:states:us-east-1:000000000000:stateMachine:sm", "states:sm"),
        ("arn:aws:kinesis:us-east-1:000000000000:stream/clicks", "kinesis:clicks"),
        ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/e/x:*", "logs:/aws/e/x"),
        ("arn:aws:events:us-east-1:000000000000:event-bus/b", "event-bus/b"),
        (
            "arn:aws:events:us-east-1:000000000000:api-destination/hook/0a1b",
            "api-destination/hook",
        ),
        ("no arn", "no arn"),
    ],
)
def test_targets_are_named_by_service_and_name(arn: str, short: str) -> None:
    assert shorten_target_arn(arn) == short


def test_rules_are_named_with_their_event_bus_unless_it_is_the_default() -> None:
    prefix = "arn:aws:events:us-east-1:000000000000:rule"

    assert shorten_rule_arn(f"{prefix}/big") == "big"
    assert shorten_rule_arn(f"{prefix}/orders/big") == "orders/big"
    assert shorten_rule_arn("") == ""


def test_deliveries_keep_their_number_behind_a_shorter_event_id() -> None:
    long = "5f0c1a2b-0a1b-4c3d-8e9f-001122334455-17"

    assert shorten_delivery_id(long) == "5f0c1a2b-17"


def test_instants_of_today_are_shown_without_the_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")

    assert format_clock("2024-05-14T04:05:06.789Z", NOW) == "04:05:06"
    assert format_clock("2024-05-13T23:59:59Z", NOW) == "2024-05-13 23:59"
    assert format_clock(None, NOW) == ""


@pytest.mark.parametrize(
    ("text", "distance"),
    [
        ("2024-05-14T11:23:22Z", "now"),
        ("2024-05-14T11:23:22.400Z", "now"),
        ("2024-05-14T11:22:23Z", "59 s ago"),
        ("2024-05-14T11:33:22Z", "in 10 min"),
        ("2024-05-14T08:23:22Z", "3 h ago"),
        ("2024-06-14T11:23:22Z", "in 31 d"),
        (None, ""),
    ],
)
def test_distances_are_told_in_one_unit(text: str | None, distance: str) -> None:
    assert format_distance(text, NOW) == distance
