"""The words for a pattern that is not JSON: what stands there, what was expected.

Only a text that the reader has already refused comes here, so this may be slow.

A fault is its message, the offset that its position names, and how far the service's
parser has read by then, which is behind a character that it blames.

Source: [aws] the unrecognized token and the unquoted field name, whose columns are those
of versions 2.17 to 2.20 of the service's parser; [peer] all else, as 2.20 words it.
"""

from __future__ import annotations

from unicodedata import category

from evcli.patterns.language.error_positions import format_position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = tuple[str, int, int]

VALUE_KINDS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
NON_NUMBERS = frozenset(["NaN", "Infinity", "+Infinity", "-Infinity", "+INF", "-INF"])
PLUS_SIGN = (
    "JSON spec does not allow numbers to have plus signs: enable"
    " `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
SHOWN_WORD_CHARACTERS = 256
DIGITS = frozenset("0123456789")
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
CONTAINERS = {"{": "Object", "[": "Array"}
CLOSERS = {"{": "}", "[": "]"}
CLOSED = {"}": "Object", "]": "Array"}
BLANKS = " \t\r\n"


def describe_fault(
    text: str, expected: str, position: int, bracket: str, start: int
) -> Fault:
    """Find the message for a fault, the offset it names, and what was consumed by then.

    Args:
        expected: what the reader wanted at `position`, a key of `FAULTS`.
        bracket: the innermost open bracket, which stands at `start`; empty at the top.
    """
    return FAULTS[expected](text, position, bracket, start)


def _at_end(text: str, position: int, bracket: str, start: int) -> Fault:
    opened = f"(start marker at {format_position(text, start)})"
    return _end_of_input(
        text, f": expected close marker for {CONTAINERS[bracket]} {opened}"
    )


def _within(text: str, position: int, bracket: str, start: int) -> Fault:
    return _end_of_input(text, f" within/between {CONTAINERS[bracket]} entries")


def _at_close(text: str, position: int, bracket: str, start: int) -> Fault:
    closer = text[position]
    wish = f"no open {CLOSED[closer]} to close"
    if bracket:
        opened = (
            f"(for {CONTAINERS[bracket]} starting at {format_position(text, start)})"
        )
        wish = f"expected '{CLOSERS[bracket]}' {opened}"
    return f"Unexpected close marker '{closer}': {wish}", position, position + 1


def _at_key(text: str, position: int, bracket: str, start: int) -> Fault:
    return _misplaced(text, position, "was expecting double-quote to start field name")


def _at_colon(text: str, position: int, bracket: str, start: int) -> Fault:
    wish = "was expecting a colon to separate field name and value"
    return _misplaced(text, position, wish)


def _at_next(text: str, position: int, bracket: str, start: int) -> Fault:
    if not bracket:
        wish = "Expected space separating root-level values"
        return _unexpected(text, position, wish)
    wish = f"was expecting comma to separate {CONTAINERS[bracket]} entries"
    return _misplaced(text, position, wish)


def _at_value(text: str, position: int, bracket: str, start: int) -> Fault:
    character = text[position]
    if character in CLOSED and not bracket:
        return _at_close(text, position, bracket, start)
    if character == "}":
        return _unexpected(text, position, "expected a value")
    following = text[position + 1 : position + 2]
    if character == "+" or (character == "-" and following not in DIGITS):
        return _describe_sign(text, position)
    if character == "-" or character in DIGITS:
        return _describe_number(text, position, bracket)
    if _is_word_character(character) and not character.isnumeric():
        return _describe_word(text, position)
    return _expect_value(text, position)


def _in_string(text: str, position: int, bracket: str, start: int) -> Fault:
    ending = ": was expecting closing quote for a string value"
    return _describe_string(text, position, "string value", ending)


def _in_name(text: str, position: int, bracket: str, start: int) -> Fault:
    return _describe_string(text, position, "name", " in field name")


FAULTS: dict[str, Callable[[str, int, str, int], Fault]] = {
    "end": _at_end,
    "within": _within,
    "close": _at_close,
    "key": _at_key,
    "colon": _at_colon,
    "next": _at_next,
    "value": _at_value,
    "string": _in_string,
    "name": _in_name,
}


def _end_of_input(text: str, ending: str) -> Fault:
    return f"Unexpected end-of-input{ending}", len(text), len(text)


def _expect_value(text: str, position: int) -> Fault:
    return _misplaced(text, position, f"expected a valid value {VALUE_KINDS}")


def _misplaced(text: str, position: int, wish: str) -> Fault:
    """Blame a character between tokens, where comments and controls have own words."""
    shown = _describe(text[position])
    if text[position] == "/":
        wish = (
            "maybe a (non-standard) comment? (not recognized as one since Feature"
            " 'ALLOW_COMMENTS' not enabled for parser)"
        )
    elif text[position] < " " and text[position] not in BLANKS:
        message = (
            f"Illegal character ({shown}): only regular white space"
            " (\\r, \\n, \\t) is allowed between tokens"
        )
        return message, position + 1, position + 1
    return _unexpected(text, position, wish)


def _unexpected(text: str, position: int, wish: str) -> Fault:
    message = f"Unexpected character ({_describe(text[position])}): {wish}"
    return message, position, position + 1


def _describe_word(text: str, position: int) -> Fault:
    limit = position + SHOWN_WORD_CHARACTERS
    end = position + 1  # what begins a word may be a sign
    while end < limit and _is_word_character(text[end : end + 1]):
        end += 1
    word = text[position:end]
    if word in NON_NUMBERS:
        setting = "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`"
        return f"Non-standard token '{word}': enable {setting} to allow", end, end
    more = "..." * (end == limit)
    return f"Unrecognized token '{word}{more}': was expecting {VALUE_KINDS}", end, end


def _describe_sign(text: str, position: int) -> Fault:
    """Find the fault of a sign that no digit follows."""
    sign = text[position]
    end = position + 1
    if text.startswith(("IN", "In"), end):
        return _describe_word(text, position)
    if text.startswith("-.", position):
        return _expect_value(text, end)
    if sign == "-" and end == len(text):
        return _end_of_input(text, "No digit following sign")
    end += text.startswith("I", end)
    if end == len(text):
        return _end_of_input(text, " in a Number value")
    if sign == "+":
        return _blame_digit(sign, PLUS_SIGN, end)
    wish = "expected digit (0-9) to follow minus sign, for valid numeric value"
    return _blame_digit(text[end], wish, end)


def _describe_number(text: str, position: int, bracket: str) -> Fault:
    """Find the fault of a number whose first digit is there."""
    first = position + (text[position] == "-")
    end = whole = _skip_digits(text, first)
    if text[first] == "0" and whole > first + 1:
        return "Invalid numeric value: Leading zeroes not allowed", first + 1, first + 1
    wish = ""
    if text.startswith(".", end):
        end = _skip_digits(text, end + 1)
        wish = "Decimal point not followed by a digit" * (end == whole + 1)
    if not wish and text.startswith(("e", "E"), end):
        end += 1 + text.startswith(("+", "-"), end + 1)
        wish = "Exponent indicator not followed by a digit"
        if end == len(text):
            return _end_of_input(text, "expected a digit for number exponent")
    if not wish:  # the number is one; what follows it is not
        return _at_next(text, end, bracket, 0)
    # The parser reads on from a zero, and looks ahead from any other digits.
    named = end if text[first] == "0" and end < len(text) else whole
    return _blame_digit(text[min(end, len(text) - 1)], wish, named)


def _skip_digits(text: str, position: int) -> int:
    while text[position : position + 1] in DIGITS:
        position += 1
    return position


def _blame_digit(character: str, wish: str, position: int) -> Fault:
    shown = _describe(character)
    message = f"Unexpected character ({shown}) in numeric value: {wish}"
    return message, position, position + 1


def _describe_string(text: str, position: int, part: str, ending: str) -> Fault:
    while position < len(text) and text[position] != '"':
        character = text[position]
        if character < " ":
            message = (
                f"Illegal unquoted character ({_describe(character)}): has to be"
                f" escaped using backslash to be included in {part}"
            )
            return message, position, position + 1
        if character == "\\":
            fault = _describe_escape(text, position)
            if fault is not None:
                return fault
            position += 1
        position += 1
    return _end_of_input(text, ending)


def _describe_escape(text: str, position: int) -> Fault | None:
    """Find the fault of the escape that begins with the backslash at `position`."""
    kind = text[position + 1 : position + 2]
    digits = text[position + 2 : position + 6]
    wrong = [index for index, digit in enumerate(digits) if digit not in HEX_DIGITS]
    if kind == "u" and wrong:
        wish = "expected a hex-digit for character escape sequence"
        return _unexpected(text, position + 2 + wrong[0], wish)
    if not kind or (kind == "u" and len(digits) < 4):
        return _end_of_input(text, " in character escape sequence")
    if kind not in '"\\/bfnrtu':
        message = f"Unrecognized character escape {_describe(kind)}"
        return message, position + 1, position + 2
    return None


def _describe(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"(CTRL-CHAR, code {code})"
    if code > 0xFF:
        return f"'{character}' (code {code} / 0x{code:x})"
    return f"'{character}' (code {code})"


def _is_word_character(character: str) -> bool:
    # What may stand in a name of Java, its ignorable controls aside.
    return character != "" and (
        character.isalnum() or category(character) in ("Sc", "Pc")
    )
