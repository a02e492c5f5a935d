"""JSON as the commands that scripts call in a loop read and write it, without `json`.

`json` wraps two functions of C in regular expressions and classes, and to import that
costs half as much as to start a bare interpreter. So these call the functions themselves,
and leave to `json` whatever is not plain: texts with a fault, bytes, values that JSON has
not, members whose names are no strings. Results, errors and their texts are those of
`json`; tests/test_json_text.py holds both against each other.

The functions are not public. A Python that lacks one, or wants more of its caller, gets
`json` for everything. Modules that such commands do not load use `json` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

make_encoder: Callable[..., Callable[[object, int], Sequence[str]]] | None = None
make_scanner: Callable[[object], Callable[[str, int], tuple[Any, int]]] | None = None
try:
    from _json import encode_basestring as quote
    from _json import make_encoder, make_scanner  # type: ignore[assignment]
    from _json import scanstring as scan_string
except ImportError:
    from json.decoder import scanstring as scan_string  # type: ignore[attr-defined,no-redef]
    from json.encoder import encode_basestring as quote

# `quote` writes a text as a JSON string, non-ASCII as it is. `scan_string(text, start,
# True)` reads one whose content begins at `start`; gives it and the index behind it.
__all__ = [
    "BLANKS",
    "Decoder",
    "dumps",
    "dumps_indented",
    "loads",
    "quote",
    "scan_string",
]

BLANKS = " \t\n\r"
INDENT = "    "
CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
ATOMS = {None: "null", True: "true", False: "false"}


class Decoder:
    """Reads JSON with the hooks of `json.JSONDecoder`, which is what they are called."""

    # These are read by the scanner, once.
    strict = True
    object_hook = None

    def __init__(
        self,
        *,
        object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None,
        parse_float: Callable[[str], Any] = float,
        parse_int: Callable[[str], Any] = int,
        parse_constant: Callable[[str], Any] = CONSTANTS.__getitem__,
    ) -> None:
        self.object_pairs_hook = object_pairs_hook
        self.parse_float = parse_float
        self.parse_int = parse_int
        self.parse_constant = parse_constant
        self._scan: Callable[[str, int], tuple[Any, int]] | None = None
        if make_scanner is not None:
            try:
                self._scan = make_scanner(self)
            except AttributeError:
                return  # it knows hooks of which nothing is known here

    def decode(self, text: str | bytes) -> Any:
        """Read a text. Raises: ValueError, RecursionError, as `json.loads`."""
        if self._scan is not None and type(text) is str:
            try:
                value, end = self._scan(text, len(text) - len(text.lstrip(BLANKS)))
            except StopIteration:
                pass  # nothing, or nothing known, where a value should be
            else:
                if end == len(text) or not text[end:].strip(BLANKS):
                    return value
        import json

        return json.loads(
            text,
            object_pairs_hook=self.object_pairs_hook,
            parse_float=self.parse_float,
            parse_int=self.parse_int,
            parse_constant=self.parse_constant,
        )


# Read JSON without hooks.
loads = Decoder().decode


# What was begun (not watched: a value in itself is too deep in the end), how to write
# other values, how to write strings; indent, two separators; sort keys, skip keys, allow
# NaN.
_encode = make_encoder and make_encoder(
    None, None, quote, None, ":", ",", False, False, True
)


def dumps(value: object) -> str:
    """Write compact JSON: no blanks, non-ASCII as it is.

    Raises: TypeError, ValueError, RecursionError, as `json.dumps`.
    """
    if _encode is not None:
        try:
            return "".join(_encode(value, 0))
        except (TypeError, ValueError, RecursionError):
            pass  # for `json` to say
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dumps_indented(value: object, default: Callable[[object], object]) -> str:
    """Write JSON with an indent of four, non-ASCII as it is.

    Args:
        default: gives for a value that JSON has not another one.

    Raises: ValueError, RecursionError, as `json.dumps`; what `default` raises.
    """
    try:
        return _lay_out(value, "\n")
    except (TypeError, RecursionError):
        import json

        return json.dumps(value, indent=4, ensure_ascii=False, default=default)


def _lay_out(value: Any, line_end: str) -> str:
    """Write a value whose last line starts as `line_end` says. Raises: TypeError."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is int:
        return str(value)
    if value is None or kind is bool:
        return ATOMS[value]
    inner = line_end + INDENT
    if kind is dict:
        items = [
            f"{quote(key)}: {_lay_out(each, inner)}" for key, each in value.items()
        ]
        return _enclose("{", items, "}", line_end)
    if kind is list:
        return _enclose("[", [_lay_out(each, inner) for each in value], "]", line_end)
    raise TypeError(kind)


def _enclose(opening: str, items: list[str], closing: str, line_end: str) -> str:
    if not items:
        return opening + closing
    inner = line_end + INDENT
    return f"{opening}{inner}{f',{inner}'.join(items)}{line_end}{closing}"
