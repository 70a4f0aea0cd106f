"""Comparing runs with PyTorch: results, and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.agreement.program import Peer
from tests.agreement.running import Gradients, Outcome

ERRORS = (RuntimeError, IndexError, ValueError, TypeError, AttributeError, AssertionError)
"""What PyTorch, or a row's translation to it, raises."""


def unlike_results(peer: Peer, outcome: Outcome) -> str | None:
    """Compare the results of a run; tell what differs, if anything does.

    Raises:
        ERRORS: PyTorch does not take the operands.
    """
    wanted = [
        each.detach().numpy() if torch.is_tensor(each) else np.asarray(each)
        for each in _members(peer(outcome.operands))
    ]
    ours = outcome.arrays
    if [each.shape for each in ours] != [each.shape for each in wanted]:
        return f"shapes {[x.shape for x in ours]} are {[x.shape for x in wanted]} in PyTorch"
    with np.errstate(over="ignore"):  # beyond float32, say
        wanted = [x.astype(mine.dtype) for x, mine in zip(wanted, ours, strict=True)]
    scale = max(map(_largest, [*wanted, *outcome.operands]), default=0.0)
    for mine, other in zip(ours, wanted, strict=True):
        if not _is_close(mine, other, 1e-3, 1e-4 * scale):
            return f"values {mine.tolist()} are {other.tolist()} in PyTorch"
    return None


def unlike_gradients(peer: Peer, found: Gradients) -> str | None:
    """Compare the gradients of a run's operands; tell what differs, if anything does.

    Raises:
        ERRORS: PyTorch does not take the operands.
    """
    leaves = [
        torch.tensor(x, requires_grad=True) if x.dtype.kind == "f" else torch.tensor(x)
        for x in found.operands
    ]
    results = [y for y in _members(peer(leaves)) if torch.is_tensor(y) and y.requires_grad]
    if len(results) != len(found.cotangents):
        return f"{len(results)} results have gradients in PyTorch"
    terms = [(y * torch.tensor(g)).sum() for y, g in zip(results, found.cotangents, strict=True)]
    sum(terms[1:], terms[0]).backward()  # type: ignore[no-untyped-call]
    wanted = [
        np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in leaves if x.requires_grad
    ]
    scale = max(map(_largest, [*wanted, *found.operands]), default=0.0)
    for mine, other in zip(found.slopes, wanted, strict=True):
        if not _is_close(mine, other, 1e-5, 1e-7 * scale):
            return f"gradients {mine.tolist()} are {other.tolist()} in PyTorch"
    return None


def _members(found: Any) -> list[Any]:
    return [*found] if isinstance(found, tuple | list) else [found]


def _is_close(mine: Any, other: Any, relative: float, absolute: float) -> bool:
    ours, theirs = (np.asarray(each, np.float64) for each in (mine, other))
    return np.allclose(ours, theirs, relative, absolute, equal_nan=True)


def _largest(array: Any) -> float:
    values = np.abs(np.asarray(array, np.float64))
    return float(np.max(values[np.isfinite(values)], initial=0))
