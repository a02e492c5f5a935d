"""Schemas from captured events: what all of them have in common."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evcli.authoring.inference import infer_schemas, read_events
from evcli.authoring.samples import list_samples, read_sample
from evcli.errors import InspectionError


def make_event(detail: dict[str, Any]) -> dict[str, Any]:
    return {"source": "shop", "detail-type": "Order", "detail": detail}


def infer(*details: Any) -> dict[str, Any]:
    """The schema of the member `x`, or of the details where these are objects."""
    schema = infer_schemas(make_event({"x": each}) for each in details)
    detail = schema["shop", "Order"]["properties"]["detail"]
    found: dict[str, Any] = detail["properties"]["x"]
    return found


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        # The next one may be 10.5.
        ([10.0], {"type": "number"}),
        ([True], {"type": "boolean"}),
        ([True, 1], {"type": ["boolean", "integer"]}),
        ([None], {"type": "null"}),
        (["a", None], {"type": ["null", "string"]}),
        ([], {}),
        ([[]], {"type": "array"}),
        ([[1], ["a", 2.5]], {"type": "array", "items": {"type": ["number", "string"]}}),
        ([[[1]]], {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}),
        ([{}], {"type": "object"}),
        ([{"a": 1}, {"a": 2, "b": "x"}],
         {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
          "required": ["a"]}),
        ([{"a": 1}, None],
         {"type": ["null", "object"], "properties": {"a": {"type": "integer"}},
          "required": ["a"]}),
        ([[{"a": 1}, {"b": 1}]],
         {"type": "array", "items": {
             "type": "object",
             "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}}),
    ],
)  # fmt: skip
def test_types_members_and_elements(values: list[Any], schema: dict[str, Any]) -> None:
    if not values:
        assert infer_schemas([]) == {}
        return
    assert infer(*values) == schema


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["2026-03-04T10:20:30Z", "2026-03-04T10:20:30.5+01:00"], "date-time"),
        (["2026-03-04"], "date"),
        (["0f4b2c1d-0000-4000-8000-0123456789AB"], "uuid"),
        (["https://a.example/x", "http://b"], "uri"),
        (["2026-03-04T10:20:30"], None),
        (["2026-13-04"], None),
        (["2026-03-04", "2026-03-04T10:20:30Z"], None),
        (["2026-03-04", ""], None),
        (["1.2.3.4"], None),
        (["https://a b"], None),
        (["٢٠٢٦-03-04"], None),
    ],
)
def test_formats_that_every_text_has(texts: list[str], name: str | None) -> None:
    assert infer(*texts).get("format") == name


@pytest.mark.parametrize(
    ("texts", "enum"),
    [
        (["NEW", "PAID"] * 10, ["NEW", "PAID"]),
        (["NEW"] * 20, ["NEW"]),
        # Too few to know.
        (["NEW", "PAID"] * 9, None),
        # One that came once says that others will come.
        (["NEW"] * 20 + ["PAID"], None),
        ([f"S{i}" for i in range(9)] * 10, None),
        (["two words"] * 20, None),
        (["7"] * 20, None),
        (["NEW"] * 20 + [None], None),
        (["aaaaaaaa-0000-4000-8000-0123456789ab"] * 20, None),
    ],
)
def test_an_enum_where_few_names_come_again_and_again(
    texts: list[Any], enum: list[str] | None
) -> None:
    assert infer(*texts).get("enum") == enum


def test_a_schema_for_each_source_and_detail_type() -> None:
    events = [
        {"source": "b", "detail-type": "t", "detail": {}},
        {"source": "a", "detail-type": "t", "detail": {}},
        {"source": "b", "detail-type": "u", "detail": {}},
    ]

    schemas = infer_schemas(events)

    assert list(schemas) == [("b", "t"), ("a", "t"), ("b", "u")]
    assert schemas["b", "u"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "b: u",
        "type": "object",
        "properties": {
            "source": {"const": "b"},
            "detail-type": {"const": "u"},
            "detail": {"type": "object"},
        },
        "required": ["source", "detail-type", "detail"],
    }


@pytest.mark.parametrize("name", [sample.name for sample in list_samples()])
def test_a_sample_fits_the_schema_that_is_inferred_of_it(name: str) -> None:
    import jsonschema

    event = read_sample(name)
    [schema] = infer_schemas([event]).values()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(event)


# -- reading

WHOLE = {"source": "s", "detail-type": "t", "detail": {"a": 1.5}}
ENTRY = {"Source": "s", "DetailType": "t", "Detail": '{"a": 1.5}'}
SINK_LINE = {"deliveryId": "d", "payload": json.dumps(WHOLE)}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(WHOLE),
        json.dumps(WHOLE, indent=2),
        f"\n{json.dumps(WHOLE)}\r\n\n",
        json.dumps([WHOLE]),
        json.dumps(ENTRY),
        json.dumps([ENTRY]),
        json.dumps({"Entries": [ENTRY]}),
        json.dumps({**ENTRY, "Detail": {"a": 1.5}}),
        json.dumps(SINK_LINE),
    ],
)
def test_one_event_is_read_however_it_was_captured(content: str) -> None:
    assert list(read_events(content, "f")) == [WHOLE]


def test_lines_are_read_one_by_one() -> None:
    content = f"{json.dumps(WHOLE)}\n{json.dumps(ENTRY)}\n{json.dumps(SINK_LINE)}\n"

    assert list(read_events(content, "f")) == [WHOLE] * 3
    separator = {**WHOLE, "detail": {"a": "x\u2028y"}}
    text = json.dumps(separator, ensure_ascii=False)
    assert list(read_events(f"{text}\n{text}", "f")) == [separator] * 2


NEEDS = "it needs source, detail-type and detail, or Source, DetailType and Detail."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{}\n\n{", "f: line 1 is no event: " + NEEDS),
        (json.dumps(WHOLE) + "\n\n{", "f: line 3 is not JSON: "),
        (json.dumps([WHOLE, 1]), "f: event 2 is no event: " + NEEDS),
        (json.dumps({**WHOLE, "detail": []}), "f: event 1 is no event: "),
        (json.dumps({**ENTRY, "Detail": "{"}), "f: event 1 is no event: "),
        (json.dumps({**WHOLE, "source": 1}), "f: event 1 is no event: "),
        (json.dumps({**SINK_LINE, "payload": "text"}), "f: event 1 is no event: "),
        ("[" * 100_000, "f: line 1 "),
    ],
)
def test_what_is_no_event_is_named(content: str, problem: str) -> None:
    with pytest.raises(InspectionError) as caught:
        list(read_events(content, "f"))

    assert caught.value.message.startswith(problem)


def test_an_empty_file_has_no_events() -> None:
    assert list(read_events("\n", "f")) == list(read_events("[]", "f")) == []
