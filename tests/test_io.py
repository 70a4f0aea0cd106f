"""Checkpoints: what is written is read back, and nothing is ever half written or half read."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn

Array = np.ndarray[Any, np.dtype[Any]]


def mlp(seed: int) -> Any:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), (nn.Linear(4, 2),))
    model.reset_params(seed)
    return model


def arrays_of(model: nn.Module) -> dict[str, Array]:
    return {path: tensor.numpy().copy() for path, tensor in model.named_tensors()}


def dtypes(model: nn.Module) -> list[Any]:
    return [tensor.dtype for _, tensor in model.named_tensors()]


def assert_same(a: dict[str, Array], b: dict[str, Array]) -> None:
    assert list(a) == list(b)
    for path, array in a.items():
        np.testing.assert_array_equal(array, b[path], err_msg=path)


class Fields(nn.Module):
    """A module with whatever fields it is given."""

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


class Tied(nn.Module):
    def __init__(self, seed: int) -> None:
        self.a: Any = nn.Linear(2, 2, bias=False, rng=seed)
        self.b: Any = nn.Linear(2, 2, bias=False)
        self.b.weight = self.a.weight


# Round trips ------------------------------------------------------------------------------------


def savez(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)


def everything(seed: int) -> Any:
    """Return a model with every dtype, nested fields, a buffer, a scalar and an empty tensor."""
    rng = np.random.default_rng(seed)

    def random(*shape: int, dtype: Any) -> Any:
        return tl.tensor(np.asarray(rng.uniform(0, 100, shape), dtype))

    return Fields(
        file=nn.Parameter(random(2, 3, dtype=np.float64)),
        half=[nn.Parameter(random(3, dtype=np.float16))],
        heads={"a b/ü": nn.Linear(3, 2, rng=rng)},
        scalar=nn.Parameter(random(dtype=np.float32)),
        empty=nn.Parameter(random(0, 3, dtype=np.float32)),
        count=nn.Buffer(random(dtype=np.int64)),
        mask=nn.Buffer(random(4, dtype=np.bool)),
        bytes=nn.Buffer(random(4, dtype=np.uint8)),
    )


@pytest.mark.parametrize("make", [mlp, everything, Tied])
def test_what_is_saved_is_loaded(make: Callable[[int], Any], tmp_path: Path) -> None:
    model, other = make(0), make(1)
    model.save(tmp_path / "model.npz")
    other.load(str(tmp_path / "model.npz"))
    assert_same(arrays_of(model), arrays_of(other))
    assert dtypes(other) == dtypes(model)
    assert os.listdir(tmp_path) == ["model.npz"]


def test_a_model_without_tensors(tmp_path: Path) -> None:
    nn.ReLU().save(tmp_path / "m")
    nn.ReLU().load(tmp_path / "m")
    assert np.load(tmp_path / "m").files == []


def test_the_file_is_a_plain_npz_with_pytorchs_keys(tmp_path: Path) -> None:
    model: Any = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        peer = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
        assert file.files == list(peer.state_dict())
        peer.load_state_dict({key: torch.tensor(file[key]) for key in file.files})
    x = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    expected = peer(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(model(tl.tensor(x)).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("writer", [np.savez, np.savez_compressed])
def test_files_that_numpy_wrote_are_read(writer: Any, tmp_path: Path) -> None:
    model, arrays = mlp(0), arrays_of(mlp(1))
    writer(tmp_path / "m.npz", **arrays)
    model.load(tmp_path / "m.npz")
    assert_same(arrays_of(model), arrays)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float16).reshape(4, 3),
        np.arange(12, dtype=np.int16).reshape(4, 3),
        np.arange(12, dtype=">f4").reshape(4, 3),
        np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3)),
        np.arange(24, dtype=np.float32).reshape(4, 6)[:, ::2],
    ],
    ids=["float16", "int16", "big endian", "fortran order", "strided"],
)
def test_other_layouts_and_narrower_dtypes_are_converted(array: Array, tmp_path: Path) -> None:
    model = mlp(0)
    savez(tmp_path / "m.npz", arrays_of(mlp(1)) | {"0.weight": array})
    model.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(model[0].weight.numpy(), array)
    assert model[0].weight.dtype == np.float32


def test_the_second_version_of_the_npy_format_is_read(tmp_path: Path) -> None:
    model, arrays = mlp(0), arrays_of(mlp(1))
    write(tmp_path / "m.npz", {key: npy(a, version=(2, 0)) for key, a in arrays.items()})
    model.load(tmp_path / "m.npz")
    assert_same(arrays_of(model), arrays)


def test_tied_parameters_are_saved_under_every_path(tmp_path: Path) -> None:
    model = Tied(0)
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        assert file.files == ["a.weight", "b.weight"]
        np.testing.assert_array_equal(file["a.weight"], file["b.weight"])
    other = Tied(1)
    version = other.a.weight.version
    other.load(tmp_path / "m.npz")
    assert other.b.weight is other.a.weight
    assert other.a.weight.version == version + 1


def test_loading_names_itself_to_a_backward_pass_that_comes_too_late(tmp_path: Path) -> None:
    model = mlp(0)
    model.save(tmp_path / "m.npz")
    loss = model(tl.ones((1, 3)).traced()).sum()
    model.load(tmp_path / "m.npz")
    with pytest.raises(tl.ParameterChangedError, match=r'"0\.weight" was changed by load'):
        loss.backward()


# Files that do not fit the model ----------------------------------------------------------------


class Bomb:
    """What would leave a trace if it were unpickled."""

    went_off: ClassVar[list[bool]] = []

    def __reduce__(self) -> Any:
        return Bomb.went_off.append, (True,)


def without(*keys: str) -> dict[str, Any]:
    return {key: array for key, array in arrays_of(mlp(1)).items() if key not in keys}


MISFITS: list[tuple[dict[str, Any], list[str]]] = [
    (without("0.bias", "2.0.weight"), ["missing 0.bias", "missing 2.0.weight"]),
    (without() | {"3.weight": np.zeros(2)}, ["surplus 3.weight"]),
    (without() | {"0.bias": np.zeros((4, 1), "f4")}, ["0.bias: expected shape (4,), got (4, 1)"]),
    (
        without("2.0.bias") | {"2.bias": np.zeros(2), "0.weight": np.zeros((3, 4))},
        [
            "missing 2.0.bias",
            "surplus 2.bias",
            "0.weight: expected shape (4, 3), got (3, 4)",
            "0.weight: expected dtype float32, got float64",
        ],
    ),
    (
        without() | {"0.bias": np.zeros(4, np.int32)},
        ["0.bias: expected dtype float32, got int32"],
    ),
    (
        without() | {"0.bias": np.zeros(4, np.complex64)},
        ["0.bias: expected dtype float32, got complex64"],
    ),
    (without() | {"0.bias": np.array(["x"] * 4)}, ["0.bias: expected dtype float32, got <U1"]),
    (without() | {"0.bias": np.zeros(4, bool)}, ["0.bias: expected dtype float32, got bool"]),
    (
        without() | {"0.bias": np.zeros(4, "M8[s]")},
        ["0.bias: expected dtype float32, got datetime64[s]"],
    ),
    (
        without() | {"0.bias": np.zeros(4, [("x", np.float32)])},
        ["0.bias: expected dtype float32, got [('x', '<f4')]"],
    ),
    (
        without() | {"0.bias": np.array([Bomb()] * 4)},
        ["0.bias: expected numbers, got Python objects, which are never loaded"],
    ),
]


@pytest.mark.parametrize(("arrays", "problems"), MISFITS)
def test_one_error_lists_everything_that_does_not_fit(
    arrays: dict[str, Any], problems: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "m.npz"
    savez(path, arrays)
    assert refusal(path).split("\n  ") == [f"load: {path} does not fit the model:", *problems]
    assert not Bomb.went_off


def refusal(path: Path, model: Any = None) -> str:
    """Return the text of the error that loading raises, and make sure that nothing changed."""
    model = mlp(0) if model is None else model
    before, versions = arrays_of(model), [p.version for _, p in model.named_tensors()]
    with pytest.raises(tl.CheckpointError) as raised:
        model.load(path)
    assert_same(arrays_of(model), before)
    assert [p.version for _, p in model.named_tensors()] == versions
    return str(raised.value)


def test_a_file_that_gives_a_tied_parameter_two_values(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    savez(path, {"a.weight": np.zeros((2, 2), "f4"), "b.weight": np.ones((2, 2), "f4")})
    assert refusal(path, Tied(0)) == (
        f"load: {path} does not fit the model:\n"
        "  a.weight and b.weight are tied, but differ in the file"
    )


def test_nan_is_equal_to_nan_where_parameters_are_tied(tmp_path: Path) -> None:
    model = Tied(0)
    nan = np.full((2, 2), np.nan, np.float32)
    savez(tmp_path / "m.npz", {"a.weight": nan, "b.weight": nan})
    model.load(tmp_path / "m.npz")
    assert np.isnan(model.a.weight.numpy()).all()


# Damaged files ----------------------------------------------------------------------------------


def npy(array: Array, version: tuple[int, int] = (1, 0)) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version)
    return buffer.getvalue()


def header(text: str, version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


def write(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for key, data in members.items():
            archive.writestr(f"{key}.npy", data)


def members(**changed: bytes) -> dict[str, bytes]:
    """Return the members of a good file but for the changed bias of the first layer."""
    good = {key: npy(array) for key, array in arrays_of(mlp(1)).items()}
    return good | {"0.bias": changed["bias"]}


BIAS = npy(np.zeros(4, np.float32))
SHAPE = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"

DAMAGED: dict[str, tuple[dict[str, bytes], str]] = {
    "short": (members(bias=BIAS[:-1]), "0.bias: expected 16 bytes of elements"),
    "long": (members(bias=BIAS + b"\0"), "0.bias: expected 16 bytes of elements"),
    "no elements": (members(bias=BIAS[:-16]), "0.bias: expected 16 bytes of elements"),
    "empty": (members(bias=b""), "0.bias: EOF: reading magic string, expected 8 bytes got 0"),
    "no npy": (members(bias=b"0.1 0.2 0.3 0.4"), "0.bias: the magic string is not correct"),
    "no header": (members(bias=BIAS[:10]), "0.bias: EOF: reading array header"),
    "unknown version": (
        members(bias=b"\x93NUMPY\x03\x00" + BIAS[8:]),
        "0.bias: version (3, 0) of the npy format is not known",
    ),
    "no dict": (members(bias=header("[1, 2]")), "0.bias: Header is not a dictionary: [1, 2]"),
    "code": (members(bias=header("__import__('os').getcwd()")), "0.bias: malformed node or string"),
    "deep": (members(bias=header("(" * 5000)), "0.bias: "),
    "no shape": (members(bias=header(SHAPE % "'4'")), "0.bias: shape is not valid: '4'"),
    "no dtype": (
        members(bias=header((SHAPE % "(4,)").replace("<f4", "?!"))),
        "0.bias: descr is not a valid dtype descriptor: '?!'",
    ),
    "negative": (
        members(bias=header(SHAPE % "(-4,)")),
        "does not fit the model:\n  0.bias: expected shape (4,), got (-4,)",
    ),
    "huge": (
        members(bias=header(SHAPE % "(10**18,)".replace("10**18", str(10**18)))),
        f"does not fit the model:\n  0.bias: expected shape (4,), got ({10**18},)",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damaged_members(name: str, method: int, tmp_path: Path) -> None:
    content, cause = DAMAGED[name]
    write(tmp_path / "m.npz", content, method)
    text = refusal(tmp_path / "m.npz")
    assert text.startswith(f"load: {tmp_path / 'm.npz'} ")
    assert cause in text


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "File is not a zip file"),
        (b"these are no weights", "File is not a zip file"),
        (BIAS, "File is not a zip file"),
        (pickle.dumps({"0.weight": Bomb()}), "File is not a zip file"),
    ],
)
def test_what_is_no_npz_file(content: bytes, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    assert refusal(path) == f"load: {path} is damaged or no npz file: {cause}"
    assert not Bomb.went_off


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_key_that_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    write(path, members(bias=BIAS))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("0.bias.npy", BIAS)
    assert refusal(path).endswith("does not fit the model:\n  0.bias is there 2 times")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_whatever_happens_to_a_file_it_loads_right_or_not_at_all(
    method: int, tmp_path: Path
) -> None:
    path = tmp_path / "m.npz"
    saved = nn.Linear(2, 1, rng=1)
    write(path, {key: npy(array) for key, array in arrays_of(saved).items()}, method)
    content = path.read_bytes()
    cut = [content[:length] for length in range(0, len(content), 5)]
    flipped = [
        content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :]
        for place in range(len(content))
    ]
    refused = 0
    for damaged in (*cut, *flipped):
        path.write_bytes(damaged)
        model = nn.Linear(2, 1, rng=0)
        before = arrays_of(model)
        try:
            model.load(path)
        except tl.CheckpointError:
            refused += 1
            assert_same(arrays_of(model), before)
        else:
            assert_same(arrays_of(model), arrays_of(saved))
    assert refused > len(content) / 2


@pytest.mark.parametrize(
    "bias",
    [
        BIAS + bytes(1 << 26),
        header(SHAPE % "(4,)" + " " * (1 << 26), version=2),
        header(SHAPE % f"({1 << 24},)") + bytes(1 << 26),
    ],
    ids=["elements", "header", "shape"],
)
def test_a_small_file_cannot_fill_the_memory(bias: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    write(path, members(bias=bias), zipfile.ZIP_DEFLATED)
    model = mlp(0)
    tracemalloc.start()
    try:
        refusal(path, model)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.npz"):
        mlp(0).load(tmp_path / "absent.npz")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        mlp(0).save(tmp_path / "nowhere" / "m.npz")
    with pytest.raises(IsADirectoryError):
        mlp(0).load(tmp_path)


# Saving -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("place", ["write_array", "fsync", "replace"])
@pytest.mark.parametrize("existing", [True, False])
def test_a_save_that_fails_leaves_the_old_file_and_no_other(
    error: BaseException,
    place: str,
    existing: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "m.npz"
    if existing:
        mlp(0).save(path)
    before = path.read_bytes() if existing else None

    def fail(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(np.lib.format if place == "write_array" else os, place, fail)
    with pytest.raises(type(error)):
        mlp(1).save(path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == (["m.npz"] if existing else [])
    assert (path.read_bytes() if existing else None) == before


def test_saving_follows_a_link_and_the_umask(tmp_path: Path) -> None:
    target, link = tmp_path / "target.npz", tmp_path / "link.npz"
    mlp(0).save(target)
    link.symlink_to(target)
    mlp(1).save(link)
    assert link.is_symlink()
    other = mlp(2)
    other.load(target)
    assert_same(arrays_of(other), arrays_of(mlp(1)))
    (tmp_path / "plain").touch()
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    mlp(0).save(tmp_path / "a.npz")
    mlp(0).save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_two_tensors_of_one_path_are_not_saved(tmp_path: Path) -> None:
    first, second = (nn.Parameter(tl.ones((1,))) for _ in range(2))
    model = Fields(**{"a.b": first, "a": {"b": second}})
    with pytest.raises(tl.CheckpointError, match=r"two tensors of the model have the path a\.b$"):
        model.save(tmp_path / "m.npz")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("function", [tl.io.save_npz, tl.io.load_npz])
def test_only_modules_are_saved_and_loaded(function: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^(save|load): expected a model, got dict$"):
        function(tmp_path / "m.npz", {})
