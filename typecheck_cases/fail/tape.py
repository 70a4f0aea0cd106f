"""Tapes: present where a gradient is asked for, owned once."""

from __future__ import annotations

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

T = TypeVar("T", bound=NoTape | Tape)


def case_missing_traced() -> None:
    tl.zeros((3,)).mean().backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def case_not_a_scalar() -> None:
    tl.zeros((3,)).traced().exp().backward()  # E: backward: expected a scalar, got shape (3,): reduce it first, e.g. with .mean()  [tensor-shape]


def case_traced_twice() -> None:
    tl.zeros((3,)).traced().traced()  # E: traced: this tensor already owns a tape: use it as it is, or x.with_empty_tape() for a second branch  [tensor-tape]


def case_trace_twice() -> None:
    tl.zeros((3,)).trace().trace()  # E: trace: this tensor already owns a tape: use it as it is, or x.with_empty_tape() for a second branch  [tensor-tape]


def case_split_without_tape() -> None:
    tl.zeros((3,)).split_tape()  # E: split_tape: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def case_split_without_put() -> None:
    value, _ = tl.zeros((3,)).traced().split_tape()
    value.mean().backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def case_put_onto_a_tape() -> None:
    _, tape = tl.zeros((3,)).traced().split_tape()
    tl.zeros((3,)).traced().put_tape(tape)  # E: put_tape: this tensor already owns a tape: use it as it is, or x.with_empty_tape() for a second branch  [tensor-tape]


def annotated_without_tape(x: Tensor[Shape[3]]) -> None:
    y: Tensor[Shape[3], NoTape] = x.traced().exp()  # E: Incompatible types in assignment (expression has type "Tensor[Shape[3], Tape]", variable has type "Tensor[Shape[3], NoTape]")  [assignment]


def annotated_with_tape(x: Tensor[Shape[3]]) -> None:
    y: Tensor[Shape[3], Tape] = x.exp()  # E: Incompatible types in assignment (expression has type "Tensor[Shape[3], NoTape]", variable has type "Tensor[Shape[3], Tape]")  [assignment]


def needs_a_tape(x: Tensor[Shape[3], Tape]) -> None:
    x.sum().backward()


def passes_none() -> None:
    needs_a_tape(tl.zeros((3,)))  # E: needs_a_tape: expected x with a tape: call .traced() on the input of the forward pass  [tensor-tape]


def case_detached() -> None:
    tl.zeros((3,)).traced().detach().sum().backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def both(x: Tensor[Shape[3], T], y: Tensor[Shape[3], T] | None = None) -> Tensor[Shape[3], T]:
    return x


def one_with_and_one_without(x: Tensor[Shape[3]]) -> None:
    both(x.traced(), x)  # E: both: expected y with a tape, as an argument before it: give both one by with_tape_of, or declare each with a variable of its own, not T  [tensor-tape]
    both(x, x.traced())  # E: both: expected y without a tape, as an argument before it: give both one by with_tape_of, or declare each with a variable of its own, not T  [tensor-tape]
    both(x.traced(), x.with_tape_of(x.traced())).mean().backward()


class FirstStateWithoutTape(nn.Module):
    def __init__(self) -> None:
        self.cell = nn.Linear(3, 3)

    def step(self, x: Tensor[Shape[3], T], state: Tensor[Shape[3], T]) -> Tensor[Shape[3], T]:
        return self.cell(x) + state

    def forward(self, x: Tensor[Shape[3], T]) -> Tensor[Shape[3], T]:
        state = tl.zeros((3,))
        for _ in range(5):
            state = self.step(x.with_empty_tape(), state)  # E: FirstStateWithoutTape.step: expected state with the same tape, as an argument before it: give both one by with_tape_of, or declare each with a variable of its own, not T  [tensor-tape]
        return self.step(x, tl.zeros((3,)).with_tape_of(x))
