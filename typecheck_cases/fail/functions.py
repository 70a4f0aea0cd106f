"""The user's own functions: declared shapes are matched, solved and substituted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, Tensor2D, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def double(x: Tensor[Shape[N, 3]]) -> Tensor[Shape["2*N", 3]]:
    raise NotImplementedError


def half(x: Tensor[Shape["2*N"]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def same(x: Tensor[Shape[N]], y: Tensor[Shape[N]]) -> Tensor[Shape[N]]:
    raise NotImplementedError


def head(x: Tensor[Shape[*Batch, 784], T]) -> Tensor[Shape[*Batch, 10], T]:
    raise NotImplementedError


def joined(x: Tensor[Shape[N]], y: Tensor[Shape[M]], z: Tensor[Shape["N + M"]]) -> None: ...


def sized(n: N, x: Tensor[Shape[N]]) -> None: ...


def wrong_number() -> None:
    double(tl.zeros((4, 2)))  # E: double: expected x of shape (N, 3), got (4, 2): 2 is not 3  [tensor-shape]


def wrong_rank() -> None:
    double(tl.zeros((4,)))  # E: double: expected x of shape (N, 3), got (4,): 1 dimension, not 2  [tensor-shape]


def not_even() -> None:
    half(tl.zeros((7,)))  # E: half: expected x of shape (2*N,), got (7,): 2*N = 7 has no whole solution  [tensor-shape]


def not_the_same() -> None:
    same(tl.zeros((3,)), tl.zeros((4,)))  # E: same: expected y of shape (N,), got (4,): 4 is not 3  [tensor-shape]


def not_the_sum() -> None:
    joined(tl.zeros((3,)), tl.zeros((4,)), tl.zeros((8,)))  # E: joined: expected z of shape (M + N,), got (8,): 8 is not 7  [tensor-shape]


def wrong_last() -> None:
    head(tl.zeros((2, 3, 783)))  # E: head: expected x with last dimension 784, got 783  [tensor-shape]


def result_used_wrongly() -> None:
    double(tl.zeros((4, 3))) @ tl.zeros((4, 3))  # E: matmul: inner dimensions must be equal, got (8, 3) and (4, 3): 3 is not 4; try x1 @ x2.T  [tensor-shape]


def value_and_shape() -> None:
    sized(3, tl.zeros((4,)))  # E: sized: expected x of shape (N,), got (4,): 4 is not 3  [tensor-shape]


def unknown(x: Tensor[Shape[int, 3]]) -> None:
    same(x[:, 0], tl.zeros((4,)))  # E: same: expected y of shape (N,), got (4,): N stands for a dimension not known before run time: state it with expect_shape, or write Any for it  [tensor-unproven]


def assigned(x: Tensor[Shape[2, 3]]) -> None:
    y: Tensor2D[2, 4] = x  # E: Incompatible types in assignment (expression has type "Tensor[Shape[2, 3], NoTape]", variable has type "Tensor[Shape[2, 4], NoTape]")  [assignment]


def returned(x: Tensor[Shape[N, M]]) -> Tensor[Shape[M, N]]:
    return x  # E: Incompatible return value type (got "Tensor[Shape[N, M], NoTape]", expected "Tensor[Shape[M, N], NoTape]")  [return-value]


def rigid(x: Tensor[Shape[N]]) -> None:
    x + tl.zeros((5,))  # E: add: shapes must be equal, or one stretch to the other, got (N,) and (5,): N is not 5 on axis -1  [tensor-shape]


def needs_no_tape(x: Tensor[Shape[3]]) -> None: ...


def given_a_tape() -> None:
    needs_no_tape(tl.zeros((3,)).traced())  # E: needs_no_tape: expected x without a tape: pass x.detach(), or declare it with a tape  [tensor-tape]


def of_float64(x: Tensor[Shape[3], NoTape, np.float64]) -> None: ...


def given_float32() -> None:
    of_float64(tl.zeros((3,)))  # E: of_float64: expected x of dtype float64, got float32: convert it with .astype(np.float64)  [tensor-dtype]


def optional(x: Tensor[Shape[N, 3]] | None) -> None: ...


def given_a_wrong_option() -> None:
    optional(tl.zeros((2, 4)))  # E: optional: expected x of shape (N, 3), got (2, 4): 4 is not 3  [tensor-shape]


def pair(xs: tuple[Tensor[Shape[N]], Tensor[Shape[N]]]) -> None: ...


def given_unequal_pair() -> None:
    pair((tl.zeros((2,)), tl.zeros((3,))))  # E: pair: expected xs of shape (N,), got (3,): 3 is not 2  [tensor-shape]


def listed(xs: list[Tensor[Shape[3]]]) -> None: ...


def given_wrong_list() -> None:
    listed([tl.zeros((3,)), tl.zeros((4,))])  # E: listed: expected xs of shape (3,), got (4,): 4 is not 3  [tensor-shape]


def nested_function() -> None:
    def inner(x: Tensor[Shape[N, N]]) -> Tensor[Shape[N]]:
        raise NotImplementedError

    inner(tl.zeros((2, 3)))  # E: inner: expected x of shape (N, N), got (2, 3): 3 is not 2  [tensor-shape]


class Holder:
    def method(self, x: Tensor[Shape[N, 3]]) -> Tensor[Shape[N]]:
        raise NotImplementedError

    @staticmethod
    def static(x: Tensor[Shape[N, 3]]) -> Tensor[Shape[N]]:
        raise NotImplementedError

    @classmethod
    def made(cls, x: Tensor[Shape[N, 3]]) -> Tensor[Shape[N]]:
        raise NotImplementedError


def method() -> None:
    Holder().method(tl.zeros((2, 4)))  # E: Holder.method: expected x of shape (N, 3), got (2, 4): 4 is not 3  [tensor-shape]


def static_method() -> None:
    Holder.static(tl.zeros((2, 4)))  # E: Holder.static: expected x of shape (N, 3), got (2, 4): 4 is not 3  [tensor-shape]


def class_method() -> None:
    Holder.made(tl.zeros((2, 4)))  # E: Holder.made: expected x of shape (N, 3), got (2, 4): 4 is not 3  [tensor-shape]


def by_keyword() -> None:
    same(y=tl.zeros((3,)), x=tl.zeros((4,)))  # E: same: expected y of shape (N,), got (3,): 3 is not 4  [tensor-shape]


@dataclass
class Batch2:
    images: Tensor[Shape[64, 784]]
    labels: Tensor[Shape[64], NoTape, np.int64]


def dataclass_field() -> None:
    Batch2(tl.zeros((64, 783)), tl.zeros((64,), dtype=np.int64))  # E: Batch2: expected images of shape (64, 784), got (64, 783): 783 is not 784  [tensor-shape]


def by_star() -> None:
    pair_of = (tl.zeros((2, 3)), tl.zeros((2, 3)))
    tl.matmul(*pair_of)  # E: matmul: inner dimensions must be equal, got (2, 3) and (2, 3): 3 is not 2; try x1 @ x2.T or x1.T @ x2  [tensor-shape]


def strings_only(x: Tensor[Shape["N*M", 3]], y: Tensor[Shape["N + M"]]) -> None: ...


def unproven(x: Tensor[Shape["1//N + 5"]], y: Tensor[Shape["(N + 1)//(2*N) + 5"]]) -> None:
    x + y  # E: add: shapes must be equal, or one stretch to the other, got (1//N + 5,) and ((N + 1)//(2*N) + 5,): 1//N + 5 may not be (N + 1)//(2*N) + 5 on axis -1: state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def applied(model: nn.Maps[Tensor[Shape[N, 784]], Tensor[Shape[N, 10]]]) -> None:
    model(tl.zeros((3, 783)))  # E: model: expected shape (N, 784), got (3, 783): 3 is not N  [tensor-shape]


def item_of_float() -> int:
    return tl.zeros(()).item()  # E: Incompatible return value type (got "float", expected "int")  [return-value]
