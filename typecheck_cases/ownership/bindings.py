"""Names: aliases, unpacking, walrus, del, augmented assignment, attributes, storing.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


class Inner:
    def __init__(self) -> None:
        self.h = tl.ones((2, 3)).traced()


class Box:
    def __init__(self) -> None:
        self.h = tl.ones((2, 3)).traced()
        self.inner = Inner()

    @property
    def new(self) -> H:
        return tl.ones((2, 3)).traced()

    def renew(self) -> None:
        self.h = tl.ones((2, 3)).traced()


def bad_alias(h: H) -> None:
    g = h
    g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 36: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_alias_the_other_way(h: H) -> None:
    g = h
    h.exp()
    g.relu()  # E: relu: the tape of "g" moved into "h.exp()" on line 42: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_alias_bound_again(h: H) -> None:
    g = h
    h = h.exp()
    h.relu()


def ok_alias_in_one_op(h: H) -> None:
    g = h
    g * h


def bad_alias_of_an_alias(h: H) -> None:
    g = h
    k = g
    h = h.exp()
    k.relu()  # E: relu: the tape of "k" moved into "h = h.exp()" on line 60: use k.with_empty_tape() for one of the two  [tensor-tape]


def bad_alias_on_one_path(h: H, g: H, c: bool) -> None:
    if c:
        g = h
    g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 67: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_swap(h: H, g: H) -> None:
    h, g = g, h
    h.exp()
    g.relu()


def bad_swap(h: H, g: H) -> None:
    h.exp()
    h, g = g, h
    g.relu()  # E: relu: the tape of "g" moved into "h.exp()" on line 78: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_swapped_away(h: H, g: H) -> None:
    h.exp()
    h, g = g, h
    h.relu()


def bad_tuple_display(h: H) -> None:
    g, n = h, 1
    g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 91: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_nested_display(h: H, g: H) -> None:
    (a, b), n = (h, g), 1
    b.exp()
    g.relu()  # E: relu: the tape of "g" moved into "b.exp()" on line 97: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_starred_target(h: H, g: H) -> None:
    first, *rest = h, g, g
    first.exp()
    h.relu()  # E: relu: the tape of "h" moved into "first.exp()" on line 103: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_last_behind_a_star(h: H, g: H) -> None:
    *rest, last = g, g, h
    last.exp()
    h.relu()  # E: relu: the tape of "h" moved into "last.exp()" on line 109: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_starred_target(h: H, g: H) -> None:
    first, *rest = h, g
    first.exp()
    g.relu()


def bad_chained_assignment(h: H) -> None:
    a = b = h
    a.exp()
    b.relu()  # E: relu: the tape of "b" moved into "a.exp()" on line 121: use b.with_empty_tape() for one of the two  [tensor-tape]


def bad_chained_assignment_of_a_result(h: H) -> None:
    a = b = h.exp()
    a.exp()
    b.relu()  # E: relu: the tape of "b" moved into "a.exp()" on line 127: use b.with_empty_tape() for one of the two  [tensor-tape]


def bad_chained_unpacking(h: H, g: H) -> None:
    (a, b) = [k, m] = h, g
    a.exp()
    k.relu()  # E: relu: the tape of "k" moved into "a.exp()" on line 133: use k.with_empty_tape() for one of the two  [tensor-tape]


def ok_chained_unpacking(h: H, g: H) -> None:
    (a, b) = [k, m] = h, g
    a.exp()
    m.relu()


def bad_elements_bound_by_unpacking(h: H) -> None:
    first, second = h.split(2, axis=0)
    first.exp()
    first.relu()  # E: relu: the tape of "first" moved into "first.exp()" on line 145: use first.with_empty_tape() for one of the two  [tensor-tape]


def bad_walrus(h: H) -> None:
    print((g := h).exp())
    h.relu()  # E: relu: the tape of "h" moved into "print((g := h).exp())" on line 150: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_walrus(h: H) -> None:
    print(h := h.exp())
    h.relu()


def bad_walrus_in_a_condition(h: H) -> None:
    if (g := h.exp()).sum().item() > 0:
        g.relu()  # E: relu: the tape of "g" moved into "if (g := h.exp()).sum().item() > 0:" on line 160: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_walrus_of_a_borrow(h: H) -> None:
    if (g := h.with_empty_tape()).sum().item() > 0:
        h.relu()


def bad_left_operand_is_evaluated_first(h: H) -> None:
    k = h + (h := h.exp())  # E: add: the tape of "h" moved into "k = h + (h := h.exp())" on line 170: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_walrus_first(h: H) -> None:
    k = (h := h.exp()) + h


def ok_del(h: H) -> None:
    h.exp()
    del h


def ok_del_and_bind(h: H) -> None:
    h.exp()
    del h
    h = tl.ones((2, 3)).traced()
    h.relu()


def ok_augmented(h: H) -> None:
    h += 1
    h *= h
    h.exp()


def bad_augmented(h: H) -> None:
    h.exp()
    h += 1  # E: add: the tape of "h" moved into "h.exp()" on line 196: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_alias_of_augmented(h: H) -> None:
    g = h
    h += 1
    g.exp()  # E: exp: the tape of "g" moved into "h += 1" on line 202: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_operand_of_augmented(h: H, g: H) -> None:
    h += g
    g.exp()  # E: exp: the tape of "g" moved into "h += g" on line 207: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_annotated(h: H) -> None:
    g: H = h
    g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 213: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_annotation_alone(h: H) -> None:
    g: H
    g = h
    g.exp()


def bad_cast(h: H) -> None:
    g = cast(Tensor[Shape[Any, 3], Tape], h)
    g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 225: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_for_target(h: H, g: H) -> None:
    for h in [g]:
        h.exp()


def bad_attribute(b: Box) -> None:
    b.h.exp()
    b.h.relu()  # E: relu: the tape of "b.h" moved into "b.h.exp()" on line 235: use b.h.with_empty_tape() for one of the two  [tensor-tape]


def ok_attribute_bound_again(b: Box) -> None:
    b.h = b.h.exp()
    b.h.relu()


def bad_attribute_alias(b: Box) -> None:
    h = b.h
    h.exp()
    b.h.relu()  # E: relu: the tape of "b.h" moved into "h.exp()" on line 246: use b.h.with_empty_tape() for one of the two  [tensor-tape]


def ok_attribute_of_another_object(b: Box, k: Box) -> None:
    b.h.exp()
    b = k
    b.h.relu()


def ok_attribute_bound_by_a_call(b: Box) -> None:
    b.h.exp()
    b.renew()
    b.h.relu()


def ok_attribute_bound_by_another_name(b: Box) -> None:
    k = b
    b.h.exp()
    k.h = tl.ones((2, 3)).traced()
    b.h.relu()


def bad_attribute_printed_between(b: Box) -> None:
    b.h.exp()
    print(b.h.numpy(), len(b.h))
    b.h.relu()  # E: relu: the tape of "b.h" moved into "b.h.exp()" on line 270: use b.h.with_empty_tape() for one of the two  [tensor-tape]


def bad_stored_in_an_attribute(h: H, b: Box) -> None:
    b.h = h
    b.h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "b.h.exp()" on line 277: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_property(b: Box) -> None:
    b.new.exp()
    b.new.relu()


def bad_attribute_of_an_attribute(b: Box) -> None:
    b.inner.h.exp()
    b.inner.h.relu()  # E: relu: the tape of "b.inner.h" moved into "b.inner.h.exp()" on line 287: use b.inner.h.with_empty_tape() for one of the two  [tensor-tape]


def ok_attribute_in_a_loop(b: Box, n: int) -> None:
    for _ in range(n):
        b.h = b.h.exp()


def bad_attribute_in_a_loop(b: Box, n: int) -> None:
    for _ in range(n):
        b.h.exp()  # E: exp: the tape of "b.h" moves here when this line runs first: use b.h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_stored_in_a_list(h: H) -> None:
    every = [h]
    every[0].exp()


def ok_stored_in_a_dict(h: H) -> None:
    every = {"h": h}
    every["h"].exp()


def bad_stored_and_used(h: H) -> None:
    every = [h]
    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 313: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_class_body(h: H) -> None:
    class Inner:
        h.exp()
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 319: use h.with_empty_tape() for one of the two  [tensor-tape]
