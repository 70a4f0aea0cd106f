"""Optimizers: each is made for one model and updates its parameters from gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlib.optim.adagrad import Adagrad as Adagrad
from tensorlib.optim.adam import Adam as Adam
from tensorlib.optim.adam import AdamW as AdamW
from tensorlib.optim.ema import EMA as EMA
from tensorlib.optim.group import Group as Group
from tensorlib.optim.hyperparameter import Betas as Betas
from tensorlib.optim.hyperparameter import Flag as Flag
from tensorlib.optim.hyperparameter import Hyperparameter as Hyperparameter
from tensorlib.optim.hyperparameter import LearningRate as LearningRate
from tensorlib.optim.hyperparameter import NonNegative as NonNegative
from tensorlib.optim.lion import Lion as Lion
from tensorlib.optim.one_cycle import OneCycle as OneCycle
from tensorlib.optim.optimizer import Optimizer as Optimizer
from tensorlib.optim.rmsprop import RMSprop as RMSprop
from tensorlib.optim.schedule import CosineAnnealing as CosineAnnealing
from tensorlib.optim.schedule import ExponentialDecay as ExponentialDecay
from tensorlib.optim.schedule import LinearWarmup as LinearWarmup
from tensorlib.optim.schedule import PolynomialDecay as PolynomialDecay
from tensorlib.optim.schedule import Schedule as Schedule
from tensorlib.optim.schedule import StepDecay as StepDecay
from tensorlib.optim.sgd import SGD as SGD
from tensorlib.optim.sgd import Classic as Classic
from tensorlib.optim.sgd import Nesterov as Nesterov
from tensorlib.optim.state import OptimizerState as OptimizerState
from tensorlib.shapes.words import of_module as _of_module

_missing = _of_module("optim", __name__)
if not TYPE_CHECKING:  # a checker would take every name for an attribute
    __getattr__ = _missing
