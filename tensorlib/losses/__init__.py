"""Losses: scalars that measure how far predictions are from targets. Nothing broadcasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlib.losses.classification import cross_entropy as cross_entropy
from tensorlib.losses.classification import nll_loss as nll_loss
from tensorlib.losses.probability import binary_cross_entropy as binary_cross_entropy
from tensorlib.losses.probability import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
)
from tensorlib.losses.probability import kl_div as kl_div
from tensorlib.losses.reduction import Reduction as Reduction
from tensorlib.losses.regression import huber_loss as huber_loss
from tensorlib.losses.regression import mae_loss as mae_loss
from tensorlib.losses.regression import mse_loss as mse_loss
from tensorlib.losses.regression import rmse_loss as rmse_loss
from tensorlib.losses.regression import smooth_l1_loss as smooth_l1_loss
from tensorlib.losses.similarity import cosine_embedding_loss as cosine_embedding_loss
from tensorlib.losses.similarity import triplet_margin_loss as triplet_margin_loss
from tensorlib.shapes.words import of_module as _of_module

_missing = _of_module("losses", __name__)
if not TYPE_CHECKING:  # a checker would take every name for an attribute
    __getattr__ = _missing
