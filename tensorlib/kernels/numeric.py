"""Functions for use in kernels, without a branch, so that loops over them become vectors.

numba would call the C library's for each element. Here each function is plain Python, which
explains it, beside what numba compiles in its place.

What numba keeps on disk it compares with the kernel's own file only: after an edit here, remove
``__pycache__``, as ``make clean`` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

from tensorlib.kernels.building import FUSED
from tensorlib.ops.special import ONE, STRETCH

_FUSED: Any = {"fastmath": set(FUSED), "error_model": "numpy", "forceinline": True}


class _Format(NamedTuple):
    """What `exp` has to know of a floating-point format.

    Attributes:
        float: its type.
        int: that of as many bits.
        mantissa: how many bits of a number follow the first one.
        bias: what is added to an exponent.
        log2: the logarithm of 2 by few bits, so that small multiples are exact, and what is left.
        low: a number whose exponential is 0.
        high: a number whose exponential is infinite.
        terms: how many terms of the exponential's series reach its precision.
    """

    float: Any
    int: Any
    mantissa: int
    bias: int
    log2: tuple[float, float]
    low: float
    high: float
    terms: int

    @property
    def bits(self) -> int:
        """How many bits a number has after its sign."""
        return 8 * np.dtype(self.float).itemsize - 1


_FORMATS = {
    types.float32: _Format(
        *(np.float32, np.int32, 23, 127),
        *((0.693115234375, 3.1946184945309415e-05), -104.0, 89.0, 8),
    ),
    types.float64: _Format(
        *(np.float64, np.int64, 52, 1023),
        *((0.6931471801362932, 4.236521365809284e-10), -746.0, 710.0, 14),
    ),
}


def _reinterpret(context: Any, x: Any, like: Any) -> Any:
    """Tell numba how to take the bits of a number for those of one like another."""

    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(like))

    return like(x, like), generated


_reinterpreted: Any = intrinsic(_reinterpret)


def exp(x: Any) -> Any:
    """Return the exponential of ``n * log(2) + r`` as ``2^n`` times that of r, in ±log(2) / 2."""
    return np.exp(x)


def _exp(x: Any) -> Callable[[Any], Any]:
    form = _FORMATS[x]
    one = form.float(1)
    low, high, per_octave = form.float(form.low), form.float(form.high), form.float(1 / math.log(2))
    # Added to a small number, this leaves no bits for a fraction: it is rounded.
    rounder = form.float(1.5 * 2**form.mantissa)
    coarse, fine = map(form.float, form.log2)
    series = tuple(form.float(1 / math.factorial(n)) for n in range(form.terms - 1, 1, -1))
    half, bias, shift = form.int(1), form.int(form.bias), form.int(form.mantissa)
    rounder_bits, integer = rounder.view(form.int), form.int

    def compiled(x: Any) -> Any:
        x = high if x > high else x  # not min(), which may take NaN for the larger one
        x = low if x < low else x
        rounded = x * per_octave + rounder
        n = rounded - rounder
        r = x - n * coarse - n * fine
        total = series[0]
        for term in series[1:]:
            total = total * r + term
        y = total * (r * r) + r + one
        # By halves: 2^n itself may be no normal number.
        whole = integer(_reinterpreted(rounded, bias) - rounder_bits)
        first = integer(whole >> half)
        y *= _reinterpreted(integer((first + bias) << shift), one)
        return y * _reinterpreted(integer((whole - first + bias) << shift), one)

    return compiled


overload(exp, jit_options=_FUSED)(_exp)


def logistic(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``."""
    return 1 / (1 + np.exp(-x))


def _logistic(x: Any) -> Callable[[Any], Any]:
    one = _FORMATS[x].float(1)

    def compiled(x: Any) -> Any:
        return one / (one + exp(-x))

    return compiled


overload(logistic, jit_options=_FUSED)(_logistic)


_SMALL: Final = 0.625
_TANH: Final = (
    *(-0.3333328366279602, 0.13331490755081177, -0.05374349653720856),
    *(0.020650578662753105, -0.005717036779969931),
)
"""``(tanh(x) / x - 1) / x^2`` as a polynomial of x^2 for small x, to 4e-9 of tanh."""
_LOG: Final = (
    *(0.3333331346511841, -0.25000008940696716, 0.2000211924314499, -0.1666799634695053),
    *(0.14219550788402557, -0.12405591458082199, 0.11888174712657928, -0.11675641685724258),
    0.06746601313352585,
)
"""``(log(1 + f) - f + f^2 / 2) / f^3`` as a polynomial of f between ±0.3 and 0.42, to 8e-10."""


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent of float32, near 0 by a polynomial, else by `exp`."""
    return np.tanh(x)


def _tanh(x: Any) -> Callable[[Any], Any]:
    number = _FORMATS[x].float
    one, two, small = number(1), number(2), number(_SMALL)
    series = tuple(map(number, _TANH[::-1]))

    def compiled(x: Any) -> Any:
        square = x * x
        total = series[0]
        for term in series[1:]:
            total = total * square + term
        near = x * (one + square * total)
        size = -x if x < 0 else x
        far = one - two / (exp(two * size) + one)
        return near if size < small else (-far if x < 0 else far)

    return compiled


overload(tanh, jit_options=_FUSED)(_tanh)


def log(x: Any) -> Any:
    """Return the logarithm of float32: of ``2^n * m`` with m around 1 by a polynomial of m."""
    return np.log(x)


def _log(x: Any) -> Callable[[Any], Any]:
    form = _FORMATS[x]
    number, integer, shift = form.float, form.int, form.int(form.mantissa)
    one, half, zero = number(1), number(0.5), number(0)
    tiny, up = number(np.finfo(number).tiny), number(2.0**form.mantissa)
    coarse, fine = map(number, form.log2)
    least, nothing, infinity = number(math.sqrt(0.5)).view(integer), number("nan"), number("inf")
    series = tuple(map(number, _LOG[::-1]))

    def compiled(x: Any) -> Any:
        is_tiny = x < tiny  # and not normal
        bits = _reinterpreted(x * up if is_tiny else x, shift)
        n = integer((bits - least) >> shift)
        f = _reinterpreted(integer(bits - integer(n << shift)), one) - one
        power = number(n - shift if is_tiny else n)
        total = series[0]
        for term in series[1:]:
            total = total * f + term
        square = f * f
        y = power * coarse + (f + (power * fine + square * (f * total - half)))
        y = y if x < infinity else x  # infinity, and what is no number
        y = y if x != zero else -infinity
        return nothing if x < zero else y

    return compiled


overload(log, jit_options=_FUSED)(_log)


def normal(x: Any) -> Any:
    """Return the probability that a normally distributed number is below x."""
    return math.erfc(-x * math.sqrt(0.5)) / 2


def _normal(x: Any) -> Callable[[Any], Any]:
    form = _FORMATS[x]
    root = form.float(math.sqrt(0.5))
    if x == types.float64:  # one element at a time, and still faster than a series of arrays

        def precise(x: Any) -> Any:
            return math.erfc(-x * root) * 0.5

        return precise
    # The error function is tanh(s * p(s^2)), and (1 + tanh(z)) / 2 is logistic(2 * z).
    limit = form.float(ONE * ONE)
    stretch = tuple(form.float(2 * each) for each in STRETCH[::-1])

    def compiled(x: Any) -> Any:
        s = x * root
        square = s * s
        square = limit if square > limit else square
        total = stretch[0]
        for term in stretch[1:]:
            total = total * square + term
        return logistic(s * total)

    return compiled


overload(normal, jit_options=_FUSED)(_normal)


def largest(row: Any) -> Any:
    """Return the largest element of a vector that is not empty; NaN if there is one."""
    return np.max(row)


def _largest(row: Any) -> Callable[[Any], Any]:
    # The bits of floats, taken for an int, are in the order of the floats if those of negative ones
    # are inverted behind the sign; and ints, unlike floats, may be compared in any order.
    form = _FORMATS[row.dtype]
    zero, integer = form.float(0), form.int
    like, sign, inverted = form.int(0), form.int(form.bits), form.int(np.iinfo(form.int).max)

    def compiled(row: Any) -> Any:
        top = integer(~inverted)
        for j in range(row.size):
            bits = _reinterpreted(row[j], like)
            place = integer(bits ^ ((bits >> sign) & inverted))
            top = place if place > top else top
        return _reinterpreted(integer(top ^ ((top >> sign) & inverted)), zero)

    return compiled


overload(largest, jit_options=_FUSED)(_largest)
