"""Exceptions: try, except, else, finally, raise, with.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import TypeAlias

from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


class Failure(Exception):
    pass


class Quiet:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> bool:
        return kind is Failure


def fail(c: bool) -> None:
    if c:
        raise Failure


def takes_and_fails(t: H, c: bool) -> H:
    t = t.exp()
    fail(c)
    return t


def fails_or_takes(t: H, c: bool) -> H:
    fail(c)
    return t.exp()


def bad_after_try(h: H, c: bool) -> None:
    try:
        h.exp()
        fail(c)
    except Failure:
        print()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 46: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_op_that_raised(h: H, c: bool) -> None:
    try:
        g = h.exp()
    except Failure:
        g = h.relu()


def bad_in_the_handler(h: H, c: bool) -> None:
    try:
        h.exp()
        fail(c)
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 62: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_handler_of_what_came_before(h: H, c: bool) -> None:
    try:
        fail(c)
        h.exp()
    except Failure:
        h.relu()


def ok_handler_that_leaves(h: H, c: bool) -> None:
    try:
        fail(c)
    except Failure:
        h.exp()
        return
    h.relu()


def bad_handler_that_goes_on(h: H, c: bool) -> None:
    try:
        fail(c)
    except Failure:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 89: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_else(h: H, c: bool) -> None:
    try:
        fail(c)
    except Failure:
        h.relu()
    else:
        h.exp()


def bad_else(h: H, c: bool) -> None:
    try:
        h.exp()
    except Failure:
        print()
    else:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 104: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_finally(h: H, c: bool) -> None:
    try:
        fail(c)
        h.exp()
    except Failure:
        print()
    finally:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 114: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_finally(h: H, c: bool) -> None:
    try:
        fail(c)
    except Failure:
        print()
    finally:
        h.relu()


def bad_after_finally(h: H, c: bool) -> None:
    try:
        print()
    finally:
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 134: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_finally_after_return(h: H, c: bool) -> None:
    try:
        h.exp()
        return
    finally:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 140: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_finally_after_return(h: H, c: bool) -> None:
    try:
        return
    finally:
        h.relu()


def bad_finally_after_an_exception(h: H, c: bool) -> None:
    try:
        h.exp()
        raise Failure
    finally:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 155: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_break_through_finally(h: H, n: int) -> None:
    for _ in range(n):
        try:
            h.exp()
            break
        finally:
            h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 164: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_break_through_finally(h: H, n: int) -> None:
    for _ in range(n):
        try:
            break
        finally:
            h.relu()


def bad_continue_through_finally(h: H, n: int) -> None:
    for _ in range(n):
        try:
            continue
        finally:
            h.relu()  # E: relu: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_return_through_two_finally(h: H, c: bool) -> None:
    try:
        try:
            return
        finally:
            g = h.exp()
    finally:
        print()


def bad_return_through_two_finally(h: H, c: bool) -> None:
    try:
        try:
            return
        finally:
            h.exp()
    finally:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 201: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_exception_of_an_inner_try(h: H, c: bool) -> None:
    try:
        try:
            h.exp()
            fail(c)
        except KeyError:
            print()
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 209: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_second_handler(h: H, c: bool) -> None:
    try:
        fail(c)
    except KeyError:
        h.exp()
    except Failure:
        h.relu()


def bad_raise(h: H, c: bool) -> None:
    try:
        h.exp()
        raise Failure
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 228: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_raise(h: H, c: bool) -> None:
    try:
        raise Failure
    except Failure:
        h.relu()


def bad_raise_in_a_handler(h: H, c: bool) -> None:
    try:
        try:
            fail(c)
        except Failure:
            h.exp()
            raise
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 246: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_retry(h: H, n: int) -> None:
    for _ in range(n):
        try:
            h.exp()  # E: exp: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
            fail(n > 1)
            break
        except Failure:
            continue


def ok_retry(h: H, n: int) -> None:
    for _ in range(n):
        try:
            h.with_empty_tape().exp()
            fail(n > 1)
            break
        except Failure:
            continue


def bad_with(h: H, c: bool) -> None:
    with suppress(Failure):
        h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 274: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_with_that_suppresses(h: H, c: bool) -> None:
    with suppress(Failure):
        h.exp()
        fail(c)
        return
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 280: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_with_that_suppresses(h: H, c: bool) -> None:
    with suppress(Failure):
        fail(c)
        h.exp()
        return
    h.relu()


def ok_with_that_suppresses_nothing(h: H, c: bool) -> None:
    with nullcontext():
        h.exp()
        fail(c)
        return
    h.relu()


def bad_with_of_ones_own(h: H, c: bool) -> None:
    with Quiet():
        h.exp()
        fail(c)
        return
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 304: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_two_managers(h: H, c: bool) -> None:
    with nullcontext(), suppress(Failure):
        h.exp()
        fail(c)
        return
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 312: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_manager_made_of_it(h: H, c: bool) -> None:
    with nullcontext(h.exp()):
        h.relu()  # E: relu: the tape of "h" moved into "with nullcontext(h.exp()):" on line 319: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_manager_gives_another(h: H, c: bool) -> None:
    with nullcontext(h.exp()) as g:
        g.relu()


def bad_return_in_with(h: H, c: bool) -> None:
    try:
        with nullcontext():
            h.exp()
            return
    finally:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 331: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_call_that_raised_late(h: H, c: bool) -> None:
    try:
        takes_and_fails(h, c)
    except Failure:
        h.relu()  # E: relu: the tape of "h" moved into "takes_and_fails(h, c)" on line 339: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_call_that_raised_early(h: H, c: bool) -> None:
    try:
        fails_or_takes(h, c)
    except Failure:
        h.relu()


def bad_except_exception(h: H, c: bool) -> None:
    try:
        h.exp()
        fail(c)
    except Exception:
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 353: use h.with_empty_tape() for one of the two  [tensor-tape]
