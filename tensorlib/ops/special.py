"""Functions of arrays that NumPy lacks: the error function, and a logistic without overflow."""

from __future__ import annotations

import numpy as np

from tensorlib.tape import Array

# The rational approximations of erf from FreeBSD's msun, s_erf.c, which Sun Microsystems developed
# (1993) and permits to be used freely as long as this notice is preserved. Highest power first.
_ERF_OF_1 = 8.45062911510467529297e-01
_NEAR_0 = (
    (
        -2.37630166566501626084e-05, -5.77027029648944159157e-03, -2.84817495755985104766e-02,
        -3.25042107247001499370e-01, 1.28379167095512558561e-01,
    ),
    (
        -3.96022827877536812320e-06, 1.32494738004321644526e-04, 5.08130628187576562776e-03,
        6.50222499887672944485e-02, 3.97917223959155352819e-01, 1.0,
    ),
)  # fmt: skip
_NEAR_1 = (
    (
        -2.16637559486879084300e-03, 3.54783043256182359371e-02, -1.10894694282396677476e-01,
        3.18346619901161753674e-01, -3.72207876035701323847e-01, 4.14856118683748331666e-01,
        -2.36211856075265944077e-03,
    ),
    (
        1.19844998467991074170e-02, 1.36370839120290507362e-02, 1.26171219808761642112e-01,
        7.18286544141962662868e-02, 5.40397917702171048937e-01, 1.06420880400844228286e-01, 1.0,
    ),
)  # fmt: skip
_NEAR_2 = (
    (
        -9.81432934416914548592e+00, -8.12874355063065934246e+01, -1.84605092906711035994e+02,
        -1.62396669462573470355e+02, -6.23753324503260060396e+01, -1.05586262253232909814e+01,
        -6.93858572707181764372e-01, -9.86494403484714822705e-03,
    ),
    (
        -6.04244152148580987438e-02, 6.57024977031928170135e+00, 1.08635005541779435134e+02,
        4.29008140027567833386e+02, 6.45387271733267880336e+02, 4.34565877475229228821e+02,
        1.37657754143519042600e+02, 1.96512716674392571292e+01, 1.0,
    ),
)  # fmt: skip
_BEYOND = (
    (
        -4.83519191608651397019e+02, -1.02509513161107724954e+03, -6.37566443368389627722e+02,
        -1.60636384855821916062e+02, -1.77579549177547519889e+01, -7.99283237680523006574e-01,
        -9.86494292470009928597e-03,
    ),
    (
        -2.24409524465858183362e+01, 4.74528541206955367215e+02, 2.55305040643316442583e+03,
        3.19985821950859553908e+03, 1.53672958608443695994e+03, 3.25792512996573918826e+02,
        3.03380607434824582924e+01, 1.0,
    ),
)  # fmt: skip


def erf_of(x: Array) -> Array:
    """Return the error function of an array of floats, within a unit in the last place or two."""
    if x.dtype == np.float16:
        return erf_of(x.astype(np.float32)).astype(np.float16)
    size = np.abs(x)
    result = np.asarray(np.where(size < 6, 0, np.sign(x)), x.dtype)  # NaN stays NaN
    near_0 = size < 0.84375
    near_1 = (size >= 0.84375) & (size < 1.25)
    near_2 = (size >= 1.25) & (size < 1 / 0.35)
    beyond = (size >= 1 / 0.35) & (size < 6)
    if near_0.any():
        z = x[near_0]
        result[near_0] = z + z * _ratio(_NEAR_0, z * z)
    if near_1.any():
        z = size[near_1]
        result[near_1] = np.copysign(_ERF_OF_1 + _ratio(_NEAR_1, z - 1), x[near_1])
    for place, coefficients in ((near_2, _NEAR_2), (beyond, _BEYOND)):
        if place.any():
            z = size[place]
            rest = np.exp(_ratio(coefficients, 1 / (z * z)) - 0.5625 - z * z) / z
            result[place] = np.copysign(1 - rest, x[place])
    return result


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    numerator, denominator = (_polynomial(row, x) for row in coefficients)
    return np.asarray(numerator / denominator)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result


def logistic(x: Array) -> Array:
    """Return ``1 / (1 + exp(-x))`` of an array of floats."""
    with np.errstate(over="ignore"):  # 1 / inf is the right answer
        return np.asarray(1 / (1 + np.exp(-x)))
