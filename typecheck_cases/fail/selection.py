"""Picking: indices are ints, masks are bools, and shapes fit."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
Batch = TypeVarTuple("Batch")


def case_float_index() -> None:
    tl.zeros((4, 3))[tl.zeros((2,))]  # E: getitem: an index tensor must be of ints or bools, got float32: use .astype(np.int64)  [tensor-dtype]


def case_separated_tensors() -> None:
    i = tl.tensor([0, 1])
    tl.zeros((4, 3, 2))[i, :, i]  # E: getitem: index tensors and ints must stand side by side, as the place of their axes in the result is unclear otherwise: index in two steps, or permute the axes first  [tensor-shape]


def case_int_apart() -> None:
    tl.zeros((4, 3, 2))[0, :, tl.tensor([0, 1])]  # E: getitem: index tensors and ints must stand side by side, as the place of their axes in the result is unclear otherwise: index in two steps, or permute the axes first  [tensor-shape]


def case_tensors_that_do_not_stretch() -> None:
    tl.zeros((4, 3))[tl.tensor([0, 1]), tl.tensor([0, 1, 2])]  # E: getitem: index tensors must have equal lengths where neither is 1, got (2,) and (3,)  [tensor-shape]


def case_mask_of_another_length() -> None:
    tl.zeros((4, 3))[tl.zeros((3,), np.bool)]  # E: getitem: a mask must have the lengths of the axes that it stands for, got (3,) for (4,) of (4, 3): 3 is not 4  [tensor-shape]


def case_mask_of_another_shape() -> None:
    tl.zeros((4, 3))[tl.zeros((4, 2), np.bool)]  # E: getitem: a mask must have the lengths of the axes that it stands for, got (4, 2) for (4, 3) of (4, 3): 2 is not 3  [tensor-shape]


def case_mask_beside_indices() -> None:
    tl.zeros((4, 3))[tl.zeros((4,), np.bool), tl.tensor([0, 1])]  # E: getitem: a mask must be the only tensor of an index: index in two steps  [tensor-shape]


def case_scalar_mask() -> None:
    tl.zeros((4, 3))[tl.zeros((), np.bool)]  # E: getitem: a mask must have at least one dimension, got a scalar  [tensor-shape]


def case_too_many_tensors() -> None:
    tl.zeros((3,))[tl.tensor([0]), tl.tensor([0])]  # E: getitem: an index of 2 items is too long for shape (3,)  [tensor-shape]


def case_mask_too_long() -> None:
    tl.zeros((3,))[tl.zeros((3, 3), np.bool)]  # E: getitem: an index of 2 items is too long for shape (3,)  [tensor-shape]


def mask_of_symbols(x: Tensor[Shape[N, M]], mask: Tensor[Shape[M], NoTape, np.bool]) -> None:
    x[mask]  # E: getitem: a mask must have the lengths of the axes that it stands for, got (M,) for (N,) of (N, M): M is not N  [tensor-shape]
    x[:, mask]


def result_of_symbols(x: Tensor[Shape[N, M]], i: Tensor[Shape[K], NoTape, np.int64]) -> None:
    x[i] + x  # E: add: shapes must be equal, or one stretch to the other, got (K, M) and (N, M): K is not N on axis -2  [tensor-shape]


def case_take_floats() -> None:
    tl.zeros((4, 3)).take(tl.zeros((2,)), 0)  # E: take: indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_take_by_mask() -> None:
    x = tl.zeros((4, 3))
    x.take(x > 0)  # E: take: indices must be ints, got bool: select by a mask with x[mask]  [tensor-dtype]


def case_take_axis() -> None:
    tl.take(tl.zeros((4, 3)), tl.tensor([0]), axis=2)  # E: take: axis 2 is out of range for shape (4, 3): use -2 to 1  [tensor-shape]


def case_select() -> None:
    tl.zeros((4, 3)).select(tl.zeros((3,), np.int64))  # E: select: the indices must begin with (4,), the axes of (4, 3) before axis -1, got (3,): 3 is not 4  [tensor-shape]


def case_select_axis() -> None:
    tl.select(tl.zeros((4, 3, 2)), tl.zeros((5,), np.int64), 1)  # E: select: the indices must begin with (4,), the axes of (4, 3, 2) before axis 1, got (5,): 5 is not 4  [tensor-shape]


def select_symbols(x: Tensor[Shape[N, M]], i: Tensor[Shape[M], NoTape, np.int64]) -> None:
    x.select(i)  # E: select: the indices must begin with (N,), the axes of (N, M) before axis -1, got (M,): M is not N  [tensor-shape]
    x.select(i, 0)


def case_take_along_axis() -> None:
    tl.zeros((4, 3)).take_along_axis(tl.zeros((2, 3), np.int64))  # E: take_along_axis: beside axis -1, x and the indices must have the same shape, or one stretch to the other, got (4, 3) and (2, 3)  [tensor-shape]


def case_take_along_axis_rank() -> None:
    tl.take_along_axis(tl.zeros((4, 3)), tl.tensor([0, 1]), axis=0)  # E: take_along_axis: x and the indices must have as many dimensions, got (4, 3) and (2,)  [tensor-shape]


def case_scatter_add() -> None:
    tl.zeros((4, 3)).scatter_add(tl.zeros((4, 2), np.int64), tl.zeros((4, 3)))  # E: scatter_add: indices and src must have the same shape, got (4, 2) and (4, 3): 2 is not 3  [tensor-shape]


def case_scatter_add_beside() -> None:
    tl.scatter_add(tl.zeros((4, 3)), tl.zeros((2, 3), np.int64), tl.zeros((2, 3)), axis=1)  # E: scatter_add: the indices must have the shape of x but for axis 1, got (2, 3) and (4, 3): 2 is not 4  [tensor-shape]


def case_masked_select() -> None:
    x = tl.zeros((4, 3))
    x.masked_select(x)  # E: masked_select: the mask must be bool, got float32: compare it, e.g. mask != 0  [tensor-dtype]


def case_masked_select_shape() -> None:
    tl.masked_select(tl.zeros((4, 3)), tl.zeros((4,), np.bool))  # E: masked_select: shapes must be equal, or one stretch to the other, got (4, 3) and (4,): 3 is not 4 on axis -1  [tensor-shape]


def case_value_mask() -> None:
    tl.value_mask(tl.zeros((4, 3)), tl.zeros((3,)), 1.0)  # E: value_mask: x and mask must have the same shape, got (4, 3) and (3,)  [tensor-shape]


def case_nonzero_of_a_scalar() -> None:
    tl.zeros(()).nonzero()  # E: nonzero: a scalar has no axes: use x.reshape((1,))  [tensor-shape]


def how_many_is_not_known(x: Tensor[Shape[N, M]]) -> None:
    nn.Linear(5, 2)(x.argwhere())  # E: Linear(5, 2): expected last dimension 5, got 2; try nn.Linear(2, 2)  [tensor-shape]
    nn.Linear(5, 2)(x[x > 0])  # E: Linear(5, 2): expected last dimension 5, got (?,): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def case_one_hot_of_floats() -> None:
    tl.one_hot(tl.zeros((2,)), 3)  # E: one_hot: indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_one_hot_classes() -> None:
    tl.tensor([0, 1]).one_hot(-1)  # E: one_hot: the number of classes must not be negative, got -1  [tensor-shape]


def case_embedding_of_ints() -> None:
    tl.embedding(tl.tensor([0, 1]), tl.zeros((4, 3), np.int64))  # E: embedding: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_embedding_weight() -> None:
    tl.embedding(tl.tensor([0, 1]), tl.zeros((4,)))  # E: embedding: expected a weight of shape (V, E), got (4,)  [tensor-shape]


def case_embedding_padding() -> None:
    tl.embedding(tl.tensor([0, 1]), tl.zeros((4, 3)), padding_idx=4)  # E: embedding: padding_idx 4 is out of range for 4 rows  [tensor-shape]


def case_layer_of_floats() -> None:
    nn.Embedding(10, 4)(tl.zeros((2, 3)))  # E: Embedding(10, 4): expected dtype int64, got float32: convert it with .astype(np.int64)  [tensor-dtype]


def case_layer_of_no_words() -> None:
    nn.Embedding(0, 4)  # E: Embedding: num_embeddings must be positive, got 0  [tensor-shape]


def case_layer_of_negative_length() -> None:
    nn.Embedding(10, -4)  # E: Embedding: embedding_dim must be positive, got -4  [tensor-shape]


def case_layer_in_a_chain() -> None:
    nn.Sequential(nn.Embedding(10, 4), nn.Linear(5, 2))  # E: Sequential[1] Linear(5, 2): expected last dimension 5, got 4 from Sequential[0] Embedding(10, 4); try nn.Linear(4, 2)  [tensor-shape]


def case_untraced_words() -> None:
    nn.Embedding(10, 4)(tl.tensor([1, 2])).sum().backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def layer_of_symbols(size: N, dim: M, words: Tensor[Shape[*Batch], NoTape, np.int64]) -> None:
    nn.Embedding(size, dim)(words) + tl.zeros((size,))  # E: add: shapes must be equal, or one stretch to the other, got (*Batch, M) and (N,): M is not N on axis -1  [tensor-shape]
