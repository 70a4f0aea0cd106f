"""Programs of several steps, each of which suits the value before it, for the most part.

A step is chosen by running what is there: with sizes of which no two are alike, so that a size of
the run can be written as the symbol that it stands for.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import tensorlib as tl
from tensorlib import losses, nn
from tests.agreement.from_batches import _inside
from tests.agreement.program import Operand, Program
from tests.batch_cases import SAME

REFERENCE = {"N": 6, "M": 10, "K": 14}
"""What the symbols stand for while a program is made."""
SLIPS = 0.06
"""How often a size or an axis is any."""


@dataclass
class Chain:
    """A program that is being written.

    Attributes:
        rng: makes each choice.
        names: its values.
        operands: its parameters so far.
        body: its statements so far.
        is_symbolic: whether sizes are written as symbols.
    """

    rng: random.Random
    is_symbolic: bool
    names: dict[str, Any] = field(
        default_factory=lambda: {"tl": tl, "nn": nn, "np": np, "losses": losses}
    )
    operands: list[Operand] = field(default_factory=list)
    body: list[str] = field(default_factory=list)

    def dim(self, size: int) -> str:
        """Write a size."""
        if self.rng.random() < SLIPS:
            return str(self.rng.choice((1, 2, 3, 5, size + 1)))
        for symbol, worth in REFERENCE.items():
            if self.is_symbolic and size == worth:
                return symbol
            if self.is_symbolic and size in (worth + 1, 2 * worth):
                return f"{symbol} + 1" if size == worth + 1 else f"2*{symbol}"
        return str(size)

    def size(self) -> int:
        """Draw a size."""
        some = (*REFERENCE.values(),) if self.is_symbolic and self.rng.random() < 0.7 else ()
        return self.rng.choice(some or (1, 2, 3, 4, 4, 6))

    def axis(self, rank: int) -> int:
        """Draw an axis."""
        if self.rng.random() < SLIPS or not rank:
            return self.rng.choice((0, 1, 2, -1, -2, -3))
        return self.rng.randrange(-rank, rank)

    def operand(self, shape: tuple[int, ...], dtype: str = "float32") -> str:
        """Add a parameter of a shape, and return its name."""
        owns_tape = dtype == "float32" and self.rng.random() < 0.25
        name = f"x{len(self.operands)}"
        dims = tuple(map(self.dim, shape))
        new = Operand(name, dims, dtype, owns_tape, _inside)
        self.operands.append(new)
        array = new.filled(new.sizes(REFERENCE), np.random.default_rng(0))
        tensor = tl.tensor(array)
        self.names[name] = tensor.traced() if owns_tape else tensor
        return name

    def run(self, text: str) -> Any:
        """Add a statement; return its value, or None if it raises."""
        name = f"r{len(self.body)}"
        self.body.append(f"{name} = {text}")
        try:
            with np.errstate(all="ignore"):
                self.names[name] = eval(text, self.names)
        except Exception:
            return None
        return self.names[name]


Step = Callable[[Chain, str, tuple[int, ...]], str]


def chained(rng: random.Random) -> Program:
    """Draw a program."""
    chain = Chain(rng, is_symbolic=rng.random() < 0.4)
    name = chain.operand(tuple(chain.size() for _ in range(rng.choice((1, 2, 2, 3, 3, 4)))))
    chain.run(f"tl.{rng.choice(SAME)}({name})")
    for _ in range(rng.randint(1, 5)):
        name = f"r{len(chain.body) - 1}"
        value = chain.names.get(name)
        if not isinstance(value, tl.Tensor) or value.size > 40000:
            break
        if rng.random() < 0.08:  # what may have moved
            name = rng.choice([n for n in chain.names if n[0] in "xr" and n[1:].isdigit()])
            if not isinstance(chain.names[name], tl.Tensor):
                break
            value = chain.names[name]
        text = rng.choice(STEPS)(chain, name, tuple(value.shape))
        if chain.run(text) is None:
            break
    name = f"r{len(chain.body) - 1}"
    if isinstance(chain.names.get(name), tl.Tensor) and rng.random() < 0.35:
        chain.run(rng.choice(_ENDS).format(name))
    return Program("chain", tuple(chain.operands), tuple(chain.body))


_ENDS = (
    "{0}.sum().backward()", "{0}.mean().backward()", "{0}.backward()", "{0}.split_tape()",
    "{0}.traced()", "{0}.detach().traced()", "{0}.split_tape()[0].sum().backward()",
    "({0} * {0}.with_empty_tape()).sum().backward()",
)  # fmt: skip


def _same(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    return f"tl.{chain.rng.choice(SAME)}({x})"


def _reduced(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    name = chain.rng.choice(("sum", "mean", "var", "std", "max", "min", "prod", "logsumexp"))
    drawn = chain.rng.random()
    if drawn < 0.1:
        return f"{x}.{name}()"
    axis = str(chain.axis(len(shape)))
    if drawn < 0.25 and len(shape) > 1:
        axis = f"({axis}, {chain.axis(len(shape))})"
    return f"{x}.{name}(axis={axis}{', keepdims=True' * (chain.rng.random() < 0.4)})"


def _beside(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    """Combine with an operand that stretches."""
    rng = chain.rng
    cut = rng.randint(0, len(shape)) if rng.random() < 0.4 else 0
    other = tuple(size if rng.random() < 0.85 else 1 for size in shape[cut:])
    y = chain.operand(other)
    left, right = (x, y) if rng.random() < 0.7 else (y, x)
    form = rng.choice(("{} + {}", "{} - {}", "{} * {}", "{} / {}", "tl.maximum({}, {})",
                       "tl.where({} > 0, {}, 0.0)", "tl.atan2({}, {})"))  # fmt: skip
    return form.format(left, right)


def _product(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    rng = chain.rng
    if not shape:
        return f"{x} @ {x}"
    columns = chain.size()
    drawn = rng.random()
    if drawn < 0.4:
        return f"{x} @ {chain.operand((shape[-1], columns))}"
    if drawn < 0.55:
        return f"tl.linear({x}, {chain.operand((columns, shape[-1]))})"
    if drawn < 0.7 and len(shape) > 1:
        batch = shape[:-2] if rng.random() < 0.7 else ()
        return f"tl.matmul({x}, {chain.operand((*batch, shape[-1], columns))})"
    if drawn < 0.85 and len(shape) > 1:
        return f'tl.einsum("...ij,jk->...ik", {x}, {chain.operand((shape[-1], columns))})'
    return f"nn.Linear({shape[-1]}, {rng.choice((1, 2, 4, 6))})({x})"


def _reshaped(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    rng, rank = chain.rng, len(shape)
    options = [f"{x}.flatten()", f"{x}.reshape((-1,))", f"{x}.expand_dims({chain.axis(rank + 1)})"]
    if rank:
        options.append(f"{x}.reshape((-1, {x}.shape[{chain.axis(rank)}]))")
        options.append(f"{x}.squeeze({chain.axis(rank)})")
        options.append(f"{x}.reshape(({rng.choice((1, 2, 3, 4, 6))}, -1))")
        options.append(f"{x}.broadcast_to(({rng.choice((1, 2, 3))}, *{x}.shape))")
    if rank > 1:
        options.append(f"{x}.transpose({chain.axis(rank)}, {chain.axis(rank)})")
        options.append(f"{x}.mT")
        order = rng.sample(range(rank), rank)
        options.append(f"{x}.permute(({', '.join(map(str, order))}))")
        options.append(f"{x}.flatten({chain.axis(rank)}, {chain.axis(rank)})")
    return rng.choice(options)


def _picked(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    rng = chain.rng
    if not shape:
        return f"{x}[None]"
    options = [
        f"{x}[0]", f"{x}[-1]", f"{x}[1:]", f"{x}[..., 0]", f"{x}[..., ::2]", f"{x}[:2]",
        f"{x}[None, ..., :1]", f"{x}[{rng.randint(0, 4)}]", f"{x}[..., {rng.randint(-4, 3)}]",
        f"{x}.take({chain.operand((chain.size(),), 'int64')}, axis={chain.axis(len(shape))})",
        f"{x}.flip(axis={chain.axis(len(shape))})", f"{x}.roll(1, axis={chain.axis(len(shape))})",
        f"{x}[{chain.operand((chain.size(), 2), 'int64')}]",
    ]  # fmt: skip
    return rng.choice(options)


def _joined(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    rng = chain.rng
    if not shape:
        return f"tl.stack(({x}, {x}))"
    axis = chain.axis(len(shape))
    other = [*shape]
    other[axis if -len(other) <= axis < len(other) else 0] = chain.size()
    options = [
        lambda: f"tl.concat(({x}, {chain.operand(tuple(other))}), axis={axis})",
        lambda: f"tl.stack([{x}, {chain.operand(shape)}], axis={axis})",
        lambda: f"{x}.split({rng.choice((1, 2, 2, 3))}, axis={axis})[0]",
        lambda: f"{x}.chunk({rng.choice((1, 2, 3))}, axis={axis})[0]",
        lambda: f"{x}.repeat({rng.choice((1, 2, 3))}, axis={axis})",
        lambda: f"{x}.unstack(axis={axis})[0]",
        lambda: f"{x}.cumsum({axis})",
        lambda: f"{x}.topk({rng.choice((1, 2, 3))}, axis={axis})[0]",
    ]
    return rng.choice(options)()


def _taped(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    return chain.rng.choice(
        (
            f"{x}.with_empty_tape() + {x}",
            f"{x} * {x}",
            f"{x}.detach()",
            f"{x}.detach().traced()",
            f"{x}.softmax({chain.axis(len(shape))})",
            f"{x}.astype(np.float64)",
            f"{x}.expect_shape({x}.shape)",
        )
    )


def _lost(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    """Ask for a loss."""
    rng = chain.rng
    name = rng.choice(("mse_loss", "mae_loss", "huber_loss", "smooth_l1_loss", "kl_div"))
    drawn = rng.random()
    if drawn < 0.25 and shape:
        return f"losses.cross_entropy({x}, {chain.operand(shape[:-1], 'int64')})"
    reduction = rng.choice(("", "", ', reduction="sum"', ', reduction="none"'))
    return f"losses.{name}({x}, {chain.operand(shape)}{reduction})"


def _layered(chain: Chain, x: str, shape: tuple[int, ...]) -> str:
    size = shape[-1] if shape else 1
    if chain.rng.random() < SLIPS:
        size += 1
    made = chain.rng.choice(
        (
            f"nn.LayerNorm({size})", f"nn.Bias({size})", f"nn.RMSNorm({size})", "nn.ReLU()",
            f"nn.Linear({size}, 3)", f"nn.Sequential(nn.Linear({size}, 4), nn.GELU())",
            f"nn.Residual(nn.Linear({size}, {size}))", "nn.Flatten(-2)", "nn.Softmax()",
            f"nn.RNNCell({size}, 2)", f"nn.GRUCell({size}, 2)",
        )
    )  # fmt: skip
    return f"{made}({x})"


STEPS: tuple[Step, ...] = (
    _same, _same, _reduced, _reduced, _beside, _beside, _product, _product, _reshaped, _reshaped,
    _picked, _joined, _joined, _taped, _lost, _layered,
)  # fmt: skip
