"""Tensors from what holds values already: numbers, arrays, other libraries' tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Never, Protocol, TypeAlias, overload

import numpy as np

from tensorlib import recording
from tensorlib.shapes.dtypes import require_supported
from tensorlib.shapes.errors import DtypeError, ShapeError, tensors_among_numbers
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, Dims, S

Empty: TypeAlias = "Sequence[Never] | Sequence[Empty]"
Bools: TypeAlias = "bool | Sequence[Bools]"
Ints: TypeAlias = "int | Sequence[Ints]"
Floats: TypeAlias = "float | Sequence[Floats]"


# To the type system a bool is an int and an int a float: the first overload that fits decides.
@overload
def tensor(data: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: np.ndarray[S, np.dtype[D]]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: D) -> Tensor[tuple[()], NoTape, D]: ...
@overload
def tensor(data: np.ndarray[S, Any], dtype: type[D]) -> Tensor[S, NoTape, D]: ...
@overload
def tensor(data: Floats, dtype: type[D]) -> Tensor[Dims, NoTape, D]: ...
@overload
def tensor(data: Empty) -> Tensor[Dims, NoTape, np.float32]: ...  # type: ignore[overload-overlap]
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

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.tensor([[1, 2], [3, 4]])
        tensor([[1, 2],
                [3, 4]], shape=(2, 2), dtype=int64)
        >>> tl.tensor([0.5, 1]).dtype, tl.tensor([0.5, 1], np.float64).dtype
        (dtype('float32'), dtype('float64'))
    """
    if dtype is not None:
        require_dtype(np.dtype(dtype), "tensor")
    if isinstance(data, Tensor):
        data = data.numpy()
    is_array = isinstance(data, np.ndarray | np.generic)
    if is_array:
        _require_no_mask(data, "tensor")
        array = np.asarray(data)
    else:
        array = _from_nested(data)
        if dtype is None and array.dtype.kind in "iuf":
            dtype = np.float32 if array.dtype.kind == "f" else np.int64
    require_dtype(array.dtype, "tensor")
    copied = _copied(array, dtype)
    return Tensor(copied if is_array else recording.constant(copied))


def _from_nested(data: Any) -> Array:
    if _has_tensors(data):
        raise tensors_among_numbers("tensor")
    try:
        return np.asarray(data)
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                "nested lists must have equal lengths at each level", subject="tensor"
            ) from None
        raise


def _has_tensors(data: Any) -> bool:
    """Tell whether nested lists hold tensors."""
    if not isinstance(data, list | tuple):
        return False
    kinds = set(map(type, data))
    if any(issubclass(kind, Tensor) for kind in kinds):
        return True
    return bool(kinds & {list, tuple}) and any(map(_has_tensors, data))


def _copied(array: Array, dtype: Any) -> Array:
    return np.array(array, np.dtype(dtype or array.dtype).newbyteorder("="), order="C")


def _require_no_mask(array: object, op: str) -> None:
    """Refuse masked arrays: what is masked would come to light."""
    # np.ma is loaded when it is first named.
    if type(array) is not np.ndarray and isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            f"{op}: expected an array without a mask, got MaskedArray: use array.filled(...)"
        )


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

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> x = tl.from_numpy(np.array([1.0, 2.0]))
        >>> x.dtype, x.tolist()
        (dtype('float64'), [1.0, 2.0])
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an array, got {type(array).__name__}")
    _require_no_mask(array, "from_numpy")
    require_dtype(array.dtype, "from_numpy")
    if not array.dtype.isnative:
        raise DtypeError(
            f"expected native byte order, got {array.dtype.str}: use tl.tensor(array), a copy",
            subject="from_numpy",
        )
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return Tensor(view)


class SupportsDLPack(Protocol):
    """An array or tensor of any library that exports its memory by the DLPack protocol."""

    def __dlpack__(self, /, *, stream: Any = None) -> Any:
        """Return a capsule that holds the memory and its description."""

    def __dlpack_device__(self, /) -> tuple[int, int]:
        """Return the kind and the number of the device that the memory is on."""
        raise NotImplementedError


@overload
def from_dlpack(x: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]: ...
@overload
def from_dlpack(x: np.ndarray[S, np.dtype[D]]) -> Tensor[S, NoTape, D]: ...
@overload
def from_dlpack(x: SupportsDLPack) -> Tensor[Dims, NoTape, Any]: ...
def from_dlpack(x: Any) -> Any:
    """Make a tensor from another library's, such as PyTorch's, without a copy where it lets us.

    Shares memory as `from_numpy` does: do not change what was passed while the tensor is in use.
    The other direction is the other library's own function, ``torch.from_dlpack(x)`` or
    ``np.from_dlpack(x)``, which gets a copy: a tensor's elements never change.

    Args:
        x: anything with ``__dlpack__`` whose memory the CPU can read.

    Raises:
        TypeError: x does not support DLPack.
        DtypeError: tensors cannot have its dtype.
        BufferError: its owner does not export it, say because it is on another device or needs
            a gradient there.

    Example:
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> tl.from_dlpack(np.array([1.0, 2.0])).tolist()
        [1.0, 2.0]
    """
    if not hasattr(x, "__dlpack__") or not hasattr(x, "__dlpack_device__"):
        raise TypeError(
            f"from_dlpack: expected an object with __dlpack__, got {type(x).__name__}: "
            "use tl.tensor(...) for numbers and lists"
        )
    _require_no_mask(x, "from_dlpack")
    try:
        array = np.from_dlpack(x)
    except RuntimeError:  # NumPy has no such dtype, and names none
        dtype = getattr(x, "dtype", "one that NumPy lacks")
        raise DtypeError(
            f"expected a dtype that NumPy has, got {dtype}: convert it there first",
            subject="from_dlpack",
        ) from None
    require_dtype(array.dtype, "from_dlpack")
    return from_numpy(array)
