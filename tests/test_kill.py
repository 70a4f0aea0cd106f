"""A process that is killed while it saves leaves the old file or the new one, and no other."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn
from tests.test_checkpoint import Run

KILLS = 4
SIZE = 400


class Large(nn.Module):
    """A model of which each element says the same, so that a mixture is seen."""

    def __init__(self, number: float) -> None:
        self.first: Any = nn.Parameter(tl.full((SIZE, SIZE), number))
        self.second: Any = nn.Parameter(tl.full((SIZE, SIZE), number))


def load_npy(path: Path, model: Any) -> None:
    model.first.write(tl.io.load_npy(path).numpy())
    model.second.write(tl.io.load_npy(path).numpy())


FORMATS: dict[str, tuple[Callable[[Path, Any], Any], Callable[[Path, Any], Any]]] = {
    "npy": (lambda path, model: tl.io.save_npy(path, model.first), load_npy),
    "npz": (lambda path, model: model.save(path), lambda path, model: model.load(path)),
    "safetensors": (tl.io.save_safetensors, tl.io.load_safetensors),
    "torch": (tl.io.save_torch, tl.io.load_torch),
    "checkpoint": (
        lambda path, model: tl.save_checkpoint(path, model=model),
        lambda path, model: tl.load_checkpoint(path, model=model),
    ),
}


def saving(name: str) -> Callable[[Path], None]:
    """Return what saves models of ever larger numbers, and says when the first is there."""
    save, _ = FORMATS[name]

    def save_again_and_again(path: Path) -> None:
        for number in range(1 << 20):
            save(path, Large(number))
            if number == 0:
                print("saved", flush=True)

    return save_again_and_again


def train_and_save(path: Path) -> None:
    """Take steps and save after each."""
    run = Run(0)
    for _ in run.losses():
        tl.save_checkpoint(path, **run.parts())
        if run.adam.steps == 1:
            print("saved", flush=True)


def killed(call: str, path: Path, seconds: float) -> None:
    """Have a process call something of this module, and kill it a while after it has saved."""
    code = f"import sys, pathlib, tests.test_kill as t; t.{call}(pathlib.Path(sys.argv[1]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "saved\n"
        time.sleep(seconds)
        process.kill()
    assert process.wait() < 0


@pytest.mark.parametrize("name", FORMATS)
def test_a_process_killed_while_saving_leaves_a_whole_file(name: str, tmp_path: Path) -> None:
    rng = Random(name)
    path = tmp_path / "file"
    for _ in range(KILLS):
        killed(f"saving({name!r})", path, rng.uniform(0, 0.05))
        model = Large(-1)
        FORMATS[name][1](path, model)
        numbers = {*np.unique(model.first.numpy()), *np.unique(model.second.numpy())}
        assert len(numbers) == 1
        assert min(numbers) >= 0
    # Files that were never finished stand beside it: it was killed in the middle indeed.
    rest = [each.name for each in tmp_path.iterdir() if each != path]
    assert 0 < len(rest) <= KILLS
    assert all(name.startswith(".") and name.endswith(".tmp") for name in rest)


def test_a_killed_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    rng = Random(0)
    path = tmp_path / "run.npz"
    whole = Run(0)
    states = [(0.0, whole.arrays())]
    for loss in islice(whole.losses(), 400):
        states.append((loss, whole.arrays()))
    for _ in range(KILLS):
        killed("train_and_save", path, rng.uniform(0, 0.05))
        resumed = Run(1)
        tl.load_checkpoint(path, **resumed.parts())
        steps = resumed.adam.steps
        assert 0 < steps < 380
        assert resumed.arrays() == states[steps][1]
        for place, loss in enumerate(islice(resumed.losses(), 15), steps + 1):
            assert (loss, resumed.arrays()) == states[place]
