"""Parquet as lines of events and entries."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from evcli.bulk.documents import read_as_lines
from evcli.bulk.parquet import measure_row_groups, read_parquet
from evcli.errors import InspectionError


def write(table: pa.Table, row_group_size: int = 1_000) -> io.BytesIO:
    stream = io.BytesIO()
    parquet.write_table(table, stream, row_group_size=row_group_size)
    stream.seek(0)
    return stream


def read(table: pa.Table) -> list[Any]:
    lines = read_as_lines(io.BufferedReader(write(table)), "x.parquet").read()
    return [json.loads(line) if line else None for line in lines.split(b"\n")[:-1]]


TIME = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)


def test_members_of_events_are_columns() -> None:
    detail = [{"n": 1, "gone": None, "tags": {"a": "b"}, "price": Decimal("1.50")}]
    kind = pa.struct(
        {
            "n": pa.int64(),
            "gone": pa.string(),
            "tags": pa.map_(pa.string(), pa.string()),
            "price": pa.decimal128(9, 2),
        }
    )
    table = pa.table(
        {
            "id": ["e1"],
            "source": ["shop"],
            "detail-type": ["d"],
            "time": pa.array([TIME], pa.timestamp("ns", "UTC")),
            "resources": [["r", "s"]],
            "region": pa.array([None], pa.string()),
            "detail": pa.array([{**detail[0], "tags": [("a", "b")]}], kind),
            "day": ["2024-05-14"],
        }
    )

    assert read(table) == [
        {
            "id": "e1",
            "source": "shop",
            "detail-type": "d",
            "time": "2024-05-14T11:23:22Z",
            "resources": ["r", "s"],
            "detail": {"n": 1, "tags": {"a": "b"}, "price": 1.5},
        }
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('{"n":\n 1}', {"n": 1}),
        ("[1]", "[1]"),
        ("no JSON", "no JSON"),
        # Nothing gets out of its member.
        ('{},"source":"aws.s3"', '{},"source":"aws.s3"'),
    ],
)
def test_a_detail_may_be_a_text_of_an_object(text: str, detail: Any) -> None:
    table = pa.table({"source": ["s"], "detail-type": ["d"], "detail": [text]})

    assert read(table) == [{"source": "s", "detail-type": "d", "detail": detail}]


def test_numbers_of_a_detail_that_is_a_text_stay_as_they_are_written() -> None:
    table = pa.table({"source": ["s"], "detail-type": ["d"], "detail": ['{"n":1.50}']})

    data = b"".join(read_parquet(write(table), "x"))

    assert data == b'{"source":"s","detail-type":"d","detail":{"n":1.50}}\n'


def test_members_of_entries_are_columns() -> None:
    entry = {"Source": "s", "DetailType": "d", "Detail": '{"a":1}', "Time": None}

    assert read(pa.table({name: [value] for name, value in entry.items()})) == [
        {"Source": "s", "DetailType": "d", "Detail": '{"a":1}'}
    ]


def test_one_column_of_texts_holds_everything_and_a_row_is_a_line() -> None:
    texts = ['{\r\n"a":\n1}', None, "no JSON"]
    table = pa.table({"number": [1, 2, 3], "event": texts})

    data = b"".join(read_parquet(write(table), "x"))

    assert data == b'{\r"a":\r1}\n\nno JSON\n'


def test_row_groups_can_be_read_by_themselves() -> None:
    stream = write(pa.table({"event": [str(n) for n in range(10)]}), row_group_size=4)

    assert len(measure_row_groups(stream, "x")) == 3
    assert b"".join(read_parquet(stream, "x", [1, 2])) == b"4\n5\n6\n7\n8\n9\n"


@pytest.mark.parametrize(
    ("columns", "listed"),
    [
        ({"a": [1], "b": [2]}, "a, b"),
        ({"source": ["s"], "b": ["t"]}, "source, b"),
        ({f"c{n}": [1] for n in range(9)}, "c0, c1, c2, c3, c4, c5, c6, c7, …"),
    ],
)
def test_other_columns_are_refused_with_their_names(
    columns: dict[str, Any], listed: str
) -> None:
    with pytest.raises(InspectionError) as caught:
        read(pa.table(columns))

    assert caught.value.message == (
        f"x.parquet has the columns {listed}: neither source and detail-type, nor Source"
        " and DetailType, nor one of texts."
    )


def test_a_file_that_is_cut_off_or_damaged_says_so() -> None:
    data = write(pa.table({"event": [str(n) for n in range(1_000)]})).getvalue()
    damaged = data[:40] + b"\xff" * 400 + data[440:]

    with pytest.raises(InspectionError, match=r"^x is damaged: "):
        list(read_parquet(io.BytesIO(data[:-9]), "x"))
    with pytest.raises(InspectionError, match=r"^x is damaged in row group 1: "):
        list(read_parquet(io.BytesIO(damaged), "x"))


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_pipe_cannot_give_it() -> None:
    pipe = Pipe(write(pa.table({"event": ["{}"]})).getvalue())

    with pytest.raises(
        InspectionError, match="is read from its end; name it as a file"
    ):
        read_as_lines(io.BufferedReader(pipe), "standard input").read()


def test_pyarrow_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = write(pa.table({"event": ["{}"]}))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(InspectionError, match=r"pip install 'evcli\[parquet\]'"):
        list(read_parquet(stream, "x"))
