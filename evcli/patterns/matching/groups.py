"""Many alternatives of patterns at once: candidates by one condition, the rest verified.

Every alternative is filed under the condition that an event is least likely to meet and
that has keys (see `evcli.patterns.matching.index_keys`). An event's values at the paths of
these conditions are looked up, and of the few candidates found the remaining conditions
are tested, the least likely first. Alternatives without such a condition are tested one by
one.

The event is read into a row (see `evcli.patterns.matching.event_rows`): first what is
looked up, and the rest only if that finds candidates, as it does for few events. Conditions
can then be judged one by one, which is exact unless values of two paths sit inside arrays
of containers; in that case the evaluator decides about each candidate.

Source: ours; measured against bit sets and counting, which are linear in the rules.
"""

from __future__ import annotations

from evcli.patterns.language.events import collect, grow_tree
from evcli.patterns.matching.evaluator import Evaluation
from evcli.patterns.matching.event_rows import MISSING, RowReader
from evcli.patterns.matching.index_keys import (
    KEYS,
    NO_TEXT,
    WHOLE,
    find_keys,
    key_of_value,
    measure_looseness,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from evcli.patterns.language.conditions import Condition
    from evcli.patterns.matching.event_rows import Row
    from evcli.patterns.matching.index_keys import Key, StringSlice

    # Slot, test and whether absence will do, of each condition to be verified.
    Rest = tuple[tuple[int, Callable[[object], bool], bool], ...]
    Entry = tuple[Hashable, Rest, "IndexedAlternative"]
    Buckets = dict[object, list[Entry]]
    # The head to take, the tail to take or None, folded; where the result is looked up.
    SliceLookup = tuple[slice, slice | None, bool, "Buckets"]
    # Slot; look-ups of the whole text, of its slices, and of what is no text.
    Lookup = tuple[int, "Buckets", list["SliceLookup"], "Buckets"]

EMPTY: Buckets = {}
# Among so many alternatives some is a candidate for nearly every event.
MANY_MEMBERS = 64


class IndexedAlternative:
    """One alternative of a named pattern, and where it is filed.

    `unverified` are the conditions to be tested; the others are known to hold for every
    event that comes to the group of the `pair` of source and detail-type.
    """

    __slots__ = ("alternative", "entry", "filed_by", "name", "pair", "unverified")

    def __init__(
        self,
        name: Hashable,
        alternative: tuple[Condition, ...],
        unverified: tuple[Condition, ...],
        pair: tuple[str, str] | None,
    ) -> None:
        self.name = name
        self.alternative = alternative
        self.unverified = unverified
        self.pair = pair
        self.entry: Entry | None = None
        self.filed_by: Condition | None = None


class Group:
    """Alternatives that are matched together.

    They are filed when an event comes, as many as have been added by then.
    """

    __slots__ = (
        "_blank",
        "_filed_at",
        "_keys_seen",
        "_lookups",
        "_reader",
        "_rest_reader",
        "_scan",
        "_slices",
        "_slots",
        "_unfiled",
        "members",
    )

    def __init__(self) -> None:
        self.members: dict[IndexedAlternative, None] = {}
        self._clear()

    def _clear(self) -> None:
        self._filed_at = 0
        self._unfiled = dict(self.members)
        self._slots: dict[str, int] = {}
        # Per path the operands of the conditions that are looked up by keys.
        self._keys_seen: dict[str, set[object]] = {}
        self._slices: dict[int, dict[StringSlice | None, Buckets]] = {}
        self._scan: Buckets = {}
        self._lookups: list[Lookup] = []
        # Of what is looked up, made when an event comes; of all other paths, if any.
        self._reader: RowReader | None = None
        self._rest_reader: RowReader | None = None
        self._blank: Row = []

    def add(self, member: IndexedAlternative) -> None:
        """Take an alternative in."""
        self.members[member] = None
        self._unfiled[member] = None
        self._reader = None

    def remove(self, member: IndexedAlternative) -> None:
        """Take an alternative out."""
        del self.members[member]
        if member in self._unfiled:
            del self._unfiled[member]
            return
        # Halved: paths and slices that nobody uses any more would still cost each event.
        if 2 * len(self.members) <= self._filed_at:
            self._clear()
            return
        assert member.entry is not None
        filed_by = member.filed_by
        keys = None if filed_by is None else find_keys(filed_by)
        for buckets, key in self._find_buckets(filed_by, keys):
            bucket = buckets[key]
            bucket.remove(member.entry)
            if not bucket:
                del buckets[key]

    def match(
        self, event: object, found: list[Hashable], *, is_plain: bool = True
    ) -> None:
        """Add the names of the alternatives that an event matches, perhaps repeated.

        Args:
            is_plain: the event meets the conditions that are not verified; else all
                conditions of a candidate are judged.
        """
        reader = self._reader or self._prepare()
        in_arrays: set[str] = set()
        row = self._blank[:]
        reader.read(event, row, in_arrays)
        buckets = self._find(row)
        if not buckets:
            return
        if self._rest_reader is not None:
            self._rest_reader.read(event, row, in_arrays)
        # One path inside of arrays has no other to agree with about the element.
        if is_plain and len(in_arrays) < 2:
            for bucket in buckets:
                _verify(bucket, row, found)
        else:
            _match_exactly(event, buckets, found)

    def _prepare(self) -> RowReader:
        """File what has come since the last event."""
        # What is rare among ten is not among a thousand. Filing anew whenever the number
        # has doubled keeps the sum of all filing linear.
        if len(self.members) >= 2 * self._filed_at:
            self._clear()
            self._filed_at = len(self.members)
        # All keys first: where to file a member depends on how many kinds there are.
        for member in self._unfiled:
            self._note_keys(member)
        for member in self._unfiled:
            self._file(member)
        self._unfiled = {}
        self._lookups = [
            (
                slot,
                slices.get(WHOLE, EMPTY),
                [
                    _prepare_slice(each, buckets)
                    for each, buckets in slices.items()
                    if each is not NO_TEXT and each != WHOLE
                ],
                slices.get(NO_TEXT, EMPTY),
            )
            for slot, slices in self._slices.items()
        ]
        self._blank = [MISSING] * len(self._slots)
        # Where most events have candidates, everything is read at once.
        first = self._slots
        if not self._scan and len(self.members) < MANY_MEMBERS:
            looked_up = {slot for slot, *_ in self._lookups}
            first = {path: n for path, n in self._slots.items() if n in looked_up}
        rest = {path: n for path, n in self._slots.items() if path not in first}
        self._rest_reader = RowReader(rest) if rest else None
        self._reader = RowReader(first)
        return self._reader

    def _note_keys(self, member: IndexedAlternative) -> None:
        for condition in member.unverified:
            path = condition.path
            seen = self._keys_seen.get(path)
            if seen is None:
                self._slots[path] = len(self._slots)
                seen = self._keys_seen[path] = set()
            for item in condition.items:
                if item.operator in KEYS:
                    seen.add(item.operand)

    def _file(self, member: IndexedAlternative) -> None:
        """File an alternative under its least likely condition that has keys."""
        conditions = list(member.unverified)
        if len(conditions) > 1:
            conditions.sort(key=self._likelihood)
        filed_by = keys = None
        for condition in conditions:
            keys = find_keys(condition)
            if keys is not None:
                filed_by = condition
                # A value that has an exact key meets the condition.
                if keys[1]:
                    conditions.remove(condition)
                break
        slots = self._slots
        rest = tuple([(slots[c.path], c.test, c.wants_absent) for c in conditions])
        member.filed_by = filed_by
        entry = member.entry = (member.name, rest, member)
        for buckets, key in self._find_buckets(filed_by, keys):
            bucket = buckets.get(key)
            if bucket is None:
                buckets[key] = [entry]
            else:
                bucket.append(entry)

    def _find_buckets(
        self, filed_by: Condition | None, keys: tuple[list[Key], bool] | None
    ) -> list[tuple[Buckets, object]]:
        """List the look-ups in which something is filed, each with its key there."""
        if filed_by is None or keys is None:
            return [(self._scan, None)]
        slices = self._slices.setdefault(self._slots[filed_by.path], {})
        return [
            (slices.setdefault(string_slice, {}), key) for string_slice, key in keys[0]
        ]

    def _likelihood(self, condition: Condition) -> float:
        """Estimate how likely a condition is met; keys of many kinds make each rare."""
        looseness = 0
        for item in condition.items:
            looseness += measure_looseness(item)
        return looseness / (1 + len(self._keys_seen[condition.path]))

    def _find(self, row: Row) -> list[list[Entry]]:
        """Find the buckets in which candidates for a row are."""
        buckets_found = [*self._scan.values()]
        for slot, whole, slices, plain in self._lookups:
            value = row[slot]
            if value is MISSING:
                continue
            if type(value) is str and not slices:  # the usual case
                if value in whole:
                    buckets_found.append(whole[value])
            else:
                values = value if type(value) is list else (value,)
                _look_up(values, whole, slices, plain, buckets_found)
        return buckets_found


def _look_up(
    values: Iterable[object],
    whole: Buckets,
    slices: list[SliceLookup],
    plain: Buckets,
    buckets_found: list[list[Entry]],
) -> None:
    """Add the buckets of values, in whichever way they are looked up."""
    for each in values:
        if type(each) is not str:
            if plain and (key := key_of_value(each)) in plain:
                buckets_found.append(plain[key])
            continue
        if each in whole:
            buckets_found.append(whole[each])
        for head, tail, is_folded, buckets in slices:
            text = each[head] if tail is None else each[head] + each[tail]
            if is_folded:
                text = text.lower()
            if text in buckets:
                buckets_found.append(buckets[text])


def _match_exactly(
    event: object, buckets: list[list[Entry]], found: list[Hashable]
) -> None:
    """Let the evaluator decide about each candidate."""
    members = [entry[2] for bucket in buckets for entry in bucket]
    paths = {
        condition.path: None for member in members for condition in member.alternative
    }
    evaluation = Evaluation(collect(grow_tree(paths), event))
    for member in members:
        if evaluation.fits(member.alternative):
            found.append(member.name)


def _verify(bucket: list[Entry], row: Row, found: list[Hashable]) -> None:
    """Test what is left to be tested of each candidate."""
    for name, rest, _ in bucket:
        for slot, test, wants_absent in rest:
            value = row[slot]
            if value is MISSING:
                if not wants_absent:
                    break
            elif type(value) is list:
                if not any(map(test, value)):
                    break
            elif not test(value):
                break
        else:
            found.append(name)


def _prepare_slice(string_slice: StringSlice, buckets: Buckets) -> SliceLookup:
    head, tail, is_folded = string_slice
    # Not `slice(0, 0)` and a tail: one slicing less for each suffix.
    if not head:
        return slice(-tail, None), None, is_folded, buckets
    return slice(0, head), slice(-tail, None) if tail else None, is_folded, buckets
