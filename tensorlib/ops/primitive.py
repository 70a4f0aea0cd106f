"""What every op is made of: a rule, a NumPy forward function, and vector-Jacobian products.

An op is one `Primitive`. Its vjps say by their parameter names what they need to remember, and
nothing else is kept for the backward pass:

    exp = Primitive(shapes.exp, np.exp, lambda g, y: g * y)
    multiply = Primitive(shapes.multiply, np.multiply,
                         (lambda g, x2: g * x2, lambda g, x1: g * x1))

``g`` is the cotangent of the result; ``y`` is the result; ``saved`` is what the forward function
returned beside the result; other names are those of the forward function's parameters; an
operand's name with ``_shape`` behind it is its shape. A vjp may ignore broadcasting: the sum over
stretched axes is done here, once for all ops.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from tensorlib.shapes import errors
from tensorlib.shapes.registry import Rule, TapeRule
from tensorlib.tape import (
    Array,
    Origin,
    Tape,
    Value,
    next_id,
    origin_without_tape,
    require_tape_present,
    take_tapes,
)

R = TypeVar("R")
"""What the signature of the function around a call says that it returns."""
Vjp = Callable[..., Array]

_FLOATS = frozenset(np.dtype(name) for name in ("float16", "float32", "float64"))
_SCALARS: tuple[type, ...] = (bool, int, float, np.bool_, np.integer, np.floating)


class _Kept(NamedTuple):
    """What a node keeps when a given set of operands needs gradients."""

    indices: tuple[int, ...]
    slots: tuple[tuple[int, ...], ...]


class Primitive:
    """One op: how it checks, computes, and is differentiated.

    Args:
        rule: the op's rule from `tensorlib.shapes`, called with the operands' shapes followed by
            as many of the parameters as it takes.
        forward: computes the result's array from the operands' arrays (Python scalars stay
            scalars) followed by the parameters, all positional. With ``saves=True`` it returns
            the result and something for the vjps.
        vjps: one function per operand, or None where an operand has no gradient; a single
            function stands for an op of one operand. None: the op is not differentiable.
        operands: how many of the leading arguments are operands, if not as many as vjps.
        saves: see ``forward``.
        view: whether the result may share memory with the operand.
        many: whether ``forward`` returns a tuple of results, of any number; ``y`` and ``g`` are
            tuples then. Results that the dtype rule counts as ``beside`` the others, such as
            indices, own no tape, and their cotangent is None.
    """

    __slots__ = (
        "_kept",
        "_needs",
        "_unconverted",
        "forward",
        "many",
        "name",
        "operands",
        "rule",
        "saves",
        "view",
        "vjps",
    )

    def __init__(
        self,
        rule: Rule,
        forward: Callable[..., Any],
        vjps: Vjp | Sequence[Vjp | None] | None,
        *,
        operands: int | None = None,
        saves: bool = False,
        view: bool = False,
        many: bool = False,
    ) -> None:
        self.rule = rule
        self.name = rule.name
        self.forward = forward
        self.vjps: tuple[Vjp | None, ...] = (
            () if vjps is None else (vjps,) if callable(vjps) else tuple(vjps)
        )
        self.operands = len(self.vjps) if operands is None else operands
        self.saves = saves
        self.view = view
        self.many = many
        self._needs = self._find_needs() if self.vjps else ()
        self._kept: dict[tuple[bool, ...], _Kept] = {}
        self._unconverted = frozenset(filter(self._takes_as_it_is, _FLOATS))

    def _takes_as_it_is(self, dtype: np.dtype[Any]) -> bool:
        """Tell whether the rule has nothing to say where all operands are of this dtype."""
        try:
            target = self.rule.operand_dtype(*(dtype.name,) * max(self.operands, 1))
        except errors.DtypeError:
            return False
        return target in (None, dtype.name) or not self.rule.dtype.converts

    def _find_needs(self) -> tuple[tuple[int, ...], ...]:
        """Translate the vjps' parameter names to places in (y, saved, *shapes, *arguments)."""
        names = _parameter_names(self.forward, self.operands)
        shapes = (f"{name}_shape" for name in names[: self.operands])
        places = {name: place for place, name in enumerate(("y", "saved", *shapes, *names))}
        return tuple(
            () if vjp is None else tuple(places[name] for name in names_of(vjp)[1:])
            for vjp in self.vjps
        )

    def __call__(self, *args: Any) -> R:  # type: ignore[type-var]
        """Check, compute and, if an operand owns a tape, record."""
        count = self.operands
        operands, parameters = args[:count], args[count:]
        values = [x for x in operands if isinstance(x, Value)]
        if not values:
            raise not_a_tensor(operands[0], self.name)
        shapes = [self._shape_of(x) for x in operands]
        self._check(shapes, parameters)
        arrays = self._converted(operands)
        records = self.rule.tape is not TapeRule.READS
        if records:
            for x in values:
                require_tape_present(x, self.name)
        result = self.forward(*arrays, *parameters)
        y: Any
        y, saved = result if self.saves else (result, None)
        if self.many:
            y = tuple(map(np.asarray, y))
        elif type(y) is not np.ndarray:
            y = np.asarray(y)
        if self.view and any(x.is_mutable for x in values):
            # Parameters are written in place; no other tensor's data ever changes.
            y = tuple(each.copy() for each in y) if self.many else y.copy()
        id = next_id()
        tape = take_tapes(values, self.name) if records else None
        node = None
        if tape is not None:
            node = self._node(id, operands, (y, saved, *shapes, *arrays, *parameters))
            if node is not None:
                tape.add_node(node)
                for x in values:
                    if x._tape is None and x._origin is not None:
                        tape.note(x)
        origin: Origin = None
        if node is not None:
            origin = self.name
        elif tape is None and self.vjps:
            origin = origin_without_tape(self.name, values)
        if self.many:
            return self._results(values[0], cast("tuple[Array, ...]", y), tape, node, origin)
        return values[0]._result(y, tape, origin, id)

    def _results(
        self,
        like: Value,
        ys: tuple[Array, ...],
        tape: Tape | None,
        node: OpNode | None,
        origin: Origin,
    ) -> Any:
        """Make the tensors of several results; each owns a tape with the whole history."""
        owners = len(ys) - len(self.rule.dtype.beside)
        tapes = [None] * owners if tape is None else tape.fork(owners)
        ids = [next_id() for _ in range(owners)] if node is None else node.outputs
        owning = zip(ys, tapes, ids, strict=False)
        return (
            *(like._result(y, own, origin, id) for y, own, id in owning),
            *(like._result(y, None, None, next_id()) for y in ys[owners:]),
        )

    def _check(self, shapes: Sequence[tuple[int, ...]], parameters: Sequence[Any]) -> None:
        """Ask the rule."""
        self.rule(*shapes, *parameters[: len(self.rule.parameters) - self.operands])

    def _shape_of(self, x: object) -> tuple[int, ...]:
        if isinstance(x, Value):
            return x._data.shape
        if is_scalar(x):
            return ()
        raise not_a_tensor(x, self.name)

    def _converted(self, operands: Sequence[Any]) -> list[Any]:
        """Return the operands' arrays (scalars as Python scalars) in the dtype to compute in."""
        arrays = [x._data if isinstance(x, Value) else python_scalar(x) for x in operands]
        first = arrays[0].dtype if isinstance(arrays[0], np.ndarray) else None
        if first in self._unconverted and all(
            a.dtype is first if isinstance(a, np.ndarray) else True for a in arrays
        ):
            return arrays
        names = [dtype_name(a) for a in arrays]
        target = self.rule.operand_dtype(*names)
        if target is None or not self.rule.dtype.converts:
            return arrays
        return [a.astype(target, copy=False) if isinstance(a, np.ndarray) else a for a in arrays]

    def _node(
        self,
        id: int,
        operands: Sequence[Any],
        everything: tuple[Any, ...],
    ) -> OpNode | None:
        """Make the node for one call, or None where no operand has a gradient."""
        inputs = tuple(
            x._id
            if isinstance(x, Value) and x._origin is not None and x._data.dtype in _FLOATS
            else None
            for x in operands
        )
        y = everything[0]
        first = y if not self.many else y[0] if y else None
        if first is None or first.dtype not in _FLOATS or not any(id is not None for id in inputs):
            return None
        kept = self._keep(tuple(id is not None for id in inputs))
        return (_ManyNode if self.many else OpNode)(
            id,
            y,
            self,
            inputs,
            tuple(everything[index] for index in kept.indices),
            kept.slots,
            tuple(
                (x._data.shape, x._data.dtype) if isinstance(x, Value) else None for x in operands
            ),
        )

    def _keep(self, mask: tuple[bool, ...]) -> _Kept:
        kept = self._kept.get(mask)
        if kept is None:
            used = [need if used else () for need, used in zip(self._needs, mask, strict=True)]
            indices = tuple(sorted({index for need in used for index in need}))
            slots = tuple(tuple(indices.index(index) for index in need) for need in used)
            kept = self._kept[mask] = _Kept(indices, slots)
        return kept


class OpNode:
    """One recorded call of a primitive."""

    __slots__ = ("inputs", "operands", "outputs", "primitive", "saved", "slots", "spent", "stamp")

    def __init__(
        self,
        stamp: int,
        y: Any,
        primitive: Primitive,
        inputs: tuple[int | None, ...],
        saved: tuple[Any, ...],
        slots: tuple[tuple[int, ...], ...],
        operands: tuple[tuple[tuple[int, ...], np.dtype[Any]] | None, ...],
    ) -> None:
        self.stamp = stamp
        self.outputs: tuple[int, ...] = (stamp,)
        self.primitive = primitive
        self.inputs = inputs
        self.saved = saved
        self.slots = slots
        self.operands = operands
        self.spent = False

    @property
    def name(self) -> str:
        """The op's name."""
        return self.primitive.name

    def cotangent(self, take: Callable[[int], Array | None]) -> Any:
        """Return the cotangent of the result, or None."""
        return take(self.stamp)

    def pull(self, operand: int, g: Any) -> Array:
        """Return the cotangent of one operand, summed over the axes that were stretched."""
        vjp = self.primitive.vjps[operand]
        described = self.operands[operand]
        assert described is not None, "a scalar has no id, hence no cotangent is asked for"
        shape, dtype = described
        if vjp is None:
            return np.zeros(shape, dtype)
        result = np.asarray(vjp(g, *[self.saved[slot] for slot in self.slots[operand]]))
        if result.shape != shape:
            result = unbroadcast(result, shape)
        return result if result.dtype == dtype else result.astype(dtype)

    def release(self) -> None:
        """Free what was saved."""
        self.saved = ()
        self.spent = True


class _ManyNode(OpNode):
    """One recorded call of a primitive that has several results."""

    __slots__ = ("results",)

    def __init__(self, stamp: int, y: tuple[Array, ...], primitive: Primitive, *rest: Any) -> None:
        super().__init__(stamp, y, primitive, *rest)
        owners = y[: len(y) - len(primitive.rule.dtype.beside)]
        self.outputs = (stamp, *(next_id() for _ in owners[1:]))
        self.results = tuple((each.shape, each.dtype) for each in owners)

    def cotangent(self, take: Callable[[int], Array | None]) -> Any:
        """Return the cotangents of all results, zeros where nothing reached one, or None."""
        found = [take(id) for id in self.outputs]
        if all(g is None for g in found):
            return None
        beside = (None,) * len(self.primitive.rule.dtype.beside)
        return (
            *(
                np.zeros(*described) if g is None else g
                for g, described in zip(found, self.results, strict=True)
            ),
            *beside,
        )


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum a cotangent over the axes along which an operand of this shape was stretched."""
    added = g.ndim - len(shape)
    if added > 0:
        g = np.asarray(np.add.reduce(g, axis=tuple(range(added))))
    elif added < 0:
        g = g.reshape((1,) * -added + g.shape)
    stretched = tuple(
        axis for axis, (have, want) in enumerate(zip(g.shape, shape, strict=True)) if have != want
    )
    if stretched:
        g = np.add.reduce(g, axis=stretched, keepdims=True)
    # A vjp may also return less than the operand's shape, such as a scalar for a sum.
    return g if g.shape == shape else np.broadcast_to(g, shape)


def dtype_name(array: Any) -> str:
    """Name an array's dtype, or the kind of a Python scalar, as `tensorlib.shapes.dtypes` does."""
    if isinstance(array, np.ndarray):
        return array.dtype.name
    if isinstance(array, bool):
        return "scalar bool"
    return "scalar int" if isinstance(array, int) else "scalar float"


def not_a_tensor(x: object, op: str) -> TypeError:
    """Return the error for an operand of another type."""
    kind = type(x).__name__
    if isinstance(x, tuple | list) and any(map(_holds_tensors, x)):
        kind = errors.group_kind("list" if isinstance(x, list) else "tuple", len(x))
    return TypeError(errors.not_a_tensor(kind, op))


def _holds_tensors(x: object) -> bool:
    """Tell whether this is a tensor, or a tuple or list with one in it."""
    if isinstance(x, tuple | list):
        return any(map(_holds_tensors, x))
    return isinstance(x, Value)


def is_scalar(x: object) -> bool:
    """Tell whether this is a number; NumPy counts timedelta64 among the integers, we do not."""
    return isinstance(x, _SCALARS) and not isinstance(x, np.timedelta64)


def python_scalar(x: Any) -> bool | int | float:
    """Return one of Python's or NumPy's scalars as Python's, which is weak in NumPy's promotion."""
    if isinstance(x, bool | np.bool_):
        return bool(x)
    return int(x) if isinstance(x, int | np.integer) else float(x)


def names_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


def _parameter_names(forward: Callable[..., Any], operands: int) -> tuple[str, ...]:
    """Return the parameter names of a forward function; ufuncs use x, or x1 and x2."""
    if isinstance(forward, np.ufunc):
        return ("x",) if operands == 1 else ("x1", "x2")
    return names_of(forward)
