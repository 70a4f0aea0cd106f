"""Which tapes have moved, along every path through a function.

A function's body becomes a graph of small steps: a name is bound, or what it holds is consumed.
Going through the graph, each name (or group of names that may hold one object) has a set of
worlds: which names hold the same object, and where its tape went. A step that consumes what has
moved in one of the worlds is a use after move on some path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mypy.nodes import Context

_MOST_WORLDS = 256
"""Of a group of names with more worlds than this, nothing more is said."""


@dataclass(eq=False)
class Step:
    """One step, and those that may follow it.

    Attributes:
        bound: the name that gets another object, if this step binds one.
        source: the name that holds the object already, if it is known.
        consumed: the names whose object loses its tape, together.
        place: the expression that consumes.
        op: what it is called.
        forgets: whether attributes, and names that others rebind, may get other objects.
        next: the steps that may follow.
    """

    bound: str | None = None
    source: str | None = None
    consumed: tuple[str, ...] = ()
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
    """

    step: Step
    name: str
    moved: Step


World: TypeAlias = tuple[tuple[int, ...], tuple[Step | None, ...]]
"""For each name of a group the number of its object, and for each object where its tape went."""


class Flow:
    """The worlds of one group of names at each step.

    Args:
        entry: the first step.
        names: the names of the group.
        elsewhere: those among all names that other scopes bind too.
    """

    def __init__(self, entry: Step, names: Sequence[str], elsewhere: Container[str] = ()) -> None:
        self._entry = entry
        self._loose = [place for place, n in enumerate(names) if "." in n or n in elsewhere]
        self._place = {name: place for place, name in enumerate(names)}
        self._reached: dict[Step, set[World]] = defaultdict(set)
        self.uses: set[Use] = set()
        count = len(self._place)
        self._run((tuple(range(count)), (None,) * count))

    def at(self, step: Step) -> Iterator[dict[str, Step | None]]:
        """Go through the worlds before a step: for each name, where its tape went."""
        for objects, moved in self._reached.get(step, ()):
            yield {name: moved[objects[place]] for name, place in self._place.items()}

    def _run(self, first: World) -> None:
        waiting = [(self._entry, first)]
        self._reached[self._entry].add(first)
        while waiting:
            step, world = waiting.pop()
            after = self._after(step, world)
            if after is None:
                continue
            for following in step.next:
                known = self._reached[following]
                if after not in known and len(known) < _MOST_WORLDS:
                    known.add(after)
                    waiting.append((following, after))

    def _after(self, step: Step, world: World) -> World | None:
        """Return the world behind a step, or None if the step raises there."""
        objects, moved = world
        gone = list(moved)
        for name in step.consumed:
            place = self._place.get(name)
            if place is None:
                continue
            before = moved[objects[place]]
            if before is not None:
                self.uses.add(Use(step, name, before))
                return None
            gone[objects[place]] = step
        held = list(objects)
        if step.bound in self._place:
            bound = self._place[step.bound]
            source = None if step.source is None else self._place.get(step.source)
            self._rebind(bound, source, held, gone)
            for place, name in enumerate(self._place):  # what were attributes of another object
                if name.startswith(f"{step.bound}."):
                    self._rebind(place, None, held, gone)
        if step.forgets:
            for place in self._loose:
                self._rebind(place, None, held, gone)
        return _renumbered(held, gone)

    @staticmethod
    def _rebind(place: int, source: int | None, held: list[int], gone: list[Step | None]) -> None:
        if source is not None:
            held[place] = held[source]
            return
        held[place] = len(gone)
        gone.append(None)


def _renumbered(objects: Sequence[int], moved: Sequence[Step | None]) -> World:
    """Number the objects by the first name that holds them, and forget those nobody holds."""
    numbers: dict[int, int] = {}
    for number in objects:
        numbers.setdefault(number, len(numbers))
    return tuple(numbers[number] for number in objects), tuple(moved[number] for number in numbers)


def groups_of(steps: Iterable[Step]) -> list[list[str]]:
    """Return the names that are consumed, in groups that may hold one object."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    wanted: set[str] = set()
    for step in steps:
        wanted.update(step.consumed)
        if step.bound is not None and step.source is not None:
            parent[root(step.bound)] = root(step.source)
    members: dict[str, list[str]] = defaultdict(list)
    for name in [*parent, *(name for name in sorted(wanted) if name not in parent)]:
        if name not in members[root(name)]:
            members[root(name)].append(name)
    return [group for group in members.values() if wanted.intersection(group)]
