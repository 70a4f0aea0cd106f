"""The npz format: a zip archive of npy files, one for each tensor of a model."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from os import PathLike
from typing import Literal

import numpy as np

from tensorlib.io.archive import require_bounded
from tensorlib.io.dfdx import dfdx_names
from tensorlib.io.entries import Entry, blaming, matched, tensors_of, write
from tensorlib.io.npy import Header, read_elements, read_header
from tensorlib.io.replacement import replaced
from tensorlib.nn.module import Module
from tensorlib.tape import Array


def save_npz(path: str | PathLike[str], model: Module) -> None:
    """Write a model's parameters and buffers to an npz file, under the names PyTorch uses.

    A tied parameter is written under each of its paths (``0.weight``). The file appears complete
    or not at all: an error leaves whatever was there before.

    Args:
        path: the file's name, used as it is.
        model: the model to save.

    Raises:
        CheckpointError: two tensors of the model have the same path.
        OSError: the file cannot be written.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.npz")
        >>> tl.io.save_npz(file, tl.nn.Sequential(tl.nn.Linear(3, 2), tl.nn.ReLU()))
        >>> with np.load(file) as archive:
        ...     sorted(archive)
        ['0.bias', '0.weight']
    """
    write_archive(path, {key: x.numpy() for key, x in tensors_of(model, "save").items()})


def write_archive(path: str | PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write arrays by their names; the file appears complete or not at all."""
    with replaced(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            with archive.open(_member(key), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load_npz(
    path: str | PathLike[str], model: Module, *, names: Literal["pytorch", "dfdx"] = "pytorch"
) -> None:
    """Read a model's parameters and buffers from an npz file.

    The whole file is read and checked before anything is written; no code in it is ever run.

    Args:
        path: the file's name.
        model: the model to load into; it must have exactly the file's keys and shapes. A file of
            a narrower dtype is converted.
        names: whose names the file uses. dfdx's are PyTorch's, but that a `Residual` is no level
            of a path, and that a `LayerNorm` has ``gamma`` and ``beta``.

    Raises:
        CheckpointError: the file is damaged, or does not fit the model, which is unchanged.
        OSError: there is no such file, or it cannot be opened.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "model.npz")
        >>> model, other = tl.nn.Linear(3, 2), tl.nn.Linear(3, 2)
        >>> tl.io.save_npz(file, model)
        >>> tl.io.load_npz(file, other)
        >>> tl.allclose(other.weight, model.weight)
        True
    """
    if names not in ("pytorch", "dfdx"):
        raise ValueError(f"load: names must be 'pytorch' or 'dfdx', got {names!r}")
    tensors = tensors_of(model, "load")
    if names == "dfdx":
        renamed = dfdx_names(model)
        tensors = {renamed[key]: tensor for key, tensor in tensors.items()}
    name = os.fspath(path)
    with open(path, "rb") as file, blaming(name, "npz"), zipfile.ZipFile(file) as archive:
        keys = [member.removesuffix(".npy") for member in archive.namelist()]
        arrays = matched(tensors, name, keys, lambda key: archive_entry(archive, key))
    write(tensors, arrays)


def _member(key: str) -> str:
    return f"{key}.npy"


def archive_entry(archive: zipfile.ZipFile, key: str) -> Entry:
    """Describe an array of an open archive."""
    try:
        require_bounded(archive.getinfo(_member(key)))
        with archive.open(_member(key)) as member:
            header = read_header(member)
    except Exception as error:
        raise ValueError(f"{key}: {error}") from error
    return Entry(header.shape, header.dtype, lambda: _read(archive, key, header))


def _read(archive: zipfile.ZipFile, key: str, header: Header) -> Array:
    with archive.open(_member(key)) as member:
        member.read(header.start)
        try:
            return read_elements(member, header)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error
