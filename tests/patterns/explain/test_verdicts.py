"""The verdict tree, its texts, and the nearest misses."""

from __future__ import annotations

import json

import pytest

from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, format_verdict, verdict_to_dict


def show(pattern: str, event: str, width: int = 80) -> str:
    """Explain and format."""
    verdict = explain(compile_pattern(pattern), read_event(event))
    return format_verdict(verdict, width)


def hint(pattern: str, event: str) -> str | None:
    """Give the hint of the only field, or the note of the only alternative."""
    (alternative,) = explain(compile_pattern(pattern), read_event(event)).alternatives
    (field,) = alternative.fields
    return field.hint


@pytest.mark.parametrize(
    ("leaf", "value", "words"),
    [
        ('["Shop"]', '"shop"', 'same value in other case: "shop"'),
        ('[{"prefix": "AB"}]', '"abc"', 'same prefix in other case: "abc"'),
        ('[{"suffix": "BC"}]', '"abc"', 'same suffix in other case: "abc"'),
        ('[{"wildcard": "A*"}]', '"abc"', 'same wildcard in other case: "abc"'),
        ('["x"]', '"x "', 'the event\'s value has blanks around it: "x "'),
        ('[" x"]', '"x"', 'the pattern\'s value has blanks around it: " x"'),
        ('["5"]', "5", 'the event has a number, the pattern the string "5"'),
        ("[5]", '"5.0"', 'the event has the string "5.0", not a number'),
        (
            '[{"numeric": [">", 2]}]',
            '"3"',
            'the event has the string "3", not a number',
        ),
        ("[true]", '"true"', 'the event has the string "true", not true'),
        ("[null]", '"null"', 'the event has the string "null", not null'),
        ('["true"]', "true", 'the event has true, the pattern the string "true"'),
        ('["null"]', "null", 'the event has null, the pattern the string "null"'),
        ('[{"prefix": "4"}]', "42", "the event has the number 42, not a string"),
        (
            '["arn:aws:x:::a/b"]',
            '"arn:aws:x:::a:b"',
            'the ARN differs in : and / only: "arn:aws:x:::a:b"',
        ),
        (
            '[{"prefix": "arn:aws:x:::a:"}]',
            '"arn:aws:x:::a/b"',
            'the ARN differs in : and / only: "arn:aws:x:::a/b"',
        ),
        ('[{"numeric": [">", 5]}]', "5.0", "5.0 is the bound itself, which > excludes"),
        ('[{"anything-but": ["x", "y"]}]', '"y"', '"y" is excluded by "y"'),
        (
            '[{"anything-but": {"prefix": ["x", "y"]}}]',
            '"yz"',
            '"yz" is excluded by "y"',
        ),
        ('["a*"]', '"abc"', 'a star means nothing here; write {"wildcard": "a*"}'),
        ('["abc"]', '"abcdef"', 'the event\'s value goes on: "abcdef"'),
        ('["abcdef"]', '"abc"', 'the event\'s value is shorter: "abc"'),
        ('["runing"]', '"running"', '"running" is close to "runing"'),
        (
            '[{"exists": false}]',
            "1",
            "the field is there, and the pattern wants it absent",
        ),
        ('["x"]', '["y", "X"]', 'same value in other case: "X"'),
        ('["x"]', "[]", "it is an empty array, which counts as missing"),
        ('["x"]', "{}", "it is an empty object, which counts as missing"),
        (
            '["x"]',
            '{"b": "x"}',
            "it is an object, and only values are compared; name a field of it,"
            " such as a.b",
        ),
        (
            '["x"]',
            '[{"b": "x"}]',
            "it is an array, and only values are compared; name a field of it,"
            " such as a.b",
        ),
        ('["x"]', '"y"', None),
        ("[1]", "2", None),
        ("[true]", "false", None),
        ('[{"cidr": "10.0.0.0/8"}]', '"11.0.0.1"', None),
    ],
)
def test_hint_about_a_value(leaf: str, value: str, words: str | None) -> None:
    assert hint(f'{{"a": {leaf}}}', f'{{"a": {value}}}') == words


@pytest.mark.parametrize(
    ("pattern", "event", "words"),
    [
        (
            '{"state": ["on"]}',
            '{"detail": {"state": "on"}}',
            "the event has it one level down: detail.state, where it would match",
        ),
        (
            '{"detail": {"state": ["on"]}}',
            '{"state": "off"}',
            "the event has it one level up: state",
        ),
        (
            '{"detail": {"name": {"first": [1]}}}',
            '{"detail": {"first": 1}}',
            "the event has it one level up: detail.first, where it would match",
        ),
        (
            '{"a": {"id": [1]}}',
            '{"b": {"c": {"id": 2}}}',
            "the event has it elsewhere: b.c.id",
        ),
        (
            '{"detailType": ["x"]}',
            '{"detail-type": "x"}',
            "the event spells it detail-type, where it would match",
        ),
        (
            '{"detail": {"user_name": ["x"]}}',
            '{"detail": {"userName": "y"}}',
            "the event spells it detail.userName",
        ),
        ('{"sorce": ["x"]}', '{"source": "x"}', "did you mean source, where it would match?"),
        (
            '{"detail": {"kind": ["oak"]}}',
            '{"detail": "{\\"kind\\": \\"oak\\"}"}',
            "detail is a string and has no fields; JSON inside strings is not read",
        ),
        ('{"a": {"b": [1]}}', '{"a": "x"}', "a is a string and has no fields"),
        ('{"a": [1]}', '{"xyz": 1}', None),
    ],
)  # fmt: skip
def test_hint_about_a_missing_field(
    pattern: str, event: str, words: str | None
) -> None:
    assert hint(pattern, event) == words


@pytest.mark.parametrize(
    ("pattern", "event", "note"),
    [
        (
            '{"row": {"k": ["w"], "v": [3], "u": [1]}}',
            '{"row": [{"k": "w", "v": 4}, {"k": "h", "v": 3, "u": 1}]}',
            "No element of row meets all: element 1 meets u, v but not k.",
        ),
        (
            '{"row": {"b": [{"exists": false}], "c": [1]}}',
            '{"row": [{"c": 1}, {"b": 2}]}',
            "Element 0 of row lacks row.b, but fields are taken in order of name, and"
            " before an element is chosen it is there.",
        ),
        (
            '{"a": {"k": [1], "s": {"z": [5], "y": [6]}}}',
            '{"a": [{"k": 1, "s": [{"z": 5}, {"y": 6}]}]}',
            "No element of a.s meets all: element 0 meets z but not y.",
        ),
        ('{"row": {"k": ["w"]}}', '{"row": [{"k": "h"}]}', None),
    ],
)
def test_note_about_elements_of_an_array(
    pattern: str, event: str, note: str | None
) -> None:
    (alternative,) = explain(compile_pattern(pattern), read_event(event)).alternatives

    assert (alternative.matched, alternative.note) == (False, note)


def test_verdict_is_shown_as_a_tree() -> None:
    pattern = '{"source": ["shop"], "detail": {"state": [{"prefix": "Run"}, 5]}}'

    assert show(pattern, '{"source": "shop", "detail": {"state": ["running", 6]}}') == (
        "✘ no match\n"
        '  ✘ detail.state: [{"prefix": "Run"}, 5]\n'
        '      event: "running", 6\n'
        '      nearest miss: same prefix in other case: "running"\n'
        '  ✔ source: ["shop"]\n'
    )
    assert show(pattern, '{"source": "shop", "detail": {"state": 5}}') == (
        '✔ match\n  ✔ detail.state: [{"prefix": "Run"}, 5]\n  ✔ source: ["shop"]\n'
    )


def test_absence_from_the_chosen_element_is_shown_as_met() -> None:
    pattern = '{"row": {"d": [{"exists": false}], "c": [1]}}'

    assert show(pattern, '{"row": [{"c": 1}, {"d": 2}]}') == (
        '✔ match\n  ✔ row.c: [1]\n  ✔ row.d: [{"exists": false}]\n'
    )


def test_of_several_alternatives_the_nearest_are_shown() -> None:
    alternatives = ", ".join(f'{{"x{n}": [1], "y{n}": [2]}}' for n in range(5))

    assert show(f'{{"$or": [{alternatives}]}}', '{"x3": 1, "b": 7}') == (
        "✘ no match; the pattern has 5 alternatives\n"
        "  ✘ alternative 4\n"
        "    ✔ x3: [1]\n"
        "    ✘ y3: [2]\n"
        "        event: nothing there\n"
        "  ✘ alternative 1\n"
        "    ✘ x0: [1]\n"
        "        event: nothing there\n"
        "    ✘ y0: [2]\n"
        "        event: nothing there\n"
        "  ✘ alternative 2\n"
        "    ✘ x1: [1]\n"
        "        event: nothing there\n"
        "    ✘ y1: [2]\n"
        "        event: nothing there\n"
        "  ✘ 2 further alternatives\n"
    )


def test_of_several_alternatives_the_first_that_matches_is_shown() -> None:
    pattern = '{"$or": [{"a": [1]}, {"b": [2]}, {"c": [3]}]}'

    assert show(pattern, '{"b": 2, "c": 3}') == (
        "✔ match; the pattern has 3 alternatives\n  ✔ alternative 2\n    ✔ b: [2]\n"
    )


def test_lines_are_cut_or_wrapped_to_the_width() -> None:
    pattern = '{"a": ["' + "x" * 60 + '"], "name": ["y"]}'
    text = show(pattern, '{"a": "z", "detail": {"name": "y"}}', width=40)

    assert text == (
        "✘ no match\n"
        '  ✘ a: ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\n'
        '      event: "z"\n'
        '  ✘ name: ["y"]\n'
        "      event: nothing there\n"
        "      nearest miss: the event has it one\n"
        "        level down: detail.name, where\n"
        "        it would match\n"
    )


def test_verdict_as_json_has_values_of_the_event_as_they_are() -> None:
    pattern = compile_pattern('{"a": [1, {"numeric": ["<", 0]}], "b": ["x"]}')
    event = read_event('{"a": [1.5, 1e400, "\\ud83c", null], "b": "x"}')

    actual = verdict_to_dict(explain(pattern, event))

    assert actual == {
        "matched": False,
        "alternatives": [
            {
                "matched": False,
                "fields": [
                    {
                        "field": "a",
                        "matched": False,
                        "constraint": [1, {"numeric": ["<", 0]}],
                        "values": [1.5, "1e400", "?", None],
                    },
                    {
                        "field": "b",
                        "matched": True,
                        "constraint": ["x"],
                        "values": ["x"],
                    },
                ],
            }
        ],
    }
    assert json.loads(json.dumps(actual, allow_nan=False)) == actual


def test_explanation_can_always_be_encoded() -> None:
    text = show('{"\\ud83c": ["\\ud83c"]}', '{"\\ud83c": "\\udf0a"}')

    assert text.encode() == '✘ no match\n  ✘ ?: ["?"]\n      event: "?"\n'.encode()
