"""Ids in a row, and random characters for names that the service makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import RFC_4122, UUID

from evcli.ids import (
    LETTERS_AND_DIGITS,
    LOWER_CASE,
    draw_neighbours,
    draw_text,
    new_uuids,
)

if TYPE_CHECKING:
    from evcli.context import Context


def test_a_drawing_has_its_length_and_its_alphabet(ctx: Context) -> None:
    texts = [draw_text(ctx.new_id(), LOWER_CASE, 8) for _ in range(500)]

    assert {len(text) for text in texts} == {8}
    assert set("".join(texts)) == set(LOWER_CASE)


def test_drawings_differ(ctx: Context) -> None:
    texts = {draw_text(ctx.new_id(), LETTERS_AND_DIGITS, 6) for _ in range(500)}

    assert len(texts) == 500


def test_the_last_character_may_be_any_too(ctx: Context) -> None:
    lasts = {draw_text(ctx.new_id(), LETTERS_AND_DIGITS, 8)[-1] for _ in range(1_500)}

    assert lasts == set(LETTERS_AND_DIGITS)


def test_neighbours_are_random_ids_that_begin_alike() -> None:
    draws = [draw_neighbours() for _ in range(20)]

    ids = [[draw() for _ in range(25)] for draw in draws]

    assert [len({each[:8] for each in row}) for row in ids] == [1] * 20
    assert len({row[0][:8] for row in ids}) > 10
    uuids = [UUID(each) for row in ids for each in row]
    assert {(each.version, each.variant) for each in uuids} == {(4, RFC_4122)}
    assert len(set(uuids)) == 500
    assert len({draw_text(each, LOWER_CASE, 8) for row in ids for each in row}) > 490


def test_many_at_once_are_random_ids_in_order_that_begin_alike() -> None:
    rows = [new_uuids(100) for _ in range(20)]

    assert [len(set(row)) for row in rows] == [100] * 20
    assert [row == sorted(row) for row in rows] == [True] * 20
    assert [len({each[:8] for each in row}) for row in rows] == [1] * 20
    assert len({row[0][:8] for row in rows}) > 10
    uuids = [UUID(each) for row in rows for each in row]
    assert {(each.version, each.variant) for each in uuids} == {(4, RFC_4122)}
    assert {str(each) for each in uuids} == {each for row in rows for each in row}
    assert new_uuids(0) == []
