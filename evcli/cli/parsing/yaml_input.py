"""`--cli-input-yaml`: YAML 1.2 read by PyYAML, which by itself reads YAML 1.1.

In YAML 1.2 `yes`, `no`, `on` and `off` are text, `010` is ten and `1:30` is text.
Source: [aws] the rules of 1.2 in what the official client writes and reads.
"""

from __future__ import annotations

import re

import yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
INT = re.compile(r"^[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)$")
FLOAT = re.compile(
    r"^(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)


class _Loader(yaml.SafeLoader):
    """Scalars by the rules of YAML 1.2."""


def parse_yaml(text: str | bytes) -> Any:
    """Parse one document.

    Raises: ValueError: it is not YAML, or not one document.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _construct_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    for prefix, base in (("0o", 8), ("0x", 16)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], base)
    return sign * int(digits)


def _resolve_scalars() -> None:
    kept = [f"tag:yaml.org,2002:{name}" for name in ("null", "timestamp", "merge")]
    resolvers = {
        first: [(tag, regex) for tag, regex in entries if tag in kept]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _Loader.yaml_implicit_resolvers = resolvers
    for name, regex, firsts in (
        ("bool", BOOL, "tTfF"),
        ("int", INT, "-+0123456789"),
        ("float", FLOAT, "-+.0123456789"),
    ):
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", regex, list(firsts))
    _Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)


_resolve_scalars()
