"""`--set`: a value at a path of an event, and what is said of a path that is not there."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from evcli.authoring.changes import apply_change, format_path, parse_change
from evcli.delivery.envelopes import format_json
from evcli.errors import InspectionError

EVENT: dict[str, Any] = {
    "source": "shop",
    "resources": ["arn:a"],
    "detail": {
        "total": 1.5,
        "paid": True,
        "note": None,
        "items": [{"sku": "a", "count": 1}],
        "tags": {"a.b": "1", "x[0]": "2", "k=v": "3", 'say "hi"': "4"},
    },
}


def change(text: str, *, adds: bool = False) -> tuple[dict[str, Any], str | None]:
    event = copy.deepcopy(EVENT)
    warning = apply_change(event, parse_change(text), adds=adds)
    return event, warning


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("source=web", ("source",), "web"),
        ("$.source=web", ("source",), "web"),
        (".source=web", ("source",), "web"),
        ("source=", ("source",), ""),
        ("source=a=b:=c", ("source",), "a=b:=c"),
        ("source=line\nline", ("source",), "line\nline"),
        ("detail.total:=2", ("detail", "total"), 2),
        ("detail.paid:=false", ("detail", "paid"), False),
        ("detail.note:= null", ("detail", "note"), None),
        ("detail:={}", ("detail",), {}),
        ("resources[0]=arn:b", ("resources", 0), "arn:b"),
        ("detail.items[0].sku=b", ("detail", "items", 0, "sku"), "b"),
        ('detail.tags."a.b"=9', ("detail", "tags", "a.b"), "9"),
        ('detail.tags."x[0]"=9', ("detail", "tags", "x[0]"), "9"),
        ('detail.tags."k=v"=9', ("detail", "tags", "k=v"), "9"),
        (r'detail.tags."say \"hi\""=9', ("detail", "tags", 'say "hi"'), "9"),
    ],
)
def test_a_value_is_set_and_nothing_else(
    text: str, path: tuple[str | int, ...], value: Any
) -> None:
    event, _ = change(text)

    expected: Any = copy.deepcopy(EVENT)
    inner = expected
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert event == expected
    assert parse_change(f"{format_path(path)}=x").path == path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("source", "'source' is neither path=text nor path:=json"),
        ("=x", "'=x' is neither path=text nor path:=json"),
        ("a..b=x", "'a..b' is no path; one is like detail.items[0].sku"),
        (r'a."\q"=x', r"""'a."\\q"' is no path; one is like detail.items[0].sku"""),
        ("a[b]=x", "'a[b]' is no path; one is like detail.items[0].sku"),
        ("a[1=x", "'a[1' is no path; one is like detail.items[0].sku"),
        ("[0]=x", "'[0]' is no path; one is like detail.items[0].sku"),
        ("a[9999999999]=x", "'a[9999999999]' is no path; one is like detail.items[0].sku"),
        ("a:=x", "a:=x is not JSON; a=x sets it as text"),
        ('a:=1,"b":2', 'a:=1,"b":2 is not JSON; a=1,"b":2 sets it as text'),
        ("a:=NaN", "a:=NaN is not JSON; a=NaN sets it as text"),
    ],
)  # fmt: skip
def test_what_is_no_assignment_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InspectionError) as caught:
        parse_change(text)

    assert (caught.value.message, caught.value.argument) == (problem, "set")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("detail.totl=1", "the sample has no detail.totl. Did you mean detail.total?"),
        ("total=1", "the sample has no total. Did you mean detail.total?"),
        ("items[0].sku=b", "the sample has no items[0].sku. Did you mean detail.items[0].sku?"),
        ("detail.items[1].sku=b", "the sample has no detail.items[1].sku."
         " Did you mean detail.items[0].sku?"),
        ("sauce=x", "the sample has no sauce. Did you mean source?"),
        ("detail.total.net=1", "the sample has no detail.total.net. Did you mean detail.total?"),
        ("zzzzzzzzzz=1", "the sample has no zzzzzzzzzz."),
    ],
)  # fmt: skip
def test_a_path_that_is_not_there_needs_add_and_names_the_near_one(
    text: str, problem: str
) -> None:
    event = copy.deepcopy(EVENT)

    with pytest.raises(InspectionError) as caught:
        apply_change(event, parse_change(text), adds=False)

    assert (caught.value.message, event) == (f"{problem} --add adds it", EVENT)


def test_add_makes_what_leads_there() -> None:
    event, warning = change("detail.customer.address.lines[0]=Pier 4", adds=True)

    assert event["detail"]["customer"] == {"address": {"lines": ["Pier 4"]}}
    assert warning is None


def test_add_appends_to_an_array() -> None:
    event, _ = change('detail.items[1]:={"sku":"b"}', adds=True)

    assert event["detail"]["items"] == [{"sku": "a", "count": 1}, {"sku": "b"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("detail.items[3].sku=b",
         "detail.items[3].sku cannot be added: detail.items is an array"),
        ("detail.total.net=1", "detail.total.net cannot be added: detail.total is a number"),
        ("detail.note.a=1", "detail.note.a cannot be added: detail.note is null"),
        ("detail[0]=1", "detail[0] cannot be added: detail is an object"),
        ("source.a=1", "source.a cannot be added: source is a string"),
    ],
)  # fmt: skip
def test_add_does_not_change_what_is_there(text: str, problem: str) -> None:
    with pytest.raises(InspectionError) as caught:
        change(text, adds=True)

    assert caught.value.message == problem


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("detail.total=2", "detail.total was a number and now is a string; := sets JSON."),
        ("detail.paid=x", "detail.paid was a boolean and now is a string; := sets JSON."),
        ("detail.note=x", None),
        ("detail.items=x", None),
        ("source=x", None),
        ("detail.total:=2", None),
    ],
)  # fmt: skip
def test_a_text_in_place_of_a_number_is_warned_of(
    text: str, warning: str | None
) -> None:
    assert change(text)[1] == warning


def test_numbers_keep_their_text() -> None:
    event, _ = change("detail.total:=1.10")
    _, warning = change("detail.total=1")

    assert json.loads(format_json(event), parse_float=str)["detail"]["total"] == "1.10"
    assert warning is not None
