"""YAML as templates have it: values with the short forms of functions written out.

PyYAML's parser in C makes the nodes; what bare scalars mean is said here, and is less
than in YAML 1.1: dates, `on`, `12:30:00`, `0x1F` and numbers with leading zeros, such as
an account, stay text. A tag `!Name` is CloudFormation's; any other is refused, so that
nothing is ever made but objects, lists, texts, numbers, truth values and null.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from evcli.infrastructure.description import Path

# How many values a document may come to once its aliases are followed.
MAX_VALUES = 500_000
MAX_DEPTH = 500

_TAG = "tag:yaml.org,2002:"
# Type, what a bare scalar of it looks like, its first characters.
SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9]+[eE][-+]?[0-9]+",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
)
CONVERT: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "str": str,
}
# Short forms whose long form has no `Fn::`.
PLAIN_FUNCTIONS = {"Ref", "Condition"}

_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TemplateLoader(_SafeLoader):  # type: ignore[misc, valid-type]  # chosen at run time
    """Makes nodes, whose scalars are those of `SCALARS`."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _name, _regex, _first in SCALARS:
    TemplateLoader.add_implicit_resolver(
        f"{_TAG}{_name}", re.compile(f"^(?:{_regex})$"), list(_first)
    )


def parse_nodes(text: str, name: str) -> tuple[yaml.Node | None, Any]:
    """Parse one document; its root node and its value.

    Raises: ConfigurationError: it is no YAML, or YAML that no template may have.
    """
    try:
        node = yaml.compose(text, Loader=TemplateLoader)
        return node, None if node is None else _Builder(name).build(node, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = name if mark is None else f"{name}:{mark.line + 1}"
        problem = error.problem or error.context or "it cannot be parsed"
        raise ConfigurationError(f"{where}: not YAML: {problem}.") from error
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(f"{name}: not YAML: {problem}.") from error
    except RecursionError as error:
        raise ConfigurationError(f"{name}: its values are nested too deep.") from error


class _Builder:
    """Makes values of nodes; an alias is followed wherever it stands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise self.fault(node, f"its aliases come to over {MAX_VALUES} values")
        if id(node) in self._open:
            raise self.fault(node, "an alias stands for what it is in")
        if depth > MAX_DEPTH:
            raise self.fault(node, "its values are nested too deep")
        self._open.add(id(node))
        try:
            return self._build(node, depth)
        finally:
            self._open.discard(id(node))

    def fault(self, node: yaml.Node, problem: str) -> ConfigurationError:
        line = node.start_mark.line + 1
        return ConfigurationError(f"{self._name}:{line}: {problem}.")

    def _build(self, node: yaml.Node, depth: int) -> Any:
        if node.tag.startswith("!") and node.tag != "!":
            return self._build_function(node, depth)
        value = self._build_plain(node, depth)
        expected = {"dict": "map", "list": "seq"}.get(type(value).__name__)
        if expected is not None and node.tag not in (f"{_TAG}{expected}", "!"):
            raise self.fault(node, f"the tag {node.tag} is not for templates")
        return value

    def _build_plain(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._build_mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(each, depth + 1) for each in node.value]
        kind = node.tag.removeprefix(_TAG)
        if node.tag == "!" or kind == "merge":
            kind = "str"
        if kind not in CONVERT:
            raise self.fault(node, f"the tag {node.tag} is not for templates")
        try:
            return CONVERT[kind](node.value)
        except ValueError as error:
            raise self.fault(node, f"{node.value[:40]!r} is no {kind}") from error

    def _build_function(self, node: yaml.Node, depth: int) -> Any:
        """`!Sub x` is `{"Fn::Sub": "x"}`; `!GetAtt a.b.c` is a list of two."""
        name = node.tag[1:]
        value = (
            node.value
            if isinstance(node, yaml.ScalarNode)
            else self._build_plain(node, depth)
        )
        if name == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {name if name in PLAIN_FUNCTIONS else f"Fn::{name}": value}

    def _build_mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            item = self.build(value_node, depth + 1)
            if key_node.tag == f"{_TAG}merge":
                for part in item if isinstance(item, list) else [item]:
                    if not isinstance(part, dict):
                        raise self.fault(value_node, "<< needs an object")
                    merged = {**part, **merged}
                continue
            key = self._build_key(key_node)
            if key in value:
                raise self.fault(key_node, f"the key {key!r} is there twice")
            value[key] = item
        return {**merged, **value} if merged else value

    def _build_key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fault(node, "a key has to be text")
        if node.tag.startswith("!") and node.tag != "!":
            raise self.fault(node, "a key cannot be a function")
        text: str = node.value
        return text


def locate_node(node: yaml.Node, path: Path) -> int:
    """The line of what keys and positions lead to, as far as they lead."""
    line: int = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.MappingNode) and node.tag.startswith("!"):
            break
        if isinstance(step, str):
            found = _find_member(node, step)
        else:
            found = _find_item(node, step)
        if found is None:
            break
        node, line = found
    return line + 1


def _find_member(node: yaml.Node, key: str) -> tuple[yaml.Node, int] | None:
    if node.tag.startswith("!") and key in (node.tag[1:], f"Fn::{node.tag[1:]}"):
        return None
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == key:
                return value_node, key_node.start_mark.line
    return None


def _find_item(node: yaml.Node, i: int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and i < len(node.value):
        return node.value[i], node.value[i].start_mark.line
    return None
