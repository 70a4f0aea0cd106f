"""A loss that `backward` cannot but refuse is found by mypy: what it reports is what raises."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tests.typecheck import run_mypy

PRELUDE = """\
from __future__ import annotations
import tensorlib as tl
from tensorlib import Shape, Tape, Tensor, losses, nn

layer = nn.Linear(3, 3, rng=0)
model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Residual((nn.Linear(3, 3, rng=0), nn.Tanh())))
x = tl.ones((2, 3))


class Stop(nn.Module):
    def forward(self, t: Tensor[Shape[2, 3], Tape]) -> Tensor[Shape[2, 3], Tape]:
        return t.detach().with_tape_of(t)


def passed(t: Tensor[Shape[2, 3], Tape]) -> Tensor[Shape[2, 3], Tape]:
    return t.detach().traced()

"""
REPORT = re.compile(
    r"\w+\.py:(\d+): error: backward: the loss depends on \".*\" on line \d+ by "
    r"with_empty_tape\(\) only, so its history is on another tape: .*  \[tensor-tape\]$"
)


def reported(source: str, folder: Path) -> set[int]:
    """Return the lines at which mypy reports a loss, and require that it reports nothing else."""
    path = folder / "programs.py"
    path.write_text(PRELUDE + source)
    options = ("--show-traceback", "--allow-redefinition")
    lines = run_mypy(*options, path.name, cwd=folder).stdout.splitlines()
    matches = [REPORT.match(line) for line in lines[:-1]]
    assert all(matches), "\n".join(lines)
    return {int(match[1]) for match in matches if match}


def raising(source: str, names: list[str]) -> set[int]:
    """Run functions, each by itself, and return the lines of those losses that are refused."""
    namespace: dict[str, Any] = {}
    exec(compile(PRELUDE + source, "programs.py", "exec"), namespace)
    return {line for name in names for line in _refused(namespace[name])}


def _refused(function: Callable[[], Any]) -> Iterator[int]:
    try:
        function()
    except tl.IncompleteTapeError as error:
        frames = []
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == "programs.py":
                frames.append(step.tb_lineno)
            step = step.tb_next
        yield frames[-1]


# By hand -----------------------------------------------------------------------------------------

CERTAIN = """
def both_branches() -> None:
    h = layer(x.traced()).relu()
    a = h.with_empty_tape().square().mean()
    b = h.with_empty_tape().abs().mean()
    (a + 0.5 * b).backward()

def branches_one_by_one() -> None:
    h = model(x.traced())
    a = h.with_empty_tape().square().mean()
    losses.mse_loss(h, x).backward()
    a.backward()

def in_one_expression() -> None:
    model(x.traced()).with_empty_tape().sum().backward()

def in_a_loop() -> None:
    for _ in range(2):
        h = tl.exp(x.traced())
        loss = tl.stack([h.with_empty_tape(), h.with_empty_tape()]).mean()
        gradients = loss.backward()
        print(gradients)

def by_its_transpose() -> None:
    h = x.traced() @ x.T
    loss = h.with_empty_tape().T[0].sum()
    loss.backward(wrt=layer)

def of_one_of_two() -> None:
    h = x.traced().exp()
    g = layer(h.with_empty_tape())
    (h.sum() + g.with_empty_tape().sum()).backward()

def in_a_function_inside() -> None:
    branch = layer(x.traced()).with_empty_tape().sum()
    def step() -> None:
        branch.backward()
    step()
"""
OUTSIDE = """
h = layer(x.traced()).relu()
branch = h.with_empty_tape().sum()

def of_a_branch_from_outside() -> None:
    branch.backward()
"""
SILENT = """
def one_of_two() -> None:
    h = layer(x.traced())
    (h.with_empty_tape() + h.relu()).sum().backward()

def a_leaf() -> None:
    h = x.traced()
    h.with_empty_tape().square().sum().backward()

def words() -> None:
    h = tl.tensor([0, 1]).traced()
    tl.nn.Embedding(3, 3)(h.with_empty_tape()).sum().backward()

def of_a_parameter(h: Tensor[Shape[2, 3], Tape]) -> None:
    h.with_empty_tape().sum().backward()

def called() -> None:
    of_a_parameter(x.traced())

def nothing_of_it_is_left() -> None:
    h = layer(x.traced())
    passed(h.with_empty_tape()).sum().backward()
    nn.Sequential(Stop(), nn.Linear(3, 1))(layer(x.traced()).with_empty_tape()).sum().backward()

def put_back() -> None:
    h = layer(x.traced())
    branch = h.with_empty_tape().relu()
    value, tape = h.split_tape()
    print(value)
    branch.detach().put_tape(tape).sum().backward()

def bound_again(c: bool = True) -> None:
    h = x.traced()
    if not c:
        h = h.relu()
    h.with_empty_tape().sum().backward()
"""


def _functions(source: str) -> list[str]:
    return re.findall(r"^def (\w+)\((?:c: bool = True)?\)", source, re.MULTILINE)


@pytest.mark.xdist_group("typecheck")
def test_what_is_certain_is_reported_and_nothing_else(tmp_path: Path) -> None:
    source = CERTAIN + SILENT
    found = reported(source, tmp_path)
    names = _functions(source)
    assert len(names) == 14
    assert found == raising(source, names)
    assert len(found) == len(_functions(CERTAIN))


@pytest.mark.xdist_group("typecheck")
def test_a_branch_that_is_made_outside_of_all_functions_is_followed(tmp_path: Path) -> None:
    assert reported(OUTSIDE, tmp_path) == raising(OUTSIDE, _functions(OUTSIDE)) != set()


# Drawn -------------------------------------------------------------------------------------------

ONE = ("{}.exp()", "tl.tanh({})", "layer({})", "model({})", "-{}", "{} * 2", "1 - {}", "{}.T.T")
TWO = ("{} + {}", "tl.maximum({}, {})", "tl.stack([{}, {}]).sum(0)", "{} * {}")


def program(seed: int) -> list[str]:
    """Return the lines of a function that uses each value itself once at most."""
    rng = random.Random(seed)
    owners, everything = ["v0"], ["v0"]
    lines = ["v0 = x.traced()"]

    def value() -> str:
        if owners and rng.random() < 0.5:
            return owners.pop(rng.randrange(len(owners)))
        return f"{rng.choice(everything)}.with_empty_tape()"

    for place in range(1, rng.randint(2, 7)):
        if rng.random() < 0.15:
            text = "x.traced()"
        else:
            form = rng.choice(ONE if rng.random() < 0.6 else TWO)
            text = form.format(*(value() for _ in range(form.count("{}"))))
        lines.append(f"v{place} = {text}")
        owners.append(f"v{place}")
        everything.append(f"v{place}")
    parts = [f"{value()}.square().mean()" for _ in range(rng.randint(1, 3))]
    return [*lines, f"({' + '.join(parts)}).backward()"]


@pytest.mark.xdist_group("typecheck")
def test_drawn_programs_agree(tmp_path: Path) -> None:
    names = [f"program_{seed}" for seed in range(300)]
    source = "".join(
        f"def {name}() -> None:\n" + "".join(f"    {line}\n" for line in program(seed)) + "\n"
        for seed, name in enumerate(names)
    )
    found = reported(source, tmp_path)
    with np.errstate(all="ignore"):
        assert found == raising(source, names)
    assert 50 < len(found) < 250


@pytest.mark.xdist_group("typecheck")
def test_a_long_function_is_followed_to_its_end(tmp_path: Path) -> None:
    lines = ["v0 = x.traced().exp()", "v1 = v0.with_empty_tape()"]
    lines += [f"v{place + 1} = v{place} + 1" for place in range(1, 500)]
    body = "".join(f"    {line}\n" for line in [*lines, "v500.sum().backward()"])
    source = f"def long() -> None:\n{body}"
    assert reported(source, tmp_path) == raising(source, ["long"]) != set()
