"""Nearest misses of a field that the event does not have: where it may be instead.

Source: ours, after the mistakes people report: level, spelling, JSON inside of strings.
"""

from __future__ import annotations

from evcli.patterns.language.numbers import is_number
from evcli.patterns.language.paths import Repeated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from evcli.patterns.language.conditions import Condition

# A hint is for people: past these sizes of event it is not worth its time.
MAX_FIELDS = 5_000
MAX_PATH_LENGTH = 1_000
CLOSE_ENOUGH = 0.75
SEPARATORS = str.maketrans("", "", "-_ ")


class EventFields:
    """All fields of an event: `values` by path, and what kind of `containers` it has."""

    __slots__ = ("containers", "values")

    def __init__(self, event: object) -> None:
        self.values: dict[str, list[object]] = {}
        self.containers: dict[str, str] = {}
        queue: list[tuple[str, object]] = [("", event)]
        for path, value in queue:
            if len(queue) > MAX_FIELDS or len(path) > MAX_PATH_LENGTH:
                break
            if isinstance(value, list):
                kind = "array" if value else "empty array"
                self.containers.setdefault(path, kind)
                queue += [(path, element) for element in value[:MAX_FIELDS]]
            elif isinstance(value, (dict, Repeated)):
                members = list(value.items())[:MAX_FIELDS]
                kind = "object" if members else "empty object"
                self.containers.setdefault(path, kind)
                head = f"{path}." if path else ""
                queue += [(head + key, member) for key, member in members]
            else:
                self.values.setdefault(path, []).append(value)


def _hint_container(condition: Condition, fields: EventFields) -> str | None:
    kind = fields.containers.get(condition.path)
    if kind is None:
        return None
    if kind.startswith("empty"):
        return f"it is an {kind}, which counts as missing"
    inner = next(
        (path for path in fields.values if path.startswith(f"{condition.path}.")), None
    )
    example = f"; name a field of it, such as {inner}" if inner else ""
    return f"it is an {kind}, and only values are compared{example}"


def _hint_text_above(condition: Condition, fields: EventFields) -> str | None:
    parts = condition.path.split(".")
    for length in range(1, len(parts)):
        above = ".".join(parts[:length])
        for value in fields.values.get(above, ()):
            if isinstance(value, str) and not is_number(value):
                text = "; JSON inside strings is not read" * ("{" in value)
                return f"{above} is a string and has no fields{text}"
    return None


def _hint_spelling(condition: Condition, fields: EventFields) -> str | None:
    wanted = _simplify(condition.path)
    for path in fields.values:
        if _simplify(path) == wanted:
            return f"the event spells it {path}{_would_match(condition, path, fields)}"
    return None


def _hint_level(condition: Condition, fields: EventFields) -> str | None:
    parts = _simplify(condition.path).split(".")
    for words, is_related in (
        ("one level up", _is_shorter),
        ("one level down", _is_longer),
        ("elsewhere", _has_same_end),
    ):
        for path in fields.values:
            if is_related(parts, _simplify(path).split(".")):
                ending = _would_match(condition, path, fields)
                return f"the event has it {words}: {path}{ending}"
    return None


def _hint_close_name(condition: Condition, fields: EventFields) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    close = get_close_matches(condition.path, fields.values, 1, CLOSE_ENOUGH)
    if not close:
        return None
    return f"did you mean {close[0]}{_would_match(condition, close[0], fields)}?"


MISSING_FIELD_HINTS: tuple[Callable[[Condition, EventFields], str | None], ...] = (
    _hint_container,
    _hint_text_above,
    _hint_spelling,
    _hint_level,
    _hint_close_name,
)


def _simplify(path: str) -> str:
    return path.translate(SEPARATORS).casefold()


def _is_shorter(wanted: list[str], actual: list[str]) -> bool:
    return len(actual) + 1 == len(wanted) and any(
        wanted[:index] + wanted[index + 1 :] == actual for index in range(len(wanted))
    )


def _is_longer(wanted: list[str], actual: list[str]) -> bool:
    return _is_shorter(actual, wanted)


def _has_same_end(wanted: list[str], actual: list[str]) -> bool:
    return wanted[-1] == actual[-1]


def _would_match(condition: Condition, path: str, fields: EventFields) -> str:
    would = any(map(condition.test, fields.values[path]))
    return ", where it would match" if would else ""
