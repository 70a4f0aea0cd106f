"""Use after move: an error for a tensor whose tape has moved on some path.

While mypy checks a module, the hooks note which expression takes the tapes of which operands. When
everything in the module has its type, mypy is given one more function to check: that is where the
paths through each function are followed (`graph`, `flow`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mypy.checker import DeferredNode, TypeChecker
from mypy.nodes import (
    GDEF,
    Block,
    CallExpr,
    Context,
    Decorator,
    Expression,
    ExpressionStmt,
    FuncDef,
    IndexExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    OverloadedFuncDef,
    RefExpr,
    SymbolNode,
    TupleExpr,
    TypeInfo,
    UnaryExpr,
)
from mypy.plugin import AttributeContext, FunctionContext, MethodContext
from mypy.types import (
    CallableType,
    Instance,
    NoneType,
    Type,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names, source
from mypy_plugin.codec import Codec
from mypy_plugin.flow import Flow, Use, groups_of
from mypy_plugin.graph import Consumption, Graph, key_of, plain_name
from mypy_plugin.messages import MOVED, MOVED_AGAIN, TENSOR_TAPE
from mypy_plugin.statements import functions_in
from tensorlib.shapes.registry import Rule, TapeRule

Position: TypeAlias = tuple[str, int, int, int | None, int | None]
Hooked: TypeAlias = FunctionContext | MethodContext | AttributeContext

_BORROWS = frozenset({"with_tape_of"})
"""Ops that record nothing, though their result owns a tape."""
_MAY_KEEP = frozenset({"Identity", "Dropout", "DropoutOneIn", "Bias1D", "Module"})
"""Layers that may return their operand itself."""
_TEXT_WIDTH = 60


@dataclass
class _Taken:
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


@dataclass
class _Notes:
    """What was noted in a module.

    Attributes:
        tree: the module.
        taken: what each expression takes.
        is_asked: whether mypy was asked to call back.
    """

    tree: MypyFile
    taken: dict[Position, _Taken] = field(default_factory=dict)
    is_asked: bool = False


class Ownership:
    """Notes what takes tapes, and reports uses after moves."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._notes: dict[str, _Notes] = {}

    # While mypy checks --------------------------------------------------------------------------

    def note(self, context: Hooked, rule: Rule | None, result: Type) -> None:
        """Note what an op, or with no rule any other call, takes from its operands."""
        api, place = context.api, context.context
        assert isinstance(api, TypeChecker)
        taped = list(self._taped(api, context))
        if not taped:
            return
        if rule is not None:
            self._note_op(api, place, rule, result, taped)
            return
        function = _function(context)
        if function is None or not isinstance(context, FunctionContext | MethodContext):
            return
        taken = _Taken(function.name)
        if isinstance(context, MethodContext) and _is_of_library(function):
            if self._may_keep(context.type):
                return
            taken.op = _class_name(context.type)
            taken.operands = {_position(expr) for expr, _ in taped}
        else:
            taken.function = function
            for name, exprs in zip(context.callee_arg_names, context.args, strict=True):
                given = {_position(expr) for expr, _ in taped if expr in exprs}
                if name is not None and given:
                    taken.passed[name] = given
        self._enter(api, place, taken)

    def forget(self, context: Hooked) -> None:
        """Forget what a call takes, which turned out to be refused."""
        assert isinstance(context.api, TypeChecker)
        self._notes_of(context.api.tree).taken.pop(_position(context.context), None)

    def _note_op(
        self,
        api: TypeChecker,
        place: Context,
        rule: Rule,
        result: Type,
        taped: Sequence[tuple[Expression, Type]],
    ) -> None:
        operands = [expr for expr, _ in taped]
        if rule.name in _BORROWS:
            return
        if rule.tape is TapeRule.DECLARED:
            if not self._is_taped(result):
                return
            operands = operands[:1]
        elif rule.tape is TapeRule.READS:
            return
        elif rule.tape is TapeRule.NEEDS_NO_TAPE:
            operands = [expr for expr, typ in taped if self._codec.tensor(typ) is None]
        self._enter(api, place, _Taken(rule.name, {_position(expr) for expr in operands}))

    def _enter(self, api: TypeChecker, place: Context, taken: _Taken) -> None:
        if not taken.operands and not taken.passed:
            return
        notes = self._notes_of(api.tree)
        notes.taken[_position(place)] = taken
        if not notes.is_asked:
            notes.is_asked = True
            api.deferred_nodes.append(DeferredNode(self._last_function(api.tree), None))

    def _notes_of(self, tree: MypyFile) -> _Notes:
        """Return the notes about a module; in the daemon, a module may come again."""
        notes = self._notes.get(tree.fullname)
        if notes is None or notes.tree is not tree:
            notes = self._notes[tree.fullname] = _Notes(tree)
        return notes

    def _taped(self, api: TypeChecker, context: Hooked) -> Iterator[tuple[Expression, Type]]:
        """Go through the operands that own a tape, or may own one, with their types."""
        receiver = _receiver(context.context)
        if receiver is not None and not isinstance(context, FunctionContext):
            yield from self._taped_in(api, receiver, context.type)
        if isinstance(context, FunctionContext | MethodContext):
            for exprs, types in zip(context.args, context.arg_types, strict=True):
                for expr, typ in zip(exprs, types, strict=False):
                    yield from self._taped_in(api, expr, typ)

    def _taped_in(
        self, api: TypeChecker, expr: Expression, typ: Type | None
    ) -> Iterator[tuple[Expression, Type]]:
        if isinstance(expr, TupleExpr | ListExpr):
            for item in expr.items:
                yield from self._taped_in(api, item, api.lookup_type_or_none(item))
        elif typ is not None and self._is_taped(typ):
            yield expr, typ

    def _is_taped(self, typ: Type) -> bool:
        """Tell whether this is a tensor with a tape, or generic in it; or a tape itself."""
        proper = get_proper_type(typ)
        if isinstance(proper, UnionType):
            return all(self._is_taped(item) for item in proper.items)
        if isinstance(proper, Instance) and proper.type.fullname == names.TAPE:
            return True
        tensor = self._codec.tensor(proper)
        return tensor is not None and _owns(tensor.tape)

    def _may_keep(self, layer: Type) -> bool:
        """Tell whether a layer of the library may return its operand itself."""
        proper = get_proper_type(layer)
        if not isinstance(proper, Instance):
            return True
        info = proper.type
        if info.name in _MAY_KEEP:
            return True
        if info.has_base(names.CONTAINER):
            inner = [part for arg in proper.args for part in _items(arg)]
            layers = [part for part in inner if isinstance(get_proper_type(part), Instance)]
            return info.name not in ("Residual",) and all(map(self._may_keep, layers))
        return False

    def _last_function(self, tree: MypyFile) -> FuncDef:
        """Return a function for mypy to check when all is done: its body calls `finish`."""
        called, last = FuncDef("finish", [], Block([])), FuncDef("finish", [], Block([]))
        fallback = self._codec.instance("builtins.function")
        for function, fullname in ((called, names.LAST_CALL), (last, tree.fullname)):
            function.type = CallableType([], [], [], NoneType(), fallback)
            function._fullname = fullname
        name = NameExpr(called.name)
        name.kind, name.node, name.fullname = GDEF, called, names.LAST_CALL
        last.def_or_infer_vars = True  # or it is left out as long as mypy skips function bodies
        last.body.body.append(ExpressionStmt(CallExpr(name, [], [], [])))
        return last

    # When all is checked ------------------------------------------------------------------------

    def finish(self, context: FunctionContext) -> Type:
        """Follow the paths through the module's functions, unless some are still to be checked."""
        api = context.api
        assert isinstance(api, TypeChecker)
        if api.deferred_nodes:
            api.deferred_nodes.append(DeferredNode(self._last_function(api.tree), None))
        else:
            notes = self._notes_of(api.tree)
            notes.is_asked = False  # mypy checks a module's functions behind its statements
            for use in _Module(api.tree, notes.taken).uses():
                self._report(api, use)
        return context.default_return_type

    def _report(self, api: TypeChecker, use: Use) -> None:
        name, moved = plain_name(use.name), use.moved
        assert use.step.place is not None
        assert moved.place is not None
        if moved is use.step:
            text = MOVED_AGAIN.format(op=moved.op, name=name)
        else:
            text = MOVED.format(
                op=use.step.op,
                name=name,
                text=_text(api.path, moved.place.line),
                line=moved.place.line,
            )
        api.fail(text, use.step.place, code=TENSOR_TAPE)


class _Module:
    """The functions of a module, with what they consume."""

    def __init__(self, tree: MypyFile, taken: dict[Position, _Taken]) -> None:
        self._tree = tree
        self._taken = taken
        self._functions = list(functions_in(tree.defs))
        self._graphs: dict[FuncDef, Graph] = {}
        self._always: dict[FuncDef, frozenset[str]] = {}

    def uses(self) -> list[Use]:
        """Return all uses after moves, one for each place."""
        if not self._taken:
            return []
        whole = Graph(self._consumed, self._rebinds)
        whole.module(self._tree.defs)
        graphs = [whole, *map(self._graph, self._functions)]
        bound: dict[str, int] = {}
        for graph in graphs:
            for key in {step.bound for step in graph.steps if step.bound is not None}:
                bound[key] = bound.get(key, 0) + 1
        found: dict[Position, Use] = {}
        for graph in graphs:
            local = {step.bound for step in graph.steps if step.bound is not None}
            outside = _Elsewhere(local, {key for key, count in bound.items() if count > 1})
            for group in groups_of(graph.steps):
                for use in Flow(graph.entry, group, outside).uses:
                    assert use.step.place is not None
                    place = _position(use.step.place)
                    if place not in found or _line(use) < _line(found[place]):
                        found[place] = use
        return sorted(found.values(), key=lambda use: getattr(use.step.place, "line", 0))

    def _graph(self, function: FuncDef) -> Graph:
        if function not in self._graphs:
            graph = Graph(self._consumed, self._rebinds)
            graph.function(function)
            self._graphs[function] = graph
        return self._graphs[function]

    def _consumed(self, place: Context) -> Consumption | None:
        taken = self._taken.get(_position(place))
        if taken is None:
            return None
        wanted = set(taken.operands)
        if taken.function is not None:
            always = self._always_consumed(taken.function)
            for name, given in taken.passed.items():
                if name in always:
                    wanted |= given
        operands = [expr for expr in _operands(place) if _position(expr) in wanted]
        return Consumption(taken.op, operands)

    def _rebinds(self, call: CallExpr) -> bool:
        taken = self._taken.get(_position(call))
        return taken is None or taken.function is not None

    def _always_consumed(self, function: FuncDef) -> frozenset[str]:
        """Return the parameters whose argument's tape has moved whenever the function returns."""
        if function not in self._always:
            self._always[function] = frozenset()  # for a function that calls itself
            if function in self._functions and not function.is_generator:
                self._always[function] = self._found_always_consumed(function)
        return self._always[function]

    def _found_always_consumed(self, function: FuncDef) -> frozenset[str]:
        graph = Graph(self._consumed, self._rebinds)
        given = {f"<{a.variable.name}>": a for a in function.arguments}
        graph.function(function, {key_of(a.variable): key for key, a in given.items()})
        found: set[str] = set()
        for group in groups_of(graph.steps):
            flow = Flow(graph.entry, group, ())
            for key, argument in given.items():
                ends = list(flow.at(graph.exit)) if key in group else []
                if ends and all(end[key] is not None for end in ends):
                    found.add(argument.variable.name)
        return frozenset(found)


class _Elsewhere:
    """The names that may be bound by another scope than the one that is looked at."""

    def __init__(self, local: set[str], shared: set[str]) -> None:
        self._local = local
        self._shared = shared

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name.startswith("<"):
            return False
        return name not in self._local or name in self._shared


def _operands(place: Context) -> Iterator[Expression]:
    """Go through the expressions that an op or call may take tapes from."""
    receiver = _receiver(place)
    given: list[Expression] = [] if receiver is None else [receiver]
    if isinstance(place, CallExpr):
        given += place.args
    elif isinstance(place, OpExpr):
        given.append(place.right)
    elif isinstance(place, OperatorAssignmentStmt):
        given.append(place.rvalue)
    for expr in given:
        yield from _displayed(expr)


def _displayed(expr: Expression) -> Iterator[Expression]:
    if isinstance(expr, TupleExpr | ListExpr):
        for item in expr.items:
            yield from _displayed(item)
    else:
        yield expr


def _receiver(place: Context) -> Expression | None:
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


def _function(context: Hooked) -> FuncDef | None:
    """Return the function or method that a call runs; of a module that is called, ``forward``."""
    place = context.context
    if not isinstance(place, CallExpr):
        return None
    node: SymbolNode | None = None
    if isinstance(context, MethodContext):
        owner = get_proper_type(context.type)
        if isinstance(owner, Instance):
            node = _method(owner.type, place.callee) or _node(owner.type, "forward")
    elif isinstance(place.callee, RefExpr):
        node = place.callee.node
    return node if isinstance(node, FuncDef) else None


def _method(owner: TypeInfo, callee: Expression) -> SymbolNode | None:
    """Return the method that is named by a callee, which may be an object that is called."""
    node = _node(owner, callee.name) if isinstance(callee, MemberExpr) else None
    return node if isinstance(node, FuncDef | Decorator | OverloadedFuncDef) else None


def _node(owner: TypeInfo, name: str) -> SymbolNode | None:
    found = owner.get(name)
    return None if found is None else found.node


def _is_of_library(function: FuncDef) -> bool:
    """Tell whether this is the forward pass of a layer of the library."""
    return function.name == "forward" and function.fullname.startswith(names.LAYER_MODULES)


def _class_name(typ: Type) -> str:
    proper = get_proper_type(typ)
    return proper.type.name if isinstance(proper, Instance) else ""


def _owns(tape: Type) -> bool:
    """Tell whether a tape argument says a tape, or leaves it open in a generic function."""
    proper = get_proper_type(tape)
    if isinstance(proper, UnionType):
        return any(map(_owns, proper.items))
    if isinstance(proper, Instance):
        return proper.type.fullname == names.TAPE
    return isinstance(proper, TypeVarType)


def _items(typ: Type) -> Sequence[Type]:
    proper = get_proper_type(typ)
    return getattr(proper, "items", None) or [proper]


def _position(node: Context) -> Position:
    return (type(node).__name__, node.line, node.column, node.end_line, node.end_column)


def _line(use: Use) -> int:
    return use.moved.place.line if use.moved.place is not None else 0


def _text(path: str, line: int) -> str:
    """Return a line of a file as a message can hold it."""
    text = source.line_of(path, line).strip()
    return text if len(text) <= _TEXT_WIDTH else f"{text[: _TEXT_WIDTH - 4]} ..."
