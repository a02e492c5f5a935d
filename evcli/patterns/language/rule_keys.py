"""The columns under which a rule can be found without looking at its pattern.

Source: ours; ARCHITECTURE "Matching".
"""

from __future__ import annotations

from evcli.patterns.language.conditions import EXACT_TEXTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.patterns.language.conditions import Condition, EventPattern

    Key = tuple[str | None, str | None]

MAX_KEYS = 16


def literal_keys(pattern: EventPattern) -> list[Key]:
    """List the (source, detail-type) pairs of which every matching event has one.

    `None` stands for anything: the pattern leaves the field open, or says more about it
    than plain strings, or there would be too many pairs. Addresses have other spellings
    and are left open too. No pair occurs twice.
    """
    for columns in (("source", "detail-type"), ("source", ""), ("", "detail-type")):
        keys: dict[Key, None] = {}
        for alternative in pattern.alternatives:
            sources, detail_types = (
                _literals(alternative, column) for column in columns
            )
            if len(sources) * len(detail_types) > MAX_KEYS:
                break
            keys.update(
                {(source, kind): None for source in sources for kind in detail_types}
            )
            if len(keys) > MAX_KEYS:
                break
        else:
            return list(keys)
    return [(None, None)]


def _literals(alternative: tuple[Condition, ...], path: str) -> list[str | None]:
    for condition in alternative:
        if path and condition.path == path:
            if all(item.operator in EXACT_TEXTS for item in condition.items):
                return list(dict.fromkeys(item.operand for item in condition.items))
            break
    return [None]
