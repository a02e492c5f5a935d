"""Compressed inputs: whole, in several pieces, cut off, damaged."""

from __future__ import annotations

import gzip
import io
import random
import sys

import pytest

from evcli.bulk.documents import read_as_lines
from evcli.errors import InspectionError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# What no compressor can put off to the end.
NOISE = random.Random(1)
LINES = b"".join(b'{"n":"%x"}\n' % NOISE.getrandbits(4_000) for _ in range(200))
COMPRESSORS = {"gzip": gzip.compress, "zstd": zstd.compress}


def read(data: bytes) -> bytes:
    return read_as_lines(io.BufferedReader(io.BytesIO(data)), "x.jsonl").read()


@pytest.mark.parametrize("form", COMPRESSORS)
def test_pieces_that_follow_each_other_are_one_input(form: str) -> None:
    compress = COMPRESSORS[form]

    assert read(compress(LINES)) == LINES
    assert read(compress(LINES) + compress(b"{}\n")) == LINES + b"{}\n"


@pytest.mark.parametrize("form", COMPRESSORS)
@pytest.mark.parametrize("harm", ["cut", "damage"])
def test_what_is_damaged_says_behind_which_line(form: str, harm: str) -> None:
    data = COMPRESSORS[form](LINES)
    half = len(data) // 2
    data = data[:half] + (b"" if harm == "cut" else b"\xff" * 64 + data[half + 64 :])

    with pytest.raises(
        InspectionError, match=r"^x\.jsonl is damaged behind line \d+: "
    ):
        read(data)


def test_zstandard_that_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "backports", None)

    with pytest.raises(InspectionError, match=r"pip install 'evcli\[zstd\]'"):
        read(zstd.compress(LINES))
