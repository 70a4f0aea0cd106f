"""Words of PyTorch's and NumPy's: the table of what stands for them, and ``docs/pytorch.md``."""

from __future__ import annotations

import copy
import inspect
import operator
import pickle
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import data, losses, nn, optim
from tensorlib.shapes.words import (
    ARGUMENTS,
    NO_ARGUMENTS,
    WORDS,
    cure,
    instead_of,
    is_called,
    missing,
)
from tests.typecheck import ROOT

OWNERS: dict[str, Any] = {
    "Tensor": tl.Tensor,
    "nn.Module": nn.Module,
    "optim.Optimizer": optim.Optimizer,
    "optim.Schedule": optim.Schedule,
    "tl": tl,
    "nn": nn,
    "optim": optim,
    "losses": losses,
    "data": data,
}
SPELLED: dict[str, Any] = {
    **dict.fromkeys(("x", "y", "loss"), tl.Tensor),
    "model": nn.Module,
    "optimizer": optim.Adam,
    "gradients": tl.Gradients,
    "np": np,
    "tl": tl,
    "nn": nn,
    "optim": optim,
    "losses": losses,
    "data": data,
}
"""What the names in a cure stand for."""
WORD = pytest.mark.parametrize(("owner", "word"), [(o, w) for o in WORDS for w in WORDS[o]])
ROW = re.compile(r"\| (?P<theirs>`.+?) \| (?P<ours>.+) \| `.+` \|$", re.MULTILINE)
DOTTED = re.compile(r"\b([a-z]\w*)((?:\.\w+)+)")


def _rows() -> list[tuple[str, str]]:
    """Return the rows of the page: what stands in code on the left, and all on the right."""
    page = (ROOT / "docs" / "pytorch.md").read_text("utf-8")
    found = [(" ".join(re.findall(r"`(.+?)`", m["theirs"])), m["ours"]) for m in ROW.finditer(page)]
    assert len(found) > 100
    return found


@WORD
def test_there_is_no_such_attribute(owner: str, word: str) -> None:
    assert not hasattr(OWNERS[owner], word)


@WORD
def test_what_a_cure_names_exists(owner: str, word: str) -> None:
    text = cure(owner, word)
    assert text is not None
    for name, path in DOTTED.findall(text):
        found = SPELLED.get(name)
        for attribute in path[1:].split(".") if found is not None else ():
            assert hasattr(found, attribute), text
            found = getattr(found, attribute)


@WORD
def test_the_page_says_the_same(owner: str, word: str) -> None:
    rows = [ours for theirs, ours in _rows() if re.search(rf"\b{word}\b", theirs)]
    assert rows, f"docs/pytorch.md: no row for {word}"
    names = [path.split(".")[-1] for _, path in DOTTED.findall(str(cure(owner, word)))]
    assert not names or any(name in ours for name in names for ours in rows), rows


KINDS: dict[str, tuple[str, ...]] = {
    r"\bx\.(\w+)": ("Tensor",),
    r"\bp\.(\w+)": ("Tensor",),
    r"(?<!\.)\btorch\.(\w+)\b(?!\.)": ("tl", "Tensor", "linalg"),
    r"\bnn\.(\w+)\b(?!\.)": ("nn",),
    r"\bF\.(\w+)": ("tl", "losses", "Tensor"),
    r"\boptim\.(\w+)\b(?!\.)": ("optim",),
    r"\bmodel\.(\w+)": ("nn.Module",),
    r"\boptimizer\.(\w+)": ("optim.Optimizer",),
}
"""How the page spells whose word it is."""
WITHOUT = ("none", "nothing", "an error", "`np.", "a field")


def test_each_word_of_the_page_exists_or_is_in_the_table() -> None:
    lacking = [
        name
        for theirs, ours in _rows()
        for pattern, owners in KINDS.items()
        for name in re.findall(pattern, theirs)
        if not ours.startswith(WITHOUT) and f"no `{name}`" not in ours
        if not any(_is_known(owner, name) for owner in owners)
    ]
    assert not lacking


def _is_known(owner: str, name: str) -> bool:
    if owner == "linalg":
        return hasattr(tl.linalg, name)
    if owner == "optim.Optimizer" and hasattr(optim.Adam, name):
        return True
    return hasattr(OWNERS[owner], name) or cure(owner, name) is not None


# At run time --------------------------------------------------------------------------------------

x = tl.ones((2, 3))
layer = nn.Linear(3, 2)
MADE: dict[str, Any] = {
    **OWNERS,
    "Tensor": x,
    "nn.Module": layer,
    "optim.Optimizer": optim.SGD(layer),
    "optim.Schedule": optim.StepDecay(0.1, 3),
}


@WORD
def test_a_missing_attribute_is_told_of(owner: str, word: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(MADE[owner], word)
    assert str(caught.value) == missing(owner, word)
    assert caught.value.name == word


@pytest.mark.parametrize("owner", MADE)
def test_other_attributes_are_missing_as_ever(owner: str) -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'no_such_word'$") as caught:
        _ = MADE[owner].no_such_word
    assert caught.value.obj is MADE[owner]  # for what Python may suggest
    assert not hasattr(MADE[owner], "no_such_word")
    assert getattr(MADE[owner], "no_such_word", 3) == 3


def test_ops_in_place() -> None:
    assert missing("Tensor", "add_") == (
        'Tensor has no attribute "add_": tensors never change, take what an op returns: x = x + y'
    )
    assert str(missing("Tensor", "relu_")).endswith("x = x.relu(...)")
    assert str(missing("Tensor", "zero_")).endswith("take what an op returns")
    assert missing("Tensor", "_repr_html_") is None
    assert missing("Tensor", "__init_") is None


def test_copies_pickles_and_numpy_do_not_notice() -> None:
    assert copy.copy(x).tolist() == copy.deepcopy(x).tolist() == x.tolist()
    assert pickle.loads(pickle.dumps(x)).tolist() == x.tolist()
    assert copy.deepcopy(layer).weight.tolist() == layer.weight.tolist()
    assert pickle.loads(pickle.dumps(layer)).weight.tolist() == layer.weight.tolist()
    assert np.asarray(x).tolist() == x.tolist()
    assert (np.float32(2) * x).tolist() == [[2.0] * 3] * 2
    assert isinstance(copy.copy(optim.StepDecay(0.1, 3)), optim.StepDecay)


def test_what_a_user_defines_is_found_first() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.device = "cpu"

        def train(self) -> int:
            return 3

    assert (Net().device, Net().train()) == ("cpu", 3)
    assert not is_called("Tensor", "grad")
    assert is_called("Tensor", "view")
    assert SimpleNamespace(**vars(Net())).device == "cpu"


@pytest.mark.parametrize(
    "other", ["a", None, [1.0], (1, 2), {}, object()], ids=lambda other: type(other).__name__
)
def test_comparisons_with_what_is_no_number(other: Any) -> None:
    kind = type(other).__name__
    for compare in (operator.eq, operator.ne):
        with pytest.raises(TypeError, match=rf"equal: expected a tensor, got {kind}"):
            compare(x, other)
        with pytest.raises(TypeError, match=rf"equal: expected a tensor, got {kind}"):
            compare(other, x)
    assert torch.ones(2) != "a"
    assert torch.ones(2) != None  # noqa: E711


# Arguments ----------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Any] = {
    f"{owner}.{name}": f
    for owner in ("tl", "losses", "data", "nn", "optim")
    for name, f in vars(OWNERS[owner]).items()
    if inspect.isfunction(f) or inspect.isclass(f)
}


def _parameters(f: Any) -> list[str]:
    try:
        return list(inspect.signature(f).parameters)
    except ValueError:  # of a class in C
        return []


MENTIONED = {word for theirs, _ in _rows() for word in theirs.split()}


@pytest.mark.parametrize("word", ARGUMENTS)
def test_arguments_by_other_names(word: str) -> None:
    for ours in ARGUMENTS[word]:
        takers = [f for f in FUNCTIONS.values() if ours in _parameters(f)]
        assert any(word not in _parameters(f) for f in takers), f"nothing takes {ours}"
        assert instead_of(word, ["self", ours]) == f"use {ours}"
        assert any(ours in said for theirs, said in _rows() if word in theirs.split())
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        tl.unique(x, **{word: 1})


@pytest.mark.parametrize("word", NO_ARGUMENTS)
def test_arguments_that_there_are_not(word: str) -> None:
    takers = [name for name, f in FUNCTIONS.items() if word in _parameters(f)]
    assert set(takers) <= {"optim.Classic"}
    assert instead_of(word, ["x"]) == NO_ARGUMENTS[word]
    assert word in MENTIONED


def test_arguments_that_nobody_knows() -> None:
    assert instead_of("label_smooth", ["input", "label_smoothing"]) == "use label_smoothing"
    assert instead_of("foreach", ["model", "lr"]) == "it takes model, lr"
    assert instead_of("dim", ["x"]) == "it takes x"
    assert instead_of("dim", []) == "it takes none"


class Broken(nn.Module):
    """A module with a property that fails."""

    def __init__(self) -> None:
        self.layer = nn.Linear(2, 2)

    @property
    def width(self) -> int:
        missing: Any = SimpleNamespace()
        return int(missing.depth)


def test_an_error_in_a_property_is_told_as_it_is() -> None:
    with pytest.raises(AttributeError, match="SimpleNamespace' object has no attribute 'depth'"):
        _ = Broken().width
