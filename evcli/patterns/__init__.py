"""The event pattern language: text -> tree -> verdict -> explanation.

    pattern = compile_pattern('{"source": ["shop"]}')
    match(pattern, read_event('{"source": "shop"}'))        # True

Texts become trees in `language`, trees meet events in `matching`, verdicts get their
words in `explain`; each imports only from those before it. The index over many patterns
(`matching.index`) and the explanations are not imported here, for the sake of start-up.
"""

from __future__ import annotations

from evcli.patterns.language.compiler import compile_pattern
from evcli.patterns.language.conditions import EventPattern, literal_keys
from evcli.patterns.language.events import (
    EventTextError,
    EventTree,
    parse_json,
    read_event,
)
from evcli.patterns.matching.evaluator import match

__all__ = [
    "EventPattern",
    "EventTextError",
    "EventTree",
    "compile_pattern",
    "literal_keys",
    "match",
    "parse_json",
    "read_event",
]
