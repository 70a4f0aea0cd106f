"""Python 3.12's syntax: type parameters in brackets, ``type X = ...``; it runs where it can."""

# ruff: noqa: E501 - what mypy says must stay on the very line it names

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.typecheck import ROOT, expected, printed, run_mypy

PROGRAM = """
from typing import reveal_type

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, nn

type Images[N: int] = Tensor[Shape[N, 784]]
type Padded[N: int] = Tensor[Shape["N + 2"]]
type Rows[*Batch] = Tensor[Shape[*Batch, 3]]
type Both[N: int, M: int] = tuple[Tensor[Shape["N*M"]], Tensor[Shape[M]]]


def padded[N: int](x: Tensor[Shape[N]]) -> Padded[N]:
    return tl.concat((x, tl.zeros((2,))))


def half[N: int](x: Tensor[Shape["2*N"]]) -> Tensor[Shape["N"]]:
    return x[: x.shape[0] // 2]


def head[*Batch, T: NoTape | Tape](x: Tensor[Shape[*Batch, 784], T]) -> Tensor[Shape[*Batch, 10], T]:
    return nn.Linear(784, 10)(x)


def either[*Batch, T: (NoTape, Tape)](x: Tensor[Shape[*Batch, 3], T]) -> Tensor[Shape[*Batch, 4], T]:
    return nn.Linear(3, 4)(x)


def stated(a: Images[64], b: Padded[5], c: Rows[2, 4], d: Both[3, 4]) -> None:
    reveal_type(a)  # N: Tensor[Shape[64, 784], NoTape, float32]
    reveal_type(b)  # N: Tensor[Shape[7], NoTape, float32]
    reveal_type(c)  # N: Tensor[Shape[2, 4, 3], NoTape, float32]
    reveal_type(d)  # N: tuple[Tensor[Shape[12], NoTape, float32], Tensor[Shape[4], NoTape, float32]]


class Block[C: int, H: int](nn.Module):
    def __init__(self, c: C, h: H) -> None:
        self.up = nn.Linear(c, c * h)
        self.down = nn.Linear(c * h, c)

    def forward[*Batch, T: NoTape | Tape](
        self, x: Tensor[Shape[*Batch, C], T]
    ) -> Tensor[Shape[*Batch, C], T]:
        return self.down(self.up(x))

    def flat[N: int](self, x: Tensor[Shape[N, C, H]]) -> Tensor[Shape[N, "C*H"]]:
        return x.reshape((x.shape[0], -1))


class Square[C: int](Block[C, C]):
    def again(self, x: Tensor[Shape[C]]) -> Tensor[Shape[C]]:
        return self(self(x))


class Stack[*Sizes]:
    def __init__(self, x: Tensor[Shape[*Sizes]]) -> None:
        self.x = x

    def rows[N: int](self, y: Tensor[Shape[N]]) -> Tensor[Shape[N, *Sizes]]:
        return self.x.broadcast_to((y.shape[0], *self.x.shape))


reveal_type(padded(tl.zeros((3,))))  # N: Tensor[Shape[5], NoTape, float32]
reveal_type(half(tl.zeros((6,))))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type(head(tl.zeros((6, 784)).traced()))  # N: Tensor[Shape[6, 10], Tape, float32]
reveal_type(either(tl.zeros((6, 3))))  # N: Tensor[Shape[6, 4], NoTape, float32]
block = Block(3, 4)
reveal_type(block.up)  # N: Linear[3, 12]
reveal_type(block(tl.zeros((2, 3))))  # N: Tensor[Shape[2, 3], NoTape, float32]
reveal_type(block.flat(tl.zeros((2, 3, 4))))  # N: Tensor[Shape[2, 12], NoTape, float32]
reveal_type(Square(3, 3).again(tl.zeros((3,))))  # N: Tensor[Shape[3], NoTape, float32]
reveal_type([Block(3, 4), Block(3, 5)])  # N: list[Block[3, int]]
reveal_type(Stack(tl.zeros((2, 3))).rows(tl.zeros((4,))))  # N: Tensor[Shape[4, 2, 3], NoTape, float32]


def wrong() -> None:
    padded(tl.zeros((3, 3)))  # E: padded: expected x of shape (N,), got (3, 3): 2 dimensions, not 1  [tensor-shape]
    half(tl.zeros((7,)))  # E: half: expected x of shape (2*N,), got (7,): 2*N = 7 has no whole solution  [tensor-shape]
    block(tl.zeros((2, 4)))  # E: Block(3, 4): expected last dimension 3, got 4  [tensor-shape]
    block.flat(tl.zeros((2, 4, 4)))  # E: Block.flat: expected x of shape (N, 3, 4), got (2, 4, 4): 4 is not 3  [tensor-shape]
"""


@pytest.mark.xdist_group("typecheck")
def test_mypy_checks_type_parameters(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    output = run_mypy("--python-version", "3.12", path.name, cwd=tmp_path).stdout
    assert printed(output) == sorted(expected(path))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is that of Python 3.12")
def test_the_program_runs(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "program.py"]
    subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)
