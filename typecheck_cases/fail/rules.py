"""Rules: windows in ceil mode, slices and indices of symbols, item assignment, lists, einsum."""

from __future__ import annotations

from typing import Any

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
Batch = TypeVarTuple("Batch")


def case_ceil_mode() -> None:
    tl.zeros((1, 2, 4)).max_pool2d((5, 1), 3, ceil_mode=True)  # E: max_pool2d: the kernel must reach less than its stride beyond the padded operand, got shape (1, 2, 4): 5 is more than 4  [tensor-shape]


def case_ceil_mode_of_layer() -> None:
    nn.AvgPool1d(4, 2, ceil_mode=True)(tl.zeros((3, 2)))  # E: AvgPool1d(4, 2, 0, 1): the kernel must reach less than its stride beyond the padded operand, got shape (3, 2): 4 is more than 3  [tensor-shape]


def symbols_in_ceil_mode(x: Tensor[Shape[*Batch, 3, N, N]]) -> None:
    nn.MaxPool2d(2, ceil_mode=True)(x)
    nn.MaxPool2d(3, 2, ceil_mode=True)(x)  # E: MaxPool2d(3, 2, 0, 1, 1): the kernel must reach less than its stride beyond the padded operand, got shape (*Batch, 3, N, N): 3 may be more than N + 1, declare a size that suffices, such as "N + 2"  [tensor-shape]


def case_item_assignment() -> None:
    x = tl.zeros((2, 3))
    x[0] = 1.0  # E: setitem: tensors are immutable: make a new one with tl.where(mask, value, x), tl.concat of its parts, or tl.scatter_add  [index]


def case_item_assignment_by_a_mask() -> None:
    x = tl.zeros((2, 3))
    x[x > 0, ...] = x  # E: setitem: tensors are immutable: make a new one with tl.where(mask, value, x), tl.concat of its parts, or tl.scatter_add  [index]


def case_item_of_a_parameter() -> None:
    nn.Linear(2, 3).weight[0] += 1.0  # E: setitem: tensors are immutable: make a new one with tl.where(mask, value, x), tl.concat of its parts, or tl.scatter_add  [index]


def case_deleted_item() -> None:
    x = tl.zeros((2, 3))
    del x[0]  # E: delitem: tensors are immutable: keep the rest, with a slice or a mask, x[mask], or tl.concat of two parts  [index]


def augmented(x: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    x += 1.0
    x *= x
    return x


def indices(x: Tensor[Shape[N, 6]], n: N, m: M, k: K) -> None:
    x[0, 5], x[n - 1], x[-n], x[-1]
    x[n]  # E: getitem: index N is out of range for axis 0 of shape (N, 6)  [tensor-shape]
    x[-n - 1]  # E: getitem: index -N - 1 is out of range for axis 0 of shape (N, 6)  [tensor-shape]
    x[m]  # E: getitem: index M may be out of range for axis 0 of shape (N, 6): declare a size that suffices, such as "N + M"  [tensor-shape]
    x[2]  # E: getitem: index 2 may be out of range for axis 0 of shape (N, 6): declare a size that suffices, such as "N + 2"  [tensor-shape]
    x[-2]  # E: getitem: index -2 may be out of range for axis 0 of shape (N, 6): declare a size that suffices, such as "N + 1"  [tensor-shape]
    x[..., 6]  # E: getitem: index 6 is out of range for axis -1 of shape (N, 6)  [tensor-shape]
    x[:, k // 2]  # E: getitem: index K//2 may be out of range for axis 1 of shape (N, 6): declare a size that suffices  [tensor-shape]


def no_index(
    x: Tensor[Shape[N, 6]], array: np.ndarray[Any, Any], i: np.int64, some: tuple[int, ...]
) -> None:
    x[i, :], x[some], x[: int(i), array.argmax()]
    x[[0, 2]]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got list: wrap it with tl.tensor(...)  [index]
    x[:, array]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got ndarray: wrap it with tl.tensor(...)  [index]
    x[1.5:]  # E: getitem: a slice is made of ints and None, got float  [index]
    x[True]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got bool  [index]
    x[0, "6"]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got str  [index]


def lengths(x: Tensor[Shape[N]], y: Tensor[Shape["N + M"]], n: N, m: M) -> None:
    x + y[:n], x + y[-n:], x + y[m:], x[1:] + y[1:n]
    x + y[n:]  # E: add: shapes must be equal, or one stretch to the other, got (N,) and (M,): N is not M on axis -1  [tensor-shape]
    x[1:] + x[::2]  # E: add: shapes must be equal, or one stretch to the other, got (N - 1,) and ((N + 1)//2,): N - 1 is not (N + 1)//2 on axis -1  [tensor-shape]
    x[5:2] + x[:1]


def tail(x: Tensor[Shape["N + 1"]]) -> Tensor[Shape[N]]:
    return x[2:]  # E: Incompatible return value type (got "Tensor[Shape[N - 1], NoTape]", expected "Tensor[Shape[N], NoTape]")  [return-value]


def case_joined_in_a_loop() -> None:
    tl.concat([tl.zeros((i + 2, 3)) for i in (0, 0)] + [tl.ones((3, 4))])  # E: concat: shapes must be equal but for the axis, got (2, 3), (2, 3), (3, 4): 3 is not 4 on axis 1  [tensor-shape]


def case_unpacked() -> None:
    pair = (tl.zeros((2, 3)), tl.zeros((4, 3)))
    tl.stack([*pair])  # E: stack: shapes must be equal but for the axis, got (2, 3), (4, 3): 2 is not 4 on axis 0  [tensor-shape]


def case_repeated() -> None:
    tl.concat([tl.zeros((2, 3))] * 2 + [tl.zeros((2,))])  # E: concat: operands must have equally many dimensions, got (2, 3), (2, 3), (2,)  [tensor-shape]


def listed(xs: list[Tensor[Shape[N, 4]]], x: Tensor[Shape[N, 5]]) -> None:
    tl.concat(xs) + tl.zeros((3,))  # E: add: shapes must be equal, or one stretch to the other, got (?, 4) and (3,): 4 is not 3 on axis -1  [tensor-shape]
    tl.concat([*xs, x], axis=0)  # E: concat: shapes must be equal but for the axis, got (N, 4), (N, 5): 4 is not 5 on axis 1; try axis=1  [tensor-shape]
    tl.stack(xs) @ tl.zeros((5, 2))  # E: matmul: inner dimensions must be equal, got (?, N, 4) and (5, 2): 4 is not 5  [tensor-shape]
    tl.concat(xs, axis=2)  # E: concat: axis 2 is out of range for shape (N, 4): use -2 to 1  [tensor-shape]


def numbers(xs: list[int]) -> None:
    tl.stack(xs)  # E: stack: expected a tensor, got int  [arg-type]


def case_einsum_letters() -> None:
    tl.einsum("bij, bkj -> bik", tl.zeros((2, 3, 4)), tl.zeros((2, 3, 5)))  # E: einsum: label "j" is 4 in operand 1 and 5 in operand 2  [tensor-shape]


def case_einsum_diagonal() -> None:
    tl.einsum("ii->i", tl.zeros((2, 3)))  # E: einsum: label "i" is 2 and 3 in operand 1  [tensor-shape]


def case_einsum_operands() -> None:
    tl.einsum("ij,jk", tl.zeros((2, 3)))  # E: einsum: expected 2 operands for "ij,jk", got 1  [tensor-shape]


def case_einsum_unknown_letter() -> None:
    tl.einsum("ij->ik", tl.zeros((2, 3)))  # E: einsum: label "k" of the result stands in no operand of "ij->ik"  [tensor-shape]


def case_einsum_ellipsis() -> None:
    tl.einsum("...i,...i->...", tl.zeros((2, 1, 3)), tl.zeros((5, 3)))  # E: einsum: shapes (2, 1) and (5,) would both be stretched, to (2, 5): make it explicit with broadcast_to or tl.broadcast_arrays(a, b)  [tensor-shape]


def einsum_of_symbols(x: Tensor[Shape[*Batch, N, M]], y: Tensor[Shape[N, K]], text: str) -> None:
    tl.einsum("...ij,ik->...jk", x, y)
    tl.einsum("...ij,jk->...ik", x, y)  # E: einsum: label "j" is M in operand 1 and N in operand 2  [tensor-shape]
    tl.einsum(text, x, y)


def told_by_mypy(x: Tensor[Shape[2, 3]]) -> None:
    tl.pad(x, (1, 1, 1, 1))  # E: Argument 2 to "pad" has incompatible type "tuple[int, int, int, int]"; expected "int | tuple[int, int] | tuple[tuple[int, int], ...]"  [arg-type]
    tl.layer_norm(x, (3,))  # E: layer_norm: expected a tensor, got tuple: wrap it with tl.tensor(...)  [arg-type]


def case_squeezed() -> None:
    tl.zeros((1, 3, 1)).squeeze((0, -2))  # E: squeeze: only axes of length 1 can be dropped, got axis -2 of (1, 3, 1): 3 is not 1  [tensor-shape]


def squeezed(x: Tensor[Shape[1, N, *Batch]]) -> None:
    x.squeeze(0).squeeze(0)  # E: squeeze: only axes of length 1 can be dropped, got axis 0 of (N, *Batch): N is not 1  [tensor-shape]


def case_padding_of_an_embedding() -> None:
    nn.Embedding(10, 4, padding_idx=-11)  # E: Embedding: padding_idx -11 is out of range for 10 rows  [tensor-shape]


def embeddings(n: N, word: int) -> None:
    nn.Embedding(n, 4, padding_idx=0), nn.Embedding(n + 1, 4, 1), nn.Embedding(10, n, word)
    nn.Embedding(n, 4, 3)
