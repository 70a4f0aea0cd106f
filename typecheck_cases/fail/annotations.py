"""Malformed annotations."""

from __future__ import annotations

from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import Shape, Tape, Tensor, Tensor2D

N = TypeVar("N", bound=int)
U = TypeVar("U")
Batch = TypeVarTuple("Batch")
Other = TypeVarTuple("Other")


def negative(x: Tensor[Shape[-1]]) -> None: ...  # E: Shape: a dimension must not be negative, got -1  [tensor-annotation]


def not_an_int(x: Tensor[Shape[str]]) -> None: ...  # E: Shape: a dimension is an int, a type variable bound to int, arithmetic in quotes, *Batch, int or Any, got str  [tensor-annotation]


def not_bound_to_int(x: Tensor[Shape[U]], y: U) -> None: ...  # E: Shape: U cannot be a dimension: declare it as U = TypeVar("U", bound=int)  [tensor-annotation]


def power(x: Tensor[Shape["N**2"]]) -> None: ...  # E: Shape: cannot read 'N**2' in the dimension 'N**2': write a power as a product, N*N  [tensor-annotation]


def division(x: Tensor[Shape["N/2"]]) -> None: ...  # E: Shape: cannot read 'N/2' in the dimension 'N/2': write // for division  [tensor-annotation]


def two_packs(x: Tensor[Shape[*Batch, *Other]]) -> None: ...  # E: Shape: only one of *Batch and ... may stand in a shape  [tensor-annotation]


def too_few(x: Tensor2D[3]) -> None: ...  # E: Tensor2D: expected 2 dimensions, got 1  [tensor-annotation]


def too_many(x: Tensor2D[3, 4, Tape, int, int]) -> None: ...  # E: Tensor2D: expected 2 dimensions, a tape and a dtype, got 5  [tensor-annotation]


def unknown_name(x: Tensor[Shape["K + 1"]]) -> None: ...  # E: Name "K" is not defined  [name-defined]


def unquoted(x: Tensor[Shape[2 * N, N % 2]]) -> None: ...  # E: Shape: cannot read 'N % 2' in the dimension 'N % 2': allowed are integers, names, + - * // and parentheses  [tensor-annotation]


def é(x: Tensor[Shape[2 * N]]) -> None: ...  # E: Shape: a dimension is an int, a type variable bound to int, or arithmetic in quotes, as in Shape["2*N"]  [tensor-annotation]


def a_float(x: Tensor[Shape[2.5]]) -> None: ...  # E: Shape: cannot read '2.5' in the dimension '2.5': allowed are integers, names, + - * // and parentheses  [tensor-annotation]
