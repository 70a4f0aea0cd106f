"""Programs in which dtypes or shapes meet of which PyTorch makes something else than is documented.

Of dtypes, `docs/pytorch.md` tells under "Dtypes that meet": all is as in PyTorch, but that float64
meets no other float. Of shapes, `docs/shapes.md` does: one operand stretches, and not both.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.agreement.program import REFUSED, Operand, Program

DTYPES = ("float16", "float32", "float64", "int32", "int64", "uint8", "bool")
_FLOATS = DTYPES[:3]

_Ours = tuple[str, Callable[..., Any]]

_OF_TWO: tuple[_Ours, ...] = (
    ("x + y", torch.add),
    ("x - y", torch.sub),
    ("x * y", torch.mul),
    ("x / y", torch.true_divide),
    ("x == y", torch.eq),
    ("x < y", torch.lt),
    ("tl.add(x, y)", torch.add),
    ("x.minimum(y)", torch.minimum),
    ("tl.maximum(x, y)", torch.maximum),
    ("tl.where(x > 0, x, y)", lambda x, y: torch.where(x > 0, x, y)),
    ("tl.concat((x, y))", lambda x, y: torch.cat((x, y))),
    ("tl.atan2(x, y)", torch.atan2),
)
_STRETCHING = [each for each in _OF_TWO if "concat" not in each[0]]
_OF_ONE: tuple[_Ours, ...] = (
    ("x.sum()", torch.sum),
    ("x.sum(axis=0)", lambda x: torch.sum(x, 0)),
    ("x.prod()", torch.prod),
    ("x.cumsum(0)", lambda x: torch.cumsum(x, 0)),
    ("x.max()", torch.max),
    ("x.any()", lambda x: torch.any(x.bool())),
    ("x.exp()", torch.exp),
    ("x.sigmoid()", torch.sigmoid),
    ("x.abs()", torch.abs),
    ("x.argmax()", torch.argmax),
    ("x.count_nonzero(axis=0)", lambda x: torch.count_nonzero(x, 0)),
    ("x + 1", lambda x: x + 1),
    ("x * 2.0", lambda x: x * 2.0),
    ("1.5 - x", lambda x: 1.5 - x),
    ("x / 2", lambda x: x / 2),
    ("tl.zeros_like(x)", torch.zeros_like),
    ("x.mean()", lambda x: torch.mean(x if x.is_floating_point() else x.float())),
)


def meeting(rng: random.Random) -> Program:
    """Draw a program, and state the dtype of its result, or that it is refused."""
    return _of_shapes(rng) if rng.random() < 0.3 else _of_dtypes(rng)


def _of_shapes(rng: random.Random) -> Program:
    longer = tuple(rng.choice((1, 2, 3)) for _ in range(rng.randint(1, 3)))
    shorter = tuple(size if rng.random() < 0.6 else 1 for size in longer)[rng.randint(0, 2) :]
    longer = tuple(size if rng.random() < 0.8 else 1 for size in longer)
    shapes = [longer, shorter] if rng.random() < 0.5 else [shorter, longer]
    both = np.broadcast_shapes(*shapes)
    operands = tuple(
        Operand(name, tuple(map(str, shape))) for name, shape in zip("xy", shapes, strict=True)
    )
    text, _ = rng.choice(_STRETCHING)
    stated = "" if both in shapes else REFUSED
    return Program("stretching", operands, (f"r = {text}",), stated=stated)


def _of_dtypes(rng: random.Random) -> Program:
    text, peer = rng.choice(_OF_TWO if rng.random() < 0.7 else _OF_ONE)
    names = "xy" if any(text == each for each, _ in _OF_TWO) else "x"
    dims = rng.choice((("3",), ("2", "3"), ("N",)))
    operands = tuple(Operand(name, dims, rng.choice(DTYPES)) for name in names)
    dtypes = [each.dtype for each in operands]
    floats = {each for each in dtypes if each in _FLOATS}
    stated = REFUSED if "float64" in floats and len(floats) > 1 else _result(peer, dtypes)
    return Program("dtypes", operands, (f"r = {text}",), stated=stated)


def _result(peer: Callable[..., Any], dtypes: list[str]) -> str:
    """Return the dtype of PyTorch's result, or "" where it refuses the operands."""
    try:
        found = peer(*(torch.ones(3, dtype=getattr(torch, each)) for each in dtypes))
    except RuntimeError:
        return ""
    return str(found.dtype).removeprefix("torch.")
