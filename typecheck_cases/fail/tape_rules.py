"""What dfdx refuses to compile about tapes, as far as no other file has it: see docs/guarantees.md."""

from __future__ import annotations

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor, losses, nn

linear = nn.Linear(3, 3, rng=0)


def case_loss_of_an_untraced_input() -> None:
    losses.mse_loss(linear(tl.ones((2, 3))), tl.zeros((2, 3))).backward()  # E: backward: this tensor owns no tape: call .traced() on the input of the forward pass  [tensor-tape]


def traced_value_used_twice(x: Tensor[Shape[3]]) -> None:
    a = x.trace()
    a.relu()
    a.exp()  # E: exp: the tape of "a" moved into "a.relu()" on line 17: use a.with_empty_tape() for one of the two  [tensor-tape]


def backward_twice(x: Tensor[Shape[3]]) -> None:
    loss = x.traced().sum()
    loss.backward()
    loss.backward()  # E: backward: backward consumed the tape of "loss" on line 23: run the forward pass again  [tensor-tape]


def right_operand_used_again(x: Tensor[Shape[3]]) -> None:
    a, b = x.traced(), x.traced()
    c = a + b
    b.exp()  # E: exp: the tape of "b" moved into "c = a + b" on line 29: use b.with_empty_tape() for one of the two  [tensor-tape]


def tape_put_twice(x: Tensor[Shape[3]], y: Tensor[Shape[3]], tape: Tape) -> None:
    x.put_tape(tape)
    y.put_tape(tape)  # E: put_tape: the tape "tape" has an owner since "x.put_tape(tape)" on line 34  [tensor-tape]


def tape_in_a_parameter(x: Tensor[Shape[3]]) -> None:
    linear.bias = x.traced()  # E: Incompatible types in assignment (expression has type "Tensor[Shape[3], Tape]", variable has type "Parameter[tuple[Literal[3]], Any] | None")  [assignment]


def made_with_a_tape() -> None:
    x: Tensor[Shape[3], Tape] = tl.zeros((3,))  # E: Incompatible types in assignment (expression has type "Tensor[Shape[3], NoTape]", variable has type "Tensor[Shape[3], Tape]")  [assignment]
