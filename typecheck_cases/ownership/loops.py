"""Loops: for, while, else, break and continue, comprehensions.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


def bad_for(h: H, n: int) -> None:
    for _ in range(n):
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_for_bound_again(h: H, n: int) -> None:
    for _ in range(n):
        h = h.exp()


def ok_for_of_a_borrow(h: H, n: int) -> None:
    for _ in range(n):
        h.with_empty_tape().exp()


def bad_after_for(h: H, n: int) -> None:
    for _ in range(n):
        h.exp()
        break
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 33: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_for_break(h: H, n: int) -> None:
    for _ in range(n):
        h.exp()
        break


def ok_for_return(h: H, n: int) -> None:
    for _ in range(n):
        h.exp()
        return


def bad_for_continue(h: H, n: int, c: bool) -> None:
    for _ in range(n):
        if c:
            continue
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_for_else(h: H, n: int, c: bool) -> None:
    for _ in range(n):
        if c:
            h.exp()
            break
    else:
        h.relu()


def bad_for_else_after_break(h: H, n: int, c: bool) -> None:
    for _ in range(n):
        if c:
            h.exp()
            break
    else:
        print()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 69: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_for_else(h: H, n: int, c: bool) -> None:
    for _ in range(n):
        print()
    else:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 80: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_moved_before_the_loop(h: H, n: int) -> None:
    h.exp()
    for _ in range(n):
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 85: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_made_in_the_loop(h: H, n: int) -> None:
    for _ in range(n):
        g = h.with_empty_tape()
        g.exp()


def bad_made_in_the_loop(h: H, n: int) -> None:
    for _ in range(n):
        g = h.with_empty_tape()
        g.exp()
        g.relu()  # E: relu: the tape of "g" moved into "g.exp()" on line 99: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_bound_at_the_end_of_a_round(h: H, g: H, n: int, c: bool) -> None:
    for _ in range(n):
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
        if c:
            h = tl.ones((2, 3)).traced()


def ok_bound_at_the_end_of_a_round(h: H, n: int) -> None:
    for _ in range(n):
        h.exp()
        h = tl.ones((2, 3)).traced()


def bad_nested_loops(h: H, n: int) -> None:
    for _ in range(n):
        for _ in range(n):
            h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
        break


def ok_nested_loops(h: H, n: int) -> None:
    for _ in range(n):
        for _ in range(n):
            h = h.exp()
        h = h.relu()


def bad_state_kept_one_round(h: H, n: int) -> None:
    g = h
    for _ in range(n):
        g.exp()  # E: exp: the tape of "g" moves here when this line runs first: use g.with_empty_tape() for the runs that follow  [tensor-tape]
        g = h


def ok_recurrent(h: H, n: int) -> None:
    state = tl.zeros((2, 3)).with_tape_of(h)
    for _ in range(n):
        state = (h.with_empty_tape() + state).tanh()
    state.sum().backward()


def bad_recurrent(h: H, n: int) -> None:
    state = tl.zeros((2, 3)).with_tape_of(h)
    for _ in range(n):
        state = (h + state).tanh()  # E: add: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_while(h: H, n: int) -> None:
    while n > 0:
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
        n -= 1


def ok_while(h: H, n: int) -> None:
    while n > 0:
        h = h.exp()
        n -= 1


def bad_while_condition(h: H, n: int) -> None:
    while n > h.exp().sum().item() * 0:  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
        n -= 1


def ok_while_else(h: H, n: int, c: bool) -> None:
    while n > 0:
        if c:
            h.exp()
            break
        n -= 1
    else:
        h.relu()


def bad_while_else(h: H, n: int) -> None:
    while n > 0:
        n -= 1
    else:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 181: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_while_true(h: H, n: int) -> None:
    while True:
        h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
        if n == 0:
            break
        n -= 1


def ok_while_true(h: H, n: int) -> None:
    while True:
        if n == 0:
            h.exp()
            break
        n -= 1


def ok_behind_while_true(h: H, c: bool) -> None:
    while True:
        if c:
            h.exp()
            return
        break
    h.relu()


def bad_behind_while_true(h: H, c: bool) -> None:
    while True:
        if c:
            h.exp()
        break
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 213: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_while_false(h: H) -> None:
    while False:
        h.exp()
    h.relu()


def bad_break_of_the_inner_loop(h: H, n: int) -> None:
    for _ in range(n):
        while True:
            h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
            break


def ok_continue_after_move(h: H, n: int) -> None:
    for _ in range(n):
        h = h.relu()
        if n > 1:
            h = h.exp()
            continue
        h = h.tanh()


def bad_comprehension(h: H, n: int) -> None:
    print([h.exp() for _ in range(n)])  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_comprehension(h: H, n: int) -> None:
    print([h.with_empty_tape().exp() for _ in range(n)])


def ok_comprehension_over_tensors(h: H, g: H) -> None:
    print([each.exp() for each in [h, g]])


def bad_condition_of_a_comprehension(h: H, n: int) -> None:
    print([1 for _ in range(n) if h.exp().sum().item() > 0])  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_set_comprehension(h: H, n: int) -> None:
    print(len({h.exp() for _ in range(n)}))  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_dict_comprehension(h: H, n: int) -> None:
    print({k: h.exp() for k in range(n)})  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_inner_comprehension(h: H, n: int) -> None:
    print([[h.exp() for _ in range(1)] for _ in range(n)])  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_second_for_of_a_comprehension(h: H, n: int) -> None:
    print([h.exp() for _ in range(1) for _ in range(n)])  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_sequence_of_a_comprehension(h: H) -> None:
    print([row.exp() for row in h])


def bad_sequence_of_an_inner_for(h: H, n: int) -> None:
    print([row.exp() for _ in range(n) for row in h])  # E: iter: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def bad_generator_in_a_call(h: H, n: int) -> None:
    print(len(list(h.exp() for _ in range(n))))  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_generator_not_run(h: H, n: int) -> None:
    later = (h.exp() for _ in range(n))
    h.relu()


def ok_gradient_accumulation(h: H, n: int) -> None:
    total = h.exp().sum()
    for _ in range(n):
        total = total + h.with_empty_tape().relu().sum()
    total.backward()


def bad_gradient_accumulation(h: H, n: int) -> None:
    total = h.exp().sum()
    for _ in range(n):
        total = total + h.relu().sum()  # E: relu: the tape of "h" moved into "total = h.exp().sum()" on line 297: use h.with_empty_tape() for one of the two  [tensor-tape]
    total.backward()
