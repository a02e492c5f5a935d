"""Random characters for names that the service makes up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from evcli.context import Context

LOWER_CASE = "abcdefghijklmnopqrstuvwxyz"
LETTERS_AND_DIGITS = LOWER_CASE + LOWER_CASE.upper() + "0123456789"


def draw_text(ctx: Context, alphabet: str, length: int) -> str:
    """Draw characters of an alphabet; the randomness is that of a new id.

    Args:
        length: at most 8. The last 12 digits of an id are 48 random bits.
    """
    number = int(ctx.new_id()[-12:], 16)
    text = ""
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        text += alphabet[place]
    return text
