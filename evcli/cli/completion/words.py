"""The words of an unfinished shell line, up to the cursor."""

from __future__ import annotations

# Where a shell begins another command.
SEPARATORS = frozenset(";|&()\n")
ESCAPABLE_IN_DOUBLE_QUOTES = frozenset('"\\$`\n')
UNQUOTED = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,^"
)


class Line:
    """What stands before the cursor.

    `words` are the finished words, the program's name first; `current` is the one at
    the cursor, "" after a blank. All are without quotes; `quote` is the one that is
    still open at the cursor.
    """

    __slots__ = ("current", "quote", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.current = ""
        self.quote = ""


def split_line(text: str) -> Line:
    """Split the text before the cursor as a shell would, forgiving what is unfinished."""
    line = Line()
    is_word = False
    position = 0
    while position < len(text):
        char = text[position]
        position += 1
        if char == "\\" and line.quote != "'":
            following = text[position : position + 1]
            position += 1
            if line.quote and following not in ESCAPABLE_IN_DOUBLE_QUOTES:
                following = char + following
            line.current += following
            is_word = True
        elif line.quote:
            if char == line.quote:
                line.quote = ""
            else:
                line.current += char
        elif char in "'\"":
            line.quote = char
            is_word = True
        elif char in " \t" or char in SEPARATORS:
            if is_word:
                line.words.append(line.current)
            if char in SEPARATORS:
                line.words = []
            line.current = ""
            is_word = False
        else:
            line.current += char
            is_word = True
    return line


def escape(text: str) -> str:
    """Put a backslash before what a shell would not take as it is."""
    return "".join(
        char if char in UNQUOTED or not char.isascii() else f"\\{char}" for char in text
    )


def count_broken_off(line: Line, breaks: str) -> int:
    """Count the characters of the current word that bash has put into words before.

    bash starts a new word after each of `COMP_WORDBREAKS`, such as `:` and `=`, and
    replaces only what stands behind the last one; not within quotes.
    """
    if line.quote:
        return 0
    return max((line.current.rfind(char) + 1 for char in breaks), default=0)
