"""What the functions of a module consume, and which uses come after a move."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeAlias

from mypy.checker import TypeChecker
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    FuncDef,
    FuncItem,
    IndexExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    RaiseStmt,
    RefExpr,
    TupleExpr,
    UnaryExpr,
    Var,
)
from mypy.operators import op_methods
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    TupleType,
    Type,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names, source
from mypy_plugin.codec import Codec
from mypy_plugin.flow import Flow, Order, Use, groups_of
from mypy_plugin.graph import Graph
from mypy_plugin.statements import functions_in
from mypy_plugin.steps import Consumption, Operand, plain_name
from mypy_plugin.summaries import NOTHING, Summary, bound_in, outer_names, summary_of
from tensorlib.shapes import registry
from tensorlib.shapes.registry import TapeRule

Position: TypeAlias = tuple[str, int, int, int | None, int | None]

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
"""Functions that bind nothing again."""
_LIBRARIES = ("numpy.", "tensorlib.")
"""Where functions come from that bind nothing again, unless they are given a function."""
_PLAIN_TYPES = ("builtins.", *_LIBRARIES)
"""Where the types come from whose methods bind nothing again."""
_PLAIN_ITERABLES = frozenset(
    f"builtins.{name}" for name in ("range", "list", "tuple", "dict", "set", "frozenset", "str")
)


@dataclass
class Taken:
    """What one expression takes.

    Attributes:
        op: the name of the op or function.
        operands: where the operands stand whose tapes it takes.
        function: the function that is called, if it is the user's.
        passed: for each parameter of that function where the taped argument stands.
    """

    op: str
    operands: set[Position] = field(default_factory=set)
    function: FuncDef | None = None
    passed: dict[str, set[Position]] = field(default_factory=dict)


class Noted(NamedTuple):
    """A note, and the expression that it is about."""

    place: Context
    taken: Taken


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
        taken: Mapping[Position, Mapping[int, Noted]],
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
        self._lines = sorted({line for (_, line, *_), noted in taken.items() if noted})
        self._reaches_out = source.has_declarations(api.path)
        self._summaries = {
            function: NOTHING
            if _is_not_followed(function) or not self._bears(function)
            else Summary(None)
            for function in self._functions
        }

    def uses(self) -> list[Use]:
        """Return all uses after moves, one for each place."""
        if not any(self._taken.values()):
            return []
        self._summarise()
        self._follows = False
        whole = self._statements()
        self._follows = True
        graphs = [whole, *self._graphs.values()]
        for graph in graphs:  # which grows here
            for function in graph.lambdas:
                graphs.append(self._asking(partial(self._graph, function)))
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
            list(_uses(graph, partial(is_loose, keys)))
            for graph, keys in zip(graphs, local, strict=True)
        ]
        # mypy may check a module's statements before its functions, and keep what is said then.
        # So they are looked at without what calls take, and later once more, for other mistakes.
        if self._api.recurse_into_functions:
            known = {use.name for use in uses[0]}
            followed = self._asking(self._statements)
            uses.append(list(_uses(followed, partial(is_loose, local[0]), known)))
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
        self._summarise_each(filter(self._bears, self._functions))
        if any(summary.names for summary in self._summaries.values()):
            self._reaches_out = True  # a call takes what it does not name
            self._summarise_each(each for each in self._functions if each not in self._graphs)

    def _summarise_each(self, functions: Iterable[FuncDef]) -> None:
        rounds: dict[FuncDef, int] = defaultdict(int)
        waiting = [*functions][::-1]
        while waiting:
            function = waiting.pop()
            self._asked = set()
            graph = self._graphs[function] = self._graph(function)
            for callee in self._asked:
                if callee not in self._callers and callee in self._graphs:
                    waiting.append(callee)
                self._callers[callee].add(function)
            is_asked_for = function in self._callers or outer_names(graph)
            if _is_not_followed(function) or not is_asked_for:
                continue
            rounds[function] += 1
            found = summary_of(function, graph) if rounds[function] < _MOST_ROUNDS else NOTHING
            if found != self._summaries[function]:
                self._summaries[function] = found
                if rounds[function] <= _MOST_ROUNDS:
                    waiting += [each for each in self._callers[function] if each not in waiting]

    def _bears(self, function: FuncDef) -> bool:
        """Tell whether a call may take a tape, or end the path."""
        if self._reaches_out or function.end_line is None or _ends_by_raising(function):
            return True
        place = bisect_left(self._lines, function.line)
        return place < len(self._lines) and self._lines[place] <= function.end_line

    def _graph(self, function: FuncItem) -> Graph:
        self._follows = not (isinstance(function, FuncDef) and function.def_or_infer_vars)
        graph = Graph(self)
        graph.function(function)
        self._follows = True
        return graph

    def _statements(self) -> Graph:
        graph = Graph(self)
        graph.module(self._api.tree.defs)
        return graph

    def _asking(self, build: Callable[[], Graph]) -> Graph:
        """Return a graph, when all is known of the functions that it calls."""
        self._asked = set()
        graph = build()
        unknown = [f for f in self._asked if f not in self._callers and f in self._graphs]
        if not unknown:
            return graph
        for callee in unknown:
            self._callers[callee] = set()
        self._summarise_each(unknown)
        return build()

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

    def _summary_of(self, function: FuncDef) -> list[Summary]:
        every = self._overriding.get(function, [function])
        self._asked.update(every)
        return [self._summaries.get(each, NOTHING) for each in every]

    # Facts about expressions --------------------------------------------------------------------

    def consumed(self, place: Context) -> Consumption | None:
        """Return what an expression consumes, besides what is inside of it."""
        taken = taken_by(self._taken, place) or self._taken_beside_any(place)
        inner = _called_by_name(place)
        if taken is None:
            if inner is None or inner not in self._summaries:
                return None
            taken = Taken(inner.name, function=inner)
        if taken.function is not None and self._follows:
            return self._consumed_by(self._summary_of(taken.function), taken, place)
        operands = [expr for expr in operands_of(place) if position_of(expr) in taken.operands]
        return Consumption(taken.op, operands)

    def _consumed_by(
        self, summaries: Sequence[Summary], taken: Taken, place: Context
    ) -> Consumption:
        """Return what a call consumes, whichever of these it runs."""
        given: dict[str, list[Operand]] = {}
        operands = [*operands_of(place)]
        for name, positions in taken.passed.items():
            if all(summary.takes(name) for summary in summaries):
                given[name] = [expr for expr in operands if position_of(expr) in positions]
        names = sorted(frozenset.intersection(*(summary.names for summary in summaries)))
        every = given | {name: [name] for name in names}
        escaping = frozenset().union(*(summary.escaping for summary in summaries))
        apart = frozenset.intersection(*(summary.apart for summary in summaries))
        pairs = [
            (every[one], every[other]) for one, other in sorted(apart) if {one, other} <= {*every}
        ]
        return Consumption(
            taken.op,
            [expr for expr in operands if any(expr in exprs for exprs in given.values())],
            names,
            [each for name, found in every.items() if name in escaping for each in found],
            [(one, other) for ones, others in pairs for one in ones for other in others],
            any(summary.returns for summary in summaries),
        )

    def _taken_beside_any(self, place: Context) -> Taken | None:
        """Return what an operator takes whose other side is `Any`: mypy asks no plugin then."""
        if not isinstance(place, OpExpr | OperatorAssignmentStmt):
            return None
        rule = registry.find(op_methods.get(place.op, ""))
        sides = [*operands_of(place)]
        if rule is None or rule.tape is TapeRule.READS:
            return None
        if not any(isinstance(self._type(side), AnyType) for side in sides):
            return None
        return Taken(rule.name, {position_of(side) for side in sides if self.is_taped(side)})

    def is_field(self, attribute: MemberExpr) -> bool:
        """Tell whether an attribute holds the same object until it is bound again."""
        owner = self._type(attribute.expr)
        if not isinstance(owner, Instance) or self._codec.is_tensor(owner):
            return False
        found = owner.type.get(attribute.name)
        return found is not None and isinstance(found.node, Var) and not found.node.is_property

    def rebinds(self, call: CallExpr) -> bool:
        """Tell whether a call may rebind attributes, and names of other scopes."""
        taken = taken_by(self._taken, call)
        if taken is not None:
            return taken.function is not None
        callee = call.callee
        if isinstance(callee, RefExpr):
            if callee.fullname in _PLAIN:
                return False
            if callee.fullname.startswith(_LIBRARIES):
                return any(isinstance(self._type(each), CallableType) for each in call.args)
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


def _uses(
    graph: Graph, is_loose: Callable[[str], bool], known: Collection[str] = ()
) -> Iterator[Use]:
    """Go through the uses after moves of names of which none is known yet."""
    order = Order(graph.entry)
    for group in groups_of(graph.steps):
        if order.may_repeat(group) and not any(name in known for name in group):
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


def taken_by(taken: Mapping[Position, Mapping[int, Noted]], place: Context) -> Taken | None:
    """Return what was noted of an expression, if anything was."""
    position = position_of(place)
    if isinstance(place, OperatorAssignmentStmt):
        position = (OpExpr.__name__, *position[1:])  # what mypy makes of it
    noted = taken.get(position) or {}
    return next((each.taken for each in noted.values()), None)


def operands_of(place: Context) -> Iterator[Expression]:
    """Go through the expressions that an op or call may take tapes from."""
    receiver = receiver_of(place)
    given: list[Expression] = [] if receiver is None else [receiver]
    if isinstance(place, CallExpr):
        given += place.args
    elif isinstance(place, OpExpr):
        given.append(place.right)
    elif isinstance(place, OperatorAssignmentStmt):
        given.append(place.rvalue)
    for expr in given:
        yield from displayed(expr)


def displayed(expr: Expression) -> Iterator[Expression]:
    """Go through what stands in a display of a tuple or list; an expression that is none is one."""
    if isinstance(expr, TupleExpr | ListExpr):
        for item in expr.items:
            yield from displayed(item)
    else:
        yield expr


def receiver_of(place: Context) -> Expression | None:
    """Return what an operator, a method or a property is applied to."""
    if isinstance(place, CallExpr):
        return place.callee.expr if isinstance(place.callee, MemberExpr) else None
    if isinstance(place, OpExpr):
        return place.left
    if isinstance(place, OperatorAssignmentStmt):
        return place.lvalue
    if isinstance(place, IndexExpr):
        return place.base
    return place.expr if isinstance(place, UnaryExpr | MemberExpr) else None


def is_taped(typ: Type, codec: Codec) -> bool:
    """Tell whether this is a tensor with a tape, or generic in it; or a tape itself."""
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        return any(is_taped(item, codec) for item in proper.items)
    if isinstance(proper, Instance) and proper.type.fullname == names.TAPE:
        return True
    tensor = codec.as_tensor(proper)
    return tensor is not None and len(tensor.args) == 3 and _owns(tensor.args[1])


def _owns(tape: Type) -> bool:
    """Tell whether a tape argument says a tape, or leaves it open in a generic function."""
    proper = get_proper_type(tape)
    if isinstance(proper, UnionType):
        return any(map(_owns, proper.items))
    if isinstance(proper, Instance):
        return proper.type.fullname == names.TAPE
    return isinstance(proper, TypeVarType)


def position_of(node: Context) -> Position:
    """Return where an expression stands, and what kind it is."""
    return (type(node).__name__, node.line, node.column, node.end_line, node.end_column)


def _order(use: Use) -> tuple[int, int]:
    place = use.moved.place
    return (0, 0) if place is None else (place.line, place.column)
