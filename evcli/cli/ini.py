"""INI texts by configparser's rules, whose import costs more than a whole command.

For `~/.aws/config` and the credentials file beside it. Source: [peer] the form.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    V = TypeVar("V")


def parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Part a text into sections: settings by lower-case name, nested ones left out.

    Raises: ValueError: it is no INI text.
    """
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    depth: int | None = None
    for line in text.split("\n"):
        content = line.strip()
        if not content or content[0] in "#;":
            continue
        indent = len(line) - len(line.lstrip())
        if depth is not None and indent > depth:
            continue  # nested settings, deeper than the one that they belong to
        heading = re.match(r"\[(.+)\]", content)
        if heading is not None:
            depth = None
            section = _add(sections, heading[1], {})
        elif section is None:
            raise ValueError(line)
        else:
            depth = indent
            name, value = _split_setting(content)
            _add(section, name, value)
    return sections


def _split_setting(content: str) -> tuple[str, str]:
    """Split `name = value` or `name: value` at the first sign."""
    match = re.search("[=:]", content)
    if match is None or match.start() == 0:
        raise ValueError(content)
    return content[: match.start()].strip().lower(), content[match.end() :].strip()


def _add(values: dict[str, V], name: str, value: V) -> V:
    if name in values:
        raise ValueError(name)
    values[name] = value
    return value
