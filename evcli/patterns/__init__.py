"""The event pattern language: text -> tree -> verdict -> explanation.

    pattern = compile_pattern('{"source": ["shop"]}')
    match(pattern, read_event('{"source": "shop"}'))        # True

Explanations are in `evcli.patterns.explain` and the index over many patterns is in
`evcli.patterns.index`; neither is imported here, for the sake of start-up.
"""

from __future__ import annotations

from evcli.patterns.compiler import compile_pattern
from evcli.patterns.conditions import EventPattern
from evcli.patterns.evaluator import match
from evcli.patterns.keys import literal_keys
from evcli.patterns.leaves import (
    Event,
    EventTextError,
    leaves_of,
    parse_json,
    read_event,
)

__all__ = [
    "Event",
    "EventPattern",
    "EventTextError",
    "compile_pattern",
    "leaves_of",
    "literal_keys",
    "match",
    "parse_json",
    "read_event",
]
