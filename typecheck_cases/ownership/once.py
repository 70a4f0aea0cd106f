"""What mypy looks at more than once, such as overloads and generic code, gives one report.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, overload

from typing_extensions import TypeVar

from tensorlib import NoTape, Shape, Tape, Tensor, nn

H: TypeAlias = Tensor[Shape[2, 3], Tape]
N = TypeVar("N", bound=int)
T = TypeVar("T", bound=NoTape | Tape)
C = TypeVar("C", Tape, NoTape)
K = TypeVar("K", int, str)
V = TypeVar("V")

linear = nn.Linear(3, 3, rng=0)


@overload
def chosen(x: H, how: int) -> H: ...
@overload
def chosen(x: H, how: str) -> H: ...
def chosen(x: H, how: int | str) -> H:
    return x.with_empty_tape().exp() if isinstance(how, int) else x.with_empty_tape().relu()


class Pair(Generic[V]):
    def __init__(self, first: V) -> None:
        self.first = first

    def left(self, h: H) -> H:
        g = h.exp()
        return g * g

    def with_other(self, h: H, other: V) -> tuple[H, V]:
        return h.exp(), other


class Gate(nn.Module, Generic[N]):
    def __init__(self, size: N) -> None:
        self.size = size
        self.linear = nn.Linear(size, size, rng=0)

    def forward(self, x: Tensor[Shape[2, N], T]) -> Tensor[Shape[2, N], T]:
        return self.linear(x) * x.with_empty_tape()


def bad_in_an_overloaded_call(h: H) -> None:
    chosen(h.exp(), "a")
    chosen(h.exp(), 1)  # E: exp: the tape of "h" moved into "chosen(h.exp(), "a")" on line 54: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_in_an_overloaded_call(h: H) -> None:
    chosen(h, "a")
    chosen(h.exp(), 1)


def bad_in_an_overload(h: H) -> None:
    @overload
    def inner(how: int) -> H: ...
    @overload
    def inner(how: str) -> H: ...
    def inner(how: int | str) -> H:
        g = h.exp()
        return g + h  # E: add: the tape of "h" moved into "g = h.exp()" on line 69: use h.with_empty_tape() for one of the two  [tensor-tape]

    inner(1)


def ok_in_an_overload(h: H) -> None:
    @overload
    def inner(how: int) -> H: ...
    @overload
    def inner(how: str) -> H: ...
    def inner(how: int | str) -> H:
        return h.exp()

    inner(1)


def bad_in_a_call_of_an_overloaded_builtin(h: H) -> None:
    print(sum([h.exp().sum().item(), h.relu().sum().item()]))  # E: relu: the tape of "h" moved into "print(sum([h.exp().sum().item(), h.relu().sum().item()]))" on line 87: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_in_a_call_of_an_overloaded_builtin(h: H) -> None:
    print(max([h.with_empty_tape().sum().item(), h.relu().sum().item()], key=abs))


def bad_in_a_lambda_of_an_overloaded_call(h: H) -> None:
    print(sorted([1, 2], key=lambda n: (h.exp() * n + h).sum().item()))  # E: add: the tape of "h" moved into "print(sorted([1, 2], key=lambda n: (h.exp() * n + h).sum ..." on line 95: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_constraints(h: Tensor[Shape[2, 3], C]) -> None:
    h.exp()
    h.relu()  # E: relu: the tape of "h" moved into "h.exp()" on line 99: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_constraints(h: Tensor[Shape[2, 3], C]) -> None:
    h.with_empty_tape().exp()
    h.relu()


def bad_two_constrained_variables(h: Tensor[Shape[2, 3], C]) -> None:
    def inner(g: Tensor[Shape[2, 3], C], key: K) -> dict[K, Tensor[Shape[2, 3], C]]:
        return {key: g.exp() + g}  # E: add: the tape of "g" moved into "return {key: g.exp() + g}" on line 110: use g.with_empty_tape() for one of the two  [tensor-tape]

    inner(h, 1)


def bad_constrained_call(h: H) -> None:
    def inner(g: Tensor[Shape[2, 3], C], key: K) -> Tensor[Shape[2, 3], C]:
        return g.exp()

    inner(h, 1)
    inner(h, "a")  # E: inner: the tape of "h" moved into "inner(h, 1)" on line 119: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_method_of_a_generic_class(h: H) -> None:
    Pair(1).with_other(h, 2)
    Pair("a").with_other(h, "b")  # E: with_other: the tape of "h" moved into "Pair(1).with_other(h, 2)" on line 124: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_method_of_a_generic_class(h: H) -> None:
    Pair(1).left(h.with_empty_tape())
    Pair("a").left(h)


def bad_in_a_generic_class(h: H) -> None:
    class Local(Generic[V]):
        def both(self, g: H, value: V) -> tuple[H, H, V]:
            return g.exp(), g.relu(), value  # E: relu: the tape of "g" moved into "return g.exp(), g.relu(), value" on line 136: use g.with_empty_tape() for one of the two  [tensor-tape]

    Local[int]().both(h, 1)


def bad_generic_layer(h: H) -> None:
    Gate(3)(h)
    Gate(3)(h)  # E: Gate: the tape of "h" moved into "Gate(3)(h)" on line 142: use h.with_empty_tape() for one of the two  [tensor-tape]


def ok_generic_layer(h: H) -> None:
    Gate(3)(Gate(3)(h))


def bad_type_that_is_known_late(h: H) -> None:
    class Late:
        def use(self) -> None:
            g = self.made.exp()
            print(g, self.made.relu())  # E: relu: the tape of "self.made" moved into "g = self.made.exp()" on line 153: use self.made.with_empty_tape() for one of the two  [tensor-tape]

        def __init__(self) -> None:
            self.made = made_late(h)

    Late().use()


def made_late(h: H) -> H:
    return linear(h)


def bad_any_beside(h: H, n: int) -> None:
    values: Any = [n]
    print(h + values[0], h.exp())  # E: exp: the tape of "h" moved into "print(h + values[0], h.exp())" on line 168: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_conditional_in_a_typed_context(h: H, c: bool) -> None:
    g: H | None = h.exp() if c else None
    k: H | None = h.relu() if c else None  # E: relu: the tape of "h" moved into "g: H | None = h.exp() if c else None" on line 172: use h.with_empty_tape() for one of the two  [tensor-tape]
    print(g, k)


def ok_conditional_in_a_typed_context(h: H, c: bool) -> None:
    g: H | None = h.exp() if c else None
    print(g is None)
