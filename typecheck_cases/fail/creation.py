"""Making tensors."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)


def case_ragged() -> None:
    tl.tensor([[1.0, 2.0], [3.0]])  # E: tensor: nested lists must have equal lengths at each level  [tensor-shape]


def case_ragged_deep() -> None:
    tl.tensor([[[1, 2]], [[3]]])  # E: tensor: nested lists must have equal lengths at each level  [tensor-shape]


def case_negative() -> None:
    tl.zeros((2, -3))  # E: zeros: dimensions must not be negative, got (2, -3)  [tensor-shape]


def case_negative_ones() -> None:
    tl.ones((-1,))  # E: ones: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_full() -> None:
    tl.full((-1,), 2.0)  # E: full: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_rand() -> None:
    tl.rand((-1,))  # E: rand: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_randn() -> None:
    tl.randn((-1,))  # E: randn: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_uniform() -> None:
    tl.uniform((-1,), 0.0, 2.0)  # E: uniform: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_normal() -> None:
    tl.normal((-1,))  # E: normal: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_randint() -> None:
    tl.randint((-1,), 0, 2)  # E: randint: dimensions must not be negative, got (-1,)  [tensor-shape]


def case_negative_permutation() -> None:
    tl.permutation(-1)  # E: permutation: dimensions must not be negative, got (-1,)  [tensor-shape]


def negative_for_some_sizes(x: Tensor[Shape[N]]) -> None:
    tl.zeros((x.shape[0] - 1, 3))
    tl.eye(x.shape[0] - 2)  # E: eye: dimensions must not be negative, got (N - 2, N - 2): N - 2 may be, declare a size that suffices  [tensor-shape]
