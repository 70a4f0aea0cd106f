"""Functions of arrays that NumPy lacks: the error function, and a logistic without overflow."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from tensorlib.tape import Array

_CENTRES = (0, 1, 2, 3, 4, 5, 6)
"""Beyond the last one the error function is 1, to the precision of float64."""
_TERMS = {2: 10, 4: 16, 8: 28}
"""How many terms reach the precision of a float of so many bytes, half a unit from a centre."""


def erf_of(x: Array) -> Array:
    """Return the error function of an array of floats, within a few units of its last place.

    It is summed from its Taylor series around the nearest whole number; around 0 the series has no
    constant term, so that small values keep their relative precision.
    """
    x = np.asarray(x)
    size = np.absolute(x)
    nearest = np.rint(size)
    result = np.where(np.isnan(size), size, np.ones_like(size))
    for centre in _CENTRES:
        near = nearest == centre
        if near.any():
            step = size[near] - x.dtype.type(centre)
            result[near] = _summed(_taylor(centre, _TERMS[x.dtype.itemsize]), step)
    return np.copysign(result, x)


@cache
def _taylor(centre: int, terms: int) -> tuple[float, ...]:
    """Return the Taylor coefficients of the error function around a centre.

    Its derivative is ``2 / sqrt(pi) * exp(-x^2)``, and the coefficients of ``exp(-x^2)`` follow
    from its own derivative, ``-2 * x * exp(-x^2)``.
    """
    bell = [math.exp(-centre * centre)]
    bell.append(-2 * centre * bell[0])
    for order in range(2, terms):
        bell.append(-2 * (centre * bell[-1] + bell[-2]) / order)
    factor = 2 / math.sqrt(math.pi)
    integral = (factor * value / order for order, value in enumerate(bell, start=1))
    return (math.erf(centre), *integral)


def _summed(coefficients: tuple[float, ...], step: Array) -> Array:
    """Sum a power series by Horner's rule, in the dtype of the step."""
    result = np.full_like(step, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result *= step
        result += step.dtype.type(coefficient)
    return result


def logistic(x: Array) -> Array:
    """Return ``1 / (1 + exp(-x))`` of an array of floats."""
    with np.errstate(over="ignore"):  # 1 / inf is the right answer
        return np.asarray(1 / (1 + np.exp(-x)))
