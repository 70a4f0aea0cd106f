"""The gradient tape: what an op records, and who owns the record.

A tape is owned by exactly one tensor at a time. A recording op takes the tapes of its operands,
merges them, adds a node, and gives the tape to its result; parameters and inputs never own one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias, final

import numpy as np

from tensorlib import recording
from tensorlib.shapes.errors import TapeError, TapeMovedError
from tensorlib.shapes.registry import TapeRule

Array = np.ndarray[Any, np.dtype[Any]]

next_id: Final[Callable[[], int]] = itertools.count(1).__next__
"""Gives ids, which are the order of creation as well; atomic, hence safe in threads."""

LEAF: Final = "leaf"
"""The origin of parameters and of tensors on which `traced` was called."""


Origin: TypeAlias = "str | Unrecorded | None"


@final
class NoTape:
    """Type argument of a tensor that owns no gradient tape.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.zeros((3,))
        >>> x.owns_tape, x.traced().owns_tape
        (False, True)
    """

    def __init__(self) -> None:
        raise TypeError("NoTape is a type argument only: Tensor[Shape[3], NoTape]")


class Moved:
    """Stands where a tape was before an op took it, and names that op."""

    __slots__ = ("op",)

    def __init__(self, op: str) -> None:
        self.op = op


class Unrecorded:
    """The origin of what an op made of trained parameters alone, so that no tape saw it.

    Where a loss depends on it, the gradients of these parameters would silently be short.

    Attributes:
        op: the name of the op.
        parameters: all that it was made of, by id.
    """

    __slots__ = ("op", "parameters")

    def __init__(self, op: str, parameters: Mapping[int, Value]) -> None:
        self.op = op
        self.parameters = parameters


class Value:
    """What the tape knows of a tensor: its data, its id, who owns the record, where it is from.

    The origin is `LEAF`, the name of the recorded op that made it, `Unrecorded`, or None for a
    constant.
    """

    __slots__ = ("__weakref__", "_data", "_id", "_origin", "_tape")

    _data: Array
    _id: int
    _origin: Origin
    _tape: Tape | Moved | None
    is_parameter: ClassVar[bool] = False
    is_mutable: ClassVar[bool] = False
    """Whether the data may be written in place, so that no other value may share it."""

    def _result(self, data: Array, tape: Tape | None, origin: Origin, id: int) -> Any:
        """Make the tensor that holds an op's result."""
        raise TypeError("a bare Value has no results")

    def _handle(self, tape: Tape | None) -> Any:
        """Make another tensor of the same value: same id and elements."""
        if recording.active:
            recording.require_known([self])
        data = self._copied() if self.is_mutable else self._data
        return self._result(data, tape, self._origin, self._id)

    def _copied(self) -> Array:
        """Return a copy of the elements."""
        recording.require_known([self])
        return recording.noted(np.copy)(self._data)


class Node(Protocol):
    """One recorded op: it turns the cotangents of its results into those of its operands."""

    stamp: int
    inputs: Sequence[int | None]
    outputs: tuple[int, ...]

    @property
    def name(self) -> str:
        """The op's name, for messages."""
        raise NotImplementedError

    @property
    def spent(self) -> bool:
        """Whether a backward pass ran over it."""
        raise NotImplementedError

    def pull_back(
        self, cotangents: dict[int, Array], needed: Container[int | None]
    ) -> list[tuple[int, Array]]:
        """Return the cotangents of the operands, and free what was saved for that.

        Args:
            cotangents: what reached each value, by id; those of the results are taken out.
            needed: the ids of the operands to return anything for.

        Returns:
            ids and cotangents, each in its operand's shape and dtype.
        """
        raise NotImplementedError


class Record:
    """What was recorded: ops, leaves, and what else the ops used.

    Attributes:
        nodes: the recorded ops by stamp; the stamps give the order.
        leaves: the values to give gradients for, by id, with the version of their data.
        borrowed: the origins of values that an op used while another tape, or none, holds their
            history.
        before: earlier records that belong to this one, each shared with other tapes and final.
    """

    __slots__ = ("before", "borrowed", "leaves", "nodes")

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.leaves: dict[int, tuple[Value, int]] = {}
        self.borrowed: dict[int, str | Unrecorded] = {}
        self.before: frozenset[Record] = frozenset()

    def add_leaf(self, value: Value) -> None:
        """Ask for this value's gradient."""
        if value._id not in self.leaves:
            version = value.version if value.is_mutable else 0  # type: ignore[attr-defined]
            self.leaves[value._id] = (value, version)

    def note(self, value: Value) -> None:
        """Note an operand whose history is not here but that is no constant either."""
        if value._origin is LEAF:
            if value._id not in self.leaves:
                self.add_leaf(value)
        elif value._origin is not None:
            self.borrowed[value._id] = value._origin

    def all(self) -> Iterator[Record]:
        """Go through this record and all records before it, each once."""
        seen: set[Record] = {self}
        rest: list[Record] = [self]
        while rest:
            record = rest.pop()
            yield record
            rest.extend(record.before - seen)
            seen |= record.before

    def merged(self) -> Record:
        """Return all that was recorded as one record, with nothing before it."""
        whole = Record()
        for record in self.all():
            whole._take_over(record)
        return whole

    def absorb(self, other: Record) -> None:
        """Take over what another record has itself, and what was before it."""
        self._take_over(other)
        if other.before is not self.before:
            self.before |= other.before

    def _take_over(self, other: Record) -> None:
        self.nodes |= other.nodes
        for id, leaf in other.leaves.items():
            if id not in self.leaves or _is_older(leaf, self.leaves[id]):
                self.leaves[id] = leaf
        self.borrowed |= other.borrowed


@final
class Tape:
    """A record of ops, owned by one tensor; also the type argument of a tensor that owns one.

    Attributes:
        record: what was recorded.
        held: whether a tensor owns this tape now.

    Example:
        >>> import tensorlib as tl
        >>> y = tl.zeros((3,)).traced().exp().sum()
        >>> _, tape = y.split_tape()
        >>> tape
        Tape(2 ops)
    """

    __slots__ = ("held", "record")

    def __init__(self) -> None:
        self.record = Record()
        self.held = True

    def __repr__(self) -> str:
        return f"Tape({sum(len(record.nodes) for record in self.record.all())} ops)"

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
        if len(other.record.nodes) > len(self.record.nodes):
            return other.absorb(self)
        self.record.absorb(other.record)
        other.record = Record()
        return self

    def fork(self, count: int) -> list[Tape]:
        """Return so many tapes that share this history: for the results of one op.

        What is recorded so far is copied nowhere: each tape refers to it and goes on by itself.
        """
        tapes = [Tape() for _ in range(count)]
        for tape in tapes:
            tape.record.before = frozenset((self.record,))
        return tapes


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


def take_tapes(values: Iterable[Value], moved: Moved) -> Tape:
    """Take the tapes of the operands, of which at least one owns one, and return them merged.

    Call `require_tape_present` on all operands first: nothing is checked here, so that an op that
    fails leaves every tape in place.
    """
    merged: Tape | None = None
    for value in values:
        tape = value._tape
        if type(tape) is Tape:
            merged = tape if merged is None else merged.absorb(tape)
            value._tape = moved
    assert merged is not None, "no operand owns a tape"
    return merged


def origin_without_tape(op: str, operands: Iterable[Value]) -> Unrecorded | None:
    """Return the origin of a result of operands none of which owns a tape.

    It is a constant unless all of them are trained parameters, or made of such in this way.
    """
    parameters: dict[int, Value] = {}
    for value in operands:
        origin = value._origin
        if type(origin) is Unrecorded:
            parameters.update(origin.parameters)
        elif value.is_parameter and origin is not None:
            parameters[value._id] = value
        else:
            return None
    return Unrecorded(op, parameters)


class TapesKeptOnError:
    """Runs what is made of several ops so that tensors have their tapes again if it fails midway.

    Args:
        operands: tensors, and tuples and lists of such; all else is passed over.
    """

    __slots__ = ("_tapes",)

    def __init__(self, *operands: object) -> None:
        self._tapes: list[tuple[Value, Record, _State]] = []
        self._keep(operands)

    def _keep(self, operands: Sequence[object]) -> None:
        for x in operands:
            if isinstance(x, Value):
                tape = x._tape
                if type(tape) is Tape:
                    self._tapes.append((x, tape.record, _State.of(tape.record)))
            elif isinstance(x, tuple | list):
                self._keep(x)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            return
        for value, record, state in self._tapes:
            if type(value._tape) is Moved:
                value._tape = Tape()
                value._tape.record = state.restored(record)


class _State(NamedTuple):
    """How far a record had come: what it holds only ever grows, in order."""

    nodes: int
    leaves: int
    borrowed: int
    before: frozenset[Record]

    @classmethod
    def of(cls, record: Record) -> _State:
        return cls(len(record.nodes), len(record.leaves), len(record.borrowed), record.before)

    def restored(self, record: Record) -> Record:
        """Return what a record held then, as a record of its own."""
        then = Record()
        then.nodes = dict(islice(record.nodes.items(), self.nodes))
        then.leaves = dict(islice(record.leaves.items(), self.leaves))
        then.borrowed = dict(islice(record.borrowed.items(), self.borrowed))
        then.before = self.before
        return then


def describe(value: Value) -> str:
    """Name a value in a message: the path of a parameter, else the shape."""
    path = getattr(value, "path", "")
    kind = "parameter" if value.is_parameter else "tensor"
    return f'{kind} "{path}"' if path else f"a {kind} of shape {value._data.shape}"


def require_tape(value: Value, op: str) -> Tape:
    """Return the tape that the value owns.

    Raises:
        TapeMovedError: it moved.
        TapeError: there never was one.
    """
    require_tape_present(value, op)
    TapeRule.NEEDS_TAPE.check(value._tape is not None, op)
    if type(value._tape) is not Tape:
        raise TapeError(f"{op}: this tensor owns no tape")
    return value._tape
