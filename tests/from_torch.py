"""A layer beside PyTorch's with the same weights: equal results, gradients and buffers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import tensorlib as tl
from tensorlib import nn

Shape = tuple[int, ...]


def draw_weights(layer: torch.nn.Module, rng: np.random.Generator) -> None:
    """Give a layer of PyTorch's weights that are nowhere special."""
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.tensor(rng.normal(0, 0.5, parameter.shape)))


def load_weights(model: nn.Module, reference: torch.nn.Module) -> None:
    """Copy all weights and buffers; paths, their order and shapes must be PyTorch's."""
    theirs = {path: array.detach().numpy() for path, array in reference.state_dict().items()}
    mine = dict(model.named_tensors())
    assert list(mine) == list(theirs)
    for path, tensor in mine.items():
        assert tensor.dtype == theirs[path].dtype, path
        tensor.write(theirs[path], "test")


def assert_near(actual: Any, expected: torch.Tensor, name: str = "") -> None:
    """Compare with some multiple of the rounding error of float32."""
    wanted = expected.detach().numpy()
    assert actual.shape == wanted.shape
    limit = 4e-6 * max(1.0, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(actual.numpy(), wanted, rtol=0, atol=limit, err_msg=name)


def assert_same_buffers(model: nn.Module, reference: torch.nn.Module) -> None:
    """Compare what training changed besides the parameters."""
    theirs = dict(reference.named_buffers())
    for path, tensor in model.named_tensors():
        if not isinstance(tensor, nn.Parameter):
            assert_near(tensor, theirs[path], path)


def assert_equal_layers(
    model: Any,
    reference: torch.nn.Module,
    shapes: Sequence[Shape],
    *,
    ours: Callable[..., Any] = lambda model, *operands: model(*operands),
    theirs: Callable[..., Any] = lambda reference, *operands: reference(*operands),
    seed: int = 0,
) -> None:
    """Compare results in training and in evaluation, all gradients, and the buffers.

    Args:
        model: our layer.
        reference: PyTorch's.
        shapes: those of the operands, each of which is traced.
        ours: calls our layer.
        theirs: calls PyTorch's.
        seed: for weights, operands and the cotangent.
    """
    rng = np.random.default_rng(seed)
    draw_weights(reference, rng)
    load_weights(model, reference)
    arrays = [rng.normal(0, 1, shape).astype(np.float32) for shape in shapes]
    leaves: list[Any] = [tl.tensor(array) for array in arrays]
    peers = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, expected = ours(model, *(x.traced() for x in leaves)), theirs(reference, *peers)
    assert_near(result.detach(), expected)
    assert_same_buffers(model, reference)
    cotangent = rng.normal(0, 1, result.shape).astype(np.float32)
    gradients = (result * tl.tensor(cotangent)).sum().backward()
    (expected * torch.tensor(cotangent)).sum().backward()
    for leaf, peer in zip(leaves, peers, strict=True):
        assert peer.grad is not None
        assert_near(gradients[leaf], peer.grad)
    by_path = dict(reference.named_parameters())
    assert len(gradients) == len(leaves) + len(by_path)
    for path, parameter in model.named_parameters():
        slope = by_path[path].grad
        assert slope is not None
        assert_near(gradients[parameter], slope, path)
    reference.eval()
    assert_near(ours(model, *leaves), theirs(reference, *peers), "evaluation")
