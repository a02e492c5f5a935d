"""Parquet as lines: a line of JSON for each row, read row group by row group.

Either there are columns for the members of events or entries, one for each that is at the
top; or one column of texts holds all of a row. A null is a member that is not there: a
struct has all fields of all rows, so that nobody can tell a null from none. [guess]
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from evcli.errors import InspectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

# Other columns, such as those of partitions, are no members of events.
EVENT_COLUMNS = frozenset({
    "version", "id", "detail-type", "source", "account", "time", "region", "resources",
    "detail", "replay-name",
})  # fmt: skip
ENTRY_COLUMNS = frozenset(
    {"Source", "DetailType", "Detail", "Time", "Resources", "EventBusName"}
)
# What is read at a time of a row group, which may be large.
BATCH_ROWS = 1_000


def read_parquet(
    stream: BinaryIO, name: str, row_groups: Iterable[int] | None = None
) -> Iterator[bytes]:
    """Read rows as lines, some at a time; a row that is null is a blank line.

    Args:
        stream: can go to any byte.
        name: of the input, for messages.
        row_groups: numbers of those to read; `None` for all.

    Raises: InspectionError: it is damaged, has other columns, or pyarrow is missing.
    """
    with _explaining(name, ""):
        file = _open(stream, name)
        to_line, columns = _choose_columns(file.schema_arrow, name)
        numbers = range(file.num_row_groups) if row_groups is None else row_groups
    for number in numbers:
        with _explaining(name, f" in row group {number + 1}"):
            for batch in file.iter_batches(
                BATCH_ROWS, row_groups=[number], columns=columns, use_threads=False
            ):
                yield b"".join(to_line(row) for row in _coarsen(batch).to_pylist())


def measure_row_groups(stream: BinaryIO, name: str) -> list[int]:
    """Say how many bytes each row group has, uncompressed.

    Raises: InspectionError: as `read_parquet`.
    """
    with _explaining(name, ""):
        metadata = _open(stream, name).metadata
        numbers = range(metadata.num_row_groups)
        return [metadata.row_group(number).total_byte_size for number in numbers]


def _open(stream: BinaryIO, name: str) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InspectionError(
            f"{name} is Parquet, which needs pyarrow: pip install 'evcli[parquet]'."
        ) from error
    if not stream.seekable():
        raise InspectionError(
            f"{name} is Parquet, which is read from its end; name it as a file."
        )
    return ParquetFile(stream, coerce_int96_timestamp_unit="us")


def _coarsen(batch: Any) -> Any:
    """Cut nanoseconds off times, for which Python has no type."""
    import pyarrow

    for index, field in enumerate(batch.schema):
        if pyarrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            kind = pyarrow.timestamp("us", field.type.tz)
            column = batch.column(index).cast(kind, safe=False)
            batch = batch.set_column(index, field.name, column)
    return batch


@contextmanager
def _explaining(name: str, where: str) -> Iterator[None]:
    try:
        yield
    except InspectionError:
        raise
    # Of pyarrow, whose errors are these, and more for some damages.
    except (ValueError, OSError, KeyError, NotImplementedError) as error:
        text = " ".join(str(error).split()).rstrip(".")
        raise InspectionError(f"{name} is damaged{where}: {text}.") from error


# -- rows


def _choose_columns(schema: Any, name: str) -> tuple[Any, list[str]]:
    """Choose what makes a line of a row, and the columns for it."""
    names = list(schema.names)
    for members, needed in (
        (EVENT_COLUMNS, {"source", "detail-type"}),
        (ENTRY_COLUMNS, {"Source", "DetailType"}),
    ):
        if needed <= set(names):
            return _write_row, [each for each in names if each in members]
    texts = [field.name for field in schema if _is_text(field.type)]
    if len(texts) == 1:
        return lambda row: _write_text(row[texts[0]]), texts
    listed = ", ".join(names[:8]) + ", …" * (len(names) > 8)
    raise InspectionError(
        f"{name} has the columns {listed}: neither source and detail-type, nor Source and"
        " DetailType, nor one of texts."
    )


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    checks = (
        types.is_string, types.is_large_string, types.is_binary, types.is_large_binary,
    )  # fmt: skip
    return any(check(kind) for check in checks)


def _write_text(text: str | bytes | None) -> bytes:
    """A text as a line; the ends of lines in it say the same to JSON as these do."""
    data = text.encode() if isinstance(text, str) else text or b""
    return data.replace(b"\r\n", b"\r").replace(b"\n", b"\r") + b"\n"


def _write_row(row: dict[str, Any]) -> bytes:
    members = []
    for name, value in row.items():
        if value is None:
            continue
        if name == "detail" and isinstance(value, str) and _is_object(value):
            text = value
        else:
            text = _to_json(value)
        members.append(f"{json.dumps(name)}:{text}")
    return _write_text(f"{{{','.join(members)}}}") if members else b"\n"


def _is_object(text: str) -> bool:
    """Say whether a text is a JSON object and nothing more, whose text may be kept."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _to_json(value: Any) -> str:
    return json.dumps(_to_plain(value), ensure_ascii=False, separators=(",", ":"))


def _to_plain(value: Any) -> Any:
    """Turn a value of pyarrow into one that JSON has, nulls of structs left out."""
    if isinstance(value, dict):
        return {key: _to_plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        # A map is a list of pairs.
        if value and all(isinstance(each, tuple) for each in value):
            return {str(key): _to_plain(each) for key, each in value}
        return [_to_plain(each) for each in value]
    if isinstance(value, datetime):
        return _format_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def _format_time(value: datetime) -> str:
    """As events have it; without a zone it is UTC, as Parquet's writers mean it. [guess]"""
    text = value.isoformat()
    if value.tzinfo is None:
        text += "+00:00"
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
