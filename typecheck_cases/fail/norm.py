"""Normalizations: weights and operands agree, channels come in groups of one size."""

from __future__ import annotations

from typing import Generic

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


def case_weight() -> None:
    tl.layer_norm(tl.zeros((2, 5)), tl.ones((4,)))  # E: layer_norm: expected last dimension 4, got 5  [tensor-shape]


def case_weight_of_two_axes() -> None:
    tl.layer_norm(tl.zeros((2, 3, 5)), tl.ones((4, 5)))  # E: layer_norm: expected shape (..., 4, 5), got (2, 3, 5): 3 is not 4  [tensor-shape]


def case_bias() -> None:
    tl.layer_norm(tl.zeros((2, 5)), tl.ones((5,)), tl.zeros((4,)))  # E: layer_norm: expected a bias of shape (5,), got (4,)  [tensor-shape]


def case_scalar() -> None:
    tl.rms_norm(tl.zeros(()))  # E: rms_norm: expected at least one dimension, got a scalar  [tensor-shape]


def case_rms_weight() -> None:
    tl.rms_norm(tl.zeros((2, 5)), tl.ones((4,)))  # E: rms_norm: expected last dimension 4, got 5  [tensor-shape]


def case_ints() -> None:
    tl.layer_norm(tl.tensor([1, 2, 3]))  # E: layer_norm: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_groups() -> None:
    tl.group_norm(tl.zeros((2, 6, 4)), 4)  # E: group_norm: channels must be a multiple of num_groups, got 6 and 4: 6 is not a multiple of 4  [tensor-shape]


def case_group_weight() -> None:
    tl.group_norm(tl.zeros((2, 6, 4)), 3, tl.ones((4,)))  # E: group_norm: expected a weight of shape (6,), got (4,)  [tensor-shape]


def case_no_channels() -> None:
    tl.group_norm(tl.zeros((6,)), 3)  # E: group_norm: expected at least 2 dimensions, got shape (6,)  [tensor-shape]


def case_batch_weight() -> None:
    tl.batch_norm(tl.zeros((2, 6)), tl.ones((2,)))  # E: batch_norm: expected a weight of shape (6,), got (2,)  [tensor-shape]


def case_batch_axis() -> None:
    tl.batch_norm(tl.zeros((2, 6)), axis=2)  # E: batch_norm: axis 2 is out of range for shape (2, 6): use -2 to 1  [tensor-shape]


def case_layer_norm() -> None:
    nn.LayerNorm(4)(tl.zeros((2, 5)))  # E: LayerNorm(4): expected last dimension 4, got 5; try nn.LayerNorm(5)  [tensor-shape]


def case_rms_norm() -> None:
    nn.RMSNorm(4)(tl.zeros(()))  # E: RMSNorm(4): expected last dimension 4, got a scalar  [tensor-shape]


def case_group_norm() -> None:
    nn.GroupNorm(2, 4)(tl.zeros((2, 6, 5)))  # E: GroupNorm(2, 4): expected shape (B, 4, *Rest), got (2, 6, 5): 6 is not 4  [tensor-shape]


def case_group_norm_of_a_vector() -> None:
    nn.GroupNorm(2, 4)(tl.zeros((4,)))  # E: GroupNorm(2, 4): expected shape (B, 4, *Rest), got (4,): 1 dimension, not at least 2  [tensor-shape]


def case_groups_of_layer() -> None:
    nn.GroupNorm(3, 4)  # E: GroupNorm: num_channels must be a multiple of num_groups, got 4 and 3: 4 is not a multiple of 3  [tensor-shape]


def case_size_of_layer() -> None:
    nn.LayerNorm(0)  # E: LayerNorm: normalized_shape must be positive, got 0  [tensor-shape]


def case_batch_norm() -> None:
    nn.BatchNorm1d(4)(tl.zeros((2, 5)))  # E: BatchNorm1d(4): expected shape (B, 4, *Rest), got (2, 5): 5 is not 4; try nn.BatchNorm1d(5)  [tensor-shape]


def case_batch_norm_of_images() -> None:
    nn.BatchNorm2d(3)(tl.zeros((2, 4, 8, 8)))  # E: BatchNorm2d(3): expected shape (*Batch, 3, H, W), got (2, 4, 8, 8): 4 is not 3; try nn.BatchNorm2d(4)  [tensor-shape]


def case_batch_norm_of_too_few() -> None:
    nn.BatchNorm2d(3)(tl.zeros((3, 8)))  # E: BatchNorm2d(3): expected shape (*Batch, 3, H, W), got (3, 8): 2 dimensions, not at least 3  [tensor-shape]


def case_chain() -> None:
    nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(4))  # E: Sequential[1] LayerNorm(4): expected last dimension 4, got 3 from Sequential[0] Linear(4, 3); try nn.LayerNorm(3)  [tensor-shape]


def case_chain_behind() -> None:
    nn.Sequential(nn.LayerNorm(4), nn.ReLU(), nn.Linear(3, 2))  # E: Sequential[2] Linear(3, 2): expected last dimension 3, got 4 from Sequential[1] ReLU; try nn.Linear(4, 2)  [tensor-shape]


def case_chain_of_channels() -> None:
    nn.Sequential(nn.GroupNorm(1, 3), nn.BatchNorm1d(4))  # E: Sequential[1] BatchNorm1d(4): expected shape (B, 4, *Rest), got (?, 3, ...) from Sequential[0] GroupNorm(1, 3): 3 is not 4; try nn.BatchNorm1d(3)  [tensor-shape]


def case_chain_of_images() -> None:
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(5))  # E: Sequential[1] BatchNorm2d(5): expected shape (*Batch, 5, H, W), got (..., 4, ?, ?) from Sequential[0] Conv2d(3, 4, 3): 4 is not 5; try nn.BatchNorm2d(4)  [tensor-shape]


def case_operand_of_chain() -> None:
    nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))(tl.zeros((2, 5)))  # E: Sequential[0] Linear(4, 3): expected last dimension 4, got 5; try nn.Linear(5, 3)  [tensor-shape]


def symbols(x: Tensor[Shape[*Batch, N], T], n: N) -> None:
    nn.LayerNorm(n + 1)(x)  # E: LayerNorm(N + 1): expected last dimension N + 1, got N  [tensor-shape]
    nn.BatchNorm1d(n)(x)  # E: BatchNorm1d(N): expected shape (B, N, *Rest), got (*Batch, N): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def channels(x: Tensor[Shape[N, M, 4], T], n: N, m: M) -> None:
    tl.group_norm(x, 2)  # E: group_norm: channels must be a multiple of num_groups, got M and 2: M is not a multiple of 2  [tensor-shape]
    nn.BatchNorm1d(n)(x)  # E: BatchNorm1d(N): expected shape (B, N, *Rest), got (N, M, 4): M is not N  [tensor-shape]
    nn.BatchNorm2d(m)(x)  # E: BatchNorm2d(M): expected shape (*Batch, M, H, W), got (N, M, 4): N is not M  [tensor-shape]


def unknown(x: Tensor[Shape[2, int]]) -> None:
    nn.LayerNorm(4)(x)  # E: LayerNorm(4): expected last dimension 4, got (2, ?): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


class Block(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.linear = nn.Linear(n, 2 * n)
        self.norm = nn.LayerNorm(n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return self.norm(self.linear(x))  # E: LayerNorm(N): expected last dimension N, got 2*N  [tensor-shape]
