"""Compiled kernels in the place of NumPy functions; imported when they are first asked for."""

from __future__ import annotations

from tensorlib.kernels.choice import Use as Use
from tensorlib.kernels.choice import use as use
from tensorlib.kernels.table import Info as Info
from tensorlib.kernels.table import info as info
