"""The product of matrices: all ops multiply through it, so that there is one place to change how.

Ops look it up here at each call, ``products.matmul(x1, x2)``, and never by another name:
`tensorlib.blas` puts the product of another library there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

matmul: Callable[..., Any] = np.matmul
"""Multiplies arrays as `numpy.matmul` does; ``out`` is the only other argument, and shares no
memory with the operands."""
