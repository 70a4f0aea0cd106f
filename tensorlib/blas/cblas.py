"""The product of matrices by a library with the C interface of BLAS, such as MKL or OpenBLAS."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from tensorlib.blas.address import address
from tensorlib.blas.geometry import Geometry, Ints, geometry
from tensorlib.tape import Array

_ROW_MAJOR, _PLAIN, _TRANSPOSED = 101, 111, 112  # what cblas.h calls CblasRowMajor and so on

_Int, _Enum, _Pointer = ctypes.c_int64, ctypes.c_int, ctypes.c_void_p


class _Call(NamedTuple):
    """What cblas is told of all products whose operands lie in memory alike.

    ctypes hands on the address of an integer where a function takes a pointer, as those for batches
    do, so that the same objects serve both.

    Attributes:
        geometry: how they lie.
        sizes: what comes before the first factor.
        leading: the leading dimensions of both operands and of the result.
    """

    geometry: Geometry
    sizes: tuple[Any, ...]
    leading: tuple[Any, ...]


@lru_cache(maxsize=1024)
def _call(
    shape1: Ints,
    strides1: Ints,
    shape2: Ints,
    strides2: Ints,
    out_strides: Ints | None,
    itemsize: int,
) -> _Call | None:
    found = geometry(shape1, strides1, shape2, strides2, out_strides, itemsize)
    if found is None:
        return None
    orders = [_Enum(_TRANSPOSED if lie.transposed else _PLAIN) for lie in found.lies[:2]]
    lengths = [_Int(length) for length in (found.rows, found.columns, found.inner)]
    leading = tuple(_Int(lie.leading) for lie in found.lies)
    return _Call(found, (*orders, *lengths), leading)


class _Functions(NamedTuple):
    """What a library has for one dtype: cblas_?gemm, cblas_?gemm_batch, and the factors 1 and 0."""

    single: Any
    batch: Any
    one: Any
    zero: Any


class Library(Protocol):
    """A library that ctypes has loaded."""

    def __getitem__(self, name: str, /) -> Any:
        """Return a function."""


class Cblas:
    """Products by the functions of one library, whose integers have 64 bits.

    Args:
        library: the library.
        names: what its functions are called, where ``{}`` stands for ``sgemm``, ``sgemm_batch`` and
            the same of float64.

    Raises:
        AttributeError: the library lacks one of the functions.
    """

    def __init__(self, library: Library, names: str) -> None:
        self._functions = {
            np.dtype(dtype): _functions(library, names, letter, scalar)
            for dtype, letter, scalar in (
                (np.float32, "s", ctypes.c_float),
                (np.float64, "d", ctypes.c_double),
            )
        }

    def matmul(self, x1: Array, x2: Array, out: Array | None = None) -> Any:
        """Multiply as `numpy.matmul` does, which is asked where BLAS has no such product."""
        dtype = x1.dtype
        functions = self._functions.get(dtype)
        if functions is None or x2.dtype != dtype:
            return np.matmul(x1, x2, out=out)
        out_strides = None if out is None else out.strides
        call = _call(x1.shape, x1.strides, x2.shape, x2.strides, out_strides, dtype.itemsize)
        if call is None:
            return np.matmul(x1, x2, out=out)
        found = call.geometry
        if out is not None and (out.shape, out.dtype) != (found.shape, dtype):
            return np.matmul(x1, x2, out=out)
        y = np.empty(found.shape, dtype) if out is None else out
        first, second, third = address(x1), address(x2), address(y)
        if (first | second | third) % dtype.itemsize:
            return np.matmul(x1, x2, out=out)
        ahead, behind, after = call.leading
        if not found.batch:
            functions.single(
                *(_ROW_MAJOR, *call.sizes, functions.one),
                *(first, ahead, second, behind, functions.zero, third, after),
            )
            return y
        starts = found.starts((first, second, third))
        first, second, third = (row.ctypes.data for row in starts)
        functions.batch(
            *(_ROW_MAJOR, *call.sizes, functions.one),
            *(first, ahead, second, behind, functions.zero, third, after),
            *(1, _Int(starts.shape[1])),
        )
        return y


def _functions(library: Library, names: str, letter: str, scalar: Any) -> _Functions:
    single = library[names.format(f"{letter}gemm")]
    single.restype = None
    single.argtypes = (
        *(_Enum,) * 3,
        *(_Int,) * 3,
        *(scalar, _Pointer, _Int, _Pointer, _Int),
        *(scalar, _Pointer, _Int),
    )
    several = ctypes.POINTER
    batch = library[names.format(f"{letter}gemm_batch")]
    batch.restype = None
    batch.argtypes = (
        *(_Enum, several(_Enum), several(_Enum)),
        *(several(_Int),) * 3,
        *(several(scalar), _Pointer, several(_Int), _Pointer, several(_Int)),
        *(several(scalar), _Pointer, several(_Int)),
        *(_Int, several(_Int)),
    )
    return _Functions(single, batch, scalar(1), scalar(0))
