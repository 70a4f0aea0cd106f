"""A plugin of pytest, ``-p tests.with_kernels``: kernels compute arrays of any size in tests."""

from __future__ import annotations

import tensorlib as tl
from tensorlib.ops import kernels

tl.kernels.use(True)
kernels.least = 1
