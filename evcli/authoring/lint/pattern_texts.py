"""Whether an event pattern is one, and if not, which mistake it is.

`patterns` finds the fault; the table says under which id it goes.
"""

from __future__ import annotations

import json
import re
from collections import Counter

from evcli.authoring.lint.subjects import is_object
from evcli.patterns.language.events import Repeated
from evcli.store.directory.configuration import QUOTAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from evcli.authoring.lint.subjects import Finding, Path, Pattern

# How a reason begins or what it has in it → check; the first one that fits.
FAULTS: tuple[tuple[str, str], ...] = (
    ("must be an object or an array", "EB101"),
    ("^Empty (objects|arrays) are not allowed", "EB102"),
    ("(?i)wildcard|^Invalid escape character|^Rule is too complex - try", "EB109"),
    (r"\$or|inside \$or|^Rule is too complex", "EB108"),
    ("(?i)anything.but|^Null prefix/suffix|^Match value must be", "EB107"),
    ("(?i)numeric|^Bottom must be less|^Cannot compare number", "EB106"),
    ("CIDR|IP address|mask bits", "EB110"),
    ("(?i)match|expression name|pattern: |Only one key", "EB103"),
)
REPEATED = 'the key "{}" stands twice; the later one replaces the earlier'


def check_text(pattern: Pattern) -> Iterator[Finding]:
    """Say why a text is no event pattern, as AWS would. EB101 to EB110"""
    if pattern.fault is None:
        return
    reason = pattern.fault.reason
    # Behind the first line are positions in a text that nobody wrote so.
    message = reason.partition("\n")[0].strip()
    yield pattern.find(
        _find_check(pattern, reason), find_path(pattern, message), message
    )


def _find_check(pattern: Pattern, reason: str) -> str:
    if isinstance(pattern.tree, str) and _is_json(pattern.tree):
        return "EB104"
    if pattern.tree is None or not is_object(pattern.tree):
        return "EB105"
    for expression, check in FAULTS:
        if re.search(expression, reason):
            return check
    return "EB105"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def find_path(pattern: Pattern, message: str) -> Path:
    """Find what a reason is about in the tree, where that can be told."""
    named = re.match(r'"(.*)" must be an object or an array', message)
    wanted = re.match("Empty (object|array)s", message)
    stack: list[tuple[object, Path]] = [(pattern.tree, ())]
    while stack:
        value, path = stack.pop()
        if wanted and value == ({} if wanted[1] == "object" else []):
            return path
        if isinstance(value, list):
            stack += [(each, (*path, i)) for i, each in enumerate(value)][::-1]
        elif isinstance(value, (dict, Repeated)):
            stack += [(each, (*path, name)) for name, each in value.items()][::-1]
        elif named and path and path[-1] == named[1]:
            return path
    return ()


def check_repeated_keys(pattern: Pattern) -> Iterator[Finding]:
    """Name lists that stand twice in an object. EB111"""
    stack: list[tuple[object, Path]] = [(pattern.tree, ())]
    while stack:
        value, path = stack.pop()
        if isinstance(value, list):
            stack += [(each, (*path, i)) for i, each in enumerate(value)]
        if isinstance(value, (dict, Repeated)):
            # Objects of one name are taken together.
            counts = Counter(
                name for name, each in value.items() if not is_object(each)
            )
            for name, count in counts.items():
                if count > 1:
                    yield pattern.find("EB111", (*path, name), REPEATED.format(name))
            stack += [(each, (*path, name)) for name, each in value.items()]


def check_length(pattern: Pattern) -> Iterator[Finding]:
    """Hold a pattern against the quota. EB112"""
    length = len(pattern.text)
    most = QUOTAS["event_pattern_characters"]
    if length > most:
        yield pattern.find(
            "EB112",
            (),
            f"it has {length:,} characters, and an account may have {most:,}",
        )


CHECKS = (check_text, check_repeated_keys, check_length)
