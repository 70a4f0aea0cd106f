"""A file tells its shape when it is read: mypy asks for what the program relies on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, nn


def unproven(path: Path) -> None:
    nn.Linear(3, 4)(tl.io.load_npy(path, np.float32))  # E: Linear(3, 4): expected last dimension 3, got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]


def stated(path: Path) -> Tensor[Shape[5, 4], NoTape]:
    return nn.Linear(3, 4)(tl.io.load_npy(path, np.float32).expect_shape((5, 3)))


def case_stated_wrongly() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tl.io.save_npy(Path(folder) / "x.npy", tl.zeros((5, 2)))
        x = tl.io.load_npy(Path(folder) / "x.npy", np.float32).expect_shape((5, 2))
        nn.Linear(3, 4)(x)  # E: Linear(3, 4): expected last dimension 3, got 2; try nn.Linear(2, 4)  [tensor-shape]
