"""Answers from pages to text: merging, order, times, and which format gets what."""

from __future__ import annotations

import copy
import io
import subprocess
import sys
import time
import types
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from evcli.cli.errors import GeneralError
from evcli.cli.output.pagination import Pages, fetch_pages
from evcli.cli.output.rendering import shape_value, write_response
from evcli.model import get_operation
from evcli.model.shapes import Operation

PAGES: list[dict[str, Any]] = [
    {
        "Rules": [
            {
                "Name": "a-rule",
                "Arn": "arn:a",
                "State": "ENABLED",
                "EventPattern": '{"source":["my.app"]}',
                "EventBusName": "default",
            },
            {"Name": "b-rule", "Arn": "arn:b", "ScheduleExpression": "rate(1 day)"},
        ],
        "NextToken": "p1",
    },
    {"Rules": [{"Name": "c-rule", "Arn": "arn:c", "EventBusName": "default"}]},
]


def find_operation(name: str) -> Operation:
    operation = get_operation(name)
    assert operation is not None
    return operation


def write(
    operation_name: str,
    response: Any,
    output: str,
    query: str | None = None,
    timestamp_format: str = "iso8601",
) -> str:
    stream = io.StringIO()
    write_response(
        find_operation(operation_name),
        response,
        output=output,
        query=query,
        color="auto",
        timestamp_format=timestamp_format,
        stream=stream,
    )
    return stream.getvalue()


def list_rules(resume_token: str = "") -> Pages:
    return Pages([(PAGES[0], ""), (PAGES[1], resume_token)], "Rules")


def write_as_peer(output: str, query: str | None, max_items: int | None) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import awscli.formatter
        import jmespath
        from botocore.paginate import PageIterator
    responses = iter(copy.deepcopy(PAGES))
    pages = PageIterator(
        method=lambda **_: next(responses),
        input_token=["NextToken"],
        output_token=[jmespath.compile("NextToken")],
        more_results=None,
        result_keys=[jmespath.compile("Rules")],
        non_aggregate_keys=[],
        limit_key="Limit",
        max_items=max_items,
        starting_token=None,
        page_size=None,
        op_kwargs={},
    )
    arguments = types.SimpleNamespace(
        color="off", query=None if query is None else jmespath.compile(query)
    )
    stream = io.StringIO()
    awscli.formatter.get_formatter(output, arguments)("ListRules", pages, stream)
    return stream.getvalue()


@pytest.mark.parametrize("output", ["text", "table"])
@pytest.mark.parametrize("max_items", [None, 1, 2])
@pytest.mark.parametrize(
    "query",
    [
        None,
        "Rules[].Name",
        "length(Rules || `[]`)",
        "Rules[0].Name",
        "Rules[*].{N:Name,S:ScheduleExpression}",
        "Missing",
    ],
)
def test_paged_answers_equal_the_peers(
    output: str, max_items: int | None, query: str | None
) -> None:
    responses = iter(PAGES)
    pagination = find_operation("ListRules").pagination
    assert pagination is not None
    pages = fetch_pages(
        lambda _: next(responses), pagination, {}, {"max_items": max_items}
    )

    written = write("ListRules", pages, output, query)

    assert written == write_as_peer(output, query, max_items)


def test_json_merges_pages_and_puts_the_resume_token_last() -> None:
    query = "{Names: Rules[].Name, Keys: keys(@)}"

    written = write("ListRules", list_rules("token"), "json", query)

    assert written == (
        '{\n    "Names": [\n        "a-rule",\n        "b-rule",\n        "c-rule"\n'
        '    ],\n    "Keys": [\n        "Rules",\n        "NextToken"\n    ]\n}\n'
    )


def test_text_prints_columns_per_page() -> None:
    assert write("ListRules", list_rules(), "text") == (
        'RULES\tarn:a\tdefault\t{"source":["my.app"]}\ta-rule\t\tENABLED\n'
        "RULES\tarn:b\t\t\tb-rule\trate(1 day)\t\n"
        "RULES\tarn:c\tdefault\tc-rule\n"
    )


def test_text_asks_the_query_of_the_token_too() -> None:
    pages = Pages([({"Rules": [{"Name": "a-rule"}]}, "token")], "Rules")

    assert write("ListRules", pages, "text", "Rules[].Name") == "a-rule\nNone\n"


def test_text_prints_the_token_last() -> None:
    pages = Pages([({"Rules": [{"Name": "a-rule"}]}, "token")], "Rules")

    assert write("ListRules", pages, "text") == "RULES\ta-rule\nNEXTTOKEN\ttoken\n"


def test_yaml_stream_prints_each_page_with_the_token_of_the_service() -> None:
    pages = Pages(
        [
            ({"NextToken": "p1", "Rules": [{"Name": "a"}]}, ""),
            ({"Rules": [{"Name": "b"}]}, ""),
        ],
        "Rules",
    )

    assert write("ListRules", pages, "yaml-stream") == (
        "- NextToken: p1\n  Rules:\n  - Name: a\n- Rules:\n  - Name: b\n"
    )


@pytest.mark.parametrize("output", ["json", "text", "table", "yaml", "yaml-stream"])
def test_an_answer_without_members_prints_nothing(output: str) -> None:
    assert write("DeleteRule", {}, output) == ""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("json", "null\n"),
        ("yaml", "null\n"),
        ("yaml-stream", "- null\n"),
        ("text", "None\n"),
        ("table", ""),
    ],
)
def test_a_query_of_an_answer_without_members_prints_null(
    output: str, expected: str
) -> None:
    assert write("DeleteRule", {}, output, "Name") == expected


def test_off_makes_every_call_and_prints_nothing() -> None:
    calls = []

    def respond() -> Iterator[tuple[dict[str, Any], str]]:
        for page in PAGES:
            calls.append(page)
            yield page, ""

    written = write("ListRules", Pages(respond(), "Rules"), "off")

    assert (written, calls) == ("", PAGES)


def test_an_unknown_output_is_noticed_after_the_calls() -> None:
    calls = []

    def respond() -> Iterator[tuple[dict[str, Any], str]]:
        for page in PAGES:
            calls.append(page)
            yield page, ""

    with pytest.raises(GeneralError) as caught:
        write("ListRules", Pages(respond(), "Rules"), "xml")

    assert (caught.value.message, calls) == ("Unknown output type: xml", PAGES)


@pytest.mark.parametrize(
    ("zone", "timestamp_format", "milliseconds", "expected"),
    [
        ("UTC", "iso8601", 0, '"2024-01-01T00:00:00+00:00"'),
        ("UTC", "iso8601", 123, '"2024-01-01T00:00:00.123000+00:00"'),
        ("America/New_York", "iso8601", 0, '"2023-12-31T19:00:00-05:00"'),
        ("America/New_York", "wire", 123, "1704067200.123"),
        ("UTC", "wire", 0, "1704067200"),
    ],
)
def test_times_are_local_or_as_on_the_wire(
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    timestamp_format: str,
    milliseconds: int,
    expected: str,
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    moment = datetime(2024, 1, 1, microsecond=milliseconds * 1000, tzinfo=UTC)

    written = write(
        "CreateArchive",
        {"CreationTime": moment},
        "json",
        "CreationTime",
        timestamp_format,
    )

    assert written == expected + "\n"
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("json", '"1970-01-01T00:00:00"\n'),
        ("text", "1970-01-01 00:00:00\n"),
        ("yaml-stream", "- 1970-01-01 00:00:00\n"),
    ],
)
def test_sample_times_without_a_zone_stay_without(output: str, expected: str) -> None:
    sample = {"CreationTime": datetime(1970, 1, 1)}  # noqa: DTZ001 - a skeleton's

    assert write("CreateArchive", sample, output, "CreationTime") == expected


def test_nested_members_are_ordered_and_stripped_but_maps_are_left_alone() -> None:
    shape = find_operation("ListTargetsByRule").response
    transformer = {
        "InputTemplate": "<b>",
        "InputPathsMap": {"z": "$.z", "a": "$.a"},
        "Unknown": 1,
    }

    shaped = shape_value(
        shape,
        {"Targets": [{"InputTransformer": transformer, "Arn": "arn:t", "Id": None}]},
        lambda moment: moment,
    )

    target = shaped["Targets"][0]
    assert list(target) == ["Arn", "InputTransformer"]
    assert list(target["InputTransformer"]) == ["InputPathsMap", "InputTemplate"]
    assert list(target["InputTransformer"]["InputPathsMap"]) == ["z", "a"]


def test_json_imports_neither_query_nor_the_other_formats() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        "import evcli.cli.output.rendering\n"
        "print(*sorted(set(sys.modules) - before))"
    )

    loaded = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path[:0] = {sys.path}\n{program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    costly = {"jmespath", "yaml", "unicodedata", "typing", "base64", "datetime"}
    assert costly & set(loaded) == set()
