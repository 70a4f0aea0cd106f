"""Arithmetic in annotations that has no solution, or is not known to have one."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
K = TypeVar("K", bound=int)


def double(x: Tensor[Shape[2 * N]]) -> None: ...
def square(x: Tensor[Shape[N * N]]) -> None: ...
def rounded(x: Tensor[Shape[N // 2]], y: Tensor[Shape[N // 3]]) -> None: ...
def together(a: Tensor[Shape[N + M]], b: Tensor[Shape[N - M]]) -> None: ...
def of_heads(x: Tensor[Shape[K * N]], heads: K) -> None: ...
def factors(x: Tensor[Shape[N * M]]) -> None: ...


def calls(x: Tensor[Shape[K]], y: Tensor[Shape["2*K"]]) -> None:
    double(tl.zeros((7,)))  # E: double: expected x of shape (2*N,), got (7,): 2*N = 7 has no whole solution  [tensor-shape]
    double(x)  # E: double: expected x of shape (2*N,), got (K,): K is not a multiple of 2  [tensor-shape]
    double(y)
    square(tl.zeros((8,)))  # E: square: expected x of shape (N*N,), got (8,): N*N = 8 has no whole solution  [tensor-shape]
    rounded(tl.zeros((5,)), tl.zeros((3,)))
    together(tl.zeros((5,)), tl.zeros((2,)))  # E: together: expected b of shape (N - M,), got (2,): 2*N = 7 has no whole solution  [tensor-shape]
    together(tl.zeros((3,)), tl.zeros((3,)))  # E: together: expected a of shape (M + N,), got (3,): M + 3 = 3 has no solution >= 1: M would be 0  [tensor-shape]
    of_heads(tl.zeros((12,)), 5)  # E: of_heads: expected x of shape (K*N,), got (12,): 5*N = 12 has no whole solution  [tensor-shape]
    factors(tl.zeros((12,)))  # E: factors: expected x of shape (M*N,), got (12,): 12 may not be M*N: state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def quotient(x: Tensor[Shape[N, K]]) -> Tensor[Shape[N, 2, K // 2]]:
    return x.reshape((x.shape[0], 2, -1))  # E: reshape: the number of elements must stay, got (N, K) and (N, 2, -1): K*N is not a multiple of 2*N  [tensor-shape]


def known(x: Tensor[Shape[N, "2*K"]]) -> Tensor[Shape[N, 2, K]]:
    return x.reshape((x.shape[0], 2, -1))


def stated(x: Tensor[Shape[N, K]], n: N) -> None:
    x.expect_shape((n, 784))
    x.expect_shape((n, n))  # E: expect_shape: expected shape (N, N), got (N, K): axis 1 is K, not N  [tensor-shape]
