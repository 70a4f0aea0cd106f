"""Models in safetensors files, to and from PyTorch."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

import tensorlib as tl
from tensorlib import nn
from tests.test_io import Tied, arrays_of, assert_same, dtypes, everything, mlp, without


def save(path: Path, tensors: dict[str, Any]) -> None:
    safetensors.torch.save_file(
        {key: torch.as_tensor(np.ascontiguousarray(array)) for key, array in tensors.items()}, path
    )


def test_everything_that_was_written_is_read(tmp_path: Path) -> None:
    model, other = everything(0), everything(1)
    tl.io.save_safetensors(tmp_path / "m", model)
    tl.io.load_safetensors(str(tmp_path / "m"), other)
    assert_same(arrays_of(model), arrays_of(other))
    assert dtypes(other) == dtypes(model)
    assert os.listdir(tmp_path) == ["m"]


def test_pytorch_reads_what_is_written(tmp_path: Path) -> None:
    tl.io.save_safetensors(tmp_path / "m", everything(0))
    arrays = arrays_of(everything(0))
    tensors = safetensors.torch.load_file(tmp_path / "m")
    assert set(tensors) == set(arrays)
    for key, tensor in tensors.items():
        np.testing.assert_array_equal(tensor.numpy(), arrays[key], strict=True)


def test_what_pytorch_wrote_is_read(tmp_path: Path) -> None:
    peer = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    safetensors.torch.save_file(peer.state_dict(), tmp_path / "m")
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    tl.io.load_safetensors(tmp_path / "m", model)
    assert_same(arrays_of(model), {k: t.numpy() for k, t in peer.state_dict().items()})


def test_bfloat16_is_read_as_the_float32_that_it_stands_for(tmp_path: Path) -> None:
    weight = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    weight[0] = torch.tensor([torch.inf, torch.nan, -0.0])
    tensors: dict[str, Any] = {key: torch.as_tensor(a) for key, a in without().items()}
    safetensors.torch.save_file(tensors | {"0.weight": weight}, tmp_path / "m")
    model = mlp(0)
    tl.io.load_safetensors(tmp_path / "m", model)
    np.testing.assert_array_equal(model[0].weight.numpy(), weight.float().numpy(), strict=True)


def refusal(path: Path, model: Any) -> str:
    before = arrays_of(model)
    with pytest.raises(tl.CheckpointError) as raised:
        tl.io.load_safetensors(path, model)
    assert_same(arrays_of(model), before)
    return str(raised.value)


def test_one_error_lists_everything_that_does_not_fit(tmp_path: Path) -> None:
    arrays = without("2.0.bias") | {"3": np.zeros(1), "0.bias": np.zeros((4, 1))}
    save(tmp_path / "m", arrays)
    assert refusal(tmp_path / "m", mlp(0)).split("\n  ") == [
        f"load: {tmp_path / 'm'} does not fit the model:",
        "missing 2.0.bias",
        "surplus 3",
        "0.bias: expected shape (4,), got (4, 1)",
        "0.bias: expected dtype float32, got float64",
    ]


def test_dtypes_that_numpy_lacks(tmp_path: Path) -> None:
    tensors: dict[str, Any] = {key: torch.as_tensor(a) for key, a in without().items()}
    tensors["0.bias"] = torch.zeros(4).to(torch.float8_e4m3fn)
    safetensors.torch.save_file(tensors, tmp_path / "m")
    assert refusal(tmp_path / "m", mlp(0)).endswith("0.bias: expected dtype float32, got F8_E4M3")


def test_bfloat16_does_not_fit_a_narrower_parameter(tmp_path: Path) -> None:
    model: Any = nn.Sequential(nn.Linear(1, 1))
    model[0].bias = nn.Parameter(tl.zeros((1,), np.float16))
    zeros = torch.zeros(1, dtype=torch.bfloat16)
    safetensors.torch.save_file(
        {"0.weight": zeros[:, None], "0.bias": zeros.clone()}, tmp_path / "m"
    )
    assert refusal(tmp_path / "m", model).endswith("0.bias: expected dtype float16, got float32")


def test_tied_parameters(tmp_path: Path) -> None:
    tl.io.save_safetensors(tmp_path / "m", Tied(0))
    other = Tied(1)
    tl.io.load_safetensors(tmp_path / "m", other)
    assert_same(arrays_of(other), arrays_of(Tied(0)))
    save(tmp_path / "m", {"a.weight": np.zeros((2, 2), "f4"), "b.weight": np.ones((2, 2), "f4")})
    assert refusal(tmp_path / "m", other).endswith("are tied, but differ in the file")


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "m"
    saved = nn.Linear(2, 1, rng=1)
    tl.io.save_safetensors(path, saved)
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = 8 + length
    refused = 0
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        assert refusal(path, nn.Linear(2, 1, rng=0)).startswith(f"load: {path} is damaged or no ")
    for place in range(header):
        path.write_bytes(
            content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :]
        )
        model = nn.Linear(2, 1, rng=0)
        before = arrays_of(model)
        try:
            tl.io.load_safetensors(path, model)
        except tl.CheckpointError:
            refused += 1
            assert_same(arrays_of(model), before)
    assert refused > header / 2


def test_a_header_of_any_length_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
    assert "damaged or no safetensors file" in refusal(tmp_path / "m", mlp(0))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tl.io.load_safetensors(tmp_path / "absent", mlp(0))
    with pytest.raises(FileNotFoundError):
        tl.io.save_safetensors(tmp_path / "nowhere" / "m", mlp(0))
    with pytest.raises(IsADirectoryError):
        tl.io.load_safetensors(tmp_path, mlp(0))


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tl.io.save_safetensors(tmp_path / "m", mlp(0))
    before = (tmp_path / "m").read_bytes()

    def fail(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        tl.io.save_safetensors(tmp_path / "m", mlp(1))
    assert os.listdir(tmp_path) == ["m"]
    assert (tmp_path / "m").read_bytes() == before


def test_the_library_is_named_if_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for function in (tl.io.save_safetensors, tl.io.load_safetensors):
        with pytest.raises(ImportError) as raised:
            function(tmp_path / "m", mlp(0))
        assert str(raised.value) == (
            f"{function.__name__}: the safetensors library is not installed: "
            "pip install 'tensorlib[safetensors]'"
        )
