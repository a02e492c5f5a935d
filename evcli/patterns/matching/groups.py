"""Many alternatives of patterns at once: candidates by one condition, the rest verified.

Every alternative is filed under the condition that an event is least likely to meet and
that has keys (see `evcli.patterns.matching.index_keys`). An event's values at the paths of
these conditions are looked up, and of the few candidates found the remaining conditions
are tested, the least likely first. Alternatives without such a condition are tested one by
one.

The event is read once, into a row (see `evcli.patterns.matching.event_rows`). Conditions
can then be judged one by one, which is exact unless values of two paths sit inside arrays
of containers; in that case the evaluator decides about each candidate.

Source: ours; measured against bit sets and counting, which are linear in the rules.
"""

from __future__ import annotations

from evcli.patterns.language.events import collect, grow_tree
from evcli.patterns.matching.evaluator import Evaluation
from evcli.patterns.matching.event_rows import MISSING, RowReader
from evcli.patterns.matching.index_keys import (
    NO_TEXT,
    WHOLE,
    find_keys,
    key_of_value,
    measure_looseness,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

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


class IndexedAlternative:
    """One alternative of a named pattern; `unverified` are the conditions to be tested.

    The others are known to hold for every event that comes to its group.
    """

    __slots__ = ("alternative", "filed", "keys", "name", "unverified")

    def __init__(
        self,
        name: Hashable,
        alternative: tuple[Condition, ...],
        unverified: tuple[Condition, ...],
    ) -> None:
        self.name = name
        self.alternative = alternative
        self.unverified = unverified
        self.keys = {condition: find_keys(condition) for condition in unverified}
        self.filed: list[tuple[Buckets, object, Entry]] = []


class Group:
    """Alternatives that are matched together."""

    __slots__ = (
        "_keys_seen",
        "_lookups",
        "_reader",
        "_refiled_at",
        "_scan",
        "_slices",
        "_slots",
        "members",
    )

    def __init__(self) -> None:
        self.members: dict[IndexedAlternative, None] = {}
        self._refiled_at = 1
        self._clear()

    def _clear(self) -> None:
        self._slots: dict[str, int] = {}
        self._keys_seen: dict[str, set[Key]] = {}
        self._slices: dict[int, dict[StringSlice | None, Buckets]] = {}
        self._scan: Buckets = {}
        self._reader: RowReader | None = None  # made when an event comes

    def add(self, member: IndexedAlternative) -> None:
        """File an alternative."""
        self.members[member] = None
        # What is rare among ten is not among a thousand. Filing anew whenever the number
        # has doubled keeps the sum of all filing linear.
        if len(self.members) >= 2 * self._refiled_at:
            self._refile()
        else:
            self._note_keys(member)
            self._file(member)

    def remove(self, member: IndexedAlternative) -> None:
        """Take an alternative out."""
        del self.members[member]
        # Halved: paths and slices that nobody uses any more would still cost each event.
        if 2 * len(self.members) <= self._refiled_at:
            self._refile()
            return
        for buckets, key, entry in member.filed:
            bucket = buckets[key]
            bucket.remove(entry)
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
        in_arrays: set[str] = set()
        row = (self._reader or self._prepare()).read(event, in_arrays)
        # One path inside of arrays has no other to agree with about the element.
        if is_plain and len(in_arrays) < 2:
            for bucket in self._find(row):
                _verify(bucket, row, found)
        else:
            self._match_exactly(event, row, found)

    def _refile(self) -> None:
        self._refiled_at = max(len(self.members), 1)
        self._clear()
        # All keys first: where to file a member depends on how many kinds there are.
        for member in self.members:
            self._note_keys(member)
        for member in self.members:
            self._file(member)

    def _note_keys(self, member: IndexedAlternative) -> None:
        for condition, keys in member.keys.items():
            if keys is not None:
                self._keys_seen.setdefault(condition.path, set()).update(keys[0])

    def _file(self, member: IndexedAlternative) -> None:
        for condition in member.unverified:
            if condition.path not in self._slots:
                self._slots[condition.path] = len(self._slots)
                self._reader = None
        with_keys = [each for each in member.unverified if member.keys[each]]
        filed_by = min(with_keys, key=self._likelihood, default=None)
        keys, is_exact = (filed_by and member.keys[filed_by]) or ([], False)
        # A value that has an exact key meets the condition, which need not be tested.
        rest = [
            each for each in member.unverified if each is not filed_by or not is_exact
        ]
        rest.sort(key=self._likelihood)
        entry: Entry = (
            member.name,
            tuple(
                (self._slots[each.path], each.test, each.wants_absent) for each in rest
            ),
            member,
        )
        member.filed = []
        if filed_by is None:
            self._put(self._scan, None, entry)
            return
        slices = self._slices.setdefault(self._slots[filed_by.path], {})
        for string_slice, text in keys:
            if string_slice not in slices:
                slices[string_slice] = {}
                self._reader = None
            self._put(slices[string_slice], text, entry)

    def _put(self, buckets: Buckets, key: object, entry: Entry) -> None:
        buckets.setdefault(key, []).append(entry)
        entry[2].filed.append((buckets, key, entry))

    def _likelihood(self, condition: Condition) -> float:
        """Estimate how likely a condition is met; keys of many kinds make each rare."""
        looseness = sum(map(measure_looseness, condition.items))
        return looseness / (1 + len(self._keys_seen.get(condition.path, ())))

    def _prepare(self) -> RowReader:
        self._lookups: list[Lookup] = [
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
        self._reader = RowReader(self._slots)
        return self._reader

    def _match_exactly(self, event: object, row: Row, found: list[Hashable]) -> None:
        members = [entry[2] for bucket in self._find(row) for entry in bucket]
        paths = {
            condition.path: None
            for member in members
            for condition in member.alternative
        }
        evaluation = Evaluation(collect(grow_tree(paths), event))
        for member in members:
            if evaluation.fits(member.alternative):
                found.append(member.name)

    def _find(self, row: Row) -> Iterator[list[Entry]]:
        """Find the buckets in which candidates for a row are."""
        for slot, whole, slices, plain in self._lookups:
            value = row[slot]
            if value is MISSING:
                continue
            for each in value if type(value) is list else (value,):
                if type(each) is not str:
                    if plain and (key := key_of_value(each)) in plain:
                        yield plain[key]
                    continue
                if each in whole:
                    yield whole[each]
                for head, tail, is_folded, buckets in slices:
                    text = each[head] if tail is None else each[head] + each[tail]
                    if is_folded:
                        text = text.lower()
                    if text in buckets:
                        yield buckets[text]
        yield from self._scan.values()


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
