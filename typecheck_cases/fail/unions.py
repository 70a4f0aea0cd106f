"""Unions of tensors, layers and tuples; items of a list; starred arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


def either(x: Tensor[Shape[2, 4]] | Tensor[Shape[3, 4]]) -> None: ...


def grown(x: Tensor[Shape[N, 4], T] | Tensor[Shape[N], T]) -> Tensor[Shape["N+1"], T]:
    raise NotImplementedError


def optional(x: Tensor[Shape[3]] | None = None, *, y: Tensor[Shape[N, 2]] | None = None) -> None: ...


def layered(layer: nn.Linear[3, 4] | nn.Linear[5, 4]) -> None: ...


def paired(
    pair: tuple[Tensor[Shape[2]], Tensor[Shape[3]]] | tuple[Tensor[Shape[4]], Tensor[Shape[5]]],
) -> None: ...


def listed(
    xs: Sequence[Tensor[Shape[2]] | Tensor[Shape[3]]],
    by_name: dict[str, Tensor[Shape[2]] | Tensor[Shape[3]]] | None = None,
) -> None: ...


def rows(xs: Sequence[Tensor[Shape[N, 3]]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def applied(x: Tensor[Shape[N, M]], y: Tensor[Shape[M]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def first(x: Tensor[Shape[N, M]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def given_one_of_two() -> None:
    either(tl.ones((2, 4)))
    either(tl.ones((3, 4)))
    either(tl.ones((5, 4)))  # E: either: expected x of shape (2, 4) or (3, 4), got (5, 4)  [tensor-shape]
    either(tl.ones((2, 4)).traced())  # E: either: expected x without a tape: pass x.detach(), or declare it with a tape  [tensor-tape]
    either(tl.ones((2, 4), np.float64))  # E: either: expected x of dtype float32, got float64: convert it with .astype(np.float32)  [tensor-dtype]
    reveal_type(grown(tl.ones((2, 4)).traced()))  # N: Tensor[Shape[3], Tape, float32]
    reveal_type(grown(tl.ones((7,))))  # N: Tensor[Shape[8], NoTape, float32]
    grown(tl.ones((7, 3)))  # E: grown: expected x of shape (N, 4) or (N,), got (7, 3)  [tensor-shape]


def given_nothing() -> None:
    optional()
    optional(None, y=None)
    optional(tl.ones((3,)), y=tl.ones((5, 2)))
    optional(tl.ones((4,)))  # E: optional: expected x of shape (3,), got (4,): 4 is not 3  [tensor-shape]
    optional(y=tl.ones((4, 3)))  # E: optional: expected y of shape (N, 2), got (4, 3): 3 is not 2  [tensor-shape]


def given_layers_and_tuples() -> None:
    layered(nn.Linear(5, 4))
    layered(nn.Linear(6, 4))  # E: layered: expected layer to be Linear(3, 4) or Linear(5, 4), got Linear(6, 4)  [tensor-shape]
    paired((tl.ones((4,)), tl.ones((5,))))
    paired((tl.ones((4,)), tl.ones((3,))))  # E: paired: expected pair of shapes ((2,), (3,)) or ((4,), (5,)), got ((4,), (3,))  [tensor-shape]


def given_lists() -> None:
    listed([tl.ones((2,)), tl.ones((3,))], {"a": tl.ones((3,))})
    listed([tl.ones((2,)), tl.ones((4,))])  # E: listed: expected xs of shape (2,) or (3,), got (4,)  [tensor-shape]
    listed([], {"a": tl.ones((5,))})  # E: listed: expected by_name of shape (2,) or (3,), got (5,)  [tensor-shape]
    reveal_type(rows([tl.ones((2, 3)), tl.ones((2, 3))]))  # N: Tensor[Shape[2], NoTape, float32]
    rows((tl.ones((2, 3)), tl.ones((4, 3))))  # E: rows: expected xs of shape (N, 3), got (4, 3): 4 is not 2  [tensor-shape]
    rows([tl.ones((2, 3)), tl.ones((2, 4))])  # E: rows: expected xs of shape (N, 3), got (2, 4): 4 is not 3  [tensor-shape]


def given_stars() -> None:
    fitting = (tl.ones((2, 3)), tl.ones((3,)))
    reveal_type(applied(*fitting))  # N: Tensor[Shape[2], NoTape, float32]
    wrong = (tl.ones((2, 3)), tl.ones((4,)))
    applied(*wrong)  # E: applied: expected y of shape (M,), got (4,): 4 is not 3  [tensor-shape]


def given_a_union(which: bool, x: Tensor[Shape[2, 3]], y: Tensor[Shape[4, 3]]) -> None:
    z = x if which else y
    reveal_type(first(z))  # N: Tensor[Shape[2], NoTape, float32] | Tensor[Shape[4], NoTape, float32]
    reveal_type(nn.Linear(3, 5)(z))  # N: Tensor[Shape[2, 5], NoTape, float32] | Tensor[Shape[4, 5], NoTape, float32]
    either(z)  # E: either: expected x of shape (2, 4) or (3, 4), got (2, 3)  [tensor-shape]
    for n in (3, 4):
        reveal_type(tl.zeros((2, n)))  # N: Tensor[Shape[2, int], NoTape, float32]
        reveal_type(tl.ones((n, 3)) @ tl.ones((3, n)))  # N: Tensor[Shape[int, int], NoTape, float32]


def given_arguments_of_wrong_types() -> None:
    x = tl.ones((2, 3))
    x.permute(1)  # type: ignore[arg-type]
    tl.rand(2)  # E: rand: expected a shape as a tuple of ints, got 2: write (2,)  [arg-type]
    nn.Linear("3", 4)  # E: Argument 1 to "Linear" has incompatible type "str"; expected "int"  [arg-type]
