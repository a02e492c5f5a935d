"""TOML, written for people: JSON inside of strings stays as legible as it was.

For the values of a file of state: tables, lists, texts, whole numbers, truth values.
tomli-w, which writes `config.toml`, knows only the kind of string in which every
quotation mark is escaped, and a file of state is half event patterns. tomlkit has to be
told the kind of each string, raises where a literal one cannot hold the text, and takes
twenty times as long: 5 seconds for 10,000 rules.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# What a literal string cannot hold: it has no escapes.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL_BUT_LINE_END = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def format_toml(table: dict[str, Any]) -> str:
    """Write a table as a file; equal tables in one order are equal text."""
    return "\n".join(_list_sections((), table))


def _list_sections(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[str]:
    """Sections of a table, each with its heading: its own values, then its tables."""
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    values = {key: value for key, value in table.items() if key not in tables}
    # A table that holds nothing but tables is there by their headings.
    if values or (path and not tables):
        lines = [f"[{'.'.join(map(format_key, path))}]"] if path else []
        lines += [
            f"{format_key(key)} = {format_value(value)}"
            for key, value in values.items()
        ]
        yield "".join(f"{line}\n" for line in lines)
    for key, value in tables.items():
        yield from _list_sections((*path, key), value)


def format_key(key: str) -> str:
    """Write one part of a key."""
    return key if _BARE_KEY.fullmatch(key) else _format_basic(key)


def format_value(value: object) -> str:
    """Write a value; each item of a list has a line of its own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return format_string(value)
    if isinstance(value, list):
        items = "".join(f"    {_format_inline(item)},\n" for item in value)
        return f"[\n{items}]" if items else "[]"
    return str(value)


def _format_inline(value: object) -> str:
    """Write a value without a line end of its own: inline tables allow none."""
    if isinstance(value, dict):
        pairs = [
            f"{format_key(key)} = {_format_inline(item)}" for key, item in value.items()
        ]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_format_inline, value))}]"
    if isinstance(value, str) and "\n" in value:
        return _format_basic(value)
    return format_value(value)


def format_string(text: str) -> str:
    """Write a text as the most legible kind of string that can hold it."""
    has_marks = '"' in text or "\\" in text
    if has_marks and "'" not in text and not _CONTROL.search(text):
        return f"'{text}'"
    is_plain = not _CONTROL_BUT_LINE_END.search(text)
    if "\n" in text and is_plain and "'''" not in text and not text.endswith("'"):
        # The line end right behind the opening is not part of the text.
        return f"'''\n{text}'''"
    return _format_basic(text)


def _format_basic(text: str) -> str:
    # JSON escapes as TOML does, but for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
