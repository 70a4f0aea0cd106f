"""Calls of functions by the statements of a module.

The marked lines raise, and no others: each statement runs, whatever became of those before it.
"""

from __future__ import annotations

from typing import TypeAlias

from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

H: TypeAlias = Tensor[Shape[2, 3], Tape]
T = TypeVar("T", bound=NoTape | Tape)


def fresh() -> H:
    return tl.ones((2, 3)).traced()


def takes(t: H) -> H:
    return t.exp()


def takes_by_another(t: H) -> H:
    return takes(t)


def takes_sometimes(t: H, c: bool) -> H:
    return t.exp() if c else t.with_empty_tape()


def borrows(t: H) -> H:
    return t.with_empty_tape().exp()


def pair(s: H, t: H) -> H:
    s.exp()
    return t.exp()


def generic(t: Tensor[Shape[2, 3], T]) -> Tensor[Shape[2, 3], T]:
    return t.exp()


def takes_shared() -> H:
    return shared.exp()


def renew() -> None:
    global renewed
    renewed = fresh()


class Block(nn.Module):
    def __init__(self) -> None:
        self.linear = nn.Linear(3, 3, rng=0)

    def forward(self, x: Tensor[Shape[2, 3], T]) -> Tensor[Shape[2, 3], T]:
        return self.linear(x).relu()


class Taker:
    def take(self, t: H) -> H:
        return t.exp()


a: H = fresh()
takes(a)
a.relu()  # E: relu: the tape of "a" moved into "takes(a)" on line 71: use a.with_empty_tape() for one of the two  [tensor-tape]

b: H = fresh()
takes_by_another(b)
takes(b)  # E: takes: the tape of "b" moved into "takes_by_another(b)" on line 75: use b.with_empty_tape() for one of the two  [tensor-tape]

c: H = fresh()
takes_sometimes(c, False)
borrows(c)
takes(c)

d: H = fresh()
for _ in range(2):
    takes(d)  # E: takes: the tape of "d" moves here when this line runs first: use d.with_empty_tape() for the runs that follow  [tensor-tape]

e: H = fresh()
pair(e, e)  # E: pair: the tape of "e" moves twice in this call: use e.with_empty_tape() for one of the two  [tensor-tape]

f: H = fresh()
pair(f, f.with_empty_tape())

g: H = fresh()
generic(g)
g.relu()  # E: relu: the tape of "g" moved into "generic(g)" on line 94: use g.with_empty_tape() for one of the two  [tensor-tape]

shared: H = fresh()
takes_shared()
shared.relu()  # E: relu: the tape of "shared" moved into "takes_shared()" on line 98: use shared.with_empty_tape() for one of the two  [tensor-tape]

renewed: H = fresh()
takes(renewed)
renew()
takes(renewed)

model = Block()
h: H = fresh()
model(h)
model(h)  # E: Block: the tape of "h" moved into "model(h)" on line 108: use h.with_empty_tape() for one of the two  [tensor-tape]

k: H = fresh()
k = takes(k)
takes(k)

m: H = fresh()
Taker().take(t=m)
n = m
n.relu()  # E: relu: the tape of "n" moved into "Taker().take(t=m)" on line 116: use n.with_empty_tape() for one of the two  [tensor-tape]
