"""Functions that make tensors: from values, from arrays, from a shape, from a random stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, overload

import numpy as np

from tensorlib.ops.arguments import plain_ints
from tensorlib.shapes import creation as rules
from tensorlib.shapes.dtypes import require_supported
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, S, Seed

Bools: TypeAlias = "bool | Sequence[Bools]"
Ints: TypeAlias = "int | Sequence[Ints]"
Floats: TypeAlias = "float | Sequence[Floats]"


# To the type system a bool is an int and an int a float: the first overload that fits decides.
@overload
def tensor(data: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: np.ndarray[S, np.dtype[D]]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: np.ndarray[S, Any], dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: Floats, dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def tensor(data: Bools) -> Tensor[Dims, NoTape, np.bool]: ...  # type: ignore[overload-overlap]
@overload
def tensor(data: Ints) -> Tensor[Dims, NoTape, np.int64]: ...  # type: ignore[overload-overlap]
@overload
def tensor(data: Floats) -> Tensor[Dims, NoTape, np.float32]: ...
def tensor(data: Any, dtype: Any = None) -> Any:
    """Make a tensor with a copy of the data.

    Python floats become float32, ints int64, bools bool; arrays keep their dtype.

    Args:
        data: a number, nested lists of numbers, an array or a tensor.
        dtype: NumPy's scalar type of the elements, such as ``np.float32``.

    Raises:
        DtypeError: the data is not numeric, or of a dtype that tensors cannot have.
        ShapeError: nested lists differ in length.
    """
    if dtype is not None:
        require_dtype(np.dtype(dtype), "tensor")
    if isinstance(data, Tensor):
        data = data.numpy()
    if isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
    else:
        array = _from_nested(data)
        if dtype is None and array.dtype.kind in "iuf":
            dtype = np.float32 if array.dtype.kind == "f" else np.int64
    require_dtype(array.dtype, "tensor")
    return Tensor(_copied(array, dtype))


def _from_nested(data: Any) -> Array:
    try:
        return np.asarray(data)
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                "nested lists must have equal lengths at each level", subject="tensor"
            ) from None
        raise


def _copied(array: Array, dtype: Any) -> Array:
    return np.array(array, np.dtype(dtype or array.dtype).newbyteorder("="), order="C")


def require_dtype(dtype: np.dtype[Any], op: str) -> None:
    """Require a dtype that tensors can have; an error names the op.

    Raises:
        DtypeError: tensors cannot have it.
    """
    try:
        require_supported(dtype.name)
    except DtypeError as error:
        raise error.named(op) from None


def from_numpy(array: np.ndarray[S, np.dtype[D]]) -> Tensor[S, NoTape, D]:
    """Make a tensor that shares the array's memory, without a copy.

    The tensor shows later changes of the array; do not change an array whose tensor is in use.

    Raises:
        TypeError: this is no array.
        DtypeError: tensors cannot have the array's dtype, or its byte order is not native.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an array, got {type(array).__name__}")
    require_dtype(array.dtype, "from_numpy")
    if not array.dtype.isnative:
        raise DtypeError(
            f"expected native byte order, got {array.dtype.str}: use tl.tensor(array), a copy",
            subject="from_numpy",
        )
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return Tensor(view)


def generator(rng: Seed) -> np.random.Generator:
    """Return the Generator itself, or a new one from a seed or from fresh entropy."""
    return np.random.default_rng(rng)


@overload
def zeros(shape: S, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def zeros(shape: S) -> Tensor[S, NoTape, np.float32]: ...
def zeros(shape: Any, dtype: Any = np.float32) -> Any:
    """Make a tensor of zeros.

    Raises:
        ShapeError: a dimension is negative.
    """
    require_dtype(np.dtype(dtype), "zeros")
    return Tensor(np.zeros(rules.zeros(plain_ints(shape, "zeros")), dtype))


@overload
def ones(shape: S, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def ones(shape: S) -> Tensor[S, NoTape, np.float32]: ...
def ones(shape: Any, dtype: Any = np.float32) -> Any:
    """Make a tensor of ones.

    Raises:
        ShapeError: a dimension is negative.
    """
    require_dtype(np.dtype(dtype), "ones")
    return Tensor(np.ones(rules.ones(plain_ints(shape, "ones")), dtype))


@overload
def full(shape: S, value: float, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def full(shape: S, value: float) -> Tensor[S, NoTape, np.float32]: ...
def full(shape: Any, value: float, dtype: Any = np.float32) -> Any:
    """Make a tensor that holds one value everywhere.

    Raises:
        ShapeError: a dimension is negative.
    """
    require_dtype(np.dtype(dtype), "full")
    return Tensor(np.full(rules.full(plain_ints(shape, "full")), value, dtype))


def rand(shape: S, rng: Seed = None) -> Tensor[S, NoTape, np.float32]:
    """Draw from the uniform distribution on [0, 1).

    Raises:
        ShapeError: a dimension is negative.
    """
    dims: Any = rules.rand(plain_ints(shape, "rand"))
    return Tensor(generator(rng).random(dims, dtype=np.float32))


def randn(shape: S, rng: Seed = None) -> Tensor[S, NoTape, np.float32]:
    """Draw from the normal distribution of mean 0 and variance 1.

    Raises:
        ShapeError: a dimension is negative.
    """
    dims: Any = rules.randn(plain_ints(shape, "randn"))
    return Tensor(generator(rng).standard_normal(dims, dtype=np.float32))


def uniform(
    shape: S, low: float = 0.0, high: float = 1.0, rng: Seed = None
) -> Tensor[S, NoTape, np.float32]:
    """Draw from the uniform distribution between low and high; rounding may give high itself.

    Raises:
        ShapeError: a dimension is negative.
    """
    dims: Any = rules.uniform(plain_ints(shape, "uniform"))
    return Tensor(np.asarray(generator(rng).uniform(low, high, dims), np.float32))


def normal(
    shape: S, mean: float = 0.0, std: float = 1.0, rng: Seed = None
) -> Tensor[S, NoTape, np.float32]:
    """Draw from the normal distribution of a mean and a standard deviation.

    Raises:
        ShapeError: a dimension is negative.
    """
    dims: Any = rules.normal(plain_ints(shape, "normal"))
    return Tensor(np.asarray(generator(rng).normal(mean, std, dims), np.float32))


def randint(shape: S, low: int, high: int, rng: Seed = None) -> Tensor[S, NoTape, np.int64]:
    """Draw ints from low up to, but not including, high, each as likely.

    Raises:
        ShapeError: a dimension is negative.
        ValueError: there is no int to choose from.
    """
    dims: Any = rules.randint(plain_ints(shape, "randint"))
    return Tensor(np.asarray(generator(rng).integers(low, high, dims, np.int64)))


def permutation(n: int, rng: Seed = None) -> Tensor[Dims, NoTape, np.int64]:
    """Return the ints from 0 to n - 1 in random order.

    Raises:
        ShapeError: n is negative.
    """
    rules.permutation(*plain_ints((n,), "permutation", "n"))
    return Tensor(generator(rng).permutation(np.arange(n, dtype=np.int64)))
