"""Rearranging: the number of elements stays, the axes exist."""

from __future__ import annotations

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
Batch = TypeVarTuple("Batch")


def case_reshape() -> None:
    tl.zeros((2, 3)).reshape((7,))  # E: reshape: the number of elements must stay, got (2, 3) and (7,): 6 is not 7; try x.reshape((-1,))  [tensor-shape]


def case_reshape_rest() -> None:
    tl.reshape(tl.zeros((2, 3)), (4, -1))  # E: reshape: the number of elements must stay, got (2, 3) and (4, -1): 6 is not a multiple of 4  [tensor-shape]


def case_reshape_two_rests() -> None:
    tl.zeros((2, 3)).reshape((-1, -1))  # E: reshape: only one dimension may be -1, got (-1, -1)  [tensor-shape]


def reshape_symbol(x: Tensor[Shape[N, 3]]) -> None:
    x.reshape((N_TWICE, 3))  # E: reshape: the number of elements must stay, got (N, 3) and (2, 3): 3*N is not 6; try x.reshape((-1, 3))  [tensor-shape]


N_TWICE = 2


def reshape_symbol_not_even(x: Tensor[Shape[N, 3]]) -> None:
    x.reshape((2, -1))  # E: reshape: the number of elements must stay, got (N, 3) and (2, -1): 3*N is not a multiple of 2  [tensor-shape]


def case_flatten() -> None:
    tl.zeros((2, 3)).flatten(1, 0)  # E: flatten: the start axis must not lie behind the end axis, got 1 and 0  [tensor-shape]


def case_flatten_scalar() -> None:
    nn.Flatten()(tl.tensor(1.0))  # E: Flatten(1, -1): axis 1 is out of range for shape (): a scalar has axis 0 here  [tensor-shape]


def flatten_beside_a_batch(x: Tensor[Shape[*Batch, N, 3]]) -> None:
    x.flatten(-1, -2)  # E: flatten: the start axis must not lie behind the end axis, got -1 and -2  [tensor-shape]


def flip_twice_beside_a_batch(x: Tensor[Shape[*Batch, N]]) -> None:
    x.flip(axis=(-2, -2))  # E: flip: axes must differ, got (-2, -2) for shape (*Batch, N)  [tensor-shape]


def case_flatten_axis() -> None:
    tl.flatten(tl.zeros((2, 3)), 2)  # E: flatten: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_permute() -> None:
    tl.zeros((2, 3)).permute((0, 0))  # E: permute: axes must differ, got (0, 0) for shape (2, 3)  [tensor-shape]


def case_permute_too_few() -> None:
    tl.permute(tl.zeros((2, 3, 4)), (1, 0))  # E: permute: expected one axis for each of 3 dimensions, got (1, 0) for shape (2, 3, 4)  [tensor-shape]


def case_transpose() -> None:
    tl.zeros((3,)).transpose()  # E: transpose: axis -2 is out of range for shape (3,): use -1 to 0  [tensor-shape]


def case_transpose_axis() -> None:
    tl.transpose(tl.zeros((2, 3)), 0, 2)  # E: transpose: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_broadcast_to() -> None:
    tl.zeros((2, 3)).broadcast_to((4, 4))  # E: broadcast_to: shape (2, 3) cannot be stretched to (4, 4): 3 is not 4 on axis -1  [tensor-shape]


def case_broadcast_to_fewer() -> None:
    tl.broadcast_to(tl.zeros((2, 3)), (3,))  # E: broadcast_to: shape (2, 3) has more dimensions than (3,)  [tensor-shape]


def case_broadcast_arrays() -> None:
    tl.broadcast_arrays(tl.zeros((2, 1)), tl.zeros((3, 4)))  # E: broadcast_arrays: shapes must be equal where neither is 1, got (2, 1) and (3, 4)  [tensor-shape]


def case_expect_shape() -> None:
    tl.zeros((2, 3)).expect_shape((2, 4))  # E: expect_shape: expected shape (2, 4), got (2, 3): axis 1 is 3, not 4  [tensor-shape]


def case_expect_shape_rank() -> None:
    tl.expect_shape(tl.zeros((2, 3)), (6,))  # E: expect_shape: expected shape (6,), got (2, 3): 2 dimensions, not 1  [tensor-shape]


def case_expand_dims() -> None:
    tl.zeros((2, 3)).expand_dims(3)  # E: expand_dims: axis 3 is out of range for a result of 3 dimensions: use -3 to 2  [tensor-shape]


def case_squeeze() -> None:
    tl.zeros((2, 3)).squeeze(1)  # E: squeeze: only axes of length 1 can be dropped, got axis 1 of (2, 3): 3 is not 1  [tensor-shape]


def case_squeeze_axis() -> None:
    tl.squeeze(tl.zeros((1, 3)), (0, 2))  # E: squeeze: axis 2 is out of range for shape (1, 3): use -2 to 1  [tensor-shape]


def squeeze_symbol(x: Tensor[Shape[N, 3]]) -> None:
    x.squeeze(0)  # E: squeeze: only axes of length 1 can be dropped, got axis 0 of (N, 3): N is not 1  [tensor-shape]


def case_flip() -> None:
    tl.zeros((2, 3)).flip(2)  # E: flip: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_roll() -> None:
    tl.zeros((2, 3)).roll(1, 2)  # E: roll: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_roll_shifts() -> None:
    tl.roll(tl.zeros((2, 3)), (1, 2), axis=0)  # E: roll: expected one axis for each shift, got 0 for (1, 2)  [tensor-shape]


def case_tile() -> None:
    tl.tile(tl.zeros((2, 3)), (2, -1))  # E: tile: repeats must not be negative, got (2, -1)  [tensor-shape]


def case_tril() -> None:
    tl.zeros((3,)).tril()  # E: tril: expected at least 2 dimensions, got shape (3,)  [tensor-shape]


def case_triu() -> None:
    tl.triu(tl.zeros((3,)), 1)  # E: triu: expected at least 2 dimensions, got shape (3,)  [tensor-shape]
