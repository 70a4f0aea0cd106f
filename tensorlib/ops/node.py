"""What a call of an op leaves on the tape, and what all such calls have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlib import recording
from tensorlib.ops.blocks import column_sums
from tensorlib.tape import Array, Value, next_id

if TYPE_CHECKING:
    from tensorlib.ops.primitive import Primitive

FLOATS = frozenset(np.dtype(name) for name in ("float16", "float32", "float64"))
"""The dtypes of what has a gradient."""


class Plan:
    """What all calls of an op have in common whose operands have the same shapes and dtypes.

    Whoever has a plan need not check these again.

    Args:
        primitive: the op.
        operands: those of one such call.
        needs: for each operand the places, in (y, saved, *shapes, *arrays, *parameters), of what
            its vjp takes.
        target: the dtype to convert the operands to, or None if they stay as they are.

    Attributes:
        shapes: the operands' shapes; of a scalar, ``()``.
        from_operands: whether all that a node has to keep is among the operands' arrays.
        has_gradient: whether any operand has one.
        blind: the places of operands without a gradient that are no constants either.
        is_constant: whether a result without a tape is sure not to be made of parameters alone.
        first: the place of the first operand that is a tensor.
        keep: picks what a node has to keep, from these arrays or from (y, saved, *shapes, *arrays,
            *parameters).
        pulls: for each operand, how to go back to it; None if it has no gradient.
        tensors: how many operands are tensors.
    """

    __slots__ = (
        "blind",
        "first",
        "from_operands",
        "has_gradient",
        "is_constant",
        "keep",
        "primitive",
        "pulls",
        "shapes",
        "target",
        "tensors",
    )

    def __init__(
        self,
        primitive: Primitive,
        operands: Sequence[Any],
        needs: Sequence[tuple[int, ...]],
        target: str | None,
    ) -> None:
        self.primitive = primitive
        self.target = target
        self.shapes = tuple(x._data.shape if isinstance(x, Value) else () for x in operands)
        self.is_constant = not needs or any(
            isinstance(x, Value) and x._origin is None for x in operands
        )
        differentiable = tuple(
            isinstance(x, Value) and x._origin is not None and x._data.dtype in FLOATS
            for x in operands
        )
        self.has_gradient = bool(needs) and any(differentiable)
        self.blind = tuple(
            place
            for place, (x, has) in enumerate(zip(operands, differentiable, strict=True))
            if isinstance(x, Value) and x._origin is not None and not has
        )
        tensors = [place for place, x in enumerate(operands) if isinstance(x, Value)]
        self.first, self.tensors = tensors[0], len(tensors)
        used = [
            need if used else () for need, used in zip(needs, differentiable, strict=bool(needs))
        ]
        kept = sorted({place for need in used for place in need})
        before = 2 + len(operands)
        self.from_operands = all(before <= place < before + len(operands) for place in kept)
        self.keep = _picking([place - before if self.from_operands else place for place in kept])
        self.pulls = tuple(
            Pull(vjp, tuple(map(kept.index, need)), x._data.shape, x._data.dtype) if has else None
            for vjp, need, x, has in zip(
                primitive.vjps, used, operands, differentiable, strict=bool(needs)
            )
        )


class Pull(NamedTuple):
    """How to go from the cotangent of a result back to that of one operand.

    Attributes:
        vjp: the vector-Jacobian product; None if there is none, and the slope is 0.
        slots: the places of what it takes, among what is kept.
        shape: the operand's shape.
        dtype: its dtype.
    """

    vjp: Callable[..., Array] | None
    slots: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class OpNode:
    """One recorded call of a primitive.

    Attributes:
        stamp: the id of the result, or of the first of several.
        inputs: the ids of the operands; None for scalars, and for what has no gradient here but
            may have one elsewhere.
        outputs: the ids of the results.
        plan: what such calls have in common.
        saved: what the vjps take, as the plan tells; None once a backward pass ran over it.
    """

    __slots__ = ("inputs", "outputs", "plan", "saved", "stamp")

    def __init__(
        self, stamp: int, inputs: Sequence[int | None], plan: Plan, saved: Sequence[Any]
    ) -> None:
        self.stamp = stamp
        self.inputs = inputs
        self.outputs: tuple[int, ...] = (stamp,)
        self.plan = plan
        self.saved: Sequence[Any] | None = saved

    @property
    def spent(self) -> bool:
        """Whether a backward pass ran over it."""
        return self.saved is None

    @property
    def name(self) -> str:
        """The op's name."""
        return self.plan.primitive.name

    def _cotangent(self, cotangents: dict[int, Array]) -> Any:
        return cotangents.pop(self.stamp, None)

    def pull_back(
        self, cotangents: dict[int, Array], needed: Container[int | None]
    ) -> list[tuple[int, Array]]:
        """Take the cotangents of the results, return those of the operands, and be spent."""
        g = self._cotangent(cotangents)
        saved, self.saved = self.saved, None
        found: list[tuple[int, Array]] = []
        if g is None or saved is None:
            return found
        for id, pull in zip(self.inputs, self.plan.pulls, strict=True):
            if id is None or pull is None or id not in needed:
                continue
            vjp, slots, shape, dtype = pull
            if recording.active and vjp is not None:
                vjp = recording.noted(vjp, f"{self.name}_vjp", self.plan.primitive.kind)
            if vjp is None:
                found.append((id, recording.noted(np.zeros, kind="PURE")(shape, dtype)))
                continue
            if not slots:
                result = vjp(g)
            elif len(slots) == 1:
                result = vjp(g, saved[slots[0]])
            else:
                result = vjp(g, *[saved[slot] for slot in slots])
            if type(result) is not np.ndarray:
                result = recording.noted(np.asarray, kind="PURE")(result)
            if result.shape != shape:
                result = recording.noted(unbroadcast, kind="PURE")(result, shape)
            if result.dtype != dtype:
                result = recording.noted(_in_dtype, kind="ELEMENTWISE")(result, dtype)
            found.append((id, result))
        return found


class ManyNode(OpNode):
    """One recorded call of a primitive that has several results."""

    __slots__ = ("results",)

    def __init__(
        self,
        stamp: int,
        inputs: Sequence[int | None],
        plan: Plan,
        saved: Sequence[Any],
        owners: Any,
    ) -> None:
        super().__init__(stamp, inputs, plan, saved)
        self.outputs = (stamp, *(next_id() for _ in owners[1:]))
        self.results = tuple((each.shape, each.dtype) for each in owners)

    def _cotangent(self, cotangents: dict[int, Array]) -> Any:
        """Take the cotangents of all results, zeros where nothing reached one, or None."""
        found = [cotangents.pop(id, None) for id in self.outputs]
        if all(g is None for g in found):
            return None
        beside = (None,) * len(self.plan.primitive.rule.dtype.beside)
        return (
            *(
                np.zeros(*described) if g is None else g
                for g, described in zip(found, self.results, strict=True)
            ),
            *beside,
        )


def _picking(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what picks the items at some places."""
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


def _in_dtype(g: Array, dtype: np.dtype[Any]) -> Array:
    return g.astype(dtype)


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum a cotangent over the axes along which an operand of this shape was stretched."""
    added = g.ndim - len(shape)
    if added > 0 and g.size and g.shape[added:] == shape:
        if added == 1 == len(shape):  # by far the most: the bias of a layer
            return column_sums(g)
        return column_sums(g.reshape(-1, math.prod(shape))).reshape(shape)
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
