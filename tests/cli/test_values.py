"""Where values come from and how they are read."""

from __future__ import annotations

import contextlib
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evcli.cli.errors import GeneralError, ParamError, ValueSyntaxError
from evcli.cli.parsing.requests import LoadError, ValueReader, write_json_texts
from evcli.model import get_operation

if TYPE_CHECKING:
    from pathlib import Path

    from evcli.model.shapes import Shape

MEMBERS = [
    ("PutRule", "Name"), ("PutRule", "Tags"), ("PutTargets", "Targets"),
    ("PutEvents", "Entries"), ("RemoveTargets", "Ids"), ("ListRules", "Limit"),
    ("PutPermission", "Condition"), ("StartReplay", "EventStartTime"),
    ("CreateEndpoint", "RoutingConfig"),
]  # fmt: skip


def shape_of(operation: str, member: str) -> Shape:
    found = get_operation(operation)
    assert found is not None
    return found.request.members[member].shape


def make_reader(text: str = "") -> ValueReader:
    return ValueReader(lambda: text)


def read(operation: str, member: str, raw: Any, stdin: str = "") -> Any:
    return make_reader(stdin).read("--option", shape_of(operation, member), raw)


@pytest.mark.parametrize(("operation", "member"), MEMBERS)
@settings(max_examples=200)
@given(words=st.lists(st.text(max_size=20) | st.sampled_from(
    ["[", "{", "{}", "[]", "[{}]", "a=b", "a=[", "1", " ", '{"a":1}', "fileb:///",
     "file:///nope", "file://\x00", "-"]
), min_size=1, max_size=3))  # fmt: skip
def test_no_words_make_the_reader_fail_otherwise(
    operation: str, member: str, words: list[str]
) -> None:
    shape = shape_of(operation, member)
    raw = words if shape.kind == "list" else words[0]

    with contextlib.suppress(ParamError, GeneralError):
        make_reader("text").read("--option", shape, raw)


@settings(max_examples=300)
@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_json_keeps_every_value_and_type(value: Any) -> None:
    text = json.dumps([{"Other": value}])

    assert read("PutTargets", "Targets", [text]) == [{"Other": value}]


def test_json_objects_are_ordered_as_messages_print_them() -> None:
    value = read("PutTargets", "Targets", ['[{"Id": {"b": 1, "a": 2}}]'])

    assert value == [OrderedDict(Id=OrderedDict([("b", 1), ("a", 2)]))]
    assert type(value[0]["Id"]) is OrderedDict


def test_text_files_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_text("a\r\nb\n\n", newline="")

    # Line ends become one character, as in every text file of Python.
    assert read("PutRule", "Name", f"file://{path}") == "a\nb\n\n"
    assert read("PutRule", "Name", f"fileb://{path}") == b"a\r\nb\n\n"


def test_home_and_variables_are_expanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PART", "p")
    (tmp_path / "p").write_text("text")

    assert read("PutRule", "Name", "file://~/$PART") == "text"
    assert read("PutRule", "Name", "file://~/${PART}") == "text"


def test_undecodable_text_names_the_other_prefix(tmp_path: Path) -> None:
    path = tmp_path / "bin.dat"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ValueSyntaxError) as caught:
        read("PutRule", "Name", f"file://{path}")

    assert caught.value.message == (
        f"Error parsing parameter '--option': Unable to load paramfile ({path}), text"
        " contents could not be decoded.  If this is a binary file, please use the"
        " fileb:// prefix instead of the file:// prefix."
    )


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(LoadError) as caught:
        make_reader().load(f"file://{tmp_path}")

    assert str(caught.value) == (
        f"Unable to load paramfile file://{tmp_path}:"
        f" [Errno 21] Is a directory: '{tmp_path}'"
    )


def test_bytes_for_a_structure_are_told_as_python_does() -> None:
    with pytest.raises(GeneralError) as caught:
        read("PutPermission", "Condition", "fileb:///dev/null")

    assert "bytes" in caught.value.message


def test_deep_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep"
    path.write_text("[" * 200_000)

    with pytest.raises(ValueSyntaxError) as caught:
        read("PutTargets", "Targets", [f"file://{path}"])

    assert caught.value.message == (
        "Error parsing parameter '--option': brackets are nested too deeply"
    )


def test_standard_input_is_read_once() -> None:
    texts = iter(["first", "second"])
    reader = ValueReader(lambda: next(texts))

    values = [reader.load("file:///dev/stdin"), reader.load("file:///dev/stdin")]

    assert values == ["first", "first"]


def test_standard_input_is_left_alone_when_nothing_asks() -> None:
    def refuse() -> str:
        raise AssertionError("read")

    reader = ValueReader(refuse)

    assert reader.read("--name", shape_of("PutRule", "Name"), "-") == "-"
    assert reader.read("--ids", shape_of("RemoveTargets", "Ids"), ["-"]) == ["-"]


@pytest.mark.parametrize(
    ("stdin", "value"),
    [
        ('{"Source": "a"}', [{"Source": "a"}]),
        ('{"Source": "a"}\n\n {"Source": "b"}\n', [{"Source": "a"}, {"Source": "b"}]),
        ('{"Source": "a"}{"Source": "b"}', [{"Source": "a"}, {"Source": "b"}]),
        ('{\n "Source": "a"\n}\n', [{"Source": "a"}]),
        ('[{"Source": "a"}]', [{"Source": "a"}]),
        ("Source=a\nSource=b", [{"Source": "a"}, {"Source": "b"}]),
        ("", []),
    ],
)
def test_a_dash_takes_entries_from_standard_input(stdin: str, value: Any) -> None:
    assert read("PutEvents", "Entries", ["-"], stdin) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([{"Detail": {"a": "é"}}], [{"Detail": '{"a":"é"}'}]),
        ([{"Detail": {}}, {"Detail": "{}"}], [{"Detail": "{}"}, {"Detail": "{}"}]),
        ([{"Detail": [1]}], [{"Detail": [1]}]),
        ([{"Source": {"a": 1}}], [{"Source": {"a": 1}}]),
        ("no list", "no list"),
        ([None, 1], [None, 1]),
    ],
)
def test_objects_become_text_where_a_member_holds_json(
    value: Any, written: Any
) -> None:
    write_json_texts(shape_of("PutEvents", "Entries"), value)

    assert value == written


def test_only_the_details_of_entries_take_objects() -> None:
    from evcli.model import INDEX

    def list_marked(shape: Shape | None, path: str) -> list[str]:
        if shape is None:
            return []
        found = list_marked(shape.element, f"{path}[]")
        for member in shape.members.values():
            if member.json_text:
                found.append(f"{path}.{member.name}")
            found += list_marked(member.shape, f"{path}.{member.name}")
        return found

    marked = []
    for name in INDEX:
        operation = get_operation(name)
        assert operation is not None
        marked += list_marked(operation.request, name)

    assert marked == ["PutEvents.Entries[].Detail", "PutPartnerEvents.Entries[].Detail"]
