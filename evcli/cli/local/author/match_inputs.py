"""What `evcli local match` reads, and who matches it: processes here, or a cluster."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from evcli.bulk.backtest import tally_blocks
from evcli.bulk.blocks import read_blocks
from evcli.bulk.processes import identify
from evcli.cli.errors import ParamError, ValueSyntaxError
from evcli.cli.local.send_and_see.bulk_input import find_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from evcli.bulk.backtest import Block, Tally
    from evcli.bulk.sources import Source
    from evcli.cli.local.send_and_see.bulk_input import Inputs

    # What became of some events, and how many bytes of all inputs are done.
    Tallies = Iterator[tuple[Tally, int]]

# How many events are looked at to explain why a rule matched none.
EXPLAINED_EVENTS = 1_000
# Smaller ones cost more than they are worth; see `tests/benchmarks/bench_match_cluster.py`.
PART_SIZE = "16MB"
SIZE = re.compile(r"(\d+)(?:([kKMG])(i)?)?B?", re.ASCII)
POWERS = {None: 0, "k": 1, "K": 1, "M": 2, "G": 3}
LEAST_PART_BYTES = 1_000
ADDRESS = re.compile(r"local:[1-9]\d{0,3}|(tcp|tls)://\S+:\d+", re.ASCII)


def read_size(text: str) -> int:
    """Read `64MB`, `512KiB` or a number of bytes. Raises: ValueSyntaxError."""
    match = SIZE.fullmatch(text)
    size = (
        int(match[1]) * (1024 if match[3] else 1000) ** POWERS[match[2]] if match else 0
    )
    if size < LEAST_PART_BYTES:
        raise ValueSyntaxError(
            "--part-size", f"{text!r} is no size of {LEAST_PART_BYTES} bytes or more."
        )
    return size


def read_address(text: str) -> str:
    """Read where a cluster is. Raises: ValueSyntaxError."""
    if not ADDRESS.fullmatch(text):
        raise ValueSyntaxError(
            "--cluster", f"{text!r} is neither tcp://HOST:PORT nor local:NUMBER."
        )
    return text


class Feed:
    """Reads inputs in blocks. `done_bytes` says how far; `lines` are the first ones."""

    def __init__(self, inputs: Inputs, kept: int) -> None:
        """Keep so many lines of what is read."""
        self.done_bytes = 0
        self.lines: list[bytes] = []
        self._inputs = inputs
        self._kept = kept
        # Of the blocks of which nobody said yet what became of them.
        self._labels: deque[str] = deque()

    def read(self) -> Iterator[Block]:
        """Read blocks. Raises: InspectionError: an input is damaged, or cannot be read."""
        for lines in self._inputs.open_each():
            path = find_file(lines)
            file = None if path is None else identify(path)
            position = 0
            for first_line, data in read_blocks(lines.stream, lines.name):
                begin, position = position, position + len(data)
                self.done_bytes = self._inputs.measure_progress(position)
                self._keep(data)
                self._labels.append(lines.label)
                span = None if file is None else (file, begin, len(data))
                yield first_line, data, span

    def _keep(self, data: bytes) -> None:
        wanted = self._kept - len(self.lines)
        if wanted:
            self.lines += data.split(b"\n", wanted)[:wanted]

    def take_label(self) -> str:
        """Take what the input of the next block is called; blocks in their order."""
        return self._labels.popleft()


def read_first_lines(inputs: Inputs) -> list[bytes]:
    """Read the lines by which misses are explained."""
    feed = Feed(inputs, EXPLAINED_EVENTS)
    for _ in feed.read():
        if len(feed.lines) >= EXPLAINED_EVENTS:
            break
    return feed.lines


def tally_feed(
    feed: Feed, rules: dict[str, str], jobs: int, settings: dict[str, Any]
) -> Tallies:
    """Match what is read by so many processes; arguments as those of `tally_blocks`."""
    for tally in tally_blocks(feed.read(), rules, jobs, **settings):
        yield tally.name_lines(feed.take_label()), feed.done_bytes


def tally_on_cluster(
    inputs: Inputs,
    rules: dict[str, str],
    address: str,
    part_bytes: int,
    settings: dict[str, Any],
    warn: Callable[[str], object],
) -> Tallies:
    """Match inputs on a cluster; arguments as those of `tally_parts` and `cut`.

    Raises: ParamError: an input can be read by this process alone.
    """
    from evcli.bulk.cluster import tally_parts
    from evcli.bulk.parts import cut

    for each in inputs.sources:
        if not each.is_shared:
            raise ParamError(f"--cluster is for files and URLs, not for {each.name}.")
    done = lines_before = 0
    source: Source | None = None
    parts = cut(inputs.sources, part_bytes)
    for part, tallied in tally_parts(parts, rules, address, warn, **settings):
        for piece, (tally, lines) in zip(part, tallied, strict=True):
            if piece.source is not source:
                source, lines_before = piece.source, 0
            done += piece.size_bytes
            yield tally.name_lines(inputs.label(piece.source), lines_before), done
            lines_before += lines
