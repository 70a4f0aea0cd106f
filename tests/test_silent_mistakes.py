"""Mistakes that make wrong numbers: what mypy says of each is what Python does, table by table.

Each table is a program of one expression a line. Python evaluates every line, mypy checks all of
them at once; where Python refuses one, mypy prints the same text, and where Python computes, mypy
is silent and knows the dtype.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import losses, nn
from tensorlib.shapes.dtypes import DTYPES, FLOATS
from tensorlib.shapes.layer_dtypes import TRAINED, UNTRAINED
from tests.typecheck import Message, printed, run_mypy

PRELUDE = """\
from __future__ import annotations
import numpy as np
import tensorlib as tl
from tensorlib import losses, nn
"""


class Line(NamedTuple):
    """One expression: what Python makes of it, and what mypy says."""

    text: str
    outcome: str
    is_refused: bool
    said: list[Message]


def lines_of(expressions: list[str], folder: Path) -> Iterator[Line]:
    """Evaluate each expression in Python, and check all of them with mypy."""
    file = folder / "table.py"
    file.write_text(PRELUDE + "".join(f"reveal_type({each})\n" for each in expressions))
    by_line: dict[int, list[Message]] = {}
    for message in printed(run_mypy(file, cwd=folder).stdout):
        by_line.setdefault(message.line, []).append(message)
    for number, text in enumerate(expressions, start=PRELUDE.count("\n") + 1):
        outcome, is_refused = evaluated(text)
        yield Line(text, outcome, is_refused, by_line.get(number, []))


def evaluated(text: str) -> tuple[str, bool]:
    """Return the dtype of what an expression makes, or the text of its error, and whether it is."""
    try:
        result = eval(text, {"np": np, "tl": tl, "losses": losses, "nn": nn})
    except tl.TensorlibError as error:
        return str(error), True
    first = result[0] if isinstance(result, tuple) else result
    return str(first.dtype), False


def disagreement(line: Line) -> str | None:
    """Return in what mypy and Python differ, if they do."""
    errors = [each.text for each in line.said if each.kind == "E"]
    if line.is_refused:
        return None if errors == [line.outcome] else f"{line.text}: {line.outcome!r} but {errors}"
    if errors:
        return f"{line.text}: runs, but {errors}"
    (revealed,) = [each.text for each in line.said if each.kind == "N"]
    known = re.search(r"Tensor\[.*?, (?:NoTape|Tape), (\w+)\]", revealed)
    if known is not None and known[1] != line.outcome:
        return f"{line.text}: {line.outcome} but {revealed}"
    return None


# Losses -------------------------------------------------------------------------------------------

OPERANDS = {"triplet_margin_loss": 3, "cosine_embedding_loss": 3}
"""Of each loss the number of its operands, if it is not two."""
SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (5,), (5, 1), (1, 5), (5, 3), (5, 5), (3,))
"""Pairs of these stretch to each other in NumPy and PyTorch, silently."""


def public_losses() -> list[str]:
    public = (name for name in dir(losses) if not name.startswith("_"))
    return [name for name in public if inspect.isfunction(getattr(losses, name))]


def made(shape: tuple[int, ...], dtype: str = "float32") -> str:
    return f"tl.{'ones' if dtype in FLOATS else 'zeros'}({shape}, np.{dtype})"


def loss_calls() -> Iterator[str]:
    for loss, first, second in itertools.product(public_losses(), SHAPES, SHAPES):
        operands = [made(first)] * (OPERANDS.get(loss, 2) - 1)
        classes = loss in ("nll_loss", "cross_entropy") and len(second) < len(first)
        target = made(second, "int64" if classes else "float32")
        yield f"losses.{loss}({', '.join([*operands, target])})"
    for loss, (a, b), dtypes in itertools.product(
        ("nll_loss", "cross_entropy", "mse_loss", "binary_cross_entropy_with_logits"),
        (((5, 3), (5,)), ((5, 3), (5, 3)), ((5,), (5, 3)), ((5,), (5,))),
        itertools.product(("float32", "int64", "bool"), repeat=2),
    ):
        yield f"losses.{loss}({made(a, dtypes[0])}, {made(b, dtypes[1])})"


def test_losses_stretch_nothing_and_tell_labels_apart(tmp_path: Path) -> None:
    lines = list(lines_of(list(loss_calls()), tmp_path))
    assert [found for line in lines if (found := disagreement(line))] == []
    assert len(public_losses()) == 12
    for loss in public_losses():
        mine = [line for line in lines if line.text.startswith(f"losses.{loss}(")]
        assert any(line.is_refused for line in mine), loss
        assert any(not line.is_refused for line in mine), loss
        for line in mine:
            shapes = [eval(each) for each in re.findall(r"\((\(.*?\)),", line.text)]
            if len(set(shapes)) > 1 and not line.is_refused:
                *inputs, target = shapes
                assert {*inputs} == {(*target, inputs[0][-1])}, line.text  # scores and classes


# Layers -------------------------------------------------------------------------------------------

IMAGES, ROWS, SEQUENCES = (2, 4, 6, 6), (2, 4), (2, 5, 4)
LAYERS = {
    "Linear": ("4, 3", ROWS),
    "Bias": ("4", ROWS),
    "PReLU": ("", ROWS),
    "Embedding": ("4, 3", (2,)),
    "Conv1d": ("4, 3, 2", (2, 4, 5)),
    "Conv2d": ("4, 3, 2", IMAGES),
    "ConvTranspose2d": ("4, 3, 2", IMAGES),
    "LayerNorm": ("4", ROWS),
    "RMSNorm": ("4", ROWS),
    "GroupNorm": ("2, 4", IMAGES),
    "BatchNorm1d": ("4", ROWS),
    "BatchNorm2d": ("4", IMAGES),
    "RNN": ("4, 3", SEQUENCES),
    "GRU": ("4, 3", SEQUENCES),
    "LSTM": ("4, 3", SEQUENCES),
    "RNNCell": ("4, 3", ROWS),
    "GRUCell": ("4, 3", ROWS),
    "LSTMCell": ("4, 3", ROWS),
    "MultiHeadAttention": ("4, 2", SEQUENCES),
    "TransformerEncoderBlock": ("4, 2", SEQUENCES),
    "TransformerDecoderBlock": ("4, 2", SEQUENCES),
    "TransformerEncoder": ("4, 2, 1", SEQUENCES),
    "TransformerDecoder": ("4, 2, 1", SEQUENCES),
    "Transformer": ("4, 2, 1, 1", SEQUENCES),
    "AvgPool1d": ("2", ROWS),
    "AvgPool2d": ("2", IMAGES),
    "AdaptiveAvgPool2d": ("2", IMAGES),
    "DropoutOneIn": ("2", ROWS),
    "Upscale2d": ("4", IMAGES),
    "GlobalAvgPool2d": ("", IMAGES),
}
"""Of each layer with arguments, these and the shape of an operand; of others, none and rows."""
TWO_OPERANDS = ("TransformerDecoderBlock", "TransformerDecoder", "Transformer")


def layer_calls() -> Iterator[str]:
    for layer in (*TRAINED, *UNTRAINED):
        arguments, shape = LAYERS.get(layer, ("", ROWS))
        for operand, parameters in itertools.product(DTYPES, FLOATS):
            if layer in UNTRAINED and parameters != "float32":
                continue
            cast = "" if parameters == "float32" else f".astype(np.{parameters})"
            operands = [f"tl.ones({shape}, np.{operand})"] * (1 + (layer in TWO_OPERANDS))
            yield f"nn.{layer}({arguments}){cast}({', '.join(operands)})"


def test_layers_take_and_return_the_dtypes_that_the_checker_says(tmp_path: Path) -> None:
    lines = list(lines_of(list(layer_calls()), tmp_path))
    assert [found for line in lines if (found := disagreement(line))] == []
    assert len(lines) == 21 * len(TRAINED) + 7 * len(UNTRAINED)
    assert any("float64 and float32" in line.outcome for line in lines if line.is_refused)
    unknown = [line.text for line in lines if not line.is_refused and "Any]" in line.said[-1].text]
    assert not unknown


def test_every_public_layer_with_parameters_is_in_the_table() -> None:
    made_here = {name for name in TRAINED if hasattr(nn, name)}
    assert made_here == set(TRAINED)
    assert {*LAYERS} <= {*TRAINED, *UNTRAINED}


# Data ---------------------------------------------------------------------------------------------

WAYS_IN = {
    "tl.from_numpy(untyped())": True,
    "tl.from_numpy(array())": True,
    "tl.from_numpy(np.load('x.npy'))": True,
    "tl.tensor(untyped())": True,
    "tl.tensor(array())": True,
    "tl.tensor(np.load('x.npy'))": True,
    "tl.tensor(frame.to_numpy())": True,
    "tl.from_dlpack(untyped())": True,
    "tl.from_dlpack(array())": True,
    "tl.io.load_npy('x.npy')": True,
    "tl.tensor(untyped()).expect_shape((8, 784))": False,
    "tl.from_numpy(array()).expect_shape((8, 784))": False,
}
"""Each way in which data comes from outside, and whether its shape is unknown then."""

USES = {
    "nn.Linear(784, 10)({x})": True,
    "nn.Sequential(nn.Linear(784, 10), nn.ReLU())({x})": True,
    "nn.Sequential(nn.ReLU(), nn.Linear(784, 10))({x})": True,
    "nn.Residual(nn.Linear(784, 784))({x})": True,
    "nn.LayerNorm(784)({x})": True,
    "nn.LSTM(784, 10)({x})": True,
    "nn.MultiHeadAttention(784, 8)({x}, {x})": True,
    "declared({x})": True,
    "Net()({x})": True,
    "losses.mse_loss({x}, {x}.expect_shape((8, 784)))": True,
    "losses.cross_entropy({x}.expect_shape((8, 784)), {x})": True,
    "declared({x} - {x}.mean())": True,
    "declared({x}[:4])": True,
    "declared(nn.ReLU()({x}))": True,
    "declared(tl.concat([{x}, {x}]))": True,
    "declared(next(iter(tl.data.batches({x}, batch_size=8)))[0])": True,
    "nn.Conv2d(3, 8, 3)({x}.expand_dims(1))": True,
}
"""What may be done with it, and whether its shape has to be known then."""

OUTSIDE = """
from typing import Any
import numpy.typing as npt
from tensorlib import NoTape, Shape, Tensor
def untyped() -> Any: ...
def array() -> npt.NDArray[np.float32]: return np.zeros(3, np.float32)
frame: Any = None
def declared(x: Tensor[Shape[int, 784], Any, Any]) -> None: ...
class Net(nn.Module):
    def forward(self, x: Tensor[Shape[8, 784]]) -> Tensor[Shape[8, 784]]: return x
"""


@pytest.mark.xdist_group("typecheck")
def test_no_data_of_unknown_shape_slips_by(tmp_path: Path) -> None:
    calls = [
        (way, use.replace("{x}", way), is_unknown)
        for (way, is_unknown), use in itertools.product(WAYS_IN.items(), USES)
    ]
    file = tmp_path / "data_in.py"
    head = PRELUDE + OUTSIDE
    file.write_text(head + "".join(f"{call}\n" for _, call, _ in calls))
    said: dict[int, list[Message]] = {}
    for message in printed(run_mypy(file, cwd=tmp_path).stdout):
        said.setdefault(message.line, []).append(message)
    for number, (way, call, is_unknown) in enumerate(calls, start=head.count("\n") + 1):
        errors = [each for each in said.get(number, []) if each.kind == "E"]
        if is_unknown:
            assert [each.code for each in errors] == ["tensor-unproven"], call
            assert "expect_shape" in errors[0].text, call
        else:
            assert not [each for each in errors if each.code == "tensor-unproven"], (way, call)
