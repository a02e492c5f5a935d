"""Backtesting: which rules would match which events; nothing is changed by it.

Lines are whole events, matched as they are, or entries of put-events, matched as the
events that put-events would make of them. Counts of parts of an input add up to those of
the whole, so that several processes can share the work, each of which holds all rules.
"""

from __future__ import annotations

from contextlib import closing, contextmanager

from evcli.bulk.peeking import Peeker, get_decoder
from evcli.bulk.processes import Crew, SpanReader, share
from evcli.bulk.reading import QuickReader, get_orjson, read_line
from evcli.delivery.envelopes import build_envelope, format_json, parse_detail
from evcli.errors import EntryError
from evcli.model.timestamps import parse_timestamp
from evcli.patterns import EventTextError, compile_pattern, parse_json
from evcli.patterns.matching.index import PatternIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from evcli.bulk.processes import Span

    # The number of its first line; its bytes; where these are in a file, if in any.
    Block = tuple[int, bytes, Span | None]

# Examples that are kept of each kind.
EXAMPLES = 3
KEPT_PROBLEMS = 100


class Tally:
    """What became of some events.

    `rules` has every rule that matched: how often, and the first events that it matched.
    An event is named by its id, or where it has none by the number of its line, until
    `name_lines` says of which input that is.
    """

    __slots__ = (
        "events",
        "problem_count",
        "problems",
        "rules",
        "unmatched",
        "unmatched_count",
    )

    def __init__(self) -> None:
        self.events = 0
        self.rules: dict[str, tuple[int, list[str | int]]] = {}
        self.unmatched_count = 0
        self.unmatched: list[str | int] = []
        self.problem_count = 0
        # Input, number of the line, and what is wrong with it.
        self.problems: list[tuple[str, int, str]] = []

    def add(self, other: Tally) -> None:
        """Add what became of the events that follow."""
        self.events += other.events
        for name, (count, examples) in other.rules.items():
            before, kept = self.rules.get(name, (0, []))
            self.rules[name] = (before + count, (kept + examples)[:EXAMPLES])
        self.unmatched_count += other.unmatched_count
        self.unmatched = (self.unmatched + other.unmatched)[:EXAMPLES]
        self.problem_count += other.problem_count
        self.problems = (self.problems + other.problems)[:KEPT_PROBLEMS]

    def name_lines(self, file: str, lines_before: int = 0) -> Tally:
        """Say where the lines are whose numbers it has; itself, for `add`.

        Args:
            file: the input; empty where there is but one.
            lines_before: how many of its lines come before what is line 1 here.
        """

        def name(example: str | int) -> str | int:
            if type(example) is not int:
                return example
            number = lines_before + example
            return f"{file}:{number}" if file else f"line {number}"

        for rule, (count, examples) in self.rules.items():
            self.rules[rule] = (count, [name(each) for each in examples])
        self.unmatched = [name(each) for each in self.unmatched]
        self.problems = [
            (file, lines_before + number, problem)
            for _, number, problem in self.problems
        ]
        return self

    def describe(self, rule_names: Iterable[str]) -> dict[str, Any]:
        """Lay out what became of all events as a JSON value, rules by name.

        Inputs are named where there may be several.
        """
        rules = []
        for name in sorted(rule_names):
            count, examples = self.rules.get(name, (0, []))
            rules.append({"Name": name, "MatchCount": count, "Examples": examples})
        return {
            "EventCount": self.events,
            "UnmatchedCount": self.unmatched_count,
            "UnmatchedExamples": self.unmatched,
            "UnreadableCount": self.problem_count,
            "Unreadable": [
                {**({"File": file} if file else {}), "Line": line, "Problem": problem}
                for file, line, problem in self.problems
            ],
            "Rules": rules,
        }


class Backtest:
    """Holds rules against lines.

    Args:
        rules: name → event pattern.
        account_id, region, now: what events get that are entries of put-events.
        uses_orjson: whether orjson may read, where it is installed.
        peeks: whether msgspec may find lines that no rule matches, likewise.

    Raises: InvalidEventPatternException: an event pattern is not valid.
    """

    __slots__ = ("_account_id", "_decode", "_index", "_now", "_quick", "_region")

    def __init__(
        self,
        rules: Mapping[str, str],
        *,
        account_id: str,
        region: str,
        now: datetime,
        uses_orjson: bool = True,
        peeks: bool = True,
    ) -> None:
        self._account_id = account_id
        self._region = region
        self._now = now
        self._index = PatternIndex()
        for name, pattern in rules.items():
            self._index.add(name, compile_pattern(pattern))
        self._quick = QuickReader(get_orjson() if uses_orjson else None)
        self._decode = get_decoder() if peeks else None

    def tally(self, block: bytes, first_line: int) -> Tally:
        """Match the lines of a block; `first_line` is the number of the first one."""
        tally = Tally()
        rules = tally.rules
        match = self._index.match
        peeker = self._decode and Peeker(self._index, self._decode)
        # Not `splitlines`, which knows more ends of lines than there are in JSON Lines.
        for number, line in enumerate(block.split(b"\n"), first_line):
            if not line.strip():
                continue
            # An example is named by its id, which a peek does not see.
            if peeker and len(tally.unmatched) == EXAMPLES and peeker.is_hopeless(line):
                tally.events += 1
                tally.unmatched_count += 1
                continue
            try:
                event = self.read(line)
            except EntryError as error:
                tally.problem_count += 1
                if len(tally.problems) < KEPT_PROBLEMS:
                    tally.problems.append(("", number, error.message))
                continue
            tally.events += 1
            names: list[Any] = match(event)
            if not names:
                tally.unmatched_count += 1
                if len(tally.unmatched) < EXAMPLES:
                    tally.unmatched.append(_name_event(event, number))
            for name in names:
                count, examples = rules.get(name) or (0, [])
                if count < EXAMPLES:
                    examples.append(_name_event(event, number))
                rules[name] = (count + 1, examples)
        return tally

    def read(self, line: bytes) -> Any:
        """Read a line as the value to match. Raises: EntryError."""
        value = self._quick.read_value(line)
        if value is None:
            value = _parse(line)
            if not _is_event(value):
                value = read_line(line)
        return value if _is_event(value) else self._build_event(value)

    def _build_event(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Make of an entry what put-events would; its checks are not made. [guess]"""
        detail = entry.get("Detail")
        if isinstance(detail, str):
            detail = self._read_detail(detail)
        resources = entry.get("Resources") or []
        if not isinstance(detail, dict) or not isinstance(resources, list):
            raise EntryError("MalformedDetail", "Neither an event nor an entry.")
        for name in ("Source", "DetailType"):
            if not isinstance(entry.get(name), str):
                raise EntryError("InvalidArgument", f"{name} is a required argument.")
        return build_envelope(
            event_id="",
            detail_type=entry["DetailType"],
            source=entry["Source"],
            account_id=self._account_id,
            time=parse_timestamp(entry.get("Time")) or self._now,
            region=self._region,
            resources=resources,
            detail=detail,
        )

    def _read_detail(self, text: str) -> Any:
        value = self._quick.read_value(text.encode())
        if value is not None:
            return value
        # As put-events writes it: of a repeated key the last one is left.
        exact = parse_detail(text)
        if exact is None:
            raise EntryError("MalformedDetail", "Detail is malformed.")
        return parse_json(format_json(exact))


def _parse(line: bytes) -> Any:
    try:
        value = parse_json(line.decode())
    except (EventTextError, UnicodeDecodeError) as error:
        raise EntryError("SerializationException", f"Not JSON: {error}") from error
    if not hasattr(value, "items"):
        raise EntryError("SerializationException", "Not a JSON object.")
    return value


def _is_event(value: Any) -> bool:
    return type(value) is not dict or "detail-type" in value


def _name_event(event: Any, number: int) -> str | int:
    event_id = event.get("id") if type(event) is dict else None
    return event_id if event_id and type(event_id) is str else number


def tally_blocks(
    blocks: Iterable[Block], rules: dict[str, str], jobs: int, **events: Any
) -> Iterator[Tally]:
    """Match blocks of lines; tallies in their order.

    Args:
        blocks: of one input or several.
        rules: name → event pattern, all of them valid.
        jobs: how many processes, this one included.
        events: what `Backtest` has to know besides the rules.
    """
    backtest = Backtest(rules, **events)

    def tally(block: Block) -> Tally:
        return backtest.tally(block[1], block[0])

    if jobs == 1:
        yield from map(tally, blocks)
        return
    with Crew(jobs - 1, open_tallying, (rules, events)) as crew:
        for _, answer in share(blocks, tally, describe, crew, is_light):
            yield answer


def is_light(block: Block) -> bool:
    """Say whether other processes can read a block themselves."""
    return block[2] is not None


def describe(block: Block) -> tuple[int, bytes | Span]:
    """Lay out what another process is given of a block."""
    first_line, data, span = block
    return first_line, span or data


@contextmanager
def open_tallying(
    rules: dict[str, str], events: dict[str, Any]
) -> Iterator[Callable[[tuple[int, bytes | Span]], Tally]]:
    """Get ready to tally what `describe` lays out, in a process of its own."""
    backtest = Backtest(rules, **events)

    def tally(task: tuple[int, bytes | Span]) -> Tally:
        first_line, data = task
        if not isinstance(data, bytes):
            data = reader.read(data)
        return backtest.tally(data, first_line)

    with closing(SpanReader()) as reader:
        yield tally
