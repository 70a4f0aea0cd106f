"""Where an error in a container is, for models that declare what they take."""

from __future__ import annotations

from typing import Any, Generic

import pytest
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")


@tl.check_shapes
class Declared(nn.Module, Generic[N]):
    def __init__(self, n: N) -> None:
        self.inner = nn.Linear(n, n)

    def forward(self, x: Tensor[Shape[*Batch, N], T]) -> Tensor[Shape[*Batch, N], T]:
        return self.inner(x)


def test_the_first_line_is_mypys() -> None:
    """mypy says the same of this chain, as typecheck_cases/fail/nested.py shows of its like."""
    wrong: Any = Declared(5)
    model = nn.Sequential(nn.Linear(3, 4), nn.Residual((nn.ReLU(), wrong)))
    with pytest.raises(tl.ShapeError) as raised:
        model(tl.zeros((2, 3)))
    first, _, rest = str(raised.value).partition("\n")
    origin = "from Sequential[1].f[0] ReLU"
    assert first == f"Sequential[1].f[1] Declared(5): expected last dimension 5, got 4 {origin}"
    assert "with N = 5 from this instance" in rest


def test_several_results_are_for_no_layer() -> None:
    wrong: Any = nn.Linear(4, 1)
    with pytest.raises(tl.ShapeError, match=r"Sequential\[1\] Linear\(4, 1\): .*a tuple of 2 from"):
        nn.Sequential(nn.LSTM(3, 4), wrong)(tl.zeros((2, 7, 3)))


def test_a_head_that_takes_another_size_is_named() -> None:
    wrong: Any = nn.Linear(4, 2)
    with pytest.raises(tl.ShapeError, match=r"got 3, which SplitInto\[0\] Linear\(3, 2\) takes"):
        nn.SplitInto(nn.Linear(3, 2), wrong)
