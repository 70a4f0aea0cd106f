"""Products of vectors, tensordot and einsum: what runs together has one length."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)
Batch = TypeVarTuple("Batch")


def case_matvec() -> None:
    tl.matvec(tl.zeros((5, 2, 3)), tl.zeros((5, 2)))  # E: matvec: inner dimensions must be equal, got (5, 2, 3) and (5, 2): 3 is not 2  [tensor-shape]


def case_matvec_of_vector() -> None:
    tl.matvec(tl.zeros((3,)), tl.zeros((3,)))  # E: matvec: expected matrices (*B, M, K) on the left, got shape (3,)  [tensor-shape]


def case_matvec_batch() -> None:
    tl.matvec(tl.zeros((5, 2, 3)), tl.zeros((4, 3)))  # E: matvec: shapes must be equal, or one stretch to the other, got (5,) and (4,): 5 is not 4 on axis -1  [tensor-shape]


def case_vecmat() -> None:
    tl.vecmat(tl.zeros((2,)), tl.zeros((3, 4)))  # E: vecmat: inner dimensions must be equal, got (2,) and (3, 4): 2 is not 3  [tensor-shape]


def case_vecdot() -> None:
    tl.vecdot(tl.zeros((2, 3)), tl.zeros((2, 4)))  # E: vecdot: inner dimensions must be equal, got (2, 3) and (2, 4): 3 is not 4  [tensor-shape]


def case_vecdot_scalar() -> None:
    tl.vecdot(tl.zeros((2, 3)), tl.zeros(()))  # E: vecdot: expected vectors (*B, K), got shape ()  [tensor-shape]


def case_dot() -> None:
    tl.dot(tl.zeros((3,)), tl.zeros((4,)))  # E: dot: inner dimensions must be equal, got (3,) and (4,): 3 is not 4  [tensor-shape]


def case_dot_of_matrices() -> None:
    tl.dot(tl.zeros((2, 3)), tl.zeros((3, 2)))  # E: dot: expected two vectors, got (2, 3) and (3, 2): use @ for matrices, vecdot for batches of vectors  [tensor-shape]


def case_outer() -> None:
    tl.outer(tl.zeros((2, 3)), tl.zeros((3,)))  # E: outer: expected two vectors, got (2, 3) and (3,): flatten them, or use tl.einsum("...i,...j->...ij", x1, x2) for batches  [tensor-shape]


def case_tensordot() -> None:
    tl.tensordot(tl.zeros((2, 3)), tl.zeros((4, 5)), axes=1)  # E: tensordot: axes that meet must be equal, got axis 1 of (2, 3) and axis 0 of (4, 5): 3 is not 4  [tensor-shape]


def case_tensordot_pairs() -> None:
    tl.tensordot(tl.zeros((2, 3)), tl.zeros((3, 4)), ((0,), (0,)))  # E: tensordot: axes that meet must be equal, got axis 0 of (2, 3) and axis 0 of (3, 4): 2 is not 3  [tensor-shape]


def case_tensordot_unpaired() -> None:
    tl.tensordot(tl.zeros((2, 3)), tl.zeros((3, 4)), ((0, 1), (0,)))  # E: tensordot: expected equally many axes of both operands, got (0, 1) and (0,)  [tensor-shape]


def case_tensordot_twice() -> None:
    tl.tensordot(tl.zeros((2, 2)), tl.zeros((2, 2)), ((0, -2), (0, 1)))  # E: tensordot: axes must differ, got (0, -2) for shape (2, 2)  [tensor-shape]


def case_tensordot_axis() -> None:
    tl.tensordot(tl.zeros((2, 3)), tl.zeros((3, 4)), (2, 0))  # E: tensordot: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_tensordot_too_many() -> None:
    tl.tensordot(tl.zeros((3,)), tl.zeros((3, 4)))  # E: tensordot: expected at least 2 dimensions of each operand, got (3,) and (3, 4)  [tensor-shape]


def case_tensordot_negative() -> None:
    tl.tensordot(tl.zeros((3,)), tl.zeros((3, 4)), -1)  # E: tensordot: the number of axes must not be negative, got -1  [tensor-shape]


def case_einsum() -> None:
    tl.einsum("ik,kj->ij", tl.zeros((2, 3)), tl.zeros((4, 5)))  # E: einsum: label "k" is 3 in operand 1 and 4 in operand 2  [tensor-shape]


def case_einsum_diagonal() -> None:
    tl.einsum("ii->i", tl.zeros((2, 3)))  # E: einsum: label "i" is 2 and 3 in operand 1  [tensor-shape]


def case_einsum_too_few() -> None:
    tl.einsum("ij,jk->ik", tl.zeros((2, 3)))  # E: einsum: expected 2 operands for "ij,jk->ik", got 1  [tensor-shape]


def case_einsum_nothing() -> None:
    tl.einsum("ij")  # E: einsum: expected 1 operand for "ij", got 0  [tensor-shape]


def case_einsum_dimensions() -> None:
    tl.einsum("ij->i", tl.zeros((2, 3, 4)))  # E: einsum: expected 2 dimensions in operand 1, one for each label of "ij", got shape (2, 3, 4)  [tensor-shape]


def case_einsum_one_dimension() -> None:
    tl.einsum("i->i", tl.zeros(()))  # E: einsum: expected 1 dimension in operand 1, one for each label of "i", got shape ()  [tensor-shape]


def case_einsum_too_few_dimensions() -> None:
    tl.einsum("...ij->...ji", tl.zeros((3,)))  # E: einsum: expected at least 2 dimensions in operand 1, one for each label of "...ij", got shape (3,)  [tensor-shape]


def case_einsum_batch() -> None:
    tl.einsum("...i,...i->...", tl.zeros((5, 3)), tl.zeros((4, 3)))  # E: einsum: shapes must be equal, or one stretch to the other, got (5,) and (4,): 5 is not 4 on axis -1  [tensor-shape]


def case_einsum_both_stretch() -> None:
    tl.einsum("...i,...i", tl.zeros((5, 1, 3)), tl.zeros((1, 4, 3)))  # E: einsum: shapes (5, 1) and (1, 4) would both be stretched, to (5, 4): make it explicit with broadcast_to or tl.broadcast_arrays(a, b)  [tensor-shape]


def case_einsum_label_of_result() -> None:
    tl.einsum("ij->ik", tl.zeros((2, 3)))  # E: einsum: label "k" of the result stands in no operand of "ij->ik"  [tensor-shape]


def case_einsum_twice_in_result() -> None:
    tl.einsum("i->ii", tl.zeros((2,)))  # E: einsum: label "i" stands twice in the result of "i->ii"  [tensor-shape]


def case_einsum_lost_batch() -> None:
    tl.einsum("...i->i", tl.zeros((2, 3)))  # E: einsum: the result of "...i->i" lacks the ... of its operands: keep it, and sum over it afterwards  [tensor-shape]


def case_einsum_letters() -> None:
    tl.einsum("i1->i", tl.zeros((2, 3)))  # E: einsum: subscripts are made of letters, commas, "..." and one "->", got "i1->i"  [tensor-shape]


def case_einsum_two_arrows() -> None:
    tl.einsum("ij->i->j", tl.zeros((2, 3)))  # E: einsum: subscripts are made of letters, commas, "..." and one "->", got "ij->i->j"  [tensor-shape]


def case_einsum_dtypes() -> None:
    tl.einsum("i,i", tl.zeros((2,)), tl.zeros((2,), dtype=np.float64))  # E: einsum: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_einsum_starred() -> None:
    operands = (tl.zeros((2, 3)), tl.zeros((4, 5)))
    tl.einsum("ij,jk", *operands)  # E: einsum: label "j" is 3 in operand 1 and 4 in operand 2  [tensor-shape]


def case_einsum_constant() -> None:
    trace = "ii"
    tl.einsum(trace, tl.zeros((2, 3)))  # E: einsum: label "i" is 2 and 3 in operand 1  [tensor-shape]


def symbols_differ(x: Tensor[Shape[N, M]], y: Tensor[Shape[N, K]]) -> None:
    tl.einsum("ij,jk", x, y)  # E: einsum: label "j" is M in operand 1 and N in operand 2  [tensor-shape]


def symbols_differ_in_batches(x: Tensor[Shape[*Batch, N]], y: Tensor[Shape[M, N]]) -> None:
    tl.einsum("...i,...i", x, y)  # E: einsum: shapes must be equal, or one stretch to the other, got (*Batch,) and (M,): (*Batch,) is not (M,)  [tensor-shape]


def symbols_of_vectors(x: Tensor[Shape[*Batch, N, M]], y: Tensor[Shape[N]]) -> None:
    tl.matvec(x, y)  # E: matvec: inner dimensions must be equal, got (*Batch, N, M) and (N,): M is not N  [tensor-shape]


def symbols_of_batches_of_vectors(x: Tensor[Shape[*Batch, N]], y: Tensor[Shape[*Batch, M]]) -> None:
    tl.matvec(x, y)  # E: matvec: inner dimensions must be equal, got (*Batch, N) and (*Batch, M): N is not M  [tensor-shape]


def symbols_of_tensordot(x: Tensor[Shape[N, M, 3]], y: Tensor[Shape[N, 3]]) -> None:
    tl.tensordot(x, y)  # E: tensordot: axes that meet must be equal, got axis 1 of (N, M, 3) and axis 0 of (N, 3): M is not N  [tensor-shape]


def no_tensors(x: Tensor[Shape[2]]) -> None:
    tl.einsum("i,i", x, 3.0)  # E: einsum: expected a tensor, got float  [arg-type]
    tl.einsum("i", np.zeros(2))  # E: einsum: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    tl.concat([x, None])  # E: concat: expected a tensor, got NoneType  [arg-type]
    tl.stack((x, (1, 2)))  # E: stack: expected a tensor, got tuple: wrap it with tl.tensor(...)  [arg-type]
