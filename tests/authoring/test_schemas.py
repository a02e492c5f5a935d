"""Schemas: which file is an event's, and what is said of an event that does not fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evcli.authoring.schemas import (
    Schemas,
    choose_schema_directory,
    format_file_name,
)

if TYPE_CHECKING:
    from pathlib import Path

EVENT = {"source": "shop", "detail-type": "Order", "detail": {"total": "12", "n": 1}}
DIALECTS = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
    "https://example.com/no-such-dialect",
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "schemas"
    path.mkdir()
    return path


def write(directory: Path, schema: Any, name: str = "shop@Order.json") -> str:
    path = directory / name
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return str(path)


def of_detail(**schema: Any) -> dict[str, Any]:
    return {"properties": {"detail": schema}}


def check(directory: Path, event: dict[str, Any] = EVENT) -> list[str] | None:
    misfit = Schemas(str(directory)).check(event)
    return None if misfit is None else misfit.problems


@pytest.mark.parametrize(
    ("source", "detail_type", "name"),
    [
        ("shop", "Order Placed", "shop@Order Placed.json"),
        ("aws.partner/x.com/1", "a/b", "aws.partner%2Fx.com%2F1@a%2Fb.json"),
        ("a@b", "c", "a%40b@c.json"),
        ("a", "b@c", "a@b@c.json"),
        ("100%", 'a:b\\c*?"<>|', "100%25@a%3Ab%5Cc%2A%3F%22%3C%3E%7C.json"),
        ("..", "\n\x7f", "..@%0A%7F.json"),
        ("größe", "☃", "größe@☃.json"),
    ],
)
def test_a_file_is_named_by_source_and_detail_type(
    source: str, detail_type: str, name: str
) -> None:
    assert format_file_name(source, detail_type) == name


def test_no_two_events_share_a_file() -> None:
    signs = ["@", "%", "%40", "a", "/", "%2F", "%25"]
    pairs = [(a + b, c) for a in signs for b in signs for c in signs]
    pairs += [(a, b + c) for a in signs for b in signs for c in signs]

    names = {format_file_name(*pair) for pair in pairs}

    assert len(names) == len(set(pairs))


def test_an_event_that_fits_or_has_no_schema_is_fine(directory: Path) -> None:
    write(directory, of_detail(required=["total"]))

    assert check(directory) is None
    assert check(directory, {**EVENT, "detail-type": "Other"}) is None
    assert check(directory, {**EVENT, "detail-type": "long" * 100}) is None
    assert check(directory, {**EVENT, "detail-type": "\x00"}) is None
    assert check(directory / "gone") is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_does_not_fit_is_said_with_its_path(directory: Path, dialect: str) -> None:
    schema = of_detail(properties={"total": {"type": "number"}}, required=["id"])
    path = write(directory, {"$schema": dialect, **schema})

    misfit = Schemas(str(directory)).check(EVENT)

    assert str(misfit) == (
        f"{path}: detail.total: '12' is not of type 'number'; detail: 'id' is a required"
        " property"
    )


def test_a_schema_is_read_once(directory: Path) -> None:
    path = write(directory, of_detail(required=["id"]))
    schemas = Schemas(str(directory))

    first = schemas.check(EVENT)
    (directory / "shop@Order.json").unlink()
    second = schemas.check(EVENT)

    assert first == second == (path, ["detail: 'id' is a required property"])


def test_of_many_problems_a_few_are_said(directory: Path) -> None:
    write(directory, of_detail(required=["a", "b", "c", "d", "e"]))

    problems = check(directory)

    assert problems == [
        "detail: 'a' is a required property",
        "detail: 'b' is a required property",
        "detail: 'c' is a required property",
        "2 more",
    ]


def test_formats_are_checked(directory: Path) -> None:
    write(directory, of_detail(properties={"total": {"format": "uuid"}}))

    assert check(directory) == ["detail.total: '12' is not a 'uuid'"]


def test_a_message_has_one_line_of_bounded_length(directory: Path) -> None:
    write(directory, of_detail(type="string"))

    problems = check(directory, {**EVENT, "detail": {"text": "a\nb" * 10_000}})

    assert problems is not None
    assert problems[0].endswith("is not of type 'string'")
    assert (len(problems[0]) < 250, "\n" in problems[0]) == (True, False)


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ("{", "it is not JSON: "),
        ("[1]", "it is no JSON Schema, which is an object"),
        ('{"type": "nonsense"}', "it is no JSON Schema: type: 'nonsense' is not valid"),
        ('{"$ref": "#"}', "it refers to itself without end"),
        ('{"$dynamicRef": "#gone"}',
         "it refers to an anchor, which is not in it; nothing is fetched"),
        ('{"$schema": "http://json-schema.org/draft-04/schema#",'
         ' "patternProperties": {"(": {}}}', "it cannot be checked: missing ),"),
        ('{"$ref": "#/$defs/gone"}',
         "it refers to /$defs/gone, which is not in it; nothing is fetched"),
        ('{"$ref": "other.json"}',
         "it refers to other.json, which is not in it; nothing is fetched"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_schema_fits_nothing(
    directory: Path, schema: str, problem: str
) -> None:
    write(directory, schema)

    problems = check(directory)

    assert problems is not None
    assert [each[: len(problem)] for each in problems] == [problem]


def test_a_reference_into_a_network_is_not_followed(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import urllib.request

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    write(directory, {"$ref": "http://127.0.0.1:9/schema.json"})

    assert check(directory) == [
        "it refers to http://127.0.0.1:9/schema.json, which is not in it; nothing is"
        " fetched"
    ]


def test_references_inside_of_a_schema_are_followed(directory: Path) -> None:
    write(directory, {
        "$id": "http://example.com/order.json",
        "$ref": "#/$defs/order",
        "$defs": {"order": of_detail(required=["id"])},
    })  # fmt: skip

    assert check(directory) == ["detail: 'id' is a required property"]


def test_schemas_go_where_they_are_looked_for_else_to_the_nearest_project(
    tmp_path: Path,
) -> None:
    below = tmp_path / "project" / "src"
    below.mkdir(parents=True)

    def choose() -> str | None:
        return choose_schema_directory({}, str(below))

    nowhere = choose()
    project = tmp_path / "project" / ".evcli"
    project.mkdir()
    near = choose()
    (below.parent.parent / ".evcli" / "schemas").mkdir(parents=True)
    above = choose()

    assert nowhere is None
    assert near == f"{project}/schemas"
    assert above == f"{tmp_path}/.evcli/schemas"
