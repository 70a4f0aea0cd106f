"""The gradient tape: what an op records, who owns the record, and the backward pass.

A tape is owned by exactly one tensor at a time. A recording op takes the tapes of its operands,
merges them, adds a node, and gives the tape to its result; parameters and inputs never own one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, final

import numpy as np

from tensorlib.shapes.errors import (
    IncompleteTapeError,
    ParameterChangedError,
    TapeError,
    TapeMovedError,
)

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from tensorlib.tensor import Tensor

    S = TypeVar("S", bound=tuple[Any, ...])
    D = TypeVar("D", bound=np.generic)

Array = np.ndarray[Any, np.dtype[Any]]

next_id: Final[Callable[[], int]] = itertools.count(1).__next__
"""Gives ids, which are the order of creation as well; atomic, hence safe in threads."""

LEAF: Final = "leaf"
"""The origin of parameters and of tensors on which `traced` was called."""


@final
class NoTape:
    """Type argument of a tensor that owns no gradient tape."""

    def __init__(self) -> None:
        raise TypeError("NoTape is a type argument only: Tensor[Shape[3], NoTape]")


class Moved:
    """Stands where a tape was before an op took it, and names that op."""

    __slots__ = ("op",)

    def __init__(self, op: str) -> None:
        self.op = op


class Value:
    """What the tape knows of a tensor: its data, its id, who owns the record, where it is from.

    The origin is `LEAF`, the name of the recorded op that made it, or None for a constant.
    """

    __slots__ = ("__weakref__", "_data", "_id", "_origin", "_tape")

    _data: Array
    _id: int
    _origin: str | None
    _tape: Tape | Moved | None
    is_parameter: ClassVar[bool] = False
    is_mutable: ClassVar[bool] = False
    """Whether the data may be written in place, so that no other value may share it."""

    def _result(self, data: Array, tape: Tape | None, origin: str | None, id: int) -> Any:
        """Make the tensor that holds an op's result."""
        raise TypeError("a bare Value has no results")

    def _handle(self, tape: Tape | None) -> Any:
        """Make another tensor of the same value: same id and elements."""
        data = self._data.copy() if self.is_mutable else self._data
        return self._result(data, tape, self._origin, self._id)


class Node(Protocol):
    """One recorded op: it turns the cotangent of its result into those of its operands."""

    stamp: int
    inputs: tuple[int | None, ...]
    spent: bool

    @property
    def name(self) -> str:
        """The op's name, for messages."""

    def pull(self, operand: int, g: Array) -> Array:
        """Return the cotangent of one operand, in that operand's shape and dtype."""

    def release(self) -> None:
        """Free what was saved for the backward pass; the op is spent from now on."""


@final
class Tape:
    """A record of ops, owned by one tensor; also the type argument of a tensor that owns one.

    Attributes:
        nodes: the recorded ops by stamp; the stamps give the order.
        leaves: the values to give gradients for, by id, with the version of their data.
        borrowed: values that an op on this tape used while another tape holds their history.
        held: whether a tensor owns this tape now.
    """

    __slots__ = ("borrowed", "held", "leaves", "nodes")

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.leaves: dict[int, tuple[Value, int]] = {}
        self.borrowed: dict[int, str] = {}
        self.held = True

    def __repr__(self) -> str:
        return f"Tape({len(self.nodes)} ops)"

    def add_leaf(self, value: Value) -> None:
        """Ask for this value's gradient."""
        if value._id not in self.leaves:
            self.leaves[value._id] = (value, getattr(value, "version", 0))

    def note(self, value: Value) -> None:
        """Note an operand that is no part of this tape but is not a constant either."""
        if value._origin == LEAF:
            self.add_leaf(value)
        elif value._origin is not None:
            self.borrowed[value._id] = value._origin

    def claim(self, op: str) -> None:
        """Give the tape to a tensor.

        Raises:
            TapeError: a tensor owns it already, or a backward pass consumed it.
        """
        if self.held:
            raise TapeError(f"{op}: this tape already has an owner, or was consumed")
        self.held = True

    def absorb(self, other: Tape) -> Tape:
        """Merge another tape into this one, or the other way round, whichever is shorter."""
        if other is self:
            return self
        if len(other.nodes) > len(self.nodes):
            return other.absorb(self)
        self.nodes |= other.nodes
        for id, leaf in other.leaves.items():
            if id not in self.leaves or _is_older(leaf, self.leaves[id]):
                self.leaves[id] = leaf
        self.borrowed |= other.borrowed
        other.nodes = {}
        return self

    def fork(self) -> Tape:
        """Return a tape with the same history, for another result of the same op."""
        tape = Tape()
        tape.nodes = dict(self.nodes)
        tape.leaves = dict(self.leaves)
        tape.borrowed = dict(self.borrowed)
        return tape


def _is_older(leaf: tuple[Value, int], mine: tuple[Value, int]) -> bool:
    """Tell which of two records of a parameter counts: the older one, as it was written since."""
    return leaf[0].is_parameter and (not mine[0].is_parameter or leaf[1] < mine[1])


def require_tape_present(value: Value, op: str) -> None:
    """Require that the value's tape, if it ever had one, has not moved.

    Raises:
        TapeMovedError: another op took it.
    """
    tape = value._tape
    if type(tape) is Moved:
        if tape.op == "backward":
            raise TapeMovedError(
                f"{op}: an earlier backward consumed the tape of this tensor: "
                "run the forward pass again"
            )
        raise TapeMovedError(
            f"{op}: the tape of this tensor moved into the result of {tape.op!r}: "
            "use x.with_empty_tape() for one of the two"
        )


def take_tapes(values: Iterable[Value], op: str) -> Tape | None:
    """Take the tapes of the operands and return them merged, or None if none owns one.

    Call `require_tape_present` on all operands first: nothing is checked here, so that an op that
    fails leaves every tape in place.
    """
    merged: Tape | None = None
    for value in values:
        tape = value._tape
        if type(tape) is Tape:
            merged = tape if merged is None else merged.absorb(tape)
            value._tape = Moved(op)
    return merged


def share_tapes(values: Sequence[Any], op: str) -> Iterator[Any]:
    """Take the tapes of an op with several results, of which each gets the whole history.

    Returns the values again, one after the other, each on a handle that owns such a tape, or the
    values themselves if none owns one. The tapes move at once, the handles are made when asked for.

    Raises:
        TapeMovedError: the tape of one of the values moved; all others stay in place.
    """
    for value in values:
        require_tape_present(value, op)
    merged = take_tapes(values, op)
    if merged is None:
        return iter(values)
    for value in values:
        if value._tape is None:
            merged.note(value)
    return (x._handle(merged.fork()) for x in values)


@final
class Gradients(Mapping["Tensor[Any, Any, Any]", "Tensor[Any, Any, Any]"]):
    """The gradients of one backward pass, by parameter or traced input. Immutable.

    ``gradients[p]`` has the shape and dtype of ``p``. Sums and multiples of gradients are new
    ones, for accumulation over several batches.
    """

    __slots__ = ("_arrays", "_leaves")

    def __init__(self, leaves: Mapping[int, Value], arrays: Mapping[int, Array]) -> None:
        self._leaves = leaves
        self._arrays = arrays

    def __getitem__(self, key: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]:
        array = self._arrays.get(key._id)
        if array is None:
            raise KeyError(
                f"no gradient for {describe(key)}: the loss does not depend on it, "
                "or it is neither a parameter nor traced"
            )
        result: Tensor[S, NoTape, D] = key._result(array, None, None, next_id())
        return result

    def __contains__(self, key: object) -> bool:
        return isinstance(key, Value) and key._id in self._arrays

    def __iter__(self) -> Iterator[Tensor[Any, Any, Any]]:
        return (self._leaves[id] for id in self._arrays)  # type: ignore[misc]

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        names = ", ".join(describe(self._leaves[id]) for id in self._arrays)
        return f"Gradients({names})"

    def __add__(self, other: Gradients) -> Gradients:
        """Add gradients; what only one of them has counts as zero in the other."""
        arrays = dict(self._arrays)
        for id, array in other._arrays.items():
            arrays[id] = np.asarray(arrays[id] + array) if id in arrays else array
        return Gradients({**self._leaves, **other._leaves}, arrays)

    def __mul__(self, factor: float) -> Gradients:
        scaled = {id: np.asarray(array * float(factor)) for id, array in self._arrays.items()}
        return Gradients(self._leaves, scaled)

    __rmul__ = __mul__

    def norm(self) -> float:
        """Return the Euclidean norm over all gradients together."""
        total = sum(float(np.vdot(a, a)) for a in map(_as_float64, self._arrays.values()))
        return float(np.sqrt(total))

    def clip_norm(self, limit: float) -> Gradients:
        """Scale all gradients so that their common norm is at most ``limit``.

        Raises:
            ValueError: the limit is not positive.
        """
        if not limit > 0:
            raise ValueError(f"clip_norm: the limit must be positive, got {limit}")
        norm = self.norm()
        return self if norm <= limit else self * (limit / norm)


def _as_float64(array: Array) -> Array:
    return array.astype(np.float64).ravel()


def describe(value: Value) -> str:
    """Name a value in a message: the path of a parameter, else the shape."""
    path = getattr(value, "path", "")
    kind = "parameter" if value.is_parameter else "tensor"
    return f'{kind} "{path}"' if path else f"a {kind} of shape {value._data.shape}"


def run_backward(loss: Value, tape: Tape, wrt: Iterable[Value] | None) -> Gradients:
    """Run the backward pass from a scalar and consume its tape.

    Everything is checked before the first vector-Jacobian product; an error leaves the tape.
    """
    nodes = [tape.nodes[stamp] for stamp in sorted(tape.nodes)]
    _require_unspent(nodes)
    _require_complete(loss, tape, nodes)
    _require_unchanged(tape)
    leaves = {id: leaf for id, (leaf, _) in tape.leaves.items()}
    if wrt is not None:
        wanted = {value._id for value in wrt}
        leaves = {id: leaf for id, leaf in leaves.items() if id in wanted}
    loss._tape = Moved("backward")
    tape.nodes = {}
    return Gradients(leaves, _pull_back(loss, nodes, leaves))


def _pull_back(loss: Value, nodes: list[Node], wanted: Iterable[int]) -> dict[int, Array]:
    leaves = set(wanted)
    needed = set(leaves)
    for node in nodes:
        if not needed.isdisjoint(node.inputs):
            needed.add(node.stamp)
    found: dict[int, Array] = {}
    cotangents = _Cotangents()
    if loss._id in needed:
        cotangents.add(loss._id, np.ones((), loss._data.dtype))
    while nodes:
        node = nodes.pop()  # popped, so that what the node saved is freed as the pass goes
        g = cotangents.take(node.stamp)
        if g is not None:
            if node.stamp in leaves:
                found[node.stamp] = g
            for operand, id in enumerate(node.inputs):
                if id in needed and id is not None:
                    cotangents.add(id, node.pull(operand, g))
        node.release()
    return found | cotangents.rest()


class _Cotangents:
    """Cotangents by id; a sum is made once and then added to in place, as nobody else holds it."""

    __slots__ = ("_arrays", "_own")

    def __init__(self) -> None:
        self._arrays: dict[int, Array] = {}
        self._own: set[int] = set()

    def add(self, id: int, g: Array) -> None:
        old = self._arrays.get(id)
        if old is None:
            self._arrays[id] = g
        elif id in self._own:
            np.add(old, g, old)
        else:
            self._arrays[id] = np.asarray(old + g)
            self._own.add(id)

    def take(self, id: int) -> Array | None:
        return self._arrays.pop(id, None)

    def rest(self) -> dict[int, Array]:
        return self._arrays


def _require_unspent(nodes: list[Node]) -> None:
    """Require that no other backward pass ran over ops that this tape shares with another one."""
    if any(node.spent for node in nodes):
        raise TapeError(
            "backward: another backward pass consumed part of this history: "
            "add the losses and call backward once, on the sum"
        )


def _require_complete(loss: Value, tape: Tape, nodes: list[Node]) -> None:
    """Require that every recorded value the loss depends on has its op on this tape."""
    if not tape.borrowed:
        return
    reached = {loss._id}
    for node in reversed(nodes):
        if node.stamp in reached:
            reached.update(id for id in node.inputs if id is not None)
    missing = (reached & tape.borrowed.keys()) - {node.stamp for node in nodes}
    if missing:
        op = tape.borrowed[min(missing)]
        raise IncompleteTapeError(
            f"backward: the loss depends on a result of {op!r} whose history is on another tape: "
            "add the losses of both branches and call backward once, on the sum, "
            "or put_tape() the tape that was split off"
        )


def _require_unchanged(tape: Tape) -> None:
    for leaf, version in tape.leaves.values():
        if leaf.is_parameter and leaf.version != version:  # type: ignore[attr-defined]
            writer = leaf.writer  # type: ignore[attr-defined]
            raise ParameterChangedError(
                f"backward: {describe(leaf)} was changed by {writer} after the forward pass: "
                "run the forward pass again"
            )


def require_tape(value: Value, op: str) -> Tape:
    """Return the tape that the value owns.

    Raises:
        TapeMovedError: it moved.
        TapeError: there never was one.
    """
    from tensorlib.shapes.registry import TapeRule

    require_tape_present(value, op)
    TapeRule.NEEDS_TAPE.check(value._tape is not None, op)
    if type(value._tape) is not Tape:
        raise TapeError(f"{op}: this tensor owns no tape")
    return value._tape
