"""Names that are bound anew, with ``allow_redefinition``: the last type counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typecheck import run_mypy

RIGHT = """
import numpy as np
from typing import Any
from typing_extensions import TypeVar
import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


def stored() -> Any:
    return np.ones((5, 4), np.float32)


def data_of_which_nothing_is_known() -> None:
    x = tl.zeros((3, 4))
    x = tl.tensor(stored())
    x.expect_shape((5, 4))
    x = tl.zeros((3, 4))
    x = x[:, :2]
    x = tl.tensor(stored()).expect_shape((-1, 4))
    nn.Linear(4, 2)(x)


def layers_of_which_nothing_is_known() -> None:
    layers: list[nn.Module] = [nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)]
    model = nn.Sequential(*layers)
    x = tl.ones((5, 4))
    x = model(x)
    losses.mse_loss(x, tl.zeros((5, 2)))
    y: Tensor[Shape[5, 2]] = x.expect_shape((5, 2))


def layers_in_turn(x: Tensor[Shape[5, 4], T]) -> Tensor[Shape[5, 2], T]:
    for layer in (nn.Linear(4, 3), nn.ReLU(), nn.Residual(nn.Linear(3, 3)), nn.Linear(3, 2)):
        x = layer(x)
    return x.expect_shape((5, 2))


def state_of_a_recurrence() -> None:
    cell = nn.RNNCell(4, 3)
    state = tl.zeros((5, 3))
    for x in tl.ones((6, 5, 4)):
        state = cell(x.traced(), state)
    tl.sum(state.with_empty_tape())
    nn.Linear(3, 2)(state).tanh()


def sum_of_losses() -> None:
    total = tl.tensor(0.0).traced()
    for x in tl.ones((6, 5, 4)):
        total = total + nn.Linear(4, 3)(x.traced()).mean()
    total.backward()
    tl.stack([nn.Linear(4, 3)(x.traced()).mean() for x in tl.ones((6, 5, 4))]).mean().backward()


def pixels() -> None:
    images = np.ones((5, 2, 2), np.float32)
    images = images / 255
    flat = images.reshape(5, 4)
    nn.Linear(4, 3)(tl.tensor(flat).expect_shape((5, 4)))


data_of_which_nothing_is_known()
layers_of_which_nothing_is_known()
layers_in_turn(tl.ones((5, 4)))
state_of_a_recurrence()
sum_of_losses()
pixels()
"""

NO_TAPE = (
    "backward: on some path this tensor owns no tape, as where a loop never runs: begin a sum with "
    "tl.tensor(0.0).traced(), or take tl.stack([...]).sum()  [tensor-tape]"
)
SOMETIMES = """
import tensorlib as tl
from tensorlib import nn


def sum_of_losses(count: int) -> None:
    total = tl.tensor(0.0)
    for x in tl.ones((6, 5, 4))[:count]:
        total = total + nn.Linear(4, 3)(x.traced()).mean()
    total.backward()


def of_one_branch(training: bool) -> None:
    x = tl.ones((5, 4)).traced() if training else tl.ones((5, 4))
    x.sum().backward()
"""


@pytest.mark.xdist_group("typecheck")
def test_the_last_type_counts(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(RIGHT)
    assert run_mypy("--allow-redefinition", "right.py", cwd=tmp_path).stdout.startswith("Success")
    exec(RIGHT, {})


@pytest.mark.xdist_group("typecheck")
def test_a_tape_that_is_missing_on_some_path(tmp_path: Path) -> None:
    (tmp_path / "sometimes.py").write_text(SOMETIMES)
    done = run_mypy("--allow-redefinition", "sometimes.py", cwd=tmp_path)
    assert done.stdout.splitlines()[:-1] == [
        f"sometimes.py:10: error: {NO_TAPE}",
        f"sometimes.py:15: error: {NO_TAPE}",
    ]
