"""What layers require of their sizes, and operands of their declaration: on ints and symbols."""

from __future__ import annotations

from typing import Any

import pytest

from tensorlib.shapes.construction import SIZES
from tensorlib.shapes.dim import ANY, UNKNOWN, symbol
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_declared
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack

N, M = symbol("N"), symbol("M")
BATCH = Pack("Batch")


@pytest.mark.parametrize(
    ("layer", "sizes"),
    [
        ("LayerNorm", (1,)),
        ("LayerNorm", (N,)),
        ("LayerNorm", (UNKNOWN,)),
        ("GroupNorm", (2, 6)),
        ("GroupNorm", (N, M)),
        ("GroupNorm", (2, N)),
        ("GroupNorm", (N, 2 * N)),
        ("GroupNorm", (2, ANY)),
        ("GroupNorm", (UNKNOWN, 6)),
        ("MultiHeadAttention", (8, 2, 8, 8)),
        ("MultiHeadAttention", (4 * N, 4, M, 3)),
        ("Transformer", (N, M)),
    ],
)
def test_sizes_that_some_program_may_have(layer: str, sizes: tuple[Any, ...]) -> None:
    SIZES[layer](*sizes)


@pytest.mark.parametrize(
    ("layer", "sizes", "text"),
    [
        ("RMSNorm", (0,), "normalized_shape must be positive, got 0"),
        ("BatchNorm1d", (-N,), "num_features must be positive, got -N"),
        (
            "GroupNorm",
            (4, 6),
            "num_channels must be a multiple of num_groups, got 6 and 4: 6 is not a multiple of 4",
        ),
        (
            "MultiHeadAttention",
            (2 * N + 1, 2, 1, 1),
            "embed_dim must be a multiple of num_heads, got 2*N + 1 and 2: "
            "2*N + 1 is not a multiple of 2",
        ),
        ("MultiHeadAttention", (8, 0, 8, 8), "num_heads must be positive, got 0"),
        (
            "TransformerEncoder",
            (10, 4),
            "d_model must be a multiple of nhead, got 10 and 4: 10 is not a multiple of 4",
        ),
    ],
)
def test_sizes_that_no_program_may_have(layer: str, sizes: tuple[Any, ...], text: str) -> None:
    with pytest.raises(ShapeError) as raised:
        SIZES[layer](*sizes)
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ((BATCH, N, 8), (8, 8)),
        ((BATCH, N, 8), (ANY_DIMS, 8)),
        ((BATCH, N, 8), (ANY_DIMS,)),
        ((BATCH, N, 8), (3, ANY_DIMS)),
        ((BATCH, N, 8), (3, ANY_DIMS, 8)),
        ((N, 8, BATCH), (3, ANY_DIMS)),
        ((N, 8), (ANY_DIMS, 8)),
        ((N, N), (ANY_DIMS, 8)),
        ((BATCH, N, 8), (ANY, 8)),
    ],
)
def test_operands_that_may_be_what_is_declared(declared: Any, actual: Any) -> None:
    require_declared(("", declared, actual))


@pytest.mark.parametrize(
    ("declared", "actual", "text"),
    [
        (
            (BATCH, N, 8),
            (ANY_DIMS, 9),
            "expected shape (*Batch, N, 8), got (..., 9): 9 is not 8",
        ),
        (
            (N, 8, BATCH),
            (3, 9, ANY_DIMS),
            "expected shape (N, 8, *Batch), got (3, 9, ...): 9 is not 8",
        ),
        ((N, 8), (ANY_DIMS, 9), "expected shape (N, 8), got (..., 9): 9 is not 8"),
        (
            (N, 8),
            (1, 2, ANY_DIMS, 8),
            "expected shape (N, 8), got (1, 2, ..., 8): 3 dimensions, not 2",
        ),
        (
            (BATCH, N, 8),
            (UNKNOWN_DIMS, 8),
            "expected shape (*Batch, N, 8), got (..., 8): "
            "state what is unknown with expect_shape, or write Any for it",
        ),
    ],
)
def test_operands_that_are_not_what_is_declared(declared: Any, actual: Any, text: str) -> None:
    with pytest.raises(ShapeError) as raised:
        require_declared(("", declared, actual))
    assert str(raised.value) == text


def test_names_stand_for_the_same_in_all_operands() -> None:
    query, key = (BATCH, N, 8), (BATCH, M, 8)
    require_declared(
        ("query", query, (2, 5, 8)), ("key", key, (2, 3, 8)), ("value", key, (2, 3, 8))
    )
    with pytest.raises(ShapeError) as raised:
        require_declared(
            ("query", query, (2, 5, 8)), ("key", key, (2, 3, 8)), ("value", key, (2, 4, 8))
        )
    assert str(raised.value) == (
        "expected value of shape (*Batch, M, 8), got (2, 4, 8): 4 is not 3"
    )
