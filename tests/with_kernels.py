"""A plugin of pytest, ``-p tests.with_kernels``: kernels compute arrays of any size in tests."""

from __future__ import annotations

import tensorlib as tl
from tensorlib.ops import kernels


def pytest_configure() -> None:
    """Switch them on; being imported, as doctests are looked for in all modules, does nothing."""
    tl.kernels.use(True)
    kernels.least = 1
