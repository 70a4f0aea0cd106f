"""Tensors: how they are made, read and combined, and what their types say.

    python examples/tensors.py

The annotations are there to be read; mypy would infer them. Change a size in one, and mypy tells.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor

N = TypeVar("N", bound=int)
M = TypeVar("M", bound=int)


def measured() -> npt.NDArray[np.float32]:
    """Return an array as NumPy's readers do: of whatever shape the file has."""
    return np.ones((17, 2), np.float32)


def making() -> None:
    """Make tensors of numbers, of a shape, at random, and of NumPy's arrays."""
    numbers: Tensor[Shape[2, 3]] = tl.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    zeros: Tensor[Shape[2, 3]] = tl.zeros((2, 3))
    sevens: Tensor[Shape[3]] = tl.full((3,), 7.0)
    counted: Tensor[Shape[4], NoTape, np.int64] = tl.arange(4)
    spread: Tensor[Shape[5]] = tl.linspace(0.0, 1.0, 5)
    noise: Tensor[Shape[2, 3]] = tl.randn((2, 3), rng=0)  # a seed, or a NumPy Generator
    print(numbers, zeros, sevens, counted, spread, noise, sep="\n")

    # No type says what shape an array has. State it once, where data enters: it is checked when
    # the program runs, and relied on from there. -1 leaves a size open.
    rows: Tensor[Shape[int, 2]] = tl.tensor(measured()).expect_shape((-1, 2))
    print(f"{rows.shape[0]} rows were measured")


def reading() -> None:
    """Get numbers out of a tensor. Nothing writes to one: a tensor never changes."""
    x = tl.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    row: Tensor[Shape[3]] = x[0]
    column: Tensor[Shape[2]] = x[:, -1]
    corner: Tensor[Shape[1, 2]] = x[1:, :2]
    large: Tensor[Shape[int]] = x.masked_select(x > 2.5)  # how many depends on the values
    print(x.shape, x.dtype, row.tolist(), column.tolist(), corner.tolist(), large.tolist())
    array: npt.NDArray[np.float32] = x.numpy()  # a read-only view, not a copy
    print(f"element {x[1, 2].item()}, sum {array.sum()}")


def arithmetic() -> None:
    """Operators and methods have NumPy's names: axis and keepdims, not dim and keepdim."""
    x = tl.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    doubled: Tensor[Shape[2, 3]] = 2 * x - x / 2
    waves: Tensor[Shape[2, 3]] = x.sin().square() + tl.exp(-x)  # a method or a function
    means: Tensor[Shape[2]] = x.mean(axis=1)
    best: Tensor[Shape[2], NoTape, np.int64] = x.argmax(axis=1)
    product: Tensor[Shape[2, 2]] = x @ x.T
    print(doubled, waves, means, best, product, sep="\n")


def broadcasting() -> None:
    """One operand may be stretched to the other's shape, never both: say so where that is meant."""
    x = tl.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    centred: Tensor[Shape[2, 3]] = x - x.mean(axis=1, keepdims=True)
    shifted: Tensor[Shape[2, 3]] = x + tl.tensor([10.0, 20.0, 30.0])
    print(centred, shifted, sep="\n")

    # Predictions of shape (4, 1) minus targets of shape (4,) are 16 numbers in NumPy and PyTorch,
    # and an error here. All pairwise differences are still to be had:
    points: Tensor[Shape[4]] = tl.tensor([0.0, 1.0, 3.0, 7.0])
    columns, rows = tl.broadcast_arrays(points.reshape((4, 1)), points)
    distances: Tensor[Shape[4, 4]] = (columns - rows).abs()
    print(distances)


def arranging() -> None:
    """Change the shape: -1 is worked out, by mypy too."""
    x: Tensor[Shape[24], NoTape, np.int64] = tl.arange(24)
    images: Tensor[Shape[2, 3, 4], NoTape, np.int64] = x.reshape((2, 3, -1))
    last: Tensor[Shape[2, 4, 3], NoTape, np.int64] = images.permute((0, 2, 1))
    joined: Tensor[Shape[2, 7, 4], NoTape, np.int64] = tl.concat(
        [images, tl.zeros((2, 4, 4), np.int64)], axis=1
    )
    first, second = images.unstack()
    pair: Tensor[Shape[2, 3, 4], NoTape, np.int64] = tl.stack([second, first])
    print(last.shape, joined.shape, pair.shape)


def standardised(x: Tensor[Shape[N, M]]) -> Tensor[Shape[N, M]]:
    """Return the columns with mean 0 and deviation 1; checked once, for all N and M."""
    return (x - x.mean(axis=0)) / x.std(axis=0, correction=0)


def pairs(x: Tensor[Shape["2*N"]]) -> Tensor[Shape[N, 2]]:
    """Return neighbours side by side; a call with 7 numbers is refused."""
    return x.reshape((-1, 2))


def any_size() -> None:
    """Call functions that are written for all sizes: each call fills in its own."""
    scores: Tensor[Shape[100, 3]] = standardised(tl.rand((100, 3), rng=0))
    print(f"means within {scores.mean(axis=0).abs().max().item():.0e} of 0")
    couples: Tensor[Shape[3, 2]] = pairs(tl.linspace(1.0, 6.0, 6))
    print(couples.tolist())


def dtypes() -> None:
    """Floats are float32 unless told otherwise; the dtype is the third part of the type."""
    ints: Tensor[Shape[3], NoTape, np.int64] = tl.tensor([1, 2, 3])
    flags: Tensor[Shape[3], NoTape, np.bool_] = ints > 1
    halves: Tensor[Shape[3]] = ints / 2  # a quotient of ints is float32
    exact: Tensor[Shape[3], NoTape, np.float64] = halves.astype(np.float64)
    print(flags.tolist(), halves.dtype, exact.dtype)
    # float32 with float64 is an error that names astype, not a slow surprise:
    print((halves + exact.astype(np.float32)).tolist())


def main() -> None:
    """Run all sections in order."""
    for section in (making, reading, arithmetic, broadcasting, arranging, any_size, dtypes):
        assert section.__doc__ is not None
        print(f"\n{section.__name__.replace('_', ' ')}: {section.__doc__.splitlines()[0]}")
        section()


if __name__ == "__main__":
    main()
