"""Nearest misses of a field that the event does not have: where it may be instead.

Source: ours, after the mistakes people report: level, spelling, JSON inside of strings.
"""

from __future__ import annotations

from evcli.patterns.explain.syntax_hints import hint_operator_text
from evcli.patterns.explain.wording import format_value, shorten
from evcli.patterns.language.conditions import is_absence
from evcli.patterns.language.events import Repeated
from evcli.patterns.language.numbers import is_number
from evcli.patterns.language.operators import OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evcli.patterns.language.conditions import Condition

# A hint is for people: past these sizes of event it is not worth its time.
MAX_FIELDS = 5_000
MAX_PATH_LENGTH = 1_000
MAX_NAME_LENGTH = 200
SHOWN_NAMES = 5
MAX_SHOWN_NAME = 40
CLOSE_ENOUGH = 0.7
SEPARATORS = str.maketrans("", "", "-_ ")
# Every event has them, so that they are there says nothing about another field.
ENVELOPE = frozenset(
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources"]
)
# Members of an entry of put-events, and where the event has them.
ENTRY_FIELDS = {
    "Source": "source",
    "DetailType": "detail-type",
    "Detail": "detail",
    "Time": "time",
    "Resources": "resources",
}


class EventFields:
    """All fields of an event, looked at when the first one is asked for."""

    __slots__ = ("_containers", "_event", "_paths", "_values")

    def __init__(self, event: object) -> None:
        self._event = event
        self._paths: dict[str, None] = {}
        self._values: dict[str, list[object]] = {}
        self._containers: dict[str, str] = {}

    @property
    def paths(self) -> Iterable[str]:
        """All paths, outer ones first, in the order of the event."""
        self._read()
        return self._paths

    @property
    def values(self) -> dict[str, list[object]]:
        """The values at each path."""
        self._read()
        return self._values

    @property
    def containers(self) -> dict[str, str]:
        """Of each path with an object or array: which, and whether it is `empty`."""
        self._read()
        return self._containers

    def _read(self) -> None:
        if self._paths:
            return
        queue: list[tuple[str, object]] = [("", self._event)]
        for path, value in queue:
            if len(queue) > MAX_FIELDS or len(path) > MAX_PATH_LENGTH:
                break
            self._paths[path] = None
            if isinstance(value, list):
                kind = _name_array(value)
                self._containers.setdefault(path, kind)
                queue += [(path, element) for element in value[:MAX_FIELDS]]
            elif isinstance(value, (dict, Repeated)):
                members = list(value.items())[:MAX_FIELDS]
                kind = "object" if members else "empty object"
                self._containers.setdefault(path, kind)
                head = f"{path}." if path else ""
                queue += [(head + key, member) for key, member in members]
            else:
                self._values.setdefault(path, []).append(value)


def _name_array(value: list[object]) -> str:
    if not value:
        return "empty array"
    has_objects = any(isinstance(element, (dict, Repeated)) for element in value)
    return "array of objects" if has_objects else "array"


def looks_like_entry(keys: Iterable[str]) -> bool:
    """Tell whether an object with these keys is an entry of put-events and no event."""
    return {"Source", "DetailType", "Detail"} <= set(keys)


def hint_absence(condition: Condition, fields: EventFields) -> str | None:
    """Say what an event has in place of a field that is absent as it should be."""
    kind = fields.containers.get(condition.path)
    if kind is None:
        return _hint_spelling(condition, fields) or _hint_close_name(condition, fields)
    if kind.startswith("empty"):
        return f"the event has an {kind} here, which counts as absent"
    return f"the event has an {kind} here, and only values count as present"


def _hint_operator_as_field(condition: Condition, fields: EventFields) -> str | None:
    above, _, name = condition.path.rpartition(".")
    if name not in OPERATORS or not above or _has_fields(above, fields):
        return None
    return (
        f"{name} is taken for the name of a field below {above}; an operator stands in a"
        f' list: "{above.rpartition(".")[2]}": [{{"{name}": …}}]'
    )


def _hint_container(condition: Condition, fields: EventFields) -> str | None:
    kind = fields.containers.get(condition.path)
    if kind is None:
        return None
    if kind.startswith("empty"):
        return f"it is an {kind}, which counts as missing"
    below = [path for path in fields.values if path.startswith(f"{condition.path}.")]
    inner = next(
        (path for path in below if _would_match(condition, path, fields)), None
    )
    inner = inner or next(iter(below), None)
    if inner is None:
        return f"it is an {kind} without values, and only values are compared"
    would = _would_match(condition, inner, fields)
    example = f"; name a field of it, such as {inner}{would}"
    return f"it is an {kind}, and only values are compared{example}"


def _hint_value_above(condition: Condition, fields: EventFields) -> str | None:
    parts = condition.path.split(".")
    for length in range(1, len(parts)):
        above = ".".join(parts[:length])
        if above not in fields.values or _has_fields(above, fields):
            continue
        value = fields.values[above][0]
        if fields.containers.get(above):
            return f"{above} is an array of values, which have no fields"
        if type(value) is str:
            text = "; JSON inside strings is not read" * ("{" in value)
            return f"{above} is a string and has no fields{text}"
        kind = "the number " if is_number(value) else ""
        return f"{above} is {kind}{format_value(value)} and has no fields"
    return None


def _hint_entry(condition: Condition, fields: EventFields) -> str | None:
    keys = {path.partition(".")[0] for path in fields.paths}
    if "Entries" in keys:
        return "this looks like the entries of put-events, and not like an event"
    if not looks_like_entry(keys):
        return None
    top = condition.path.partition(".")[0]
    renamed = next((name for name, own in ENTRY_FIELDS.items() if own == top), None)
    if renamed is None:
        return None
    what = " as an object" * (renamed == "Detail")
    return (
        f"this looks like an entry of put-events; an event has {top}{what} where the"
        f" entry has {renamed}"
    )


def _hint_spelling(condition: Condition, fields: EventFields) -> str | None:
    wanted = _simplify(condition.path)
    paths = [
        path
        for path in fields.values
        if path != condition.path and _simplify(path) == wanted
    ]
    if not paths:
        return None
    path = _choose(condition, paths, fields)
    return f"the event spells it {path}{_would_match(condition, path, fields)}"


def _hint_level(condition: Condition, fields: EventFields) -> str | None:
    parts = _simplify(condition.path).split(".")
    for words, is_related in (
        ("one level up", _is_shorter),
        ("one level down", _is_longer),
    ):
        paths = [
            path
            for path in fields.values
            if is_related(parts, _simplify(path).split("."))
            and _is_telling(condition, path, fields)
        ]
        if paths:
            path = _choose(condition, paths, fields)
            ending = _would_match(condition, path, fields)
            return f"the event has it {words}: {path}{ending}"
    return None


def _hint_close_name(condition: Condition, fields: EventFields) -> str | None:
    from difflib import SequenceMatcher  # noqa: PLC0415 - rarely needed

    parts = condition.path.split(".")
    matcher = SequenceMatcher()
    close: dict[str, float] = {}
    for path in fields.values:
        others = path.split(".")
        pairs = [
            pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]
        ]
        if len(others) != len(parts) or len(pairs) != 1:
            continue
        matcher.set_seqs(*(text[:MAX_NAME_LENGTH] for text in pairs[0]))
        if matcher.quick_ratio() >= CLOSE_ENOUGH <= (ratio := matcher.ratio()):
            close[path] = ratio
    if not close:
        return None
    path = _choose(
        condition, sorted(close, key=close.__getitem__, reverse=True), fields
    )
    return f"did you mean {path}{_would_match(condition, path, fields)}?"


def _hint_need_of_value(condition: Condition, fields: EventFields) -> str | None:
    operators = {item.operator for item in condition.items}
    if any(operator.startswith("anything-but") for operator in operators):
        return (
            "anything-but needs a value to be there; for absent ones too, add"
            ' {"exists": false} to the list'
        )
    if any(
        item.operator == "literal" and item.operand is None for item in condition.items
    ):
        return 'null is a value; {"exists": false} is what absent fields meet'
    if any(item.operand == "" for item in condition.items):
        return (
            'an empty string is a value; {"exists": false} is what absent fields meet'
        )
    return None


def _hint_elsewhere(condition: Condition, fields: EventFields) -> str | None:
    name = _simplify(condition.path).rpartition(".")[2]
    paths = [
        path
        for path in fields.values
        if _simplify(path).rpartition(".")[2] == name
        and _is_telling(condition, path, fields)
    ]
    matching = [path for path in paths if _would_match(condition, path, fields)]
    if len(paths) != 1 and not matching:
        return None
    path = (matching or paths)[0]
    ending = _would_match(condition, path, fields)
    return f"the event has a field of that name elsewhere: {path}{ending}"


def _hint_operator_text(condition: Condition, fields: EventFields) -> str | None:
    return next(filter(None, map(hint_operator_text, condition.items)), None)


def _hint_siblings(condition: Condition, fields: EventFields) -> str | None:
    """Say what stands where the field was looked for; at the top everybody knows."""
    above, _, name = condition.path.rpartition(".")
    while above and above not in fields.containers:
        above, _, name = above.rpartition(".")
    if not above:
        is_usual = name in ENVELOPE or name == "detail"
        return f"every event has {name}; this is not a whole one" if is_usual else None
    if not _has_fields(above, fields):
        return f"{above} is an {fields.containers[above]}"
    start = len(above) + 1
    names = dict.fromkeys(
        path[start:].partition(".")[0]
        for path in fields.paths
        if path.startswith(f"{above}.")
    )
    shown = ", ".join(shorten(name, MAX_SHOWN_NAME) for name in [*names][:SHOWN_NAMES])
    more = f" and {len(names) - SHOWN_NAMES} more" * (len(names) > SHOWN_NAMES)
    return f"{above} has {shown}{more}"


MISSING_FIELD_HINTS: tuple[Callable[[Condition, EventFields], str | None], ...] = (
    _hint_operator_as_field,
    _hint_container,
    _hint_value_above,
    _hint_entry,
    _hint_spelling,
    _hint_level,
    _hint_close_name,
    _hint_operator_text,
    _hint_need_of_value,
    _hint_elsewhere,
    _hint_siblings,
)


def _has_fields(path: str, fields: EventFields) -> bool:
    return any(other.startswith(f"{path}.") for other in fields.paths)


def _choose(condition: Condition, paths: list[str], fields: EventFields) -> str:
    """Choose the first path where the condition would be met, or the first at all."""
    return next(
        (path for path in paths if _would_match(condition, path, fields)), paths[0]
    )


def _is_telling(condition: Condition, path: str, fields: EventFields) -> bool:
    """Leave out what every event has, unless it is what the pattern asks for."""
    return path not in ENVELOPE or bool(_would_match(condition, path, fields))


def _simplify(path: str) -> str:
    return path.translate(SEPARATORS).casefold()


def _is_shorter(wanted: list[str], actual: list[str]) -> bool:
    return (
        len(actual) + 1 == len(wanted)
        and actual[-1] == wanted[-1]
        and any(
            wanted[:index] + wanted[index + 1 :] == actual
            for index in range(len(wanted))
        )
    )


def _is_longer(wanted: list[str], actual: list[str]) -> bool:
    return _is_shorter(actual, wanted)


def _would_match(condition: Condition, path: str, fields: EventFields) -> str:
    if all(map(is_absence, condition.items)):
        return ""
    would = any(map(condition.test, fields.values[path]))
    return ", where it would match" if would else ""
