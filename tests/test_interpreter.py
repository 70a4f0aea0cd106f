"""Without asserts or docstrings, with warnings as errors or other hashes: the same numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import hashlib
import sys

import numpy as np
import tensorlib as tl
from tensorlib import data, losses, nn, optim

rng = np.random.default_rng(0)
x = tl.from_numpy(rng.normal(size=(64, 1, 8, 8)).astype(np.float32))
labels = tl.from_numpy(rng.integers(0, 3, 64))
model = nn.Sequential(
    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(36, 16), nn.GELU(), nn.LayerNorm(16), nn.Dropout(0.1), nn.Linear(16, 3),
)
model.reset_params(0)
optimizer = optim.Adam(model, 1e-2)
loss_of = losses.cross_entropy

def step(x, labels):
    loss = loss_of(model(x.traced()), labels)
    optimizer.update(model, loss.backward())
    return loss.detach()

faster = tl.compile(step)
found = [float(step(*each).item()) for each in data.batches(x, labels, 16, rng=0)]
found += [float(faster(*each).item()) for each in data.batches(x, labels, 16, rng=1)]
for wrong in (lambda: model(x[:, :, :4]), lambda: tl.cat((x, x)), lambda: x.view(3)):
    try:
        wrong()
    except (tl.TensorlibError, AttributeError) as error:
        found.append(str(error))
folder = sys.argv[1]
tl.save_checkpoint(folder + "/saved.zip", model=model, optimizer=optimizer)
tl.load_checkpoint(folder + "/saved.zip", model=model, optimizer=optimizer)
for path, values in model.named_tensors():
    found.append(path + hashlib.sha256(values.numpy().tobytes()).hexdigest())
print(*found, sep="\\n")
"""


def printed(options: list[str], seed: str, folder: Path) -> str:
    result = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> str:
    return printed([], "0", tmp_path_factory.mktemp("usual"))


@pytest.mark.parametrize(
    ("options", "seed"),
    [(["-O"], "0"), (["-OO"], "0"), (["-W", "error"], "0"), (["-X", "dev"], "0"), ([], "1")],
)
def test_options_of_python_change_nothing(
    options: list[str], seed: str, usual: str, tmp_path: Path
) -> None:
    assert printed(options, seed, tmp_path) == usual
