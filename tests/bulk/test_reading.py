"""Lines of bulk input: the quick reader against the exact way."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evcli.bulk.reading import (
    QUICK_ENTRY_MEMBERS,
    QUICK_EVENT_MEMBERS,
    EntryError,
    QuickEnvelopes,
    QuickReader,
    get_orjson,
    read_line,
)
from evcli.context import VirtualClock
from evcli.delivery.envelopes import build_envelope, format_json, parse_detail
from evcli.model import get_operation
from evcli.model.check import check_request
from evcli.model.timestamps import parse_timestamp
from evcli.operations.whole_events import MEMBERS, complete_event
from evcli.patterns import EventTree, parse_json
from evcli.patterns.language.events import NumberText
from evcli.patterns.language.numbers import comparable_value

if TYPE_CHECKING:
    from evcli.context import Context

LIMIT = 1_048_576
NOW = datetime(2024, 5, 14, 11, 23, 22, tzinfo=UTC)
READERS = [QuickReader(get_orjson(), LIMIT), QuickReader(None, LIMIT)]

LARGE = ["9007199254740991", "9007199254740993", "9223372036854775808"]
# Texts of numbers as they may stand in JSON, usual ones and others.
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["-0", "-0.0", "1.10", "1e16", "1E5", "1e-7", "0.00001", "1e400", *LARGE]
    ),
)
TIMES = ["now", "2024-05-14T11:23:22+02:00", "\u0662024-05-14T11:23:22Z"]
TEXTS = st.one_of(
    st.text(max_size=5),
    st.text('\ue8f1\ue8f2 \\"/\u2028\x7f\x00é', max_size=5),
    st.sampled_from(["a b", "\ud800", "\ue8f1\ue8f21.5\ue8f1\ue8f2"]),
)


@st.composite
def write_json(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw the text of a JSON value, blanks, escapes and repeated keys included."""
    blank = st.sampled_from(["", "", " ", "\n", "\t "])
    kind = draw(st.integers(0, 5 if depth else 3))
    if kind == 0:
        return draw(NUMBERS)
    if kind == 1:
        return json.dumps(draw(TEXTS), ensure_ascii=draw(st.booleans()))
    if kind == 2:
        return draw(st.sampled_from(["true", "false", "null"]))
    if kind == 3 and depth:
        return draw(write_object(depth - 1))
    items = draw(st.lists(write_json(depth - 1), max_size=3)) if depth else []
    return f"[{draw(blank)}{','.join(items)}{draw(blank)}]"


@st.composite
def write_object(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw the text of a JSON object."""
    blank = st.sampled_from(["", "", " ", "\r\n"])
    names = draw(st.lists(st.sampled_from("abc"), max_size=3))
    members = [
        f'{draw(blank)}"{name}"{draw(blank)}:{draw(blank)}{draw(write_json(depth))}'
        for name in names
    ]
    return f"{{{','.join(members)}{draw(blank)}}}"


def encode(text: str) -> bytes:
    """Write a line; half a surrogate pair cannot stand in it but as an escape."""
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(json.loads(text)).encode() + b"\n"


def read_exactly(line: bytes) -> dict[str, Any]:
    """What put-events reads of a line."""
    operation = get_operation("PutEvents")
    assert operation is not None
    request = check_request(operation, {"Entries": [read_line(line)]})
    entry: dict[str, Any] = request["Entries"][0]
    return entry


def check_same(line: bytes, reader: QuickReader) -> bool:
    """Hold what a quick reader says of a line against the exact way, if it speaks."""
    quick = reader.read(line)
    if quick is None:
        return False
    entry = read_exactly(line)
    detail = parse_detail(entry["Detail"])
    assert detail is not None
    time = parse_timestamp(quick.time) if quick.time else NOW
    assert time == entry.get("Time", NOW)
    exact = build_envelope(
        event_id="i",
        detail_type=entry["DetailType"],
        source=entry["Source"],
        account_id="000000000000",
        time=time,
        region="us-east-1",
        resources=entry.get("Resources", ()),
        detail=detail,
    )
    stamp = quick.time or "2024-05-14T11:23:22Z"
    value, text = QuickEnvelopes("000000000000", "us-east-1").build(quick, "i", stamp)
    assert text == format_json(exact)
    check_leaves(EventTree(value).value, parse_json(text))
    return True


def complete_exactly(line: bytes) -> dict[str, Any]:
    """What becomes of a whole event on the exact way. Raises: ServiceError, EntryError."""
    ctx = SimpleNamespace(
        account_id="000000000000",
        region="us-east-1",
        clock=VirtualClock(NOW),
        new_id=lambda: "i",
    )
    return complete_event(cast("Context", ctx), read_line(line))


def check_same_event(line: bytes, reader: QuickReader) -> bool:
    """As `check_same`, for a whole event."""
    quick = reader.read(line)
    if quick is None:
        return False
    assert quick.is_whole
    exact = complete_exactly(line)
    value, text = QuickEnvelopes("000000000000", "us-east-1").build(
        quick, quick.event_id or "i", quick.time or "2024-05-14T11:23:22Z"
    )
    assert text == format_json(exact)
    check_leaves(EventTree(value).value, parse_json(text))
    return True


def check_leaves(quick: Any, exact: Any) -> None:
    """Two trees to match against: numbers mean the same, all else is equal."""
    if isinstance(exact, NumberText):
        assert comparable_value(quick) == comparable_value(exact)
        assert comparable_value(quick) is not None
    elif isinstance(exact, dict):
        assert list(quick) == list(exact)
        for name in exact:
            check_leaves(quick[name], exact[name])
    elif isinstance(exact, list):
        assert len(quick) == len(exact)
        for mine, other in zip(quick, exact, strict=True):
            check_leaves(mine, other)
    else:
        assert quick == exact
        assert type(quick) is type(exact)


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
@given(text=write_object())
@example(text='{"a":1e16}')
@example(text='{"a":-0}')
@example(text='{"a":1,"a":1}')
@example(text='{"a":"\\ud800"}')
@example(text='{"a": 9223372036854775808}')
@example(text='{"a":[NaN]}')
def test_a_detail_that_is_read_quickly_is_read_as_put_events_would(
    reader: QuickReader, text: str
) -> None:
    entry = {"Source": "s", "DetailType": "d", "Detail": text}
    try:
        line = json.dumps(entry).encode()
        check_same(line, reader)
        check_same(
            f'{{"Source":"s","DetailType":"d","Detail":{text}}}'.encode(), reader
        )
        check_same_event(
            f'{{"source":"s","detail-type":"d","detail":{text}}}'.encode(), reader
        )
    except UnicodeEncodeError:
        assert "\ud800" in text


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
@given(
    entry=st.fixed_dictionaries(
        {},
        optional={
            "Source": st.sampled_from(["s", "", "aws.s3", "aws", None, 1]),
            "DetailType": st.sampled_from(["d", "", None, ["d"]]),
            "Detail": st.sampled_from(["{}", "", "[]", "x", {}, {"a": 1}, [], None]),
            "Time": st.one_of(
                st.datetimes().map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")),
                st.sampled_from(
                    ["2024-W20-2T11:23:22Z", "2024-02-30T00:00:00Z", 0, None, *TIMES]
                ),
            ),
            "Resources": st.sampled_from([[], ["a"], ["x" * 2049], [1], None, "a"]),
            "EventBusName": st.sampled_from(["b", "arn:aws:x", "", None]),
            "TraceHeader": st.just("Root=1"),
        },
    )
)
def test_an_entry_that_is_read_quickly_has_nothing_wrong(
    reader: QuickReader, entry: dict[str, Any]
) -> None:
    line = json.dumps(entry, ensure_ascii=False).encode()
    if reader.read(line) is None:
        return
    # Only what begins with `aws.` is AWS's own.
    assert entry["Source"] in {"s", "aws"}
    assert entry["DetailType"] == "d"

    # The name of the event bus is checked where event buses are known.
    named = {name: entry[name] for name in entry if name != "EventBusName"}
    assert check_same(json.dumps(named, ensure_ascii=False).encode(), reader)


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
@pytest.mark.parametrize(
    "line",
    [
        '{"Source":"s","DetailType":"d","Detail":"{\\"a\\":1}"}',
        '{"Source":"s","DetailType":"d","Detail":"{\\"a\\": [1, 2.5, \\"x y\\"]}"}',
        '{"Source":"s","DetailType":"d","Detail":{"a": 1}}',
        '{"Source": "s", "DetailType": "d", "Detail": {"a": "é"}, "Resources": ["r"]}',
    ],
)
def test_usual_lines_are_read_quickly(reader: QuickReader, line: str) -> None:
    assert check_same(line.encode() + b"\n", reader)


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
@pytest.mark.parametrize(
    "line",
    [
        '{"source":"aws.s3","detail-type":"d","detail":{"a": [1, 2.5]}}',
        '{"source":"s","detail-type":"d","detail":{},"time":"2024-05-14T11:23:22Z",'
        '"id":"1","account":"é\\"","region":"eu-west-1","version":"0","resources":["r"]}',
    ],
)
def test_usual_events_are_read_quickly(reader: QuickReader, line: str) -> None:
    assert check_same_event(line.encode() + b"\n", reader)


STRANGE = st.sampled_from(["", "a b", "é", "ok", None, 1, [], {}])


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
@given(
    event=st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                ("version", "id", "source", "detail-type", "account", "region"), STRANGE
            ),
            "time": st.sampled_from(["2024-02-30T00:00:00Z", 0, None, *TIMES]),
            "resources": st.sampled_from([[], ["a"], [1], None, "a", {}]),
            "detail": st.sampled_from([{}, {"a": 1}, "{}", None]),
            "replay-name": st.just("r"),
            "other": st.just(1),
        },
    )
)
def test_an_event_that_is_read_quickly_has_nothing_wrong(
    reader: QuickReader, event: dict[str, Any]
) -> None:
    line = json.dumps(event, ensure_ascii=False).encode()

    # It compares with the exact way, and fails where that one refuses.
    check_same_event(line, reader)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (b"x\n", "SerializationException", "Not JSON at column 1: Expecting value."),
        (b"[]\n", "SerializationException", "Not a JSON object."),
        (b'{"Detail":{"a":9223372036854775808}}', "MalformedDetail", "Detail is malformed."),
        (b'{"a":1,\r "b":tru}\r\n', "SerializationException", "Not JSON at column 6 of its line 2: Expecting value."),
        (b'{"a":"\xff"}', "SerializationException", "Not UTF-8 at byte 7."),
        (b'{"detail-type":"d","detail":{"a":9223372036854775808}}', "MalformedDetail", "Detail is malformed."),
    ],
)  # fmt: skip
def test_lines_that_are_nothing_say_why(line: bytes, code: str, message: str) -> None:
    with pytest.raises(EntryError) as caught:
        read_line(line)

    assert (caught.value.code, caught.value.message) == (code, message)


def test_a_line_of_deep_brackets_is_refused_and_no_more() -> None:
    line = b'{"Source":"s","DetailType":"d","Detail":' + b"[" * 100_000

    with pytest.raises(EntryError) as caught:
        read_line(line)

    assert caught.value.code == "SerializationException"
    assert [reader.read(line) for reader in READERS] == [None, None]


@pytest.mark.parametrize("reader", READERS, ids=["orjson", "json"])
def test_what_is_nested_too_deep_is_for_the_exact_way(reader: QuickReader) -> None:
    for depth in (900, 1000, 1001, 1100):
        text = '{"a":' * depth + "1" + "}" * depth
        check_same(to_line(text), reader)
    assert reader.read(to_line('{"a":' * 1001 + "1" + "}" * 1001)) is None


def to_line(detail: str) -> bytes:
    return json.dumps({"Source": "s", "DetailType": "d", "Detail": detail}).encode()


def test_without_orjson_the_standard_library_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)

    reader = QuickReader(get_orjson(), LIMIT)

    assert check_same(to_line('{"a":[1.5,"é"]}'), reader)


def test_numbers_of_a_whole_event_keep_their_text() -> None:
    line = b'{"detail-type":"d","source":"s","detail":{"a":1.10,"b":1e999999}}'

    completed = complete_exactly(line)

    assert format_json(completed["detail"]) == '{"a":1.10,"b":1e999999}'


def test_names_of_members_are_those_of_the_operation_and_of_envelopes() -> None:
    operation = get_operation("PutEvents")
    assert operation is not None
    element = operation.request.members["Entries"].shape.element
    assert element is not None

    assert set(element.members) >= QUICK_ENTRY_MEMBERS
    assert set(MEMBERS) - QUICK_EVENT_MEMBERS == {"replay-name"}
    assert set(MEMBERS) >= QUICK_EVENT_MEMBERS
