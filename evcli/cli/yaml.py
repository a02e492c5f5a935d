"""YAML 1.2 over PyYAML: `--cli-input-yaml`, `--output yaml` and `--output yaml-stream`.

PyYAML's rules are those of YAML 1.1, hence the table here: `yes`, `no`, `on` and `off`
are text, `010` is ten and `1:30` is text. Written, keys are sorted, dashes stand at the
parent's indent, long strings fold near column 80, and a string is quoted only where
YAML 1.2 would read it as something else: `'1'` and `'2024-01-01'` are.

Source: [aws] observed; [peer] ruamel.yaml, which the official client uses.
"""

from __future__ import annotations

import re
from datetime import datetime

import yaml

from evcli.cli.errors import GeneralError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from evcli.cli.output.rendering import RenderedResponse

# Tag, what a bare scalar of that type looks like, its first characters. Sexagesimal
# numbers are gone since 1.2.
SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}"
        r":[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?",
        "0123456789",
    ),
)
# Numbers as YAML 1.2 has them.
READ_SCALARS = (
    *SCALARS,
    (
        "float",
        r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("int", r"[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)", "-+0123456789"),
)
# Those that ruamel.yaml quotes: its numbers take underscores, and there are binary ones.
WRITTEN_SCALARS = (
    *SCALARS,
    (
        "float",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+([eE][-+][0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)"
        r"|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
    (
        "int",
        r"[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+",
        "-+0123456789",
    ),
    ("value", r"=", "="),
)

# libyaml's, as in the official client; those in Python differ in corners (emoji, empty
# keys) and stand in where PyYAML was built without libyaml.
_SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_SafeLoader):  # type: ignore[misc, valid-type]  # chosen at run time
    """A safe loader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


class Dumper(_SafeDumper):  # type: ignore[misc, valid-type]  # chosen at run time
    """A safe dumper with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def construct_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    """Read an integer: a leading zero means nothing, `0o10` is eight."""
    text = loader.construct_scalar(node)
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    base = {"0o": 8, "0x": 16}.get(digits[:2], 10)
    return sign * int(digits, base)


def represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    """Write a float as Python does: `1e-05` is one in YAML 1.2, in 1.1 `1.0e-05` was."""
    text = repr(value).replace("inf", ".inf").replace("nan", ".nan")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


for _class, _scalars in ((Loader, READ_SCALARS), (Dumper, WRITTEN_SCALARS)):
    for _tag, _regex, _first in _scalars:
        _class.add_implicit_resolver(
            f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_regex})$"), list(_first)
        )
Loader.add_constructor("tag:yaml.org,2002:int", construct_int)
Dumper.add_representer(float, represent_float)


def parse_yaml(text: str | bytes) -> Any:
    """Parse one document.

    Raises: ValueError: it is not YAML, or not one document.
    """
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def format_yaml(value: Any) -> str:
    """Format a value with its final newline; a scalar is printed as JSON.

    YAML would end a document that is one scalar with a line `...`. Source: [aws].

    Raises: GeneralError: a query left a reference to an expression, such as `&@`.
    """
    if value is None or isinstance(value, (str, int, float, datetime)):
        from evcli.cli.output.rendering import format_json

        return format_json(value) + "\n"
    try:
        text: str = yaml.dump(
            value, Dumper=Dumper, default_flow_style=False, allow_unicode=True, width=80
        )
    except yaml.representer.RepresenterError as error:
        # Source: [aws] the words.
        raise GeneralError(": ".join(map(str, error.args))) from error
    return text


def write(response: RenderedResponse, stream: TextIO) -> None:
    """Write the whole answer as one document; nothing for an empty object."""
    result = response.get_result()
    if result != {}:
        stream.write(format_yaml(result))


def write_stream(response: RenderedResponse, stream: TextIO) -> None:
    """Write a list with one item per page, each page as the service gave it."""
    for result in response.get_results_as_received():
        stream.write(format_yaml([result]))
        stream.flush()
