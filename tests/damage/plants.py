"""Faults that can be planted in the readers, to see that damaged files bring them to light."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import tensorlib as tl
from tensorlib import checkpoint, nn
from tensorlib.io import npz, torch, torch_pickle
from tensorlib.optim import hyperparameter


class Plant(NamedTuple):
    """A fault.

    Attributes:
        reader: who has it.
        put: puts it there.
        numbers: damaged files of seed 1 among which it is found; anew by ``--plant``.
        said: what is then said of it.
    """

    reader: str
    put: Callable[[], contextlib.AbstractContextManager[Any]]
    numbers: range
    said: str


def _replaced(owner: Any, name: str, value: Any) -> Callable[[], Any]:
    return lambda: mock.patch.object(owner, name, value)


def _ignored(*args: Any) -> None:
    """Let everything pass."""


class _Everything:
    """Has all there is in it."""

    def __contains__(self, x: object) -> bool:
        return True


@contextlib.contextmanager
def _unblamed(name: str, kind: str) -> Iterator[None]:
    """Leave errors as they are."""
    yield


def _unpickled(path: Path) -> Any:
    """Read a tensor, and objects."""
    try:
        return tl.tensor(np.load(path, allow_pickle=True))
    except Exception as error:
        raise tl.CheckpointError(f"load: {path} is damaged: {error}") from error


def _large(member: zipfile.ZipInfo, size: int) -> bool:
    """Take members of any size, compressed or not."""
    return True


def _written_at_once(tensors: Any, name: str, keys: Any, describe: Any) -> dict[str, Any]:
    """Write each array as soon as it is read."""
    arrays = {}
    for key, tensor in tensors.items():
        arrays[key] = describe(key).read()
        tensor.write(arrays[key])
    return arrays


def _unpacked(model: Any, path: Path) -> None:
    """Put the members where their names say before they are read."""
    with contextlib.suppress(Exception), zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent)
    npz.load_npz(path, model)


def _taken_as_it_is(rng: np.random.Generator, state: Any) -> Any:
    """Believe what a file says of a Generator."""
    probe = type(rng.bit_generator)()
    try:
        probe.state = state
    except Exception as error:
        raise ValueError(str(error)) from None
    return probe.state


def _not_taken_back(steps: list[Any]) -> None:
    """Do one thing after the other, until one fails."""
    for step in steps:
        step.do()


def _any_number(value: Any, name: str, least: float = 0.0, below: float = 1.0) -> float:
    """Believe that all numbers are floats."""
    if not isinstance(value, int | float) or not least <= float(value):
        raise ValueError(name)
    return float(value)


PLANTS: dict[str, Plant] = {
    "raw errors": Plant(
        "npz", _replaced(npz, "blaming", _unblamed), range(20), "raised BadZipFile"
    ),
    "objects are unpickled": Plant(
        "npy", _replaced(tl.io, "load_npy", _unpickled), range(150), "it did more than read"
    ),
    "half a model": Plant(
        "npz", _replaced(npz, "matched", _written_at_once), range(20), "but changed something"
    ),
    "no checksums": Plant(
        "torch",
        _replaced(zipfile.ZipExtFile, "_update_crc", _ignored),
        range(230, 236),
        "was not seen",
    ),
    "members are put on the disk": Plant(
        "npz", _replaced(nn.Module, "load", _unpacked), range(20), "it did more than read"
    ),
    "any compression": Plant(
        "npz", _replaced(npz, "require_bounded", _ignored), range(60, 66), "bytes of memory"
    ),
    "large checkpoints": Plant(
        "checkpoint",
        _replaced(checkpoint, "require_stored", _ignored),
        range(812, 816),
        "bytes of memory",
    ),
    "members larger than the file": Plant(
        "torch", _replaced(torch, "is_stored", _large), range(66, 72), "bytes of memory"
    ),
    "tensors of many axes": Plant(
        "torch", _replaced(torch_pickle, "_MOST_AXES", 1 << 60), range(871, 873), "it took longer"
    ),
    "arrays of any dtype": Plant(
        "checkpoint",
        _replaced(checkpoint, "_NUMBERS", _Everything()),
        range(1120, 1123),
        "bytes of memory",
    ),
    "any place in a buffer": Plant(
        "checkpoint",
        _replaced(checkpoint, "checked_state", _taken_as_it_is),
        range(424, 427),
        "ended with",
    ),
    "nothing is taken back": Plant(
        "checkpoint",
        _replaced(checkpoint, "_take", _not_taken_back),
        range(56, 66),
        "but changed something",
    ),
    "ints beyond floats": Plant(
        "checkpoint",
        _replaced(hyperparameter, "require_number", _any_number),
        range(882, 900),
        "OverflowError",
    ),
}
