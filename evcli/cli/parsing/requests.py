"""From an invocation to the request: values read, documents merged, extras filled in.

`--cli-input-json` and `--cli-input-yaml` give a whole request; an option on the command
line replaces the member of its name as a whole. Source: [aws].
"""

from __future__ import annotations

from evcli.cli.errors import ParamError, ValueSyntaxError
from evcli.cli.parsing.values import LoadError, check_json, write_json_texts
from evcli.model.names import option_name

# Options of the command whose value may be a reference to a file, documents last.
REFERENCES = ("cli_input_json", "cli_input_yaml", "starting_token")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.cli.parsing.arguments import Invocation
    from evcli.cli.parsing.values import ValueReader
    from evcli.model.shapes import Operation


def read_values(invocation: Invocation, reader: ValueReader) -> dict[str, Any]:
    """Read what the options of members say, in model order.

    References of the command's other options (`--cli-input-json file://…`,
    `--starting-token file://…`) are replaced in `invocation.options` on the way, after
    the members': problems are told in that order. Source: [aws] [peer].

    Raises:
        ParamError: a value cannot be read.
        GeneralError: what the official client does not catch.
    """
    operation = invocation.operation
    members = operation.request.members
    request = {
        name: reader.read(option_name(name), members[name].shape, raw)
        for name, raw in invocation.values.items()
        if name in members
    }
    _fill_extras(operation, invocation.values, reader, request)
    for dest in REFERENCES:
        if dest in invocation.options:
            raw = invocation.options[dest]
            invocation.options[dest] = _load_option(dest, raw, reader)
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
        value = reader.read(extra.option, member.shape, values[extra.option])
        if member.json_text and isinstance(value, str):
            check_json(extra.option, value)
        request.setdefault(member_name, [{}])[0][name] = value


def _load_option(dest: str, raw: Any, reader: ValueReader) -> Any:
    if raw == "-" and dest in _PARSERS:
        return reader.read_standard_input()
    try:
        return reader.load(raw)
    except LoadError as error:
        name = dest.replace("_", "-")
        raise ValueSyntaxError(f"--{name}", str(error)) from error


def _parse_document(options: Mapping[str, Any]) -> dict[str, Any]:
    given = [dest for dest in _PARSERS if options.get(dest) is not None]
    if not given:
        return {}
    if len(given) > 1:
        raise ParamError("Only one --cli-input- parameter may be specified.")
    dest = given[0]
    name = dest.replace("_", "-")
    label, parse = _PARSERS[dest]
    try:
        document = parse(options[dest])
    except (ValueError, RecursionError) as error:
        raise ValueSyntaxError(name, f"Invalid {label} received.") from error
    if not isinstance(document, dict):
        raise ValueSyntaxError(
            f"--{name}", f"Invalid type: expecting map, received {type(document)}"
        )
    return document


def _parse_json(text: str | bytes) -> Any:
    import json

    return json.loads(text)


def _parse_yaml(text: str | bytes) -> Any:
    from evcli.cli.yaml import parse_yaml

    return parse_yaml(text)


_PARSERS = {
    "cli_input_json": ("JSON", _parse_json),
    "cli_input_yaml": ("YAML", _parse_yaml),
}
