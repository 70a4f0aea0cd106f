"""The npy format: one array with a header that tells its shape and dtype."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from io import BytesIO
from os import PathLike
from typing import Any, Literal, NamedTuple, Protocol, overload

import numpy as np

from tensorlib.io.entries import RefusedError, blaming, converts
from tensorlib.io.replacement import replaced
from tensorlib.shapes.dtypes import DTYPES
from tensorlib.tape import Array, NoTape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D

_HEADER_LIMIT = 4 * 1024
"""More bytes than the header of any array that tensors can hold."""


def save_npy(path: str | PathLike[str], x: Tensor[Any, Any, Any]) -> None:
    """Write a tensor's elements to an npy file, which ``np.load`` reads as well.

    The file appears complete or not at all.

    Args:
        path: the file's name, used as it is.
        x: the tensor; its tape, if it owns one, stays where it is.

    Raises:
        OSError: the file cannot be written.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "x.npy")
        >>> tl.io.save_npy(file, tl.tensor([1.0, 2.0]))
        >>> np.load(file).tolist()
        [1.0, 2.0]
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"save_npy: expected a tensor, got {type(x).__name__}")
    with replaced(path) as file:
        np.lib.format.write_array(file, x.numpy(), allow_pickle=False)


@overload
def load_npy(path: str | PathLike[str]) -> Tensor[tuple[int, ...], NoTape, Any]: ...
@overload
def load_npy(path: str | PathLike[str], dtype: type[D]) -> Tensor[tuple[int, ...], NoTape, D]: ...
def load_npy(path: str | PathLike[str], dtype: Any = None) -> Any:
    """Read a tensor from an npy file; ``expect_shape`` then states its shape.

    Args:
        path: the file's name.
        dtype: the dtype that is expected. A file of a narrower one is converted.

    Raises:
        CheckpointError: the file is damaged, of another dtype, or of one that tensors cannot have.
        OSError: there is no such file, or it cannot be opened.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "x.npy")
        >>> np.save(file, [[1, 2], [3, 4]])
        >>> tl.io.load_npy(file, np.int64).expect_shape((2, 2)).sum(0).tolist()
        [4, 6]
    """
    name = os.fspath(path)
    with open(path, "rb") as file, blaming(name, "npy"):
        header = read_header(file)
        want = header.dtype if dtype is None else np.dtype(dtype)
        if header.dtype.hasobject:
            raise RefusedError("holds Python objects, which are never loaded")
        if want.name not in DTYPES or not converts(header.dtype, want):
            expected = ", ".join(DTYPES) if dtype is None else str(want)
            raise RefusedError(f"does not fit: expected a dtype of {expected}, got {header.dtype}")
        if os.fstat(file.fileno()).st_size != header.start + header.nbytes:
            raise ValueError(f"expected {header.nbytes} bytes of elements")
        file.seek(header.start)
        array = read_elements(file, header)
    return Tensor(np.array(array, want.newbyteorder("="), order="C"))


class Header(NamedTuple):
    """What an npy file says of its array, and where in the file the elements begin."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]
    start: int

    @property
    def nbytes(self) -> int:
        """How many bytes the elements take; negative sizes make it negative or 0."""
        return math.prod(self.shape) * self.dtype.itemsize


class Readable(Protocol):
    """A file open for reading."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, or fewer at the end."""
        raise NotImplementedError


def read_header(file: Readable) -> Header:
    """Read the header of an array.

    Raises:
        ValueError: it is damaged, or of an unknown version.
    """
    # A file may claim a header of any length: no more than this is ever read.
    beginning = BytesIO(file.read(_HEADER_LIMIT))
    version = np.lib.format.read_magic(beginning)
    readers: dict[tuple[int, int], Callable[[BytesIO], Any]] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"version {version} of the npy format is not known")
    try:
        shape, fortran_order, dtype = readers[version](beginning)
    except MemoryError:
        # Python's parser, in which NumPy reads it, says so when brackets or signs are too many.
        raise ValueError("its header is nested too deeply") from None
    return Header(shape, fortran_order, dtype, beginning.tell())


def read_elements(file: Readable, header: Header) -> Array:
    """Read the elements to the end of the file, which stands where they begin.

    Raises:
        ValueError: there are fewer or more of them than the header says, or they are Python
            objects.
    """
    if header.dtype.hasobject:
        # NumPy would take the bytes for addresses.
        raise ValueError("expected numbers, got Python objects, which are never loaded")
    data = file.read(header.nbytes)
    # Reading past the end makes zipfile compare the checksum.
    if len(data) < header.nbytes or file.read(1):
        raise ValueError(f"expected {header.nbytes} bytes of elements")
    order: Literal["C", "F"] = "F" if header.fortran_order else "C"
    return np.ndarray(header.shape, header.dtype, data, order=order)
