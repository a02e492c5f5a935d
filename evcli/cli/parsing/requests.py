"""From what was typed to the request: values read, documents merged, extras filled in.

A value is a file, JSON, shorthand or an integer. What it looks like decides how it is
read, and for lists only the first element is looked at. Oddities of the official client
are kept, because a command that works here must work there and fail there when it fails
here. `--cli-input-json` and `--cli-input-yaml` give a whole request; an option on the
command line replaces the member of its name as a whole.

Source: [aws] section by section; [peer] what happens to text from a file where a list
of texts is asked for.
"""

from __future__ import annotations

import os

from evcli import load
from evcli.cli.errors import GeneralError, ParamError, ValueSyntaxError
from evcli.model.names import option_name
from evcli.model.shapes import INTEGER, LIST, LONG, MAP, STRUCTURE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from evcli.model.shapes import Operation, Shape

STANDARD_INPUT = "/dev/stdin"
TEXT_PREFIX = "file://"
BYTES_PREFIX = "fileb://"

# Options that give a whole request: what it is written in, who parses that.
DOCUMENTS = {
    "cli_input_json": ("JSON", "json", "loads"),
    "cli_input_yaml": ("YAML", "evcli.cli.yaml", "parse_yaml"),
}
# Options of the command whose value may be a reference to a file.
REFERENCES = (*DOCUMENTS, "starting_token")


def read_values(
    operation: Operation,
    values: Mapping[str, Any],
    options: dict[str, Any],
    reader: ValueReader,
) -> dict[str, Any]:
    """Read what the options of members say, in model order.

    References of the command's other options (`--cli-input-json file://…`,
    `--starting-token file://…`) are replaced in `options` on the way, after the members':
    problems are reported in that order. Source: [aws] [peer].

    Args:
        values: as `arguments.parse_operation` gives them.

    Raises:
        ParamError: a value cannot be read.
        GeneralError: what the official client does not catch.
    """
    members = operation.request.members
    request = {
        name: reader.read(option_name(name), members[name].shape, raw)
        for name, raw in values.items()
        if name in members
    }
    _fill_extras(operation, values, reader, request)
    for dest in REFERENCES:
        if dest in options:
            options[dest] = _load_option(dest, options[dest], reader)
    return request


def merge_document(
    operation: Operation, request: dict[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Add the members of a document that the command line does not give.

    Members from the command line come first, then the document's in its order.

    Raises: ParamError: the document cannot be read.
    """
    document = _parse_document(options)
    if not document:
        return request
    write_json_texts(operation.request, document)
    return {**request, **{k: v for k, v in document.items() if k not in request}}


def _fill_extras(
    operation: Operation,
    values: Mapping[str, Any],
    reader: ValueReader,
    request: dict[str, Any],
) -> None:
    """Make the one element that options such as `--source` describe."""
    for extra in operation.extras:
        if extra.fills is None or extra.option not in values:
            continue
        member_name, name = extra.fills
        element = operation.request.members[member_name].shape.element
        assert element is not None
        member = element.members[name]
        raw = values[extra.option]
        # evcli's own, as `_read_dash`: a dash is no JSON, so it cannot mean itself.
        is_dash = member.json_text and raw == "-"
        given = f"{TEXT_PREFIX}{STANDARD_INPUT}" if is_dash else raw
        value = reader.read(extra.option, member.shape, given)
        if member.json_text and isinstance(value, str):
            check_json(extra.option, value)
        request.setdefault(member_name, [{}])[0][name] = value


def _load_option(dest: str, raw: Any, reader: ValueReader) -> Any:
    if raw == "-" and dest in DOCUMENTS:
        return reader.read_standard_input()
    try:
        return reader.load(raw)
    except LoadError as error:
        name = dest.replace("_", "-")
        raise ValueSyntaxError(f"--{name}", str(error)) from error


def _parse_document(options: Mapping[str, Any]) -> dict[str, Any]:
    given = [dest for dest in DOCUMENTS if options.get(dest) is not None]
    if not given:
        return {}
    if len(given) > 1:
        raise ParamError("Only one --cli-input- parameter may be specified.")
    dest = given[0]
    name = dest.replace("_", "-")
    label, *parser = DOCUMENTS[dest]
    try:
        document = load(*parser)(options[dest])
    except (ValueError, RecursionError) as error:
        raise ValueSyntaxError(name, f"Invalid {label} received.") from error
    if not isinstance(document, dict):
        raise ValueSyntaxError(
            f"--{name}", f"Invalid type: expecting map, received {type(document)}"
        )
    return document


# -- one value


class LoadError(Exception):
    """A file that a value refers to cannot be read; the message is the whole story."""


class ValueReader:
    """Reads the values of one command.

    `read_input` gives what stands on standard input, as text. It is asked once: two
    options that read standard input get the same text.
    """

    __slots__ = ("_input", "_read_input")

    def __init__(self, read_input: Callable[[], str]) -> None:
        self._read_input = read_input
        self._input: str | None = None

    def read(self, option: str, shape: Shape, raw: Any) -> Any:
        """Turn what was typed into the value that the request carries.

        Args:
            option: the option's name, for messages.
            shape: what the value should be; it is not checked here.
            raw: a token, a list of tokens for lists, a truth value for flags.

        Raises:
            ValueSyntaxError: the text cannot be read, or its file cannot.
            GeneralError: an integer that is none, and whatever else the official
                client does not catch.
        """
        from_input = self._read_dash(shape, raw)
        try:
            value = self.load(raw) if from_input is None else from_input
        except LoadError as error:
            raise ValueSyntaxError(option, str(error)) from error
        read = _READERS.get(shape.kind)
        if read is None:
            return value
        try:
            return read(self, option, shape, value)
        except RecursionError as error:
            problem = "brackets are nested too deeply"
            raise ValueSyntaxError(option, problem) from error
        except (ValueError, TypeError, AttributeError, IndexError, LoadError) as error:
            raise GeneralError(str(error)) from error

    def load(self, raw: Any) -> Any:
        """Replace `file://` and `fileb://` references by what they lead to.

        A list of one reference is replaced as a whole; longer lists are left alone.

        Raises: LoadError: there is no such file, or its text cannot be decoded.
        """
        reference = raw[0] if isinstance(raw, list) and len(raw) == 1 else raw
        if not isinstance(reference, str):
            return raw
        content = self.load_reference(reference)
        return raw if content is None else content

    def load_reference(self, text: str) -> str | bytes | None:
        """Read what a reference leads to; `None` for text that is no reference."""
        if text.startswith(TEXT_PREFIX):
            return self._read_file(text, text[len(TEXT_PREFIX) :], is_text=True)
        if text.startswith(BYTES_PREFIX):
            return self._read_file(text, text[len(BYTES_PREFIX) :], is_text=False)
        return None

    def read_standard_input(self) -> str:
        """Give the text on standard input, again and again the same."""
        if self._input is None:
            self._input = self._read_input()
        return self._input

    def _read_dash(self, shape: Shape, raw: Any) -> Any:
        """Read standard input for a lone `-`, where text could not mean itself.

        evcli's own: the official client finds no shorthand in a dash. Several JSON
        values behind each other (JSON Lines) are one element each.
        """
        if shape.kind == STRUCTURE and raw == "-":
            return self.read_standard_input()
        is_structures = shape.element is not None and shape.element.kind == STRUCTURE
        if not (shape.kind == LIST and is_structures and raw == ["-"]):
            return None
        text = self.read_standard_input().strip()
        if text.startswith("{"):
            return _split_json(text) or [text]
        return text if text.startswith("[") else text.splitlines()

    def _read_file(self, text: str, path: str, *, is_text: bool) -> str | bytes:
        expanded = os.path.expandvars(os.path.expanduser(path))
        if expanded == STANDARD_INPUT:
            content = self.read_standard_input()
            return content if is_text else content.encode()
        try:
            # The locale's encoding, as the official client has it.
            with open(expanded, "r" if is_text else "rb") as file:
                data: str | bytes = file.read()
                return data
        except UnicodeDecodeError as error:
            raise LoadError(
                f"Unable to load paramfile ({expanded}), text contents could not be"
                " decoded.  If this is a binary file, please use the fileb:// prefix"
                " instead of the file:// prefix."
            ) from error
        except (OSError, ValueError) as error:
            raise LoadError(f"Unable to load paramfile {text}: {error}") from error


def _read_integer(_reader: ValueReader, _option: str, _shape: Shape, value: Any) -> int:
    return int(value)


def _read_structure(reader: ValueReader, option: str, shape: Shape, value: Any) -> Any:
    if value.strip().startswith(("{", "[")):
        return _read_json_structure(option, shape, value)
    return _read_shorthand(reader, option, shape, [value])[0]


def _read_list(reader: ValueReader, option: str, shape: Shape, value: Any) -> Any:
    element = shape.element
    looks = value[0] if value and isinstance(value, list) else value
    is_json = isinstance(looks, str) and looks.strip().startswith(("{", "["))
    if element is not None and element.kind == STRUCTURE and not is_json:
        if isinstance(value, list):
            return _read_shorthand(reader, option, element, value)
        # [peer] Shorthand from a file is one structure, which is no list.
        return _read_shorthand(reader, option, element, [value])[0]
    whole = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(whole, str) and whole.lstrip()[:1] == "[":
        return _parse_json(option, shape, whole)
    if element is None or element.kind != STRUCTURE:
        # [peer] Text from a file that is no JSON array falls into its characters.
        return list(value)
    return [_read_json_structure(option, element, item) for item in value]


def _read_json_structure(option: str, shape: Shape, text: str) -> Any:
    if text.lstrip()[0] != "{":
        raise ValueSyntaxError(option, f"Invalid JSON:\n{_hide_text(shape, text)}")
    return _parse_json(option, shape, text)


def _read_shorthand(
    reader: ValueReader, option: str, shape: Shape, texts: list[str]
) -> list[Any]:
    from evcli.cli.parsing.shorthand import read_shorthand

    return read_shorthand(option, shape, texts, reader.load_reference)


def _parse_json(option: str, shape: Shape, text: str) -> Any:
    from collections import OrderedDict

    from evcli.json_text import Decoder

    try:
        # Messages print values as Python does, and the official client's are ordered.
        value = Decoder(object_pairs_hook=OrderedDict).decode(text)
    except ValueError as error:
        _refuse_json(option, _hide_text(shape, text), error)
    write_json_texts(shape, value)
    return value


def check_json(option: str, text: str) -> None:
    """Refuse a text that is no JSON where an option of evcli's own asks for JSON.

    The service would answer for the entry alone, without saying what is wrong or where.

    Raises: ValueSyntaxError: with the position.
    """
    import json

    try:
        json.loads(text)
    except RecursionError:
        # How deep a detail may be is for the service to say.
        return
    except ValueError as error:
        _refuse_json(option, text, error)


def write_json_texts(shape: Shape | None, value: Any) -> None:
    """Turn JSON objects, in place, into text where a string member holds JSON.

    evcli's own: `"Detail": {"a": 1}` instead of `"Detail": "{\\"a\\": 1}"`. Only for what
    was written as JSON or YAML; in shorthand, braces around a detail are a mistake that
    the check reports.
    """
    if shape is None:
        return
    if shape.kind == LIST and isinstance(value, list):
        for item in value:
            write_json_texts(shape.element, item)
    elif shape.kind == STRUCTURE and isinstance(value, dict):
        for name, member in shape.members.items():
            item = value.get(name)
            if member.json_text and isinstance(item, dict):
                from evcli.json_text import dumps

                value[name] = dumps(item)
            else:
                write_json_texts(member.shape, item)


def _split_json(text: str) -> list[str]:
    """Part JSON values that stand behind each other; empty when they are not JSON."""
    import json

    decoder = json.JSONDecoder()
    pieces = []
    start = 0
    try:
        while start < len(text):
            end = decoder.raw_decode(text, start)[1]
            pieces.append(text[start:end])
            start = end + len(text[end:]) - len(text[end:].lstrip())
    except ValueError:
        return []
    return pieces


def _hide_text(shape: Shape, text: str) -> str:
    from evcli.model.secrets import hide_text

    return hide_text(shape, text)


def _refuse_json(option: str, text: str, error: ValueError) -> NoReturn:
    problem = f"Invalid JSON: {error}\nJSON received: {text}"
    raise ValueSyntaxError(option, problem) from error


_READERS: dict[str, Callable[[ValueReader, str, Shape, Any], Any]] = {
    INTEGER: _read_integer,
    LONG: _read_integer,
    STRUCTURE: _read_structure,
    MAP: _read_structure,
    LIST: _read_list,
}
