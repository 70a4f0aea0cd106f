"""Code that runs though nothing calls it by name, and courses that are written out.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]
NEVER: Final = False


def fresh() -> H:
    return tl.ones((2, 3)).traced()


class Fresh:
    def __get__(self, owner: object, cls: type | None = None) -> H:
        return fresh()


class Box:
    made = Fresh()

    def __init__(self) -> None:
        self.h = fresh()

    @property
    def place(self) -> int:
        self.h = fresh()
        return 1

    @place.setter
    def place(self, place: int) -> None:
        self.h = fresh()

    def __add__(self, other: int) -> int:
        self.h = fresh()
        return other

    def __neg__(self) -> int:
        self.h = fresh()
        return 1

    def __len__(self) -> int:
        self.h = fresh()
        return 1

    def __eq__(self, other: object) -> bool:
        self.h = fresh()
        return True

    def __iter__(self) -> Iterator[int]:
        self.h = fresh()
        yield 1
        self.h = fresh()

    def __getitem__(self, place: int) -> int:
        self.h = fresh()
        return place

    def __setitem__(self, place: int, value: int) -> None:
        self.h = fresh()

    def __delitem__(self, place: int) -> None:
        self.h = fresh()


class Pair(NamedTuple):
    h: H
    place: int


def key_of(box: Box) -> Callable[[int], int]:
    def key(place: int) -> int:
        box.h = fresh()
        return place

    return key


def ok_descriptor(box: Box) -> None:
    box.made.exp()
    box.made.relu()


def ok_property(box: Box) -> None:
    box.h.exp()
    print(box.place)
    box.h.relu()


def ok_setter(box: Box) -> None:
    box.h.exp()
    box.place = 2
    box.h.relu()


def ok_operator(box: Box) -> None:
    box.h.exp()
    print(box + 1)
    box.h.relu()


def ok_operator_in_place(box: Box) -> None:
    place: Box | int = box
    box.h.exp()
    place += 1
    box.h.relu()


def ok_sign(box: Box) -> None:
    box.h.exp()
    print(-box)
    box.h.relu()


def ok_truth(box: Box) -> None:
    box.h.exp()
    if box:
        box.h.relu()


def ok_length(box: Box) -> None:
    box.h.exp()
    print(len(box))
    box.h.relu()


def ok_comparison(box: Box) -> None:
    box.h.exp()
    print(box == 1)
    box.h.relu()


def ok_matched(box: Box, n: int) -> None:
    box.h.exp()
    match box:
        case 3:
            box.h.relu()


def ok_item(box: Box) -> None:
    box.h.exp()
    print(box[0])
    box.h.relu()


def ok_item_bound(box: Box) -> None:
    box.h.exp()
    box[0] = 1
    box.h.relu()


def ok_item_deleted(box: Box) -> None:
    box.h.exp()
    del box[0]
    box.h.relu()


def ok_taken_apart(box: Box) -> None:
    box.h.exp()
    (one,) = box
    box.h.relu()


def ok_loop_that_ends(box: Box) -> None:
    for _ in box:
        box.h.exp()
    box.h.relu()


def ok_comprehension_that_ends(box: Box) -> None:
    print([place for place in box if box.h.exp().shape])
    box.h.relu()


def ok_iterator_gone_through(box: Box) -> None:
    places = iter(box)
    box.h.exp()
    print(list(places))
    box.h.relu()


def ok_key(box: Box) -> None:
    key, places = key_of(box), [2, 1]
    box.h.exp()
    print(max(places, key=key))
    box.h.relu()
    places.sort(key=key)
    box.h.tanh()


def bad_other_operators(box: Box, n: int) -> None:
    box.h.exp()
    places = [n + 1, -n, len([n]), max(n, 2)]
    places[0] = 1 if n else 2
    box.h.relu()  # E: relu: the tape of "box.h" moved into "box.h.exp()" on line 200: use box.h.with_empty_tape() for one of the two  [tensor-tape]


def bad_generator_gone_through(box: Box, n: int) -> None:
    print(sum(box.h.exp().size for _ in range(1)))
    box.h.relu()  # E: relu: the tape of "box.h" moved into "print(sum(box.h.exp().size for _ in range(1)))" on line 207: use box.h.with_empty_tape() for one of the two  [tensor-tape]


def bad_field_of_a_named_tuple(h: H) -> None:
    pair = Pair(h, 1)
    pair.h.exp()
    pair.h.relu()  # E: relu: the tape of "pair.h" moved into "pair.h.exp()" on line 213: use pair.h.with_empty_tape() for one of the two  [tensor-tape]


def bad_default_of_a_lambda(h: H) -> None:
    _ = lambda g=h.exp(): g  # noqa: E731
    h.relu()  # E: relu: the tape of "h" moved into "_ = lambda g=h.exp(): g" on line 218: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_matched_items(h: H, n: int) -> None:
    match (h, n):
        case (g, 0):
            g.exp()
            h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 225: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_matched_before_a_guard_binds(h: H, c: bool) -> None:
    match h:
        case _ if (h := fresh()).shape == (1, 1):
            pass
        case g:
            g.exp()
            h.relu()


def ok_checking_alone(h: H) -> None:
    if TYPE_CHECKING:
        h.exp()
    if NEVER or not True:
        h.tanh()
    h.relu()


def ok_decided(h: H) -> None:
    print(False and h.exp(), True or h.tanh(), h.sqrt() if NEVER else 0)
    h.relu()


def bad_decided(h: H) -> None:
    print(True and h.exp())
    print(h.relu() if not NEVER else 0)  # E: relu: the tape of "h" moved into "print(True and h.exp())" on line 252: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_one_round(h: H) -> None:
    for _ in range(1):
        h.exp()


def ok_one_round_of_a_comprehension(h: H) -> None:
    print([h.exp() for _ in (0,)])


def ok_some_rounds(h: H) -> None:
    h.exp()
    for _ in range(2, 5):
        h = fresh()
    h.relu()


def bad_some_rounds(h: H) -> None:
    for _ in range(2):
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_rounds_that_end_early(h: H, c: bool) -> None:
    h.exp()
    for _ in (0, 1):
        if c:
            break
        h = fresh()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 278: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_no_rounds(h: H, n: int) -> None:
    h.exp()
    for _ in range(n):
        h = fresh()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 287: use h.with_empty_tape() for one of the two  [tensor-tape]
