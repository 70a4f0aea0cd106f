"""The same mistake twice is two errors, though the second call is like the first."""

from __future__ import annotations

import tensorlib as tl
from tensorlib import Shape, Tensor, nn


def indices(x: Tensor[Shape[3, 4]]) -> None:
    x["a"]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got str  [index]
    x["a"]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got str  [index]
    x[5]  # E: getitem: index 5 is out of range for axis 0 of shape (3, 4)  [tensor-shape]
    x[5]  # E: getitem: index 5 is out of range for axis 0 of shape (3, 4)  [tensor-shape]
    x[1.5]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got float  [index]
    x[1.5]  # E: getitem: an index is made of ints, slices, None, ... and tensors, got float  [index]


def operands(x: Tensor[Shape[3, 4]], y: Tensor[Shape[5]]) -> None:
    x @ y  # E: matmul: inner dimensions must be equal, got (3, 4) and (5,): 4 is not 5  [tensor-shape]
    x @ y  # E: matmul: inner dimensions must be equal, got (3, 4) and (5,): 4 is not 5  [tensor-shape]
    x + y  # E: add: shapes must be equal, or one stretch to the other, got (3, 4) and (5,): 4 is not 5 on axis -1  [tensor-shape]
    x + y  # E: add: shapes must be equal, or one stretch to the other, got (3, 4) and (5,): 4 is not 5 on axis -1  [tensor-shape]
    x.sum(7)  # E: sum: axis 7 is out of range for shape (3, 4): use -2 to 1  [tensor-shape]
    x.sum(7)  # E: sum: axis 7 is out of range for shape (3, 4): use -2 to 1  [tensor-shape]
    tl.stack((x, y))  # E: stack: operands must have equally many dimensions, got (3, 4), (5,)  [tensor-shape]
    tl.stack((x, y))  # E: stack: operands must have equally many dimensions, got (3, 4), (5,)  [tensor-shape]


def layers(x: Tensor[Shape[3, 4]]) -> None:
    layer = nn.Linear(5, 2)
    layer(x)  # E: Linear(5, 2): expected last dimension 5, got 4; try nn.Linear(4, 2)  [tensor-shape]
    layer(x)  # E: Linear(5, 2): expected last dimension 5, got 4; try nn.Linear(4, 2)  [tensor-shape]
    own(x)  # E: own: expected x of shape (2, 4), got (3, 4): 3 is not 2  [tensor-shape]
    own(x)  # E: own: expected x of shape (2, 4), got (3, 4): 3 is not 2  [tensor-shape]


def made() -> None:
    heads = 3
    nn.MultiHeadAttention(8, 2)
    nn.MultiHeadAttention(8, 3)  # E: MultiHeadAttention: embed_dim must be a multiple of num_heads, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]
    nn.MultiHeadAttention(8, 3)  # E: MultiHeadAttention: embed_dim must be a multiple of num_heads, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]
    nn.MultiHeadAttention(8, heads)  # E: MultiHeadAttention: embed_dim must be a multiple of num_heads, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]
    nn.GroupNorm(2, 8)
    nn.GroupNorm(3, 8)  # E: GroupNorm: num_channels must be a multiple of num_groups, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]
    nn.GroupNorm(3, 8)  # E: GroupNorm: num_channels must be a multiple of num_groups, got 8 and 3: 8 is not a multiple of 3  [tensor-shape]
    nn.Linear(-1, 2)  # E: Linear: in_features must be positive, got -1  [tensor-shape]
    nn.Linear(-1, 2)  # E: Linear: in_features must be positive, got -1  [tensor-shape]


def own(x: Tensor[Shape[2, 4]]) -> None:
    pass
