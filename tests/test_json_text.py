"""JSON without `json` is that of `json`: results, errors, and their words."""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evcli import json_text
from evcli.json_text import Decoder, dumps, dumps_indented, loads

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = st.text(st.characters(), max_size=8)  # surrogates among them
NUMBERS = st.integers() | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
# What JSON has not, or writes otherwise than one would think.
ODD_KEYS = TEXTS | NUMBERS | st.none() | st.booleans() | st.binary(max_size=2)
ODD_VALUES = st.recursive(
    VALUES | st.binary(max_size=2) | st.just(object) | st.just(OrderedDict(a=1)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(ODD_KEYS, inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
SCALARS = [None, True, False, 0, -1, 10**30, -0.0, 1e16, 0.1, "", 'ä\n"\\', "\ud83d"]
MARKS = '{}[],:"\\ \t\n\r\v-+.eE019'
WORDS = ("\ufeff", "٣", "true", "null", "NaN", "Infinity", '"a"', "1e999", "0.10")
ODDITIES = ("\\u00e9", "\\ud83d", "\x00", "\xa0", "9" * 5_000)
PIECES = st.sampled_from([*MARKS, *WORDS, *ODDITIES])
FAULTY = st.lists(PIECES, max_size=10).map("".join)
LAYOUTS: list[dict[str, Any]] = [{}, {"indent": 1}, {"ensure_ascii": False}]


def refuse(name: str) -> object:
    raise ValueError(f"no {name}")


HOOKS: list[dict[str, Any]] = [
    {},
    {"parse_float": str, "parse_int": str, "parse_constant": refuse},
    {"object_pairs_hook": OrderedDict},
]


def describe(function: Callable[..., object], *given: object, **options: object) -> str:
    """What came of a call; the text tells 1 from 1.0 and -0.0, and NaN equals itself."""
    try:
        return repr(function(*given, **options))
    except (ValueError, TypeError, RecursionError) as error:
        return f"{type(error)} {error} {getattr(error, 'pos', '')}"


@st.composite
def draw_texts(draw: st.DrawFn) -> str:
    """JSON, laid out somehow, often with something put in or taken out."""
    text = json.dumps(draw(VALUES), **draw(st.sampled_from(LAYOUTS)))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 2, len(text))))
    return text[:start] + draw(FAULTY) + text[end:]


@pytest.mark.parametrize("hooks", HOOKS, ids=["none", "scalars", "objects"])
@settings(max_examples=500)
@given(text=draw_texts() | FAULTY)
@example(text=" \t\n\r[1 , 2]\r\n\t ")
@example(text="")
@example(text=" ")
@example(text="\ufeff{}")
@example(text='{"a":1,"a":2} ')
@example(text="[1,]")
@example(text='{"a":1}\x0b')
def test_a_text_is_read_or_refused_as_json_does(
    hooks: dict[str, Any], text: str
) -> None:
    found = describe(Decoder(**hooks).decode, text)

    assert found == describe(json.loads, text, **hooks)


@given(text=draw_texts())
def test_bytes_are_read_or_refused_as_json_does(text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        data = text.encode(encoding, "surrogatepass")
        assert describe(loads, data) == describe(json.loads, data)


@settings(max_examples=500)
@given(value=VALUES | ODD_VALUES)
@example(value=SCALARS)
@example(value=[[], {}, {"a": [{}]}, SCALARS])
@example(value={1: 2, None: 3, False: 4, 0.5: 5})
@example(value=[float("nan"), float("inf")])
@example(value=(1, [2]))
def test_a_value_is_written_or_refused_as_json_does(value: object) -> None:
    options: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}

    assert describe(dumps, value) == describe(json.dumps, value, **options)


@settings(max_examples=500)
@given(value=VALUES | ODD_VALUES)
@example(value=SCALARS)
@example(value=[[], {}, {"a": [{}]}, SCALARS])
@example(value={1: 2, None: 3, False: 4, 0.5: 5})
@example(value=[float("nan"), float("inf")])
@example(value=(1, [2]))
def test_a_value_is_laid_out_as_json_does(value: object) -> None:
    options: dict[str, Any] = {"indent": 4, "ensure_ascii": False, "default": repr}

    found = describe(dumps_indented, value, repr)

    assert found == describe(json.dumps, value, **options)


@pytest.mark.parametrize("write", [dumps, lambda value: dumps_indented(value, repr)])
@pytest.mark.parametrize("circle", [[], {}], ids=["list", "dict"])
def test_a_circle_is_refused_as_json_does(
    write: Callable[[object], str], circle: Any
) -> None:
    if isinstance(circle, list):
        circle.append(circle)
    else:
        circle["again"] = circle

    with pytest.raises(ValueError, match="Circular reference detected"):
        write(circle)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000])
def test_a_text_too_deep_to_read_raises_what_json_raises(text: str) -> None:
    found = describe(loads, text)

    assert found.startswith("<class 'RecursionError'>")
    assert found.partition(">")[0] == describe(json.loads, text).partition(">")[0]


def test_plain_json_is_read_and_written_without_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document: dict[str, Any] = {
        "a": [1, -2.5, None, True, False, "ä\n"],
        "b": {},
        "c": [],
        "d": {"e": 1},
    }
    text = json.dumps(document, ensure_ascii=False)
    plain = {**document, "a": [1, None, True]}
    pretty = json.dumps(plain, indent=4, ensure_ascii=False)
    # From here on `import json` fails.
    monkeypatch.setitem(sys.modules, "json", None)

    read = loads(f" {text}\r\n")

    assert read == document
    assert dumps(read) == text.replace(": ", ":").replace(", ", ",")
    assert dumps_indented(plain, repr) == pretty


def test_another_python_has_json_do_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_text, "make_scanner", None)
    monkeypatch.setattr(json_text, "make_encoder", None)

    read = Decoder(parse_int=str).decode('{"a": [1]}')

    assert read == {"a": ["1"]}
    assert dumps(read) == '{"a":["1"]}'


def test_a_scanner_that_wants_more_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def make_scanner(decoder: Any) -> object:
        return decoder.hook_of_a_later_python

    monkeypatch.setattr(json_text, "make_scanner", make_scanner)

    read = Decoder().decode("[1]")

    assert read == [1]


def test_an_encoder_that_wants_more_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_text, "make_encoder", lambda _markers, _default: None)

    written = dumps([1])

    assert written == "[1]"
