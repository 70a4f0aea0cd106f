"""Checkpoints: a resumed run equals one that never stopped; what does not fit changes nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import data, nn, optim

X = tl.randn((50, 4), rng=0)
Y = tl.randint((50,), 0, 3, rng=1)


class Run:
    """A run with everything that has a state: dropout, batch norm, noise, a schedule, an order."""

    def __init__(self, seed: int) -> None:
        rngs = np.random.default_rng(seed).spawn(5)
        self.model: Any = nn.Sequential(
            nn.Linear(4, 8, rng=rngs[0]),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Dropout(0.4, rng=rngs[1]),
            nn.Linear(8, 3, rng=rngs[2]),
        )
        self.adam: Any = optim.AdamW(self.model, lr=0.01)
        self.batches = data.batches(X, Y, batch_size=8, shuffle=True, rng=rngs[3])
        self.noise = rngs[4]
        self.schedule = optim.CosineAnnealing(0.01, t_max=40)

    def losses(self) -> Iterator[float]:
        """Take steps, over the ends of epochs, and give the losses."""
        while True:
            for x, y in self.batches:
                self.adam.lr = self.schedule(self.adam.steps)
                noise = tl.randn(x.shape, rng=self.noise) * 0.1
                logits = self.model((x + noise).traced())
                loss = tl.losses.cross_entropy(logits, y)
                value = loss.item()
                self.adam.update(self.model, loss.backward(wrt=self.model))
                yield value

    def parts(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "optimizer": self.adam,
            "batches": self.batches,
            "noise": self.noise,
        }

    def arrays(self) -> list[bytes]:
        return [x.numpy().tobytes() for _, x in self.model.named_tensors()]


@pytest.mark.parametrize("steps", [0, 1, 4, 7, 10])
def test_a_resumed_run_is_the_run_that_never_stopped(steps: int, tmp_path: Path) -> None:
    """Bit for bit, in the middle of an epoch, at its end, and before the first step."""
    run = Run(0)
    losses = run.losses()
    list(islice(losses, steps))
    tl.save_checkpoint(tmp_path / "run.npz", **run.parts())
    other = Run(1)
    list(islice(other.losses(), 3))
    tl.load_checkpoint(tmp_path / "run.npz", **other.parts())
    assert other.arrays() == run.arrays()
    assert list(islice(other.losses(), 12)) == list(islice(losses, 12))
    assert other.arrays() == run.arrays()


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_every_kind_of_generator(kind: str, tmp_path: Path) -> None:
    def fresh(seed: int) -> np.random.Generator:
        return np.random.Generator(getattr(np.random, kind)(seed))

    rng, other = fresh(0), fresh(1)
    rng.random(7)
    rng.integers(0, 5, dtype=np.int32)
    tl.save_checkpoint(tmp_path / "rng.npz", rng=rng)
    tl.load_checkpoint(tmp_path / "rng.npz", rng=other)
    assert other.random(5).tolist() == rng.random(5).tolist()


def test_notes_come_back(tmp_path: Path) -> None:
    notes: Any = {"epoch": 3, "best": 0.25, "names": ["a", "ü"], "nothing": None}
    tl.save_checkpoint(tmp_path / "run.npz", notes=notes, model=nn.Linear(2, 2))
    assert tl.load_checkpoint(tmp_path / "run.npz") == notes


def test_a_model_alone_can_be_loaded(tmp_path: Path) -> None:
    run, other = Run(0), Run(1)
    tl.save_checkpoint(tmp_path / "run.npz", **run.parts())
    before = other.batches.state()
    tl.load_checkpoint(tmp_path / "run.npz", model=other.model)
    assert other.arrays() == run.arrays()
    assert other.batches.state() == before


def unchanged(other: Run) -> Callable[[], Any]:
    def state() -> Any:
        optimizer = other.adam.state().parts()[0]
        noise = str(other.noise.bit_generator.state)
        return other.arrays(), optimizer, other.batches.state(), noise

    return state


class Other(Run):
    """A run of which one part does not fit."""

    def __init__(self, part: str) -> None:
        super().__init__(1)
        if part == "model":
            self.model = nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 3))
        if part == "generators":
            self.model = nn.Sequential(*(m for m in self.model if type(m) is not nn.Dropout))
        if part in ("model", "generators"):
            self.adam = optim.AdamW(self.model)
        if part == "optimizer":
            self.adam = optim.Adam(self.model)
        if part == "batches":
            self.batches = data.batches(X, Y, batch_size=9)
        if part == "noise":
            self.noise = np.random.Generator(np.random.MT19937(0))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("model", "part model of .* does not fit the model:\n"),
        ("optimizer", "of AdamW|AdamW"),
        ("batches", "the state is of data with batch_size 8, this has batch_size 9"),
        ("noise", "a Generator in part noise of .* cannot be restored"),
    ],
)
def test_what_does_not_fit_changes_nothing(part: str, text: str, tmp_path: Path) -> None:
    run = Run(0)
    list(islice(run.losses(), 3))
    tl.save_checkpoint(tmp_path / "run.npz", **run.parts())
    other = Other(part)
    state = unchanged(other)
    before = state()
    with pytest.raises(tl.CheckpointError, match=text):
        tl.load_checkpoint(tmp_path / "run.npz", **other.parts())
    assert state() == before


def test_a_part_that_is_not_there(tmp_path: Path) -> None:
    tl.save_checkpoint(tmp_path / "run.npz", model=nn.Linear(2, 2))
    with pytest.raises(tl.CheckpointError, match="has no part net: it has model"):
        tl.load_checkpoint(tmp_path / "run.npz", net=nn.Linear(2, 2))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1}', b"\xff"])
def test_broken_settings(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    np.savez(path, settings=np.frombuffer(text, np.uint8))
    with pytest.raises(tl.CheckpointError):
        tl.load_checkpoint(path, model=nn.Linear(2, 2))


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    run = Run(0)
    tl.save_checkpoint(path, **run.parts())
    whole = path.read_bytes()
    other = Run(1)
    before = other.arrays()
    for size in range(0, len(whole), 997):
        path.write_bytes(whole[:size])
        with pytest.raises(tl.CheckpointError):
            tl.load_checkpoint(path, **other.parts())
        assert other.arrays() == before


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    tl.save_checkpoint(path, model=nn.Linear(2, 2))
    with zipfile.ZipFile(path, "a") as archive, archive.open("model/evil.npy", "w") as member:
        np.lib.format.write_array(member, np.array([print], object))
    with pytest.raises(tl.CheckpointError, match="surplus evil"):
        tl.load_checkpoint(path, model=nn.Linear(2, 2))


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    part: Any = "a text"
    with pytest.raises(TypeError, match=r"save_checkpoint: it must be a model, .* got str"):
        tl.save_checkpoint(path, it=part)
    notes: Any = {"x": nn.ReLU()}
    with pytest.raises(TypeError, match="save_checkpoint: expected plain data for JSON: got ReLU"):
        tl.save_checkpoint(path, notes=notes)
    assert not list(tmp_path.iterdir())
