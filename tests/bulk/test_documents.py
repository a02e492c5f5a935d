"""Documents of any form, cut into lines."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.bulk import documents
from evcli.bulk.documents import BLOCK_BYTES, read_as_lines
from evcli.errors import InspectionError


class Pipe(io.RawIOBase):
    """A stream that cannot go back and gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read the next few."""
        piece, self._data = self._data[: self._size], self._data[self._size :]
        buffer[: len(piece)] = piece
        return len(piece)


def pipe(data: bytes, size: int) -> io.BufferedReader:
    return io.BufferedReader(Pipe(data, size))


FIRST, SECOND = '{"a": "}],\\"{", "b": [1, {"c": 2}]}', '{"source": "s"}'
LINES = f"{FIRST}\n{SECOND}\n"


@pytest.mark.parametrize("size", [1, 7, BLOCK_BYTES])
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (LINES, LINES),
        (f"\n \n{LINES}", f"\n \n{LINES}"),
        (FIRST, FIRST),
        (f"[{FIRST}, {SECOND}]", LINES),
        (f" [\n{FIRST}\n,\n{SECOND}\n]\n", LINES),
        (f"[{FIRST}][{SECOND}]", LINES),
        (f'{{"Entries":[{FIRST},{SECOND}]}}', LINES),
        (f'{{ "Entries" : [{FIRST}] }}\n{{"Entries":[{SECOND}]}}', LINES),
        (f'{{\n"Entries": [\n{FIRST},\n{SECOND}\n]\n}}\n', LINES),
        # What else a request has would be lost; so it is left to be refused.
        (f'{{"Entries":[{FIRST}],"EndpointId":"e"}}', f'{{"Entries":[{FIRST}],"EndpointId":"e"}}'),
        ('{\n  "a": 1,\r\n  "b": 2\n}\n{\n"c":\n3}', '{\r  "a": 1,\r  "b": 2\r}\n{\r"c":\r3}\n'),
        ('{"a":\n1}{"b":2} {"c":3}', '{"a":\r1}\n{"b":2}\n{"c":3}\n'),
        ('{ "a": 1\n, "b": 2}', '{ "a": 1\r, "b": 2}\n'),
        (f"\ufeff{LINES}", LINES),
        (f"\ufeff[{FIRST}]", f"{FIRST}\n"),
        ("", ""),
        ("\n\n", "\n\n"),
        ("[]", ""),
        # Broken ones are lines, and what follows goes on.
        (f'[{{"a": tru}}, 5, x {FIRST}, ]', f'{{"a": tru}}\n5\nx\n{FIRST}\n'),
        (f'[{FIRST}, {{"a": [1', f'{FIRST}\n{{"a": [1\n'),
        (f'[{FIRST}, {{"a": "]}}', f'{FIRST}\n{{"a": "]}}\n'),
        (f'{{"a": {{"b": 1,\n{LINES}', f'{{"a": {{"b": 1,\n{LINES}'),
        (f'{{"a": "b\n{LINES}', f'{{"a": "b\n{LINES}'),
        (f"nothing\n{LINES}", f"nothing\n{LINES}"),
        (f"]\n{LINES}", f"]\n{LINES}"),
    ],
)  # fmt: skip
def test_every_form_is_lines(text: str, lines: str, size: int) -> None:
    data = text.encode()

    assert read_as_lines(pipe(data, size), "f").read() == lines.encode()
    assert read_as_lines(pipe(gzip.compress(data), size), "f").read() == lines.encode()
    assert read_as_lines(io.BytesIO(data), "f").read() == lines.encode()


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text('\\"{}[],: \n\u00e9', max_size=6)),
    lambda each: st.one_of(
        st.lists(each, max_size=3), st.dictionaries(st.text(max_size=3), each)
    ),
    max_leaves=8,
)


@given(
    values=st.lists(st.dictionaries(st.text('a"]{', max_size=3), VALUES), min_size=1),
    indent=st.sampled_from([None, 0, 2]),
    size=st.integers(1, 40),
)
def test_elements_of_an_array_are_lines_of_the_same_values(
    values: list[dict[str, object]], indent: int | None, size: int
) -> None:
    text = json.dumps(values, indent=indent)

    lines = read_as_lines(pipe(text.encode(), size), "f").read().split(b"\n")

    assert [json.loads(line) for line in lines[:-1]] == values
    assert lines[-1] == b""


def test_a_file_of_lines_is_read_as_it_is() -> None:
    stream = io.BufferedReader(io.BytesIO(LINES.encode()))

    lines = read_as_lines(stream, "f")

    assert lines is stream
    assert (lines.seekable(), lines.tell()) == (True, 0)


def test_lines_of_a_pipe_come_before_the_pipe_ends() -> None:
    stream = pipe(LINES.encode(), len(FIRST) + 1)

    lines = read_as_lines(stream, "f")

    assert lines.read1(BLOCK_BYTES) == f"{FIRST}\n".encode()


def test_a_compressed_input_that_is_cut_off_says_so() -> None:
    data = gzip.compress(LINES.encode() * 100)

    with pytest.raises(InspectionError, match="f is damaged behind line"):
        read_as_lines(pipe(data[:-20], 50), "f").read()


def test_a_value_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "VALUE_BYTES", 100)

    with pytest.raises(InspectionError, match="more than 100 bytes"):
        read_as_lines(pipe(b'[{"a": "' + b"x" * 200, 10), "f").read()
