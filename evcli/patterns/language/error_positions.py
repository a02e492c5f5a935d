"""Where in a pattern an error was noticed, worded as the service words it.

Lines and columns count from 1. The column is 1 plus the number of UTF-16 units of the
line that the pull parser has consumed, so it points behind the token that was read.

Source: [aws] recorded messages; [peer] the matcher for cut and escaped sources.
"""

from __future__ import annotations

from evcli.errors import InvalidEventPatternException

SHOWN_UNITS = 500


def locate(text: str, consumed: int) -> tuple[int, int]:
    """Turn a count of consumed characters into (line, column)."""
    head = text[:consumed].replace("\r\n", "\n").replace("\r", "\n")
    return head.count("\n") + 1, _count_units(head[head.rfind("\n") + 1 :]) + 1


def format_position(text: str, consumed: int) -> str:
    """Format `[Source: (String)"..."; line: L, column: C]`."""
    line, column = locate(text, consumed)
    return f"[Source: (String){_quote(text)}; line: {line}, column: {column}]"


def build_error(text: str, message: str, consumed: int) -> InvalidEventPatternException:
    """Build the exception whose reason is the message and its position."""
    position = format_position(text, consumed)
    return InvalidEventPatternException(clean(f"{message}\n at {position}"))


def clean(text: str) -> str:
    """Replace halves of surrogate pairs, which no output stream can encode, by `?`."""
    return text.encode("utf-8", "replace").decode()


def _count_units(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _quote(text: str) -> str:
    units = _count_units(text)
    note = ""
    if units > SHOWN_UNITS:
        encoded = text.encode("utf-16-le", "surrogatepass")[: 2 * SHOWN_UNITS]
        text = encoded.decode("utf-16-le", "surrogatepass")
        note = f"[truncated {units - SHOWN_UNITS} chars]"
    if not text.isprintable():
        text = "".join(map(_show, text))
    return f'"{text}"{note}'


def _show(character: str) -> str:
    code = ord(character)
    if character in "\r\n" or not (code < 0x20 or 0x7F <= code < 0xA0):
        return character
    return f"\\u{code:04X}"
