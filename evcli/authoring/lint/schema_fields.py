"""Patterns held against the project's schemas: fields that a schema does not know."""

from __future__ import annotations

import json
import os
from itertools import islice, product

from evcli.authoring.schemas import format_file_name
from evcli.patterns.language.conditions import exact_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from evcli.authoring.lint.subjects import Finding, Pattern

# Of one alternative of a pattern.
MOST_SCHEMAS = 16
# References that lead to references; one to itself has no end.
MOST_STEPS = 20
CLOSE_ENOUGH = 0.75


def check_schemas(pattern: Pattern, directory: str) -> Iterator[Finding]:
    """Look for fields that schemas do not allow, or spell otherwise. EB221

    Args:
        directory: that of the schemas; one that is not there has nothing to say.
    """
    assert pattern.compiled is not None
    leaves = {leaf.field: leaf for leaf in reversed(pattern.leaves)}
    told: set[tuple[str, str]] = set()
    for alternative in pattern.compiled.alternatives:
        sources = exact_texts(alternative, "source") or ()
        types = exact_texts(alternative, "detail-type") or ()
        for kind in islice(product(sources, types), MOST_SCHEMAS):
            file = format_file_name(*kind)
            schema = _read(os.path.join(directory, file))
            for condition in alternative:
                key = (file, condition.path)
                if key in told or condition.path not in leaves or schema is None:
                    continue
                problem = find_problem(schema, condition.path)
                if problem:
                    told.add(key)
                    leaf = leaves[condition.path]
                    yield pattern.find("EB221", leaf.path, f"{file}: {problem}")


def _read(path: str) -> Any:
    """Read a schema; `None`: there is none, or it is none, which `send` tells."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError):
        return None


def find_problem(schema: Any, path: str) -> str | None:
    """Say which step of a path a schema does not allow; `None`: it may be there."""
    node: Any = schema
    done: list[str] = []
    for name in path.split("."):
        node = _resolve(schema, node)
        if node is None:
            return None
        properties = node.get("properties")
        if not isinstance(properties, dict):
            return None
        if name in properties:
            node = properties[name]
            done.append(name)
            continue
        near = _find_near(name, properties)
        if node.get("additionalProperties") is not False and near is None:
            return None
        where = ".".join(done) or "an event"
        hint = f"; it has {near}" if near else ""
        return f"{where} has no {name}{hint}"
    return None


def _resolve(schema: Any, node: Any) -> Any:
    """Follow references and lists to what has properties; `None`: it has alternatives."""
    for _ in range(MOST_STEPS):
        if not isinstance(node, dict) or node.keys() & {"anyOf", "oneOf", "allOf"}:
            return None
        reference = node.get("$ref")
        if isinstance(reference, str):
            node = schema if reference.startswith("#/") else None
            for step in reference.split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                node = node.get(step) if isinstance(node, dict) else None
        elif "properties" not in node and isinstance(node.get("items"), dict):
            node = node["items"]
        else:
            return node
    return None


def _find_near(name: str, properties: dict[str, Any]) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(name, properties, 1, CLOSE_ENOUGH)
    return near[0] if near else None
