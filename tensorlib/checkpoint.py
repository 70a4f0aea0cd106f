"""Checkpoints: all that a training run needs to go on as if it had never stopped, in one file."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from tensorlib.creation import checked_state
from tensorlib.io.archive import require_stored
from tensorlib.io.entries import blaming, matched, tensors_of, write
from tensorlib.io.npz import archive_entry, write_archive
from tensorlib.nn.module import Module
from tensorlib.optim.hyperparameter import Plain
from tensorlib.optim.optimizer import Optimizer
from tensorlib.optim.state import OptimizerState
from tensorlib.shapes.errors import CheckpointError
from tensorlib.tape import Array

_SETTINGS = "settings"
_VERSION = 1

_NUMBERS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            "float16", "float32", "float64")  # fmt: skip
"""The dtypes of arrays within plain data."""


@runtime_checkable
class Stateful(Protocol):
    """Whatever tells where it is and can go on from there, such as `tensorlib.data.Batches`."""

    def state(self) -> Mapping[str, Any]:
        """Return where this is, in plain data that JSON can hold."""
        raise NotImplementedError

    def load_state(self, state: Mapping[str, Any], /) -> None:
        """Go on from there, or raise and change nothing."""


Part: TypeAlias = "Module | Optimizer[Any] | np.random.Generator | Stateful"


class _Saved(NamedTuple):
    """What a file holds of one part: plain settings, and arrays by name."""

    settings: Plain
    arrays: dict[str, Array]


def save_checkpoint(
    path: str | PathLike[str], *, notes: Mapping[str, Plain] | None = None, **parts: Part
) -> None:
    """Write the state of models, optimizers, data and Generators to one file.

    A run that is resumed with `load_checkpoint`, also in the middle of an epoch, takes the same
    steps bit for bit. Schedules need no saving: they go by ``optimizer.steps``. The Generators of
    dropout layers are saved with the model. The file appears complete or not at all.

    Args:
        path: the file's name, used as it is; the file is an npz archive.
        notes: whatever else is to be kept, in plain data that JSON can hold.
        parts: models, optimizers, Generators, and what has ``state()`` and ``load_state()``, such
            as `tensorlib.data.batches`, by names of your choice.

    Raises:
        TypeError: a part is nothing of that kind, or a state or note is no plain data.
        OSError: the file cannot be written.

    Example:
        >>> import tempfile, os
        >>> import tensorlib as tl
        >>> model = tl.nn.Linear(3, 2)
        >>> adam = tl.optim.Adam(model)
        >>> file = os.path.join(tempfile.mkdtemp(), "run.npz")
        >>> tl.save_checkpoint(file, model=model, optimizer=adam, notes={"best": 0.5})
        >>> tl.load_checkpoint(file, model=model, optimizer=adam)
        {'best': 0.5}
    """
    saved = {name: _saved(name, part) for name, part in parts.items()}
    settings = {
        "version": _VERSION,
        "notes": dict(notes or {}),
        "parts": {name: each.settings for name, each in saved.items()},
    }
    try:
        text = json.dumps(settings, allow_nan=True, default=_plain)
    except (TypeError, ValueError) as error:
        raise TypeError(f"save_checkpoint: expected plain data for JSON: {error}") from None
    arrays = {
        f"{name}/{key}": array for name, each in saved.items() for key, array in each.arrays.items()
    }
    arrays[_SETTINGS] = np.frombuffer(text.encode(), np.uint8)
    write_archive(path, arrays)


def load_checkpoint(path: str | PathLike[str], **parts: Part) -> dict[str, Plain]:
    """Read the state of models, optimizers, data and Generators that `save_checkpoint` wrote.

    All is read and checked before anything changes; no code in the file is ever run. Parts of the
    file that are not asked for are left out: for evaluation, ask for the model alone.

    Args:
        path: the file's name.
        parts: what to load into, by the names under which it was saved.

    Returns:
        the notes.

    Raises:
        CheckpointError: the file is damaged, lacks a part, or does not fit; nothing has changed.
        OSError: there is no such file, or it cannot be opened.

    Example:
        >>> import os
        >>> import tempfile
        >>> import tensorlib as tl
        >>> file = os.path.join(tempfile.mkdtemp(), "run.npz")
        >>> model, fresh = tl.nn.Linear(3, 2), tl.nn.Linear(3, 2)
        >>> tl.save_checkpoint(file, model=model, notes={"epoch": 3})
        >>> tl.load_checkpoint(file, model=fresh)
        {'epoch': 3}
        >>> tl.allclose(fresh.weight, model.weight)
        True
    """
    name = os.fspath(path)
    with open(path, "rb") as file, blaming(name, "checkpoint"), zipfile.ZipFile(file) as archive:
        require_stored(archive, os.fstat(file.fileno()).st_size)
        keys = [member.removesuffix(".npy") for member in archive.namelist()]
        settings = _settings(archive, keys, name)
        steps = [
            step
            for part_name, part in parts.items()
            for step in _loaded(part_name, part, settings["parts"], archive, keys, name)
        ]
    _take(steps)
    notes: dict[str, Plain] = settings["notes"]
    return notes


# Saving -------------------------------------------------------------------------------------------


def _saved(name: str, part: Part) -> _Saved:
    if isinstance(part, Module):
        arrays = {key: x.numpy() for key, x in tensors_of(part, "save_checkpoint").items()}
        return _Saved({key: _state_of(rng) for key, rng in _generators(part)}, arrays)
    if isinstance(part, Optimizer):
        return _Saved(*part.state().parts())
    if isinstance(part, np.random.Generator):
        return _Saved(_state_of(part), {})
    if isinstance(part, Stateful):
        return _Saved(dict(part.state()), {})
    raise _no_part(name, part, "save_checkpoint")


def _no_part(name: str, part: object, op: str) -> TypeError:
    return TypeError(
        f"{op}: {name} must be a model, an optimizer, a Generator, or have state() and "
        f"load_state(), got {type(part).__name__}"
    )


def _generators(model: Module) -> Iterator[tuple[str, np.random.Generator]]:
    """Go through the Generators that are fields of modules, by path."""
    for path, module in model.named_modules():
        for field, value in vars(module).items():
            if isinstance(value, np.random.Generator):
                yield f"{path}.{field}" if path else field, value


def _state_of(rng: np.random.Generator) -> Any:
    return rng.bit_generator.state


def _plain(x: object) -> Plain:
    """Turn what bit generators keep, arrays and NumPy's ints, into what JSON can hold."""
    if isinstance(x, np.ndarray):
        return {"dtype": x.dtype.name, "elements": x.tolist()}
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, Mapping):
        return dict(x)
    raise TypeError(f"got {type(x).__name__}")


# Loading ------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """One thing to do once all parts were checked, and how to take it back."""

    do: Callable[[], None]
    undo: Callable[[], None]


def _nothing() -> None:
    """Take back what cannot fail, so that nothing behind it can either."""


def _take(steps: list[_Step]) -> None:
    """Take steps that may still refuse what they are given first, and all back if one does."""
    done: list[_Step] = []
    for step in sorted(steps, key=lambda step: step.undo is _nothing):
        try:
            step.do()
        except BaseException:
            for earlier in reversed(done):
                earlier.undo()
            raise
        done.append(step)


def _settings(archive: zipfile.ZipFile, keys: list[str], name: str) -> dict[str, Any]:
    if _SETTINGS not in keys:
        raise CheckpointError(f"load: {name} is no checkpoint: it has no settings")
    entry = archive_entry(archive, _SETTINGS)
    if entry.dtype != np.uint8 or len(entry.shape) != 1:
        raise CheckpointError(f"load: {name} is no checkpoint: its settings are no text")
    settings: Any = json.loads(entry.read().tobytes())
    if not isinstance(settings, dict) or settings.get("version") != _VERSION:
        found = settings.get("version") if isinstance(settings, dict) else None
        raise CheckpointError(
            f"load: {name} has version {found!r} of checkpoints, this library reads {_VERSION}"
        )
    if not all(isinstance(settings.get(key), dict) for key in ("notes", "parts")):
        raise CheckpointError(f"load: {name} is no checkpoint: its settings are not whole")
    return settings


def _loaded(
    name: str,
    part: Part,
    settings: dict[str, Any],
    archive: zipfile.ZipFile,
    keys: list[str],
    file: str,
) -> Iterator[_Step]:
    """Read and check what the file holds of a part; return what is to be done with it."""
    if name not in settings:
        there = ", ".join(settings) or "nothing"
        raise CheckpointError(f"load: {file} has no part {name}: it has {there}")
    saved = settings[name]
    prefix = f"{name}/"
    own = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
    place = f"part {name} of {file}"
    if isinstance(part, Module):
        yield from _loaded_model(
            part, saved, own, lambda key: archive_entry(archive, prefix + key), place
        )
    elif isinstance(part, Optimizer):
        arrays = {key: archive_entry(archive, prefix + key).read() for key in own}
        state = OptimizerState.from_parts(saved, arrays)
        before = part.state()
        yield _Step(lambda: part.load_state(state), lambda: part.load_state(before))
    elif isinstance(part, np.random.Generator):
        yield _generator_step(part, saved, place)
    elif isinstance(part, Stateful):
        where = {key: _restored(value) for key, value in saved.items()}
        old = part.state()
        yield _Step(lambda: _load_state(part, where, place), lambda: part.load_state(old))
    else:
        raise _no_part(name, part, "load_checkpoint")


def _load_state(part: Stateful, state: Mapping[str, Any], place: str) -> None:
    """Have a part of any class take a state, whatever it raises if it does not."""
    try:
        part.load_state(state)
    except CheckpointError:
        raise
    except Exception as error:
        cause = str(error) or type(error).__name__
        raise CheckpointError(f"load: {place} cannot be restored: {cause}") from error


def _loaded_model(
    model: Module, saved: Any, keys: list[str], describe: Callable[[str], Any], place: str
) -> Iterator[_Step]:
    tensors = tensors_of(model, "load_checkpoint")
    arrays = matched(tensors, place, keys, describe)
    generators = dict(_generators(model))
    if not isinstance(saved, dict) or saved.keys() != generators.keys():
        raise CheckpointError(
            f"load: {place} does not fit the model: it has the Generators "
            f"{', '.join(saved) or 'none'}, the model has {', '.join(generators) or 'none'}"
        )
    for key, rng in generators.items():
        yield _generator_step(rng, saved[key], place)
    yield _Step(lambda: write(tensors, arrays), _nothing)


def _generator_step(rng: np.random.Generator, saved: Any, place: str) -> _Step:
    """Check a state on another bit generator of the same kind."""
    try:
        state = checked_state(rng, _restored(saved))
    except ValueError as error:
        raise CheckpointError(f"load: a Generator in {place} cannot be restored: {error}") from None

    def restore() -> None:
        rng.bit_generator.state = state

    return _Step(restore, _nothing)


def _restored(x: Any) -> Any:
    """Turn back what `_plain` made of arrays."""
    if not isinstance(x, dict):
        return x
    if x.keys() == {"dtype", "elements"}:
        if x["dtype"] not in _NUMBERS:
            raise ValueError(f"expected an array of numbers, got dtype {x['dtype']!r}")
        return np.array(x["elements"], x["dtype"])
    return {key: _restored(value) for key, value in x.items()}
