"""The table of what is found before the program runs: it is complete, and each row is true."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tests.typecheck import CASES, ROOT, expected

PAGE = ROOT / "docs" / "guarantees.md"
INVENTORY = (ROOT / "tests" / "guarantees_inventory.txt").read_text("utf-8").split()
CODE = re.compile(r"`([^`]+)`")
CASE = re.compile(r"(?P<file>\w+\.py):(?P<function>\w+)$")
TEST = re.compile(r"(?P<file>test_\w+\.py)::(?P<function>\w+)$")


class Row(NamedTuple):
    """One row of a table."""

    id: str
    mistake: str
    said: str
    shown_by: str


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and re.fullmatch(r"[SOTU]\d+'?", cells[0]):
            found.append(Row(*cells))
    return found


ROWS = rows()


def test_every_row_is_there_once() -> None:
    assert sorted(row.id for row in ROWS) == sorted(INVENTORY)
    assert len(INVENTORY) == len(set(INVENTORY)) == 77


@cache
def messages(file: str) -> dict[str, list[str]]:
    """Return what mypy is expected to say in each function of a file of cases."""
    path = CASES / "fail" / file
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found: dict[str, list[str]] = {}
    for node in functions:
        lines = range(node.lineno, (node.end_lineno or 0) + 1)
        said = [message.text for message in expected(path) if message.line in lines]
        found.setdefault(node.name, []).extend(said)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_row_is_true(row: Row) -> None:
    shown = CODE.findall(row.shown_by)
    texts = CODE.findall(row.said)
    cases = [match for name in shown if (match := CASE.match(name))]
    if cases:
        assert len(cases) == len(shown) == len(texts)
        for case, text in zip(cases, texts, strict=True):
            said = messages(case["file"])[case["function"]]
            assert [each for each in said if text in each], said
        return
    assert row.said.count(". ") == 0
    assert row.said.endswith(".")
    for name in shown:
        match = TEST.match(name)
        assert match is not None, name
        assert f"\ndef {match['function']}(" in (ROOT / "tests" / match["file"]).read_text("utf-8")


# What is found at run time only -------------------------------------------------------------------


def test_an_optimizer_knows_its_model() -> None:
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    gradients = other(tl.ones((3,)).traced()).sum().backward()
    before = other.weight.tolist()
    with pytest.raises(ValueError, match="this SGD was made for another model: pass that one"):
        optim.SGD(model).update(other, gradients)
    assert other.weight.tolist() == before


def test_a_new_layer_is_drawn() -> None:
    layers: tuple[nn.Module, ...] = (
        nn.Linear(3, 2),
        nn.Conv2d(3, 4, 3),
        nn.Embedding(5, 4),
        nn.LSTM(3, 4),
        nn.MultiHeadAttention(4, 2),
    )
    for layer in layers:
        assert all(np.any(parameter.numpy()) for parameter in layer.parameters()[:1]), layer

    class Undrawn(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(tl.zeros((3,)))

    with pytest.raises(NotImplementedError, match="Undrawn has parameters of its own, weight"):
        Undrawn().reset_params(rng=0)


def test_the_deviation_of_equal_values_has_a_gradient() -> None:
    x = tl.ones((3,))
    assert x.traced().std().backward()[x].tolist() == [0.0, 0.0, 0.0]


def test_every_head_owns_a_tape() -> None:
    heads = nn.SplitInto(nn.Linear(3, 2), nn.Linear(3, 1))
    first, second = heads(tl.ones((3,)).traced())
    assert first.owns_tape
    assert second.owns_tape
    gradients = (first.sum() + second.sum()).backward()
    assert all(parameter in gradients for parameter in heads.parameters())


def test_a_shape_that_turns_out_otherwise() -> None:
    x = tl.from_numpy(np.zeros((2, 3), np.float32))
    with pytest.raises(
        tl.ShapeError, match=r"expected shape \(2, 4\), got \(2, 3\): axis 1 is 3, not 4"
    ):
        x.expect_shape((2, 4))


def test_a_slice_ends_with_its_axis() -> None:
    assert tl.arange(5)[2:9].shape == (3,)
