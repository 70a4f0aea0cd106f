"""Help for tests: compare tensors, and check gradients against finite differences.

from tensorlib.testing import assert_close, check_grads
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from tensorlib.creation import generator, tensor
from tensorlib.gradients import Gradients
from tensorlib.tape import Array
from tensorlib.tensor import Tensor
from tensorlib.typevars import Seed

_TOLERANCES: Final = {
    "float16": (1e-3, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
}
"""PyTorch's rtol and atol by dtype; ints and bools must be equal."""


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
) -> None:
    """Require that two tensors agree: ``|actual - expected| <= atol + rtol * |expected|``.

    Shapes must be equal, nothing broadcasts. Defaults are those of ``torch.testing.assert_close``.

    Args:
        actual: a tensor, or whatever `tensorlib.tensor` takes.
        expected: likewise.
        rtol: relative tolerance; by default by dtype, the wider one of the two.
        atol: absolute tolerance; likewise. Give both or neither.
        equal_nan: whether NaN agrees with NaN.
        check_dtype: whether the dtypes must be equal.

    Raises:
        AssertionError: they differ; names the worst element.
        ValueError: only one of rtol and atol is given.

    Example:
        >>> assert_close(tensor([1.0, 2.0]) / 3, [1 / 3, 2 / 3])
    """
    a, b = tensor(actual).numpy(), tensor(expected).numpy()
    if a.shape != b.shape:
        raise AssertionError(f"assert_close: shapes {a.shape} and {b.shape} differ")
    if check_dtype and a.dtype != b.dtype:
        raise AssertionError(f"assert_close: dtypes {a.dtype} and {b.dtype} differ")
    if (rtol is None) != (atol is None):
        raise ValueError("assert_close: give both rtol and atol, or neither")
    if rtol is None or atol is None:
        rtol, atol = map(max, zip(_tolerance(a), _tolerance(b), strict=True))
    agree = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if agree.all():
        return
    wrong = np.argwhere(~agree)
    with np.errstate(invalid="ignore"):
        errors = np.abs(a.astype(np.float64) - b.astype(np.float64))[~agree]
    worst = tuple(map(int, wrong[np.argmax(errors)]))
    raise AssertionError(
        f"assert_close: {len(wrong)} of {a.size} elements differ, "
        f"most at {worst}: {a[worst]} is not {b[worst]} (rtol {rtol}, atol {atol})"
    )


def _tolerance(array: Array) -> tuple[float, float]:
    return _TOLERANCES.get(array.dtype.name, (0.0, 0.0))


def check_grads(
    f: Callable[..., Any],
    *operands: Any,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    rng: Seed = None,
) -> None:
    """Check the gradients of a function against central differences, in float64.

    The results are weighted with a random cotangent, so that no mistake hides behind a gradient
    that happens to be constant. ``f`` must be smooth around the operands.

    Args:
        f: takes tensors and returns one, or a tuple of them. It is called many times and must
            give the same result each time; the first time its operands own tapes.
        operands: tensors, or whatever `tensorlib.tensor` takes. Floats are converted to float64
            and differentiated; ints and bools are constants.
        eps: half the width of a difference.
        rtol: relative tolerance.
        atol: absolute tolerance.
        rng: what the cotangent is drawn from.

    Raises:
        AssertionError: a gradient is wrong; names the operand and the element.

    Example:
        >>> check_grads(lambda x, y: x.exp() * y, [0.5, 1.5], [1.0, 2.0], rng=0)
    """
    tensors = [_as_float64(x) for x in operands]
    floats = [place for place, x in enumerate(tensors) if x.dtype.kind == "f"]
    traced = [x.traced() if place in floats else x for place, x in enumerate(tensors)]
    results = _results(f(*traced))
    stream = generator(rng)
    cotangents = [tensor(stream.normal(0, 1, y.shape)) for y in results]
    gradients = _gradients(results, cotangents)
    for place in floats:
        x = tensors[place]
        found = gradients.get(x)
        slopes = np.zeros(x.shape) if found is None else found.numpy()
        for element, wanted in _differences(f, tensors, place, cotangents, eps):
            slope = slopes[element]
            if not abs(slope - wanted) <= atol + rtol * abs(wanted):
                raise AssertionError(
                    f"check_grads: operand {place} of shape {x.shape}, element {element}: "
                    f"the gradient is {slope:.9g}, finite differences give {wanted:.9g}"
                )


def _as_float64(x: Any) -> Any:
    result = tensor(x)
    return tensor(result.numpy().astype(np.float64)) if result.dtype.kind == "f" else result


def _results(result: Any) -> Sequence[Any]:
    return result if isinstance(result, tuple) else (result,)


def _gradients(results: Sequence[Any], cotangents: Sequence[Tensor[Any, Any, Any]]) -> Gradients:
    """Run backward from the weighted results; those that own no tape are constants."""
    total: Any = None
    for y, cotangent in zip(results, cotangents, strict=True):
        if y.owns_tape:
            term = (y * cotangent).sum()
            total = term if total is None else total + term
    if total is None:
        raise AssertionError("check_grads: no result owns a tape: the function drops the gradient")
    gradients: Gradients = total.backward()
    return gradients


def _differences(
    f: Callable[..., Any],
    tensors: Sequence[Any],
    place: int,
    cotangents: Sequence[Any],
    eps: float,
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield for each element of one operand how the weighted results change with it."""
    middle = tensors[place].numpy()

    def shifted(element: tuple[int, ...], step: float) -> Sequence[Array]:
        moved = middle.copy()
        moved[element] += step
        results = _results(f(*tensors[:place], tensor(moved), *tensors[place + 1 :]))
        return [y.numpy().astype(np.float64) for y in results]

    for element in np.ndindex(middle.shape):
        change = 0.0
        for high, low, cotangent in zip(
            shifted(element, eps), shifted(element, -eps), cotangents, strict=True
        ):
            change += float(np.sum((high - low) * cotangent.numpy()))
        yield element, change / (2 * eps)
