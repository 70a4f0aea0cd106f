"""The readers of the library, each with good files, and all that reading may change."""

from __future__ import annotations

import io
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import numpy as np

import tensorlib as tl
from tensorlib import data, nn, optim
from tests.damage.archives import wrong_archive
from tests.damage.headers import wrong_array
from tests.damage.pickles import wrong_pickle
from tests.damage.plain import wrong_json, wrong_tensors
from tests.damage.raw import RAW, spliced

Values = Mapping[str, Any]
"""Arrays by name."""


class Reader(ABC):
    """One reader: its good files, how they are damaged, and how it is judged what it read.

    Attributes:
        name: its name on the command line.
        files: good files.
    """

    name: ClassVar[str]
    files: list[bytes]

    @abstractmethod
    def read(self, path: Path) -> None:
        """Read a file."""

    @abstractmethod
    def state(self) -> Any:
        """Return all that reading may change, down to how often it was written."""

    @abstractmethod
    def values(self) -> Values:
        """Return the arrays as they are now."""

    def rest(self) -> str:
        """Return all else that was read, as a text."""
        return ""

    def use(self) -> None:
        """Use what was read."""
        self.values()

    @abstractmethod
    def wrong(self, rng: Random, content: bytes) -> bytes:
        """Damage a good file, knowing its format."""

    def second_opinion(self, content: bytes) -> Values | None:
        """Return what another library reads in a file, where there is one."""
        return None

    @property
    def has_checksums(self) -> bool:
        """Whether damage that does not know of them cannot go unseen."""
        return True

    def damaged(self, rng: Random) -> tuple[bytes, bool]:
        """Return a damaged file, and whether its damage knows of checksums."""
        content = rng.choice(self.files)
        if rng.random() < 0.5:
            known = self.wrong(rng, content)
            return (rng.choice(RAW)(rng, known) if rng.random() < 0.05 else known), True
        if rng.random() < 0.1:
            return spliced(rng, content, rng.choice(self.files)), False
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            content = rng.choice(RAW)(rng, content)
        return content, False


def _arrays_of(content: bytes) -> Values | None:
    """Return the arrays of an npz file as NumPy reads them."""
    archive = np.load(io.BytesIO(content), allow_pickle=False)
    return dict(archive) if isinstance(archive, np.lib.npyio.NpzFile) else None


def _with_member(content: bytes, ending: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return an archive in which nothing but one member is other than it was."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as good, zipfile.ZipFile(target, "w") as bad:
        for name in good.namelist():
            member = good.read(name)
            bad.writestr(name, change(member) if name.endswith(ending) else member)
    return target.getvalue()


class Npy(Reader):
    """Tensors in npy files."""

    name = "npy"

    def __init__(self, folder: Path) -> None:
        self._read: Any = None
        self.files = []
        for x in (tl.ones((3, 4)), tl.arange(0, 12), tl.ones(()), tl.zeros((0, 3), np.float64)):
            tl.io.save_npy(folder / "x", x)
            self.files.append((folder / "x").read_bytes())
        np.save(folder / "f.npy", np.asfortranarray(np.arange(12, dtype=">f4").reshape(3, 4)))
        self.files.append((folder / "f.npy").read_bytes())

    def read(self, path: Path) -> None:
        self._read = None
        self._read = tl.io.load_npy(path)

    def state(self) -> Any:
        return None

    def values(self) -> Values:
        return {} if self._read is None else {"": self._read.numpy()}

    def wrong(self, rng: Random, content: bytes) -> bytes:
        return wrong_array(rng, content)

    def second_opinion(self, content: bytes) -> Values | None:
        return {"": np.load(io.BytesIO(content), allow_pickle=False)}

    @property
    def has_checksums(self) -> bool:
        return False


class _Tied(nn.Module):
    """A model with parameters of two dtypes, a tied one, buffers, and a Generator."""

    def __init__(self, seed: int) -> None:
        first: Any = nn.Linear(3, 4, rng=seed)
        self.body: Any = nn.Sequential(first, nn.BatchNorm1d(4), nn.Dropout(0.5, rng=seed))
        self.again: Any = nn.Linear(3, 4, rng=seed)
        self.again.weight = first.weight
        self.half: Any = nn.Parameter(tl.full((2,), seed, np.float16))
        self.empty: Any = nn.Buffer(tl.zeros((0, 3)))


class _OfModels(Reader):
    """A reader that loads into a model."""

    def __init__(self, folder: Path) -> None:
        self.model: Any = _Tied(0)
        self.files = [*self._good(folder)]

    @abstractmethod
    def _good(self, folder: Path) -> Iterator[bytes]:
        """Make good files."""

    def state(self) -> Any:
        return [
            (path, x.version, x.writer, x.numpy().tobytes())
            for path, x in self.model.named_tensors()
        ]

    def values(self) -> Values:
        return {path: x.numpy() for path, x in self.model.named_tensors()}


class Npz(_OfModels):
    """Models in npz files."""

    name = "npz"

    def _good(self, folder: Path) -> Iterator[bytes]:
        for seed in (1, 2):
            tl.io.save_npz(folder / "m", _Tied(seed))
            yield (folder / "m").read_bytes()
        arrays: Any = {path: x.numpy() for path, x in _Tied(3).named_tensors()}
        np.savez_compressed(folder / "m.npz", **arrays)
        yield (folder / "m.npz").read_bytes()

    def read(self, path: Path) -> None:
        self.model.load(path)

    def wrong(self, rng: Random, content: bytes) -> bytes:
        return wrong_archive(rng, content, {".npy": wrong_array})

    def second_opinion(self, content: bytes) -> Values | None:
        return _arrays_of(content)


class Safetensors(_OfModels):
    """Models in safetensors files."""

    name = "safetensors"

    def _good(self, folder: Path) -> Iterator[bytes]:
        for seed in (1, 2):
            tl.io.save_safetensors(folder / "m", _Tied(seed))
            yield (folder / "m").read_bytes()

    def read(self, path: Path) -> None:
        tl.io.load_safetensors(path, self.model)

    def wrong(self, rng: Random, content: bytes) -> bytes:
        return wrong_tensors(rng, content)

    def second_opinion(self, content: bytes) -> Values | None:
        from safetensors.numpy import load

        return load(content)

    @property
    def has_checksums(self) -> bool:
        return False


class Torch(_OfModels):
    """Models in PyTorch's files."""

    name = "torch"

    def _good(self, folder: Path) -> Iterator[bytes]:
        for seed in (1, 2):
            tl.io.save_torch(folder / "m", _Tied(seed))
            yield (folder / "m").read_bytes()

    def read(self, path: Path) -> None:
        tl.io.load_torch(path, self.model)

    def wrong(self, rng: Random, content: bytes) -> bytes:
        if rng.random() < 0.4:
            return wrong_archive(rng, content, {"data.pkl": wrong_pickle})
        return _with_member(content, "data.pkl", lambda program: wrong_pickle(rng, program))


class Checkpoint(_OfModels):
    """Checkpoints of a model, an optimizer, data and a Generator."""

    name = "checkpoint"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._parts = self._run(0)
        self.model = self._parts["model"]

    def _run(self, seed: int) -> dict[str, Any]:
        model = _Tied(seed)
        batches = data.batches(tl.rand((20, 3), rng=seed), batch_size=4, shuffle=True, rng=seed)
        adam = optim.Adam(model, groups={"half": {"lr": 0.5}}, lr=0.1)
        for (batch,) in islice(batches, seed + 1):
            x = batch.traced()
            y: Any = model.body(x.with_empty_tape()) + model.again(x)
            loss = (y[:, :2] * model.half).square().mean()
            adam.update(model, loss.backward(wrt=model))
        rng = np.random.Generator(np.random.MT19937(seed))
        return {"model": model, "optimizer": adam, "batches": batches, "noise": rng}

    def _good(self, folder: Path) -> Iterator[bytes]:
        for seed in (1, 2):
            tl.save_checkpoint(folder / "c", notes={"a": [1, None]}, **self._run(seed))
            yield (folder / "c").read_bytes()

    def read(self, path: Path) -> None:
        tl.load_checkpoint(path, **self._parts)

    def state(self) -> Any:
        arrays = {name: array.tobytes() for name, array in self.values().items()}
        return super().state(), arrays, self.rest()

    def values(self) -> Values:
        kept = self._parts["optimizer"].state().parts()[1]
        of_optimizer = {f"optimizer/{name}": array for name, array in kept.items()}
        of_model = {f"model/{name}": array for name, array in super().values().items()}
        return of_model | of_optimizer

    def rest(self) -> str:
        settings = self._parts["optimizer"].state().parts()[0]
        states = [_flat(rng.bit_generator.state) for rng in self._generators()]
        return repr((settings, self._parts["batches"].state(), states))

    def _generators(self) -> list[np.random.Generator]:
        return [self._parts["noise"], self.model.body[2].rng]

    def use(self) -> None:
        before = self.state()
        for rng in self._generators():
            state = rng.bit_generator.state
            # Beyond its buffer it would draw from other memory, and not always die of that.
            assert state["bit_generator"] != "MT19937" or 0 <= state["state"]["pos"] <= 624
            rng.random(3)
            rng.bit_generator.state = state
        place = self._parts["batches"].state()
        next(iter(self._parts["batches"]), None)
        self._parts["batches"].load_state(place)
        assert self.state() == before

    def wrong(self, rng: Random, content: bytes) -> bytes:
        inner = {"settings.npy": _wrong_settings, ".npy": wrong_array}
        if rng.random() < 0.3:
            return wrong_archive(rng, content, inner)
        return _with_member(content, "settings.npy", lambda text: _wrong_settings(rng, text))

    def second_opinion(self, content: bytes) -> Values | None:
        return _arrays_of(content)


def _flat(state: Any) -> Any:
    """Return a Generator's state with bytes for arrays, which are told apart faster."""
    if isinstance(state, dict):
        return {key: _flat(value) for key, value in state.items()}
    return state.tobytes() if isinstance(state, np.ndarray) else state


def _wrong_settings(rng: Random, member: bytes) -> bytes:
    """Change the JSON text that is the elements of an npy file."""
    if rng.random() < 0.1:
        return wrong_array(rng, member)
    text = np.load(io.BytesIO(member)).tobytes()
    out = io.BytesIO()
    np.lib.format.write_array(out, np.frombuffer(wrong_json(rng, text), np.uint8), (1, 0))
    return out.getvalue()


READERS: dict[str, type[Any]] = {
    reader.name: reader for reader in (Npy, Npz, Safetensors, Torch, Checkpoint)
}
