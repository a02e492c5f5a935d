"""Files as people have them: decoded, parsed, and where in them a value stands.

JSON is read by `json`, YAML by PyYAML's parser in C. A line is worked out when somebody
asks for it: in JSON by skipping to the value, in YAML from the nodes.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

    from evcli.infrastructure.description import Path

# Names the terminal's side of a pipe instead of a file.
STANDARD_STREAM = "-"

# A plan of ten thousand resources is some 50 MB; CloudFormation takes 1 MB. [guess]
MAX_JSON_BYTES = 256 * 1024 * 1024
MAX_YAML_BYTES = 16 * 1024 * 1024

_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_JSON_START = re.compile(r"^\s*\{", re.MULTILINE)


class Source:
    """A parsed file. `value` is what it holds, its numbers, texts and so on."""

    __slots__ = ("_node", "_positions", "name", "path", "text", "value")

    def __init__(
        self, name: str, path: str, text: str, value: Any, node: Any = None
    ) -> None:
        self.name = name
        self.path = path
        self.text = text
        self.value = value
        self._node = node
        self._positions: JsonPositions | None = None

    def locate(self, path: Path) -> int | None:
        """The line of what keys and positions lead to, as far as they lead."""
        if self._node is not None:
            from evcli.infrastructure.yaml_reading import locate_node

            return locate_node(self._node, path)
        if self._positions is None:
            self._positions = JsonPositions(self.text)
        return self._positions.locate(path)

    def fault(self, path: Path, problem: str) -> ConfigurationError:
        """An error at a value: file, line, what is wrong."""
        line = self.locate(path)
        where = self.name if line is None else f"{self.name}:{line}"
        return ConfigurationError(f"{where}: {problem}")


def name_file(path: str) -> str:
    """Name a file in messages."""
    return "standard input" if path == STANDARD_STREAM else path


def read_text(path: str, stdin: TextIO) -> str:
    """Read a file as text, whatever encoding its first bytes say; `-` is `stdin`.

    Raises: ConfigurationError: it cannot be read, is too large, or is no text.
    """
    name = name_file(path)
    if path == STANDARD_STREAM:
        stream = getattr(stdin, "buffer", None)
        if stream is None:
            return stdin.read(MAX_JSON_BYTES)
        data = stream.read(MAX_JSON_BYTES + 1)
    else:
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_JSON_BYTES + 1)
        except OSError as error:
            problem = f"{name} cannot be read: {error.strerror}."
            raise ConfigurationError(problem) from error
    if len(data) > MAX_JSON_BYTES:
        raise ConfigurationError(f"{name} is larger than {MAX_JSON_BYTES} bytes.")
    if data.startswith(b"PK\x03\x04"):
        raise ConfigurationError(
            f"{name} is a plan in Terraform's own form; `terraform show -json"
            f" {name}` prints it as JSON."
        )
    try:
        return _decode(data)
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{name} is not text in UTF-8: byte {error.start + 1}."
        ) from error


def _decode(data: bytes) -> str:
    """Decode by the mark at the start: PowerShell's `>` writes UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def parse_source(path: str, text: str) -> Source:
    """Parse JSON or YAML, whichever it is.

    Raises: ConfigurationError: it is neither; file, line and why.
    """
    name = name_file(path)
    if text.lstrip().startswith("{"):
        return parse_json(path, text)
    if "\x1b[" in text or (path == STANDARD_STREAM and _looks_like_json(text)):
        # A warning of the tool before its JSON, or colours.
        plain = _ESCAPES.sub("", text)
        start = _JSON_START.search(plain)
        if start is not None:
            return parse_json(path, plain[start.start() :])
    if len(text) > MAX_YAML_BYTES:
        raise ConfigurationError(
            f"{name} is YAML of more than {MAX_YAML_BYTES} characters."
        )
    from evcli.infrastructure.yaml_reading import parse_nodes

    node, value = parse_nodes(text, name)
    return Source(name, make_absolute(path), text, value, node)


def _looks_like_json(text: str) -> bool:
    start = _JSON_START.search(text)
    return start is not None and text.rstrip().endswith("}")


def make_absolute(path: str) -> str:
    """The path as the table of owners has it; standard input stays what it is."""
    return path if path == STANDARD_STREAM else os.path.realpath(path)


def parse_json(path: str, text: str) -> Source:
    """Parse JSON. Raises: ConfigurationError: it is none; file, line and why."""
    name = name_file(path)
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{name}:{error.lineno}: not JSON: {error.msg} (column {error.colno})."
        ) from error
    except RecursionError as error:
        raise ConfigurationError(f"{name}: its values are nested too deep.") from error
    except ValueError as error:
        raise ConfigurationError(f"{name}: not JSON: {error}.") from error
    return Source(name, make_absolute(path), text, value)


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


class JsonPositions:
    """Where the values of a valid text in JSON begin; containers are read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder()
        self._parts: dict[int, dict[str | int, int]] = {}

    def locate(self, path: Path) -> int:
        """The line of what keys and positions lead to, as far as they lead."""
        at = self._skip(0)
        for step in path:
            if at not in self._parts:
                self._parts[at] = dict(self._list_parts(at))
            if step not in self._parts[at]:
                break
            at = self._parts[at][step]
        return self._text.count("\n", 0, at) + 1

    def _skip(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return at if found is None else found.end()

    def _list_parts(self, at: int) -> Iterator[tuple[str | int, int]]:
        """The members or items of the value that begins somewhere."""
        text, opening = self._text, self._text[at]
        if opening not in "{[":
            return
        at, number = self._skip(at + 1), 0
        while text[at] not in "]}":
            key: Any = number
            if opening == "{":
                key, at = self._decoder.raw_decode(text, at)
                at = self._skip(self._skip(at) + 1)
            yield key, at
            _, at = self._decoder.raw_decode(text, at)
            at = self._skip(at)
            if text[at] == ",":
                at = self._skip(at + 1)
            number += 1
