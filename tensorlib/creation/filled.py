"""Tensors of one value, or of ones on the diagonal, from a shape or like another tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Never, overload

import numpy as np

from tensorlib import recording
from tensorlib.creation.values import require_dtype
from tensorlib.ops.arguments import one_tuple, plain_int, plain_ints
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.ops.sizes import possible
from tensorlib.shapes import creation as rules
from tensorlib.tape import NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, S


@overload
def zeros(shape: S, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def zeros(shape: S) -> Tensor[S, NoTape, np.float32]: ...
@overload
def zeros(shape: Sequence[int], dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def zeros(shape: Sequence[int]) -> Tensor[Dims, NoTape, np.float32]: ...
def zeros(shape: Any, dtype: Any = np.float32, *more: Never) -> Any:
    """Make a tensor of zeros.

    Raises:
        ShapeError: a dimension is negative.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.zeros((2, 3)).tolist()
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        >>> tl.zeros((2,), np.int64).tolist()
        [0, 0]
    """
    dims = one_tuple(shape, "zeros", more=more, behind=(dtype, *more))
    require_dtype(np.dtype(dtype), "zeros")
    return Tensor(recording.constant(np.zeros(possible(rules.zeros(dims), "zeros"), dtype)))


@overload
def ones(shape: S, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def ones(shape: S) -> Tensor[S, NoTape, np.float32]: ...
@overload
def ones(shape: Sequence[int], dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def ones(shape: Sequence[int]) -> Tensor[Dims, NoTape, np.float32]: ...
def ones(shape: Any, dtype: Any = np.float32, *more: Never) -> Any:
    """Make a tensor of ones.

    Raises:
        ShapeError: a dimension is negative.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.ones((2, 3)).tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    dims = one_tuple(shape, "ones", more=more, behind=(dtype, *more))
    require_dtype(np.dtype(dtype), "ones")
    return Tensor(recording.constant(np.ones(possible(rules.ones(dims), "ones"), dtype)))


@overload
def full(shape: S, value: float, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def full(shape: S, value: float) -> Tensor[S, NoTape, np.float32]: ...
@overload
def full(shape: Sequence[int], value: float, dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def full(shape: Sequence[int], value: float) -> Tensor[Dims, NoTape, np.float32]: ...
def full(shape: Any, value: float, dtype: Any = np.float32) -> Any:
    """Make a tensor that holds one value everywhere.

    Raises:
        ShapeError: a dimension is negative.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.full((2, 2), 7.5).tolist()
        [[7.5, 7.5], [7.5, 7.5]]
        >>> tl.full((), True, np.bool).item()
        True
    """
    dims = plain_ints(shape, "full")
    require_dtype(np.dtype(dtype), "full")
    return Tensor(recording.constant(np.full(possible(rules.full(dims), "full"), value, dtype)))


@overload
def zeros_like(x: Tensor[S, Any, Any], dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def zeros_like(x: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]: ...
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Make a tensor of zeros with the shape of x, and its dtype unless another is given.

    Only reads: x keeps its tape.

    Raises:
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.zeros_like(tl.tensor([[1, 2], [3, 4]])).tolist()
        [[0, 0], [0, 0]]
    """
    return _filled_like(x, 0, dtype, "zeros_like")


@overload
def ones_like(x: Tensor[S, Any, Any], dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def ones_like(x: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]: ...
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Make a tensor of ones with the shape of x, and its dtype unless another is given.

    Only reads: x keeps its tape.

    Raises:
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.ones_like(tl.tensor([[1, 2], [3, 4]]), np.float32).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    return _filled_like(x, 1, dtype, "ones_like")


@overload
def full_like(x: Tensor[S, Any, Any], value: float, dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def full_like(x: Tensor[S, Any, D], value: float) -> Tensor[S, NoTape, D]: ...
def full_like(x: Any, value: float, dtype: Any = None) -> Any:
    """Make a tensor of one value with the shape of x, and its dtype unless another is given.

    Only reads: x keeps its tape. The value is converted to the dtype: 2.5 becomes 2 among ints.

    Raises:
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import tensorlib as tl
        >>> tl.full_like(tl.tensor([1, 2]), 2.5).tolist()
        [2, 2]
        >>> tl.full_like(tl.tensor([1.0, 2.0]), 2.5).tolist()
        [2.5, 2.5]
    """
    return _filled_like(x, value, dtype, "full_like")


def _filled_like(x: Any, value: float, dtype: Any, op: str) -> Any:
    if not isinstance(x, Tensor):
        raise not_a_tensor(x, op)
    if dtype is not None:
        require_dtype(np.dtype(dtype), op)
    return Tensor(recording.constant(np.full(x.shape, value, x.dtype if dtype is None else dtype)))


@overload
def eye(n: int, m: int | None = None, *, dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def eye(n: int, m: int | None = None) -> Tensor[Dims, NoTape, np.float32]: ...
def eye(n: int, m: int | None = None, *, dtype: Any = np.float32) -> Any:
    """Make a matrix with ones on the diagonal and zeros elsewhere.

    Shape: ``(n, m)``, or ``(n, n)`` without m

    Raises:
        ShapeError: a dimension is negative.
        DtypeError: tensors cannot have the dtype.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.eye(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        >>> tl.eye(2, 3, dtype=np.int64).tolist()
        [[1, 0, 0], [0, 1, 0]]
    """
    require_dtype(np.dtype(dtype), "eye")
    columns = None if m is None else plain_int(m, "eye", "m")
    shape: Any = possible(rules.eye(plain_int(n, "eye", "n"), columns), "eye")
    return Tensor(recording.constant(np.eye(*shape, dtype=dtype)))
