"""Does an event match a pattern? The slow and exact answer, referee of all others.

For one alternative: go through its conditions in order of path, carrying the array
elements chosen so far; take the field's values that sit in no other element of a chosen
array; one must meet the condition, and its elements are chosen too; if there are none at
all, absence may be what is wanted. All choices count.

Without arrays of containers there is nothing to choose, and every condition stands for
itself: the usual case, tried first. Otherwise the places of the values that meet a
condition are kept as a tree, array by array, in which the ones that agree with a choice
are found without looking at the others; and a state from which the rest has failed is not
tried twice, where a state is the choices that later conditions can still feel.

The problem contains satisfiability (repeated keys make independent arrays with common
fields), so some hostile input needs exponential time. [guess] Past `MAX_STEPS` the answer
is no.

Source: [aws] arrays of objects; [peer] order, backtracking, `exists: false` in arrays.
"""

from __future__ import annotations

from evcli.patterns.language.paths import collect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evcli.patterns.language.conditions import Condition, EventPattern
    from evcli.patterns.language.events import Event
    from evcli.patterns.language.paths import Fields, Place

    Choice = tuple["Choice", int, int] | None  # further choices, array, index

MAX_STEPS = 300_000
END = (None, -1, -1)  # a choice that no iterator yields


def match(pattern: EventPattern, event: Event) -> bool:
    """Tell whether an event matches a pattern."""
    evaluation = Evaluation(collect(pattern.paths, event.value))
    return any(map(evaluation.fits, pattern.alternatives))


class Evaluation:
    """One event's fields against the alternatives of one pattern.

    Alternatives share conditions, so what is found out about one is kept.
    """

    __slots__ = ("_met", "_sites", "_steps", "fields")

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self._met: dict[Condition, bool] = {}
        self._sites: dict[Condition | str, _Sites] = {}
        self._steps = MAX_STEPS

    @property
    def gave_up(self) -> bool:
        """Whether a search was ended before its end."""
        return self._steps < 0

    def fits(self, alternative: tuple[Condition, ...]) -> bool:
        """Tell whether all conditions of an alternative are met together."""
        if not all(map(self.is_possible, alternative)):
            return False
        placed = self.fields.placed
        if len(placed) < 2:
            return all(map(self.is_met, alternative))
        entangled = []
        for condition in alternative:
            if condition.path in placed:
                entangled.append(condition)
            elif not self.is_met(condition):
                return False
        return self._fits_together(entangled)

    def is_met(self, condition: Condition) -> bool:
        """Tell whether a condition is met by itself, in whichever array element."""
        met = self._met.get(condition)
        if met is None:
            found = self.fields.found.get(condition.path)
            if found is None:
                met = condition.wants_absent
            else:
                test = condition.test
                met = any(test(value) for value, _ in found)
            self._met[condition] = met
        return met

    def is_possible(self, condition: Condition) -> bool:
        """Tell whether a condition can be met once array elements are chosen."""
        if condition.wants_absent and condition.path in self.fields.placed:
            return True
        return self.is_met(condition)

    def _fits_together(self, conditions: list[Condition]) -> bool:
        if len(conditions) < 2:
            return all(map(self.is_met, conditions))
        last_use = {
            array: depth
            for depth, condition in enumerate(conditions)
            for array in self._all_sites(condition).arrays
        }
        failed = set()
        choices: list[dict[int, int]] = [{}]
        trials = [self._options(conditions[0], {})]
        while trials:
            option = next(trials[-1], END)
            if option is END or self._steps < 0:
                trials.pop()
                choices.pop()
                continue
            depth = len(trials)
            if depth == len(conditions):
                return True
            chosen = _choose(choices[-1], option)
            self._steps -= len(chosen)
            felt = [pair for pair in chosen.items() if last_use[pair[0]] >= depth]
            state = (depth, *sorted(felt))
            if state not in failed:
                failed.add(state)
                choices.append(chosen)
                trials.append(self._options(conditions[depth], chosen))
        return False

    def _options(
        self, condition: Condition, chosen: dict[int, int]
    ) -> Iterator[Choice]:
        """Yield what to choose further, for each way to meet a condition."""
        for choice in self._good_sites(condition).agreeing(chosen):
            self._steps -= 1
            yield choice
        if condition.wants_absent:
            everywhere = self._all_sites(condition)
            if next(everywhere.agreeing(chosen), END) is END:
                yield None

    def _good_sites(self, condition: Condition) -> _Sites:
        sites = self._sites.get(condition)
        if sites is None:
            test = condition.test
            found = self.fields.found[condition.path]
            sites = _Sites(place for value, place in found if test(value))
            self._sites[condition] = sites
        return sites

    def _all_sites(self, condition: Condition) -> _Sites:
        sites = self._sites.get(condition.path)
        if sites is None:
            found = self.fields.found[condition.path]
            sites = self._sites[condition.path] = _Sites(place for _, place in found)
        return sites


class _Site:
    """A point in the tree of places: does a value sit here, and the arrays below."""

    __slots__ = ("arrays", "is_taken")

    def __init__(self) -> None:
        self.is_taken = False
        self.arrays: dict[int, dict[int, _Site]] = {}


class _Sites:
    """Some places as a tree: element, array in it, element of that, and so on."""

    __slots__ = ("arrays", "root")

    def __init__(self, places: Iterable[Place | None]) -> None:
        self.root = _Site()
        self.arrays: set[int] = set()
        known: dict[int, _Site] = {}
        for place in places:
            self._grow(place, known).is_taken = True

    def _grow(self, place: Place | None, known: dict[int, _Site]) -> _Site:
        # Places share their outer parts as objects, so identity finds what is grown.
        missing = []
        while place is not None and id(place) not in known:
            missing.append(place)
            place = place[0]
        site = self.root if place is None else known[id(place)]
        for place in reversed(missing):
            _, array, index, _ = place
            self.arrays.add(array)
            elements = site.arrays.setdefault(array, {})
            site = elements.setdefault(index, _Site())
            known[id(place)] = site
        return site

    def agreeing(self, chosen: dict[int, int]) -> Iterator[Choice]:
        """Yield the further choices of each place that agrees with those made."""
        trail: list[Iterator[tuple[_Site, Choice]]] = [iter([(self.root, None)])]
        while trail:
            for site, choice in trail[-1]:
                trail.append(_enter(site, choice, chosen))
                if site.is_taken:
                    yield choice
                break
            else:
                trail.pop()


def _enter(
    site: _Site, choice: Choice, chosen: dict[int, int]
) -> Iterator[tuple[_Site, Choice]]:
    """Yield the elements of a site's arrays that agree with the choices made."""
    for array, elements in site.arrays.items():
        index = chosen.get(array)
        if index is None:
            for other, inner in elements.items():
                yield inner, (choice, array, other)
        elif index in elements:
            yield elements[index], choice


def _choose(chosen: dict[int, int], choice: Choice) -> dict[int, int]:
    if choice is None:
        return chosen
    chosen = dict(chosen)
    while choice is not None:
        choice, array, index = choice
        chosen[array] = index
    return chosen
