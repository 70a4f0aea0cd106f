"""The bounds of the ownership check: each function raises, and mypy says nothing.

Its docstring quotes the bound, as it stands in ``docs/tape.md``.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Iterator
from typing import TypeAlias, overload

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor, nn

H: TypeAlias = Tensor[Shape[2, 3], Tape]


def fresh() -> H:
    return tl.ones((2, 3)).traced()


def is_true() -> bool:
    return True


class Box:
    def __init__(self) -> None:
        self.h = fresh()


class Holder:
    def __init__(self, t: H) -> None:
        self.h = t.exp()


shared = fresh()
box = Box()


def in_a_list(h: H) -> None:
    """a tensor in a list, a dict or a tuple that is not taken apart, once it is taken out again"""
    tensors = [h]
    tensors[0].exp()
    h.exp()


def in_a_dict(h: H) -> None:
    """a tensor in a list, a dict or a tuple that is not taken apart, once it is taken out again"""
    tensors = {"h": h}
    tensors["h"].exp()
    h.exp()


def in_a_tuple(h: H) -> None:
    """a tensor in a list, a dict or a tuple that is not taken apart, once it is taken out again"""
    tensors = (h, 1)
    again, _ = tensors
    again.exp()
    h.exp()


def gives_back(t: H) -> H:
    return t


def given_back(h: H) -> None:
    """one that a function of yours returns as it was"""
    gives_back(h).exp()
    h.exp()


def attribute_after_a_call(h: H) -> None:
    """an attribute after a call of a function that may bind or take it"""
    mine = Box()
    mine.h.exp()
    is_true()
    mine.h.exp()


def takes_attribute(of: Box) -> None:
    of.h.exp()


def attribute_that_a_call_takes(h: H) -> None:
    """an attribute after a call of a function that may bind or take it"""
    mine = Box()
    takes_attribute(mine)
    mine.h.exp()


class Renewing(Box):
    @property
    def place(self) -> int:
        return 1


def attribute_after_a_property(h: H) -> None:
    """after an operator or a property of yours"""
    mine = Renewing()
    mine.h.exp()
    print(mine.place)
    mine.h.exp()


def attribute_by_another_name(h: H) -> None:
    """or through another name of its owner"""
    mine = Box()
    yours = mine
    mine.h.exp()
    yours.h.exp()


def nonlocal_after_a_call(h: H) -> None:
    """a name that a function declares `global` or `nonlocal`"""

    def renew() -> None:
        nonlocal h
        h = fresh()

    h.exp()
    is_true()
    h.exp()


def name_of_the_module_after_a_call(h: H) -> None:
    """one of the module, after any call"""
    shared.exp()
    is_true()
    shared.exp()


def function_of_another_module(h: H) -> None:
    """calls of functions of other modules"""
    operator.neg(h)
    h.exp()


def plain(function: Callable[[H], H]) -> Callable[[H], H]:
    return function


@plain
def decorated(t: H) -> H:
    return t.exp()


@overload
def overloaded(t: H, how: int) -> H: ...
@overload
def overloaded(t: H, how: str) -> H: ...
def overloaded(t: H, how: int | str) -> H:
    return t.exp()


async def coroutine(t: H) -> H:
    return t.exp()


def generator(t: H) -> Iterator[H]:
    yield t.exp()


def decorated_function(h: H) -> None:
    """decorated or overloaded ones"""
    decorated(h)
    h.exp()


def overloaded_function(h: H) -> None:
    """decorated or overloaded ones"""
    overloaded(h, 1)
    h.exp()


def called_coroutine(h: H) -> None:
    """coroutines"""
    asyncio.run(coroutine(h))
    h.exp()


def called_generator(h: H) -> None:
    """generators"""
    next(generator(h))
    h.exp()


def constructor(h: H) -> None:
    """methods such as `__init__` that first set an attribute"""
    Holder(h)
    h.exp()


def called_lambda(h: H) -> None:
    """lambdas"""
    takes: Callable[[H], H] = lambda t: t.exp()  # noqa: E731
    takes(h)
    h.exp()


def takes(t: H) -> H:
    return t.exp()


def function_by_another_name(h: H) -> None:
    """functions by another name"""
    also_takes = takes
    also_takes(h)
    h.exp()


def takes_sometimes(t: H) -> H:
    return t.exp() if is_true() else t.with_empty_tape()


def some_paths(h: H) -> None:
    """a function that takes a tape on some paths only"""
    takes_sometimes(h)
    h.exp()


class Taker:
    def take(self, t: H) -> H:
        return t.exp()


class Sparer(Taker):
    def take(self, t: H) -> H:
        return t.with_empty_tape()


def replaced(h: H) -> None:
    """or that a subclass replaces by one that does not"""
    Taker().take(h)
    h.exp()


def pair(s: H, t: H) -> H:
    s.exp()
    return t.exp()


def hands_on(s: H, t: H) -> H:
    return pair(s, t)


def pair_sometimes(s: H, t: H) -> H:
    if is_true():
        s.exp()
    return t.exp()


def twice_by_another(h: H) -> None:
    """where it takes both by one call of another function"""
    hands_on(h, h)


def twice_on_some_paths(h: H) -> None:
    """or one of them on some paths only"""
    pair_sometimes(h, h)


def two_names(h: H) -> None:
    """or finds under two names"""

    def inner(t: H) -> None:
        pair(t, h)

    inner(h)


def layer_that_returns_its_operand(h: H) -> None:
    """`nn.Identity`, `nn.Dropout` and containers of nothing else"""
    nn.Identity()(h).exp()
    h.exp()


def container_of_nothing_else(h: H) -> None:
    """`nn.Identity`, `nn.Dropout` and containers of nothing else"""
    nn.Sequential(nn.Identity(), nn.Dropout(0.0))(h).exp()
    h.exp()


def many_combinations(h: H) -> None:
    """more than 256 combinations of which names hold one object"""
    a, b, c, d, e = h, fresh(), fresh(), fresh(), fresh()
    f, g, i, j, k = fresh(), fresh(), fresh(), fresh(), fresh()
    if is_true():
        b = a
    if is_true():
        c = b
    if is_true():
        d = c
    if is_true():
        e = d
    if is_true():
        f = e
    if is_true():
        g = f
    if is_true():
        i = g
    if is_true():
        j = i
    if is_true():
        k = j
    b.shape, c.shape, d.shape, e.shape, f.shape, g.shape, i.shape, j.shape
    h.exp()
    k.exp()


def rotates(n: int, q: H, a: H, b: H, c: H, d: H, e: H, f: H, g: H, h: H, i: H) -> None:
    if n == 0:
        q.exp()
        tl.stack([a, b, c, d, e, f, g, h, i])
    else:
        rotates(n - 1, q, fresh(), a, b, c, d, e, f, g, h)


def many_rounds(h: H) -> None:
    """functions that call themselves or each other with parameters that change places many times"""
    x = [fresh() for _ in range(9)]
    rotates(1, h, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8])
    h.exp()
