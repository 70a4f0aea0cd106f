"""The linear layers inside attention and transformers, which start differently."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar

from tensorlib.nn.linear import Linear
from tensorlib.nn.module import AnyTensor
from tensorlib.shapes import linalg as rules
from tensorlib.tape import Array

I = TypeVar("I", bound=int)  # noqa: E741 (a dimension)
O = TypeVar("O", bound=int)  # noqa: E741 (a dimension)


class Projection(Linear[I, O], Generic[I, O]):
    """A linear layer whose weight may be drawn by Xavier's rule, and whose bias may start as 0."""

    xavier = False
    zero_bias = False

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw weight, then bias."""
        super().reset_own_params(rng)
        if self.xavier:
            self.weight.write(xavier_uniform(self.weight.numpy().shape, rng), "reset_params")
        if self.zero_bias and self.bias is not None:
            self.bias.write(np.zeros_like(self.bias.numpy()), "reset_params")


class OutProjection(Projection[I, O], Generic[I, O]):
    """The last projection of attention, whose bias starts as 0."""

    zero_bias = True


def require_dtypes(*operands: AnyTensor) -> None:
    """Require that operands can be projected and meet, before the tape of one moves.

    Raises:
        DtypeError: they do not.
    """
    rules.linear.operand_dtype(*(x.dtype.name for x in operands))


def xavier_uniform(shape: tuple[Any, ...], rng: np.random.Generator) -> Array:
    """Draw a matrix uniform between ``-sqrt(6 / (I + O))`` and ``sqrt(6 / (I + O))``.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.
    """
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape).astype(np.float32)
