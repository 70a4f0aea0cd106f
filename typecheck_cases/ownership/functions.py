"""Functions: what a call consumes, recursion, closures, lambdas, generic code, layers.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeAlias

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

H: TypeAlias = Tensor[Shape[2, 3], Tape]
N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
C = TypeVar("C", Tape, NoTape)

linear = nn.Linear(3, 3, rng=0)
sequential = nn.Sequential(nn.Linear(3, 3, rng=0), nn.ReLU())
shared = tl.ones((2, 3)).traced()


def takes(t: H) -> H:
    return t.exp()


def borrows(t: H) -> None:
    print(t.shape, t.numpy(), t.with_empty_tape().exp())


def takes_sometimes(t: H, c: bool) -> H:
    return t.exp() if c else t.with_empty_tape()


def takes_either_way(t: H, c: bool) -> H:
    if c:
        return t.exp()
    return t.relu()


def takes_twice_removed(t: H) -> H:
    return takes_either_way(t, True)


def takes_by_an_alias(t: H) -> H:
    u = t
    return u.exp()


def gives_back(t: H) -> H:
    return t


def recurses(t: H, n: int) -> H:
    return t.exp() if n == 0 else recurses(t, n - 1)


def recurses_one(t: H, n: int) -> H:
    return t.exp() if n == 0 else recurses_other(t, n - 1)


def recurses_other(t: H, n: int) -> H:
    return t.relu() if n == 0 else recurses_one(t, n - 1)


def spares_one(t: H, n: int) -> H:
    return t if n == 0 else spares_other(t, n - 1)


def spares_other(t: H, n: int) -> H:
    return t if n == 0 else spares_one(t, n - 1)


def raises(t: H) -> H:
    raise KeyError


def generates(t: H) -> Iterator[H]:
    yield t.exp()


def generic(t: Tensor[Shape[N, 3], T]) -> Tensor[Shape[N, 3], T]:
    return t.exp()


def takes_second(s: H, t: H) -> H:
    return s.with_empty_tape() + t


def binds_parameter(t: H) -> H:
    t = t.exp()
    return t


def binds_parameter_first(t: H) -> H:
    t = tl.ones((2, 3)).traced()
    return t.exp()


def renew_shared() -> None:
    global shared
    shared = tl.ones((2, 3)).traced()


class Taker:
    def take(self, t: H) -> H:
        return t.exp()

    def take_perhaps(self, t: H) -> H:
        return t.exp()


class Sparer(Taker):
    def take_perhaps(self, t: H) -> H:
        return t.with_empty_tape()


class Block(nn.Module):
    def __init__(self) -> None:
        self.linear = nn.Linear(3, 3, rng=0)

    def forward(self, x: Tensor[Shape[2, 3], T]) -> Tensor[Shape[2, 3], T]:
        return self.linear(x).relu()


def bad_function_takes(h: H) -> None:
    takes(h)
    h.relu()  # E: relu: the tape of "h" moved into "takes(h)" on line 131: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_function_takes_what_moved(h: H) -> None:
    h.relu()
    takes(h)  # E: takes: the tape of "h" moved into "h.relu()" on line 136: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_keyword(h: H) -> None:
    takes(t=h)
    h.relu()  # E: relu: the tape of "h" moved into "takes(t=h)" on line 141: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_function_takes(h: H) -> None:
    g = takes(h)
    takes(g)


def ok_function_borrows(h: H) -> None:
    borrows(h)
    h.relu()


def ok_function_takes_on_some_paths(h: H) -> None:
    takes_sometimes(h, False)
    h.relu()


def bad_takes_on_all_paths(h: H, c: bool) -> None:
    takes_either_way(h, c)
    h.relu()  # E: relu: the tape of "h" moved into "takes_either_way(h, c)" on line 161: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_takes_by_another_function(h: H) -> None:
    takes_twice_removed(h)
    h.relu()  # E: relu: the tape of "h" moved into "takes_twice_removed(h)" on line 166: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_takes_by_an_alias(h: H) -> None:
    takes_by_an_alias(h)
    h.relu()  # E: relu: the tape of "h" moved into "takes_by_an_alias(h)" on line 171: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_function_gives_it_back(h: H) -> None:
    gives_back(h)
    h.relu()


def bad_recursion(h: H, n: int) -> None:
    recurses(h, n)
    h.relu()  # E: relu: the tape of "h" moved into "recurses(h, n)" on line 181: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_mutual_recursion(h: H, n: int) -> None:
    recurses_one(h, n)
    h.relu()  # E: relu: the tape of "h" moved into "recurses_one(h, n)" on line 186: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_mutual_recursion(h: H, n: int) -> None:
    spares_one(h, n)
    h.relu()


def ok_function_that_always_raises(h: H) -> None:
    with suppress(KeyError):
        raises(h)
    h.relu()


def ok_generator(h: H) -> None:
    generates(h)
    h.relu()


def bad_generic_function(h: H) -> None:
    generic(h)
    h.relu()  # E: relu: the tape of "h" moved into "generic(h)" on line 207: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_second_parameter(h: H, g: H) -> None:
    takes_second(h, g)
    g.relu()  # E: relu: the tape of "g" moved into "takes_second(h, g)" on line 212: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_first_parameter(h: H, g: H) -> None:
    takes_second(h, g)
    h.relu()


def bad_parameter_bound_again_inside(h: H) -> None:
    binds_parameter(h)
    h.relu()  # E: relu: the tape of "h" moved into "binds_parameter(h)" on line 222: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_parameter_bound_first(h: H) -> None:
    binds_parameter_first(h)
    h.relu()


def bad_method(h: H) -> None:
    Taker().take(h)
    h.relu()  # E: relu: the tape of "h" moved into "Taker().take(h)" on line 232: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_method_that_is_overridden(h: H, c: bool) -> None:
    taker: Taker = Sparer()
    taker.take_perhaps(h)
    h.relu()


def bad_module(h: H) -> None:
    Block()(h)
    h.relu()  # E: relu: the tape of "h" moved into "Block()(h)" on line 243: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_linear(h: H) -> None:
    linear(h)
    linear(h)  # E: Linear: the tape of "h" moved into "linear(h)" on line 248: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_layer_of_a_model(h: H) -> None:
    sequential(h)
    h.relu()  # E: relu: the tape of "h" moved into "sequential(h)" on line 253: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_weight_sharing(h: H) -> None:
    linear(linear(h))


def bad_two_heads(h: H) -> None:
    g = linear(h)
    linear(g)
    linear(g)  # E: Linear: the tape of "g" moved into "linear(g)" on line 263: use g.with_empty_tape() for one of the two  [tensor-tape]


def ok_two_heads(h: H) -> None:
    g = linear(h)
    linear(g.with_empty_tape())
    linear(g)


def bad_loss_and_head(h: H) -> None:
    losses.mse_loss(h, tl.zeros((2, 3)))
    h.relu()  # E: relu: the tape of "h" moved into "losses.mse_loss(h, tl.zeros((2, 3)))" on line 274: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_closure(h: H) -> None:
    def inner() -> None:
        h.exp()

    inner()
    h.relu()  # E: relu: the tape of "h" moved into "inner()" on line 282: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_closure_called_twice(h: H) -> None:
    def inner() -> None:
        h.exp()

    inner()
    inner()  # E: inner: the tape of "h" moved into "inner()" on line 290: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_closure_not_called(h: H) -> None:
    def inner() -> None:
        h.exp()

    h.relu()


def ok_closure_that_borrows(h: H) -> None:
    def inner() -> None:
        h.with_empty_tape().exp()

    inner()
    h.relu()


def ok_closure_with_its_own(h: H) -> None:
    def inner() -> None:
        h = tl.ones((2, 3)).traced()
        h.exp()

    inner()
    h.relu()


def bad_inside_a_closure(h: H) -> None:
    def inner() -> None:
        h.exp()
        h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 320: use h.with_empty_tape() for one of the two  [tensor-tape]

    inner()


def bad_closure_in_a_loop(h: H, n: int) -> None:
    def inner() -> H:
        return h.exp()

    for _ in range(n):
        inner()  # E: inner: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]


def ok_nonlocal(h: H) -> None:
    def renew() -> None:
        nonlocal h
        h = tl.ones((2, 3)).traced()

    h.exp()
    renew()
    h.relu()


def bad_nonlocal_not_called(h: H) -> None:
    def renew() -> None:
        nonlocal h
        h = tl.ones((2, 3)).traced()

    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 349: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_inside_a_lambda(h: H) -> None:
    print([*map(lambda each: each + h.exp() + h.relu(), [h.with_empty_tape()])])  # E: relu: the tape of "h" moved into "print([*map(lambda each: each + h.exp() + h.relu(), [h.w ..." on line 354: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_lambda(h: H) -> None:
    print([*map(lambda each: each + h.exp(), [h.with_empty_tape()])])


def bad_default_argument(h: H) -> None:
    def inner(g: H = h.exp()) -> None:
        g.relu()

    h.relu()  # E: relu: the tape of "h" moved into "def inner(g: H = h.exp()) -> None:" on line 362: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_global_bound_by_a_call(c: bool) -> None:
    global shared
    shared.exp()
    renew_shared()
    shared.relu()


def bad_global(c: bool) -> None:
    global shared
    shared = tl.ones((2, 3)).traced()
    shared.exp()
    shared.relu()  # E: relu: the tape of "shared" moved into "shared.exp()" on line 378: use shared.with_empty_tape() for one of the two  [tensor-tape]


def bad_return_of_what_moved(h: H) -> None:
    def inner(t: H) -> H:
        t.exp()
        return t.relu()  # E: relu: the tape of "t" moved into "t.exp()" on line 384: use t.with_empty_tape() for one of the two  [tensor-tape]

    inner(h)


def ok_returned(h: H) -> None:
    def inner(t: H) -> H:
        return t

    inner(h).exp()


def bad_generic_body(h: Tensor[Shape[2, 3], T]) -> None:
    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 398: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_constrained_body(h: Tensor[Shape[2, 3], C]) -> None:
    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 403: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_generic_body(h: Tensor[Shape[2, 3], T]) -> None:
    h = h.exp()
    h + h.with_empty_tape().relu()


def bad_symbolic(h: Tensor[Shape[N, 3], T]) -> None:
    g = h @ tl.ones((3, 3))
    g.exp()
    g.relu()  # E: relu: the tape of "g" moved into "g.exp()" on line 414: use g.with_empty_tape() for one of the two  [tensor-tape]


def bad_module_in_a_loop(h: H) -> None:
    block = Block()
    for _ in range(2):
        block(h)  # E: Block: the tape of "h" moves here when this line runs first: use h.with_empty_tape() for the runs that follow  [tensor-tape]
