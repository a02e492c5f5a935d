"""What an event pattern that is one means, and whether anybody can have meant that."""

from __future__ import annotations

import re

from evcli.authoring.lint import known_events
from evcli.authoring.lint.subjects import OR, is_object, show
from evcli.patterns.language.events import NumberText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Finding, Leaf, Path, Pattern

# Fields of the envelope. Source: [doc] events; [aws] `replay-name` of those replayed.
ENVELOPE = (
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
)
# What nearly every event meets.
BROAD = {"account", "region", "version", "id", "time"}
REGULAR_EXPRESSION = re.compile(r"\^.*|.*[^\\]\$|.*\.\*.*|.*\[[^\]]+\][+*].*")
# `ARN:TYPE:ID` where the service writes `ARN:TYPE/ID`.
COLON_FOR_SLASH = re.compile(
    r"arn:[^:]+:ec2:[^:]*:[^:]*:(instance|volume|snapshot|image):"
)
CALLS = f"AWS API Call{known_events.RECORDED}"
READING = ("Get", "List", "Describe")
READING_STATE = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def check_top_names(pattern: Pattern) -> Iterator[Finding]:
    """Look for names that no envelope has. EB201, EB202"""
    from difflib import get_close_matches

    for name, inner in pattern.get_members():
        if name in (*ENVELOPE, OR) or name.partition(".")[0] in ENVELOPE:
            continue
        spelled = re.sub("[^a-z]", "", name.casefold())
        by_letters = {each.replace("-", ""): each for each in ENVELOPE}
        near = by_letters.get(spelled) or next(
            iter(get_close_matches(name[:50], ENVELOPE, 1, 0.75)), None
        )
        if near:
            fix = f'write "{near}"'
            yield pattern.find("EB201", (name,), f"no event has {name}", fix)
        else:
            kind = "fields" if is_object(inner) else "a field"
            message = f"no event has {name} beside detail, only {kind} in it may be so"
            fix = f'write {{"detail": {{"{name}": …}}}}'
            yield pattern.find("EB202", (name,), message, fix)


def check_envelope_types(pattern: Pattern) -> Iterator[Finding]:
    """Look for numbers, true, false and null where there is text. EB203"""
    texts = set(ENVELOPE) - {"detail"}
    for leaf in pattern.leaves:
        if leaf.field not in texts:
            continue
        for i, item in enumerate(leaf.items):
            is_number = isinstance(item, NumberText)
            if (
                is_number
                or item in (True, False, None)
                or "numeric" in _get_operator(item)
            ):
                message = f"{leaf.field} is text, which {show(item)} never equals"
                fix = f'write "{item}"' if is_number else ""
                yield pattern.find("EB203", (*leaf.path, i), message, fix)


def check_lists(pattern: Pattern) -> Iterator[Finding]:
    """Look at the items of a list together. EB204, EB213, EB215"""
    for leaf in pattern.leaves:
        if len(leaf.items) > 1:
            yield from _check_alternatives(pattern, leaf)
        yield from _check_idle_items(pattern, leaf)
        if None in leaf.items and {"exists": False} not in leaf.items:
            i = leaf.items.index(None)
            message = f"null matches {leaf.field} only where it is there and null"
            yield pattern.find("EB213", (*leaf.path, i), message)


def _check_alternatives(pattern: Pattern, leaf: Leaf) -> Iterator[Finding]:
    negated = [each for each in leaf.items if "anything-but" in _get_operator(each)]
    message = ""
    if len(negated) > 1 and len({repr(each) for each in negated}) > 1:
        message = "one anything-but of several is always met"
    elif negated and len(negated) < len(leaf.items):
        others = [each for each in leaf.items if each not in negated]
        excluded = _list_operands(negated[0])
        if any(each in excluded for each in others):
            message = "a value stands beside the anything-but that excludes it"
    elif {"exists": True} in leaf.items and {"exists": False} in leaf.items:
        message = "the field may be there or not"
    if message:
        text = f"{message}: every value of {leaf.field} matches"
        yield pattern.find("EB204", leaf.path, text)


def _check_idle_items(pattern: Pattern, leaf: Leaf) -> Iterator[Finding]:
    prefixes = [
        each["prefix"]
        for each in leaf.items
        if is_object(each) and isinstance(dict(each.items()).get("prefix"), str)
    ]
    seen: set[str] = set()
    for i, item in enumerate(leaf.items):
        path, key = (*leaf.path, i), repr(item)
        if key in seen:
            yield pattern.find("EB215", path, f"{show(item)} stands there already")
        seen.add(key)
        if item == {"prefix": ""} or item == {"suffix": ""}:
            message = f"{show(item)} is met by every text"
            yield pattern.find("EB215", path, message, 'write {"exists": true}')
        operand = _get_operand(item, "wildcard")
        if isinstance(operand, str) and "*" not in operand:
            message = f"{show(item)} has no *"
            yield pattern.find("EB215", path, message, f"write {show(operand)}")
        is_text = isinstance(item, str) and not isinstance(item, NumberText)
        if is_text and any(each and item.startswith(each) for each in prefixes):
            message = f"{show(item)} is met by a prefix of the list already"
            yield pattern.find("EB215", path, message)


def check_plain_patterns(pattern: Pattern) -> Iterator[Finding]:
    """Look for stars and regular expressions among plain values. EB205"""
    for leaf in pattern.leaves:
        for i, item in enumerate(leaf.items):
            if not isinstance(item, str) or isinstance(item, NumberText):
                continue
            path = (*leaf.path, i)
            if leaf.field == "resources" and item.startswith("arn:"):
                continue
            if REGULAR_EXPRESSION.fullmatch(item[:1000]):
                message = f"{show(item)} is compared as it is, not as an expression"
                yield pattern.find("EB205", path, message)
            elif "*" in item:
                message = f"the * in {show(item)} is compared as it is"
                fix = f'write {{"wildcard": {show(item)}}}'
                if item == "*":
                    fix = 'leave the field out, or write {"exists": true}'
                yield pattern.find("EB205", path, message, fix)


def check_resources(pattern: Pattern) -> Iterator[Finding]:
    """Look at ARNs among resources. EB208"""
    for leaf in pattern.leaves:
        if leaf.field != "resources":
            continue
        for i, item in enumerate(leaf.items):
            if not isinstance(item, str) or not item.startswith("arn:"):
                continue
            path = (*leaf.path, i)
            if "*" in item:
                message = f"the * in {show(item)} is compared as it is"
                fix = f'write {{"wildcard": {show(item)}}}'
                yield pattern.find("EB208", path, message, fix)
            elif COLON_FOR_SLASH.match(item):
                before, _, last = item.rpartition(":")
                message = f"EC2 writes a / and not a : before {show(last)}"
                yield pattern.find("EB208", path, message, f'write "{before}/{last}"')
            elif item.count(":") < 5:
                message = f"{show(item)} is not a whole ARN"
                yield pattern.find("EB208", path, message)


def check_dotted_names(pattern: Pattern) -> Iterator[Finding]:
    """Look for names with dots. EB216"""
    for leaf in pattern.leaves:
        dotted = [each for each in leaf.path if isinstance(each, str) and "." in each]
        if dotted:
            message = f'"{dotted[0]}" means fields in fields'
            yield pattern.find("EB216", leaf.path, message)


def check_breadth(pattern: Pattern) -> Iterator[Finding]:
    """Look for patterns that say next to nothing. EB217"""
    if not pattern.leaves:
        return
    says = [
        leaf
        for leaf in pattern.leaves
        if leaf.field not in BROAD
        and not all(each in ({"prefix": ""}, {"exists": True}) for each in leaf.items)
    ]
    if not says:
        names = ", ".join(dict.fromkeys(leaf.field for leaf in pattern.leaves))
        message = f"it only says something of {names}"
        yield pattern.find("EB217", (), message)


def check_contradictions(pattern: Pattern) -> Iterator[Finding]:
    """Look for fields that have to be a value and to have fields. EB214"""
    assert pattern.compiled is not None
    told: set[str] = set()
    for alternative in pattern.compiled.alternatives:
        valued = {each.path for each in alternative if not each.wants_absent}
        for path in valued - told:
            parts = path.split(".")
            above = {".".join(parts[:i]) for i in range(1, len(parts))} & valued
            if above:
                told.add(path)
                name = above.pop()
                message = f"{name} would have to be a value and to have {path}"
                yield pattern.find("EB214", _find_path(pattern, path), message)


def _find_path(pattern: Pattern, field: str) -> Path:
    return next((leaf.path for leaf in pattern.leaves if leaf.field == field), ())


def check_known_events(pattern: Pattern) -> Iterator[Finding]:
    """Hold source and detail-type against those that AWS has. EB209, EB210"""
    sources = _list_texts(pattern, "source")
    types = _list_texts(pattern, "detail-type")
    known = known_events.read_known()
    for path, source in sources:
        if source in known or source.startswith(known_events.PARTNER):
            continue
        is_own = not source.casefold().startswith(known_events.AWS)
        near = None if is_own else known_events.find_near_source(source)
        if near:
            message = f"no service has the source {show(source)}; {near} is one"
            yield pattern.find("EB209", path, message, f'write "{near}"')
        elif source.startswith(known_events.AWS) and not any(
            text.endswith(known_events.RECORDED) for _, text in types
        ):
            message = f"evcli knows no service of AWS with the source {show(source)}"
            yield pattern.find("EB210", path, message)
    names = [source for _, source in sources]
    if not names or not all(each in known for each in names):
        return
    for path, text in types:
        yield from _check_type(pattern, names, path, text)


def _check_type(
    pattern: Pattern, sources: list[str], path: Path, text: str
) -> Iterator[Finding]:
    known = known_events.read_known()
    if text.endswith(known_events.RECORDED) or any(
        text in known[source] for source in sources
    ):
        return
    for source in sources:
        near = known_events.find_near_type(source, text)
        if near:
            message = f"{source} has no detail-type {show(text)}; {near} is one"
            yield pattern.find("EB209", path, message, f'write "{near}"')
            return
    others = known_events.list_sources_of(text)
    if others:
        message = f"{show(text)} comes from {' and '.join(others)}, not {sources[0]}"
        yield pattern.find("EB209", path, message, f'write "source": ["{others[0]}"]')


def check_recorded_calls(pattern: Pattern, state: str) -> Iterator[Finding]:
    """Look at patterns for calls that CloudTrail records. EB207

    Args:
        state: that of the rule.
    """
    types = [text for _, text in _list_texts(pattern, "detail-type")]
    if CALLS not in types or not pattern.leaves:
        return
    fields = {leaf.field for leaf in pattern.leaves}
    if not fields & {"detail.eventName", "detail.eventSource"}:
        message = "it matches every call that CloudTrail records"
        yield pattern.find("EB207", _find_path(pattern, "detail-type"), message)
        return
    names = [text for _, text in _list_texts(pattern, "detail.eventName")]
    if names and all(each.startswith(READING) for each in names) and state == "ENABLED":
        path = _find_path(pattern, "detail.eventName")
        message = f"{names[0]} only reads: such calls come in another State only"
        yield pattern.find("EB207", path, message, f"set State to {READING_STATE}")


def _list_texts(pattern: Pattern, field: str) -> list[tuple[Path, str]]:
    """List the plain texts of a field, each with its path."""
    return [
        ((*leaf.path, i), item)
        for leaf in pattern.leaves
        if leaf.field == field
        for i, item in enumerate(leaf.items)
        if isinstance(item, str) and not isinstance(item, NumberText)
    ]


def _get_operator(item: object) -> tuple[str, ...]:
    return tuple(name for name, _ in item.items()) if is_object(item) else ()  # type: ignore[attr-defined]


def _get_operand(item: Any, operator: str) -> Any:
    return dict(item.items()).get(operator) if is_object(item) else None


def _list_operands(item: Any) -> list[Any]:
    operand = _get_operand(item, "anything-but")
    return operand if isinstance(operand, list) else [operand]


CHECKS = (
    check_envelope_types,
    check_lists,
    check_plain_patterns,
    check_resources,
    check_dotted_names,
    check_breadth,
    check_contradictions,
    check_known_events,
)
