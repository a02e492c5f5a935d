"""Lines of bulk input: each a PutEvents entry or a whole event, as JSON.

`read_entry` is exact: it returns the request that put-events would have been given.
`QuickReader` is for the usual line. It reads with orjson where that is installed, and
knows for certain that nothing was lost: what it would write of what it read is the text
that it read, but for blanks. Of any other line it says nothing, and `read_entry` decides.
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
from evcli.delivery.events import AcceptedEvent
from evcli.errors import EntryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.delivery.events import EventBusKey

    # Reads a JSON text, writes a value compactly.
    Codec = tuple[Callable[[bytes | str], Any], Callable[[Any], bytes]]

# A whole event's members, and what they are in an entry. Its id, account and region are
# given anew, as by put-events. [guess]
EVENT_MEMBERS = {
    "source": "Source",
    "detail-type": "DetailType",
    "time": "Time",
    "resources": "Resources",
    "detail": "Detail",
}
QUICK_MEMBERS = frozenset(
    {"Source", "DetailType", "Detail", "Time", "Resources", "EventBusName"}
)
# A time as events write it, which is as good as read; see `model/timestamps.py`.
QUICK_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
# Whole numbers of so many characters are the same in every reader.
INTEGER_CHARACTERS = 15
BLANKS = b" \t\r\n"


def read_entry(line: bytes) -> dict[str, Any]:
    """Read a line as an entry of PutEvents, `Detail` as text; nothing is checked yet.

    Raises: EntryError: the line is no JSON object, or its detail cannot be kept.
    """
    try:
        text = line.decode()
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EntryError("SerializationException", f"Not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise EntryError("SerializationException", "Not a JSON object.")
    entry = to_entry(value)
    if isinstance(entry.get("Detail"), dict):
        # Read again, because here the numbers have lost their text.
        exact = parse_envelope(text)
        if exact is None:
            raise EntryError("MalformedDetail", "Detail is malformed.")
        entry["Detail"] = format_json(to_entry(exact)["Detail"])
    return entry


def to_entry(value: dict[str, Any]) -> dict[str, Any]:
    """Turn a whole event into an entry; an entry is one already."""
    if "detail-type" not in value:
        return value
    return {
        EVENT_MEMBERS[name]: member
        for name, member in value.items()
        if name in EVENT_MEMBERS
    }


class QuickEntry:
    """A line that put-events would accept, unless an event bus refuses it.

    `text` is the detail as events write it and `tree` its value, in which numbers are
    Python's own; `detail` is the detail as it was sent. `time` is the text of the time,
    `None` where there was none.
    """

    __slots__ = (
        "detail",
        "detail_type",
        "event_bus_name",
        "resources",
        "source",
        "text",
        "time",
        "tree",
    )

    def __init__(
        self, entry: dict[str, Any], detail: str, tree: dict[str, Any], text: str
    ) -> None:
        self.source: str = entry["Source"]
        self.detail_type: str = entry["DetailType"]
        self.event_bus_name: str | None = entry.get("EventBusName")
        self.time: str | None = entry.get("Time")
        self.resources: list[str] = entry.get("Resources", [])
        self.detail = detail
        self.tree = tree
        self.text = text


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
        """Read a line; `None` if `read_entry` has to say what it is."""
        # No entry counts for more bytes than its line has.
        if len(line) > self._limit:
            return None
        try:
            value = self._loads(line)
            if type(value) is not dict:
                return None
            entry = to_entry(value) if "detail-type" in value else value
            detail = entry.get("Detail")
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
            quick = QuickEntry(entry, detail, tree, text)
        except (ValueError, TypeError, KeyError, RecursionError):
            # Not JSON, nothing that would be written so, or a member is missing.
            return None
        return quick if self._is_usual(entry, quick) else None

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

    def _is_usual(self, entry: dict[str, Any], quick: QuickEntry) -> bool:
        """Say whether the checks of put-events would find nothing."""
        source, detail_type = quick.source, quick.detail_type
        return (
            entry.keys() <= QUICK_MEMBERS
            and type(source) is str
            and source != ""
            and not source.startswith("aws.")
            and type(detail_type) is str
            and detail_type != ""
            and ("Time" not in entry or self._is_time(quick.time))
            and ("Resources" not in entry or _are_resources(quick.resources))
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
    return written.translate(None, BLANKS) == given.translate(None, BLANKS)


def _are_resources(resources: object) -> bool:
    if type(resources) is not list:
        return False
    for each in resources:  # noqa: SIM110 - one of them is quicker found so
        # The limit is 2,048 characters, whatever counts as one.
        if type(each) is not str or len(each) > 1024:
            return False
    return True


class QuickEvents:
    """Makes the events of quick entries; remembers what many of them share."""

    __slots__ = ("_account_id", "_heads", "_region")

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._heads: dict[tuple[str, str], str] = {}

    def build(
        self,
        entry: QuickEntry,
        event_bus: EventBusKey,
        event_id: str,
        now: datetime,
        stamp: str,
    ) -> AcceptedEvent:
        """Make the event of an entry, its text as `format_json` would write it.

        Args:
            now: when it arrives; `stamp` is that in the words of events.
        """
        time = entry.time or stamp
        key = (entry.detail_type, entry.source)
        head = self._heads.get(key)
        if head is None:
            if len(self._heads) > 10_000:
                self._heads.clear()
            head = self._heads[key] = (
                f'"detail-type":{quote(key[0])},"source":{quote(key[1])}'
                f',"account":"{self._account_id}","time":"'
            )
        resources = ",".join(map(quote, entry.resources)) if entry.resources else ""
        text = (
            f'{{"version":"0","id":"{event_id}",{head}{time}","region":"{self._region}"'
            f',"resources":[{resources}],"detail":{entry.text}}}'
        )
        members = {
            "version": "0",
            "id": event_id,
            "detail-type": entry.detail_type,
            "source": entry.source,
            "account": self._account_id,
            "time": time,
            "region": self._region,
            "resources": entry.resources,
            "detail": entry.tree,
        }
        return AcceptedEvent(
            members, event_bus, now, text=text, detail_text=entry.detail
        )
