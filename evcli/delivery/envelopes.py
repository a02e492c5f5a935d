"""The event as rules and targets see it: the envelope around the detail.

Source: [aws] key order, compact text, whole seconds, `resources` always there.
"""

from __future__ import annotations

import os

from evcli.json_text import Decoder, dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, NoReturn

# Documented limits of a detail. [guess] what lies beyond is malformed.
MAX_DEPTH = 1000
MAX_INTEGER = 2**63
SHOWN_DIGITS = 40

# The encoder has no hook for numbers. One whose text a binary float would not give back
# passes as a string between two of these, and `format_json` takes the quotes off again.
# Random, so that no event can hold it.
NUMBER_MARK = "\ue8f1" + os.urandom(8).hex()


def parse_detail(text: str) -> dict[str, Any] | None:
    """Read a `Detail`; `None` when it is malformed: not a JSON object.

    Numbers that would change in a binary float keep their text, see `format_json`.
    """
    return None if is_too_deep(text) else _parse_object(text)


def find_detail_problem(text: str) -> str | None:
    """Say why `parse_detail` reads nothing of a text, in one line; `None` when it does."""
    if is_too_deep(text):
        return f"it is nested more than {MAX_DEPTH:,} levels deep"
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        return str(error)
    except ValueError as error:
        # The one kind that has a position is that of texts that are no JSON.
        return f"it is not JSON: {error}" if hasattr(error, "pos") else str(error)
    return None if isinstance(value, dict) else "it is not a JSON object"


def parse_envelope(text: str) -> dict[str, Any] | None:
    """Read an event as `format_json` wrote it: a level deeper than its detail may be."""
    return None if is_too_deep(text, MAX_DEPTH + 1) else _parse_object(text)


def _parse_object(text: str) -> dict[str, Any] | None:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_too_deep(text: str, limit: int = MAX_DEPTH) -> bool:
    """Say whether a JSON text is nested beyond a limit, the documented one of details.

    What Python's own reader takes differs from version to version.
    """
    brackets = text.count("[") + text.count("{")
    return brackets > limit and measure_depth(text) > limit


def measure_depth(text: str) -> int:
    """Count how deep the brackets of a JSON text are nested."""
    import re

    depth = deepest = 0
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest


def _parse_number(text: str) -> float | str:
    value = float(text)
    return value if repr(value) == text else f"{NUMBER_MARK}{text}{NUMBER_MARK}"


def _parse_integer(text: str) -> int:
    value = int(text) if len(text) < 21 else MAX_INTEGER
    if not -MAX_INTEGER <= value < MAX_INTEGER:
        shown = text if len(text) <= SHOWN_DIGITS else f"{text[:SHOWN_DIGITS]}…"
        raise ValueError(
            f"the integer {shown} is beyond the limits of EventBridge,"
            f" {-MAX_INTEGER} to {MAX_INTEGER - 1}"
        )
    return value


def refuse_constant(name: str) -> NoReturn:
    """Refuse what Python's reader takes and JSON has not, such as NaN."""
    raise ValueError(f"{name} is no JSON value")


_DECODER = Decoder(
    parse_float=_parse_number,
    parse_int=_parse_integer,
    parse_constant=refuse_constant,
)


def format_json(value: object) -> str:
    """Write compact JSON: no blanks, non-ASCII as it is, numbers as they were read.

    A string that is no valid Unicode (half a surrogate pair) is written with escapes,
    so that the text can always be encoded.
    """
    text = dumps(value)
    if not text.isascii():
        text = text.replace(f'"{NUMBER_MARK}', "").replace(f'{NUMBER_MARK}"', "")
        try:
            text.encode()
        except UnicodeEncodeError:
            import json

            return json.dumps(loads(text), separators=(",", ":"))
    return text


def count_bytes(text: str) -> int:
    """Measure a text in UTF-8; half a surrogate pair counts as three bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def format_time(instant: datetime) -> str:
    """Write an instant as events do: UTC, whole seconds, `Z`."""
    # `strftime` takes twenty times as long.
    return f"{instant.isoformat()[:19]}Z"


def build_envelope(
    *,
    event_id: str,
    detail_type: str,
    source: str,
    account_id: str,
    time: datetime,
    region: str,
    resources: Sequence[str],
    detail: dict[str, Any],
) -> dict[str, Any]:
    """Put the envelope around a detail, keys in the order that targets receive."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": format_time(time),
        "region": region,
        "resources": list(resources),
        "detail": detail,
    }


def add_replay_name(envelope: str, replay_name: str) -> str:
    """Put `replay-name` where it belongs in the text of an envelope.

    On the text, because reading and writing it again costs more than all the rest. No
    string can hold what is looked for: inside of one, the quotes would be escaped.

    Args:
        envelope: as `format_json` wrote it.
        replay_name: letters, digits, `.`, `-`, `_`.

    Source: [aws] between `region` and `resources`.
    """
    before, mark, after = envelope.partition(',"resources":')
    return f'{before},"replay-name":"{replay_name}"{mark}{after}'


def cut_detail(envelope: str) -> str:
    """Cut the text of the detail out of the text of an envelope; as `add_replay_name`.

    The value may have lost what the text has: how numbers were written, repeated keys.
    """
    return envelope.partition(',"detail":')[2][:-1]
