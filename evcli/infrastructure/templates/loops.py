"""`Fn::ForEach` of `AWS::LanguageExtensions`: written out before anything is worked out.

Source: [doc] the transform's page; cfn-lint is the referee in the tests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from evcli.infrastructure.description import Path
    from evcli.infrastructure.templates.evaluation import Template

PREFIX = "Fn::ForEach::"
# How many values all loops of a file may come to. [guess]
MAX_VALUES = 200_000

_NO_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def has_loops(value: Any) -> bool:
    """Say whether there is a loop anywhere in a value."""
    if isinstance(value, dict):
        return any(
            key.startswith(PREFIX) or has_loops(item) for key, item in value.items()
        )
    return isinstance(value, list) and any(map(has_loops, value))


class LoopExpander:
    """Writes out the loops of one template; `paths` says where new members stand."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._left = MAX_VALUES
        self.paths: dict[str, Path] = {}

    def expand(self, value: Any, path: Path, variables: dict[str, str]) -> Any:
        """Write out the loops in a value, with the variables of those around it."""
        self._left -= 1
        if self._left < 0:
            raise self._template.fault(
                path, f"its loops come to more than {MAX_VALUES} values."
            )
        if isinstance(value, list):
            if path[-1] == "Fn::Sub" and value and isinstance(value[0], str):
                value = [_substitute(value[0], variables), *value[1:]]
            return [
                self.expand(each, (*path, i), variables) for i, each in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and variables:
            found = _expand_function(value, variables)
            if found is not None:
                return found
        return self._expand_members(value, path, variables)

    def _expand_members(
        self, value: dict[str, Any], path: Path, variables: dict[str, str]
    ) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, item in value.items():
            if key.startswith(PREFIX):
                found = self._expand_loop(item, (*path, key), variables)
            else:
                name = _substitute(key, variables)
                found = {name: self.expand(item, (*path, key), variables)}
            self._add(members, found, (*path, key))
        return members

    def _add(self, members: dict[str, Any], found: dict[str, Any], path: Path) -> None:
        for name, item in found.items():
            if name in members:
                raise self._template.fault(path, f"the key {name!r} comes out twice.")
            members[name] = item

    def _expand_loop(
        self, loop: Any, path: Path, variables: dict[str, str]
    ) -> dict[str, Any]:
        if (
            not isinstance(loop, list)
            or len(loop) != 3
            or not isinstance(loop[0], str)
            or not isinstance(loop[2], dict)
        ):
            raise self._template.fault(
                path, "Fn::ForEach needs a list: variable, collection, object."
            )
        name, collection, body = loop
        members: dict[str, Any] = {}
        for item in self._read_collection(collection, (*path, 1), variables):
            found = self.expand(body, (*path, 2), {**variables, name: item})
            self._add(members, found, path)
            for key in found:
                self.paths.setdefault(key, (*path, 2))
        return members

    def _read_collection(
        self, collection: Any, path: Path, variables: dict[str, str]
    ) -> list[str]:
        found = self._template.resolve(self.expand(collection, path, variables), path)
        if isinstance(found, list):
            flat = []
            for each in found:
                flat += each if isinstance(each, list) else [each]
            if all(isinstance(each, (str, int)) for each in flat):
                return [str(each) for each in flat]
        raise self._template.fault(
            path, "the collection of a loop has to be a list of texts."
        )


def _expand_function(value: dict[str, Any], variables: dict[str, str]) -> Any:
    """What a function comes to that needs nothing but variables; else `None`."""
    ((name, argument),) = value.items()
    if name == "Ref" and isinstance(argument, str):
        return variables.get(argument)
    if name == "Fn::Sub" and isinstance(argument, str):
        text = _substitute(argument, variables)
        return {name: text} if "${" in text else text
    return None


def _substitute(text: str, variables: dict[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", value)
        text = text.replace(f"&{{{name}}}", _NO_ALPHANUMERIC.sub("", value))
    return text
