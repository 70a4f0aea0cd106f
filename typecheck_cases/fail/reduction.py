"""Reductions and softmax: the axis must exist, once."""

from __future__ import annotations

import tensorlib as tl


def case_sum_axis() -> None:
    tl.zeros((2, 3)).sum(axis=2)  # E: sum: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_sum_function() -> None:
    tl.sum(tl.zeros((2, 3)), -3)  # E: sum: axis -3 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_sum_axis_twice() -> None:
    tl.zeros((2, 3)).sum((1, -1))  # E: sum: axes must differ, got (1, -1) for shape (2, 3)  [tensor-shape]


def case_mean() -> None:
    tl.zeros((2, 3)).mean(axis=(0, 2))  # E: mean: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_max_of_scalar() -> None:
    tl.zeros(()).max(axis=0)  # E: max: axis 0 is out of range for shape (): a scalar has no axes  [tensor-shape]


def case_min() -> None:
    tl.zeros((2,)).min(axis=1)  # E: min: axis 1 is out of range for shape (2,): use -1 to 0  [tensor-shape]


def case_logsumexp() -> None:
    tl.zeros((2,)).logsumexp(axis=1)  # E: logsumexp: axis 1 is out of range for shape (2,): use -1 to 0  [tensor-shape]


def case_softmax() -> None:
    tl.zeros((2, 3)).softmax(2)  # E: softmax: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_log_softmax() -> None:
    tl.log_softmax(tl.zeros((2, 3)), axis=-3)  # E: log_softmax: axis -3 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_argmax() -> None:
    tl.zeros((2, 3)).argmax(axis=2)  # E: argmax: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_argmin() -> None:
    tl.argmin(tl.zeros((2, 3)), axis=2)  # E: argmin: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_var() -> None:
    tl.zeros((2, 3)).var(axis=2)  # E: var: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_std() -> None:
    tl.std(tl.zeros((2, 3)), 2, eps=0.5)  # E: std: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_prod() -> None:
    tl.prod(tl.zeros((2, 3)), axis=2)  # E: prod: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_any() -> None:
    tl.zeros((2, 3)).any(2)  # E: any: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_all() -> None:
    tl.all(tl.zeros((2, 3)), axis=(0, 2))  # E: all: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_count_nonzero() -> None:
    tl.zeros((2, 3)).count_nonzero(2)  # E: count_nonzero: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_cumsum() -> None:
    tl.zeros((2, 3)).cumsum(2)  # E: cumsum: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_cumprod() -> None:
    tl.cumprod(tl.zeros((2, 3)), axis=2)  # E: cumprod: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_normalize() -> None:
    tl.zeros((2, 3)).normalize(2)  # E: normalize: axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_normalize_axis_twice() -> None:
    tl.normalize(tl.zeros((2, 3)), axis=(1, -1))  # E: normalize: axes must differ, got (1, -1) for shape (2, 3)  [tensor-shape]
