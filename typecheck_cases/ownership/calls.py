"""One tensor given twice, calls that raise midway, calls that never return, and aliases inside.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


class Failure(Exception):
    pass


class Box:
    def __init__(self) -> None:
        self.h = tl.ones((2, 3)).traced()


def pair(s: H, t: H) -> H:
    s.exp()
    return t.exp()


def pair_in_branches(s: H, t: H, c: bool) -> None:
    if c:
        s.exp()
        t.relu()
    else:
        t.exp()
        s.relu()


def added(s: H, t: H) -> H:
    return s + t


def pair_of_copies(s: H, t: H) -> H:
    s.with_empty_tape().exp()
    return t.exp()


def pair_sometimes(s: H, t: H, c: bool) -> H:
    if c:
        s.exp()
    return t.exp()


def pair_bound_again(s: H, t: H) -> H:
    s.exp()
    t = tl.ones((2, 3)).traced()
    return t.exp()


class Pairing:
    def pair(self, s: H, t: H) -> H:
        s.exp()
        return t.exp()

    def replaced(self, s: H, t: H) -> H:
        s.exp()
        return t.exp()


class Adding(Pairing):
    def replaced(self, s: H, t: H) -> H:
        return s + t


def fails() -> None:
    raise Failure


def fails_if(c: bool) -> None:
    if c:
        raise Failure


def bad_pair(h: H) -> None:
    pair(h, h)  # E: pair: the tape of "h" moves twice in this call: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_pair(h: H) -> None:
    pair(h, h.with_empty_tape())


def bad_pair_by_keywords(h: H) -> None:
    pair(t=h, s=h)  # E: pair: the tape of "h" moves twice in this call: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_pair_of_aliases(h: H) -> None:
    g = h
    pair(g, h)  # E: pair: the tape of "g" moves twice in this call: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_pair_of_aliases_on_some_path(h: H, g: H, c: bool) -> None:
    if c:
        g = h
    pair(g, h)  # E: pair: the tape of "g" moves twice in this call: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_pair_of_no_aliases(h: H, g: H, c: bool) -> None:
    if c:
        g = h.with_empty_tape()
    pair(g, h)


def bad_pair_in_branches(h: H, c: bool) -> None:
    pair_in_branches(h, h, c)  # E: pair_in_branches: the tape of "h" moves twice in this call: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_pair_of_an_attribute(box: Box) -> None:
    pair(box.h, box.h)  # E: pair: the tape of "box.h" moves twice in this call: use box.h.with_empty_tape() for one of the two  [tensor-tape]


def bad_pair_by_a_method(h: H) -> None:
    Pairing().pair(h, h)  # E: pair: the tape of "h" moves twice in this call: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_pair_by_a_method_that_is_overridden(h: H) -> None:
    pairing: Pairing = Adding()
    pairing.replaced(h, h)


def ok_added_by_one_op(h: H) -> None:
    added(h, h)


def ok_pair_of_copies(h: H) -> None:
    pair_of_copies(h, h)


def ok_pair_taken_on_some_paths(h: H) -> None:
    pair_sometimes(h, h, False)


def ok_pair_bound_again(h: H) -> None:
    pair_bound_again(h, h)


def bad_argument_and_closure(h: H) -> None:
    def inner(t: H) -> None:
        h.exp()
        t.relu()

    inner(h)  # E: inner: the tape of "h" moves twice in this call: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_argument_and_closure(h: H) -> None:
    def inner(t: H) -> None:
        h.exp()
        t.relu()

    inner(h.with_empty_tape())


def bad_alias_in_a_closure(h: H) -> None:
    def inner() -> None:
        u = h
        u.exp()

    inner()
    h.relu()  # E: relu: the tape of "h" moved into "inner()" on line 167: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_alias_in_a_closure(h: H) -> None:
    def inner() -> None:
        u = h
        u = tl.ones((2, 3)).traced()
        u.exp()

    inner()
    h.relu()


def bad_first_after_a_call_that_raises(h: H, g: H, c: bool) -> None:
    def inner() -> None:
        h.exp()
        fails_if(c)
        g.exp()

    try:
        inner()
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "inner()" on line 188: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_second_after_a_call_that_raises(h: H, g: H, c: bool) -> None:
    def inner() -> None:
        h.exp()
        fails_if(c)
        g.exp()

    try:
        inner()
    except Failure:
        g.relu()


def ok_behind_a_call_that_never_returns(h: H, c: bool) -> None:
    h.exp()
    if c:
        fails()
        h.relu()


def bad_behind_a_call_that_may_return(h: H, c: bool) -> None:
    h.exp()
    fails_if(c)
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 213: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_behind_a_call_that_is_caught(h: H) -> None:
    h.exp()
    try:
        fails()
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 219: use h.with_empty_tape() for one of the two  [tensor-tape]
