"""The backward pass: from a scalar back over what its tape recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from tensorlib.gradients import Gradients
from tensorlib.shapes.errors import IncompleteTapeError, ParameterChangedError, TapeError
from tensorlib.tape import Array, Moved, Node, Record, Tape, Unrecorded, Value, describe


def run_backward(loss: Value, tape: Tape, wrt: Iterable[Value] | None) -> Gradients:
    """Run the backward pass from a scalar and consume its tape.

    Everything is checked before the first vector-Jacobian product; an error leaves the tape.
    """
    record = tape.record.merged()
    nodes = [record.nodes.pop(stamp) for stamp in sorted(record.nodes)]
    wanted = None if wrt is None else {value._id for value in wrt}
    _require_unspent(nodes)
    _require_complete(loss, record, nodes, wanted)
    _require_unchanged(record)
    leaves = {id: leaf for id, (leaf, _) in record.leaves.items()}
    if wanted is not None:
        leaves = {id: leaf for id, leaf in leaves.items() if id in wanted}
    loss._tape = Moved("backward")
    tape.record = Record()
    return Gradients(leaves, _pull_back(loss, nodes, leaves))


def _pull_back(loss: Value, nodes: list[Node], wanted: Iterable[int]) -> dict[int, Array]:
    leaves = set(wanted)
    needed = set(leaves)
    for node in nodes:
        if not needed.isdisjoint(node.inputs):
            needed.update(node.outputs)
    found: dict[int, Array] = {}
    cotangents = _Cotangents()
    if loss._id in needed:
        cotangents.add(loss._id, np.ones((), loss._data.dtype))
    while nodes:
        node = nodes.pop()  # popped, so that what the node saved is freed as the pass goes
        for leaf in leaves.intersection(node.outputs):
            cotangents.keep(leaf, found)
        g = node.cotangent(cotangents.take)
        if g is not None:
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

    def keep(self, id: int, found: dict[int, Array]) -> None:
        if id in self._arrays:
            found[id] = self._arrays[id]

    def rest(self) -> dict[int, Array]:
        return self._arrays


def _require_unspent(nodes: list[Node]) -> None:
    """Require that no other backward pass ran over ops that this tape shares with another one."""
    if any(node.spent for node in nodes):
        raise TapeError(
            "backward: another backward pass consumed part of this history: "
            "add the losses and call backward once, on the sum"
        )


def _require_complete(
    loss: Value, record: Record, nodes: list[Node], wanted: Collection[int] | None
) -> None:
    """Require that every op by which the loss depends on a leaf is on this tape.

    Args:
        wanted: the ids of the leaves to give gradients for; None for all.
    """
    if not record.borrowed:
        return
    reached = {loss._id}
    for node in reversed(nodes):
        if not reached.isdisjoint(node.outputs):
            reached.update(id for id in node.inputs if id is not None)
    missing = (reached & record.borrowed.keys()).difference(*(node.outputs for node in nodes))
    for id in sorted(missing):
        origin = record.borrowed[id]
        if not isinstance(origin, Unrecorded):
            raise IncompleteTapeError(
                f"backward: the loss depends on a result of {origin!r} whose history is on another "
                "tape: add the losses of both branches and call backward once, on the sum, "
                "or put_tape() the tape that was split off"
            )
        for parameter in origin.parameters.values():
            if parameter._origin is not None and (wanted is None or parameter._id in wanted):
                raise IncompleteTapeError(
                    f"backward: the loss depends on {describe(parameter)} through {origin.op!r}, "
                    "which no tape recorded, as no operand owned one: use p.with_tape_of(x) there, "
                    "or .detach() the result if a constant is meant"
                )


def _require_unchanged(record: Record) -> None:
    for leaf, version in record.leaves.values():
        if leaf.is_parameter and leaf.version != version:  # type: ignore[attr-defined]
            writer = leaf.writer  # type: ignore[attr-defined]
            raise ParameterChangedError(
                f"backward: {describe(leaf)} was changed by {writer} after the forward pass: "
                "run the forward pass again"
            )
