"""Sample events: each is what its service sends, and the loader reads no more than it must."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from evcli.authoring import samples
from evcli.authoring.samples import (
    Sample,
    find_sample,
    list_samples,
    list_services,
    localize,
    read_head,
    read_sample,
    search,
)
from evcli.delivery.envelopes import parse_detail
from evcli.errors import InspectionError
from evcli.patterns import compile_pattern, match, read_event
from tests.authoring.sample_rows import ROWS
from tests.authoring.shapes import S, list_misfits

ENVELOPE = [
    "version", "id", "detail-type", "source", "account", "time", "region", "resources",
    "detail",
]  # fmt: skip
NAMES = [sample.name for sample in list_samples()]


def test_every_sample_has_its_row() -> None:
    assert sorted(ROWS) == NAMES
    assert len(NAMES) >= 50


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_a_complete_envelope(name: str) -> None:
    row, event = ROWS[name], read_sample(name)

    assert list(event) == ENVELOPE
    assert {key: event[key] for key in ("version", "source", "account", "region")} == {
        "version": "0",
        "source": f"aws.{name.partition('/')[0]}",
        "account": samples.ACCOUNT_ID,
        "region": samples.REGION,
    }
    assert event["detail-type"] == row.detail_type
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event["id"])
    assert datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S%z").tzname() == "UTC"
    assert len(event["resources"]) == len(row.resources)
    for pattern, arn in zip(row.resources, event["resources"], strict=True):
        assert re.fullmatch(pattern, arn), (pattern, arn)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_the_shape_of_the_reference(name: str) -> None:
    assert list(list_misfits(read_sample(name)["detail"], ROWS[name].shape)) == []


@pytest.mark.parametrize(
    ("value", "misfits"),
    [
        ({"a": "x"}, []),
        ({"a": "x", "b": [1, 2.5]}, []),
        ({"a": 1}, ["$.a: 1 is no <class 'str'>"]),
        ({"a": "x", "b": [True]}, ["$.b[0]: True is no <class 'float'>"]),
        ({"a": "x", "c": 1}, ["$: c is unknown"]),
        ({}, ["$: a is missing"]),
        ([], ["$: [] is no object"]),
    ],
)
def test_misfits_are_found(value: Any, misfits: list[str]) -> None:
    assert list(list_misfits(value, {"a": S, "b?": [float]})) == misfits


@pytest.mark.parametrize("name", NAMES)
def test_the_usual_pattern_matches_a_sample_and_a_near_miss_does_not(name: str) -> None:
    row = ROWS[name]
    event = read_event(json.dumps(read_sample(name)))
    about = {
        "source": [f"aws.{name.partition('/')[0]}"],
        "detail-type": [row.detail_type],
    }

    def matches(detail: dict[str, Any]) -> bool:
        pattern = {**about, "detail": detail} if detail else about
        return match(compile_pattern(json.dumps(pattern)), event)

    assert matches(row.pattern)
    assert not matches(row.near_miss)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_speaks_of_one_account_and_region_that_can_be_moved(name: str) -> None:
    moved = json.dumps(localize(read_sample(name), "999999999999", "eu-north-1"))

    assert samples.ACCOUNT_ID not in moved
    assert samples.REGION not in moved
    # As numbers and parts of longer ones they would have been torn apart.
    text = json.dumps(read_sample(name))
    assert (
        re.search(rf"[0-9a-f]{samples.ACCOUNT_ID}|{samples.ACCOUNT_ID}[0-9a-f]", text)
        is None
    )
    assert parse_detail(text) is not None


def test_localizing_leaves_the_sample_as_it_was() -> None:
    event = {
        "account": samples.ACCOUNT_ID,
        "detail": {"zones": ["us-east-1b", 1, None]},
    }

    moved = localize(event, "999999999999", "eu-north-1")

    assert moved == {
        "account": "999999999999",
        "detail": {"zones": ["eu-north-1b", 1, None]},
    }
    assert event == {
        "account": samples.ACCOUNT_ID,
        "detail": {"zones": ["us-east-1b", 1, None]},
    }


# -- the loader


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every file that is read from here on."""
    read: list[str] = []
    read_file = samples.read_file

    def note(path: str) -> dict[str, Any]:
        read.append(path)
        return read_file(path)

    monkeypatch.setattr(samples, "read_file", note)
    return read


def test_reading_one_sample_reads_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read = count_reads(monkeypatch)

    read_sample("s3/object-created")

    assert read == [f"{samples.DIRECTORY}/s3/object-created.json"]


def test_names_are_listed_without_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    read = count_reads(monkeypatch)

    names = [sample.name for sample in list_samples(service="ecr")]
    services = list_services()

    assert names == ["ecr/image-action", "ecr/image-scan"]
    assert services == sorted({name.partition("/")[0] for name in ROWS})
    assert list_samples(service="nothing") == []
    assert read == []


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A project's own samples."""
    directory = tmp_path / "events"
    directory.mkdir()
    (directory / "order placed.json").write_text(
        '{"source": "shop", "detail-type": "Order Placed", "detail": {"total": 1.50}}'
    )
    (directory / "entry.json").write_text('{"Source": "shop"}')
    (directory / "torn.json").write_text('{"source": "shop"')
    (directory / ".hidden.json").write_text("{}")
    (directory / "notes.txt").write_text("")
    return str(directory)


def test_own_samples_come_first(own: str) -> None:
    listed = list_samples(own)

    assert [sample.name for sample in listed if not sample.service] == [
        "entry", "order placed", "torn",
    ]  # fmt: skip
    assert [sample.name for sample in listed[3:]] == NAMES
    assert listed[1] == Sample("order placed", f"{own}/order placed.json", "")


def test_an_own_sample_is_read_by_its_name(own: str) -> None:
    assert read_sample("order placed", own)["detail-type"] == "Order Placed"
    assert read_sample("s3/object-created", own) == read_sample("s3/object-created")


def test_what_a_list_tells_says_which_files_are_no_events(own: str) -> None:
    heads = [read_head(sample) for sample in list_samples(own) if not sample.service]

    assert [(head.source, head.detail_type, head.problem) for head in heads] == [
        ("", "", f"{own}/entry.json is not a whole event: it has no source."
         " `evcli local send` takes entries of put-events."),
        ("shop", "Order Placed", ""),
        ("", "", f"{own}/torn.json is not one JSON object."),
    ]  # fmt: skip


def test_search_finds_names_sources_and_detail_types() -> None:
    heads = [read_head(sample) for sample in list_samples()]

    def found(*words: str) -> list[str]:
        return [head.sample.name for head in search(heads, list(words))]

    assert found("step", "functions") == ["states/execution-status-change"]
    assert found("aws.kms", "rotation") == ["kms/cmk-rotation"]
    assert found("RESTORE") == [
        "backup/restore-job-state-change",
        "s3/object-restore-completed",
    ]
    assert found("nothing") == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("s3/object-craeted", " Did you mean s3/object-created or "),
        ("object-created", " Did you mean s3/object-created"),
        ("guardduty", " Did you mean guardduty/finding or guardduty/malware-object-scan-result?"),
        ("console sign in", " Did you mean signin/console-sign-in?"),
        ("../../errors", ""),
        ("s3/../s3/object-created", ""),
        ("zzz", ""),
    ],
)  # fmt: skip
def test_an_unknown_sample_names_those_that_are_near(name: str, hint: str) -> None:
    with pytest.raises(InspectionError) as caught:
        find_sample(name)

    assert caught.value.message.startswith(f"There is no sample {name}.{hint}")


def test_a_misspelled_own_sample_is_suggested(own: str) -> None:
    with pytest.raises(InspectionError, match="Did you mean order placed"):
        read_sample("order-placed", own)


def test_samples_are_data_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["evcli"]
    root = Path(samples.DIRECTORY).parents[1]

    packed = {path for pattern in patterns for path in root.glob(pattern)}
    assert {Path(sample.path) for sample in list_samples()} <= packed
