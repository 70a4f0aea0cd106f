"""Compiles kernels by numba: once per dtype, and kept on disk for later programs.

A kernel's annotations say what it takes: vectors that it reads, vectors that it writes, and
scalars. One dtype stands for all that are floating point, so that each kernel is compiled for
float32 and for float64, when it is first wanted for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeAlias, get_args, get_type_hints

import numba
import numpy as np
from numba import types

from tensorlib.tape import Array

Function: TypeAlias = Callable[..., None]
Formula: TypeAlias = Callable[..., Any]

In: TypeAlias = Annotated[Array, "1 in"]
"""A vector that is read."""
Out: TypeAlias = Annotated[Array, "1 out"]
"""A vector that is written."""
Rows: TypeAlias = Annotated[Array, "2 in"]
"""A matrix that is read."""
OutRows: TypeAlias = Annotated[Array, "2 out"]
"""A matrix that is written."""
Count: TypeAlias = Annotated[int, "0 count"]
Scalar: TypeAlias = Annotated[float, "0 scalar"]

FLOATS: Final = {np.dtype(np.float32): types.float32, np.dtype(np.float64): types.float64}
EXACT: Final[frozenset[str]] = frozenset()
"""No operation of a kernel may be changed: the same numbers as NumPy's."""
FUSED: Final = frozenset({"contract"})
"""A product and a sum may be rounded once."""
SUMS: Final = frozenset({"contract", "reassoc", "nsz"})
"""Sums may be added up in any order, so that several elements are added at once."""

_lock = threading.Lock()


class Kernel:
    """A function of loops over arrays, compiled for each dtype.

    Args:
        function: takes what its annotations say, and returns nothing.
        liberties: what may be done to its arithmetic: `EXACT`, `FUSED` or `SUMS`.
        formula: the same of arrays, by NumPy's elementwise functions alone, if there is such.
    """

    def __init__(
        self, function: Function, liberties: frozenset[str], formula: Formula | None
    ) -> None:
        self.formula = formula
        self._function = function
        self._liberties = liberties
        self._compiled: dict[np.dtype[Any], Function] = {}

    def __getitem__(self, dtype: np.dtype[Any]) -> Function:
        """Return the machine code for a dtype."""
        found = self._compiled.get(dtype)
        return self._compile(dtype) if found is None else found

    def _compile(self, dtype: np.dtype[Any]) -> Function:
        with _lock:
            if dtype not in self._compiled:
                self._compiled[dtype] = self._built(dtype)
            return self._compiled[dtype]

    def _built(self, dtype: np.dtype[Any]) -> Function:
        hints = get_type_hints(self._function, include_extras=True)
        del hints["return"]
        arguments = [_type(get_args(hint)[1], FLOATS[dtype]) for hint in hints.values()]
        options: dict[str, Any] = {
            "nogil": True,
            "error_model": "numpy",
            "fastmath": set(self._liberties),
        }
        signature = types.void(*arguments)
        try:
            built: Function = numba.njit(signature, cache=True, **options)(self._function)
        except RuntimeError:  # nowhere to write: it is compiled in each program
            built = numba.njit(signature, **options)(self._function)
        return built


def kernel(
    liberties: frozenset[str], formula: Formula | None = None
) -> Callable[[Function], Kernel]:
    """Make a function a kernel."""
    return lambda function: Kernel(function, liberties, formula)


def exact(function: Function, uses: Sequence[str], dtype: np.dtype[Any]) -> Function:
    """Compile a function that is in no file, and whose arithmetic must stay as it is.

    Args:
        uses: what its parameters are, as the annotations of a kernel tell.
        dtype: that of the elements.
    """
    signature = types.void(*(_type(use, FLOATS[dtype]) for use in uses))
    built: Function = numba.njit(signature, nogil=True, error_model="numpy")(function)
    return built


def _type(what: str, element: Any) -> Any:
    rank, _, use = what.partition(" ")
    if use == "scalar":
        return element
    if use == "count":
        return types.intp
    return types.Array(element, int(rank), "C", readonly=use == "in")


def fit(*arrays: Array) -> bool:
    """Tell whether kernels can take arrays: in one piece each, and of one dtype and shape."""
    first = arrays[0]
    dtype, shape = first.dtype, first.shape
    return dtype in FLOATS and all(
        x.dtype == dtype and x.shape == shape and x.flags.c_contiguous and x.flags.aligned
        for x in arrays
    )
