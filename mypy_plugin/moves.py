"""What the functions of a module consume, and which uses come after a move."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from functools import partial
from itertools import chain, product
from operator import itemgetter

from mypy.checker import TypeChecker
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    FuncDef,
    FuncItem,
    GeneratorExpr,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    RaiseStmt,
    RefExpr,
    Var,
)
from mypy.operators import op_methods
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    TupleType,
    Type,
    get_proper_type,
)

from mypy_plugin import source
from mypy_plugin.codec import Codec
from mypy_plugin.expressions import GOING_THROUGH
from mypy_plugin.flow import Flow, Order, Use, groups_of
from mypy_plugin.graph import Graph
from mypy_plugin.implicit import is_descriptor, may_call_back, runs, runs_as_attribute
from mypy_plugin.notes import (
    Position,
    Taken,
    at_places,
    is_taped,
    operands_of,
    places_of,
    position_of,
    taken_by,
)
from mypy_plugin.statements import functions_in
from mypy_plugin.steps import Consumption, plain_name
from mypy_plugin.summaries import EVERYTHING, NOTHING, Summary, bound_in, outer_names, summary_of
from tensorlib.shapes import registry
from tensorlib.shapes.registry import TapeRule

_MOST_ROUNDS = 8
"""Functions that call each other are looked at so often; then nothing is said of them."""
_PLAIN = frozenset(
    f"builtins.{name}"
    for name in (
        *("abs", "all", "any", "bool", "dict", "enumerate", "float", "format", "frozenset", "id"),
        *("int", "isinstance", "issubclass", "len", "list", "max", "min", "print", "range", "repr"),
        *("round", "set", "sorted", "str", "sum", "tuple", "type", "zip"),
    )
)
"""Functions that bind nothing again, unless they are given what runs code of the user's."""
_RUNNING_NOTHING = frozenset(
    f"builtins.{name}" for name in ("id", "isinstance", "issubclass", "type")
)
"""Those that run nothing of what they are given."""
_LIBRARIES = ("numpy.", "tensorlib.")
"""Where functions come from of which the same holds."""
_PLAIN_TYPES = ("builtins.", *_LIBRARIES)
"""Where the types come from whose methods bind nothing again."""
_OPERATIONS = (OpExpr, OperatorAssignmentStmt)
_PLAIN_ITERABLES = frozenset(
    f"builtins.{name}" for name in ("range", "list", "tuple", "dict", "set", "frozenset", "str")
)


class Moves:
    """The functions of a module, with what they consume.

    Args:
        api: knows the module, and types.
        taken: what each expression takes.
        known: types of expressions; in the daemon, mypy forgets them between two checks.
        codec: knows tensors.
    """

    def __init__(
        self,
        api: TypeChecker,
        taken: Mapping[Position, Taken],
        known: MutableMapping[int, Type],
        codec: Codec,
    ) -> None:
        self._api = api
        self._taken = taken
        self._known = known
        self._codec = codec
        self._functions = list(functions_in(api.tree.defs))
        self._graphs: dict[FuncItem, Graph] = {}
        self._overriding = self._find_overriding()
        self._asked: set[FuncDef] = set()
        self._callers: dict[FuncDef, set[FuncDef]] = defaultdict(set)
        self._follows = True
        self._noted_lines: dict[type[Context], set[int]] = defaultdict(set)
        for kind, line, *_ in taken:
            self._noted_lines[kind].add(line)
        self._noted_lines[OperatorAssignmentStmt] = self._noted_lines[OpExpr]
        self._lines = sorted(set[int]().union(*self._noted_lines.values()))
        self._reaches_out = source.has_declarations(api.path)
        self._summaries: dict[FuncDef, Summary | None] = {
            function: NOTHING if _is_not_followed(function) or not self._bears(function) else None
            for function in self._functions
        }

    def uses(self) -> list[Use]:
        """Return all uses after moves, one for each place."""
        if not self._lines:
            return []
        self._summarise()
        self._follows = False
        whole = self._statements()
        self._follows = True
        graphs = [whole, *(self._graphs[each] for each in self._functions if each in self._graphs)]
        for graph in graphs:  # which grows here
            for function in graph.lambdas:
                graphs.append(self._graph(function))
        # mypy may check a module's statements before its functions, and keep what is said then.
        # So they are looked at without what calls take, and later once more, for other mistakes.
        followed = self._statements() if self._api.recurse_into_functions else None
        every = graphs if followed is None else [*graphs, followed]
        repeated = {graph: groups for graph in every if (groups := _repeated(graph))}
        if not repeated:
            return []
        local = [bound_in(graph) for graph in graphs]
        bound = frozenset().union(*local)
        declared = {
            key
            for graph, keys in zip(graphs, local, strict=True)
            for key in (keys if graph.declared else ())
            if plain_name(key) in graph.declared
        }

        def is_loose(keys: Collection[str], name: str) -> bool:
            """Tell whether another scope may bind a name while this one waits for a call."""
            if name in keys or name in declared:
                return name in declared
            return name not in bound or name in local[0]  # other modules may bind those of one

        uses = [
            list(_uses(graph, repeated.get(graph, ()), partial(is_loose, keys)))
            for graph, keys in zip(graphs, local, strict=True)
        ]
        if followed is not None:
            known = {use.name for use in uses[0]}
            groups = [each for each in repeated.get(followed, ()) if known.isdisjoint(each)]
            uses.append(list(_uses(followed, groups, partial(is_loose, local[0]))))
        found: dict[Position, Use] = {}
        for use in chain.from_iterable(uses):
            assert use.step.place is not None
            place = position_of(use.step.place)
            if place not in found or _order(use) < _order(found[place]):
                found[place] = use
        return sorted(found.values(), key=lambda use: getattr(use.step.place, "line", 0))

    # What functions consume ---------------------------------------------------------------------

    def _summarise(self) -> None:
        """Find what each function consumes; at first a function that is called consumes all."""
        self._summarise_each(filter(self._bears, self._callees_first()))
        if any(summary and summary.names for summary in self._summaries.values()):
            self._reaches_out = True  # a call takes what it does not name
            self._summarise_each(each for each in self._functions if each not in self._graphs)

    def _summarise_each(self, functions: Iterable[FuncDef]) -> None:
        rounds: dict[FuncDef, int] = defaultdict(int)
        waiting = [*functions][::-1]
        while waiting:
            function = waiting.pop()
            graph = self._graphs[function] = self._graph(function)
            for callee in self._asked:
                self._callers[callee].add(function)
            is_asked_for = function in self._callers or outer_names(graph)
            if _is_not_followed(function) or not is_asked_for:
                continue
            rounds[function] += 1
            found = summary_of(function, graph) if rounds[function] < _MOST_ROUNDS else NOTHING
            if found != (self._summaries[function] or EVERYTHING):
                self._summaries[function] = found
                if rounds[function] <= _MOST_ROUNDS:
                    waiting += [each for each in self._callers[function] if each not in waiting]

    def _callees_first(self) -> list[FuncDef]:
        """Return the functions in an order in which most are known before others call them."""
        callees = [(line, taken.function) for (_, line, *_), taken in self._taken.items()]
        calls = [(line, each) for line, f in callees if f for each in self._every(f)]
        calls.sort(key=itemgetter(0))
        lines = [line for line, _ in calls]
        found: dict[FuncDef, None] = {}
        begun: set[FuncDef] = set()
        waiting = self._functions[::-1]
        while waiting:
            function = waiting.pop()
            if function in begun:
                found.setdefault(function)
                continue
            begun.add(function)
            waiting.append(function)
            first = bisect_left(lines, function.line)
            last = bisect_right(lines, function.end_line or function.line)
            called = dict.fromkeys(each for _, each in calls[first:last])
            waiting += [each for each in called if each in self._summaries and each not in begun]
        return [*found]

    def _bears(self, function: FuncDef) -> bool:
        """Tell whether a call may take a tape, or end the path."""
        if self._reaches_out or function.end_line is None or _ends_by_raising(function):
            return True
        place = bisect_left(self._lines, function.line)
        return place < len(self._lines) and self._lines[place] <= function.end_line

    def _graph(self, function: FuncItem) -> Graph:
        self._asked = set()
        self._follows = not (isinstance(function, FuncDef) and function.def_or_infer_vars)
        graph = Graph(self)
        graph.function(function)
        self._follows = True
        return graph

    def _statements(self) -> Graph:
        graph = Graph(self)
        graph.module(self._api.tree.defs)
        return graph

    def _find_overriding(self) -> dict[FuncDef, list[FuncDef]]:
        """Return for each method those that may be called in its place."""
        methods: dict[str, list[FuncDef]] = defaultdict(list)
        for function in self._functions:
            if function.info:
                methods[function.name].append(function)
        return {
            method: [each for each in alike if each.info.has_base(method.info.fullname)]
            for alike in methods.values()
            for method in alike
        }

    def _every(self, function: FuncDef) -> list[FuncDef]:
        """Return what a call of a function may run."""
        return self._overriding.get(function, [function])

    def _summary_of(self, function: FuncDef) -> Summary:
        """Return what a function consumes; one that was not looked at consumes all."""
        self._asked.add(function)
        found = self._summaries.get(function, NOTHING)
        if found is None and function in self._graphs:
            found = self._summaries[function] = summary_of(function, self._graphs[function])
        return found or EVERYTHING

    # Facts about expressions --------------------------------------------------------------------

    def consumed(self, place: Context, held: Mapping[int, str]) -> Consumption | None:
        """Return what an expression consumes, besides what is inside of it."""
        taken = self._noted(place) or self._taken_beside_any(place)
        if taken is None:
            inner = _called_by_name(place)
            if inner is None or inner not in self._summaries:
                return None
            taken = Taken(inner.name, function=inner)
        if taken.function is not None and self._follows:
            summaries = [*map(self._summary_of, self._every(taken.function))]
            return _consumed_by(summaries, taken, place, held)
        operands = at_places(operands_of(place), taken.operands)
        names = [held[id(expr)] for expr in operands if id(expr) in held]
        return Consumption(taken.op, tuple(dict.fromkeys(names)))

    def _noted(self, place: Context) -> Taken | None:
        """Return what was noted of an expression; most lines have no note of its kind."""
        lines = self._noted_lines.get(type(place))
        return taken_by(self._taken, place) if lines and place.line in lines else None

    def _taken_beside_any(self, place: Context) -> Taken | None:
        """Return what an operator takes whose other side is `Any`: mypy asks no plugin then."""
        if not isinstance(place, _OPERATIONS):
            return None
        rule = registry.find(op_methods.get(place.op, ""))
        if rule is None or rule.tape is TapeRule.READS:
            return None
        sides = operands_of(place)
        if not any(isinstance(self._type(side), AnyType) for side in sides):
            return None
        return Taken(rule.name, places_of([*filter(self.is_taped, sides)], sides))

    def is_field(self, attribute: MemberExpr) -> bool:
        """Tell whether an attribute holds the same object until it is bound again."""
        owner = self._type(attribute.expr)
        if isinstance(owner, TupleType):
            owner = owner.partial_fallback
        if not isinstance(owner, Instance) or self._codec.is_tensor(owner):
            return False
        found = owner.type.get(attribute.name)
        if found is None or not isinstance(found.node, Var) or is_descriptor(found.node):
            return False
        return not found.node.is_property or owner.type.is_named_tuple

    def rebinds(self, call: CallExpr) -> bool:
        """Tell whether a call may rebind attributes, and names of other scopes."""
        taken = self._noted(call)
        if taken is not None:
            return taken.function is not None
        callee = call.callee
        if isinstance(callee, RefExpr) and callee.fullname in _RUNNING_NOTHING:
            return False
        given = call.args
        if isinstance(callee, RefExpr) and callee.fullname in GOING_THROUGH:
            given = [each for each in given if not isinstance(each, GeneratorExpr)]
        if any(may_call_back(self._type(each)) for each in given):
            return True
        if isinstance(callee, RefExpr) and _is_plain(callee.fullname):
            return False
        owner = self._type(callee.expr) if isinstance(callee, MemberExpr) else None
        return owner is None or (
            not self._codec.is_tensor(owner)
            and not (isinstance(owner, Instance) and owner.type.fullname.startswith(_PLAIN_TYPES))
        )

    def is_taped(self, iterable: Expression) -> bool:
        """Tell whether this is a tensor with a tape, which going through it takes."""
        typ = self._type(iterable)
        return typ is not None and is_taped(typ, self._codec)

    def runs_code(self, iterable: Expression) -> bool:
        """Tell whether going through it may run code that rebinds attributes."""
        typ = self._type(iterable)
        if typ is None or isinstance(typ, TupleType):
            return False
        if isinstance(typ, Instance) and typ.type.fullname in _PLAIN_ITERABLES:
            return False
        return not self._codec.is_tensor(typ)

    def runs(self, operand: Expression, methods: Collection[str]) -> bool:
        """Tell whether an operand has one of these methods from code that may rebind attributes."""
        return runs(self._type(operand), methods)

    def runs_as_attribute(self, attribute: MemberExpr) -> bool:
        """Tell whether getting or binding an attribute runs code that may rebind others."""
        return runs_as_attribute(self._type(attribute.expr), attribute.name)

    def swallows(self, manager: Expression) -> bool:
        """Tell whether a context manager may end an exception."""
        typ = self._type(manager)
        found = typ.type.get("__exit__") if isinstance(typ, Instance) else None
        if found is None:
            return False
        declared: Type | None = getattr(found.node, "type", None)
        exits = get_proper_type(declared)
        if not isinstance(exits, CallableType):
            return False
        result = get_proper_type(exits.ret_type)
        return isinstance(result, Instance) and result.type.fullname == "builtins.bool"

    def _type(self, e: Expression) -> Type | None:
        typ = self._api.lookup_type_or_none(e) or self._known.get(id(e))
        if typ is None:
            return None
        self._known[id(e)] = typ
        return get_proper_type(typ)


def _consumed_by(
    summaries: Sequence[Summary], taken: Taken, place: Context, held: Mapping[int, str]
) -> Consumption:
    """Return what a call consumes, whichever of these it runs."""
    operands = operands_of(place)
    given: dict[str, list[Expression]] = {}
    for name, places in taken.passed:
        if all(summary.takes(name) for summary in summaries):
            given[name] = [expr for expr in at_places(operands, places) if id(expr) in held]
    outer = sorted(frozenset.intersection(*(summary.names for summary in summaries)))
    every = {name: [held[id(expr)] for expr in exprs] for name, exprs in given.items()}
    every |= {name: [name] for name in outer}
    escaping = frozenset().union(*(summary.escaping for summary in summaries))
    apart = frozenset.intersection(*(summary.apart for summary in summaries))
    consumed = [held[id(expr)] for expr in operands if any(expr in e for e in given.values())]
    return Consumption(
        taken.op,
        tuple(dict.fromkeys((*consumed, *outer))),
        tuple(dict.fromkeys(each for name in every if name in escaping for each in every[name])),
        tuple(
            pair
            for one, other in sorted(apart)
            if one in every and other in every
            for pair in product(every[one], every[other])
        ),
        any(summary.returns for summary in summaries),
    )


def _repeated(graph: Graph) -> list[list[str]]:
    """Return the groups of names that may be consumed twice, of which more steps may tell."""
    is_any = graph.has_loops or any(step.apart for step in graph.consuming)
    if len(graph.consuming) < 2 and not is_any:
        return []
    often = Counter(name for step in graph.consuming for name in step.consumed)
    return [
        group
        for group in groups_of(graph.steps)
        if is_any or sum(often[name] for name in group) > 1
    ]


def _uses(
    graph: Graph, groups: Sequence[Sequence[str]], is_loose: Callable[[str], bool]
) -> Iterator[Use]:
    if not groups:
        return
    order = Order(graph.entry)
    for group in groups:
        if order.may_repeat(group):
            yield from Flow(order, group, is_loose).uses


def _is_not_followed(function: FuncDef) -> bool:
    """Tell whether nothing can be said of what a call consumes.

    The body of a generator or coroutine runs later. And mypy checks some methods, such as
    ``__init__``, with the module's statements, perhaps in another process than all functions.
    """
    return function.is_generator or function.is_coroutine or function.def_or_infer_vars


def _ends_by_raising(function: FuncDef) -> bool:
    body = function.body.body
    return bool(body) and isinstance(body[-1], RaiseStmt) and not function.info


def _called_by_name(place: Context) -> FuncDef | None:
    """Return the function that is called, if a function stands there by its name."""
    if isinstance(place, CallExpr) and isinstance(place.callee, NameExpr):
        node = place.callee.node
        return node if isinstance(node, FuncDef) else None
    return None


def _is_plain(function: str) -> bool:
    return function in _PLAIN or function.startswith(_LIBRARIES)


def _order(use: Use) -> tuple[int, int]:
    place = use.moved.place
    return (0, 0) if place is None else (place.line, place.column)
