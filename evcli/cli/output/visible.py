"""Control characters: what others wrote must not steer a terminal.

Event patterns, descriptions, answers of targets, names of files: any text may hold an
escape sequence. It is shown where text leaves evcli, at the few outlets, and nowhere
else: `Session.warn` and `show_error` for standard error, `Session.write` and
`write_response` for a terminal, and what draws tables and trees for people. Pipes and
files get the text as it is, as from the official client.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

# Control characters, lines and tabs excepted, and the signs that stand for them.
SIGNS = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}

# Those that JSON lets stand as they are, as JSON and YAML can also write them.
ESCAPES = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def make_visible(text: str) -> str:
    """Show control characters as signs."""
    return text.translate(SIGNS)


def make_values_visible(value: Any) -> Any:
    """Show control characters in every text of a JSON value, names included."""
    if isinstance(value, str):
        return make_visible(value)
    if isinstance(value, list):
        return [make_values_visible(item) for item in value]
    if isinstance(value, dict):
        return {
            make_visible(name): make_values_visible(item)
            for name, item in value.items()
        }
    return value


class TerminalStream:
    """A stream to a terminal that gets no control characters.

    Args:
        stream: the terminal, or the pager in front of it.
        output: the format that is written. What is JSON or YAML stays so.
    """

    def __init__(self, stream: TextIO, output: str) -> None:
        self._stream = stream
        self._table = SIGNS if output == "text" else ESCAPES

    def write(self, text: str) -> int:
        """Write a text, control characters shown."""
        return self._stream.write(text.translate(self._table))

    def flush(self) -> None:
        """Send what was written."""
        self._stream.flush()
