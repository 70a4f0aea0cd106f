"""Files: a model's parameters and buffers as an npz archive."""

from __future__ import annotations

import math
import os
import secrets
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np

from tensorlib.nn.module import AnyBuffer, Module
from tensorlib.shapes.errors import CheckpointError
from tensorlib.tape import Array

_HEADER_LIMIT = 16 * 1024
"""More bytes than the header of any array that tensors can hold."""


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
    """
    tensors = _tensors(model, "save")
    target = Path(os.path.realpath(path))
    with _replaced(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, tensor in tensors.items():
            with archive.open(_member(key), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, tensor.numpy(), allow_pickle=False)


@contextmanager
def _replaced(target: Path) -> Iterator[IO[bytes]]:
    """Give a new file that takes the place of the target once it is complete and on the disk."""
    temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_npz(path: str | PathLike[str], model: Module) -> None:
    """Read a model's parameters and buffers from an npz file.

    The whole file is read and checked before anything is written; no code in it is ever run.

    Args:
        path: the file's name.
        model: the model to load into; it must have exactly the file's keys and shapes. A file of
            a narrower dtype is converted.

    Raises:
        CheckpointError: the file is damaged, or does not fit the model, which is unchanged.
        OSError: there is no such file, or it cannot be opened.
    """
    tensors = _tensors(model, "load")
    name = os.fspath(path)
    with open(path, "rb") as file, _blaming(name), zipfile.ZipFile(file) as archive:
        members = archive.namelist()
        headers = {key: _read_header(archive, key) for key in tensors if _member(key) in members}
        problems = [*_wrong_keys(members, tensors), *_misfits(headers, tensors)]
        if problems:
            lines = "\n  ".join(problems)
            raise CheckpointError(f"load: {name} does not fit the model:\n  {lines}")
        arrays = {key: _read_array(archive, key, headers[key]) for key in tensors}
    _require_ties(tensors, arrays, name)
    for key, tensor in {tensor.id: (key, tensor) for key, tensor in tensors.items()}.values():
        tensor.write(arrays[key], "load")


def _member(key: str) -> str:
    return f"{key}.npy"


def _tensors(model: Module, op: str) -> dict[str, AnyBuffer]:
    """Return a model's parameters and buffers by path."""
    if not isinstance(model, Module):
        raise TypeError(f"{op}: expected a model, got {type(model).__name__}")
    tensors: dict[str, AnyBuffer] = {}
    for path, tensor in model.named_tensors():
        if tensors.setdefault(path, tensor) is not tensor:
            raise CheckpointError(f"{op}: two tensors of the model have the path {path}")
    return tensors


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    """Turn whatever a damaged file makes zipfile, zlib and NumPy raise into one kind of error."""
    try:
        yield
    except (CheckpointError, MemoryError):
        raise
    except Exception as error:
        cause = str(error) or type(error).__name__
        raise CheckpointError(f"load: {name} is damaged or no npz file: {cause}") from error


class _Header(NamedTuple):
    """What an npy member says of its array, and where in the member the elements begin."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]
    start: int


def _read_header(archive: zipfile.ZipFile, key: str) -> _Header:
    with archive.open(_member(key)) as member:
        # A member may claim a header of any length: no more than this is ever read.
        beginning = BytesIO(member.read(_HEADER_LIMIT))
    try:
        version = np.lib.format.read_magic(beginning)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(beginning)
        elif version == (2, 0):
            header = np.lib.format.read_array_header_2_0(beginning)
        else:
            raise ValueError(f"version {version} of the npy format is not known")
    except Exception as error:
        raise ValueError(f"{key}: {error}") from error
    return _Header(*header, beginning.tell())


def _read_array(archive: zipfile.ZipFile, key: str, header: _Header) -> Array:
    """Read the elements, of which the header, checked against the model, tells how many."""
    size = math.prod(header.shape) * header.dtype.itemsize
    with archive.open(_member(key)) as member:
        member.read(header.start)
        data = member.read(size)
        # Reading past the end makes zipfile compare the checksum.
        if len(data) < size or member.read(1):
            raise ValueError(f"{key}: expected {size} bytes of elements")
    order: Literal["C", "F"] = "F" if header.fortran_order else "C"
    return np.ndarray(header.shape, header.dtype, data, order=order)


def _wrong_keys(members: list[str], tensors: dict[str, AnyBuffer]) -> Iterator[str]:
    wanted = [_member(key) for key in tensors]
    yield from (f"missing {name.removesuffix('.npy')}" for name in wanted if name not in members)
    for name, count in Counter(members).items():
        if name not in wanted:
            yield f"surplus {name.removesuffix('.npy')}"
        elif count > 1:
            yield f"{name.removesuffix('.npy')} is there {count} times"


def _misfits(headers: dict[str, _Header], tensors: dict[str, AnyBuffer]) -> Iterator[str]:
    for key, header in headers.items():
        tensor = tensors[key]
        if header.shape != tensor.shape:
            yield f"{key}: expected shape {tensor.shape}, got {header.shape}"
        if header.dtype.hasobject:
            yield f"{key}: expected numbers, got Python objects, which are never loaded"
        elif not _converts(header.dtype, tensor.dtype):
            yield f"{key}: expected dtype {tensor.dtype}, got {header.dtype}"


def _converts(have: np.dtype[Any], want: np.dtype[Any]) -> bool:
    """Tell whether every number of one dtype is one of the other as well."""
    numbers = have.kind in "iuf" and want.kind in "iuf"
    return have == want or (numbers and np.can_cast(have, want, "safe"))


def _require_ties(tensors: dict[str, AnyBuffer], arrays: dict[str, Array], name: str) -> None:
    """Require that the file gives a tied tensor the same values under each of its paths."""
    first: dict[int, str] = {}
    for key, tensor in tensors.items():
        other = first.setdefault(tensor.id, key)
        if other != key and not np.array_equal(arrays[key], arrays[other], equal_nan=True):
            raise CheckpointError(
                f"load: {name} does not fit the model:\n  {other} and {key} are tied, "
                "but differ in the file"
            )
