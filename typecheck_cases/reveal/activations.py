"""What is revealed of activations as layers: the shape, tape and dtype of the operand."""

from __future__ import annotations

from typing import reveal_type

from typing_extensions import TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor, nn

Batch = TypeVarTuple("Batch")

x = tl.ones((2, 3)).traced()

reveal_type(nn.Abs()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Cos()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.ELU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Exp()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.GELU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Hardsigmoid()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Hardswish()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Hardtanh()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Identity()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.LeakyReLU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Log()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.LogSigmoid()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.LogSoftmax()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.ReLU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.SELU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.SiLU()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Sigmoid()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Sin()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Softmax()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Softplus()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Sqrt()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Square()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(nn.Tanh()(x.with_empty_tape()))  # N: Tensor[Shape[2, 3], Tape, float32]


def of_any_rank(x: Tensor[Shape[*Batch, 4], Tape]) -> None:
    reveal_type(nn.Sequential(nn.GELU(), nn.Linear(4, 3), nn.LogSoftmax())(x))  # N: Tensor[Shape[*Batch, 3], Tape, float32]
