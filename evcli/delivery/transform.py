"""Input transformers: what may stand in an input template, and what it becomes.

A template holds placeholders, `<name>`, between text that must be JSON once they are
filled in: one JSON value, or several quoted lines. Whether it can become JSON is judged
on the *neutral* template: placeholders inside a string vanish, others become `0`.

A template that begins with a quote is a *string template*: what it becomes is not looked
at again. Any other is a *JSON template*, and becomes one JSON value or nothing. The value
of a placeholder is written as JSON, but bare inside a string, where nothing is escaped.

Source: [aws] unknown placeholders, both kinds of templates, strings, objects, arrays and
missing values in both; [doc] quotes are required around text, placeholders are no keys,
keys do not start with AWS; [guess] how the service words all but unknown placeholders,
null, and placeholders between the strings of a string template, which are as in JSON.
"""

from __future__ import annotations

import json
import re

from evcli.arns import parse_arn, split_rule_resource
from evcli.delivery.envelopes import (
    count_bytes,
    format_json,
    format_time,
    is_too_deep,
    refuse_constant,
)
from evcli.delivery.event_paths import MISSING, find_by_path, format_bare
from evcli.store.epoch import to_epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from evcli.delivery.events import AcceptedEvent

# Any run between angle brackets is a placeholder; brackets cannot be escaped. A lone
# bracket is text.
PLACEHOLDER = re.compile(r"<([^<>]*)>")
# A whole string, or the beginning of one that never ends.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_TOKEN = re.compile(f"(?P<string>{_STRING.pattern})|{PLACEHOLDER.pattern}", re.DOTALL)
_COLON = re.compile(r"\s*:")
_WORD = re.compile(r"\w*")
_BLANKS = re.compile(r"[ \t\r\n]*")
# What filling looks at: placeholders, escapes, quotes. A bracket cannot be escaped.
_SIGN = re.compile(rf'{PLACEHOLDER.pattern}|\\(?!<[^<>]*>).|"', re.DOTALL)

# The most that a template may make of an event, in bytes. [guess] More than any target
# takes but API Gateway; a short template on a long event could fill the memory.
MOST_BYTES = 8 * 1024 * 1024

# What of a result that is not JSON goes into the message, in characters.
EXCERPT = 60


class TemplateError(ValueError):
    """A template that cannot become JSON; `position` is an index into it."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class ResultTooLargeError(ValueError):
    """A template that makes more of an event than `MOST_BYTES`."""


def transform(
    transformer: dict[str, Any], event: AcceptedEvent, rule_arn: str
) -> tuple[str, str | None]:
    """Fill the template of an input transformer from an event.

    Args:
        transformer: in wire spelling.

    Returns:
        The text, and why it is not the JSON that it should be; `None` when it is.

    Raises: ResultTooLargeError.
    """
    paths = transformer.get("InputPathsMap", {})

    def find_value(name: str) -> Any:
        if name in paths:
            return find_by_path(event.envelope, paths[name])
        find_reserved = RESERVED_VARIABLES.get(name)
        if find_reserved is None:
            return MISSING
        return find_reserved(event, rule_arn)

    template = transformer["InputTemplate"]
    text = fill_template(template, find_value)
    return text, None if is_string_template(template) else find_json_problem(text)


def find_json_problem(text: str) -> str | None:
    """Say why a text is not one JSON value; `None` when it is."""
    try:
        # Numbers are not read: one of thousands of digits is JSON all the same.
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        return f"{error.msg}, at {_quote(text, error.pos)}"
    except (ValueError, RecursionError) as error:
        return str(error)
    return None


def _quote(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    start = max(position - EXCERPT // 2, 0)
    excerpt = text[start : start + EXCERPT]
    before = "…" if start else ""
    after = "…" if start + EXCERPT < len(text) else ""
    return f"line {line}, column {column} of {before}{excerpt}{after}"


def is_string_template(template: str) -> bool:
    """Say whether a template makes text, and not JSON."""
    return template.startswith('"', _skip_blanks(template, 0))


def fill_template(template: str, find_value: Callable[[str], Any]) -> str:
    """Replace every placeholder, in one pass: what a value brings in is text.

    Args:
        find_value: from the name of a placeholder to its value, `MISSING` for none.

    Raises: ResultTooLargeError: known before there is such a text.
    """
    is_string = is_string_template(template)
    is_inside = False
    filled: list[str] = []
    size = done = 0

    def append(text: str) -> None:
        nonlocal size
        size += count_bytes(text)
        if size > MOST_BYTES:
            raise ResultTooLargeError
        filled.append(text)

    for sign in _SIGN.finditer(template):
        name = sign[1]
        if name is None:
            # Escapes count inside strings only, but outside they are an error anyway.
            is_inside ^= sign[0] == '"'
            continue
        append(template[done : sign.start()])
        append(_format_value(find_value(name), is_inside, is_string))
        done = sign.end()
    append(template[done:])
    # Half a surrogate pair cannot be sent; in JSON its escape means the same.
    return "".join(filled).encode("utf-8", "backslashreplace").decode()


def _format_value(value: Any, is_inside: bool, is_string: bool) -> str:
    if not is_inside:
        return '""' if value is MISSING else format_json(value)
    if value is MISSING:
        return ""
    text = format_bare(value)
    if is_string and isinstance(value, dict | list):
        return text.replace('"', "")
    return text


def _find_rule_name(_event: AcceptedEvent, rule_arn: str) -> str:
    arn = parse_arn(rule_arn)
    return rule_arn if arn is None else split_rule_resource(arn.resource)[1]


def _find_event(event: AcceptedEvent, _rule_arn: str) -> dict[str, Any]:
    """The event without its detail, as the service's own objects print.

    Source: [aws] members, order and `detailType`; [guess] the time in epoch milliseconds,
    because recordings show that it is no ISO 8601 text.
    """
    from datetime import datetime

    envelope = event.envelope
    time = envelope["time"]
    try:
        time = to_epoch_ms(datetime.fromisoformat(time))
    except (ValueError, TypeError):
        time = to_epoch_ms(event.row.accepted_at)
    return {
        "id": envelope["id"],
        "account": envelope["account"],
        "detailType": envelope["detail-type"],
        "time": time,
        "source": envelope["source"],
        "region": envelope["region"],
        "resources": envelope["resources"],
        "version": envelope["version"],
    }


# Name -> function of (event, rule ARN). Source: [aws] [doc].
RESERVED_VARIABLES: dict[str, Callable[[AcceptedEvent, str], Any]] = {
    "aws.events.rule-arn": lambda event, rule_arn: rule_arn,
    "aws.events.rule-name": _find_rule_name,
    "aws.events.event.ingestion-time": lambda event, rule_arn: format_time(
        event.row.accepted_at
    ),
    "aws.events.event": _find_event,
    "aws.events.event.json": lambda event, rule_arn: event.envelope,
}


def check_input_template(
    target_id: str, template: str, names: Collection[str]
) -> list[str]:
    """List the problems of an input transformer, as PutTargets words them.

    Args:
        names: the keys of `InputPathsMap`, whether the template uses them or not.
    """
    problems = [
        f"InputPathsMap for target {target_id} contains invalid key {name}."
        for name in names
        if name.startswith("AWS")
    ]
    known = {*names, *RESERVED_VARIABLES}
    unknown = [name for name in PLACEHOLDER.findall(template) if name not in known]
    problems += [
        f"InputTemplate for target {target_id} contains invalid placeholder {name}."
        for name in dict.fromkeys(unknown)
    ]
    if not unknown:
        # Known names hold no quotes, so they cannot disturb the reading of strings.
        try:
            read_template(template)
        except TemplateError as error:
            where = format_position(template, error.position)
            problems.append(f"Invalid InputTemplate for target {target_id} : {where}.")
    return problems


def check_input(target_id: str, text: str) -> list[str]:
    """List the problems of a constant input, as PutTargets words them.

    Source: [peer] the text for an input that is not JSON, up to the position. Another
    one, "is not a valid JSON text", is [aws] for templates of log groups.
    """
    try:
        if is_too_deep(text):
            raise RecursionError
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        # The recorded position lies behind the word that is none of JSON's.
        start = error.pos if isinstance(error, json.JSONDecodeError) else 0
        word = _WORD.match(text, start)
        where = format_position(text, word.end() if word else start)
        return [f"JSON syntax error in input for target {target_id}: {where}"]
    return []


def format_position(text: str, position: int) -> str:
    """Name a position in a text as the service's JSON parser does. [peer]"""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f'[Source: (String)"{text}"; line: {line}, column: {column}]'


def read_template(template: str) -> list[Any]:
    """Read the neutral template: the JSON values in it, blanks between them.

    Raises: TemplateError: it cannot become JSON.
    """
    if is_too_deep(template):
        raise TemplateError(0)
    text, origins = _neutralise(template)
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    values: list[Any] = []
    position = _skip_blanks(text, 0)
    while position < len(text) or not values:
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise TemplateError(origins[error.pos]) from None
        except (ValueError, RecursionError):
            raise TemplateError(origins[position]) from None
        values.append(value)
        position = _skip_blanks(text, end)
        if position == end < len(text):
            raise TemplateError(origins[end])
    return values


def _skip_blanks(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    assert match is not None
    return match.end()


def _neutralise(template: str) -> tuple[str, list[int]]:
    """Make the neutral template; say for each character, and the end, where it came from.

    Raises: TemplateError: a placeholder is (part of) an object key.
    """
    text: list[str] = []
    origins: list[int] = []
    done = 0

    def copy(end: int) -> None:
        nonlocal done
        text.append(template[done:end])
        origins.extend(range(done, end))
        done = end

    for token in _TOKEN.finditer(template):
        copy(token.start())
        if token["string"] is None:
            text.append("0")
            origins.append(token.start())
            done = token.end()
            continue
        for hole in PLACEHOLDER.finditer(template, token.start(), token.end()):
            if _COLON.match(template, token.end()):
                raise TemplateError(hole.start())
            copy(hole.start())
            done = hole.end()
        copy(token.end())
    copy(len(template))
    return "".join(text), [*origins, len(template)]
