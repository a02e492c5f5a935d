"""Parts of ARNs, told by plain checks as the service's regexes tell them."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from evcli.arns import is_account_id, is_region

TEXTS = st.text(st.sampled_from([*"0aZ-._ \n", "٣", "²", "ä"]), max_size=4)


@given(text=TEXTS)
@example(text="a" * 63)
@example(text="a" * 64)
@example(text="")
def test_a_region_is_part_of_a_name_of_a_host(text: str) -> None:
    label = r"(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)"

    assert is_region(text) == (re.fullmatch(label, text) is not None)


@given(text=TEXTS | TEXTS.map("00000000000".__add__) | TEXTS.map("0000000000".__add__))
@example(text="123456789012")
def test_an_account_id_is_twelve_digits(text: str) -> None:
    assert is_account_id(text) == (re.fullmatch("[0-9]{12}", text) is not None)
