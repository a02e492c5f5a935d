"""The syntax that help shows is the syntax that is read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from evcli.cli.help.syntax import format_json_syntax, format_shorthand
from evcli.cli.parsing.shorthand import fit_to_shape, parse_shorthand
from evcli.model import INDEX, get_operation
from evcli.model.check import find_client_problems
from evcli.model.shapes import Member, Shape, boolean, integer, list_of, map_of, string
from evcli.model.shapes import structure as make_structure

STRUCTURED = {
    f"{name}.{member.name}": member
    for name in INDEX
    if (operation := get_operation(name)) is not None
    for member in operation.request.members.values()
    if format_shorthand(member.shape)
}
TEXT = string("Text")
SAMPLE = make_structure(
    "Sample",
    Member("Name", TEXT),
    Member("On", boolean("Boolean")),
    Member("Words", list_of("Words", TEXT)),
    Member("Inner", make_structure("Inner", Member("Words", list_of("W", TEXT)))),
    Member("Map", map_of("Map", TEXT, TEXT)),
    Member("Count", integer("Count")),
    Member("Mode", string("Mode", enum=("A", "B"))),
    Member("All", list_of("All", make_structure("One", Member("X", TEXT)))),
)


@pytest.mark.parametrize("member", STRUCTURED.values(), ids=STRUCTURED)
def test_the_shorthand_shown_parses_to_every_member(member: Member) -> None:
    shape = member.shape.element or member.shape
    text = format_shorthand(member.shape).removesuffix(" ...")
    typed = text.replace("=integer", "=7").replace("true|false", "true")

    value = fit_to_shape(shape, parse_shorthand(typed, lambda _: None))

    assert list_paths(value) == list_shape_paths(shape)
    assert [
        problem
        for problem in find_client_problems(shape, value)
        if not problem.startswith("Invalid")
    ] == []


@pytest.mark.parametrize("member", STRUCTURED.values(), ids=STRUCTURED)
def test_the_json_shown_is_json_with_every_member(member: Member) -> None:
    shape = member.shape.element or member.shape
    text = "\n".join(format_json_syntax(member.shape))
    text = re.sub(r'("[^"]*")(\|"[^"]*")+', r"\1", text)
    text = re.sub(r"\b(integer|timestamp)\b", "7", text).replace("true|false", "true")
    text = re.sub(r",? *\n? *\.\.\.", "", text)

    value = json.loads(text)

    first = value[0] if isinstance(value, list) else value
    assert list_paths(first) == list_shape_paths(shape)


def list_paths(value: Any) -> set[str]:
    """Paths of all members; a map is one whatever its keys."""
    if isinstance(value, list):
        return set().union(*map(list_paths, value)) if value else set()
    if not isinstance(value, dict) or {"KeyName1", "string"} & set(value):
        return set()
    return {*value} | {f"{k}.{p}" for k, v in value.items() for p in list_paths(v)}


def list_shape_paths(shape: Shape) -> set[str]:
    """Paths of all declared members."""
    while shape.element is not None:
        shape = shape.element
    return {*shape.members} | {
        f"{name}.{path}"
        for name, member in shape.members.items()
        for path in list_shape_paths(member.shape)
    }


def test_shorthand_of_every_kind_of_member() -> None:
    assert format_shorthand(SAMPLE) == (
        "Name=string,On=true|false,Words=string,string,Inner={Words=[string,string]},"
        "Map={KeyName1=string,KeyName2=string},Count=integer,Mode=string,"
        "All=[{X=string},{X=string}]"
    )


def test_lists_of_structures_repeat_and_lists_of_scalars_have_no_shorthand() -> None:
    pair = make_structure("Tag", Member("Key", TEXT))

    assert format_shorthand(list_of("Tags", pair)) == "Key=string ..."
    assert format_shorthand(list_of("Ids", TEXT)) == ""


def test_json_of_every_kind_of_member() -> None:
    assert format_json_syntax(SAMPLE) == [
        "{",
        '  "Name": "string",',
        '  "On": true|false,',
        '  "Words": ["string", ...],',
        '  "Inner": {',
        '    "Words": ["string", ...]',
        "  },",
        '  "Map": {"string": "string", ...},',
        '  "Count": integer,',
        '  "Mode": "A"|"B",',
        '  "All": [',
        "    {",
        '      "X": "string"',
        "    }",
        "    ...",
        "  ]",
        "}",
    ]
