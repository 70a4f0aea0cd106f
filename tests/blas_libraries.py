"""BLAS libraries for tests: the one that came with NumPy, and MKL where it is installed."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import tensorlib as tl
from tensorlib.blas import mkl
from tensorlib.blas.cblas import Cblas

HAS_MKL = mkl.find() is not None
needs_mkl = pytest.mark.skipif(not HAS_MKL, reason="MKL is not installed: make test-mkl")
MKL = cast(tl.blas.Choice, os.environ.get("TENSORLIB_BLAS") or "mkl-dynamic-seq")
"""Which MKL this process can have, of which there is one."""


def openblas() -> Cblas:
    """The OpenBLAS in NumPy's wheels, used as tensorlib uses MKL.

    Its own products of batches crash where matrices are small, up to version 0.3.31
    (OpenMathLib/OpenBLAS, pull request 5980); they are done one by one here.
    """
    paths = {Path(pool["filepath"]) for pool in threadpool_info() if pool["user_api"] == "blas"}
    bundled = [path for path in paths if "numpy.libs" in path.parts or ".dylibs" in path.parts]
    if not bundled:
        pytest.skip("NumPy came without a BLAS of its own")
    library = ctypes.CDLL(str(bundled[0]))
    functions: dict[str, Any] = {}
    for letter, scalar in (("s", ctypes.c_float), ("d", ctypes.c_double)):
        single = library[f"scipy_cblas_{letter}gemm64_"]
        functions[f"{letter}gemm"] = single
        functions[f"{letter}gemm_batch"] = _one_by_one(single, scalar)
    return Cblas(functions, "{}")


def _one_by_one(single: Callable[..., None], scalar: Any) -> Any:
    """Return cblas_?gemm_batch, a C function as the library's own would be."""
    ints, enums = ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.c_int)
    scalars, pointers = ctypes.POINTER(scalar), ctypes.POINTER(ctypes.c_void_p)

    def batch(order: int, *arguments: Any) -> None:
        *described, groups, sizes = arguments
        assert groups == 1
        order1, order2, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc = described
        same = order1[0], order2[0], m[0], n[0], k[0], alpha[0]
        for x1, x2, y in zip(a[: sizes[0]], b[: sizes[0]], c[: sizes[0]], strict=True):
            single(order, *same, x1, lda[0], x2, ldb[0], beta[0], y, ldc[0])

    return ctypes.CFUNCTYPE(
        None,
        *(ctypes.c_int, enums, enums, ints, ints, ints),
        *(scalars, pointers, ints, pointers, ints, scalars, pointers, ints),
        *(ctypes.c_int64, ints),
    )(batch)


def library(name: str) -> Cblas:
    """Return one of them by name, "openblas" or "mkl"."""
    if name == "openblas":
        return openblas()
    with tl.blas.use(MKL):
        found = mkl.loaded()
    assert found is not None
    return found.cblas


each_library = pytest.mark.parametrize("name", ["openblas", "mkl"] if HAS_MKL else ["openblas"])


def without_numpys(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[int, ...], ...]]:
    """Have NumPy's product note the shapes it is asked for."""
    asked: list[tuple[tuple[int, ...], ...]] = []
    numpys = np.matmul

    def matmul(x1: Any, x2: Any, out: Any = None) -> Any:
        asked.append((x1.shape, x2.shape))
        return numpys(x1, x2, out=out)

    monkeypatch.setattr(np, "matmul", matmul)
    return asked
