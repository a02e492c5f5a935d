"""The pull parser for the text of an event pattern: tokens, one at a time.

`json.loads` hides what the check of a pattern needs: repeated keys, the text of numbers,
positions, and which of two faults comes first. So a pattern is read token by token, and
`consumed` says after each token how far the service's own parser has read:

    { } [ ]                        the bracket
    field name                     the colon and the start of its value
    string                         its opening quote; once `take_text` ran, all of it
    number, true, false, null      all of it

Faults are found as late as the service finds them: a string's content when it is taken
or passed over, and nothing behind the brace that closes the pattern.

The C-coded parts of `json` do the scanning; a text that they refuse is looked at again,
slowly, by `evcli.patterns.language.json_faults`, which finds the words for the fault.

Source: [aws] recorded positions; [peer] the matcher's parser for the rest.
"""

from __future__ import annotations

from evcli.json_text import BLANKS, scan_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.errors import InvalidEventPatternException

# [guess] the default of newer versions of the service's parser.
MAX_DEPTH = 1000

DIGITS = "0123456789"
LITERALS = {"t": "true", "f": "false", "n": "null"}
CLOSERS = {"{": "}", "[": "]"}


class Reader:
    """A position in a JSON text.

    `token` is one of `{ } [ ] name string number true false null`, or empty at the end
    of the text. `value` is the token's text, for a string only after `take_text`.
    """

    __slots__ = (
        "_fresh",
        "_max_depth",
        "_next",
        "_next_value",
        "_open",
        "_string",
        "consumed",
        "text",
        "token",
        "value",
    )

    def __init__(self, text: str, max_depth: int = MAX_DEPTH) -> None:
        self.text = text
        self.consumed = 0
        self.token = ""
        self.value = ""
        self._max_depth = max_depth
        self._open: list[tuple[str, int]] = []  # bracket and where it stands
        self._fresh = True  # nothing read yet in the innermost container
        # The token of a value whose field name is the current token, and its text.
        self._next = self._next_value = ""
        self._string = -1  # where the content of a string not taken yet begins

    def error(self, message: str, advice: str = "") -> InvalidEventPatternException:
        """Build the error for a fault of meaning at the current token."""
        from evcli.patterns.language.error_positions import build_error  # noqa: PLC0415 - errors only

        error = build_error(self.text, message, self.consumed)
        error.advice = advice
        return error

    def advance(self) -> str:
        """Step to the next token.

        Raises: InvalidEventPatternException: the text is not JSON up to there.
        """
        if self._next:
            self.token, self._next = self._next, ""
            self.value = self._next_value
            return self._enter() if self.token in CLOSERS else self.token
        if self._string >= 0:
            self.take_text()
        position = self._skip_blanks(self.consumed)
        if position == len(self.text):
            self.consumed = position
            self.token = self.value = ""
            if self._open:
                raise self._fault("end", position)
            return ""
        return self._read(position)

    def take_text(self) -> str:
        """Decode the current string; from here on it counts as consumed."""
        if self._string >= 0:
            self.value, self.consumed = self._scan_string(self._string, "string")
            self._string = -1
        return self.value

    def _read(self, position: int) -> str:
        character = self.text[position]
        if not self._open:
            self.token = self._start_value(position, character)
            if self.token == "number" and self.consumed < len(self.text):
                # A blank must follow, which counts as consumed.
                if self.text[self.consumed] not in " \t\r\n":
                    raise self._fault("next", self.consumed)
                self.consumed += 1
            return self._enter() if self.token in CLOSERS else self.token
        bracket = self._open[-1][0]
        if character in "]}":
            return self._leave(position, character, bracket)
        if self._fresh:
            self._fresh = False
        elif character == ",":
            position = self._skip_blanks(position + 1, "within")
            character = self.text[position]
        else:
            raise self._fault("next", position)
        if bracket == "{":
            return self._read_name(position, character)
        self.token = self._start_value(position, character)
        return self._enter() if self.token in CLOSERS else self.token

    def _read_name(self, position: int, character: str) -> str:
        if character != '"':
            raise self._fault("key", position)
        name, end = self._scan_string(position + 1, "name")
        position = self._skip_blanks(end, "within")
        if self.text[position] != ":":
            raise self._fault("colon", position)
        position = self._skip_blanks(position + 1, "within")
        self._next = self._start_value(position, self.text[position])
        self._next_value = self.value
        self.value = name
        self.token = "name"
        return "name"

    def _start_value(self, position: int, character: str) -> str:
        if character == '"':
            self.consumed = self._string = position + 1
            return "string"
        if character in CLOSERS:
            self.value = character
            self.consumed = position + 1
            return character
        kind = LITERALS.get(character)
        if kind is not None and self.text.startswith(kind, position):
            end = position + len(kind)
            if not _continues_word(self.text[end : end + 1]):
                self.value = kind
                self.consumed = end
                return kind
        elif character == "-" or character in DIGITS:
            end = _find_end_of_number(self.text, position)
            if end > position:
                self.value = self.text[position:end]
                self.consumed = end
                return "number"
        raise self._fault("value", position)

    def _enter(self) -> str:
        if len(self._open) == self._max_depth:
            raise self.error(
                f"Document nesting depth ({self._max_depth + 1}) exceeds the maximum"
                f" allowed ({self._max_depth})"
            )
        self._open.append((self.token, self.consumed - 1))
        self._fresh = True
        return self.token

    def _leave(self, position: int, character: str, bracket: str) -> str:
        if character != CLOSERS[bracket]:
            raise self._fault("close", position)
        self._open.pop()
        self._fresh = False
        self.consumed = position + 1
        self.token = self.value = character
        return character

    def _skip_blanks(self, position: int, at_end: str = "") -> int:
        text = self.text
        end = position
        while end < len(text) and text[end] in BLANKS:
            end += 1
        if at_end and end == len(text):
            raise self._fault(at_end, end)
        return end

    def _scan_string(self, start: int, kind: str) -> tuple[str, int]:
        try:
            scanned: tuple[str, int] = scan_string(self.text, start, True)
        except ValueError as error:
            raise self._fault(kind, start) from error
        return scanned

    def _fault(self, expected: str, position: int) -> InvalidEventPatternException:
        from evcli.patterns.language.error_positions import build_error  # noqa: PLC0415 - errors only
        from evcli.patterns.language.json_faults import describe_fault  # noqa: PLC0415 - errors only

        bracket, start = self._open[-1] if self._open else ("", 0)
        message, named, self.consumed = describe_fault(
            self.text, expected, position, bracket, start
        )
        return build_error(self.text, message, named)


def _find_end_of_number(text: str, start: int) -> int:
    """Find where a number ends that begins at `start`; give `start` if it is none.

    01, 1. and 1e are no numbers, but 1.2.3 is one with something behind it.
    """
    whole = start + (text[start] == "-")
    end = _skip_digits(text, whole)
    if end == whole or (text[whole] == "0" and end > whole + 1):
        return start
    if text.startswith(".", end):
        fraction = end + 1
        end = _skip_digits(text, fraction)
        if end == fraction:
            return start
    if text.startswith(("e", "E"), end):
        exponent = end + 1 + text.startswith(("+", "-"), end + 1)
        end = _skip_digits(text, exponent)
        if end == exponent:
            return start
    return end


def _skip_digits(text: str, position: int) -> int:
    while position < len(text) and text[position] in DIGITS:
        position += 1
    return position


def _continues_word(character: str) -> bool:
    # Of what may continue a word, the service's parser overlooks `$` here. [peer]
    return character.isalnum() or character == "_"
