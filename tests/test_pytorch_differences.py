"""What has PyTorch's name and another meaning, as `docs/pytorch.md` lists it under "What bites"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import tensorlib as tl
from tensorlib import losses, nn

VALUES = [[1.0, 3.0, 3.0], [2.0, 2.0, 5.0]]
x: Any = tl.tensor(VALUES)
theirs: Any = torch.tensor(VALUES)


def gradient(y: Any) -> Any:
    return torch.autograd.grad(y(leaf := theirs.clone().requires_grad_()).sum(), leaf)[0]


def test_variances_divide_by_n() -> None:
    assert x.var().item() == pytest.approx(theirs.var(correction=0).item())
    assert x.var(correction=1).item() == pytest.approx(theirs.var().item())
    assert x.std(correction=1).item() == pytest.approx(theirs.std().item())


def test_split_takes_sections_or_places() -> None:
    ours: Any = tl.arange(8)
    others: Any = torch.arange(8)
    assert [len(part) for part in ours.split(2)] == [4, 4]
    assert [len(part) for part in others.split(2)] == [2, 2, 2, 2]
    assert [len(part) for part in ours.split((2, 5))] == [2, 3, 3]
    assert [len(part) for part in others.split([2, 3, 3])] == [2, 3, 3]


def test_extrema_along_an_axis_are_values_whose_ties_share_the_gradient() -> None:
    assert x.max(axis=1).tolist() == theirs.max(dim=1).values.tolist()
    assert x.sort().tolist() == theirs.sort().values.tolist()
    shared = tl.grad(lambda t: t.max(axis=1).sum())(x).tolist()
    assert shared == gradient(lambda t: t.amax(dim=1)).tolist()
    assert shared != gradient(lambda t: t.max(dim=1).values).tolist()


def test_normalize_is_not_pytorchs() -> None:
    normalized, unit = tl.normalize(x, axis=1), x / tl.linalg.norm(x, axis=1, keepdims=True)
    assert normalized.mean(axis=1).tolist() == pytest.approx([0, 0], abs=1e-6)
    np.testing.assert_allclose(unit.numpy(), F.normalize(theirs).numpy(), rtol=1e-6)


def test_repeat_nonzero_equal_and_pad_are_numpys() -> None:
    assert x.repeat(2, axis=0).tolist() == theirs.repeat_interleave(2, dim=0).tolist()
    assert x.tile((2, 1)).tolist() == theirs.repeat(2, 1).tolist()
    assert tl.argwhere(x > 2).tolist() == torch.nonzero(theirs > 2).tolist()
    places = torch.nonzero(theirs > 2, as_tuple=True)
    assert [i.tolist() for i in tl.nonzero(x > 2)] == [i.tolist() for i in places]
    assert tl.equal(x, x).tolist() == torch.eq(theirs, theirs).tolist()
    assert tl.pad(x, ((0, 0), (1, 2))).tolist() == F.pad(theirs, (1, 2)).tolist()


def test_dtypes_of_full_one_hot_and_means() -> None:
    assert tl.full((2,), 7).dtype == np.float32
    assert torch.full((2,), 7).dtype == torch.int64
    assert tl.one_hot(tl.arange(3), 3).dtype == np.float32
    assert F.one_hot(torch.arange(3), 3).dtype == torch.int64
    assert tl.arange(3).mean().item() == 1
    with pytest.raises(RuntimeError, match="dtype"):
        torch.arange(3).mean()


def test_double_and_single_precision_do_not_meet() -> None:
    with pytest.raises(tl.DtypeError, match="convert one with"):
        x + x.astype(np.float64)
    assert (theirs + theirs.double()).dtype == torch.float64


def test_copies_are_constants() -> None:
    assert not x.traced().copy().owns_tape
    assert theirs.clone().requires_grad_().clone().requires_grad


def test_classes_stand_last() -> None:
    scores = tl.randn((2, 5, 4), rng=0)
    classes: Any = tl.randint((2, 4), 0, 5, rng=0)
    ours = losses.cross_entropy(scores.permute((0, 2, 1)), classes).item()
    reference = F.cross_entropy(torch.tensor(scores.numpy()), torch.tensor(classes.numpy()))
    assert ours == pytest.approx(reference.item())


def test_a_mask_allows() -> None:
    layer, reference = nn.MultiHeadAttention(4, 2), torch.nn.MultiheadAttention(4, 2)
    tokens: Any = tl.randn((3, 4), rng=0)
    allowed = np.tril(np.ones((3, 3), np.bool))
    with torch.no_grad():
        for path, parameter in layer.named_parameters():
            reference.get_parameter(path).copy_(torch.tensor(parameter.numpy()))
        given = torch.tensor(tokens.numpy())
        wanted, _ = reference(given, given, given, attn_mask=torch.tensor(~allowed))
    ours = layer(tokens, mask=tl.tensor(allowed)).numpy()
    np.testing.assert_allclose(ours, wanted.numpy(), atol=1e-6)


def test_a_model_is_converted_as_a_copy() -> None:
    model, reference = nn.Linear(2, 3), torch.nn.Linear(2, 3)
    assert model.astype(np.float64) is not model
    assert reference.double() is reference


def test_the_mean_divergence_of_a_batch() -> None:
    logs, targets = x.log_softmax(), x.softmax()
    ours = losses.kl_div(logs, targets.detach(), reduction="sum") / len(x)
    reference = F.kl_div(theirs.log_softmax(1), theirs.softmax(1), reduction="batchmean")
    assert ours.item() == pytest.approx(reference.item(), abs=1e-6)


def test_an_op_on_parameters_alone_wants_a_tape() -> None:
    layer, other = nn.Linear(3, 2, rng=0), torch.nn.Linear(3, 2)
    with torch.no_grad():
        other.weight.copy_(torch.tensor(layer.weight.tolist()))
    (other(theirs).sum() + other.weight.square().sum()).backward()
    with pytest.raises(tl.IncompleteTapeError, match=r"use p\.with_tape_of"):
        (layer(x.traced()).sum() + layer.weight.square().sum()).backward()
    loss = layer(x.traced()).sum()
    loss = loss + layer.weight.with_tape_of(loss).square().sum()
    found = loss.backward()[layer.weight]
    expected: Any = other.weight.grad
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6)
