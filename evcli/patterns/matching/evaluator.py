"""Does an event match a pattern? The slow and exact answer, referee of all others.

For one alternative: go through its conditions in order of path, carrying the array
elements chosen so far; take the field's values that sit in no other element of a chosen
array; one must meet the condition, and its elements are chosen too; if there are none at
all, absence may be what is wanted. All choices count.

Without arrays of containers there is nothing to choose, and every condition stands for
itself: the usual case, tried first. Otherwise the array positions of the values that meet
a condition are kept as a tree, array by array, in which the ones that agree with a choice
are found without looking at the others; and a state from which the rest has failed is not
tried twice, where a state is the choices that later conditions can still feel.

The problem contains satisfiability (repeated keys make independent arrays with common
fields), so some hostile input needs exponential time. [guess] Past `MAX_STEPS` the answer
is no.

Source: [aws] arrays of objects; [peer] order, backtracking, `exists: false` in arrays.
"""

from __future__ import annotations

from evcli.patterns.language.events import collect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evcli.patterns.language.conditions import Condition, EventPattern
    from evcli.patterns.language.events import ArrayPosition, EventTree, Fields

    Choice = tuple["Choice", int, int] | None  # further choices, array, index

MAX_STEPS = 300_000
END = (None, -1, -1)  # a choice that no iterator yields


def match(pattern: EventPattern, event: EventTree) -> bool:
    """Tell whether an event matches a pattern."""
    evaluation = Evaluation(collect(pattern.paths, event.value))
    return any(map(evaluation.fits, pattern.alternatives))


class Evaluation:
    """One event's fields against the alternatives of one pattern.

    Alternatives share conditions, so what is found out about one is kept.
    """

    __slots__ = ("_all", "_meeting", "_met", "_steps", "fields")

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self._met: dict[Condition, bool] = {}
        # Of the values that meet a condition, and of all values at a path.
        self._meeting: dict[Condition, _PositionTree] = {}
        self._all: dict[str, _PositionTree] = {}
        self._steps = MAX_STEPS

    @property
    def gave_up(self) -> bool:
        """Whether a search was ended before its end."""
        return self._steps < 0

    def fits(self, alternative: tuple[Condition, ...]) -> bool:
        """Tell whether all conditions of an alternative are met together."""
        # Most events fail by one condition alone, which costs no search.
        if not all(map(self.is_possible, alternative)):
            return False
        in_arrays = self.fields.in_arrays
        if len(in_arrays) < 2:
            return all(map(self.is_met, alternative))
        entangled = []
        for condition in alternative:
            if condition.path in in_arrays:
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
        # A field that is there may still be absent from the element that others chose.
        if condition.wants_absent and condition.path in self.fields.in_arrays:
            return True
        return self.is_met(condition)

    def _fits_together(self, conditions: list[Condition]) -> bool:
        """Search for elements that meet all conditions, which are in order of path.

        Depth first, on lists and not on Python's stack: `choices[n]` is what was chosen
        before condition n, and `trials[n]` what remains to be tried for it.
        """
        if len(conditions) < 2:
            return all(map(self.is_met, conditions))
        last_use = {
            array: depth
            for depth, condition in enumerate(conditions)
            for array in self._all_values(condition.path).arrays
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
            # Choices in arrays that no later condition touches make no difference, so
            # states that differ only there are one.
            felt = [pair for pair in chosen.items() if last_use[pair[0]] >= depth]
            state = (depth, *sorted(felt))
            # Noted on entry: whoever comes here again comes after it has failed.
            if state not in failed:
                failed.add(state)
                choices.append(chosen)
                trials.append(self._options(conditions[depth], chosen))
        return False

    def _options(
        self, condition: Condition, chosen: dict[int, int]
    ) -> Iterator[Choice]:
        """Yield what to choose further, for each way to meet a condition."""
        for choice in self._meeting_values(condition).agreeing(chosen):
            self._steps -= 1
            yield choice
        # Absence is judged at this point of the order and not at its end: so it depends
        # on the names of the fields whether an element is chosen yet. [peer]
        if condition.wants_absent:
            everywhere = self._all_values(condition.path)
            if next(everywhere.agreeing(chosen), END) is END:
                yield None

    def _meeting_values(self, condition: Condition) -> _PositionTree:
        tree = self._meeting.get(condition)
        if tree is None:
            test = condition.test
            found = self.fields.found[condition.path]
            positions = (position for value, position in found if test(value))
            tree = self._meeting[condition] = _PositionTree(positions)
        return tree

    def _all_values(self, path: str) -> _PositionTree:
        tree = self._all.get(path)
        if tree is None:
            positions = (position for _, position in self.fields.found[path])
            tree = self._all[path] = _PositionTree(positions)
        return tree


class _PositionNode:
    """An element of an array: does a value sit right in it, and the arrays in it."""

    __slots__ = ("arrays", "has_value")

    def __init__(self) -> None:
        self.has_value = False
        self.arrays: dict[int, dict[int, _PositionNode]] = {}


class _PositionTree:
    """Some array positions as a tree: element, array in it, element of that, and so on."""

    __slots__ = ("arrays", "root")

    def __init__(self, positions: Iterable[ArrayPosition | None]) -> None:
        self.root = _PositionNode()
        self.arrays: set[int] = set()
        known: dict[int, _PositionNode] = {}
        for position in positions:
            self._grow(position, known).has_value = True

    def _grow(
        self, position: ArrayPosition | None, known: dict[int, _PositionNode]
    ) -> _PositionNode:
        # Positions share their outer parts as objects, so identity finds what is grown.
        missing = []
        while position is not None and id(position) not in known:
            missing.append(position)
            position = position[0]
        node = self.root if position is None else known[id(position)]
        for position in reversed(missing):
            _, array, index, _ = position
            self.arrays.add(array)
            elements = node.arrays.setdefault(array, {})
            node = elements.setdefault(index, _PositionNode())
            known[id(position)] = node
        return node

    def agreeing(self, chosen: dict[int, int]) -> Iterator[Choice]:
        """Yield the further choices of each position that agrees with those made."""
        trail: list[Iterator[tuple[_PositionNode, Choice]]] = [
            iter([(self.root, None)])
        ]
        while trail:
            for node, choice in trail[-1]:
                trail.append(_enter(node, choice, chosen))
                if node.has_value:
                    yield choice
                break
            else:
                trail.pop()


def _enter(
    node: _PositionNode, choice: Choice, chosen: dict[int, int]
) -> Iterator[tuple[_PositionNode, Choice]]:
    """Yield the elements of a node's arrays that agree with the choices made."""
    for array, elements in node.arrays.items():
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
