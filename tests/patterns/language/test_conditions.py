"""What a pattern demands: plain values, and the columns under which rules are filed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evcli.patterns import compile_pattern, literal_keys
from evcli.patterns.language.addresses import parse_address


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ({"source": ["s"], "detail-type": ["d"]}, [("s", "d")]),
        ({"source": ["s", "s"]}, [("s", None)]),
        ({"detail-type": ["d", "e"]}, [(None, "d"), (None, "e")]),
        ({"detail": {"source": ["s"]}}, [(None, None)]),
        (
            {"source": ["s", "t"], "detail-type": ["d", "e"]},
            [("s", "d"), ("s", "e"), ("t", "d"), ("t", "e")],
        ),
        ({"source": ["s", {"prefix": "t"}], "detail-type": ["d"]}, [(None, "d")]),
        ({"source": [{"exactly": "s"}], "detail-type": [1]}, [("s", None)]),
        ({"source": ["10.0.0.1"], "detail-type": ["d"]}, [(None, "d")]),
        ({"source": ["s", {"exists": False}]}, [(None, None)]),
        ({"source": ["s", None]}, [(None, None)]),
        ({"$or": [{"source": ["s"]}, {"detail-type": ["d"]}]}, [("s", None), (None, "d")]),
        ({"$or": [{"source": ["s"]}, {"detail": {"a": [1]}}]}, [("s", None), (None, None)]),
        ({"source": ["s"], "$or": [{"a": [1]}, {"b": [1]}]}, [("s", None)]),
        (
            {"source": [f"s{n}" for n in range(4)], "detail-type": [f"d{n}" for n in range(4)]},
            [(f"s{n}", f"d{m}") for n in range(4) for m in range(4)],
        ),
        (
            {"source": ["s"], "detail-type": [f"d{n}" for n in range(17)]},
            [("s", None)],
        ),
        (
            {"source": [f"s{n}" for n in range(17)], "detail-type": ["d"]},
            [(None, "d")],
        ),
        (
            {"source": [f"s{n}" for n in range(17)], "detail-type": [f"d{n}" for n in range(17)]},
            [(None, None)],
        ),
    ],
)  # fmt: skip
def test_keys_are_the_literals_of_each_alternative(
    pattern: dict[str, object], keys: list[tuple[str | None, str | None]]
) -> None:
    assert literal_keys(compile_pattern(json.dumps(pattern))) == keys


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "010.0.0.1",
        "::1",
        "FE80::1",
        "::",
        "1:2:3:4:5:6:7:8",
        "::ffff:a00:1",
    ],
)
def test_an_address_is_known_as_one_and_as_nothing_else(text: str) -> None:
    (alternative,) = compile_pattern(f'{{"ip": ["{text}"]}}').alternatives

    assert parse_address(text) is not None
    assert [item.operator for item in alternative[0].items] == ["address"]


@given(st.text("0123456789abcdefABCDEF:. \u0661", max_size=12))
def test_a_text_is_taken_for_an_address_exactly_if_it_is_one(text: str) -> None:
    (alternative,) = compile_pattern(json.dumps({"ip": [text]})).alternatives

    expected = "equals" if parse_address(text) is None else "address"
    assert [item.operator for item in alternative[0].items] == [expected]
