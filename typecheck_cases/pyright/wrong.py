"""What pyright reports without our plugin: the marked lines, and no others."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import NoTape, Tape, Tensor, nn

N = TypeVar("N", bound=int)
K = TypeVar("K", bound=int)
Batch = TypeVarTuple("Batch")


def layers(
    layer: nn.Linear[Literal[784], Literal[10]],
    right: Tensor[tuple[Literal[64], Literal[784]]],
    wrong: Tensor[tuple[Literal[64], Literal[783]]],
    scalar: Tensor[tuple[()]],
) -> None:
    layer(right)
    layer(wrong)  # wrong
    layer(scalar)  # wrong
    first: Tensor[tuple[Literal[64], Literal[10]]] = layer(right)
    second: Tensor[tuple[Literal[64], Literal[11]]] = layer(right)  # wrong
    layer(first)  # wrong


def products(
    x: Tensor[tuple[Literal[2], Literal[3]]],
    y: Tensor[tuple[Literal[3], Literal[4]]],
    v: Tensor[tuple[Literal[3]]],
    xs: Tensor[tuple[Literal[7], Literal[2], Literal[3]], Tape],
    ys: Tensor[tuple[Literal[7], Literal[3], Literal[4]], Tape],
    unknown: Tensor,
) -> None:
    z: Tensor[tuple[Literal[2], Literal[4]]] = x @ y
    a = y @ y  # wrong
    b = x @ v
    c = y @ v  # wrong
    d = v @ y
    e = v @ x  # wrong
    f: Tensor[tuple[Literal[7], Literal[2], Literal[4]], Tape] = xs @ y
    g = xs @ x  # wrong
    h = x @ ys
    i = y @ ys  # wrong
    j = xs @ ys
    k = ys @ ys  # wrong
    m: Tensor[tuple[Literal[2], Literal[5]]] = x @ y  # wrong
    n = x @ unknown  # wrong
    o = x @ 2.0  # wrong


def symbols(
    x: Tensor[tuple[N, K]], y: Tensor[tuple[K, N]], b: Tensor[tuple[*Batch, K]], z: Any
) -> Tensor[tuple[N, N]]:
    x @ z
    s = x @ x  # wrong
    t: Tensor[tuple[*Batch, N]] = b @ y
    u = b @ x  # wrong
    if z:
        return y @ x  # wrong
    return x @ y


def tapes(x: Tensor[tuple[()]], y: Tensor[tuple[Literal[3]], Tape], z: Tensor[Any, NoTape]) -> None:
    x.backward()  # wrong
    y.backward()  # wrong
    y.traced()  # wrong
    z.traced()


def words(x: Tensor[tuple[Literal[2], Literal[3]]], layer: nn.Linear[Literal[3], Literal[4]]) -> None:
    x.view(3, 2)  # wrong
    x.add_(1.0)  # wrong
    x.sum(dim=1)  # wrong
    x.permute((1, 0), 3)  # wrong
    layer.train()  # wrong
    tl.cat((x, x))  # wrong
    nn.CrossEntropyLoss()  # wrong
