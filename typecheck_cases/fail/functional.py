"""Functions of functions: the function is of a tensor that owns a tape, and returns a scalar."""

from __future__ import annotations

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor


def energy(x: Tensor[Shape[3], Tape]) -> Tensor[Shape[()], Tape]:
    return x.square().sum()


def each(x: Tensor[Shape[3], Tape], /) -> Tensor[Shape[3], Tape]:
    return x.square()


def wrong_length() -> None:
    tl.grad(energy)(tl.ones((4,)))  # E: Argument 1 has incompatible type "Tensor[Shape[4], NoTape]"; expected "Tensor[Shape[3], NoTape]"  [arg-type]


def no_scalar() -> None:
    tl.grad(each)  # E: Argument 1 to "grad" has incompatible type "Callable[[Tensor[Shape[3], Tape]], Tensor[Shape[3], Tape]]"; expected "Callable[[Tensor[Shape[3], Tape]], Tensor[Shape[()], Tape]]"  [arg-type]


def twice() -> None:
    tl.grad(tl.grad(energy))  # E: Argument 1 to "grad" has incompatible type "Callable[[Tensor[Shape[3], NoTape]], Tensor[Shape[3], NoTape]]"; expected "Callable[[Tensor[Shape[3], Tape]], Tensor[Shape[()], Tape]]"  [arg-type]


def traced() -> None:
    tl.grad(energy)(tl.ones((3,)).traced())  # E: Argument 1 has incompatible type "Tensor[Shape[3], Tape]"; expected "Tensor[Shape[3], NoTape]"  [arg-type]
