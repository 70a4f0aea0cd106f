"""Whole layers with PyTorch's own weights, read from its files, and ours read back by PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tests.from_torch import assert_near

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")

torch_nn: Any = torch.nn
Make = Callable[[], Any]
Shape = tuple[int, ...]

LAYERS: list[tuple[Make, Make, tuple[Shape, ...]]] = [
    (lambda: nn.Linear(4, 3), lambda: torch_nn.Linear(4, 3), ((5, 4),)),
    (lambda: nn.Conv2d(2, 4, 3), lambda: torch_nn.Conv2d(2, 4, 3), ((2, 2, 6, 5),)),
    (lambda: nn.BatchNorm2d(3), lambda: torch_nn.BatchNorm2d(3), ((4, 3, 2, 2),)),
    (lambda: nn.LSTM(3, 4, 2), lambda: torch_nn.LSTM(3, 4, 2, batch_first=True), ((2, 5, 3),)),
    (lambda: nn.GRU(3, 4), lambda: torch_nn.GRU(3, 4, batch_first=True), ((2, 5, 3),)),
    (lambda: nn.RNN(3, 4), lambda: torch_nn.RNN(3, 4, batch_first=True), ((2, 5, 3),)),
    (
        lambda: nn.LSTM(3, 4, bidirectional=True),
        lambda: torch_nn.LSTM(3, 4, batch_first=True, bidirectional=True),
        ((2, 5, 3),),
    ),
    *[
        (
            lambda first=first: nn.Transformer(8, 2, 2, 2, 16, 0.0, norm_first=first),
            lambda first=first: torch_nn.Transformer(
                8, 2, 2, 2, 16, 0.0, batch_first=True, norm_first=first
            ),
            ((3, 5, 8), (3, 4, 8)),
        )
        for first in (False, True)
    ],
]
each_layer = pytest.mark.parametrize(
    ("make", "make_theirs", "shapes"), LAYERS, ids=lambda x: None if callable(x) else str(x)
)


def only(result: Any) -> Any:
    """The result, or the first of several: the sequence beside the states."""
    return result[0] if isinstance(result, tuple) else result


def assert_same_results(model: Any, theirs: Any, shapes: tuple[Shape, ...]) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(0, 1, shape).astype(np.float32) for shape in shapes]
    expected = only(theirs.eval()(*map(torch.tensor, arrays)))
    assert_near(only(model(*map(tl.tensor, arrays))), expected)


@each_layer
def test_pytorchs_weights_are_read(
    make: Make, make_theirs: Make, shapes: tuple[Shape, ...], tmp_path: Path
) -> None:
    model, theirs = make(), make_theirs()
    torch.save(theirs.state_dict(), tmp_path / "theirs.pt")
    tl.io.load_torch(tmp_path / "theirs.pt", model)
    assert_same_results(model, theirs, shapes)


@each_layer
def test_pytorch_reads_ours(
    make: Make, make_theirs: Make, shapes: tuple[Shape, ...], tmp_path: Path
) -> None:
    model, theirs = make(), make_theirs()
    tl.io.save_torch(tmp_path / "ours.pt", model)
    weights = torch.load(tmp_path / "ours.pt", weights_only=True)
    theirs.load_state_dict(weights)
    assert_same_results(model, theirs, shapes)


@each_layer
def test_safetensors_go_both_ways(
    make: Make, make_theirs: Make, shapes: tuple[Shape, ...], tmp_path: Path
) -> None:
    model, theirs = make(), make_theirs()
    tl.io.save_safetensors(tmp_path / "ours.safetensors", model)
    from safetensors.torch import load_file, save_file

    theirs.load_state_dict(load_file(tmp_path / "ours.safetensors"))
    assert_same_results(model, theirs, shapes)
    save_file(make_theirs().state_dict(), tmp_path / "theirs.safetensors")
    other = make()
    tl.io.load_safetensors(tmp_path / "theirs.safetensors", other)
