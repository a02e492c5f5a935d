"""Lines and columns, and the source as it is quoted."""

from __future__ import annotations

import pytest

from evcli.patterns.language.error_positions import build_error, format_position, locate


@pytest.mark.parametrize(
    ("head", "position"),
    [
        ("", (1, 1)),
        ("ab", (1, 3)),
        ("a\nb", (2, 2)),
        ("a\r\nb", (2, 2)),
        ("a\rb", (2, 2)),
        ("a\n\rb", (3, 2)),
        ("🌊é", (1, 4)),
        ("\ud83c", (1, 2)),
    ],
)
def test_locate_counts_lines_and_utf16_units(
    head: str, position: tuple[int, int]
) -> None:
    assert locate(head + "rest\n", len(head)) == position


def test_source_is_cut_after_500_units_with_the_rest_counted() -> None:
    text = "a" * 499 + "🌊b"

    actual = format_position(text, 1)

    half = "🌊".encode("utf-16-le")[:2].decode("utf-16-le", "surrogatepass")
    assert actual == (
        f'[Source: (String)"{"a" * 499}{half}"[truncated 2 chars]; line: 1, column: 2]'
    )


def test_reason_can_always_be_encoded() -> None:
    error = build_error("\ud83c", "Wrong \udf0a", 0)

    assert error.reason == 'Wrong ?\n at [Source: (String)"?"; line: 1, column: 1]'


def test_control_characters_are_shown_but_line_ends_are_kept() -> None:
    actual = format_position("\t\x00\x7f\x9f\xa0\r\n", 0)

    assert actual == (
        '[Source: (String)"\\u0009\\u0000\\u007F\\u009F\xa0\r\n"; line: 1, column: 1]'
    )
