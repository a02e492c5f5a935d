"""What `lint` reads: what `import` reads, and besides bare event patterns and rules.

A rule is what describe-rule answers or put-rule takes, with or without its targets, or
several of them as list-rules answers.
"""

from __future__ import annotations

import io
import json
import os

from evcli.arns import DEFAULT_EVENT_BUS, parse_arn, split_event_bus_arn
from evcli.authoring.lint.pattern_meanings import ENVELOPE
from evcli.authoring.lint.subjects import OR, Pattern, Subjects
from evcli.errors import ConfigurationError
from evcli.infrastructure.description import Description, Origin, Resource, Stack
from evcli.infrastructure.formats import is_toml, name_stack
from evcli.infrastructure.reading import read_files
from evcli.infrastructure.sources import STANDARD_STREAM, parse_source, read_text
from evcli.infrastructure.wire import to_wire, write_json_text
from evcli.model import find_operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

    from evcli.infrastructure.formats import ReadOptions
    from evcli.infrastructure.sources import Source

    Value = dict[str, Any]

# No pattern is nearly as long, and no template; a plan may be.
MOST_CHARACTERS = 2_000_000
RULE_MEMBERS = ("EventPattern", "ScheduleExpression")
# Letters of the envelope's names, by which misspelt ones are known, too.
FIELDS = {name.replace("-", "") for name in ENVELOPE} | {
    "details",
    "resource",
    "sources",
}


def read_sources(paths: Sequence[str], options: ReadOptions, stdin: TextIO) -> Subjects:
    """Read files, each of whatever form.

    Raises: ConfigurationError: one cannot be read: its name, the line, why.
    """
    others: list[str] = []
    templates: list[Source] = []
    own = Description()
    patterns: list[Pattern] = []
    bare: set[Any] = set()
    for path in paths:
        if path == STANDARD_STREAM:
            # It can be read once only.
            stdin = io.StringIO(read_text(path, stdin))
        found = None if os.path.isdir(path) else _open(path, options, stdin)
        if path == STANDARD_STREAM:
            stdin.seek(0)
        if found is None or "Resources" in found.value:
            others.append(path)
            templates += [] if found is None else [found]
        elif _list_rules(found.value):
            _add_rules(own, bare, found, options)
        else:
            patterns.append(_make_pattern(found))
    description = read_files(others, options, stdin) if others else Description()
    description.extend(own)
    return Subjects(description, patterns, frozenset(bare), templates)


def _open(path: str, options: ReadOptions, stdin: TextIO) -> Source | None:
    """Open a file that is a template, a pattern or has rules; `None` for all others."""
    if options.format not in (None, "cloudformation", "sam"):
        return None
    text = read_text(path, stdin)
    if len(text) > MOST_CHARACTERS or is_toml(path, text):
        return None
    try:
        source = parse_source(path, text)
    except RecursionError as error:
        problem = f"{path}: its values are nested too deep."
        raise ConfigurationError(problem) from error
    value = source.value
    if not isinstance(value, dict):
        return None
    is_template = isinstance(value.get("Resources"), dict)
    is_pattern = any(_is_field(name) for name in value)
    return source if is_template or is_pattern or _list_rules(value) else None


def _is_field(name: object) -> bool:
    letters = "".join(each for each in str(name).casefold() if each.isalpha())
    return name == OR or letters in FIELDS or str(name).partition(".")[0] in ENVELOPE


def _list_rules(value: Value) -> list[tuple[tuple[str | int, ...], Value]]:
    """List the rules in a document, each with its path."""
    if any(isinstance(value.get(name), (str, dict)) for name in RULE_MEMBERS):
        return [((), value)]
    rules = value.get("Rules")
    if not isinstance(rules, list):
        return []
    return [
        (("Rules", i), each) for i, each in enumerate(rules) if isinstance(each, dict)
    ]


def _make_pattern(source: Source) -> Pattern:
    # As it stands, where it is JSON: positions and repeated keys are those of the file.
    is_json = source.text.lstrip().startswith("{")
    text = source.text if is_json else json.dumps(source.value, ensure_ascii=False)
    stack = Stack(source.path)
    return Pattern("", text, Origin(stack, source.name, locate=source.locate))


def _add_rules(
    description: Description, bare: set[Any], source: Source, options: ReadOptions
) -> None:
    """Add the rules of a document to a description, with their targets."""
    stack = Stack(source.path)
    shape = find_operation("PutRule").request
    for path, rule in _list_rules(source.value):
        origin = Origin(stack, source.name, path, locate=source.locate)
        scope, event_bus = _find_scope(rule.get("EventBusName"), options)
        name = str(rule.get("Name") or name_stack(source.path))
        members = {key: each for key, each in rule.items() if key in shape.members}
        for key in ("Name", "EventBusName", "Tags"):
            members.pop(key, None)
        members["EventPattern"] = write_json_text(members.get("EventPattern"))
        members = {key: each for key, each in members.items() if each is not None}
        members = to_wire(shape, members, {})
        found = Resource("rule", *scope, (event_bus, name), members, origin)
        description.resources.append(found)
        targets = rule.get("Targets")
        if not isinstance(targets, list):
            bare.add(found.key)
            continue
        for i, target in enumerate(targets):
            if isinstance(target, dict):
                members = {key: each for key, each in target.items() if key != "Id"}
                keys = (event_bus, name, str(target.get("Id", "")))
                below = origin.below("Targets", i)
                description.resources.append(
                    Resource("target", *scope, keys, members, below)
                )


def _find_scope(
    name_or_arn: object, options: ReadOptions
) -> tuple[tuple[str, str], str]:
    """Account and region, and name of an event bus."""
    text = str(name_or_arn or DEFAULT_EVENT_BUS)
    arn = parse_arn(text)
    if arn is None:
        return (options.account_id, options.region), text
    account_id, region, name = split_event_bus_arn(arn)
    return (account_id, region), name
