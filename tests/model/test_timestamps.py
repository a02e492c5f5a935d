"""Points in time are read as the official client reads them. Source: [aws]."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from botocore.utils import parse_to_aware_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.model.timestamps import ISO_8601, parse_timestamp

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 5, 14, 11, 23, 22, 512_000, tzinfo=UTC)

READ = [
    (1704067200, NEW_YEAR),
    (1704067200.0, NEW_YEAR),
    ("1704067200", NEW_YEAR),
    (" 1704067200 ", NEW_YEAR),
    ("1704067200.5", NEW_YEAR.replace(microsecond=500_000)),
    ("1e3", datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)),
    ("-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    (0, datetime(1970, 1, 1, tzinfo=UTC)),
    (True, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
    ("20240101", datetime(1970, 8, 23, 6, 15, 1, tzinfo=UTC)),
    ("2024", datetime(1970, 1, 1, 0, 33, 44, tzinfo=UTC)),
    ("2024-01-01", NEW_YEAR),
    ("2024-01-01T00:00", NEW_YEAR),
    ("2024-01-01 00:00:00", NEW_YEAR),
    ("2024-01-01T00:00:00Z", NEW_YEAR),
    ("2024-01-01 00:00:00Z", NEW_YEAR),
    ("2024-01-01T00:00:00.123456Z", NEW_YEAR.replace(microsecond=123_456)),
    ("2024-01-01T00:00:00.123456789Z", NEW_YEAR.replace(microsecond=123_456)),
    ("2024-01-01T00:00:00,5Z", NEW_YEAR.replace(microsecond=500_000)),
    ("2024-01-01T02:00:00+02:00", NEW_YEAR),
    ("2023-12-31T19:00:00-0500", NEW_YEAR),
    ("20240101T000000Z", NEW_YEAR),
    ("20240101000000", NEW_YEAR),
    ("01-01-2024T00:00:00Z", NEW_YEAR),
    ("Mon, 01 Jan 2024 00:00:00 GMT", NEW_YEAR),
    ("Mon, 01 Jan 2024 02:00:00 +0200", NEW_YEAR),
    ("Jan 1 2024", NEW_YEAR),
    ("1 January 2024 12 am", NEW_YEAR),
    ("2024-01-01 00:00:00 XYZ", NEW_YEAR),
]
REFUSED: list[object] = [
    "",
    "   ",
    "yesterday",
    "today",
    "now",
    "2024-02-30",
    "2024-13-01",
    "2024-01-01T25:00:00",
    "2024-01-01T24:00:00",
    "2024-W01-1",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 30,
    float("nan"),
    float("inf"),
    10**18,
    10**400,
    None,
    [],
    {},
    [2024, 1, 1],
    date(2024, 1, 1),
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59-05:00",
    "12:99",
    "\x00",
]
# Words as people write them, and what is between them.
DIGITS = ["2024", "01", "1", "31", "13", "24", "59", "00", "5"]
SIGNS = ["-", "-", "/", ":", ":", " ", " ", "T", "Z", "+", ".", ",", "+02:00"]
WORDS = ["am", "pm", "GMT", "UTC", "Jan", "May", "Mon"]
PIECES = st.sampled_from([*DIGITS, *SIGNS, *WORDS])


def ask_official_client(value: object) -> datetime | None:
    # The client crashes on infinities, where a refusal is meant.
    try:
        moment: datetime = parse_to_aware_datetime(value)
    except (TypeError, ValueError, AttributeError, OverflowError, RuntimeError):
        return None
    return moment.astimezone(UTC)


@pytest.mark.parametrize(("value", "moment"), READ)
def test_number_or_text_is_read(value: object, moment: datetime) -> None:
    parsed = parse_timestamp(value)

    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(("value", "moment"), READ)
@pytest.mark.filterwarnings("ignore:tzname")
def test_official_client_reads_the_same(value: object, moment: datetime) -> None:
    official = ask_official_client(value)

    assert official == moment


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_what_is_no_point_in_time_is_refused(value: object) -> None:
    parsed = parse_timestamp(value)

    assert parsed is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (NOW, NOW),
        (NOW.replace(tzinfo=None), NOW),
        (NOW.astimezone(timezone(timedelta(hours=5))), NOW),
    ],
)
def test_datetime_becomes_utc(value: datetime, moment: datetime) -> None:
    parsed = parse_timestamp(value)

    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("10:30", datetime(2024, 5, 14, 10, 30, tzinfo=UTC)),
        ("2023-01", datetime(2023, 1, 14, tzinfo=UTC)),
    ],
)
def test_what_is_missing_of_the_day_is_that_of_now(
    value: str, moment: datetime
) -> None:
    parsed = parse_timestamp(value, now=NOW)

    assert parsed == moment


def test_text_without_offset_means_utc_in_every_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = (
        "from evcli.model.timestamps import parse_timestamp as p; "
        "print(p('2024-06-01T12:00'), p('Jun 1 2024 12:00'), p('Jun 1 2024 12:00 GMT'))"
    )
    monkeypatch.setenv("TZ", "Europe/London")

    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert printed == " ".join(["2024-06-01 12:00:00+00:00"] * 3) + "\n"


@given(st.from_regex(ISO_8601, fullmatch=True))
def test_iso_texts_are_read_as_the_official_client_does(text: str) -> None:
    official = ask_official_client(text)

    parsed = parse_timestamp(text)

    assert parsed == official


@given(st.lists(PIECES, max_size=9).map("".join))
@settings(max_examples=300)
@pytest.mark.filterwarnings("ignore:tzname")
def test_any_text_is_read_as_the_official_client_does(text: str) -> None:
    official = ask_official_client(text)

    parsed = parse_timestamp(text)

    assert parsed == official


@given(st.text(max_size=12) | st.floats() | st.integers())
def test_no_value_makes_it_crash(value: object) -> None:
    parsed = parse_timestamp(value)

    assert parsed is None or parsed.tzinfo is UTC


@pytest.mark.parametrize("value", ["2024-01-01T00:00:00Z", "1704067200"])
def test_common_forms_do_without_the_slow_parser(value: str) -> None:
    script = (
        "import sys; from evcli.model.timestamps import parse_timestamp as p; "
        f"p({value!r}); print('dateutil' in sys.modules)"
    )

    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "False\n"
