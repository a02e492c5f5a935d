"""Comparing without regard to case, driven by the pattern.

Each character of the pattern accepts its own lower and upper form, which may be longer
than one character; nothing is folded on the event's side. So `straße` accepts `STRASSE`,
and `STRASSE` does not accept `straße`. `str.casefold` is a different relation.

Source: [peer] the matcher. [guess] characters beyond U+FFFF, which never match there by
accident, accept themselves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Test = Callable[[str], bool]

BASIC_PLANE_END = 0xFFFF


def fold_equals(operand: str) -> Test:
    """Build the test "the whole text is the operand"."""
    if operand.isascii():
        lowered = operand.lower()
        # The Kelvin sign has the lower form k; only ASCII texts may be lowered here.
        return lambda text: text.isascii() and text.lower() == lowered
    steps = _steps(operand)
    return lambda text: len(text) in _walk(steps, text, len(text))


def fold_prefix(operand: str) -> Test:
    """Build the test "the text begins with the operand"."""
    if operand.isascii():
        length = len(operand)
        equals = fold_equals(operand)
        return lambda text: equals(text[:length])
    steps = _steps(operand)
    return lambda text: bool(_walk(steps, text, len(text)))


def fold_suffix(operand: str) -> Test:
    """Build the test "the text ends with the operand"."""
    if operand.isascii():
        length = len(operand)
        equals = fold_equals(operand)
        return lambda text: equals(text[max(len(text) - length, 0) :])
    steps = [tuple(form[::-1] for form in forms) for forms in reversed(_steps(operand))]
    return lambda text: bool(_walk(steps, text[::-1], len(text)))


def _steps(operand: str) -> list[tuple[str, ...]]:
    return [
        (character,)
        if ord(character) > BASIC_PLANE_END
        else tuple({character.lower(): 0, character.upper(): 0})
        for character in operand
    ]


def _walk(steps: list[tuple[str, ...]], text: str, end: int) -> set[int]:
    """Find the offsets at which the steps, taken from the start of the text, can end."""
    offsets = {0}
    for forms in steps:
        offsets = {
            offset + len(form)
            for offset in offsets
            for form in forms
            if text.startswith(form, offset)
        }
        if not offsets:
            break
    return offsets
