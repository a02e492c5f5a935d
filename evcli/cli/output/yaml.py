"""`--output yaml` and `--output yaml-stream`.

Keys are sorted, dashes stand at the parent's indent, long strings fold near column 80,
and a string is quoted only where YAML 1.2 would read it as something else: `yes` and
`on` stay bare, `'1'` and `'2024-01-01'` do not. PyYAML's rules are YAML 1.1's, hence the
table here. Source: [aws] observed; [peer] ruamel.yaml, which the official client uses.
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


# Tag, what a bare scalar of that type looks like, its first characters. Digits take
# underscores and a leading zero; sexagesimal numbers are gone since 1.2.
SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
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
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}"
        r":[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?",
        "0123456789",
    ),
    ("value", r"=", "="),
)


# libyaml's emitter, as in the official client; the one in Python differs in corners
# (emoji, empty keys) and stands in where PyYAML was built without libyaml.
_SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Dumper(_SafeDumper):  # type: ignore[misc, valid-type]  # chosen at run time
    """A safe dumper with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _regex, _first in SCALARS:
    Dumper.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_regex})$"), list(_first)
    )


def represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    """Write a float as Python does: `1e-05` is one in YAML 1.2, in 1.1 `1.0e-05` was."""
    text = repr(value).replace("inf", ".inf").replace("nan", ".nan")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


Dumper.add_representer(float, represent_float)


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
