"""Which tapes have moved, along every path through a function.

A function's body becomes a graph of small steps: a name is bound, or what it holds is consumed.
Going through the graph, each name (or group of names that may hold one object) has a set of
worlds: which names hold the same object, and where its tape went. A step that consumes what has
moved in one of the worlds is a use after move on some path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from mypy.nodes import Context

_MOST_WORLDS = 256
"""Of a group of names with more worlds than this, nothing more is said."""


@dataclass(eq=False, slots=True)
class Step:
    """One step, and those that may follow it.

    Attributes:
        bound: the name that gets another object, if this step binds one.
        source: the name that holds the object already, if it is known.
        consumed: the names whose object loses its tape, together.
        apart: pairs of them that lose theirs one after the other, so that they must differ.
        place: the expression that consumes.
        op: what it is called.
        forgets: whether attributes, and names that others rebind, may get other objects.
        next: the steps that may follow.
    """

    bound: str | None = None
    source: str | None = None
    consumed: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    place: Context | None = None
    op: str = ""
    forgets: bool = False
    next: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Use:
    """A use of what has moved.

    Attributes:
        step: the step that uses it.
        name: the name it is used by.
        moved: the step by which it moved.
        is_double: whether one call is given it twice.
    """

    step: Step
    name: str
    moved: Step
    is_double: bool = False


World: TypeAlias = tuple[tuple[int, ...], tuple[Step | None, ...]]
"""For each name of a group the number of its object, and for each object where its tape went."""


class Flow:
    """The worlds of one group of names at each step.

    Args:
        order: the steps of the graph.
        names: the names of the group.
        is_loose: tells of a name whether another scope may bind it during a call.
        until: a step of which the worlds are asked for later.
    """

    def __init__(
        self,
        order: Order,
        names: Sequence[str],
        is_loose: Callable[[str], bool] = lambda name: False,
        until: Sequence[Step] = (),
    ) -> None:
        self._order = order
        self._place = order.slots(names)
        self._ending: dict[Step, list[int]] = defaultdict(list)
        for name in names:
            end = order.end_of(name)
            if end is not None:  # it tells worlds apart no longer than it is needed
                self._ending[end].append(self._place[name])
        self._attributes = [(place, n) for n, place in self._place.items() if _is_attribute(n)]
        self._loose = [place for n, place in self._place.items() if _is_attribute(n) or is_loose(n)]
        self._reached: dict[Step, set[World]] = defaultdict(set)
        self.uses: dict[Use, None] = {}  # in the order in which they are found
        count = len(set(self._place.values()))
        wanted = order.bearing_on(names)
        if wanted:
            last = max(map(order.place, (*wanted, *until)))
            self._run(order.before(wanted), (tuple(range(count)), (None,) * count), last)

    def at(self, step: Step) -> Iterator[dict[str, Step | None]]:
        """Go through the worlds before a step: for each name, where its tape went."""
        for objects, moved in self._reached.get(step, ()):
            yield {name: moved[objects[place]] for name, place in self._place.items()}

    def _run(self, start: Step, first: World, last: int) -> None:
        """Follow all paths from a step, as far as one of the steps up to the last can follow."""
        waiting = [(start, first)]
        self._reached[start].add(first)
        while waiting:
            step, world = waiting.pop()
            after = self._after(step, world)
            if after is None:
                continue
            for following in step.next:
                if self._order.lowest(following) > last:
                    continue
                known = self._reached[following]
                if after not in known and len(known) < _MOST_WORLDS:
                    known.add(after)
                    waiting.append((following, after))

    def _after(self, step: Step, world: World) -> World | None:
        """Return the world behind a step, or None if the step raises there."""
        if not self._is_concerned(step):
            return world
        objects, moved = world
        gone = list(moved)
        for name in step.consumed:
            place = self._place.get(name)
            if place is None:
                continue
            before = moved[objects[place]]
            if before is not None:
                self.uses[Use(step, self._written(name, objects), before)] = None
                return None
            gone[objects[place]] = step
        for one, other in step.apart:
            places = [self._place[name] for name in (one, other) if name in self._place]
            if len(places) > 1 and objects[places[0]] == objects[places[1]]:
                self.uses[Use(step, self._written(one, objects), step, is_double=True)] = None
                return None
        held = list(objects)
        if step.bound in self._place:
            bound = self._place[step.bound]
            source = None if step.source is None else self._place.get(step.source)
            self._rebind(bound, source, held, gone)
        if step.bound is not None and self._attributes:
            attribute = step.bound.rpartition(".")[2] if _is_attribute(step.bound) else None
            for place, name in self._attributes:
                # Of another object now; or perhaps of the same object by another name.
                if name.startswith(f"{step.bound}.") or (
                    name != step.bound and name.rpartition(".")[2] == attribute
                ):
                    self._rebind(place, None, held, gone)
        if step.forgets:
            for place in self._loose:
                self._rebind(place, None, held, gone)
        for place in self._ending.get(step, ()):
            self._rebind(place, None, held, gone)
        return _renumbered(held, gone)

    def _is_concerned(self, step: Step) -> bool:
        return (
            step.bound in self._place
            or (step.bound is not None and bool(self._attributes))
            or (step.forgets and bool(self._loose))
            or step in self._ending
            or any(name in self._place for name in step.consumed)
        )

    def _written(self, name: str, objects: Sequence[int]) -> str:
        """Return a name that the program has for what this one holds."""
        if not name.startswith("<"):
            return name
        held = objects[self._place[name]]
        same = (n for n, at in self._place.items() if objects[at] == held and n[0] != "<")
        return next(same, name)

    @staticmethod
    def _rebind(place: int, source: int | None, held: list[int], gone: list[Step | None]) -> None:
        if source is not None:
            held[place] = held[source]
            return
        held[place] = len(gone)
        gone.append(None)


def _is_temporary(name: str) -> bool:
    return name[0] == "<" and name[1].isdigit()  # those of `Graph.keep` last to the end


def _is_attribute(name: str) -> bool:
    return "." in name and not name.startswith("<")  # what holds one for a while is none


def _renumbered(objects: Sequence[int], moved: Sequence[Step | None]) -> World:
    """Number the objects by the first name that holds them, and forget those nobody holds."""
    numbers: dict[int, int] = {}
    for number in objects:
        numbers.setdefault(number, len(numbers))
    return tuple(numbers[number] for number in objects), tuple(moved[number] for number in numbers)


class Order:
    """The steps of a graph in an order, and what of it bears on which names.

    Long functions have many names, each of which bears on a few steps only: nothing is followed
    from farther up, or farther down, than it takes.

    Args:
        entry: the first step.
    """

    def __init__(self, entry: Step) -> None:
        self._steps = _sorted(entry)
        self._places = {step: place for place, step in enumerate(self._steps)}
        self._bearing: dict[str, list[Step]] = defaultdict(list)
        self._spans: dict[str, tuple[int, int]] = {}
        for place, step in enumerate(self._steps):
            if step.bound is None and not step.consumed:
                continue
            for name in step.consumed:
                self._bearing[name].append(step)
            if step.bound is not None and step.source is not None:
                self._bearing[step.bound].append(step)
            for each in (step.bound, step.source, *step.consumed):
                if each is not None and _is_temporary(each):
                    self._spans[each] = (self._spans.get(each, (place, place))[0], place)

    def place(self, step: Step) -> int:
        """Return the place of a step; one that is never reached is in front."""
        return self._places.get(step, -1)

    def end_of(self, name: str) -> Step | None:
        """Return the last step of a name that holds a result for a while; None for others."""
        span = self._spans.get(name)
        return None if span is None else self._steps[span[1]]

    def slots(self, names: Iterable[str]) -> dict[str, int]:
        """Return a place for each name: one after the other, results for a while share theirs."""
        found: dict[str, int] = {}
        ends: list[int] = []  # for each place, where the name that holds it is no longer needed
        for name in sorted(names, key=lambda name: self._spans.get(name, (-1, 0))[0]):
            first, end = self._spans.get(name, (-1, len(self._steps)))
            free = next((place for place, each in enumerate(ends) if each < first), len(ends))
            ends[free : free + 1] = [end]
            found[name] = free
        return found

    def lowest(self, step: Step) -> int:
        """Return the lowest place that can follow a step, itself included."""
        return self._lowest[self._places[step]]

    def bearing_on(self, names: Iterable[str]) -> list[Step]:
        """Return the steps that consume what these names hold, or give one to another."""
        return [step for name in names for step in self._bearing.get(name, ())]

    def may_repeat(self, names: Iterable[str]) -> bool:
        """Tell whether what these names hold is consumed by two steps, or twice by one."""
        consuming = {step for step in self.bearing_on(names) if step.consumed}
        return len(consuming) > 1 or any(step.apart or self._is_in_loop(step) for step in consuming)

    def _is_in_loop(self, step: Step) -> bool:
        return any(self.lowest(each) <= self._places[step] for each in step.next)

    def before(self, steps: Iterable[Step]) -> Step:
        """Return the last step that is on every path to each of these steps."""
        common, *others = {self._places[step] for step in steps}
        for other in others:
            while common != other:
                if common < other:
                    other = self._above[other]
                else:
                    common = self._above[common]
        return self._steps[common]

    @cached_property
    def _lowest(self) -> list[int]:
        lowest = list(range(len(self._steps)))
        changed = any(self._places[each] <= at for at in lowest for each in self._steps[at].next)
        while changed:  # once more than loops are nested
            changed = False
            for place in reversed(range(len(lowest))):
                following = (lowest[self._places[step]] for step in self._steps[place].next)
                found = min(lowest[place], min(following, default=place))
                changed = changed or found != lowest[place]
                lowest[place] = found
        return lowest

    @cached_property
    def _above(self) -> list[int]:
        """For each step, the nearest one that is on every path to it."""
        before: list[list[int]] = [[] for _ in self._steps]
        for place, step in enumerate(self._steps):
            for following in step.next:
                before[self._places[following]].append(place)
        above = [0] + [-1] * (len(self._steps) - 1)
        changed = True
        while changed:
            changed = False
            for place in range(1, len(above)):
                found = -1
                for each in before[place]:
                    if above[each] < 0:
                        continue
                    found = each if found < 0 else _meeting(above, found, each)
                changed = changed or found != above[place]
                above[place] = found
        return above


def _meeting(above: Sequence[int], one: int, other: int) -> int:
    while one != other:
        if one < other:
            other = above[other]
        else:
            one = above[one]
    return one


def _sorted(entry: Step) -> list[Step]:
    """Return the steps that can be reached, each before those that follow it outside of loops."""
    found: list[Step] = []
    seen = {entry}
    path = [(entry, iter(entry.next))]
    while path:
        step, following = path[-1]
        for each in following:
            if each not in seen:
                seen.add(each)
                path.append((each, iter(each.next)))
                break
        else:
            found.append(step)
            path.pop()
    return found[::-1]


def groups_of(steps: Iterable[Step]) -> list[list[str]]:
    """Return the names that are consumed, in groups that may hold one object."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    consumed: set[str] = set()
    for step in steps:
        for name in step.consumed:
            consumed.add(name)
            root(name)
        if step.source is not None and step.bound is not None:
            parent[root(step.bound)] = root(step.source)
    members: dict[str, list[str]] = defaultdict(list)
    for name in parent:
        members[root(name)].append(name)
    return [group for group in members.values() if not consumed.isdisjoint(group)]
