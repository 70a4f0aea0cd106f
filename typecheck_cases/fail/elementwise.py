"""Elementwise ops: equal shapes, or one operand stretches to the other."""

from __future__ import annotations

import numpy as np
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def case_add() -> None:
    tl.zeros((64, 10)) + tl.zeros((64, 11))  # E: add: shapes must be equal, or one stretch to the other, got (64, 10) and (64, 11): 10 is not 11 on axis -1  [tensor-shape]


def case_add_function() -> None:
    tl.add(tl.zeros((64, 10)), tl.zeros((64, 11)))  # E: add: shapes must be equal, or one stretch to the other, got (64, 10) and (64, 11): 10 is not 11 on axis -1  [tensor-shape]


def case_subtract_stretches_both() -> None:
    predictions, targets = tl.zeros((64, 1)), tl.zeros((64,))
    predictions - targets  # E: subtract: shapes (64, 1) and (64,) would both be stretched, to (64, 64): make it explicit with broadcast_to or tl.broadcast_arrays(a, b); try x1.squeeze(-1) or x2.expand_dims(-1)  [tensor-shape]


def case_subtract_function() -> None:
    tl.subtract(tl.zeros((2, 3)), tl.zeros((3, 2)))  # E: subtract: shapes must be equal, or one stretch to the other, got (2, 3) and (3, 2): 3 is not 2 on axis -1; try x1.T or x2.T  [tensor-shape]


def case_multiply() -> None:
    tl.zeros((2, 3)) * tl.zeros((2,))  # E: multiply: shapes must be equal, or one stretch to the other, got (2, 3) and (2,): 3 is not 2 on axis -1; try x2.expand_dims(-1)  [tensor-shape]


def case_multiply_function() -> None:
    tl.multiply(tl.zeros((2, 3)), tl.zeros((2,)))  # E: multiply: shapes must be equal, or one stretch to the other, got (2, 3) and (2,): 3 is not 2 on axis -1; try x2.expand_dims(-1)  [tensor-shape]


def case_divide() -> None:
    tl.zeros((2, 3, 4)) / tl.zeros((2, 3))  # E: divide: shapes must be equal, or one stretch to the other, got (2, 3, 4) and (2, 3): 4 is not 3 on axis -1; try x2.expand_dims(-1)  [tensor-shape]


def case_divide_function() -> None:
    tl.divide(tl.zeros((4,)), tl.zeros((5,)))  # E: divide: shapes must be equal, or one stretch to the other, got (4,) and (5,): 4 is not 5 on axis -1  [tensor-shape]


def case_minimum() -> None:
    tl.minimum(tl.zeros((2,)), tl.zeros((3,)))  # E: minimum: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_maximum() -> None:
    tl.maximum(tl.zeros((2,)), tl.zeros((3,)))  # E: maximum: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_equal() -> None:
    tl.zeros((2,)) == tl.zeros((3,))  # E: equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_less() -> None:
    tl.less(tl.zeros((2,)), tl.zeros((3,)))  # E: less: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_pow() -> None:
    tl.zeros((2,)) ** tl.zeros((3,))  # E: pow: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_pow_function() -> None:
    tl.pow(tl.zeros((2,)), tl.zeros((3,)))  # E: pow: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_remainder() -> None:
    tl.zeros((2,)) % tl.zeros((3,))  # E: remainder: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_remainder_function() -> None:
    tl.remainder(tl.zeros((2,)), tl.zeros((3,)))  # E: remainder: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_floor_divide() -> None:
    tl.zeros((2,)) // tl.zeros((3,))  # E: floor_divide: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_atan2() -> None:
    tl.atan2(tl.zeros((2,)), tl.zeros((3,)))  # E: atan2: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_logical_and() -> None:
    tl.logical_and(tl.zeros((2,)), tl.zeros((3,)))  # E: logical_and: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_logical_or() -> None:
    tl.logical_or(tl.zeros((2,)), tl.zeros((3,)))  # E: logical_or: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_logical_xor() -> None:
    tl.logical_xor(tl.zeros((2,)), tl.zeros((3,)))  # E: logical_xor: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_where() -> None:
    tl.where(tl.zeros((2,)) > 0, tl.zeros((3,)), 0)  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_where_last() -> None:
    tl.where(tl.zeros((2,)) > 0, 0, tl.zeros((3,)))  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_in_the_middle_of_an_expression() -> None:
    x = tl.zeros((2, 3))
    (x.exp() + tl.zeros((4, 3)).relu()).sum().sqrt()  # E: add: shapes must be equal, or one stretch to the other, got (2, 3) and (4, 3): 2 is not 4 on axis -2  [tensor-shape]


def case_in_a_comprehension() -> None:
    [x + tl.zeros((3,)) for x in (tl.zeros((2,)), tl.zeros((2,)))]  # E: add: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_with_a_lambda() -> None:
    (lambda x: x + tl.zeros((3,)))(tl.zeros((2,)))  # E: add: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def symbols_differ(x: Tensor[Shape[N]], y: Tensor[Shape[M]]) -> None:
    x + y  # E: add: shapes must be equal, or one stretch to the other, got (N,) and (M,): N is not M on axis -1  [tensor-shape]


def symbol_is_not_a_number(x: Tensor[Shape[N, 3]]) -> None:
    x + tl.zeros((2, 3))  # E: add: shapes must be equal, or one stretch to the other, got (N, 3) and (2, 3): N is not 2 on axis -2  [tensor-shape]


def symbol_may_not_be_even(x: Tensor[Shape[N]], y: Tensor[Shape["N//2*2"]]) -> None:
    x + y  # E: add: shapes must be equal, or one stretch to the other, got (N,) and (2*(N//2),): N is not 2*(N//2) on axis -1  [tensor-shape]


def case_two_dtypes() -> None:
    tl.zeros((3,)) + tl.zeros((3,), dtype=np.float64)  # E: add: dtypes must agree, got float32 and float64: convert one with .astype(np.float32) or .astype(np.float64)  [tensor-dtype]


def case_floor_of_bools() -> None:
    tl.floor(tl.zeros((3,), dtype=np.bool))  # E: floor: expected a numeric dtype, got bool: convert it with .astype(np.int64)  [tensor-dtype]


def case_array_operand_needs_a_tensor() -> None:
    tl.linear(tl.zeros((3,), dtype=np.int64), tl.zeros((2, 3)))  # E: linear: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]
