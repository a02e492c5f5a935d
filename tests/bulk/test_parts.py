"""Inputs in parts: together they are the whole, whatever is cut where."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from evcli.bulk import blocks, parts
from evcli.bulk.documents import read_as_lines
from evcli.bulk.parts import BYTES, ROW_GROUPS, WHOLE, cut, read_between
from evcli.bulk.sources import list_sources
from evcli.errors import InspectionError

if TYPE_CHECKING:
    from pathlib import Path


@given(
    lines=st.lists(st.text("ab", max_size=9), max_size=12),
    is_ended=st.booleans(),
    part=st.integers(1, 20),
)
def test_each_line_is_in_the_part_in_which_it_begins(
    lines: list[str], is_ended: bool, part: int
) -> None:
    data = ("\n".join(lines) + "\n" * is_ended).encode()

    read = [
        b"".join(read_between(io.BufferedReader(io.BytesIO(data)), start, start + part))
        for start in range(0, len(data), part)
    ]

    assert b"".join(read) == data
    ends = [position + 1 for position in range(len(data)) if data[position] == 10]
    begins = [0, *(end for end in ends if end < len(data))] if data else []
    for number, piece in enumerate(read):
        owned = [each for each in begins if number * part <= each < (number + 1) * part]
        assert len(piece.splitlines()) == len(owned)


def test_a_line_longer_than_a_buffer_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BLOCK_BYTES", 4)
    data = b"x" * 30 + b"\n" + b"y" * 30

    def read(start: int, stop: int) -> bytes:
        stream = io.BufferedReader(io.BytesIO(data))
        return b"".join(read_between(stream, start, stop))

    assert [read(start, start + 10) for start in range(0, 61, 10)] == [
        data[:31], b"", b"", data[31:], b"", b"", b"",
    ]  # fmt: skip


def write_inputs(directory: Path) -> None:
    lines = "".join(f'{{"number":{n}}}\n' for n in range(200))
    (directory / "a.jsonl").write_text(lines)
    (directory / "b.gz").write_bytes(gzip.compress(b"%r\n" * 2_000, 0))
    (directory / "c.json").write_text(f"[{lines.strip().replace(chr(10), ',')}]")
    table = pa.table({"event": lines.splitlines()})
    parquet.write_table(table, directory / "d.parquet", row_group_size=30)
    for number in range(3):
        (directory / f"e{number}").write_text(lines[:300])


def test_inputs_are_cut_where_they_can_be_and_small_ones_put_together(
    tmp_path: Path,
) -> None:
    write_inputs(tmp_path)

    def describe(pattern: str) -> list[list[tuple[str, str, int, int]]]:
        sources = list_sources([pattern], str(tmp_path))
        return [
            [(each.source.name, each.kind, each.start, each.stop) for each in part]
            for part in cut(sources, 1_000)
        ]

    assert describe("[abc]*") == [
        *([("a.jsonl", BYTES, n * 1_000, n * 1_000 + 1_000)] for n in range(3)),
        [("b.gz", WHOLE, 0, 0)],
        [("c.json", WHOLE, 0, 0)],
    ]
    groups = [each for part in describe("d*") for each in part]
    assert {kind for _, kind, _, _ in groups} == {ROW_GROUPS}
    starts, stops = zip(*((start, stop) for _, _, start, stop in groups), strict=True)
    assert starts == (0, *stops[:-1])
    assert (len(groups) > 1, stops[-1]) == (True, 7)
    assert describe("e*") == [[(f"e{number}", WHOLE, 0, 0) for number in range(3)]]


@pytest.mark.parametrize("part_bytes", [1_000, 1_700, 10_000])
def test_parts_of_an_input_have_the_lines_of_the_whole(
    tmp_path: Path, part_bytes: int
) -> None:
    write_inputs(tmp_path)

    for source in list_sources(["[a-e]*"], str(tmp_path)):
        read = b"".join(
            data
            for part in cut([source], part_bytes)
            for piece in part
            for _, data in piece.read_blocks()
        )
        with source.open() as stream:
            assert read == read_as_lines(stream, source.name).read()


def test_a_line_that_is_too_long_is_refused_by_its_own_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (blocks, parts):
        monkeypatch.setattr(module, "LINE_BYTES", 200)
        monkeypatch.setattr(module, "BLOCK_BYTES", 50)
    (tmp_path / "a").write_text("x\n" * 60 + "y" * 300 + "\n" + "x\n" * 60)
    (source,) = list_sources(["a"], str(tmp_path))
    first, second, *rest = [piece for part in cut([source], 100) for piece in part]

    assert [data for _, data in first.read_blocks()][-1][-2:] == b"x\n"
    with pytest.raises(InspectionError, match="The line at byte 121 of a has more"):
        list(second.read_blocks())
    assert sum(len(data) for piece in rest for _, data in piece.read_blocks()) == 120
