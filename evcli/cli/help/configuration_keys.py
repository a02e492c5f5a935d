"""The keys of `config.toml`, as `evcli help config` lists them and as a file to edit.

Both are made from the schema that files are held against, so no key is said twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evcli.cli.help.layout import fill, join_blocks
from evcli.store.directory.configuration_schema import SCHEMA, SINK_KEYS, SINK_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    # A table's heading, "" for the keys before all tables; what it is for; the schemas
    # of its keys.
    Table = tuple[str, str, dict[str, Any]]

# What stands for names that people choose, in the file of `evcli local init`.
EXAMPLE_NAMES = {"profiles": "partner", "hosts": "hooks.example.com"}

BEGINNING = """\
# What evcli does here: `evcli help config`. Each line that is commented out shows what
# holds without it, or how it is written.
"""
SINK_EXAMPLE = """\
# What stands for targets, the first that fits: `evcli help sinks`.
# [[sinks]]
# arn = "arn:aws:lambda:*:*:function:report"
# kind = "exec"
# command = "cat >>reports.jsonl"
"""


def list_tables(example_names: Mapping[str, str] | None = None) -> Iterator[Table]:
    """List the tables of `config.toml` but `[[sinks]]`, the keys outside of any first.

    Args:
        example_names: for names that people choose; NAME and HOST without them.
    """
    chosen = example_names or {"profiles": "NAME", "hosts": "HOST"}
    properties = SCHEMA["properties"]
    yield "", "", {key: each for key, each in properties.items() if is_value(each)}
    for key, schema in properties.items():
        text = schema.get("help", "")
        inner = schema.get("additionalProperties")
        if "properties" in schema:
            yield f"[{key}]", text, schema["properties"]
        elif inner and "properties" in inner:
            yield f"[{key}.{chosen[key]}]", text, inner["properties"]
        elif inner:
            yield f"[{key}]", text, {f'"{chosen[key]}"': inner}


def is_value(schema: Mapping[str, Any]) -> bool:
    """Say whether a key has a value, and is no table or list of tables."""
    return schema.get("type") != "object" and schema.get("items", {}).get("type") in (
        None,
        "string",
    )


def list_keys() -> Iterator[str]:
    """The keys as lines of help, a paragraph for each table."""
    blocks = [_describe_table(*table) for table in list_tables()]
    yield from join_blocks([*blocks, list_sink_keys()])


def _describe_table(heading: str, text: str, keys: Mapping[str, Any]) -> list[str]:
    if not heading:
        return list(_describe_keys(keys, 1))
    return [f"    {heading}", *fill(_end(text), 2), *_describe_keys(keys, 2)]


def list_sink_keys() -> Iterator[str]:
    """The keys of an entry of `[[sinks]]`: of every kind, then of each."""
    yield "    [[sinks]]"
    yield from _describe_keys(SINK_KEYS, 2)
    for kind in SINK_KINDS:
        yield from list_kind_keys(kind, f"of {kind}")


def list_kind_keys(kind: str, *notes: str) -> Iterator[str]:
    """The keys that one kind of sink has besides those of every kind."""
    required, keys = SINK_KINDS[kind]
    for name, schema in keys.items():
        need = "required" if name in required else "optional"
        every_note = [*notes, need, *filter(None, [schema.get("description")])]
        yield f"        {name} ({'; '.join(every_note)})"
        yield from fill(_end(schema["help"]), 3)


def _describe_keys(keys: Mapping[str, Any], level: int) -> Iterator[str]:
    for name, schema in keys.items():
        notes = "; ".join(_list_notes(schema))
        yield "    " * level + name + (f" ({notes})" if notes else "")
        yield from fill(_end(schema.get("help", "")), level + 1)


def _list_notes(schema: Mapping[str, Any]) -> Iterator[str]:
    """What a value may be, and what it is if absent."""
    if "enum" in schema:
        yield ", ".join(schema["enum"])
    elif "description" in schema:
        yield schema["description"]
    elif schema.get("type") not in (None, "string"):
        yield {"array": "list"}.get(schema["type"], schema["type"])
    if "default" in schema:
        yield f"default {format_value(schema['default'])}"


def _end(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def format_value(value: object) -> str:
    """Write a value as TOML does; JSON says texts, numbers, booleans and lists alike."""
    return json.dumps(value)


def format_file(chosen: Mapping[str, str]) -> str:
    """A `config.toml` to edit: every key with what it is for, commented out.

    Args:
        chosen: values of keys outside of tables that somebody has named; these hold.
    """
    blocks = [BEGINNING]
    for heading, text, keys in list_tables(EXAMPLE_NAMES):
        if not heading:
            blocks += [
                _format_entry(name, schema, chosen.get(name))
                for name, schema in keys.items()
            ]
            continue
        entries = [_format_entry(name, schema) for name, schema in keys.items()]
        blocks.append("".join([_format_comment(text), f"# {heading}\n", *entries]))
    return "\n".join([*blocks, SINK_EXAMPLE])


def _format_entry(
    name: str, schema: Mapping[str, Any], chosen: str | None = None
) -> str:
    text = _format_comment(schema.get("help", ""))
    if chosen is not None:
        return f"{text}{name} = {format_value(chosen)}\n"
    value = schema["default"] if "default" in schema else schema["examples"][0]
    return f"{text}# {name} = {format_value(value)}\n"


def _format_comment(text: str) -> str:
    return f"# {_end(text)}\n" if text else ""
