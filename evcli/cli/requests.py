"""From an invocation to the request: values read, documents merged, extras placed.

`--cli-input-json` and `--cli-input-yaml` give a whole request; an option on the command
line replaces the member of its name as a whole. Source: [cli].
"""

from __future__ import annotations

from evcli.cli.errors import GeneralError, ParamError, ValueSyntaxError
from evcli.cli.values import LoadError, write_json_texts
from evcli.model.names import option_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from evcli.cli.arguments import Invocation
    from evcli.cli.values import ValueReader
    from evcli.model.shapes import Operation


def build_request(invocation: Invocation, reader: ValueReader) -> dict[str, Any]:
    """Put the request together; it is not checked.

    Members from the command line come first, in model order, then those of a document
    in its order: problems are told in that order.

    Raises:
        ParamError: a value or a document cannot be read.
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
    document = _read_document(invocation.options, reader)
    if document:
        write_json_texts(operation.request, document)
        return {**request, **{k: v for k, v in document.items() if k not in request}}
    return request


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
        place, name = extra.fills
        element = operation.request.members[place].shape.element
        assert element is not None
        shape = element.members[name].shape
        filled = request.setdefault(place, [{}])[0]
        filled[name] = reader.read(extra.option, shape, values[extra.option])


def _read_document(options: Mapping[str, Any], reader: ValueReader) -> dict[str, Any]:
    given = [place for place in _PARSERS if options.get(place) is not None]
    if not given:
        return {}
    if len(given) > 1:
        raise ParamError("Only one --cli-input- parameter may be specified.")
    place = given[0]
    name = place.replace("_", "-")
    label, parse = _PARSERS[place]
    try:
        text = _load_document(options[place], reader)
    except LoadError as error:
        # [guess] The code where nothing catches the client's error; a run settles it.
        raise GeneralError(str(error)) from error
    try:
        document = parse(text)
    except (ValueError, RecursionError) as error:
        raise ValueSyntaxError(name, f"Invalid {label} received.") from error
    if not isinstance(document, dict):
        raise ValueSyntaxError(
            f"--{name}", f"Invalid type: expecting map, received {type(document)}"
        )
    return document


def _load_document(raw: str, reader: ValueReader) -> str | bytes:
    if raw == "-":
        return reader.read_standard_input()
    content = reader.load_reference(raw)
    return raw if content is None else content


def _parse_json(text: str | bytes) -> Any:
    import json

    return json.loads(text)


def _parse_yaml(text: str | bytes) -> Any:
    from evcli.cli.yaml_input import parse_yaml

    return parse_yaml(text)


_PARSERS = {
    "cli_input_json": ("JSON", _parse_json),
    "cli_input_yaml": ("YAML", _parse_yaml),
}
