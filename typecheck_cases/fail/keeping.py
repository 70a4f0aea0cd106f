"""Ops that keep the shape keep it for what comes next, which finds that it does not fit."""

from __future__ import annotations

import tensorlib as tl


def case_gelu() -> None:
    tl.gelu(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_silu() -> None:
    tl.silu(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_elu() -> None:
    tl.elu(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_selu() -> None:
    tl.selu(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_leaky_relu() -> None:
    tl.leaky_relu(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_softplus() -> None:
    tl.softplus(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_hardtanh() -> None:
    tl.hardtanh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_hardsigmoid() -> None:
    tl.hardsigmoid(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_hardswish() -> None:
    tl.hardswish(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_logsigmoid() -> None:
    tl.logsigmoid(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_neg() -> None:
    tl.neg(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_abs() -> None:
    tl.abs(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_log() -> None:
    tl.log(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_sin() -> None:
    tl.sin(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_cos() -> None:
    tl.cos(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_tanh() -> None:
    tl.tanh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_sigmoid() -> None:
    tl.sigmoid(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_nans_to() -> None:
    tl.nans_to(tl.ones((2, 3)), 0.0) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_reciprocal() -> None:
    tl.reciprocal(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_rsqrt() -> None:
    tl.rsqrt(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_log1p() -> None:
    tl.log1p(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_log2() -> None:
    tl.log2(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_log10() -> None:
    tl.log10(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_expm1() -> None:
    tl.expm1(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_erf() -> None:
    tl.erf(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_dropout() -> None:
    tl.dropout(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_sign() -> None:
    tl.sign(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_ceil() -> None:
    tl.ceil(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_trunc() -> None:
    tl.trunc(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_round() -> None:
    tl.round(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_tan() -> None:
    tl.tan(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_asin() -> None:
    tl.asin(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_acos() -> None:
    tl.acos(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_atan() -> None:
    tl.atan(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_sinh() -> None:
    tl.sinh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_cosh() -> None:
    tl.cosh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_asinh() -> None:
    tl.asinh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_acosh() -> None:
    tl.acosh(tl.ones((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_atanh() -> None:
    tl.atanh(tl.zeros((2, 3))) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_clip() -> None:
    tl.clip(tl.ones((2, 3)), 0.0, 1.0) @ tl.ones((4, 5))  # E: matmul: inner dimensions must be equal, got (2, 3) and (4, 5): 3 is not 4  [tensor-shape]


def case_isnan() -> None:
    tl.where(tl.isnan(tl.ones((2,))), tl.ones((3,)), 0.0)  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_isfinite() -> None:
    tl.where(tl.isfinite(tl.ones((2,))), tl.ones((3,)), 0.0)  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_isinf() -> None:
    tl.where(tl.isinf(tl.ones((2,))), tl.ones((3,)), 0.0)  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_logical_not() -> None:
    tl.where(tl.logical_not(tl.ones((2,))), tl.ones((3,)), 0.0)  # E: where: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_not_equal() -> None:
    tl.not_equal(tl.ones((2,)), tl.ones((3,)))  # E: not_equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_less_equal() -> None:
    tl.less_equal(tl.ones((2,)), tl.ones((3,)))  # E: less_equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_greater() -> None:
    tl.greater(tl.ones((2,)), tl.ones((3,)))  # E: greater: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_greater_equal() -> None:
    tl.greater_equal(tl.ones((2,)), tl.ones((3,)))  # E: greater_equal: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]


def case_global_max_pool2d() -> None:
    tl.global_max_pool2d(tl.ones((8, 5)))  # E: global_max_pool2d: expected shape (*Batch, C, H, W), got (8, 5): 2 dimensions, not at least 3  [tensor-shape]


def case_global_min_pool2d() -> None:
    tl.global_min_pool2d(tl.ones((8, 5)))  # E: global_min_pool2d: expected shape (*Batch, C, H, W), got (8, 5): 2 dimensions, not at least 3  [tensor-shape]


def unique_is_a_vector() -> None:
    tl.unique(tl.ones((2, 3))).expect_shape((2, 3))  # E: expect_shape: expected shape (2, 3), got (?,): 1 dimension, not 2  [tensor-shape]


def case_and() -> None:
    (tl.ones((2,)) > 0) & (tl.ones((3,)) > 0)  # E: logical_and: shapes must be equal, or one stretch to the other, got (2,) and (3,): 2 is not 3 on axis -1  [tensor-shape]
