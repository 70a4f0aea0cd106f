"""Data for training: batches in order or shuffled, parts, and reading ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlib.data.batches import Batches as Batches
from tensorlib.data.batches import batches as batches
from tensorlib.data.dataset import Dataset as Dataset
from tensorlib.data.dataset import Mapped as Mapped
from tensorlib.data.loader import Loader as Loader
from tensorlib.data.loader import stacked as stacked
from tensorlib.data.loader import stacked_pairs as stacked_pairs
from tensorlib.data.order import Order as Order
from tensorlib.data.order import OrderState as OrderState
from tensorlib.data.parts import random_split as random_split
from tensorlib.data.prefetch import prefetch as prefetch
from tensorlib.shapes.words import of_module as _of_module

_missing = _of_module("data", __name__)
if not TYPE_CHECKING:  # a checker would take every name for an attribute
    __getattr__ = _missing
