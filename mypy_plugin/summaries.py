"""What a call of a function consumes: found out once, from the function's own body."""

from __future__ import annotations

from itertools import combinations
from typing import Final, NamedTuple

from mypy.nodes import FuncDef

from mypy_plugin.flow import Flow, Order, Step, groups_of
from mypy_plugin.graph import Graph
from mypy_plugin.steps import key_of


class Summary(NamedTuple):
    """What a function has consumed.

    Attributes:
        parameters: the parameters whose tapes have moved whenever it returns; None: all.
        names: the names of other scopes of which the same holds.
        escaping: those of them that it may have consumed when it raises.
        apart: pairs of them that it consumes one after the other: they must not be one tensor.
        returns: whether it ever returns.
    """

    parameters: frozenset[str] | None
    names: frozenset[str] = frozenset()
    escaping: frozenset[str] = frozenset()
    apart: frozenset[tuple[str, str]] = frozenset()
    returns: bool = True

    def takes(self, parameter: str) -> bool:
        """Tell whether it consumes what a parameter is given."""
        return self.parameters is None or parameter in self.parameters


NOTHING: Final = Summary(frozenset())
EVERYTHING: Final = Summary(None)


def summary_of(function: FuncDef, graph: Graph) -> Summary:
    """Tell what a function has consumed whenever it returns."""
    parameters = {key_of(argument.variable): argument for argument in function.arguments}
    kept = graph.keep([*parameters, *sorted(outer_names(graph))]) if graph.consuming else {}
    order = Order(graph.entry)
    if order.place(graph.exit) < 0:  # a method of a subclass may return all the same
        return NOTHING if function.info else Summary(frozenset(), returns=False)
    taken: dict[str, set[Step | None]] = {}  # by which steps
    escaping: set[str] = set()
    for group in groups_of(graph.steps) if kept else ():
        wanted = [key for key, other in kept.items() if other in group]
        if not wanted:
            continue
        flow = Flow(order, group, until=(graph.exit, graph.escape))
        ends = list(flow.at(graph.exit))
        for key in wanted if ends else ():
            other = kept[key]
            if all(end[other] is not None for end in ends):
                name = parameters[key].variable.name if key in parameters else key
                taken[name] = {end[other] for end in ends}
                if any(end[other] is not None for end in flow.at(graph.escape)):
                    escaping.add(name)
    if not taken:
        return NOTHING
    pairs = combinations(sorted(taken), 2)
    return Summary(
        frozenset(taken).intersection(each.variable.name for each in parameters.values()),
        frozenset(taken).difference(each.variable.name for each in parameters.values()),
        frozenset(escaping),
        frozenset((one, other) for one, other in pairs if taken[one].isdisjoint(taken[other])),
    )


def outer_names(graph: Graph) -> set[str]:
    """Return the names of other scopes that are consumed, or of which an alias may be."""
    if not graph.consuming:
        return set()
    found = {name for step in graph.steps for name in (*step.consumed, step.source) if name}
    return {name for name in found - bound_in(graph) if "." not in name and name[0] != "<"}


def bound_in(graph: Graph) -> set[str]:
    """Return the names that are bound."""
    return {step.bound for step in graph.steps if step.bound is not None}
