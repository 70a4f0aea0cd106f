"""Dtype rules: which dtype an op computes in and which it returns, by name.

Dtypes are named as NumPy names them. A Python scalar takes part as ``"scalar bool"``,
``"scalar int"`` or ``"scalar float"``; scalars are weak: they never widen a tensor of their kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tensorlib.shapes.errors import DtypeError

BOOL = "bool"
INTEGERS = ("uint8", "int32", "int64")
FLOATS = ("float16", "float32", "float64")
DTYPES = (BOOL, *INTEGERS, *FLOATS)
FOREIGN = ("int8", "int16", "uint16", "uint32", "uint64", "complex64", "complex128")
"""NumPy's dtypes of numbers that tensors cannot have."""
SCALARS = ("scalar bool", "scalar int", "scalar float")
DEFAULT_FLOAT = "float32"
DEFAULT_INT = "int64"


def is_floating(dtype: str) -> bool:
    """Tell whether a dtype or scalar kind is floating point."""
    return dtype in FLOATS or dtype == "scalar float"


def require_supported(dtype: str) -> str:
    """Return the dtype's name if tensors may have it.

    Raises:
        DtypeError: it is complex, an object, a string, a time, or of a width tensorlib lacks.
    """
    if dtype not in DTYPES:
        raise DtypeError(
            f"expected a dtype of {', '.join(DTYPES)}, got {dtype}: convert the array first, "
            "e.g. array.astype(np.float32)"
        )
    return dtype


def promote(*dtypes: str) -> str:
    """Return the dtype in which operands of these dtypes meet.

    Raises:
        DtypeError: float64 meets another float dtype.
    """
    tensors = [dtype for dtype in dtypes if dtype not in SCALARS]
    if not tensors:
        return _default_for(dtypes)
    result = tensors[0]
    for dtype in tensors[1:]:
        result = _meet(result, dtype)
    for scalar in dtypes:
        if scalar in SCALARS:
            result = _meet_scalar(result, scalar)
    return result


def _default_for(scalars: tuple[str, ...]) -> str:
    if "scalar float" in scalars:
        return DEFAULT_FLOAT
    return DEFAULT_INT if "scalar int" in scalars else BOOL


def _meet(a: str, b: str) -> str:
    if a == b:
        return a
    if a in FLOATS and b in FLOATS:
        if "float64" in (a, b):
            other = b if a == "float64" else a
            raise DtypeError(
                f"dtypes must agree, got {a} and {b}: "
                f"convert one with .astype(np.{other}) or .astype(np.float64)"
            )
        return "float32"
    if a in FLOATS:
        return a
    if b in FLOATS:
        return b
    return max(a, b, key=DTYPES.index)


def _meet_scalar(dtype: str, scalar: str) -> str:
    if scalar == "scalar float" and dtype not in FLOATS:
        return DEFAULT_FLOAT
    if scalar == "scalar int" and dtype == BOOL:
        return DEFAULT_INT
    return dtype


def to_number(*dtypes: str) -> str:
    """Return the dtype in which the operands meet, for arithmetic that bools do not have.

    Raises:
        DtypeError: they meet as bools, or float64 meets another float dtype.
    """
    result = promote(*dtypes)
    if result == BOOL:
        raise DtypeError("expected a numeric dtype, got bool: convert it with .astype(np.int64)")
    return result


def to_floating(*dtypes: str) -> str:
    """Return the float dtype for an op that has only float results; ints give float32."""
    result = promote(*dtypes)
    return result if result in FLOATS else DEFAULT_FLOAT


def to_sum(*dtypes: str) -> str:
    """Return the dtype of a sum: int64 for ints and bools, else the operand's."""
    result = promote(*dtypes)
    return result if result in FLOATS else DEFAULT_INT


def require_floating(*dtypes: str) -> str:
    """Return the dtype in which float operands meet.

    Raises:
        DtypeError: an operand is not floating point.
    """
    for dtype in dtypes:
        if not is_floating(dtype):
            raise DtypeError(
                f"expected a floating dtype, got {dtype}: convert it with .astype(np.float32)"
            )
    return promote(*dtypes)


class DtypeRule(NamedTuple):
    """How an op treats dtypes.

    Attributes:
        operands: gives the dtype in which the op computes; None: each operand's own.
        converts: whether the operands are converted to it, or only checked.
        result: the result's dtype, or None where it is the dtype the op computed in.
        declared: True where the result's is not decided here, but by the op's plain signature.
        beside: the dtypes of further results, which have no gradient and so own no tape.
        each: whether each of several results has the dtype of the operand at its place.
        follows: the place of the operand whose dtype the result has, whatever that is, or None.
    """

    operands: Callable[..., str] | None = None
    result: str | None = None
    converts: bool = True
    declared: bool = False
    beside: tuple[str, ...] = ()
    follows: int | None = None
    each: bool = False

    def __call__(self, *dtypes: str) -> str:
        """Return the result's dtype for operands of these dtypes."""
        computed = self.operands(*dtypes) if self.operands is not None else dtypes[0]
        return self.result or computed


same = DtypeRule()
promoted = DtypeRule(promote)
numeric = DtypeRule(to_number)
floating = DtypeRule(to_floating)
floats_only = DtypeRule(require_floating)
summed = DtypeRule(to_sum)
compared = DtypeRule(promote, BOOL)
indices = DtypeRule(None, DEFAULT_INT)
truths = DtypeRule(None, BOOL)
with_indices = DtypeRule(beside=(DEFAULT_INT,), follows=0)
first = DtypeRule(follows=0)
each = DtypeRule(each=True)
declared = DtypeRule(declared=True)
