"""The safetensors format, through the library of that name: ``tensorlib[safetensors]``."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np

from tensorlib.io.entries import Entry, blaming, matched, tensors_of, widened, write
from tensorlib.io.replacement import replaced
from tensorlib.nn.module import Module

_DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32",
    "I32": "int32", "U64": "uint64", "I64": "int64", "F16": "float16", "F32": "float32",
    "F64": "float64",
}  # fmt: skip
"""The format's names of the dtypes that NumPy has as well."""


def save_safetensors(path: str | PathLike[str], model: Module) -> None:
    """Write a model's parameters and buffers to a safetensors file, under the names PyTorch uses.

    A tied parameter is written under each of its paths. The file appears complete or not at all.

    Args:
        path: the file's name, used as it is.
        model: the model to save.

    Raises:
        CheckpointError: two tensors of the model have the same path.
        ImportError: the safetensors library is not installed.
        OSError: the file cannot be written.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> tl.io.save_safetensors(file, tl.nn.Linear(3, 2))
        >>> import safetensors.numpy
        >>> sorted(safetensors.numpy.load_file(file))
        ['bias', 'weight']
    """
    tensors = tensors_of(model, "save")
    _require_library("save_safetensors")
    from safetensors.numpy import save

    arrays = {key: tensor.numpy() for key, tensor in tensors.items()}
    data = save(
        arrays, {"format": "pt"}
    )  # what other readers take for "names and layouts of PyTorch"
    with replaced(path) as file:
        file.write(data)


def load_safetensors(path: str | PathLike[str], model: Module) -> None:
    """Read a model's parameters and buffers from a safetensors file.

    The whole file is read and checked before anything is written. The format has no checksum of
    the elements.

    Args:
        path: the file's name.
        model: the model to load into; it must have exactly the file's keys and shapes. A file of
            a narrower dtype is converted; bfloat16, which NumPy lacks, counts as the float32
            numbers that it stands for.

    Raises:
        CheckpointError: the file is damaged, or does not fit the model, which is unchanged.
        ImportError: the safetensors library is not installed.
        OSError: there is no such file, or it cannot be opened.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> model, other = tl.nn.Linear(3, 2), tl.nn.Linear(3, 2)
        >>> tl.io.save_safetensors(file, model)
        >>> tl.io.load_safetensors(file, other)
        >>> tl.allclose(other.weight, model.weight)
        True
    """
    tensors = tensors_of(model, "load")
    _require_library("load_safetensors")
    import safetensors

    deserialize: Callable[[bytes], list[tuple[str, dict[str, Any]]]] = safetensors.deserialize
    name = os.fspath(path)
    with open(path, "rb") as file, blaming(name, "safetensors"):
        stored = dict(deserialize(file.read()))
        arrays = matched(tensors, name, list(stored), lambda key: _described(**stored[key]))
    write(tensors, arrays)


def _described(shape: list[int], dtype: str, data: bytearray) -> Entry:
    sizes = tuple(shape)
    if dtype == "BF16":
        return Entry(
            sizes, np.dtype(np.float32), lambda: widened(np.frombuffer(data, "<u2")).reshape(sizes)
        )
    if dtype not in _DTYPES:
        return Entry(sizes, dtype, lambda: np.empty(0))
    little = np.dtype(_DTYPES[dtype]).newbyteorder("<")
    return Entry(sizes, little, lambda: np.frombuffer(data, little).reshape(sizes))


def _require_library(op: str) -> None:
    try:
        import safetensors  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{op}: the safetensors library is not installed: pip install 'tensorlib[safetensors]'"
        ) from error
