"""The verdict tree and the nearest misses."""

from __future__ import annotations

import json

import pytest

from evcli.patterns import compile_pattern, read_event
from evcli.patterns.explain import explain, verdict_to_dict


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
        ('[{"anything-but": ["x", "y"]}]', '"y"', '"y" is excluded'),
        (
            '[{"anything-but": {"prefix": ["x", "y"]}}]',
            '"yz"',
            '"yz" is excluded by "y"',
        ),
        ('["a*"]', '"abc"', 'a star means nothing here; write {"wildcard": "a*"}'),
        (
            '["^x/.*\\\\.png$"]',
            '"y/a.png"',
            'regular expressions are not known; as a wildcard it is {"wildcard": "x/*.png"}',
        ),
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
            " such as a.b, where it would match",
        ),
        (
            '["x"]',
            '[{"b": "x"}]',
            "it is an array of objects, and only values are compared; name a field of"
            " it, such as a.b, where it would match",
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
            "the event has a field of that name elsewhere: b.c.id",
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
            "No element of row meets all: row[1] meets u, v but not k.",
        ),
        (
            '{"row": {"b": [{"exists": false}], "c": [1]}}',
            '{"row": [{"c": 1}, {"b": 2}]}',
            "row[0] would do, but conditions are tried in order of name: b before an"
            " element is chosen, so no element may have it.",
        ),
        (
            '{"a": {"k": [1], "s": {"z": [5], "y": [6]}}}',
            '{"a": [{"k": 1, "s": [{"z": 5}, {"y": 6}]}]}',
            "No element of a.s meets all: a.s[0] meets z but not y.",
        ),
        ('{"row": {"k": ["w"]}}', '{"row": [{"k": "h"}]}', None),
    ],
)
def test_note_about_elements_of_an_array(
    pattern: str, event: str, note: str | None
) -> None:
    (alternative,) = explain(compile_pattern(pattern), read_event(event)).alternatives

    assert (alternative.matched, alternative.note) == (False, note)


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
                        "nearestMiss": "1e400 is too large or too exact to be"
                        " compared; it equals its own spelling only",
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


def test_verdict_as_json_nests_the_alternatives_of_a_choice_nearest_first() -> None:
    pattern = compile_pattern(
        '{"$or": [{"a": [1]}, {"b": {"c": ["x"]}, "d": [2]}], "e": [{"exists": false}],'
        ' "e": ["y"]}'
    )

    actual = verdict_to_dict(
        explain(pattern, read_event('{"b": {}, "d": 2, "e": "y"}'))
    )

    first = {
        "field": "b.c",
        "matched": False,
        "constraint": ["x"],
        "values": [],
        "nearestMiss": "b is an empty object",
    }
    assert actual == {
        "matched": False,
        "alternatives": [
            {
                "matched": False,
                "fields": [
                    {
                        "matched": False,
                        "alternatives": [
                            {
                                "number": 2,
                                "matched": False,
                                "fields": [
                                    first,
                                    {
                                        "field": "d",
                                        "matched": True,
                                        "constraint": [2],
                                        "values": [2],
                                    },
                                ],
                            },
                            {
                                "number": 1,
                                "matched": False,
                                "fields": [
                                    {
                                        "field": "a",
                                        "matched": False,
                                        "constraint": [1],
                                        "values": [],
                                    }
                                ],
                            },
                        ],
                    },
                    {
                        "field": "e",
                        "constraint": [{"exists": False}],
                        "values": ["y"],
                        "note": "it has no effect: a later condition on the field"
                        " replaces it",
                    },
                    {
                        "field": "e",
                        "matched": True,
                        "constraint": ["y"],
                        "values": ["y"],
                    },
                ],
            }
        ],
    }


def test_json_names_what_stands_in_place_of_values() -> None:
    verdict = explain(compile_pattern('{"a": [1]}'), read_event('{"a": [[]]}'))

    (alternative,) = verdict_to_dict(verdict)["alternatives"]

    assert alternative["fields"] == [
        {
            "field": "a",
            "matched": False,
            "constraint": [1],
            "values": [],
            "container": "array",
            "nearestMiss": "it is an array without values, and only values are compared",
        }
    ]


def test_misses_count_the_conditions_of_the_nearest_alternatives() -> None:
    pattern = compile_pattern(
        '{"a": [1], "b": [1], "$or": [{"c": [1], "d": [1]}, {"e": [1]}]}'
    )
    events = ('{"a": 1, "b": 1, "e": 1}', '{"b": 1}', '{"a": 1, "b": 1, "c": 1}', "{}")

    actual = [explain(pattern, read_event(event)).misses for event in events]

    assert actual == [0, 2, 1, 3]


def test_a_choice_nested_beyond_sense_is_judged_but_not_broken_down() -> None:
    depth = 498
    text = '{"$or": [{"a": [1]}, ' * depth + '{"b": [2]}' + "]}" * depth

    verdict = explain(compile_pattern(text), read_event('{"b": 2}'))

    levels = 0
    alternative = verdict.alternatives[0]
    while alternative.fields:
        (choice,) = alternative.fields
        alternative = choice.alternatives[0]
        levels += 1
    assert (verdict.matched, levels) == (True, 51)
    assert alternative.note == "This $or is nested too deeply to be explained."
