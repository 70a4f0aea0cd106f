"""Programs that make tensors of sizes that they compute, and use them."""

from __future__ import annotations

import random

from tests.agreement.from_batches import _inside
from tests.agreement.program import Operand, Program

_SIZES = (
    "2", "3", "4", "x.shape[0]", "x.shape[-1]", "len(x)", "x.size", "x.ndim", "x.shape[0] + 1",
    "2 * x.shape[1]", "x.shape[0] // 2", "x.shape[0] - 1", "x.shape[0] * x.shape[1]",
    "max(x.shape[0], 1)", "min(x.shape[0], 3)", "x.shape[1] % 2 + 1", "y.shape[0]",
)  # fmt: skip
_OF_A_SHAPE = (
    "tl.zeros({})", "tl.ones({})", "tl.full({}, 2.0)", "tl.rand({}, rng=0)", "tl.randn({}, rng=0)",
    "tl.uniform({}, 0.0, 2.0, rng=0)", "tl.normal({}, 0.0, 2.0, rng=0)",
    "tl.randint({}, 0, 3, rng=0)", "tl.zeros({}, np.float64)", "tl.ones({}, np.int64)",
)  # fmt: skip
_OF_NUMBERS = (
    "tl.eye({})", "tl.eye({}, {})", "tl.arange({})", "tl.arange({}, {})", "tl.arange(0, {}, {})",
    "tl.linspace(0.0, 1.0, {})", "tl.permutation({}, rng=0)", "tl.arange({}, 0, -1)",
)  # fmt: skip
_LIKE = (
    "tl.zeros_like(x)", "tl.ones_like(x)", "tl.full_like(x, 3.0)", "tl.rand_like(x, rng=0)",
    "tl.randn_like(x, rng=0)",
)  # fmt: skip
_SHAPES = ("x.shape", "y.shape", "x.shape[1:]", "(*x.shape, {})", "({}, *x.shape[1:])", "({},)",
           "({}, {})", "({}, {})", "({}, {}, {})", "[{}, {}]", "()")  # fmt: skip
_USES = ("x @ {}", "x + {}", "{} * y", "tl.concat((x, {}))", "tl.stack((x, {}))", "{}.sum(axis=0)",
         "{}.reshape(x.shape)", "{}.mT", "x.take({}, axis=0)", "{}[0]", "{}.broadcast_to(x.shape)",
         "tl.where({} > 0, x, 0.0)", "losses.mse_loss(x, {})", "{}.traced()")  # fmt: skip


def created(rng: random.Random) -> Program:
    """Draw a program."""

    def filled(text: str) -> str:
        return "".join(
            part + (rng.choice(_SIZES) if place < text.count("{}") else "")
            for place, part in enumerate(text.split("{}"))
        )

    drawn = rng.random()
    if drawn < 0.5:
        made = rng.choice(_OF_A_SHAPE).format(filled(rng.choice(_SHAPES)))
    elif drawn < 0.9:
        made = filled(rng.choice(_OF_NUMBERS))
    else:
        made = rng.choice(_LIKE)
    dims = rng.choice((("2", "3"), ("3", "2"), ("4", "4"), ("N", "M"), ("N", "N"), ("N", "3")))
    operands = (
        Operand("x", dims, owns_tape=rng.random() < 0.3, values=_inside),
        Operand("y", (rng.choice((dims[0], dims[1], "3")),), values=_inside),
    )
    body = [f"r = {made}"]
    if rng.random() < 0.6:
        body.append(f"s = {rng.choice(_USES).format('r')}")
    return Program("creation", operands, tuple(body))
