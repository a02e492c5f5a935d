"""Files of parameters, in the forms in which people have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evcli.errors import ConfigurationError
from evcli.infrastructure.sources import parse_source, read_text

if TYPE_CHECKING:
    from typing import Any, TextIO


def read_parameters(path: str, stdin: TextIO) -> dict[str, str]:
    """Read the values of parameters from a file in JSON or YAML.

    It is a list of `ParameterKey` and `ParameterValue`, as `aws cloudformation` takes it,
    or an object of names and values, by itself or under `Parameters`.

    Raises: ConfigurationError: it cannot be read, or is none of these.
    """
    source = parse_source(path, read_text(path, stdin))
    value = source.value
    if isinstance(value, dict) and isinstance(value.get("Parameters"), dict):
        value = value["Parameters"]
    if isinstance(value, list) and all(
        isinstance(each, dict) and "ParameterKey" in each for each in value
    ):
        value = {each["ParameterKey"]: each.get("ParameterValue", "") for each in value}
    if not isinstance(value, dict):
        raise source.fault((), "these are no parameters.")
    return {name: _write(source, name, item) for name, item in value.items()}


def _write(source: Any, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_write(source, name, each) for each in value)
    if isinstance(value, dict) or value is None:
        raise source.fault((name,), f"{name} has to be a text, a number or a list.")
    return str(value)


def read_assignments(given: tuple[str, ...], what: str) -> dict[str, str]:
    """Read `NAME=VALUE` texts. Raises: ConfigurationError: one is none."""
    values = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise ConfigurationError(f"{what} {text!r} is not NAME=VALUE.")
        values[name] = value
    return values
