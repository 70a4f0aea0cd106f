"""tl.linalg: matrices are square where they must be."""

from __future__ import annotations

import math

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")


def case_trace() -> None:
    tl.linalg.trace(tl.zeros((3,)))  # E: linalg.trace: expected a matrix (*B, M, N), got shape (3,)  [tensor-shape]


def case_diagonal() -> None:
    tl.linalg.diagonal(tl.zeros(()))  # E: linalg.diagonal: expected a matrix (*B, M, N), got shape ()  [tensor-shape]


def case_diag() -> None:
    tl.linalg.diag(tl.zeros((2, 2)))  # E: linalg.diag: expected a vector, got shape (2, 2): linalg.diagonal reads the diagonal of a matrix  [tensor-shape]


def case_det() -> None:
    tl.linalg.det(tl.zeros((2, 3)))  # E: linalg.det: expected a square matrix, got shape (2, 3): 2 is not 3  [tensor-shape]


def case_slogdet() -> None:
    tl.linalg.slogdet(tl.zeros((5, 2, 3)))  # E: linalg.slogdet: expected a square matrix, got shape (5, 2, 3): 2 is not 3  [tensor-shape]


def case_inv() -> None:
    tl.linalg.inv(tl.zeros((2, 3)))  # E: linalg.inv: expected a square matrix, got shape (2, 3): 2 is not 3  [tensor-shape]


def case_inv_of_vector() -> None:
    tl.linalg.inv(tl.zeros((3,)))  # E: linalg.inv: expected a matrix (*B, M, N), got shape (3,)  [tensor-shape]


def case_cholesky() -> None:
    tl.linalg.cholesky(tl.zeros((4, 2)))  # E: linalg.cholesky: expected a square matrix, got shape (4, 2): 4 is not 2  [tensor-shape]


def case_eigh() -> None:
    tl.linalg.eigh(tl.zeros((4, 2)))  # E: linalg.eigh: expected a square matrix, got shape (4, 2): 4 is not 2  [tensor-shape]


def case_qr() -> None:
    tl.linalg.qr(tl.zeros((4,)))  # E: linalg.qr: expected a matrix (*B, M, N), got shape (4,)  [tensor-shape]


def case_svd() -> None:
    tl.linalg.svd(tl.zeros((4,)))  # E: linalg.svd: expected a matrix (*B, M, N), got shape (4,)  [tensor-shape]


def case_svdvals() -> None:
    tl.linalg.svdvals(tl.zeros(()))  # E: linalg.svdvals: expected a matrix (*B, M, N), got shape ()  [tensor-shape]


def case_solve() -> None:
    tl.linalg.solve(tl.zeros((3, 3)), tl.zeros((2,)))  # E: linalg.solve: both sides must have equally many rows, got (3, 3) and (2,): 3 is not 2  [tensor-shape]


def case_solve_not_square() -> None:
    tl.linalg.solve(tl.zeros((3, 2)), tl.zeros((3,)))  # E: linalg.solve: expected a square matrix, got shape (3, 2): 3 is not 2  [tensor-shape]


def case_solve_scalar() -> None:
    tl.linalg.solve(tl.zeros((3, 3)), tl.zeros(()))  # E: linalg.solve: expected a vector or a matrix on the right, got a scalar  [tensor-shape]


def case_solve_vectors() -> None:
    tl.linalg.solve(tl.zeros((5, 3, 3)), tl.zeros((5, 3)))  # E: linalg.solve: both sides must have equally many rows, got (5, 3, 3) and (5, 3): 3 is not 5  [tensor-shape]


def case_solve_batch() -> None:
    tl.linalg.solve(tl.zeros((5, 3, 3)), tl.zeros((4, 3, 2)))  # E: linalg.solve: shapes must be equal, or one stretch to the other, got (5,) and (4,): 5 is not 4 on axis -1  [tensor-shape]


def case_solve_dtypes() -> None:
    tl.linalg.solve(tl.zeros((3, 3)), tl.zeros((3,), dtype=np.float64))  # E: linalg.solve: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_norm_axis() -> None:
    tl.linalg.norm(tl.zeros((2, 3)), axis=2)  # E: linalg.norm: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_norm_order_of_three() -> None:
    tl.linalg.norm(tl.zeros((2, 3, 4)), 2)  # E: linalg.norm: an order is for vectors or matrices, got 3 axes of shape (2, 3, 4): name one axis or two, or no order  [tensor-shape]


def case_norm_unreadable_order() -> None:
    tl.linalg.norm(tl.zeros((2, 3, 4)), math.inf)  # E: linalg.norm: an order is for vectors or matrices, got 3 axes of shape (2, 3, 4): name one axis or two, or no order  [tensor-shape]


def case_norm_of_matrix() -> None:
    tl.linalg.norm(tl.zeros((2, 3)), "nuc")  # E: linalg.norm: expected "fro", 1, 2 or inf as the order of a matrix norm, got 'nuc'  [tensor-shape]


def case_norm_of_vector() -> None:
    tl.linalg.norm(tl.zeros((2, 3)), "fro", axis=0)  # E: linalg.norm: expected a number as the order of a vector norm, got 'fro'  [tensor-shape]


def symbols(x: Tensor[Shape[N, M]]) -> None:
    tl.linalg.inv(x)  # E: linalg.inv: expected a square matrix, got shape (N, M): N is not M  [tensor-shape]


def symbols_in_batches(x: Tensor[Shape[*Batch, N, N]], y: Tensor[Shape[M]]) -> None:
    tl.linalg.solve(x, y)  # E: linalg.solve: both sides must have equally many rows, got (*Batch, N, N) and (M,): N is not M  [tensor-shape]
