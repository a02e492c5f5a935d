"""The words for a pattern that is not JSON: what stands there, what was expected.

Only a text that the reader has already refused comes here, so this may be slow.

Source: [aws] the unrecognized token and the unquoted field name; [peer] the other texts,
which the service's parser produces. [guess] their columns point at the character itself;
a recording of any of them would settle it.
"""

from __future__ import annotations

from json.scanner import NUMBER_RE

from evcli.patterns.positions import format_position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

VALUE_KINDS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
SHOWN_WORD_CHARACTERS = 256
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
CONTAINERS = {"{": "Object", "[": "Array"}
CLOSERS = {"{": "}", "[": "]"}
BLANKS = " \t\r\n"


def describe_fault(
    text: str, expected: str, position: int, bracket: str, start: int
) -> tuple[str, int]:
    """Find the message for a fault, and how much of the text was consumed by then.

    Args:
        expected: what the reader wanted at `position`, a key of `FAULTS`.
        bracket: the innermost open bracket, which stands at `start`; empty at the top.
    """
    return FAULTS[expected](text, position, bracket, start)


def _at_end(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    opened = format_position(text, start)
    return (
        f"Unexpected end-of-input: expected close marker for {CONTAINERS[bracket]}"
        f" (start marker at {opened})"
    ), position


def _within(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    place = CONTAINERS[bracket]
    return f"Unexpected end-of-input within/between {place} entries", position


def _at_close(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    opened = format_position(text, start)
    return (
        f"Unexpected close marker '{text[position]}': expected '{CLOSERS[bracket]}'"
        f" (for {CONTAINERS[bracket]} starting at {opened})"
    ), position


def _at_key(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    return _unexpected(text, position, "was expecting double-quote to start field name")


def _at_colon(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    wish = "was expecting a colon to separate field name and value"
    return _unexpected(text, position, wish)


def _at_comma(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    wish = f"was expecting comma to separate {CONTAINERS[bracket]} entries"
    return _unexpected(text, position, wish)


def _at_value(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    character = text[position]
    if character in "-0123456789":
        return _describe_number(text, position)
    for word in ("NaN", "Infinity"):
        if text.startswith(word, position):
            return (
                f"Non-standard token '{word}': enable"
                " JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"
            ), position + len(word)
    if _is_word_character(character) and not character.isnumeric():
        return _describe_word(text, position)
    return _unexpected(text, position, f"expected a valid value {VALUE_KINDS}")


def _in_string(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    ending = ": was expecting closing quote for a string value"
    return _describe_string(text, position, "string value", ending)


def _in_name(text: str, position: int, bracket: str, start: int) -> tuple[str, int]:
    return _describe_string(text, position, "name", " in field name")


FAULTS: dict[str, Callable[[str, int, str, int], tuple[str, int]]] = {
    "end": _at_end,
    "within": _within,
    "close": _at_close,
    "key": _at_key,
    "colon": _at_colon,
    "comma": _at_comma,
    "value": _at_value,
    "string": _in_string,
    "name": _in_name,
}


def _unexpected(text: str, position: int, wish: str) -> tuple[str, int]:
    character = text[position]
    if character == "/":
        wish = (
            "maybe a (non-standard) comment? (not recognized as one since Feature"
            " 'ALLOW_COMMENTS' not enabled for parser)"
        )
    elif character < " " and character not in BLANKS:
        shown = _describe(character)
        return (
            f"Illegal character ({shown}): only regular white space"
            " (\\r, \\n, \\t) is allowed between tokens"
        ), position
    return f"Unexpected character ({_describe(character)}): {wish}", position


def _describe_word(text: str, position: int) -> tuple[str, int]:
    limit = position + SHOWN_WORD_CHARACTERS
    end = position
    while end < limit and _is_word_character(text[end : end + 1]):
        end += 1
    more = "..." if _is_word_character(text[end : end + 1]) else ""
    word = text[position:end] + more
    return f"Unrecognized token '{word}': was expecting {VALUE_KINDS}", end


def _describe_number(text: str, position: int) -> tuple[str, int]:
    number = NUMBER_RE.match(text, position)
    if number is None:
        return _expect_digit(text, position + 1, "to follow minus sign")
    end = position + len(number[0].encode("ascii", "ignore"))
    following = text[end : end + 1]
    if following == ".":
        return _blame_digit(text, end + 1, "Decimal point not followed by a digit")
    if following and following in "eE":
        end += 2 if text[end + 1 : end + 2] in ("+", "-") else 1
        return _blame_digit(text, end, "Exponent indicator not followed by a digit")
    if following and following in "0123456789":
        return "Invalid numeric value: Leading zeroes not allowed", end
    return _unexpected(text, end, f"expected a valid value {VALUE_KINDS}")


def _expect_digit(text: str, end: int, place: str) -> tuple[str, int]:
    wish = f"expected digit (0-9) {place}, for valid numeric value"
    return _blame_digit(text, end, wish)


def _blame_digit(text: str, end: int, wish: str) -> tuple[str, int]:
    if end >= len(text):
        return "Unexpected end-of-input in numeric value", len(text)
    shown = _describe(text[end])
    return f"Unexpected character ({shown}) in numeric value: {wish}", end


def _describe_string(
    text: str, position: int, place: str, ending: str
) -> tuple[str, int]:
    while position < len(text) and text[position] != '"':
        character = text[position]
        if character < " ":
            return (
                f"Illegal unquoted character ({_describe(character)}): has to be"
                f" escaped using backslash to be included in {place}"
            ), position
        if character == "\\":
            fault = _describe_escape(text, position)
            if fault is not None:
                return fault
            position += 1
        position += 1
    return f"Unexpected end-of-input{ending}", len(text)


def _describe_escape(text: str, position: int) -> tuple[str, int] | None:
    """Find the fault of the escape that begins with the backslash at `position`."""
    kind = text[position + 1 : position + 2]
    digits = text[position + 2 : position + 6]
    wrong = [index for index, digit in enumerate(digits) if digit not in HEX_DIGITS]
    if kind == "u" and wrong:
        place = position + 2 + wrong[0]
        wish = "expected a hex-digit for character escape sequence"
        return f"Unexpected character ({_describe(text[place])}): {wish}", place
    if not kind or (kind == "u" and len(digits) < 4):
        return "Unexpected end-of-input in character escape sequence", len(text)
    if kind not in '"\\/bfnrtu':
        return f"Unrecognized character escape {_describe(kind)}", position + 1
    return None


def _describe(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return f"(CTRL-CHAR, code {code})"
    if code > 0xFF:
        return f"'{character}' (code {code} / 0x{code:x})"
    return f"'{character}' (code {code})"


def _is_word_character(character: str) -> bool:
    return character.isalnum() or (character != "" and character in "_$")
