"""The training steps of the example models, compiled: the same losses and the same results."""

from __future__ import annotations
import __future__

import inspect
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tests.test_models import MODELS, Model, losses_of


def compiled_step(module: Any) -> Any:
    """Return the model's training step, which hands out the loss as a tensor, compiled."""
    source = inspect.getsource(module.training_step)
    assert source.count(".item()") == 1
    changed = source.replace(".item()", ".detach()").replace("-> float:", "-> Any:")
    flags = __future__.annotations.compiler_flag
    code = compile(changed, module.__file__, "exec", flags)
    names: dict[str, Any] = {}
    exec(code, module.__dict__, names)
    return tl.compile(names["training_step"])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("place", [0, 2])
def test_models_train_alike(
    model: Model, place: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = model.module.SIZES[place]
    wanted = model.module.run(*sizes, steps=5)
    losses = losses_of(capsys.readouterr().out)
    step = compiled_step(model.module)
    monkeypatch.setattr(model.module, "training_step", lambda *args: step(*args).item())
    found = model.module.run(*sizes, steps=5)
    assert losses_of(capsys.readouterr().out) == losses
    assert len(losses) == 5
    assert len(step.sources) == 1
    for x, y in zip(_tensors(wanted), _tensors(found), strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())


def _tensors(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)
