"""What is handed on as it came: batches, lists, arrays; ops under names of the user's own."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, data, losses, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
x, labels = tl.ones((6, 4)), tl.zeros((6,), np.int64)
layer, model = nn.Linear(4, 3), nn.Sequential(nn.Linear(4, 3), nn.ReLU())
lstm = nn.LSTM(4, 3)


class TwoHeads(nn.Module):
    """Returns two tensors."""

    def __init__(self) -> None:
        self.first, self.second = nn.Linear(4, 3), nn.Linear(4, 1)

    def forward(
        self, x: Tensor[Shape[N, 4], T]
    ) -> tuple[Tensor[Shape[N, 3], T], Tensor[Shape[N, 1], T]]:
        y = x.with_empty_tape()
        return self.first(x), self.second(y)


class Trainer:
    """Holds ops as attributes, and one that is not always the same."""

    def __init__(self, squared: bool) -> None:
        self.activation = tl.relu
        self.criterion = losses.nll_loss
        self.either = losses.mae_loss
        if squared:
            self.either = losses.mse_loss

    def moved_here(self) -> None:
        h = x.traced()
        self.activation(h)
        (h + 1.0)  # E: add: the tape of "h" moved into "self.activation(h)" on line 43: use h.with_empty_tape() for one of the two  [tensor-tape]


net, trainer = TwoHeads(), Trainer(squared=True)


def array() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.ones((6, 4), np.float32)


def case_batch_of_one() -> None:
    for batch in data.batches(x, batch_size=3):
        layer(batch)  # E: Linear(4, 3): expected a tensor, got a tuple of one tensor: unpack it, as in (x,) = batch  [arg-type]


def case_batch_of_two() -> None:
    for batch in data.batches(x, labels, batch_size=3):
        layer(batch)  # E: Linear(4, 3): expected a tensor, got a tuple of tensors: unpack it, as in x, y = batch  [arg-type]


def case_batch_for_a_container() -> None:
    for batch in data.batches(x, batch_size=3):
        model(batch)  # E: Sequential[0] Linear(4, 3): expected a tensor, got a tuple of 1: unpack it, or hand on one of them in a module of your own  [tensor-shape]


def case_batch_for_an_op() -> None:
    for batch in data.batches(x, batch_size=3):
        tl.relu(batch)  # E: relu: expected a tensor, got a tuple of one tensor: unpack it, as in (x,) = batch  [arg-type]


def case_batch_beside_an_operator() -> None:
    for batch in data.batches(x, batch_size=3):
        x[:3] * batch  # E: multiply: expected a tensor, got a tuple of one tensor: unpack it, as in (x,) = batch  [arg-type]


def case_batch_for_a_loss() -> None:
    for batch in data.batches(x, batch_size=3):
        losses.mse_loss(batch, x[:3])  # E: mse_loss: expected a tensor, got a tuple of one tensor: unpack it, as in (x,) = batch  [arg-type]


def case_several_results() -> None:
    losses.cross_entropy(net(x), labels)  # E: cross_entropy: expected a tensor, got a tuple of tensors: unpack it, as in x, y = batch  [arg-type]


def case_several_parts() -> None:
    tl.relu(x.split(2))  # E: relu: expected a tensor, got a tuple of tensors: unpack it, as in x, y = batch  [arg-type]


def case_state_too() -> None:
    layer(lstm(tl.ones((2, 5, 4))))  # E: Linear(4, 3): expected a tensor, got a tuple of tensors: unpack it, as in x, y = batch  [arg-type]


def case_nested_in_a_group() -> None:
    tl.stack([x, (x, x)])  # E: stack: expected a tensor, got a tuple of tensors: unpack it, as in x, y = batch  [arg-type]


def case_list() -> None:
    layer([x, x])  # E: Linear(4, 3): expected a tensor, got a list of tensors: join them with tl.stack or tl.concat  [arg-type]


def case_list_by_name() -> None:
    parts = [x, x]
    model(parts)  # E: Sequential: expected a tensor, got a list of tensors: join them with tl.stack or tl.concat  [arg-type]


def case_array_of_a_function() -> None:
    layer(array())  # E: Linear(4, 3): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_array_of_a_tensor() -> None:
    model(x.numpy())  # E: Sequential: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_attribute() -> None:
    trainer.criterion(tl.ones((5, 3)), labels)  # E: nll_loss: target must have shape (5,) for input (5, 3), got (6,): 6 is not 5  [tensor-shape]


def case_layer_of_an_attribute() -> None:
    trainer.activation((x,))  # E: relu: expected a tensor, got a tuple of one tensor: unpack it, as in (x,) = batch  [arg-type]


def case_tuple_of_ints() -> None:
    x + (1, 2)  # E: add: expected a tensor, got tuple: wrap it with tl.tensor(...)  [arg-type]


def case_a_tensor_for_several() -> None:
    tl.stack(tl.zeros((2, 3)))  # E: stack: expected a tuple or list of tensors, got Tensor  [arg-type]


def case_an_array_for_several() -> None:
    tl.concat(np.zeros((2, 3)), axis=1)  # E: concat: expected a tuple or list of tensors, got ndarray  [arg-type]


def case_none_for_several() -> None:
    tl.concat(None)  # E: concat: expected a tuple or list of tensors, got NoneType  [arg-type]


def case_a_dict_for_several() -> None:
    tl.stack({"a": x, "b": x})  # E: stack: expected a tuple or list of tensors, got dict  [arg-type]


def case_a_generator_for_several() -> None:
    tl.stack(row for row in [x, x])  # E: stack: expected a tuple or list of tensors, got generator  [arg-type]


def case_a_number_for_several() -> None:
    tl.concat(3)  # E: concat: expected a tuple or list of tensors, got int  [arg-type]
