"""Operators on single values: ignoring case, against the definition spelled out."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from evcli.patterns.language.predicates import fold_equals, fold_prefix, fold_suffix

# Sharp s, three sigmas, long s, Kelvin sign, dotted and dotless i, dz, fi.
ODD = "\u00df\u1e9e\u03c2\u03c3\u03a3\u017f\u212a\u0130\u0131\u01c5\ufb01"
LETTERS = st.text("aAbBsSkKiI1-" + ODD, max_size=5)


def spellings(operand: str) -> set[str]:
    """All texts that the operand accepts."""
    forms = [(character.lower(), character.upper()) for character in operand]
    return {"".join(choice) for choice in product(*forms)}


@given(LETTERS, LETTERS)
def test_folding_accepts_each_character_in_its_lower_or_upper_form(
    operand: str, text: str
) -> None:
    accepted = spellings(operand)

    actual = (
        fold_equals(operand)(text),
        fold_prefix(operand)(text),
        fold_suffix(operand)(text),
    )

    assert actual == (
        text in accepted,
        any(text.startswith(spelling) for spelling in accepted),
        any(text.endswith(spelling) for spelling in accepted),
    )


@given(LETTERS)
def test_every_spelling_is_accepted_whole_and_at_both_ends(operand: str) -> None:
    for spelling in spellings(operand):
        assert fold_equals(operand)(spelling)
        assert fold_prefix(operand)(spelling + "x")
        assert fold_suffix(operand)("x" + spelling)
