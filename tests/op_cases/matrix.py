"""Rows of the functions in `tensorlib.linalg`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import tensorlib as tl
from tests.op_cases.calls import SIZES, axes_of, shapes, stretching
from tests.op_cases.case import Call, OpCase, Shape, _single
from tests.op_cases.values import away_from_zero, tied


def dominant(rng: np.random.Generator, shape: Shape) -> Any:
    """Matrices far from singular: where they are square, the diagonal outweighs the rest."""
    values = rng.uniform(-1, 1, shape)
    if len(shape) > 1 and shape[-1] == shape[-2]:
        values += 4 * np.eye(shape[-1])
    return _single(values)


def spaced(rng: np.random.Generator, shape: Shape) -> Any:
    """Matrices whose eigenvalues are far from each other, as are the singular values."""
    rows, columns = shape[-2:]
    return _single(
        rng.uniform(-0.3, 0.3, shape) + 3 * np.eye(rows, columns) * np.arange(1, columns + 1)
    )


@st.composite
def squares(draw: st.DrawFn) -> Call:
    batch, side = draw(shapes(max_rank=2)), draw(SIZES)
    return Call(((*batch, side, side),))


def matrices() -> st.SearchStrategy[Call]:
    return shapes(min_rank=2).map(lambda shape: Call((shape,)))


@st.composite
def equations(draw: st.DrawFn) -> Call:
    """Either side stretches; a right side of one dimension is a vector."""
    whole, side = draw(shapes(max_rank=2)), draw(SIZES)
    batches = draw(st.permutations((whole, draw(stretching(whole)))))
    left, right = ((*batch, side) for batch in batches)
    return Call(((*left, side), draw(st.sampled_from(((side,), (*right, draw(SIZES)))))))


def torch_solve(a: torch.Tensor, b: torch.Tensor) -> Any:
    """PyTorch takes what could be either for a batch of vectors, so every batch is spelt out."""
    if b.ndim == 1:
        return torch_solve(a, b[:, None])[..., 0]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return torch.linalg.solve(a.expand(*batch, *a.shape[-2:]), b.expand(*batch, *b.shape[-2:]))


@st.composite
def whole_norms(draw: st.DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), (None, draw(axes_of(len(shape))), draw(st.booleans())))


@st.composite
def vector_norms(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=1))
    axes = st.integers(-len(shape), len(shape) - 1)
    axis = draw(st.one_of(st.none(), axes) if len(shape) == 1 else axes)
    order = draw(st.sampled_from((2, 1, 3, 1.5, 0.5, -1, math.inf, -math.inf)))
    return Call((shape,), (order, axis, draw(st.booleans())))


@st.composite
def matrix_norms(draw: st.DrawFn) -> Call:
    shape = draw(shapes(min_rank=2))
    axes = draw(st.permutations(range(len(shape))))[:2]
    signed = tuple(axis - draw(st.sampled_from((0, len(shape)))) for axis in axes)
    axis = draw(st.sampled_from((None, signed))) if len(shape) == 2 else signed
    return Call(
        (shape,), (draw(st.sampled_from(("fro", 1, 2, math.inf))), axis, draw(st.booleans()))
    )


def torch_norm(x: torch.Tensor, order: Any, axis: Any, keepdims: bool) -> Any:
    if axis == ():
        return x.abs()  # PyTorch takes no axes for all
    if order is None:
        return torch.linalg.vector_norm(x, 2, axis, keepdims)
    return torch.linalg.norm(x, order, axis, keepdims)


def norm(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    return tl.linalg.norm(x, order, axis, keepdims)


def symmetric(x: Any) -> Any:
    """What reads one triangle is compared on symmetric matrices, where all gradients agree."""
    return (x + x.with_empty_tape().transpose()) / 2 if isinstance(x, tl.Tensor) else (x + x.mT) / 2


def eigh(x: Any) -> Any:
    """Eigenvectors are determined up to their signs."""
    values, vectors = tl.linalg.eigh(symmetric(x))
    return values, vectors.square()


def torch_eigh(x: torch.Tensor) -> Any:
    values, vectors = torch.linalg.eigh(symmetric(x))
    return values, vectors.square()


@st.composite
def full_or_not(draw: st.DrawFn) -> Call:
    """Full matrices only where nothing in them is arbitrary."""
    shape = draw(shapes(min_rank=2))
    return Call((shape,), (shape[-1] == shape[-2] and draw(st.booleans()),))


def svd(x: Any, full_matrices: bool) -> Any:
    """Singular vectors are determined up to their signs."""
    u, s, vh = tl.linalg.svd(x, full_matrices)
    return u.square(), s, vh.square()


def torch_svd(x: torch.Tensor, full_matrices: bool) -> Any:
    u, s, vh = torch.linalg.svd(x, full_matrices)
    return u.square(), s, vh.square()


CASES: tuple[OpCase, ...] = (
    OpCase(
        "linalg.trace",
        tl.linalg.trace,
        lambda x: torch.diagonal(x, dim1=-2, dim2=-1).sum(-1),
        matrices(),
        cancels=True,
    ),
    OpCase(
        "linalg.diagonal",
        tl.linalg.diagonal,
        lambda x: torch.diagonal(x, dim1=-2, dim2=-1),
        matrices(),
    ),
    OpCase("linalg.diag", tl.linalg.diag, torch.diag, SIZES.map(lambda size: Call(((size,),)))),
    OpCase("linalg.norm", norm, torch_norm, whole_norms(), values=away_from_zero),
    OpCase("linalg.norm", norm, torch_norm, vector_norms(), "vectors", away_from_zero),
    OpCase("linalg.norm", norm, torch_norm, matrix_norms(), "matrices", away_from_zero),
    OpCase("linalg.norm", norm, torch_norm, whole_norms(), "zeros", tied, smooth=False),
    OpCase("linalg.det", tl.linalg.det, torch.linalg.det, squares(), "", dominant),
    OpCase(
        "linalg.slogdet",
        tl.linalg.slogdet,
        lambda x: tuple(torch.linalg.slogdet(x)),
        squares(),
        "",
        dominant,
    ),
    OpCase("linalg.inv", tl.linalg.inv, torch.linalg.inv, squares(), "", dominant),
    OpCase("linalg.solve", tl.linalg.solve, torch_solve, equations(), "", dominant),
    OpCase(
        "linalg.cholesky",
        lambda x: tl.linalg.cholesky(symmetric(x)),
        lambda x: torch.linalg.cholesky(symmetric(x)),
        squares(),
        "",
        dominant,
    ),
    OpCase("linalg.eigh", eigh, torch_eigh, squares(), "", spaced),
    OpCase("linalg.qr", tl.linalg.qr, lambda x: tuple(torch.linalg.qr(x)), matrices(), "", spaced),
    OpCase("linalg.svdvals", tl.linalg.svdvals, torch.linalg.svdvals, matrices(), "", spaced),
    OpCase("linalg.svd", svd, torch_svd, full_or_not(), "", spaced),
)
