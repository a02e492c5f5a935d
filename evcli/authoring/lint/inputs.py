"""Inputs of targets: what a transformer makes of events, and whether anything arrives."""

from __future__ import annotations

import re

from evcli.arns import parse_arn
from evcli.authoring.lint.pattern_meanings import ENVELOPE
from evcli.delivery.event_paths import is_path
from evcli.delivery.transform import PLACEHOLDER, RESERVED_VARIABLES, is_string_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from evcli.authoring.lint.shapes import Shape
    from evcli.authoring.lint.subjects import Finding, Target

# Reserved variables that are objects.
OBJECTS = ("aws.events.event", "aws.events.event.json")
# Paths that lead to an object or a list in every event.
CONTAINERS = {"": "object", "detail": "object", "resources": "array"}
# What stands between the quotes of a template, and escapes in it.
TOKEN = re.compile(rf'{PLACEHOLDER.pattern}|\\.|"', re.DOTALL)
TEMPLATE = ("InputTransformer", "InputTemplate")
PATHS = ("InputTransformer", "InputPathsMap")


def check_paths(target: Target) -> Iterator[Finding]:
    """Look for paths that find nothing. EB408"""
    shape = _get_shape(target)
    for keys, path in _list_paths(target):
        text = path.removesuffix(".")
        if not is_path(text):
            fix = _suggest_path(path)
            yield target.find("EB408", f"{path} is not a path", *keys, fix=fix)
            continue
        names = _read_names(text)
        if names and names[0] not in ENVELOPE:
            message = f"no event has {names[0]} beside detail"
            fix = f"write $.detail.{'.'.join(names)}"
            yield target.find("EB408", message, *keys, fix=fix)
        elif names and shape is not None and not _has_field(shape, names):
            if shape.is_captured:
                message = f"{text}: none of {shape.describe()} has it"
                yield target.find("EB408", message, *keys)
            elif near := _find_near(shape, names):
                message = f"{text} is not in {shape.describe()}; {near} is"
                yield target.find("EB408", message, *keys)


def _list_paths(target: Target) -> Iterator[tuple[tuple[str, ...], str]]:
    members = target.members
    if isinstance(members.get("InputPath"), str) and members["InputPath"]:
        yield ("InputPath",), members["InputPath"]
    for name, path in _get_map(target).items():
        if isinstance(path, str):
            yield (*PATHS, name), path


def _get_map(target: Target) -> Mapping[str, Any]:
    transformer = target.members.get("InputTransformer")
    found = transformer.get("InputPathsMap") if isinstance(transformer, dict) else None
    return found if isinstance(found, dict) else {}


def _get_template(target: Target) -> str:
    transformer = target.members.get("InputTransformer")
    found = transformer.get("InputTemplate") if isinstance(transformer, dict) else None
    return found if isinstance(found, str) else ""


def _get_shape(target: Target) -> Shape | None:
    rule = target.rule
    return None if rule is None or rule.pattern is None else rule.pattern.shape


def _suggest_path(path: str) -> str:
    words = path.removeprefix("$").strip(".")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", words):
        return ""
    first = words.partition(".")[0]
    return f"write $.{words}" if first in ENVELOPE else f"write $.detail.{words}"


def _read_names(path: str) -> list[str]:
    return re.sub(r"\[[^\]]*\]", "", path).split(".")[1:]


def _has_field(shape: Shape, names: list[str]) -> bool:
    field = ".".join(names)
    return field in shape.fields.values or field in shape.fields.containers


def _find_near(shape: Shape, names: list[str]) -> str | None:
    from difflib import get_close_matches

    known = [*shape.fields.values, *shape.fields.containers]
    near = get_close_matches(".".join(names), known, 1, 0.75)
    return f"$.{near[0]}" if near else None


def check_unused_paths(target: Target) -> Iterator[Finding]:
    """Look for paths that no placeholder stands for. EB409"""
    used = set(PLACEHOLDER.findall(_get_template(target)))
    for name in _get_map(target):
        if name not in used and not name.startswith("AWS"):
            yield target.find("EB409", f"no placeholder <{name}>", *PATHS, name)


def check_quoted_placeholders(target: Target) -> Iterator[Finding]:
    """Look at placeholders inside of quotes of a JSON template. EB403, EB407, EB410"""
    template = _get_template(target)
    if not template or is_string_template(template):
        return
    paths, shape = _get_map(target), _get_shape(target)
    for name in dict.fromkeys(_list_quoted(template)):
        if name in OBJECTS:
            message = f'"<{name}>" is an object inside of a string'
            yield target.find("EB407", message, *TEMPLATE)
        elif name in RESERVED_VARIABLES:
            continue
        elif isinstance(paths.get(name), str):
            kind = _find_kind(paths[name], shape)
            if kind:
                message = f'"<{name}>" is {kind} inside of a string: nothing arrives'
                yield target.find("EB403", message, *TEMPLATE)
            elif kind is None:
                message = f'a quote in {paths[name]} would break the JSON at "<{name}>"'
                fix = f'write <{name}> for "<{name}>"'
                yield target.find("EB410", message, *TEMPLATE, fix=fix)


def _list_quoted(template: str) -> Iterator[str]:
    """List the placeholders that are inside of strings."""
    is_inside = False
    for token in TOKEN.finditer(template):
        if token[0] == '"':
            is_inside = not is_inside
        elif token[1] is not None and is_inside:
            yield token[1]


def _find_kind(path: str, shape: Shape | None) -> str | None:
    """Say what a path leads to: a container with its article, "" for what is harmless.

    `None`: it is, or may be, a text.
    """
    field = ".".join(_read_names(path))
    if "[" in path.rpartition(".")[2]:
        return None
    if shape is not None and field in shape.fields.values:
        is_text = any(type(each) is str for each in shape.fields.values[field])
        return None if is_text else ""
    container = CONTAINERS.get(field)
    if container is None and shape is not None:
        container = shape.fields.containers.get(field)
    if container is not None:
        return "an object" if "object" in container else "a list"
    # Of the envelope, what has no quotes in it.
    return "" if field in ("id", "account", "time", "region", "version") else None


def check_idle_tasks(target: Target) -> Iterator[Finding]:
    """Look for tasks that get nothing of the event. EB411"""
    arn = parse_arn(str(target.members.get("Arn", "")))
    has_input = {"Input", "InputPath", "InputTransformer"} & target.members.keys()
    is_scheduled = target.rule is not None and target.rule.pattern is None
    if arn is not None and arn.service == "ecs" and not (has_input or is_scheduled):
        yield target.find("EB411", "the task starts, and sees nothing of the event")


CHECKS = (check_paths, check_unused_paths, check_quoted_placeholders, check_idle_tasks)
