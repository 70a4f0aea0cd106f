"""What raises midway: a container gives the tape back, a module of one's own does not.

And what mypy cannot prove, which may run, and then has taken the tape.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

from tensorlib import Shape, Tape, Tensor, nn

H: TypeAlias = Tensor[Shape[2, 3], Tape]
Rows: TypeAlias = Tensor[Shape[int, 3], Tape]


class Failure(Exception):
    pass


def fail(c: bool) -> None:
    if c:
        raise Failure


class Picky(nn.Module):
    """Takes the tape, and may raise then."""

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def forward(self, t: H) -> H:
        t = t.exp()
        fail(self.fails)
        return t


def ok_container_that_raised(h: H, c: bool) -> None:
    model = nn.Sequential(nn.Tanh(), Picky(c))
    try:
        g: object = model(h)
    except Failure:
        g = h.relu()


def ok_residual_that_raised(h: H, c: bool) -> None:
    try:
        nn.Residual((nn.Tanh(), Picky(c)))(h)
    except Failure:
        h.relu()


def ok_split_that_raised(h: H, c: bool) -> None:
    try:
        nn.SplitInto(nn.Tanh(), Picky(c))(h)
    except Failure:
        h.sum().backward()


def bad_container_that_did_not_raise(h: H, c: bool, d: bool) -> None:
    try:
        nn.Sequential(nn.Tanh(), Picky(c))(h)
        fail(d)
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "nn.Sequential(nn.Tanh(), Picky(c))(h)" on line 63: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_module_of_ones_own(h: H, c: bool) -> None:
    picky = Picky(c)
    try:
        picky(h)
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "picky(h)" on line 72: use h.with_empty_tape() for one of the two  [tensor-tape]


def four(h: Tensor[Shape[4, 3], Tape]) -> Tensor[Shape[()], Tape]:
    return h.sum()


def bad_call_of_which_nothing_is_proven(h: Rows) -> None:
    four(h)  # type: ignore[tensor-unproven]
    h.relu()  # E: relu: the tape of "h" moved into "four(h)" on line 82: use h.with_empty_tape() for one of the two  [tensor-tape]
