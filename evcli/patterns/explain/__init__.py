"""Why a pattern matches an event or does not: the verdict in words, with hints.

verdict = explain(pattern, event)
print(format_verdict(verdict))
"""

from __future__ import annotations

from evcli.patterns.explain.verdicts import (
    PatternVerdict,
    explain,
    format_verdict,
    verdict_to_dict,
)

__all__ = ["PatternVerdict", "explain", "format_verdict", "verdict_to_dict"]
