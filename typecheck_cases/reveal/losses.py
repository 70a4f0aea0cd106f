# mypy: disable-error-code="tensor-tape"
"""What each loss returns, with each reduction."""

from __future__ import annotations

from typing import Any, Literal, reveal_type

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

x = tl.full((2, 3), 0.5)
d = tl.full((2, 3), 0.5, dtype=np.float64)
labels = tl.zeros((2,), dtype=np.int64)

# Of numbers
reveal_type(losses.mse_loss(x.traced(), x))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.mse_loss(x.traced(), x, reduction="sum"))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.mse_loss(x.traced(), x, reduction="none"))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(losses.rmse_loss(d, d))  # N: Tensor[Shape[()], NoTape, float64]
reveal_type(losses.mae_loss(x, x.traced(), reduction="none"))  # N: Tensor[Shape[2, 3], Tape, float32]
reveal_type(losses.huber_loss(x.traced(), x, delta=0.5))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.huber_loss(x, x, reduction="none"))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(losses.smooth_l1_loss(d, d, beta=2))  # N: Tensor[Shape[()], NoTape, float64]

# Of probabilities
reveal_type(losses.binary_cross_entropy(x.traced(), x))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.binary_cross_entropy(x, x, reduction="none"))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(losses.binary_cross_entropy_with_logits(d.traced(), d))  # N: Tensor[Shape[()], Tape, float64]
reveal_type(losses.kl_div(x.astype(np.float16), x))  # N: Tensor[Shape[()], NoTape, float32]

# Of classes
reveal_type(losses.cross_entropy(x.traced(), labels))  # N: Tensor[Shape[()], Tape, float32]
reveal_type(losses.cross_entropy(x, x, label_smoothing=0.1))  # N: Tensor[Shape[()], NoTape, float32]
reveal_type(losses.cross_entropy(x.traced(), labels, reduction="none"))  # N: Tensor[Shape[2], Tape, float32]
reveal_type(losses.cross_entropy(d, d, reduction="none"))  # N: Tensor[Shape[2], NoTape, float64]
reveal_type(losses.nll_loss(d.traced(), labels))  # N: Tensor[Shape[()], Tape, float64]
reveal_type(losses.nll_loss(x, labels, reduction="none"))  # N: Tensor[Shape[2], NoTape, float32]


def batches(a: Tensor[Shape[*Batch, N], T], b: Tensor[Shape[*Batch], NoTape, np.int64]) -> None:
    reveal_type(losses.nll_loss(a, b, reduction="none"))  # N: Tensor[Shape[*Batch], T, float32]
    reveal_type(losses.cross_entropy(a, b))  # N: Tensor[Shape[()], T, float32]
    reveal_type(losses.mse_loss(a, a, reduction="none"))  # N: Tensor[Shape[*Batch, N], T, float32]


def unknown(a: Tensor[Any], reduction: Literal["mean", "none"]) -> None:
    reveal_type(losses.cross_entropy(a, a))  # N: Tensor[Shape[()], NoTape, float32]
    reveal_type(losses.mse_loss(a, x, reduction="none"))  # N: Tensor[Shape[2, 3], NoTape, float32]
    reveal_type(losses.mse_loss(x, x, reduction=reduction))  # N: Tensor[Shape[()], NoTape, float32] | Tensor[Shape[2, 3], NoTape, float32]
