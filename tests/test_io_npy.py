"""Single tensors in npy files, and the names that other libraries give in npz files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn
from tests.test_io import SHAPE, Bomb, arrays_of, assert_same, header, npy

# Tensors ----------------------------------------------------------------------------------------


DTYPES = ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 4)])
def test_a_tensor_comes_back(dtype: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    array = (np.random.default_rng(0).random(shape) * 9).astype(dtype)
    path = tmp_path / "x"
    tl.io.save_npy(path, tl.tensor(array))
    assert os.listdir(tmp_path) == ["x"]
    np.testing.assert_array_equal(np.load(path), array, strict=True)
    back = tl.io.load_npy(path)
    np.testing.assert_array_equal(back.numpy(), array, strict=True)
    assert not back.owns_tape


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">f4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12, dtype="<i4").reshape(2, 6)[:, ::2],
    ],
    ids=["big endian", "fortran order", "strided"],
)
def test_what_numpy_saved_is_read(array: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array)
    back = tl.io.load_npy(str(tmp_path / "x.npy"))
    np.testing.assert_array_equal(back.numpy(), array)
    assert back.dtype == array.dtype.newbyteorder("=")


def test_the_tape_stays_where_it_is(tmp_path: Path) -> None:
    x = tl.ones((2,)).traced() * 3.0
    tl.io.save_npy(tmp_path / "x.npy", x)
    assert x.owns_tape
    assert tl.io.load_npy(tmp_path / "x.npy").tolist() == [3, 3]


def test_the_dtype_may_be_stated(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(3, dtype=np.int16))
    x: tl.Tensor[Any, tl.NoTape, np.float32] = tl.io.load_npy(tmp_path / "x.npy", np.float32)
    assert x.tolist() == [0, 1, 2]
    assert x.numpy().dtype == np.float32


EXPECTED = " does not fit: expected a dtype of"

REFUSED: dict[str, tuple[bytes, Any, str]] = {
    "wider": (
        npy(np.zeros(2)),
        np.float32,
        f"{EXPECTED} float32, got float64",
    ),
    "no number": (
        npy(np.array(["x"])),
        None,
        f"{EXPECTED} {', '.join(DTYPES)}, got <U1",
    ),
    "complex": (
        npy(np.zeros(2, np.complex64)),
        None,
        f"{EXPECTED} {', '.join(DTYPES)}, got complex64",
    ),
    "objects": (npy(np.array([Bomb()])), None, " holds Python objects, which are never loaded"),
    "short": (npy(np.zeros(2))[:-1], None, "expected 16 bytes of elements"),
    "long": (npy(np.zeros(2)) + b"\0", None, "expected 16 bytes of elements"),
    "empty": (b"", None, "EOF: reading magic string, expected 8 bytes got 0"),
    "text": (b"these are no numbers", None, "the magic string is not correct"),
    "huge": (
        header(SHAPE % f"({10**18},)"),
        None,
        f"expected {4 * 10**18} bytes of elements",
    ),
    "negative": (
        header(SHAPE % "(-1, -1)") + bytes(4),
        None,
        "negative dimensions are not allowed",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_refused(name: str, tmp_path: Path) -> None:
    content, dtype, text = REFUSED[name]
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    with pytest.raises(tl.CheckpointError) as raised:
        tl.io.load_npy(path, dtype) if dtype else tl.io.load_npy(path)
    assert str(raised.value).startswith(f"load: {path}")
    assert text in str(raised.value)
    assert not Bomb.went_off


def test_whatever_happens_to_a_header_it_is_read_right_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    content = npy(np.arange(6, dtype=np.float32).reshape(2, 3))
    for place in range(len(content) - 24):
        for bit in range(8):
            flipped = bytes([content[place] ^ (1 << bit)])
            path.write_bytes(content[:place] + flipped + content[place + 1 :])
            try:
                back = tl.io.load_npy(path)
            except tl.CheckpointError:
                continue
            # The format has no checksum: a valid header of as many bytes is taken at its word.
            assert back.numpy().nbytes == 24


def test_only_tensors_are_saved(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^save_npy: expected a tensor, got ndarray$"):
        tl.io.save_npy(tmp_path / "x.npy", np.zeros(2))  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        tl.io.load_npy(tmp_path / "x.npy")


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.npy"
    tl.io.save_npy(path, tl.ones((2,)))

    def fail(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        tl.io.save_npy(path, tl.zeros((2,)))
    assert os.listdir(tmp_path) == ["x.npy"]
    assert tl.io.load_npy(path).tolist() == [1, 1]


# dfdx's names -----------------------------------------------------------------------------------


def network(seed: int) -> Any:
    model = nn.Sequential(
        nn.Linear(3, 4),
        nn.Residual((nn.Linear(4, 4), nn.ReLU())),
        nn.Repeated(lambda: nn.Residual(nn.LayerNorm(4)), 2),
        nn.GeneralizedResidual(nn.Linear(4, 4), (nn.Linear(4, 4), nn.Tanh())),
        nn.SplitInto(nn.Linear(4, 2), nn.Linear(4, 1)),
    )
    model.reset_params(seed)
    rng = np.random.default_rng(seed)
    for _, tensor in model.named_tensors():
        tensor.write(np.asarray(rng.random(tensor.shape)), "test")
    return model


DFDX_NAMES = [
    "0.weight", "0.bias",
    "1.0.weight", "1.0.bias",
    "2.0.gamma", "2.0.beta", "2.1.gamma", "2.1.beta",
    "3._mainweight", "3._mainbias", "3._residual0.weight", "3._residual0.bias",
    "4.0.weight", "4.0.bias", "4.1.weight", "4.1.bias",
]  # fmt: skip


def test_files_of_dfdx(tmp_path: Path) -> None:
    arrays = arrays_of(network(1))
    renamed = dict(zip(DFDX_NAMES, arrays.values(), strict=True))
    np.savez(tmp_path / "m.npz", **renamed)  # type: ignore[arg-type]
    model = network(0)
    tl.io.load_npz(tmp_path / "m.npz", model, names="dfdx")
    assert_same(arrays_of(model), arrays)


def test_a_file_of_pytorchs_names_is_not_one_of_dfdxs(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Residual(nn.Linear(2, 2, bias=False)), nn.LayerNorm(2))
    model.save(tmp_path / "m.npz")
    with pytest.raises(tl.CheckpointError) as raised:
        tl.io.load_npz(tmp_path / "m.npz", model, names="dfdx")
    assert str(raised.value).split("\n  ")[1:] == [
        "missing 0.weight", "missing 1.gamma", "missing 1.beta",
        "surplus 0.f.weight", "surplus 1.weight", "surplus 1.bias",
    ]  # fmt: skip


def test_only_known_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^load: names must be 'pytorch' or 'dfdx', got 'torch'$"):
        tl.io.load_npz(tmp_path / "m.npz", nn.ReLU(), names="torch")  # type: ignore[arg-type]
