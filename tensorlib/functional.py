"""Functions of functions: `grad` and `value_and_grad`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeAlias

from tensorlib.shapes.errors import DtypeError, TapeError
from tensorlib.tape import NoTape, Tape
from tensorlib.tensor import Tensor
from tensorlib.typevars import D, S

P = ParamSpec("P")
Scalar: TypeAlias = Tensor[tuple[()], Tape, D]


def value_and_grad(
    f: Callable[Concatenate[Tensor[S, Tape, D], P], Scalar[D]],
) -> Callable[
    Concatenate[Tensor[S, NoTape, D], P], tuple[Tensor[tuple[()], NoTape, D], Tensor[S, NoTape, D]]
]:
    """Return a function that returns both f's value and its gradient by the first argument.

    Args:
        f: takes a tensor that owns a tape, and whatever else, and returns a scalar computed from
            it. It may use the tensor several times by `Tensor.with_empty_tape`.

    The function that is returned takes a floating-point tensor without a tape, and passes on all
    other arguments.

    Raises:
        TapeError: when called: the tensor owns a tape already, as in a gradient of a gradient, or
            the scalar does not depend on it.
        ShapeError: when called: f does not return a scalar.
        DtypeError: when called: the tensor is not floating point.

    Example:
        >>> import tensorlib as tl
        >>> value, slope = tl.value_and_grad(lambda x: x.square().sum())(tl.tensor([1.0, 2.0]))
        >>> value.item(), slope.tolist()
        (5.0, [2.0, 4.0])
    """

    @functools.wraps(f)
    def both(x: Tensor[S, NoTape, D], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        if not isinstance(x, Tensor):
            raise TypeError(f"grad: expected a tensor, got {type(x).__name__}")
        if x.owns_tape:
            raise TapeError(
                "grad: this tensor already owns a tape: a tape is of first order, "
                "there are no gradients of gradients"
            )
        if x.dtype.kind != "f":
            raise DtypeError(
                f"grad: expected a floating dtype, got {x.dtype}: "
                "convert it with .astype(np.float32)"
            )
        value: Any = f(x.traced(), *args, **kwargs)
        if not isinstance(value, Tensor) or not value.owns_tape:
            raise TapeError("grad: the result of the function does not depend on its argument")
        constant = value.detach()
        gradients = value.backward(wrt=(x,))
        if x not in gradients:
            raise TapeError("grad: the result of the function does not depend on its argument")
        return constant, gradients[x]

    return both


def grad(
    f: Callable[Concatenate[Tensor[S, Tape, D], P], Scalar[D]],
) -> Callable[Concatenate[Tensor[S, NoTape, D], P], Tensor[S, NoTape, D]]:
    """Return a function that returns f's gradient by its first argument; see `value_and_grad`.

    Example:
        >>> import tensorlib as tl
        >>> tl.grad(lambda x: x.exp().sum())(tl.zeros((2,))).tolist()
        [1.0, 1.0]
    """
    both = value_and_grad(f)

    @functools.wraps(f)
    def gradient(x: Tensor[S, NoTape, D], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return both(x, *args, **kwargs)[1]

    return gradient
