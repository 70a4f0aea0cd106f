"""The exponential moving average of a model's parameters."""

from __future__ import annotations

from copy import deepcopy
from typing import Generic

import numpy as np
from typing_extensions import TypeVar

from tensorlib import recording
from tensorlib.nn.module import AnyBuffer, Module
from tensorlib.nn.parameter import Parameter
from tensorlib.optim.hyperparameter import NonNegative
from tensorlib.shapes.errors import not_a_model

M = TypeVar("M", bound=Module)


class EMA(Generic[M]):
    """Keeps a copy of a model whose parameters follow those of the model slowly.

    Call `update` after each step of the optimizer, and `model` for evaluation, which often is
    better with it. The copy's parameters are frozen, so it serves as a constant target as well.

    Attributes:
        model: the copy, which starts with the model's own values.

    Args:
        model: what to follow.
        decay: how much of the average stays in each step, at least 0 and below 1; with more than
            ``1 - 1e-3``, parameters of float16 are too coarse to follow.

    Raises:
        ValueError: the decay is out of its range.
        TypeError: the model is no module, or the decay no number.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import nn, optim
        >>> model = nn.Bias(2)
        >>> sgd, ema = optim.SGD(model, lr=1.0), optim.EMA(model, decay=0.75)
        >>> sgd.update(model, model(tl.zeros((2,)).traced()).sum().backward())
        >>> ema.update(model)
        >>> model.bias.tolist(), ema.model.bias.tolist()
        ([-1.0, -1.0], [-0.25, -0.25])
    """

    decay = NonNegative(below=1.0)

    def __init__(self, model: M, decay: float = 0.999) -> None:
        if not isinstance(model, Module):
            raise TypeError(not_a_model(type(model).__name__, "EMA"))
        self.decay = decay
        self.model: M = deepcopy(model)
        self.model.freeze()

    def update(self, model: M) -> None:
        """Move each parameter towards the model's; take over its buffers.

        Args:
            model: the model, or a copy of the same structure.

        Raises:
            ValueError: its parameters and buffers have other paths, shapes or dtypes. Nothing has
                changed.
        """
        if not isinstance(model, Module):
            raise TypeError(f"EMA.update: expected a model, got {type(model).__name__}")
        mine, theirs = dict(self.model.named_tensors()), dict(model.named_tensors())
        if _forms(self.model) != _forms(model):
            raise ValueError("EMA.update: this model is built differently from the one it follows")
        for tensor in mine.values():
            recording.before_change(tensor, tensor._keep)
        recording.noted(self._move, "ema_update")(mine, theirs)

    def _move(self, mine: dict[str, AnyBuffer], theirs: dict[str, AnyBuffer]) -> None:
        """Move tensors towards others, by path."""
        written: set[int] = set()
        for path, tensor in mine.items():
            if tensor.id in written:
                continue
            written.add(tensor.id)
            value = theirs[path].numpy()
            if isinstance(tensor, Parameter):
                # In float32 at least: float16 would round the small step before it is taken.
                wide = np.promote_types(value.dtype, np.float32)
                average = tensor.numpy().astype(wide)
                value = average + (value.astype(wide) - average) * (1 - self.decay)
            tensor.write(value, "EMA.update")


def _forms(model: Module) -> list[tuple[object, ...]]:
    return [
        (path, tensor.path, tensor.shape, tensor.dtype, type(tensor))
        for path, tensor in model.named_tensors()
    ]
