"""Why a pattern matches an event or does not: a tree of verdicts, with hints.

verdict = explain(pattern, event)
print(format_verdict(verdict))

`verdicts` makes the tree, which holds nothing but texts, numbers and truth values, and
writes it as JSON values. `rendering` words it: whole, line by line with the style of each
line, or in one sentence. `hints` and the modules named after it find the nearest misses.
"""

from __future__ import annotations

from evcli.patterns.explain.rendering import find_reason, format_verdict, render_lines
from evcli.patterns.explain.verdicts import PatternVerdict, explain, verdict_to_dict

__all__ = [
    "PatternVerdict",
    "explain",
    "find_reason",
    "format_verdict",
    "render_lines",
    "verdict_to_dict",
]
