"""Lines of bulk input: each a PutEvents entry or a whole event, as JSON.

`read_line` is exact: it returns the entry that put-events would have been given, or the
event. `QuickReader` is for the usual line. It reads with orjson where that is installed,
and knows for certain that nothing was lost: what it would write of what it read is the
text that it read, but for blanks. Of any other line it says nothing, and `read_line`
decides.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import partial
from json.encoder import encode_basestring as quote

from evcli.delivery.envelopes import (
    MAX_DEPTH,
    NUMBER_MARK,
    format_json,
    parse_envelope,
    refuse_constant,
)
from evcli.errors import EntryError
from evcli.operations.whole_events import EVENT_ID, is_whole_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Reads a JSON text, writes a value compactly.
    Codec = tuple[Callable[[bytes | str], Any], Callable[[Any], bytes]]

QUICK_ENTRY_MEMBERS = frozenset(
    {"Source", "DetailType", "Detail", "Time", "Resources", "EventBusName"}
)
QUICK_EVENT_MEMBERS = frozenset({
    "version", "id", "detail-type", "source", "account", "time", "region", "resources",
    "detail",
})  # fmt: skip
# A time as events write it, which is as good as read; see `model/timestamps.py`.
QUICK_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
# Whole numbers of so many characters are the same in every reader.
INTEGER_CHARACTERS = 15
BLANKS = b" \t\r\n"


def read_line(line: bytes) -> dict[str, Any]:
    """Read a line as an entry of PutEvents, `Detail` as text, or as a whole event.

    Nothing is checked yet; `is_whole_event` tells which it is.

    Raises: EntryError: the line is no JSON object, or its detail cannot be kept.
    """
    text, value = _parse(line)
    is_whole = is_whole_event(value)
    if not is_whole and not isinstance(value.get("Detail"), dict):
        return value
    # Read again, because here the numbers have lost their text.
    exact = parse_envelope(text)
    if exact is None:
        raise EntryError("MalformedDetail", "Detail is malformed.")
    if is_whole:
        return exact
    return {**value, "Detail": format_json(exact["Detail"])}


def _parse(line: bytes) -> tuple[str, dict[str, Any]]:
    """Parse a line; its text, and its value. Raises: EntryError."""
    try:
        text = line.decode().rstrip("\r\n")
        value = json.loads(text)
    except UnicodeDecodeError as error:
        fault = f"Not UTF-8 at byte {error.start + 1}."
        raise EntryError("SerializationException", fault) from error
    except json.JSONDecodeError as error:
        fault = f"Not JSON at {_name_position(text, error.pos)}: {error.msg}."
        raise EntryError("SerializationException", fault) from error
    except RecursionError as error:
        fault = "Not JSON: nested too deeply."
        raise EntryError("SerializationException", fault) from error
    if not isinstance(value, dict):
        raise EntryError("SerializationException", "Not a JSON object.")
    return text, value


def _name_position(text: str, offset: int) -> str:
    """Name a position by its column; by its line too in a value that had several."""
    before = text[:offset]
    # `bulk/documents.py` keeps the ends of lines inside of a value as these.
    column = f"column {offset - before.rfind(chr(13))}"
    lines = before.count("\r")
    return f"{column} of its line {lines + 1}" if lines else column


class QuickEntry:
    """A line that would be accepted, unless an event bus refuses it: entry or event.

    `text` is the detail as events write it and `tree` its value, in which numbers are
    Python's own; `detail` is the detail as it was sent. `time` is the text of the time;
    that, and what else the line does not have, is `None`. Only a whole event `is_whole`
    and may have `event_id`, `account_id` and `region`; only an entry `event_bus_name`.
    """

    __slots__ = (
        "account_id",
        "detail",
        "detail_type",
        "event_bus_name",
        "event_id",
        "is_whole",
        "region",
        "resources",
        "source",
        "text",
        "time",
        "tree",
    )

    def __init__(
        self,
        source: str,
        detail_type: str,
        time: str | None,
        resources: list[str],
        detail: str,
        tree: dict[str, Any],
        text: str,
    ) -> None:
        self.source = source
        self.detail_type = detail_type
        self.time = time
        self.resources = resources
        self.detail = detail
        self.tree = tree
        self.text = text
        self.is_whole = False
        self.event_bus_name: str | None = None
        self.event_id: str | None = None
        self.account_id: str | None = None
        self.region: str | None = None


class QuickReader:
    """Reads usual lines, by orjson if that is given, else by `json`."""

    __slots__ = ("_dumps", "_limit", "_loads", "_times")

    def __init__(self, orjson: Codec | None, limit: int = 0) -> None:
        """Take what `get_orjson` found, and the limit of a request's size, in bytes.

        Only `read` needs the limit.
        """
        self._loads, self._dumps = orjson or _make_json()
        self._limit = limit
        self._times: dict[str, bool] = {}

    def read(self, line: bytes) -> QuickEntry | None:
        """Read a line; `None` if `read_line` has to say what it is."""
        # Nothing counts for more bytes than its line has.
        if len(line) > self._limit:
            return None
        try:
            value = self._loads(line)
            if type(value) is not dict:
                return None
            if "detail-type" in value:
                return self._read_event(value, line)
            return self._read_entry(value, line)
        except (ValueError, TypeError, KeyError, RecursionError):
            # Not JSON, nothing that would be written so, or a member is missing.
            return None

    def _read_entry(self, value: dict[str, Any], line: bytes) -> QuickEntry | None:
        detail = value["Detail"]
        if type(detail) is str:
            tree = self._loads(detail)
            written = self._dumps(tree)
            text = written.decode()
            if type(tree) is not dict or (
                text != detail and not _is_same(written, detail.encode())
            ):
                return None
        elif type(detail) is dict and self._is_kept(value, line):
            tree = detail
            text = detail = self._dumps(tree).decode()
        else:
            return None
        quick = QuickEntry(
            value["Source"],
            value["DetailType"],
            value.get("Time"),
            value.get("Resources", []),
            detail,
            tree,
            text,
        )
        quick.event_bus_name = value.get("EventBusName")
        is_usual = (
            value.keys() <= QUICK_ENTRY_MEMBERS
            and self._is_usual(quick)
            and ("Time" not in value or self._is_time(quick.time))
            and not quick.source.startswith("aws.")
        )
        return quick if is_usual else None

    def _read_event(self, value: dict[str, Any], line: bytes) -> QuickEntry | None:
        tree = value["detail"]
        if type(tree) is not dict or not self._is_kept(value, line):
            return None
        text = self._dumps(tree).decode()
        quick = QuickEntry(
            value["source"],
            value["detail-type"],
            value.get("time"),
            value.get("resources", []),
            text,
            tree,
            text,
        )
        quick.is_whole = True
        quick.event_id = value.get("id")
        quick.account_id = value.get("account")
        quick.region = value.get("region")
        is_usual = (
            value.keys() <= QUICK_EVENT_MEMBERS
            and self._is_usual(quick)
            and value.get("version", "0") == "0"
            and ("time" not in value or self._is_time(quick.time))
            and ("id" not in value or _is_event_id(quick.event_id))
            and ("account" not in value or type(quick.account_id) is str)
            and ("region" not in value or type(quick.region) is str)
        )
        return quick if is_usual else None

    def read_value(self, text: bytes) -> dict[str, Any] | None:
        """Read a JSON object; `None` if something might be lost of it."""
        try:
            value = self._loads(text)
            is_kept = type(value) is dict and self._is_kept(value, text)
        except (ValueError, TypeError, RecursionError):
            return None
        return value if is_kept else None

    def _is_kept(self, value: object, line: bytes) -> bool:
        written = self._dumps(value)
        return written == line or _is_same(written, line)

    def _is_usual(self, quick: QuickEntry) -> bool:
        """Say whether the checks that entries and events share would find nothing."""
        source, detail_type = quick.source, quick.detail_type
        return (
            type(source) is str
            and source != ""
            and type(detail_type) is str
            and detail_type != ""
            and _are_resources(quick.resources)
            and (quick.text.isascii() or NUMBER_MARK not in quick.text)
        )

    def _is_time(self, text: object) -> bool:
        known = self._times.get(text) if type(text) is str else False
        if known is None:
            assert isinstance(text, str)
            if len(self._times) > 10_000:
                self._times.clear()
            known = self._times[text] = _is_quick_time(text)
        return known


def get_orjson() -> Codec | None:
    """Import orjson, where it is installed: it pays where lines are many."""
    try:
        import orjson
    except ImportError:
        return None
    # Beyond 53 bits it would read some numbers that details may not have.
    return orjson.loads, partial(orjson.dumps, option=orjson.OPT_STRICT_INTEGER)


def _make_json() -> Codec:
    """Read and write by the standard library, and refuse what orjson would refuse."""
    decode = json.JSONDecoder(
        parse_int=_parse_integer, parse_constant=refuse_constant
    ).decode
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def loads(text: bytes | str) -> Any:
        text = text if isinstance(text, str) else text.decode()
        # Python's versions differ in how deep they read.
        if text.count("[") + text.count("{") > MAX_DEPTH:
            raise ValueError(text)
        return decode(text)

    return loads, lambda value: encode(value).encode()


def _parse_integer(text: str) -> int:
    if len(text) > INTEGER_CHARACTERS:
        raise ValueError(text)
    return int(text)


def _is_event_id(value: object) -> bool:
    return type(value) is str and EVENT_ID.fullmatch(value) is not None


def _is_quick_time(text: str) -> bool:
    if QUICK_TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_same(written: bytes, given: bytes) -> bool:
    """Compare JSON texts but for blanks; blanks inside of strings are the same anyway."""
    # Spaces alone are found much faster, and mostly there are no others.
    return written.replace(b" ", b"") == given.replace(b" ", b"") or (
        written.translate(None, BLANKS) == given.translate(None, BLANKS)
    )


def _are_resources(resources: object) -> bool:
    if type(resources) is not list:
        return False
    for each in resources:  # noqa: SIM110 - one of them is quicker found so
        # The limit is 2,048 characters, whatever counts as one.
        if type(each) is not str or len(each) > 1024:
            return False
    return True


class QuickEnvelopes:
    """Writes the envelopes of quick entries; remembers what many of them share."""

    __slots__ = ("_account_id", "_frames", "_region")

    def __init__(self, account_id: str, region: str) -> None:
        """Take what events have that do not say it themselves."""
        self._account_id = account_id
        self._region = region
        # What stands before the time and behind it, as texts.
        self._frames: dict[tuple[str, str, str, str], tuple[str, str]] = {}

    def build(
        self, entry: QuickEntry, event_id: str, time: str
    ) -> tuple[dict[str, Any], str]:
        """Put the envelope around an entry: as a value, and as `format_json` writes it."""
        account_id, region = self._account_id, self._region
        if entry.is_whole:
            if entry.account_id is not None:
                account_id = entry.account_id
            if entry.region is not None:
                region = entry.region
        key = (entry.detail_type, entry.source, account_id, region)
        frame = self._frames.get(key)
        if frame is None:
            if len(self._frames) > 10_000:
                self._frames.clear()
            frame = self._frames[key] = (
                f'"detail-type":{quote(key[0])},"source":{quote(key[1])}'
                f',"account":{quote(account_id)},"time":"',
                f'","region":{quote(region)},"resources":[',
            )
        resources = ",".join(map(quote, entry.resources)) if entry.resources else ""
        text = (
            f'{{"version":"0","id":"{event_id}",{frame[0]}{time}{frame[1]}{resources}'
            f'],"detail":{entry.text}}}'
        )
        return {
            "version": "0",
            "id": event_id,
            "detail-type": entry.detail_type,
            "source": entry.source,
            "account": account_id,
            "time": time,
            "region": region,
            "resources": entry.resources,
            "detail": entry.tree,
        }, text
