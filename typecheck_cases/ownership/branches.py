"""Branches: if, match, conditional expressions, short circuits.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


def bad_after_if(h: H, c: bool) -> None:
    if c:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 17: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_if_and_else(h: H, c: bool) -> None:
    if c:
        h.exp()
    else:
        h.relu()


def bad_after_both(h: H, c: bool) -> None:
    if c:
        h.exp()
    else:
        h.relu()
    h.tanh()  # E: tanh: the tape of "h" moved into "h.exp()" on line 30: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_return_between(h: H, c: bool) -> None:
    if c:
        h.exp()
        return
    h.relu()


def ok_raise_between(h: H, c: bool) -> None:
    if c:
        h.exp()
        raise KeyError
    h.relu()


def bad_else_moves(h: H, c: bool) -> None:
    if c:
        pass
    else:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 54: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_bound_again_where_moved(h: H, c: bool) -> None:
    if c:
        h = h.exp()
    h.relu()


def bad_bound_again_elsewhere(h: H, c: bool) -> None:
    if c:
        h.exp()
    else:
        h = h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 66: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_elif(h: H, c: bool, d: bool) -> None:
    if c:
        pass
    elif d:
        h.exp()
    else:
        print()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 76: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_elif_chain(h: H, c: bool, d: bool) -> None:
    if c:
        h.exp()
    elif d:
        h.relu()
    else:
        h.tanh()


def bad_in_the_condition(h: H, c: bool) -> None:
    if c and h.exp().sum().item() > 0:
        h.relu()  # E: relu: the tape of "h" moved into "if c and h.exp().sum().item() > 0:" on line 92: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_in_the_condition_of_elif(h: H, c: bool) -> None:
    if c:
        print()
    elif h.exp().sum().item() > 0:
        h.relu()  # E: relu: the tape of "h" moved into "elif h.exp().sum().item() > 0:" on line 99: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_condition_of_elif_not_reached(h: H, c: bool) -> None:
    if c:
        h.relu()
    elif h.exp().sum().item() > 0:
        print()


def bad_two_ifs(h: H, c: bool, d: bool) -> None:
    if c:
        h.exp()
    if d:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 112: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_nested_ifs(h: H, c: bool, d: bool) -> None:
    if c:
        if d:
            h.exp()
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 120: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_nested_ifs(h: H, c: bool, d: bool) -> None:
    if c:
        if d:
            h.exp()
        else:
            h.relu()
    else:
        h.tanh()


def ok_if_false(h: H, c: bool) -> None:
    if False:
        h.exp()
    h.relu()


def bad_if_true(h: H, c: bool) -> None:
    if True:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 142: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_if_true_else(h: H, c: bool) -> None:
    if True:
        h.exp()
    else:
        h.relu()


def bad_conditional_expression(h: H, c: bool) -> None:
    g = h.exp() if c else h
    h.relu()  # E: relu: the tape of "h" moved into "g = h.exp() if c else h" on line 154: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_conditional_expression(h: H, c: bool) -> None:
    g = h.exp() if c else h.relu()


def bad_condition_of_an_expression(h: H, c: bool) -> None:
    g = 1 if h.exp().sum().item() > 0 else 2
    h.tanh()  # E: tanh: the tape of "h" moved into "g = 1 if h.exp().sum().item() > 0 else 2" on line 163: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_one_of_two(h: H, g: H, c: bool) -> None:
    one = h if c else g
    one.exp()
    g.relu()  # E: relu: the tape of "g" moved into "one.exp()" on line 169: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_one_of_two(h: H, g: H, c: bool) -> None:
    one = h if c else g
    one.exp()


def bad_conditional_operand(h: H, g: H, c: bool) -> None:
    (h if c else g).exp()
    h.relu()  # E: relu: the tape of "h" moved into "(h if c else g).exp()" on line 179: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_and(h: H, c: bool) -> None:
    print(c and h.exp())
    h.relu()  # E: relu: the tape of "h" moved into "print(c and h.exp())" on line 184: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_or(h: H, c: bool) -> None:
    print(c or h.exp())
    h.relu()  # E: relu: the tape of "h" moved into "print(c or h.exp())" on line 189: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_and_or(h: H, c: bool) -> None:
    print((c and print(h.exp())) or c)


def bad_left_of_and(h: H, c: bool) -> None:
    print(h.exp().sum().item() > 0 and c)
    h.relu()  # E: relu: the tape of "h" moved into "print(h.exp().sum().item() > 0 and c)" on line 198: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_twice_in_or(h: H, c: bool) -> None:
    print(h.exp().sum().item() > 100 or h.relu())  # E: relu: the tape of "h" moved into "print(h.exp().sum().item() > 100 or h.relu())" on line 203: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_chained_comparison(h: H, n: int) -> None:
    print(0 < n < len(h.exp()))
    h.relu()  # E: relu: the tape of "h" moved into "print(0 < n < len(h.exp()))" on line 207: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_match(h: H, n: int) -> None:
    match n:
        case 0:
            h.exp()
        case 1:
            print()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 214: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_match(h: H, n: int) -> None:
    match n:
        case 0:
            h.exp()
        case 1:
            h.relu()
        case _:
            h.tanh()


def bad_match_default(h: H, n: int) -> None:
    match n:
        case 0:
            return
        case _:
            h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 235: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_match_that_always_returns(h: H, n: int) -> None:
    match n:
        case 0:
            return
        case _:
            h.exp()
            return
    h.relu()


def bad_match_guard(h: H, n: int) -> None:
    match n:
        case 0 if h.exp().sum().item() < 0:
            print()
        case _:
            h.relu()  # E: relu: the tape of "h" moved into "case 0 if h.exp().sum().item() < 0:" on line 251: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_match_capture(h: H) -> None:
    match h:
        case g:
            g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 260: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_match_capture(h: H) -> None:
    match h:
        case g:
            g.exp()


def bad_match_or_pattern(h: H, n: int) -> None:
    match n:
        case 0 | 1:
            h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 273: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_match_class_pattern(h: H, n: int) -> None:
    match n:
        case int():
            h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 280: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_match_sequence(h: H, n: int) -> None:
    match [n, 1]:
        case [0, *rest]:
            h.exp()
        case [first, second]:
            h.relu()


def bad_assert(h: H, c: bool) -> None:
    assert h.exp().sum().item() > -1
    h.relu()  # E: relu: the tape of "h" moved into "assert h.exp().sum().item() > -1" on line 293: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_message_of_assert(h: H, c: bool) -> None:
    assert c, h.exp()
    h.relu()


def bad_owned_on_one_branch_only(h: H, c: bool) -> None:
    g = h if c else h.detach()
    g.exp()
    g.relu()  # E: relu: the tape of "g" moved into "g.exp()" on line 304: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_owned_behind_one_branch_only(h: H, c: bool) -> None:
    g: H | Tensor[Shape[2, 3]] = h.detach()
    if c:
        g = h
    g.exp()
    g.relu()  # E: relu: the tape of "g" moved into "g.exp()" on line 312: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_owned_on_one_branch_and_used_once(h: H, c: bool) -> None:
    g = h if c else h.detach()
    print(g.shape)
    g.exp()


def bad_there_on_one_branch_only(h: H, c: bool) -> None:
    g = h if c else None
    if g is not None:
        g.exp()
    h.relu()  # E: relu: the tape of "h" moved into "g.exp()" on line 325: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_there_on_one_branch_only(h: H, c: bool) -> None:
    g = h if c else None
    if g is not None:
        h = g.exp()
    h.relu()
