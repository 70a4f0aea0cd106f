"""Straight code: ops, operators, indexing, methods and functions.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


def bad_op_then_op(h: H) -> None:
    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 19: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_second_branch_is_borrowed(h: H) -> None:
    h.exp()
    h.with_empty_tape().relu()


def ok_borrowed_first(h: H) -> None:
    g = h.with_empty_tape()
    h.exp()
    g.relu()


def bad_result_used_twice(h: H) -> None:
    g = h.exp()
    g.relu()
    g.tanh()  # E: tanh: the tape of "g" moved into "g.relu()" on line 36: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_result_used_on(h: H) -> None:
    g = h.exp()
    g.relu()


def ok_same_tensor_twice_in_one_op(h: H) -> None:
    h * h


def bad_same_tensor_twice_then_again(h: H) -> None:
    h * h
    h + 1  # E: add: the tape of "h" moved into "h * h" on line 50: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_name_bound_again(h: H) -> None:
    h = h.exp()
    h = h.relu()
    h = h + 1


def bad_operator_then_operator(h: H) -> None:
    h + 1
    h - 1  # E: subtract: the tape of "h" moved into "h + 1" on line 61: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_right_operand(h: H, g: H) -> None:
    h + g
    tl.ones((2, 3)) * g  # E: multiply: the tape of "g" moved into "h + g" on line 66: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_reflected_operator(h: H) -> None:
    2 * h
    1 - h  # E: subtract: the tape of "h" moved into "2 * h" on line 71: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_unary_minus(h: H) -> None:
    -h
    h.exp()  # E: exp: the tape of "h" moved into "-h" on line 76: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_power(h: H) -> None:
    h**2
    h**3  # E: pow: the tape of "h" moved into "h**2" on line 81: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_matmul(h: H, g: H) -> None:
    h @ g.T
    g.exp()  # E: exp: the tape of "g" moved into "h @ g.T" on line 86: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_property(h: H) -> None:
    h.T
    h.T  # E: T: the tape of "h" moved into "h.T" on line 91: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_function_form(h: H) -> None:
    tl.exp(h)
    tl.relu(h)  # E: relu: the tape of "h" moved into "tl.exp(h)" on line 96: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_keyword_operand(h: H) -> None:
    tl.exp(x=h)
    tl.relu(x=h)  # E: relu: the tape of "h" moved into "tl.exp(x=h)" on line 101: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_index(h: H) -> None:
    h[0]
    h[1]  # E: getitem: the tape of "h" moved into "h[0]" on line 106: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_index_of_a_borrow(h: H) -> None:
    h.with_empty_tape()[0]
    h[1]


def bad_reduction(h: H) -> None:
    h.sum()
    h.mean()  # E: mean: the tape of "h" moved into "h.sum()" on line 116: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_one_expression(h: H) -> None:
    h.exp() + h.relu()  # E: relu: the tape of "h" moved into "h.exp() + h.relu()" on line 121: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_one_expression_with_a_borrow(h: H) -> None:
    h.exp() + h.with_empty_tape().relu()


def ok_residual(h: H) -> None:
    h + h.with_empty_tape().relu()


def bad_residual(h: H) -> None:
    h + h.relu()  # E: add: the tape of "h" moved into "h + h.relu()" on line 133: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_residual_the_other_way(h: H) -> None:
    h.relu() + h  # E: add: the tape of "h" moved into "h.relu() + h" on line 137: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_nested_arguments(h: H) -> None:
    tl.maximum(h.exp(), h)  # E: maximum: the tape of "h" moved into "tl.maximum(h.exp(), h)" on line 141: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_list_of_operands(h: H, g: H) -> None:
    tl.stack([h, g])
    h.exp()  # E: exp: the tape of "h" moved into "tl.stack([h, g])" on line 145: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_tuple_of_operands(h: H, g: H) -> None:
    tl.concat((h, g))
    g.exp()  # E: exp: the tape of "g" moved into "tl.concat((h, g))" on line 150: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_list_of_operands_with_one_twice(h: H) -> None:
    tl.stack([h, h])


def bad_backward_twice(h: H) -> None:
    loss = h.sum()
    loss.backward()
    loss.backward()  # E: backward: backward consumed the tape of "loss" on line 160: run the forward pass again  [tensor-tape]


def bad_loss_after_backward(h: H) -> None:
    loss = h.sum()
    loss.backward()
    loss * 2  # E: multiply: backward consumed the tape of "loss" on line 166: run the forward pass again  [tensor-tape]


def ok_value_after_backward(h: H) -> None:
    loss = h.sum()
    loss.backward()
    print(loss.item(), loss.numpy())


def bad_split_then_op(h: H) -> None:
    value, tape = h.split_tape()
    h.exp()  # E: exp: the tape of "h" moved into "value, tape = h.split_tape()" on line 177: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_split_and_put(h: H) -> None:
    value, tape = h.split_tape()
    value.put_tape(tape).exp()


def bad_expect_shape(h: H) -> None:
    h.expect_shape((2, 3))
    h.exp()  # E: exp: the tape of "h" moved into "h.expect_shape((2, 3))" on line 187: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_astype(h: H) -> None:
    h.astype(np.float64)
    h.exp()  # E: exp: the tape of "h" moved into "h.astype(np.float64)" on line 192: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_astype_to_ints(h: H) -> None:
    h.astype(np.int64)
    h.astype(np.bool)
    h.exp()


def bad_gradients_of_two_losses(h: H) -> None:
    g = h.exp()
    g.sum().backward()
    g.mean().backward()  # E: mean: the tape of "g" moved into "g.sum().backward()" on line 204: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_three_borrows(h: H) -> None:
    h.with_empty_tape().exp()
    h.with_empty_tape().relu()
    h.with_empty_tape().tanh()
    h.sigmoid()


def bad_in_an_fstring(h: H) -> None:
    print(f"{h.exp()}")
    h.exp()  # E: exp: the tape of "h" moved into "print(f"{h.exp()}")" on line 216: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_inside_a_display(h: H) -> None:
    print([h.exp(), h.relu()])  # E: relu: the tape of "h" moved into "print([h.exp(), h.relu()])" on line 221: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_inside_a_dict(h: H) -> None:
    print({"a": h.exp(), "b": h})
    h.relu()  # E: relu: the tape of "h" moved into "print({"a": h.exp(), "b": h})" on line 225: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_inside_a_subscript(h: H) -> None:
    print({0: 1}[h.exp().argmax().item() * 0])
    h.relu()  # E: relu: the tape of "h" moved into "print({0: 1}[h.exp().argmax().item() * 0])" on line 230: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_iteration(h: H) -> None:
    for row in h:
        print(row)
    h.exp()  # E: exp: the tape of "h" moved into "for row in h:" on line 235: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_list_of_rows(h: H) -> None:
    rows = list(h)
    h.exp()  # E: exp: the tape of "h" moved into "rows = list(h)" on line 241: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_rows_unpacked(h: H) -> None:
    first, second = h
    h.exp()  # E: exp: the tape of "h" moved into "first, second = h" on line 246: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_rows_starred(h: H) -> None:
    print(*h)
    h.exp()  # E: exp: the tape of "h" moved into "print(*h)" on line 251: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_rows_enumerated(h: H) -> None:
    print([row for _, row in enumerate(h)])
    h.exp()  # E: exp: the tape of "h" moved into "print([row for _, row in enumerate(h)])" on line 256: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_rows_of_what_moved(h: H) -> None:
    h.exp()
    for row in h:  # E: iter: the tape of "h" moved into "h.exp()" on line 261: use h.with_empty_tape() for one of the two  [tensor-tape]
        print(row)


def ok_rows_of_a_borrow(h: H) -> None:
    for row in h.with_empty_tape():
        print(row)
    h.exp()


def ok_unrelated(h: H, g: H) -> None:
    h.exp()
    g.exp()


def ok_untaped(c: bool) -> None:
    x = tl.ones((2, 3))
    x.exp()
    x.relu()


def bad_split_op(h: H) -> None:
    left, right = h.split(2, axis=0)
    left.exp()
    left.relu()  # E: relu: the tape of "left" moved into "left.exp()" on line 285: use left.with_empty_tape() for one of the two  [tensor-tape]


def ok_split_op_parts(h: H) -> None:
    left, right = h.split(2, axis=0)
    left.exp()
    right.relu()
