"""Reading events: what is kept, what is refused, and the fields that are found."""

from __future__ import annotations

import json

import pytest

from evcli.patterns import (
    EventTextError,
    EventTree,
    compile_pattern,
    match,
    parse_json,
    read_event,
)
from evcli.patterns.language.events import (
    MAX_DEPTH,
    NumberText,
    Repeated,
    collect,
    grow_tree,
)


def find(paths: list[str], text: str) -> dict[str, list[tuple[object, object]]]:
    """Collect fields, with (array, index) pairs from the outermost array inwards."""
    found = collect(grow_tree(paths), parse_json(text)).found
    shown: dict[str, list[tuple[object, object]]] = {}
    for path, pairs in found.items():
        for value, position in pairs:
            chain = []
            while position is not None:
                position, array, index, _ = position
                chain.append((array, index))
            shown.setdefault(path, []).append((value, chain[::-1]))
    return shown


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"a": {"b": "x"}}', {"a.b": [("x", [])]}),
        ('{"a": ["x", "y"]}', {"a": [("x", []), ("y", [])]}),
        (
            '{"a": [{"b": "x"}, {"b": "y", "c": "z"}]}',
            {"a.b": [("x", [(1, 0)]), ("y", [(1, 1)])], "a.c": [("z", [(1, 1)])]},
        ),
        ('{"a": [["x"], ["y"]]}', {"a": [("x", [(1, 0)]), ("y", [(1, 1)])]}),
        (
            '{"a": [[{"b": "x"}]]}',
            {"a.b": [("x", [(1, 0), (2, 0)])]},
        ),
        ('{"a": []}', {}),
        ('{"a": {}}', {}),
        ('{"a": [[]]}', {}),
        ('{"a": [{}]}', {}),
        ('{"a.b": "x", "a": {"b": "y"}}', {"a.b": [("x", []), ("y", [])]}),
        ('{"a": "x", "a": "y"}', {"a": [("x", []), ("y", [])]}),
        ('{"z": "x", "a": {"z": "y"}, "a.z": {"b": "w"}}', {}),
    ],
)
def test_fields_have_paths_values_and_positions(
    text: str, fields: dict[str, object]
) -> None:
    assert find(["a", "a.b", "a.c"], text) == fields


def test_numbers_keep_their_text_and_objects_their_repeated_keys() -> None:
    value = parse_json('{"a": [1.50, -0], "a": {"b": null}, "c": true}')

    assert type(value) is Repeated
    assert value.items() == [("a", ["1.50", "-0"]), ("a", {"b": None}), ("c", True)]
    assert [type(number) for number in value.items()[0][1]] == [NumberText] * 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Expecting value: line 1, column 1."),
        ("[]", "The event is not a JSON object."),
        ('"{}"', "The event is not a JSON object."),
        ("12", "The event is not a JSON object."),
        ('{"a": 1', "Expecting ',' delimiter: line 1, column 8."),
        ('{"a": 1} x', "Extra data: line 1, column 10."),
        ('{"a": NaN}', "NaN is not JSON."),
        ('{"a": [-Infinity]}', "-Infinity is not JSON."),
        ('{"a": "\n"}', "Invalid control character at: line 1, column 8."),
    ],
)
def test_a_text_that_is_no_event_is_refused_with_a_sentence(
    text: str, sentence: str
) -> None:
    with pytest.raises(EventTextError) as caught:
        read_event(text)

    assert str(caught.value) == sentence
    assert isinstance(caught.value, ValueError)


class OverwhelmedDecoder:
    """How deep Python's own decoder goes differs by version, and by who set a limit."""

    def decode(self, _text: str) -> object:
        raise RecursionError


@pytest.fixture
def _overwhelmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evcli.patterns.language.events._DECODER", OverwhelmedDecoder())


@pytest.mark.parametrize("decoder", [None, OverwhelmedDecoder()])
def test_deep_events_are_read_whatever_the_decoder_bears(
    decoder: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    if decoder is not None:
        monkeypatch.setattr("evcli.patterns.language.events._DECODER", decoder)
    depth = MAX_DEPTH - 10
    text = '{"a":' * depth + '[1.0, true, false, null, "x\\n", {}]' + "}" * depth
    pattern = compile_pattern('{"a": [{"exists": true}]}')

    event = read_event(text)

    value = event.value
    while isinstance(value, dict):
        value = value["a"]
    assert value == ["1.0", True, False, None, "x\n", {}]
    assert match(pattern, event) is False


@pytest.mark.usefixtures("_overwhelmed")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[" * 20_000, "Document nesting depth (10001) exceeds the maximum allowed"),
        ("[" * 9_000, "Unexpected end-of-input: expected close marker for Array"),
        ("[" * 9_000 + "]" * 9_000 + "x", "Unrecognized token 'x'"),
        ("[" * 9_000 + "]" * 9_000 + "1", "Text follows the end of the JSON document"),
    ],
)
def test_deep_texts_that_are_no_json_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(EventTextError) as caught:
        parse_json(text)

    assert str(caught.value).startswith(sentence)


def test_a_detail_read_from_text_keeps_everything_inside_of_a_python_envelope() -> None:
    detail = '{"n": 123456789012345678, "k": 1, "k": 2}'
    pattern = compile_pattern(
        '{"source": ["s"], "detail": {"n": [123456789012345678], "k": [1]}}'
    )

    kept = EventTree({"source": "s", "detail": parse_json(detail)})
    lost = EventTree({"source": "s", "detail": json.loads(detail)})

    assert [match(pattern, kept), match(pattern, lost)] == [True, False]


def test_a_list_that_stands_twice_in_a_python_event_is_two_arrays() -> None:
    rows = [{"b": 1}, {"c": 2}]
    pattern = compile_pattern('{"x": {"b": [1]}, "y": {"c": [2]}}')

    assert match(pattern, EventTree({"x": rows, "y": rows})) is True


def test_the_keys_of_an_event_are_those_at_the_top() -> None:
    assert read_event('{"a": 1, "b": {"c": 1}, "a": 2}').keys() == {"a", "b"}
