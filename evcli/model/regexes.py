r"""The service model's regular expressions, which are Java's, matched by Python's `re`.

Java looks at the whole value, its classes `\d`, `\w`, `\s` are ASCII, and its dot stops
at five line ends, not at one. Each model regex is translated once, when the first value
is held against it. An unknown construct is an error of `re`, never a wrong verdict.

Two of the model's regexes take exponential time to refuse a value: a blank may belong
to a word or to the gap between words. They are replaced by equal ones that read each
character once; the tests compare both on every short value.

Source: [doc] the regexes; [doc] java.util.regex.Pattern.
"""

from __future__ import annotations

import re
from functools import cache

# The constructs of Java that `re` lacks. Letters and numbers, with the underscore, are
# just what `\w` is for text; the separators are the 19 characters of category Z.
PROPERTIES = {
    r"\p{L}\p{Z}\p{N}_": r"\w \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
DOT = r"[^\n\r\x85\u2028\u2029]"
LINEAR = {
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": (
        r"\t*[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*"
    ),
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*[\x20-\x7E][\t\x20-\x7E]*",
}


def is_match(regex: str, value: str) -> bool:
    """Hold a whole value against a regex of the service model."""
    return compile_regex(regex).fullmatch(value) is not None


@cache
def compile_regex(regex: str) -> re.Pattern[str]:
    """Translate a regex of the service model for `fullmatch`."""
    translated = LINEAR.get(regex, regex)
    flags = re.ASCII
    for java, python in PROPERTIES.items():
        if java in translated:
            translated = translated.replace(java, python)
            flags = re.UNICODE
    return re.compile(_widen_dots(translated), flags)


def _widen_dots(regex: str) -> str:
    """Replace every dot that stands for any character: not `\\.`, not in a class."""
    pieces = re.split(r"(\\.|\[(?:\\.|[^\]])*\])", regex)
    # Every second piece is an escape or a class, which stays as it is.
    pieces[::2] = [piece.replace(".", DOT) for piece in pieces[::2]]
    return "".join(pieces)
