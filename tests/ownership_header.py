"""What drawn programs find in their module: names to use, and functions to call."""

HEADER = """\
from contextlib import suppress
from typing import Any, Generic, TypeAlias

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

H: TypeAlias = Tensor[Shape[2], Tape]
T = TypeVar("T", bound=NoTape | Tape)
V = TypeVar("V")

relu = nn.ReLU()
both = nn.Sequential(nn.ReLU(), nn.Tanh())
shared: H = tl.ones((2,)).traced()


class Planned(Exception):
    pass


class Other(Exception):
    pass


class Box:
    def __init__(self) -> None:
        self.h = tl.ones((2,)).traced()
        self.k = tl.ones((2,)).traced()

    def renew(self) -> None:
        self.h = tl.ones((2,)).traced()


class Swallowing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *args: object) -> bool:
        return flag()


class Taker:
    def take(self, t: H) -> H:
        return t.exp()

    def take_too(self, t: H) -> H:
        return t.exp()

    def spare(self, t: H) -> H:
        return t.exp()


class Sparer(Taker):
    def take_too(self, t: H) -> H:
        return t.relu()

    def spare(self, t: H) -> H:
        return t.with_empty_tape()


class Passing(Generic[V]):
    def give(self, t: V) -> None:
        use(t)


class PassingOn(Passing[H]):
    def give(self, t: H) -> None:
        t.exp()


taker = Taker()
sparer: Taker = Sparer()
passing: Passing[H] = Passing()
passing_on = PassingOn()


def flag() -> bool:
    return False


def rounds() -> list[int]:
    return []


def use(x: object) -> bool:
    return True


def fresh() -> H:
    return tl.ones((2,)).traced()


def eats(t: H) -> H:
    return t.exp()


def eats_early(t: H) -> H:
    u = t.exp()
    return u.relu()


def eats_somehow(t: H) -> H:
    if flag():
        return t.exp()
    u = t
    return eats(u)


def eats_again(t: H) -> H:
    return eats_again(t) if flag() else t.exp()


def eats_second(s: H, t: H) -> H:
    return s.with_empty_tape() + t


def eats_and_binds(t: H) -> H:
    t = t.exp()
    return t


def eats_generic(t: Tensor[Shape[2], T]) -> Tensor[Shape[2], T]:
    return t.exp()


def eats_two(s: H, t: H) -> H:
    s.exp()
    return t.exp()


def eats_sum(s: H, t: H) -> H:
    return s + t


def eats_shared() -> None:
    shared.exp()


def renew_shared() -> None:
    global shared
    shared = tl.ones((2,)).traced()


def renew(box: Box) -> None:
    box.h = box.k = tl.ones((2,)).traced()


def binds_first(t: H) -> None:
    t = tl.ones((2,)).traced()
    t.exp()


def keeps(t: H) -> H:
    use(t.shape)
    return t.with_empty_tape()
"""
