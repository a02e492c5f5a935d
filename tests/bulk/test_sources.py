"""Names, patterns and URLs of inputs; what of them is shown."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

from evcli.bulk.sources import Source, list_sources, mask
from evcli.errors import InspectionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def storage() -> Iterator[Any]:
    """An object storage in memory: `b/2.jsonl`, `b/10.jsonl` and `b/sub/3.jsonl`."""
    filesystem = fsspec.filesystem("memory")
    for name in ("b/2.jsonl", "b/10.jsonl", "b/sub/3.jsonl"):
        filesystem.pipe(f"/{name}", name.encode())
    yield filesystem
    filesystem.store.clear()
    filesystem.pseudo_dirs[:] = [""]


def name_all(*names: str, directory: Path | str = "/") -> list[str]:
    return [source.name for source in list_sources(names, str(directory))]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("b.jsonl", "a.jsonl", "x[1].jsonl", "x1.jsonl", "sub/c.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["b.jsonl", "a.jsonl"], ["b.jsonl", "a.jsonl"]),
        (["[ab].jsonl"], ["a.jsonl", "b.jsonl"]),
        (["b.jsonl", "*.jsonl"], ["b.jsonl", "a.jsonl", "x1.jsonl", "x[1].jsonl"]),
        (["x[1].jsonl"], ["x[1].jsonl"]),
        (["**/c.jsonl", "s*"], ["sub/c.jsonl"]),
        (["a.jsonl", "./sub/../a.jsonl"], ["a.jsonl"]),
        (["-", "a.jsonl", "-"], ["standard input", "a.jsonl"]),
    ],
)
def test_names_come_in_order_and_patterns_sorted(
    directory: Path, names: list[str], found: list[str]
) -> None:
    if "s*" in names:
        (directory / "s").write_text("")
        found = [*found, "s"]

    assert name_all(*names, directory=directory) == found


def test_a_source_can_be_opened_by_another_process(directory: Path) -> None:
    (source,) = list_sources(["a.jsonl"], str(directory))

    other = pickle.loads(pickle.dumps(source))

    with other.open() as stream:
        assert stream.read() == b"a.jsonl"
    assert (other.key, other.size_bytes) == (str(directory / "a.jsonl"), 7)


@pytest.mark.usefixtures("storage")
def test_objects_are_found_by_pattern_and_read() -> None:
    sources = list_sources(["memory://b/*.jsonl", "memory://b/**/3.jsonl"], "/")

    assert [(each.name, each.size_bytes) for each in sources] == [
        ("memory:///b/10.jsonl", 10),
        ("memory:///b/2.jsonl", 9),
        ("memory:///b/sub/3.jsonl", 13),
    ]
    with sources[2].open() as stream:
        assert (stream.read(), stream.seek(2), stream.read(5)) == (
            b"b/sub/3.jsonl",
            2,
            b"sub/3",
        )


def test_files_have_urls_too(directory: Path) -> None:
    (source,) = list_sources([f"file://{directory}/a*"], "/")

    with source.open() as stream:
        assert stream.read() == b"a.jsonl"


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no.jsonl", "Cannot read no.jsonl: No such file or directory."),
        ("no*", "No file matches no*."),
        ("memory://b/no", "Cannot read memory://b/no: there is no such file."),
        ("memory://b/no*", "memory://b/no* has no file."),
        ("memory://b", "memory://b is a directory; name its files by a pattern."),
        ("no://u:p@b/x", "Cannot read no://***@b/x: Protocol not known: no."),
    ],
)
def test_what_is_not_there_is_told(directory: Path, name: str, message: str) -> None:
    with pytest.raises(InspectionError) as caught:
        list_sources([name], str(directory))

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("fsspec.core", "s3://***@b/x needs fsspec: pip install 'evcli[storage]'."),
        (
            "s3fs",
            "Cannot read s3://***@b/x: s3:// needs another package: pip install s3fs.",
        ),
    ],
)
def test_what_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch, module: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(InspectionError) as caught:
        list_sources(["s3://key:secret@b/x"], "/")

    assert caught.value.message == message


def test_a_storage_that_fails_says_so_in_a_line(storage: Any) -> None:
    (source,) = list_sources(["memory://b/2.jsonl"], "/")
    storage.rm("/b/2.jsonl")

    with pytest.raises(InspectionError, match=r"^Cannot read memory:///b/2.jsonl: "):
        source.open()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://b/x", "s3://b/x"),
        ("ftp://me:secret@host/x", "ftp://***@host/x"),
        ("https://host/x?sig=secret", "https://host/x?***"),
        ("zip://*::https://a:b@c@host/x?k=v y", "zip://*::https://***@host/x?*** y"),
    ],
)
def test_secrets_of_urls_are_not_shown(url: str, shown: str) -> None:
    assert mask(url) == shown
    assert repr(Source(mask(url), "p", url=url)) == f"Source({shown!r})"
