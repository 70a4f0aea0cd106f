"""``==`` with what is no tensor and no number, which everything in Python takes."""

from __future__ import annotations

import numpy as np

import tensorlib as tl

x = tl.zeros((2, 3))


class Mine:
    """It has the ``==`` of every object."""


class Equal:
    """It says itself what is equal to it."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def case_text() -> object:
    return x == "a"  # E: equal: expected a tensor, got str  [arg-type]


def case_text_on_the_left() -> object:
    return "a" != x  # E: not_equal: expected a tensor, got str  [arg-type]


def case_list() -> object:
    return x == [1.0, 2.0]  # E: equal: expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]


def case_tuple() -> object:
    return (2, 3) == x  # E: equal: expected a tensor, got tuple: wrap it with tl.tensor(...)  [arg-type]


def case_dict() -> object:
    return x != {"a": 1}  # E: not_equal: expected a tensor, got dict  [arg-type]


def case_array() -> object:
    return x == np.zeros((2, 3))  # E: equal: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_object() -> object:
    return Mine() == x  # E: equal: expected a tensor, got Mine  [arg-type]


def of_the_rest(y: object, z: tl.Tensor | None) -> object:
    return (x == 3, 3.0 == x, np.float32(3) == x, x == y, x == z, Equal() == x)
