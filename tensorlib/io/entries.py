"""What all formats share: the tensors of a model, and how a file's arrays are matched to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from tensorlib.nn.module import AnyBuffer, Module
from tensorlib.shapes.errors import CheckpointError
from tensorlib.tape import Array

Tensors = Mapping[str, AnyBuffer]
"""The parameters and buffers of a model by the names that they have in a file."""


class Entry(NamedTuple):
    """An array of a file that is described, but not read yet.

    Attributes:
        shape: its shape.
        dtype: the dtype in which it is read, or the name of one that NumPy lacks.
        read: reads it.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any] | str
    read: Callable[[], Array]


class RefusedError(ValueError):
    """A file is sound but holds what is not loaded; the text goes on after the file's name."""


def tensors_of(model: Module, op: str) -> dict[str, AnyBuffer]:
    """Return a model's parameters and buffers by path.

    Raises:
        CheckpointError: two of them have the same path.
    """
    if not isinstance(model, Module):
        raise TypeError(f"{op}: expected a model, got {type(model).__name__}")
    tensors: dict[str, AnyBuffer] = {}
    for path, tensor in model.named_tensors():
        if tensors.setdefault(path, tensor) is not tensor:
            raise CheckpointError(f"{op}: two tensors of the model have the path {path}")
    return tensors


@contextmanager
def blaming(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a damaged file makes other libraries raise into one kind of error.

    Args:
        name: the file's name.
        kind: what the file should be, with its article.
    """
    try:
        yield
    except (CheckpointError, MemoryError):
        raise
    except RefusedError as error:
        raise CheckpointError(f"load: {name} {error}") from error
    except Exception as error:
        cause = str(error) or type(error).__name__
        raise CheckpointError(f"load: {name} is damaged or no {kind} file: {cause}") from error


def matched(
    tensors: Tensors, name: str, keys: Sequence[str], describe: Callable[[str], Entry]
) -> dict[str, Array]:
    """Read the arrays for all tensors, after it is certain that everything fits.

    Args:
        tensors: the model's tensors by the keys they should have in the file.
        name: the file's name.
        keys: all keys of the file, as often as they occur.
        describe: describes the array of one key.

    Raises:
        CheckpointError: keys are missing, surplus or there twice, or an array has another shape or
            a dtype that does not convert; the text lists them all.
    """
    present = set(keys)
    entries = {key: describe(key) for key in tensors if key in present}
    _require([*_wrong_keys(keys, tensors), *_misfits(entries, tensors)], name)
    arrays = {key: entry.read() for key, entry in entries.items()}
    _require(list(_broken_ties(tensors, arrays)), name)
    return arrays


def write(tensors: Tensors, arrays: Mapping[str, Array]) -> None:
    """Write arrays that match into the tensors, tied ones once."""
    for key, tensor in {tensor.id: (key, tensor) for key, tensor in tensors.items()}.values():
        tensor.write(arrays[key], "load")


def _require(problems: list[str], name: str) -> None:
    if problems:
        lines = "\n  ".join(problems)
        raise CheckpointError(f"load: {name} does not fit the model:\n  {lines}")


def _wrong_keys(keys: Sequence[str], tensors: Tensors) -> Iterator[str]:
    counts = Counter(keys)
    yield from (f"missing {key}" for key in tensors if key not in counts)
    for key, count in counts.items():
        if key not in tensors:
            yield f"surplus {key}"
        elif count > 1:
            yield f"{key} is there {count} times"


def _misfits(entries: Mapping[str, Entry], tensors: Tensors) -> Iterator[str]:
    for key, entry in entries.items():
        tensor = tensors[key]
        if entry.shape != tensor.shape:
            yield f"{key}: expected shape {tensor.shape}, got {entry.shape}"
        if isinstance(entry.dtype, np.dtype) and entry.dtype.hasobject:
            yield f"{key}: expected numbers, got Python objects, which are never loaded"
        elif not converts(entry.dtype, tensor.dtype):
            yield f"{key}: expected dtype {tensor.dtype}, got {entry.dtype}"


def converts(have: np.dtype[Any] | str, want: np.dtype[Any]) -> bool:
    """Tell whether every number of one dtype is one of the other as well."""
    if isinstance(have, str):
        return False
    numbers = have.kind in "iuf" and want.kind in "iuf"
    return have == want or (numbers and np.can_cast(have, want, "safe"))


def _broken_ties(tensors: Tensors, arrays: Mapping[str, Array]) -> Iterator[str]:
    """Go through the tied tensors to which the file gives different values under their paths."""
    first: dict[int, str] = {}
    for key, tensor in tensors.items():
        other = first.setdefault(tensor.id, key)
        if other != key and not np.array_equal(arrays[key], arrays[other], equal_nan=True):
            yield f"{other} and {key} are tied, but differ in the file"


def widened(bits: Array) -> Array:
    """Return numbers of the bfloat16 format as float32, each with its very value.

    Args:
        bits: the numbers as unsigned integers of 16 bits: the upper half of a float32.
    """
    words = bits.astype(np.uint32)
    words <<= 16
    return words.view(np.float32)
