"""Optimizers: each is made for one model and updates its parameters from gradients."""

from __future__ import annotations

from tensorlib.optim.adam import Adam as Adam
from tensorlib.optim.optimizer import Optimizer as Optimizer
from tensorlib.optim.sgd import SGD as SGD
from tensorlib.optim.sgd import Classic as Classic
from tensorlib.optim.sgd import Nesterov as Nesterov
