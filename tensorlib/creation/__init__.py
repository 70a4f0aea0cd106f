"""Functions that make tensors: from values, from arrays, from a shape, from a random stream."""

from __future__ import annotations

from tensorlib.creation.filled import eye as eye
from tensorlib.creation.filled import full as full
from tensorlib.creation.filled import full_like as full_like
from tensorlib.creation.filled import ones as ones
from tensorlib.creation.filled import ones_like as ones_like
from tensorlib.creation.filled import zeros as zeros
from tensorlib.creation.filled import zeros_like as zeros_like
from tensorlib.creation.generator_state import checked_state as checked_state
from tensorlib.creation.random import generator as generator
from tensorlib.creation.random import normal as normal
from tensorlib.creation.random import permutation as permutation
from tensorlib.creation.random import rand as rand
from tensorlib.creation.random import rand_like as rand_like
from tensorlib.creation.random import randint as randint
from tensorlib.creation.random import randn as randn
from tensorlib.creation.random import randn_like as randn_like
from tensorlib.creation.random import uniform as uniform
from tensorlib.creation.ranges import arange as arange
from tensorlib.creation.ranges import linspace as linspace
from tensorlib.creation.values import SupportsDLPack as SupportsDLPack
from tensorlib.creation.values import from_dlpack as from_dlpack
from tensorlib.creation.values import from_numpy as from_numpy
from tensorlib.creation.values import require_dtype as require_dtype
from tensorlib.creation.values import tensor as tensor
