"""The backward pass: from a scalar back over what its tape recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from tensorlib import recording
from tensorlib.gradients import Gradients
from tensorlib.shapes.errors import IncompleteTapeError, ParameterChangedError, TapeError
from tensorlib.tape import Array, Moved, Node, Record, Tape, Unrecorded, Value, describe

_BACKWARD = Moved("backward")


def run_backward(loss: Value, tape: Tape, wrt: Iterable[Value] | None) -> Gradients:
    """Run the backward pass from a scalar and consume its tape.

    Everything is checked before the first vector-Jacobian product; an error leaves the tape.
    """
    record = tape.record.merged() if tape.record.before else tape.record
    nodes = [record.nodes[stamp] for stamp in sorted(record.nodes)]
    wanted = None if wrt is None else {value._id for value in wrt}
    _require_unspent(nodes)
    _require_complete(loss, record, nodes, wanted)
    _require_unchanged(record)
    leaves = {id: leaf for id, (leaf, _) in record.leaves.items()}
    if wanted is not None:
        leaves = {id: leaf for id, leaf in leaves.items() if id in wanted}
    loss._tape = _BACKWARD
    tape.record = Record()
    record.nodes.clear()
    return Gradients(leaves, _pull_back(loss, nodes, leaves))


def _pull_back(loss: Value, nodes: list[Node], wanted: Iterable[int]) -> dict[int, Array]:
    leaves = set(wanted)
    needed: set[int | None] = {*leaves}
    for node in nodes:
        if not needed.isdisjoint(node.inputs):
            needed.update(node.outputs)
    kept: dict[int, Array] = {}
    cotangents: dict[int, Array] = {}
    own: set[int] = set()  # sums, which are added to in place, as nobody else holds them
    if loss._id in needed:
        cotangents[loss._id] = np.array(1.0, loss._data.dtype)  # a tenth of what np.ones takes
    while nodes:
        node = nodes.pop()  # popped, so that what the node saved is freed as the pass goes
        if not leaves.isdisjoint(node.outputs):
            kept.update((id, cotangents[id]) for id in node.outputs if id in cotangents)
        for id, pulled in node.pull_back(cotangents, needed):
            if id not in cotangents:
                cotangents[id] = pulled
            elif id in own:
                recording.noted(np.add)(cotangents[id], pulled, cotangents[id])
            else:
                total = recording.noted(np.add, kind="ELEMENTWISE")(cotangents[id], pulled)
                if type(total) is not np.ndarray:
                    total = recording.noted(np.asarray, kind="PURE")(total)
                cotangents[id] = total
                own.add(id)
    return {id: g for id, g in (kept | cotangents).items() if id in leaves}


def _require_unspent(nodes: list[Node]) -> None:
    """Require that no other backward pass ran over ops that this tape shares with another one."""
    for node in nodes:
        if node.spent:
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
