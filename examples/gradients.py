"""Gradients: a tape records from traced() to backward(), and one tensor owns it at a time.

    python examples/gradients.py

There is no requires_grad, no no_grad, no zero_grad: what was traced gets a gradient, all else is a
constant, and each backward() returns gradients of its own. The last part goes downhill on a
landscape of four valleys, and leaves a picture of the ways in examples/output/.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Gradients, NoTape, Shape, Tape, Tensor, losses, nn

N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
Batch = TypeVarTuple("Batch")

OUTPUT = Path(__file__).parent / "output"


def tracing() -> None:
    """A tape starts with traced(), moves from op to op, and ends in backward()."""
    x = tl.tensor([1.0, 2.0, 3.0])
    started: Tensor[Shape[3], Tape] = x.traced()
    squares: Tensor[Shape[3], Tape] = started.square()  # owns the tape now; started does not
    total: Tensor[Shape[()], Tape] = squares.sum()
    gradients: Gradients = total.backward()
    slope: Tensor[Shape[3]] = gradients[x]  # by the tensor that was traced; of its shape
    print(f"the slope of the sum of squares at {x.tolist()} is {slope.tolist()}")
    # x.square().sum().backward() would be an error of mypy's: no traced(), no tape.


def branches() -> None:
    """A value that is used twice needs a second tape: with_empty_tape. They merge by themselves."""
    x = tl.tensor([0.0, 1.0, 2.0])
    h = x.traced().exp()
    residual: Tensor[Shape[3], Tape] = h.with_empty_tape().log() + h  # log(exp(x)) + exp(x)
    slope = residual.sum().backward()[x]
    assert tl.allclose(slope, 1 + x.exp())
    print(f"the slope of x + exp(x) is {slope.tolist()}")


def constants() -> None:
    """What was not traced is a constant, and so is what was detached."""
    x, target = tl.tensor([1.0, 2.0]), tl.tensor([0.5, 0.5])
    y = x.traced() * 3
    weight = y.detach()  # the value without its history
    gradients = (weight * (y - target)).sum().backward()
    assert target not in gradients
    print(f"with the weight held constant, the slope is {gradients[x].tolist()}")


def accumulating() -> None:
    """Gradients are values: add those of small batches to have those of a large one."""
    model = nn.Linear(4, 1, rng=0)
    x, y = tl.randn((6, 4), rng=1), tl.randn((6, 1), rng=2)

    def of(x: Tensor[Shape[N, 4]], y: Tensor[Shape[N, 1]]) -> Gradients:
        return losses.mse_loss(model(x.traced()), y).backward(wrt=model)  # the input needs none

    halves = (of(x[:3], y[:3]) + of(x[3:], y[3:])) * 0.5
    whole = of(x, y)
    assert tl.allclose(halves[model.weight], whole[model.weight], rtol=1e-4)
    print(f"both have norm {whole.norm():.4f}; limited, {whole.clip_norm(0.1).norm():.4f}")


def himmelblau(points: Tensor[Shape[*Batch, 2], T]) -> Tensor[Shape[*Batch], T]:
    """Return how high the landscape is at points: 0 in each of its four valleys."""
    x, y = points.unstack(-1)
    x2, y2 = x.with_empty_tape().square(), y.with_empty_tape().square()
    return (x2 + y - 11).square() + (x + y2 - 7).square()


def total_height(points: Tensor[Shape[N, 2], Tape]) -> Tensor[Shape[()], Tape]:
    """Return the sum of heights, whose slope is each point's own."""
    return himmelblau(points).sum()


def descending() -> None:
    """Functions of functions: value_and_grad traces and goes back by itself."""
    height_and_slope = tl.value_and_grad(total_height)
    points: Tensor[Shape[4, 2]] = tl.tensor([[0.5, 0.5], [-0.5, 0.5], [-0.5, -1.5], [0.5, -1.5]])
    way, heights = [points.numpy()], []
    for _ in range(100):
        height, slope = height_and_slope(points)
        points = points - 0.01 * slope
        way.append(points.numpy())
        heights.append(height.item())
    print(f"the sum of the heights goes from {heights[0]:.1f} to {heights[-1]:.6f}")
    draw(np.stack(way))


def draw(ways: npt.NDArray[np.float32]) -> None:
    """Write a picture of the landscape, and of the ways (steps, points, 2) into its valleys."""
    line = tl.linspace(-5.0, 5.0, 200)
    columns, rows = tl.broadcast_arrays(line, line.reshape((200, 1)))
    heights: Tensor[Shape[200, 200]] = himmelblau(tl.stack([columns, rows], axis=-1))
    figure = Figure(figsize=(6, 6), layout="constrained")
    panel = figure.add_subplot()
    panel.contourf(line, line, heights.log1p(), levels=30, cmap="Blues_r")
    panel.plot(ways[..., 0], ways[..., 1], ".-", color="tab:orange")
    panel.set_title("Gradient descent on Himmelblau's function")
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / "gradients.png")
    print(f"A picture of the ways is in {OUTPUT / 'gradients.png'}")


def main() -> None:
    """Run all sections in order."""
    for section in (tracing, branches, constants, accumulating, descending):
        assert section.__doc__ is not None
        print(f"\n{section.__name__}: {section.__doc__}")
        section()


if __name__ == "__main__":
    main()
