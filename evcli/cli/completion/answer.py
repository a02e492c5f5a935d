"""Answer one TAB: what the shell's script asks, in the form that it reads.

The script sets `EVCLI_COMPLETE` to the shell's name. bash hands over the raw line,
because it has cut it into words at `:` and `=`; zsh and fish hand over words, the
one at the cursor last. The answer is one candidate per line; for zsh and fish a tab and
what it is for may follow.
"""

from __future__ import annotations

from evcli.cli.completion.candidates import find_candidates
from evcli.cli.output.visible import make_visible
from evcli.errors import EvcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.cli.session import Session

# Where a shell begins another command.
SEPARATORS = frozenset(";|&()\n")
ESCAPABLE_IN_DOUBLE_QUOTES = frozenset('"\\$`\n')
UNQUOTED = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,^"
)


def write_candidates(session: Session, argv: Sequence[str]) -> int:
    """Write the candidates to standard output; problems are nobody's business here."""
    try:
        if session.environ["EVCLI_COMPLETE"] == "bash":
            lines = _answer_bash(session)
        else:
            lines = _answer_words(session, argv)
    except (EvcliError, OSError, ValueError):
        return 0
    # What cannot be typed is not offered either, and the shell shows it as it is.
    shown = [line for line in lines if make_visible(line) == line and "\n" not in line]
    session.stdout.write("".join(f"{line}\n" for line in shown))
    return 0


def _answer_bash(session: Session) -> list[str]:
    """Answer with what stands behind the last word break, quoted unless quotes do."""
    environ = session.environ
    line = split_line(environ.get("EVCLI_LINE", ""))
    broken_off = count_broken_off(line, environ.get("EVCLI_WORDBREAKS", ""))
    texts = [
        text[broken_off:]
        for text, _ in find_candidates(session, line.words[1:], line.current)
    ]
    return texts if line.quote else [escape(text) for text in texts]


def _answer_words(session: Session, argv: Sequence[str]) -> list[str]:
    *words, typed = argv or [""]
    # The word at the cursor comes as it was typed, with quotes that may be unfinished.
    line = split_line(typed)
    candidates = find_candidates(session, words, line.current)
    return [f"{text}\t{purpose}" if purpose else text for text, purpose in candidates]


# -- the line before the cursor


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
