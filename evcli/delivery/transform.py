"""Input transformers: what may stand in an input template.

A template holds placeholders, `<name>`, between text that must be JSON once they are
filled in: one JSON value, or several quoted lines. Whether it can become JSON is judged
on the *neutral* template: placeholders inside a string vanish, others become `0`.

Source: [aws] unknown placeholders; [doc] quotes are required around text, placeholders
are no keys, keys do not start with AWS; [inf] how the service words all but the first.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, NoReturn

RESERVED_VARIABLES = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
)

# Any run between angle brackets is a placeholder; brackets cannot be escaped. A lone
# bracket is text.
PLACEHOLDER = re.compile(r"<([^<>]*)>")
# A whole string, or the beginning of one that never ends.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_TOKEN = re.compile(f"(?P<string>{_STRING.pattern})|{PLACEHOLDER.pattern}", re.DOTALL)
_COLON = re.compile(r"\s*:")
_BLANKS = re.compile(r"[ \t\r\n]*")


class TemplateError(ValueError):
    """A template that cannot become JSON; `position` is an index into it."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


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


def format_position(text: str, position: int) -> str:
    """Name a place in a text the way the service's JSON parser does. [report]"""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f'[Source: (String)"{text}"; line: {line}, column: {column}]'


def read_template(template: str) -> list[Any]:
    """Read the neutral template: the JSON values in it, blanks between them.

    Raises: TemplateError: it cannot become JSON.
    """
    text, origins = _neutralise(template)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _skip_blanks(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    assert match is not None
    return match.end()


def _neutralise(template: str) -> tuple[str, list[int]]:
    """Make the neutral template; say for each character, and the end, whence it came.

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
