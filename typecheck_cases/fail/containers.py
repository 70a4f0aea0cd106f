"""Containers whose members do not fit, and operands that do not fit them."""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")
x = tl.zeros((5, 4))


def case_residual() -> None:
    nn.Residual(nn.Linear(4, 2))  # E: Residual: f must keep the shape (..., 4), got (..., 2) from Residual.f Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]


def case_residual_of_a_tuple() -> None:
    nn.Residual((nn.ReLU(), nn.Linear(4, 2)))  # E: Residual: f must keep the shape (..., 4), got (..., 2) from Residual.f[1] Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]


def case_residual_mul() -> None:
    nn.ResidualMul(nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3)))  # E: ResidualMul: f must keep the shape (..., 4), got (..., 3) from ResidualMul.f[1] Linear(8, 3); try nn.Linear(8, 4)  [tensor-shape]


def case_residual_in_a_chain() -> None:
    nn.Sequential(nn.Linear(3, 4), nn.Residual(nn.ReLU()), nn.Linear(5, 2))  # E: Sequential[2] Linear(5, 2): expected last dimension 5, got 4 from Sequential[1] Residual; try nn.Linear(4, 2)  [tensor-shape]


def case_chain_in_a_residual() -> None:
    nn.Residual((nn.Linear(4, 8), nn.Linear(7, 4)))  # E: Residual.f[1] Linear(7, 4): expected last dimension 7, got 8 from Residual.f[0] Linear(4, 8); try nn.Linear(8, 4)  [tensor-shape]


def case_residual_after_a_layer() -> None:
    nn.Sequential(nn.Linear(3, 5), nn.Residual(nn.Linear(4, 4)))  # E: Sequential[1].f Linear(4, 4): expected last dimension 4, got 5 from Sequential[0] Linear(3, 5); try nn.Linear(5, 4)  [tensor-shape]


def case_operand_of_residual() -> None:
    nn.Residual(nn.Linear(4, 4))(tl.zeros((5, 3)))  # E: Residual.f Linear(4, 4): expected last dimension 4, got 3; try nn.Linear(3, 4)  [tensor-shape]


def case_generalized_residual() -> None:
    nn.GeneralizedResidual(nn.Linear(4, 2), nn.Linear(4, 3))  # E: GeneralizedResidual: f and r must return the same shape, got (..., 2) from GeneralizedResidual.f Linear(4, 2) and (..., 3) from GeneralizedResidual.r Linear(4, 3); try nn.Linear(4, 2)  [tensor-shape]


def case_generalized_residual_of_two_operands() -> None:
    nn.GeneralizedResidual(nn.Linear(4, 2), nn.Linear(5, 2))  # E: GeneralizedResidual.r Linear(5, 2): expected last dimension 5, got 4, which GeneralizedResidual.f Linear(4, 2) takes; try nn.Linear(4, 2)  [tensor-shape]


def case_repeated() -> None:
    nn.Repeated(lambda: nn.Linear(4, 2), 3)  # E: Repeated: each copy must keep the shape (..., 4), got (..., 2) from Repeated[0] Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]


def case_operand_of_repeated() -> None:
    nn.Repeated(lambda: nn.Linear(4, 4), 3)(tl.zeros((5, 3)))  # E: Repeated[0] Linear(4, 4): expected last dimension 4, got 3; try nn.Linear(3, 4)  [tensor-shape]


def case_split_into() -> None:
    nn.SplitInto(nn.Linear(4, 2), nn.Linear(5, 3))  # E: SplitInto[1] Linear(5, 3): expected last dimension 5, got 4, which SplitInto[0] Linear(4, 2) takes; try nn.Linear(4, 3)  [tensor-shape]


def case_operand_of_split_into() -> None:
    nn.SplitInto(nn.Linear(4, 2), nn.Linear(4, 3))(tl.zeros((5, 3)))  # E: SplitInto[0] Linear(4, 2): expected last dimension 4, got 3; try nn.Linear(3, 2)  [tensor-shape]


def case_result_of_split_into() -> None:
    first, second = nn.SplitInto(nn.Linear(4, 2), nn.Linear(4, 3))(x)
    first + second  # E: add: shapes must be equal, or one stretch to the other, got (5, 2) and (5, 3): 2 is not 3 on axis -1  [tensor-shape]


def case_add_into() -> None:
    nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 3))  # E: AddInto: all heads must return the same shape, got (..., 2) from AddInto[0] Linear(4, 2) and (..., 3) from AddInto[1] Linear(5, 3); try nn.Linear(5, 2)  [tensor-shape]


def case_operands_of_add_into() -> None:
    nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 2))((x, x))  # E: AddInto[1] Linear(5, 2): expected last dimension 5, got 4; try nn.Linear(4, 2)  [tensor-shape]


def case_too_few_operands_of_add_into() -> None:
    nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 2))((x,))  # E: AddInto: expected a tuple of 2 tensors, got 1  [tensor-shape]


def case_one_operand_of_add_into() -> None:
    nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 2))(x)  # E: AddInto: expected a tuple of 2 tensors, got a tensor  [tensor-shape]


def case_array_for_add_into() -> None:
    nn.AddInto(nn.Linear(4, 2), nn.Linear(5, 2))(x.numpy())  # E: AddInto: expected a tuple of 2 tensors, got ndarray  [tensor-shape]


def case_add_into_after_split_into() -> None:
    nn.Sequential(nn.SplitInto(nn.Linear(4, 2), nn.Linear(4, 3)), nn.AddInto(nn.Linear(2, 1), nn.Linear(2, 1)))  # E: Sequential[1][1] Linear(2, 1): expected last dimension 2, got 3 from Sequential[0] SplitInto; try nn.Linear(3, 1)  [tensor-shape]


def case_add_into_after_a_layer() -> None:
    nn.Sequential(nn.Linear(3, 4), nn.AddInto(nn.Linear(4, 2), nn.Linear(4, 2)))  # E: Sequential[1] AddInto: expected a tuple of 2 tensors, got a tensor  [tensor-shape]


def case_deep_inside() -> None:
    nn.Sequential(nn.Linear(3, 5), nn.Repeated(lambda: nn.Residual(nn.GeneralizedResidual(nn.Linear(4, 4), nn.ReLU())), 2))  # E: Sequential[1][0].f.f Linear(4, 4): expected last dimension 4, got 5 from Sequential[0] Linear(3, 5); try nn.Linear(5, 4)  [tensor-shape]


def case_inner_error_is_reported_once() -> None:
    block = nn.Residual(nn.Linear(4, 2))  # E: Residual: f must keep the shape (..., 4), got (..., 2) from Residual.f Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]
    model = nn.Sequential(nn.Linear(3, 4), block, nn.Linear(9, 1))
    model(x)


Stated: TypeAlias = nn.Sequential[nn.Linear[Literal[3], Literal[4]], nn.Residual[nn.Linear[Literal[4], Literal[2]]]]


def stated_as_a_type() -> None:
    nn.build(Stated)  # E: Sequential[1] Residual: f must keep the shape (..., 4), got (..., 2) from Sequential[1].f Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]


def case_stated_as_a_type() -> None:
    nn.build(nn.Repeated[nn.Linear[Literal[4], Literal[2]], Literal[3]])  # E: Repeated: each copy must keep the shape (..., 4), got (..., 2) from Repeated[0] Linear(4, 2); try nn.Linear(4, 4)  [tensor-shape]


def case_flatten() -> None:
    nn.Flatten()(tl.zeros((4,)))  # E: Flatten(1, -1): axis 1 is out of range for shape (4,): use -1 to 0  [tensor-shape]


def case_flatten_order() -> None:
    nn.Flatten(2, 1)(tl.zeros((4, 3, 2)))  # E: Flatten(2, 1): the start axis must not lie behind the end axis, got 2 and 1  [tensor-shape]


def case_flatten_in_a_chain() -> None:
    nn.Sequential(nn.Flatten(), nn.Linear(100, 10))(tl.zeros((5, 9, 4, 4)))  # E: Sequential[1] Linear(100, 10): expected last dimension 100, got 144 from Sequential[0] Flatten(1, -1); try nn.Linear(144, 10)  [tensor-shape]


def case_flatten_image() -> None:
    nn.FlattenImage()(tl.zeros((4, 3)))  # E: FlattenImage: expected shape (*Batch, C, H, W), got (4, 3): 2 dimensions, not at least 3  [tensor-shape]


def case_reshape() -> None:
    nn.Reshape((8, 2))(tl.zeros((5, 4, 3)))  # E: Reshape((8, 2)): the number of elements must stay, got (4, 3) and (8, 2): 12 is not 16  [tensor-shape]


def case_reshape_of_a_scalar() -> None:
    nn.Reshape((1,))(tl.zeros(()))  # E: Reshape((1,)): expected a batch axis, got a scalar  [tensor-shape]


def case_reshape_to_a_layer() -> None:
    nn.Sequential(nn.Reshape((4, 5)), nn.Linear(4, 2))  # E: Sequential[1] Linear(4, 2): expected last dimension 4, got 5 from Sequential[0] Reshape((4, 5)); try nn.Linear(5, 2)  [tensor-shape]


def case_bias() -> None:
    nn.Bias(3)(x)  # E: Bias(3): expected last dimension 3, got 4; try nn.Bias(4)  [tensor-shape]


class Halved(nn.Module):
    def forward(self, x: Tensor[Shape[N, M], T]) -> Tensor[Shape[N, 2], T]:
        return x @ tl.ones((x.shape[1], 2))


def case_residual_of_the_users() -> None:
    nn.Residual(Halved())(x)  # E: Residual: f must keep the shape (5, 4), got (5, 2) from Residual.f Halved  [tensor-shape]


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.f = nn.Residual(nn.Linear(n, n + 1))  # E: Residual: f must keep the shape (..., N), got (..., N + 1) from Residual.f Linear(N, N + 1)  [tensor-shape]


def takes(blocks: nn.Repeated[nn.Linear[4, 4], 6]) -> None: ...


def other_number() -> None:
    takes(nn.Repeated(lambda: nn.Linear(4, 4), 5))  # E: takes: expected blocks to be Repeated with N = 6, got 5  [tensor-shape]


def other_size() -> None:
    takes(nn.Repeated(lambda: nn.Linear(3, 3), 6))  # E: takes: expected blocks to be Linear(4, 4), got Linear(3, 3)  [tensor-shape]


def what_is_no_tensor(x: Tensor[Shape[5, 4]]) -> None:
    nn.AddInto(nn.ReLU(), nn.ReLU())((x, x.numpy()))  # E: AddInto[1] ReLU: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [tensor-shape]
    nn.AddInto(nn.Linear(4, 2))((3,))  # E: AddInto[0] Linear(4, 2): expected a tensor, got int  [tensor-shape]
    nn.Sequential(nn.Linear(4, 2), nn.ReLU())(x.numpy)  # E: Sequential[0] Linear(4, 2): expected a tensor, got function  [tensor-shape]
    nn.Sequential(nn.ReLU())(x.numpy())  # E: Sequential: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def symbolic(x: Tensor[Shape[N, M], T], n: N, m: M) -> None:
    nn.Residual(nn.Linear(m, n))  # E: Residual: f must keep the shape (..., M), got (..., N) from Residual.f Linear(M, N)  [tensor-shape]
    nn.Residual(nn.Linear(n, n))(x)  # E: Residual.f Linear(N, N): expected last dimension N, got M  [tensor-shape]
    nn.AddInto(nn.Linear(m, 3), nn.Linear(m, 4))  # E: AddInto: all heads must return the same shape, got (..., 3) from AddInto[0] Linear(M, 3) and (..., 4) from AddInto[1] Linear(M, 4)  [tensor-shape]
    nn.Reshape((4, n))(tl.zeros((2, 4, m)))  # E: Reshape((4, N)): the number of elements must stay, got (4, M) and (4, N): 4*M is not 4*N  [tensor-shape]
    nn.Bias(n)(x)  # E: Bias(N): expected last dimension N, got M  [tensor-shape]


def unknown(x: Tensor[Shape[...]], k: int) -> None:
    nn.Residual(nn.Linear(4, 4))(x)  # E: Residual.f Linear(4, 4): expected last dimension 4, got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    nn.Residual(nn.Linear(4, k))  # E: Residual: f must keep the shape (..., 4), got (..., ?) from Residual.f Linear: state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def fit(
    model: nn.Maps[tuple[Tensor[Shape[*Batch, 4]], Tensor[Shape[*Batch, 5]]], Tensor[Shape[*Batch, 10]]],
    x: Tensor[Shape[*Batch, 4]],
) -> None: ...


def fits_not() -> None:
    fit(nn.AddInto(nn.Linear(4, 10), nn.Linear(5, 10)), x)
    fit(nn.AddInto(nn.Linear(4, 11), nn.Linear(5, 11)), x)  # E: fit: expected model to return (5, 10) without a tape, got (5, 11) without a tape  [tensor-shape]
    fit(nn.AddInto(nn.Linear(4, 10), nn.Linear(6, 10)), x)  # E: fit: model does not fit: AddInto[1] Linear(6, 10): expected last dimension 6, got 5; try nn.Linear(5, 10)  [tensor-shape]


def case_no_block_at_all() -> None:
    nn.Repeated(nn.ReLU, 0)  # E: Repeated: n must be positive, got 0  [tensor-shape]


def case_bias_of_nothing() -> None:
    nn.Bias(0)  # E: Bias: size must be positive, got 0  [tensor-shape]


class ReportedOnce(nn.Module):
    """Nothing is said of what a wrong model returns, not even directly behind ``return``."""

    def __init__(self) -> None:
        self.layers = nn.Sequential(nn.Linear(64, 32), nn.Linear(31, 10))  # E: Sequential[1] Linear(31, 10): expected last dimension 31, got 32 from Sequential[0] Linear(64, 32); try nn.Linear(32, 10)  [tensor-shape]
        self.fits = nn.Sequential(nn.Linear(64, 10), nn.ReLU())

    def forward(self, x: Tensor[Shape[*Batch, 64], T]) -> Tensor[Shape[*Batch, 10], T]:
        return self.layers(x)

    def other(self, x: Tensor[Shape[N], T]) -> Tensor[Shape[10], T]:
        return self.fits(x)  # E: Sequential[0] Linear(64, 10): expected last dimension 64, got N  [tensor-shape]


class FlattenedOnce(nn.Module):
    def __init__(self) -> None:
        self.flatten = nn.Flatten(5)

    def forward(self, x: Tensor[Shape[N, 3], T]) -> Tensor[Shape["3*N"], T]:
        return self.flatten(x)  # E: Flatten(5, -1): axis 5 is out of range for shape (N, 3): use -2 to 1  [tensor-shape]


def case_equal_layers_of_a_comprehension() -> None:
    nn.Sequential(*[nn.Linear(4, 5) for _ in range(3)])  # E: Sequential[1] Linear(4, 5): expected last dimension 4, got 5 from Sequential[0] Linear(4, 5); try nn.Linear(5, 5)  [tensor-shape]


def case_equal_layers_behind_another() -> None:
    layers = [nn.Linear(4, 6), nn.Linear(4, 6)]
    nn.Sequential(nn.Linear(2, 4), *layers)  # E: Sequential[2] Linear(4, 6): expected last dimension 4, got 6 from Sequential[1] Linear(4, 6); try nn.Linear(6, 6)  [tensor-shape]
