"""The models in ``examples/models``: they run at all sizes, learn, and are what PyTorch has."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tests.from_torch import assert_near, draw_weights, load_weights
from tests.typecheck import CASES, ROOT, expected

Shapes = list[tuple[int, ...]]
FOLDER = ROOT / "examples" / "models"


@dataclass(frozen=True)
class Model:
    """One of the models.

    Attributes:
        name: the name of its file.
        shapes: from the sizes with which it is run to the shapes of what that returns.
        learns: how many steps on one batch lower the loss for certain, and by which factor.
    """

    name: str
    shapes: Callable[..., Shapes]
    learns: tuple[int, float] = (20, 0.7)

    @property
    def module(self) -> Any:
        return importlib.import_module(f"models.{self.name}")


MODELS = (
    Model("gpt", lambda n, s, v, *_: [(n, s, v)]),
    Model("resnet", lambda n, i, h, w, c, k: [(n, k)]),
    Model("unet", lambda n, i, h, w, c, k: [(n, k, 4 * h, 4 * w)], (30, 0.9)),
    Model("vit", lambda n, i, p, a, b, h, d, k: [(n, k)]),
    Model("vae", lambda n, p, h, z: [(n, p), (n, p)], (60, 0.95)),
    Model("lstm", lambda n, s, i, h, o: [(n, s, o)]),
    Model("actor_critic", lambda n, s, i, h, a: [(n, a), (n,)]),
)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def losses_of(printed: str) -> list[float]:
    return [float(loss) for loss in re.findall(r"^loss (\S+)", printed, re.MULTILINE)]


def test_each_model_has_a_row() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted(m.name for m in MODELS)


@each_model
def test_it_is_typed_throughout(model: Model) -> None:
    source = (FOLDER / f"{model.name}.py").read_text("utf-8")
    assert not re.search(r"\bAny\b|type: ignore|\bcast\b|\bassert\b", source)


@each_model
def test_it_trains_at_each_of_its_sizes(model: Model) -> None:
    assert len(set(model.module.SIZES)) >= 5
    for sizes in model.module.SIZES:
        results = model.module.run(*sizes, steps=1)
        results = results if isinstance(results, tuple) else (results,)
        assert [result.shape for result in results] == model.shapes(*sizes), sizes
        assert all(np.isfinite(result.numpy()).all() for result in results), sizes


@each_model
def test_it_learns(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    steps, factor = model.learns
    model.module.run(*model.module.SIZES[0], steps=steps)
    losses = losses_of(capsys.readouterr().out)
    assert len(losses) == steps
    assert losses[-1] < factor * losses[0]


@each_model
def test_it_is_a_program(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    model.module.main()
    assert len(losses_of(capsys.readouterr().out)) >= 3


# With their annotations enforced -----------------------------------------------------------------

CHECKED = """
import json, runpy, sys
from models import actor_critic, gpt, lstm, resnet, unet, vae, vit
from tensorlib import TensorlibError

for model in (actor_critic, gpt, lstm, resnet, unet, vae, vit):
    for sizes in model.SIZES:
        model.run(*sizes, steps=1)
cases, names = runpy.run_path(sys.argv[1]), sys.argv[2:]
raised = {}
for name in names:
    try:
        cases[name]()
    except TensorlibError as error:
        raised[name] = str(error).splitlines()[0]
print(json.dumps(raised))
"""
WRONG_CALLS = (
    "block_of_other_heads",
    "image_of_one_channel",
    "image_of_another_size",
    "noise_of_one_image",
    "split_along_the_batch",
    "state_of_another_size",
)
"""Functions of the fail cases in which a model is not called as its signature says."""


def test_they_keep_what_they_declare_and_python_refuses_what_mypy_does() -> None:
    path = CASES / "fail" / "models.py"
    result = subprocess.run(
        [sys.executable, "-c", CHECKED, str(path), *WRONG_CALLS],
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'examples'}",
            "TENSORLIB_CHECK_SHAPES": "models",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    raised = json.loads(result.stdout.splitlines()[-1])
    by_line = {message.line: message.text for message in expected(path)}
    tree = ast.parse(path.read_text("utf-8"))
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    wanted = {name: by_line[functions[name].body[-1].lineno] for name in WRONG_CALLS}
    assert raised == wanted


# Beside PyTorch ----------------------------------------------------------------------------------


def torch_gpt(model: Any, text: torch.Tensor) -> torch.Tensor:
    """Compute what a GPT is to give, with PyTorch's functions and its weights."""
    weights = {path: torch.tensor(p.numpy()) for path, p in model.named_parameters()}
    heads = model.blocks[0].attention.heads

    def linear(path: str, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(x, weights[f"{path}.weight"], weights[f"{path}.bias"])

    def norm(path: str, x: torch.Tensor) -> torch.Tensor:
        size = (x.shape[-1],)
        w, b = weights[f"{path}.weight"], weights[f"{path}.bias"]
        return torch.nn.functional.layer_norm(x, size, w, b)

    h = weights["token.weight"][text] + weights["place.weight"][: text.shape[1]]
    for path in (f"blocks.{place}" for place in range(len(model.blocks))):
        parts = linear(f"{path}.attention.project", norm(f"{path}.first_norm", h)).chunk(3, -1)
        q, k, v = (part.reshape(*part.shape[:2], heads, -1).transpose(1, 2) for part in parts)
        seen = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + linear(f"{path}.attention.join", seen.transpose(1, 2).flatten(2))
        inner = torch.nn.functional.gelu(linear(f"{path}.mlp.0", norm(f"{path}.second_norm", h)))
        h = h + linear(f"{path}.mlp.2", inner)
    return norm("norm", h) @ weights["token.weight"].T


def test_gpt_is_pytorchs() -> None:
    module = importlib.import_module("models.gpt")
    model = module.GPT(11, 8, 2, 3, layers=2)
    model.reset_params(0)
    text = tl.randint((3, 6), 0, 11, rng=1)
    assert_near(model(text), torch_gpt(model, torch.tensor(text.numpy())))


def test_gpt_sees_no_later_tokens_and_writes_on() -> None:
    module = importlib.import_module("models.gpt")
    model = module.GPT(11, 8, 2, 3, layers=2)
    model.reset_params(0)
    text = tl.randint((3, 6), 0, 11, rng=1)
    np.testing.assert_allclose(model(text)[:, :4].numpy(), model(text[:, :4]).numpy(), atol=1e-5)
    longer = model.generate(text, 9, np.random.default_rng(0))
    assert longer.shape == (3, 15)
    np.testing.assert_array_equal(longer[:, :6].numpy(), text.numpy())


class TorchBlock(torch.nn.Module):
    """A basic block, under torchvision's names."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        stride = 1 if channels == outputs else 2
        self.conv1 = torch.nn.Conv2d(channels, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(outputs)
        self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(outputs)
        if stride == 2:
            self.downsample = torch.nn.Sequential(
                torch.nn.Conv2d(channels, outputs, 1, stride, bias=False),
                torch.nn.BatchNorm2d(outputs),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.relu(self.bn1(self.conv1(x)))
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        return torch.relu(self.bn2(self.conv2(h)) + shortcut)


class TorchResNet(torch.nn.Module):
    """ResNet-18, under torchvision's names."""

    def __init__(self, image_channels: int, c: int, classes: int) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(image_channels, c, 7, 2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(c)
        self.maxpool = torch.nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = torch.nn.Sequential(TorchBlock(c, c), TorchBlock(c, c))
        self.layer2 = torch.nn.Sequential(TorchBlock(c, 2 * c), TorchBlock(2 * c, 2 * c))
        self.layer3 = torch.nn.Sequential(TorchBlock(2 * c, 4 * c), TorchBlock(4 * c, 4 * c))
        self.layer4 = torch.nn.Sequential(TorchBlock(4 * c, 8 * c), TorchBlock(8 * c, 8 * c))
        self.fc = torch.nn.Linear(8 * c, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        maps = self.layer4(self.layer3(self.layer2(self.layer1(h))))
        return self.fc(maps.mean((2, 3)))  # type: ignore[no-any-return]


def test_resnet_is_pytorchs() -> None:
    """Its parameters have torchvision's names, so that its weights can be loaded."""
    rng = np.random.default_rng(0)
    reference = TorchResNet(3, 4, 5)
    draw_weights(reference, rng)
    model = importlib.import_module("models.resnet").ResNet18(3, 4, 5)
    load_weights(model, reference)
    images = rng.normal(0, 1, (2, 3, 33, 40)).astype(np.float32)
    wanted = reference.eval()(torch.tensor(images)).detach()
    scale = float(wanted.abs().max())
    assert_near(model(tl.tensor(images)) / scale, wanted / scale)


def test_the_lstm_is_pytorchs() -> None:
    model = importlib.import_module("models.lstm").LSTM(3, 4, 2)
    model.reset_params(0)
    cell = model.cell
    reference: Any = torch.nn.LSTM(3, 4, batch_first=True)
    with torch.no_grad():
        reference.weight_ih_l0.copy_(torch.tensor(cell.from_input.weight.numpy()))
        reference.bias_ih_l0.copy_(torch.tensor(cell.from_input.bias.numpy()))
        reference.weight_hh_l0.copy_(torch.tensor(cell.from_hidden.weight.numpy()))
        reference.bias_hh_l0.zero_()
    x = tl.randn((2, 7, 3), rng=1)
    states, _ = reference(torch.tensor(x.numpy()))
    head = model.head
    wanted = torch.nn.functional.linear(
        states, torch.tensor(head.weight.numpy()), torch.tensor(head.bias.numpy())
    )
    assert_near(model(x), wanted)
