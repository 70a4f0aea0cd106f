"""What the tests of tape and gradients start from."""

from __future__ import annotations

from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib import nn


def leaf(*values: float) -> Any:
    return tl.tensor(list(values), np.float32)


def parameter(*values: float) -> Any:
    return nn.Parameter(leaf(*values))


class Pair(nn.Module):
    def __init__(self) -> None:
        self.first = parameter(1.0, 2.0)
        self.second = parameter(3.0, 4.0)


def named_pair() -> Any:
    model = Pair()
    model.parameters()  # gives the parameters their paths
    return model


def taped(*shape: int) -> Any:
    return tl.ones(shape).traced()
