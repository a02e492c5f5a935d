"""Answer one TAB: what the shell's script asks, in the form that it reads.

The script sets `EVCLI_COMPLETE` to the shell's name. bash hands over the raw line,
because it has cut it into words at `:` and `=`; zsh and fish hand over words, the
one at the cursor last. The answer is one candidate per line; for zsh and fish a tab and
what it is for may follow.
"""

from __future__ import annotations

from evcli.cli.completion.candidates import find_candidates
from evcli.cli.completion.words import count_broken_off, escape, split_line
from evcli.cli.output.visible import make_visible
from evcli.errors import EvcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from evcli.cli.session import Session


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
