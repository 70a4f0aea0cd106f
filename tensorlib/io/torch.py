"""The format of ``torch.save``: a zip archive of a pickle and of the bytes of each storage."""

from __future__ import annotations

import os
import struct
import zipfile
from os import PathLike
from typing import IO, Any, Literal

import numpy as np

from tensorlib.io.archive import is_stored
from tensorlib.io.entries import Entry, RefusedError, blaming, matched, tensors_of, widened, write
from tensorlib.io.replacement import replaced
from tensorlib.io.torch_pickle import StoredTensor, read_pickle, write_pickle
from tensorlib.nn.module import AnyBuffer, Module
from tensorlib.tape import Array

_ROOT = "archive"
_ALIGNMENT = 64
"""Where the elements of a storage begin in the file: at a multiple of this, for mapping it."""
_HEADER = 30
"""The bytes before the name in the header of a member."""


def save_torch(path: str | PathLike[str], model: Module) -> None:
    """Write a model's parameters and buffers to a file for ``torch.load(path)``.

    It holds a state dict, and ``weights_only=True``, the default, is enough to read it. Tied
    parameters stay tied. The file appears complete or not at all. PyTorch need not be installed.

    Args:
        path: the file's name, used as it is.
        model: the model to save.

    Raises:
        CheckpointError: two tensors of the model have the same path.
        OSError: the file cannot be written.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.pt")
        >>> tl.io.save_torch(file, tl.nn.Linear(3, 2))
        >>> import torch
        >>> list(torch.load(file))
        ['weight', 'bias']
    """
    tensors = tensors_of(model, "save")
    storages = {tensor.id: tensor for tensor in tensors.values()}
    keys = {id: str(number) for number, id in enumerate(storages)}
    stored = {path: _stored(tensor, keys[tensor.id]) for path, tensor in tensors.items()}
    with replaced(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, file, "data.pkl", write_pickle(stored))
        _add(archive, file, "byteorder", b"little")
        for id, tensor in storages.items():
            elements = tensor.numpy()
            little = elements.astype(elements.dtype.newbyteorder("<"), copy=False)
            _add(archive, file, f"data/{keys[id]}", little.tobytes())
        _add(archive, file, "version", b"3\n")


def _stored(tensor: AnyBuffer, key: str) -> StoredTensor:
    array = tensor.numpy()
    stride = tuple(step // array.itemsize for step in np.empty_like(array, order="C").strides)
    return StoredTensor(array.dtype.name, key, array.size, 0, array.shape, stride)


def _add(archive: zipfile.ZipFile, file: IO[bytes], name: str, data: bytes) -> None:
    """Add a member whose data is aligned, by a field without meaning in its header."""
    member = zipfile.ZipInfo(f"{_ROOT}/{name}")
    start = file.tell() + _HEADER + len(member.filename) + 4
    padding = -start % _ALIGNMENT
    member.extra = b"FB" + struct.pack("<H", padding) + bytes(padding)
    archive.writestr(member, data)


def load_torch(path: str | PathLike[str], model: Module, *, key: str | None = None) -> None:
    """Read a model's parameters and buffers from a file of ``torch.save``.

    It has to hold a state dict, ``torch.save(model.state_dict(), path)``, or a dict with one in it.
    No code in the file is run: its pickle is read by a machine of our own, which knows tensors and
    plain data, and refuses everything else. PyTorch need not be installed.

    Args:
        path: the file's name.
        model: the model to load into; it must have exactly the state dict's keys and shapes. A
            narrower dtype is converted; bfloat16, which NumPy lacks, counts as the float32 numbers
            that it stands for.
        key: where the state dict is, if the file is a dict with more in it, such as ``"model"``.

    Raises:
        CheckpointError: the file is damaged, holds anything but tensors and plain data, or does
            not fit the model, which is unchanged.
        OSError: there is no such file, or it cannot be opened.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.pt")
        >>> model, other = tl.nn.Linear(3, 2), tl.nn.Linear(3, 2)
        >>> tl.io.save_torch(file, model)
        >>> tl.io.load_torch(file, other)
        >>> tl.allclose(other.weight, model.weight)
        True
    """
    tensors = tensors_of(model, "load")
    name = os.fspath(path)
    with open(path, "rb") as file, blaming(name, "PyTorch"), zipfile.ZipFile(file) as archive:
        reader = _Reader(archive, os.fstat(file.fileno()).st_size)
        state = _state_dict(read_pickle(reader.read("data.pkl")), key)
        arrays = matched(tensors, name, list(state), lambda path: reader.described(state[path]))
    write(tensors, arrays)


def _state_dict(content: Any, key: str | None) -> dict[str, Any]:
    """Return the dict of tensors in what the pickle held."""
    if key is not None:
        if not isinstance(content, dict) or key not in content:
            raise RefusedError(f"has no {key!r}{_listed(content)}")
        content = content[key]
    if not isinstance(content, dict):
        raise RefusedError(f"does not fit: expected a state dict, got {type(content).__name__}")
    items = content.items()
    if not all(isinstance(path, str) and isinstance(value, StoredTensor) for path, value in items):
        raise RefusedError(
            f"holds more than a state dict{_listed(content)}: "
            "pass key= to say where the state dict is"
        )
    return content


def _listed(content: Any) -> str:
    return f": there are {', '.join(map(repr, list(content)[:8]))}" if content else ""


class _Reader:
    """Reads the members of an archive, none of which can be larger than the file itself."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        names = [member.filename for member in archive.infolist()]
        roots = [name.removesuffix("/data.pkl") for name in names if name.endswith("/data.pkl")]
        if len(roots) != 1 or len(set(names)) != len(names):
            raise ValueError("it is no archive of torch.save")
        self._archive = archive
        self._size = size
        self._root = roots[0]
        self._last: tuple[str, bytes] = ("", b"")
        order = self.read("byteorder") if f"{self._root}/byteorder" in names else b"little"
        if order not in (b"little", b"big"):
            raise ValueError(f"its byte order is {order!r}")
        self._order: Literal["<", ">"] = "<" if order == b"little" else ">"

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = self._archive.getinfo(f"{self._root}/{name}")
        if not is_stored(member, self._size):
            raise ValueError(f"{name} is compressed or larger than the file")
        return member

    def read(self, name: str) -> bytes:
        """Return the data of a member, whose checksum is compared."""
        return self._archive.read(self._member(name))

    def described(self, tensor: StoredTensor) -> Entry:
        """Describe a tensor whose storage has the size that the pickle says."""
        is_bfloat16 = tensor.dtype == "bfloat16"
        dtype = np.dtype("uint16" if is_bfloat16 else tensor.dtype).newbyteorder(self._order)
        if self._member(f"data/{tensor.key}").file_size != tensor.numel * dtype.itemsize:
            raise ValueError(f"storage {tensor.key} does not have {tensor.numel} elements")

        def read() -> Array:
            strides = tuple(step * dtype.itemsize for step in tensor.stride)
            data, offset = self._storage(tensor.key), tensor.offset * dtype.itemsize
            array: Array = np.ndarray(tensor.shape, dtype, data, offset, strides)
            # A copy, so that no view keeps the whole storage.
            return widened(array) if is_bfloat16 else array.copy()

        return Entry(tensor.shape, np.dtype(np.float32) if is_bfloat16 else dtype, read)

    def _storage(self, key: str) -> bytes:
        """Return a storage's bytes; the last one is kept, as tensors often share one in a row."""
        if self._last[0] != key:
            self._last = (key, self.read(f"data/{key}"))
        return self._last[1]
