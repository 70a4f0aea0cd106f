"""What rules say of sizes and ranks that are not known, and of axes without elements."""

from __future__ import annotations

from typing import Any

import pytest

from tensorlib.shapes import registry
from tensorlib.shapes.dim import ANY, UNKNOWN, symbol
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Each, Pack

N = symbol("N")
BATCH = Pack("Batch")


def said(name: str, *args: Any) -> Any:
    rule = registry.find(name)
    assert rule is not None
    return rule.check(*args)


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("chunk", ((UNKNOWN, 3), 2), Each((UNKNOWN, 3))),
        ("chunk", ((ANY,), 2), ((ANY,), (ANY,))),
        ("chunk", ((2 * N,), 2), ((N,), (N,))),
        ("chunk", ((N,), 2), Each((UNKNOWN,))),
        ("chunk", ((0, 3), 2), ((0, 3), (0, 3))),
        ("chunk", ((3,), 2), ((2,), (1,))),
        ("concat", (((BATCH, 2, 3), (BATCH, 2, 4)), -1), (BATCH, 2, 7)),
        ("concat", (((2, BATCH), (3, BATCH)), 0), (5, BATCH)),
        ("stack", (((BATCH, N), (BATCH, N)), -1), (BATCH, N, 2)),
        ("take_along_axis", ((2, 5, 3), (UNKNOWN_DIMS, 5, 4)), (UNKNOWN_DIMS, 5, 4)),
        ("take_along_axis", ((2, 5, 3), (2, UNKNOWN_DIMS), 0), (2, UNKNOWN_DIMS)),
        ("take_along_axis", ((BATCH, 5, 3), (BATCH, 5, 4)), (BATCH, 5, 4)),
        ("tensordot", ((UNKNOWN_DIMS, 4), (4, 3), 1), (UNKNOWN_DIMS, 3)),
        ("tensordot", ((2, 4), (4, BATCH), 1), (2, BATCH)),
        ("prelu", ((1,), (UNKNOWN,)), (1,)),
        ("cross_entropy", ((2, 3), (UNKNOWN, 3)), ()),
        ("cross_entropy", ((2, 3), (2, UNKNOWN)), ()),
        ("cross_entropy", ((UNKNOWN, 3), (2,)), ()),
        ("item", ((N, 1, UNKNOWN),), None),
        ("item", ((BATCH,),), None),
        ("accuracy", ((2, 3), (UNKNOWN, 3)), None),
        ("accuracy", ((), ()), None),
        ("accuracy", ((), (ANY_DIMS,)), None),
    ],
)
def test_no_more_is_said_than_is_known(name: str, args: tuple[Any, ...], shape: Any) -> None:
    assert said(name, *args) == shape


@pytest.mark.parametrize(
    ("name", "args", "is_proven"),
    [
        ("item", ((0,),), True),
        ("item", ((1, 0, N),), True),
        ("item", ((2,),), True),
        ("item", ((N + 1, BATCH),), True),
        ("cross_entropy", ((2, 0), (2,)), True),
        ("cross_entropy", ((2, 0), (2, 0)), True),
        ("nll_loss", ((2, 0), (2,)), True),
        ("accuracy", ((), (UNKNOWN_DIMS,)), False),
        ("accuracy", ((), (3,)), True),
        ("prelu", ((1,), (2,)), True),
        ("prelu", ((2, 3, 4), (UNKNOWN, 1)), True),
    ],
)
def test_what_is_refused(name: str, args: tuple[Any, ...], is_proven: bool) -> None:
    with pytest.raises(ShapeError) as caught:
        said(name, *args)
    assert caught.value.unproven is not is_proven


def test_a_shape_with_two_unknown_parts_is_none() -> None:
    with pytest.raises(UndecidedError):
        said("tensordot", (BATCH, 4), (4, BATCH), 1)
    with pytest.raises(UndecidedError):
        said("take_along_axis", (2, 5, 3), (2, UNKNOWN_DIMS), 1)


@pytest.mark.parametrize(("shape", "is_fine"), [((2, 3), True), ((2, 0), False), ((), False)])
def test_probabilities_are_of_classes(shape: tuple[int, ...], is_fine: bool) -> None:
    rule = registry.find("accuracy")
    assert rule is not None
    rule.require_together((shape, shape), ("int64", "int64"))
    if is_fine:
        rule.require_together((shape, shape), ("float32", "float32"))
        return
    with pytest.raises(ShapeError, match="accuracy: "):
        rule.require_together((shape, shape), ("float32", "float32"))
