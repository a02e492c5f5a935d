"""Bulk inputs: whole lines, in blocks that are worth their handling."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from evcli.bulk import blocks as bulk_blocks
from evcli.bulk.blocks import BLOCK_BYTES, read_batches, read_blocks
from evcli.errors import InspectionError

if TYPE_CHECKING:
    from pathlib import Path

LINES = [b"%d %s\n" % (number, b"x" * (number % 997)) for number in range(20_000)]
TEXT = b"".join(LINES)


class Drips(io.RawIOBase):
    """A pipe that gives so much at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = io.BytesIO(data)
        self._size = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        return self._data.readinto(memoryview(buffer)[: self._size])


def test_blocks_of_a_file_are_full_and_number_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(TEXT)

    with path.open("rb") as stream:
        blocks = list(read_blocks(stream, "f"))

    assert b"".join(block for _, block in blocks) == TEXT
    assert len(blocks) == len(TEXT) // BLOCK_BYTES + 1
    for first_line, block in blocks:
        assert block.startswith(LINES[first_line - 1])
        assert block.endswith(b"\n")


@pytest.mark.parametrize("size", [1, 7, 5_000])
def test_lines_of_a_pipe_come_whole_and_as_soon_as_they_are_there(size: int) -> None:
    text = b"".join(LINES[:50]) + b"the end"

    blocks = list(read_blocks(io.BufferedReader(Drips(text, size)), "f"))

    assert b"".join(block for _, block in blocks) == text
    assert all(block.endswith(b"\n") for _, block in blocks[:-1])
    # Nothing waits for more than the end of its line.
    assert len(blocks) >= min(50, len(text) // size)
    assert blocks[-1] == (51, b"the end")


@pytest.mark.parametrize("count", [1, 3, 4_000])
def test_batches_have_so_many_lines(count: int) -> None:
    batches = list(read_batches(io.BytesIO(TEXT), count, "f"))

    assert [line for batch in batches for line in batch] == LINES
    assert {len(batch) for batch in batches[:-1]} == {count}
    assert 0 < len(batches[-1]) <= count


def test_a_line_that_no_event_could_be_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_blocks, "LINE_BYTES", 100)
    stream = io.BufferedReader(Drips(b"{}\n" + b"x" * 1_000, 30))
    blocks = read_blocks(stream, "f")

    assert next(blocks) == (1, b"{}\n")
    with pytest.raises(
        InspectionError, match="The line at byte 4 of f has more than 100 bytes"
    ):
        next(blocks)
