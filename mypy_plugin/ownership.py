"""Use after move: an error for a tensor whose tape has moved on some path.

While mypy checks a module, the hooks note which expression takes the tapes of which operands. When
everything in the module has its type, mypy is given one more function to check: that is where the
paths through each function are followed (`graph`, `flow`).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    Import,
    ImportAll,
    ImportBase,
    ImportFrom,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    OverloadedFuncDef,
    RefExpr,
    SymbolNode,
    TypeInfo,
)
from mypy.plugin import (
    AttributeContext,
    CheckerPluginInterface,
    FunctionContext,
    MethodContext,
)
from mypy.types import (
    CallableType,
    Instance,
    NoneType,
    Type,
    UnionType,
    get_proper_type,
)

from mypy_plugin import names, source
from mypy_plugin.codec import Codec
from mypy_plugin.codes import TENSOR_TAPE
from mypy_plugin.flow import Use
from mypy_plugin.follow_ups import take_back_follow_ups
from mypy_plugin.messages import (
    CONSUMED,
    CONSUMED_AGAIN,
    MOVED,
    MOVED_AGAIN,
    PUT,
    PUT_AGAIN,
    TWICE,
    UNMERGED,
)
from mypy_plugin.moves import Moves
from mypy_plugin.notes import (
    DISPLAYS,
    Taken,
    by_position,
    displayed,
    is_taped,
    operands_of,
    places_of,
    position_of,
    receiver_of,
)
from mypy_plugin.steps import plain_name
from mypy_plugin.strangers import is_refused
from mypy_plugin.unmerged import unmerged
from mypy_plugin.wording import reword
from tensorlib.shapes.registry import Rule, TapeRule

Hooked: TypeAlias = FunctionContext | MethodContext | AttributeContext

_BORROWS = frozenset({"with_tape_of"})
"""Ops that record nothing, though their result owns a tape."""
_MAY_KEEP = frozenset({"Identity", "Dropout", "DropoutOneIn", "Bias1D", "Module"})
"""Layers that may return their operand itself."""
_TEXT_WIDTH = 60


class _Notes:
    """What was noted in a module.

    Attributes:
        tree: the module.
        taken: what each expression takes.
        kinds: the same, once for all expressions that take alike.
        known: types of expressions.
        is_asked: whether mypy was asked to call back.
        is_ours: whether the module imports the library.

    Args:
        tree: the module.
    """

    def __init__(self, tree: MypyFile) -> None:
        self.tree = tree
        self.taken: dict[Context, Taken] = {}
        self.kinds: dict[Taken, Taken] = {}
        self.known: dict[int, Type] = {}
        self.is_asked = False
        self.is_ours = any(map(_is_of_ours, tree.imports))

    def forget(self, place: Context) -> None:
        """Forget what the copies of an expression take."""
        position = position_of(place)
        alike = [each for each in self.taken if position_of(each) == position]
        for each in alike:
            del self.taken[each]


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
        notes = self._notes_of(api.tree)
        if rule is not None or notes.is_ours:
            self._ask(api, notes)
        notes.taken.pop(place, None)  # mypy may have tried another overload before
        if rule is not None and not _may_take(rule):
            return
        function = _function(context) if rule is None else None
        if rule is None and function is None:
            return
        if not isinstance(context, AttributeContext) and is_refused(context.default_return_type):
            return  # by the signature hook
        taped = self._taped(api, context)
        if not taped:
            return
        if rule is not None:
            taken = self._by_op(place, rule, result, taped)
        else:
            taken = self._by_function(context, function, taped)
        if taken is not None and (taken.operands or taken.passed):
            notes.taken[place] = notes.kinds.setdefault(taken, taken)
            self._ask(api, notes)

    def _by_function(
        self, context: Hooked, function: FuncDef | None, taped: Sequence[tuple[Expression, Type]]
    ) -> Taken | None:
        """Return what a function, a model or a layer takes."""
        if function is None or isinstance(context, AttributeContext):
            return None
        op = function.name
        if isinstance(context, MethodContext) and op == "forward":
            op = _class_name(context.type)
        operands = operands_of(context.context)
        if isinstance(context, MethodContext) and _is_of_library(function):
            if self._may_keep(context.type):
                return None
            return Taken(op, places_of([expr for expr, _ in taped], operands))
        passed: list[tuple[str, tuple[int, ...]]] = []
        for name, exprs in zip(context.callee_arg_names, context.args, strict=True):
            given = [expr for expr, _ in taped if expr in exprs]
            if name is not None and given:
                passed.append((name, places_of(given, operands)))
        return Taken(op, function=function, passed=tuple(passed))

    def follow(self, api: CheckerPluginInterface) -> None:
        """Have the module looked at when all in it has its type, if it imports the library."""
        assert isinstance(api, TypeChecker)
        notes = self._notes_of(api.tree)
        if notes.is_ours:
            self._ask(api, notes)

    def forget(self, context: Hooked) -> None:
        """Forget what a call takes, which turned out to be refused."""
        assert isinstance(context.api, TypeChecker)
        notes = self._notes_of(context.api.tree)
        notes.forget(context.context)
        self._ask(context.api, notes)

    def _by_op(
        self, place: Context, rule: Rule, result: Type, taped: Sequence[tuple[Expression, Type]]
    ) -> Taken | None:
        """Return what an op takes."""
        given = [expr for expr, _ in taped]
        if rule.tape is TapeRule.DECLARED:
            if not self._is_taped(result):
                return None
            given = given[:1]
        elif rule.tape is TapeRule.NEEDS_NO_TAPE:
            given = [expr for expr, typ in taped if not self._codec.is_tensor(typ)]
        return Taken(rule.name, places_of(given, operands_of(place)))

    def _ask(self, api: TypeChecker, notes: _Notes) -> None:
        """Have mypy call `finish`."""
        if not notes.is_asked:
            notes.is_asked = True
            api.deferred_nodes.append(DeferredNode(self._last_function(api.tree), None))

    def _notes_of(self, tree: MypyFile) -> _Notes:
        """Return the notes about a module; in the daemon, a module may come again."""
        notes = self._notes.get(tree.fullname)
        if notes is None or notes.tree is not tree:
            notes = self._notes[tree.fullname] = _Notes(tree)
        return notes

    def _taped(self, api: TypeChecker, context: Hooked) -> list[tuple[Expression, Type]]:
        """Return the operands that own a tape, or may own one, with their types."""
        operands: list[tuple[Expression, Type | None]] = []
        if not isinstance(context, FunctionContext):
            receiver = receiver_of(context.context)
            if isinstance(context.context, OpExpr):
                left = api.lookup_type_or_none(context.context.left)
                if left is not None and not self._codec.is_tensor(left):
                    receiver = context.context.right  # its method serves `2 * h`
            if receiver is not None:
                whole = api.lookup_type_or_none(receiver)
                # mypy asks for each member of a union by itself.
                is_union = isinstance(get_proper_type(whole), UnionType)
                operands.append((receiver, whole if is_union else context.type))
        if not isinstance(context, AttributeContext):
            for exprs, types in zip(context.args, context.arg_types, strict=True):
                operands += zip(exprs, types, strict=False)
        found: list[tuple[Expression, Type]] = []
        for expr, typ in operands:
            if isinstance(expr, DISPLAYS):
                inner = [(each, api.lookup_type_or_none(each)) for each in displayed(expr)]
                found += [(each, t) for each, t in inner if t is not None and self._is_taped(t)]
            elif typ is not None and is_taped(typ, self._codec):
                found.append((expr, typ))
        return found

    def _is_taped(self, typ: Type) -> bool:
        return is_taped(typ, self._codec)

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
            if notes.taken:
                self._check(api, notes)
            take_back_follow_ups(api)
            reword(api)
        return context.default_return_type

    def _check(self, api: TypeChecker, notes: _Notes) -> None:
        taken = by_position(notes.taken)
        module = Moves(api, taken, notes.known, self._codec)
        for use in module.uses():
            self._report(api, use)
        for backward, op in unmerged(api, taken, notes.known, self._codec):
            text = UNMERGED.format(text=_text(api.path, op.line), line=op.line)
            api.fail(text, backward, code=TENSOR_TAPE)

    def _report(self, api: TypeChecker, use: Use) -> None:
        name, moved = plain_name(use.name), use.moved
        assert use.step.place is not None
        assert moved.place is not None
        by_backward = moved.op == "backward"
        if use.is_double:
            text = TWICE
        elif use.step.op == "put_tape":
            text = PUT_AGAIN if moved is use.step else PUT
        elif moved is use.step:
            text = CONSUMED_AGAIN if by_backward else MOVED_AGAIN
        else:
            text = CONSUMED if by_backward else MOVED
        line = moved.place.line
        text = text.format(op=use.step.op, name=name, text=_text(api.path, line), line=line)
        api.fail(text, use.step.place, code=TENSOR_TAPE)


def _is_of_ours(statement: ImportBase) -> bool:
    if isinstance(statement, Import):
        return any(name.split(".")[0] == names.LIBRARY for name, _ in statement.ids)
    imported = statement.id if isinstance(statement, ImportFrom | ImportAll) else ""
    return imported.split(".")[0] == names.LIBRARY


def _may_take(rule: Rule) -> bool:
    return rule.tape is not TapeRule.READS and rule.name not in _BORROWS


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


def _items(typ: Type) -> Sequence[Type]:
    proper = get_proper_type(typ)
    return getattr(proper, "items", None) or [proper]


def _text(path: str, line: int) -> str:
    """Return a line of a file, without its comment, as a message can hold it."""
    text = source.line_of(path, line).split("  # ")[0].strip()
    return text if len(text) <= _TEXT_WIDTH else f"{text[: _TEXT_WIDTH - 4]} ..."
