"""Models in files of torch.save, both ways, and files that mean harm."""

from __future__ import annotations

import io
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn
from tensorlib.io import torch_pickle
from tests.test_io import Bomb, Tied, arrays_of, assert_same, dtypes, everything, mlp, without

# Round trips ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [mlp, everything, Tied])
def test_everything_that_was_written_is_read(make: Any, tmp_path: Path) -> None:
    model, other = make(0), make(1)
    tl.io.save_torch(tmp_path / "m.pt", model)
    tl.io.load_torch(str(tmp_path / "m.pt"), other)
    assert_same(arrays_of(model), arrays_of(other))
    assert dtypes(other) == dtypes(model)
    assert os.listdir(tmp_path) == ["m.pt"]


@pytest.mark.parametrize("mmap", [False, True])
def test_pytorch_reads_what_is_written(mmap: bool, tmp_path: Path) -> None:
    tl.io.save_torch(tmp_path / "m.pt", everything(0))
    state = torch.load(tmp_path / "m.pt", weights_only=True, mmap=mmap)
    assert type(state) is OrderedDict
    arrays = arrays_of(everything(0))
    assert list(state) == list(arrays)
    for key, tensor in state.items():
        assert tensor.is_contiguous()
        assert not tensor.requires_grad
        assert tensor.data_ptr() % 64 == 0
        np.testing.assert_array_equal(tensor.numpy(), arrays[key], strict=True)


def test_a_state_dict_of_pytorchs_layers(tmp_path: Path) -> None:
    def layers(library: Any) -> Any:
        return library.Sequential(
            library.Linear(3, 4), library.BatchNorm1d(4), library.Linear(4, 2, bias=False)
        )

    peer, model = layers(torch.nn), layers(nn)
    peer(torch.randn(5, 3))
    torch.save(peer.state_dict(), tmp_path / "m.pt")
    tl.io.load_torch(tmp_path / "m.pt", model)
    assert_same(arrays_of(model), {k: t.numpy() for k, t in peer.state_dict().items()})
    other = layers(torch.nn)
    tl.io.save_torch(tmp_path / "m.pt", model)
    other.load_state_dict(torch.load(tmp_path / "m.pt"))
    x = torch.randn(5, 3)
    np.testing.assert_array_equal(other.eval()(x).detach(), peer.eval()(x).detach())


def test_tied_parameters_stay_tied_in_pytorch(tmp_path: Path) -> None:
    tl.io.save_torch(tmp_path / "m.pt", Tied(0))
    state = torch.load(tmp_path / "m.pt")
    assert state["a.weight"].data_ptr() == state["b.weight"].data_ptr()
    with zipfile.ZipFile(tmp_path / "m.pt") as archive:
        assert sum("/data/" in name for name in archive.namelist()) == 1


def saved(tensors: Any, path: Path, **options: Any) -> Path:
    torch.save(tensors, path, **options)
    return path


def tensors_of(**changed: Any) -> dict[str, torch.Tensor]:
    tensors = {key: torch.as_tensor(array) for key, array in without().items()}
    return tensors | changed


WEIGHT = torch.arange(12, dtype=torch.float32).reshape(4, 3)
SHARED = torch.arange(40, dtype=torch.float32)

LAYOUTS: dict[str, Any] = {
    "transposed": WEIGHT.T.contiguous().T,
    "offset": torch.cat([torch.zeros(2, 3), WEIGHT])[2:],
    "strided": torch.stack([WEIGHT, WEIGHT], -1)[..., 0],
    "broadcast": torch.arange(4, dtype=torch.float32)[:, None].expand(4, 3),
    "parameter": torch.nn.Parameter(WEIGHT),
    "float16": WEIGHT.half(),
    "bfloat16": (WEIGHT * 1.01).bfloat16(),
    "bfloat16 strided": (WEIGHT * 1.01).T.contiguous().bfloat16().T,
    "int16": WEIGHT.short(),
    "int8": WEIGHT.char(),
    "uint8": WEIGHT.byte(),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_and_dtypes(name: str, tmp_path: Path) -> None:
    weight = LAYOUTS[name]
    saved(tensors_of(**{"0.weight": weight}), tmp_path / "m.pt")
    model = mlp(0)
    tl.io.load_torch(tmp_path / "m.pt", model)
    wanted = weight.detach().float().numpy()
    np.testing.assert_array_equal(model[0].weight.numpy(), wanted, strict=True)


def test_tensors_that_share_one_storage(tmp_path: Path) -> None:
    tensors = {"0.weight": SHARED[:12].view(4, 3), "0.bias": SHARED[12:16],
               "2.0.weight": SHARED[20:28].view(2, 4), "2.0.bias": SHARED[38:]}  # fmt: skip
    saved(tensors, tmp_path / "m.pt")
    model = mlp(0)
    tl.io.load_torch(tmp_path / "m.pt", model)
    assert_same(arrays_of(model), {key: tensor.numpy() for key, tensor in tensors.items()})


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_all_protocols_of_pickles(protocol: int, tmp_path: Path) -> None:
    saved(tensors_of(), tmp_path / "m.pt", pickle_protocol=protocol)
    model = mlp(0)
    tl.io.load_torch(tmp_path / "m.pt", model)
    assert_same(arrays_of(model), arrays_of(mlp(1)))


def test_checkpoints_with_more_in_them(tmp_path: Path) -> None:
    peer = torch.nn.Sequential(torch.nn.Linear(3, 1))
    optimizer = torch.optim.Adam(peer.parameters())
    peer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    path = saved(
        {"model": peer.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.5,
         "big": 1 << 40, "best": None, "sizes": [(1, 2), torch.Size([3])]},
        tmp_path / "m.pt",
    )  # fmt: skip
    model: Any = nn.Sequential(nn.Linear(3, 1))
    tl.io.load_torch(path, model, key="model")
    assert_same(arrays_of(model), {k: t.numpy() for k, t in peer.state_dict().items()})
    names = "'model', 'optimizer', 'epoch', 'loss', 'big', 'best', 'sizes'"
    assert refusal(path, model) == (
        f"load: {path} holds more than a state dict: there are {names}: "
        "pass key= to say where the state dict is"
    )
    assert refusal(path, model, key="state") == f"load: {path} has no 'state': there are {names}"
    text = f"load: {path} does not fit: expected a state dict, got int"
    assert refusal(path, model, key="epoch") == text


def test_other_byte_orders(tmp_path: Path) -> None:
    stored = torch_pickle.StoredTensor("float32", "0", 2, 0, (2,), (1,))
    half = torch_pickle.StoredTensor("bfloat16", "1", 1, 0, (1,), (1,))
    write(
        tmp_path / "m.pt",
        torch_pickle.write_pickle({"p": stored, "q": half}),
        {"0": np.array([1, 2], ">f4").tobytes(), "1": b"\x3f\x80"},
        byteorder=b"big",
    )
    model = Tensors(p=(2,), q=(1,))
    tl.io.load_torch(tmp_path / "m.pt", model)
    assert [tensor.tolist() for _, tensor in model.named_tensors()] == [[1, 2], [1]]


def test_sizes_beyond_four_bytes() -> None:
    size = 1 << 40
    tensor = torch_pickle.StoredTensor("uint8", "0", size, size - 1, (1,), (size,))
    assert torch_pickle.read_pickle(torch_pickle.write_pickle({"ü": tensor})) == {"ü": tensor}


def test_pytorch_need_not_be_installed(tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["torch"] = None
import tensorlib as tl
from tensorlib import nn
model = nn.Linear(2, 1)
tl.io.save_torch({str(tmp_path / "m.pt")!r}, model)
tl.io.load_torch({str(tmp_path / "m.pt")!r}, model)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    assert "weight" in torch.load(tmp_path / "m.pt")


# Files that do not fit --------------------------------------------------------------------------


class Tensors(nn.Module):
    """A module of zeros of the given shapes."""

    def __init__(self, **shapes: tuple[int, ...]) -> None:
        for name, shape in shapes.items():
            setattr(self, name, nn.Parameter(tl.zeros(shape)))


def refusal(path: Path, model: Any, **options: Any) -> str:
    before, versions = arrays_of(model), [p.version for _, p in model.named_tensors()]
    with pytest.raises(tl.CheckpointError) as raised:
        tl.io.load_torch(path, model, **options)
    assert_same(arrays_of(model), before)
    assert [p.version for _, p in model.named_tensors()] == versions
    assert not Bomb.went_off
    return str(raised.value)


def test_one_error_lists_everything_that_does_not_fit(tmp_path: Path) -> None:
    tensors = tensors_of(**{"0.bias": torch.zeros(4, 1).double(), "3.bias": torch.zeros(1)})
    del tensors["2.0.bias"]
    path = saved(tensors, tmp_path / "m.pt")
    assert refusal(path, mlp(0)).split("\n  ") == [
        f"load: {path} does not fit the model:",
        "missing 2.0.bias",
        "surplus 3.bias",
        "0.bias: expected shape (4,), got (4, 1)",
        "0.bias: expected dtype float32, got float64",
    ]


def test_a_file_that_gives_a_tied_parameter_two_values(tmp_path: Path) -> None:
    path = saved({"a.weight": torch.zeros(2, 2), "b.weight": torch.ones(2, 2)}, tmp_path / "m.pt")
    assert refusal(path, Tied(0)).endswith("a.weight and b.weight are tied, but differ in the file")


DAMAGED = "is damaged or no PyTorch file: "


def is_damaged(path: Path, cause: str, model: Any = None) -> bool:
    return refusal(path, mlp(0) if model is None else model) == f"load: {path} {DAMAGED}{cause}"


NEVER = (
    "holds {}, which is never loaded: save the tensors alone, with "
    "torch.save(model.state_dict(), path)"
)


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (lambda: torch.nn.Linear(3, 4), NEVER.format("torch.nn.modules.linear.Linear")),
        (
            lambda: tensors_of(x=torch.eye(2, dtype=torch.cfloat)),
            NEVER.format("torch.ComplexFloatStorage"),
        ),
        (
            lambda: tensors_of(x=torch.zeros(2, dtype=torch.uint16)),
            NEVER.format("torch._utils._rebuild_tensor_v3"),
        ),
        (lambda: {"x": os.system}, NEVER.format(f"{os.name}.system")),
        # How these are pickled depends on the versions of PyTorch and of Python.
        (lambda: tensors_of(x=torch.eye(2).to_sparse()), "holds torch."),
        (lambda: {"x": Bomb()}, "holds "),
    ],
)
def test_what_is_no_plain_tensor(content: Any, beginning: str, tmp_path: Path) -> None:
    path = saved(content(), tmp_path / "m.pt")
    assert refusal(path, mlp(0)).startswith(f"load: {path} {beginning}")


def test_the_format_before_zip(tmp_path: Path) -> None:
    path = saved(tensors_of(), tmp_path / "m.pt", _use_new_zipfile_serialization=False)
    assert is_damaged(path, "File is not a zip file")


def test_an_npz_file_is_no_file_of_pytorchs(tmp_path: Path) -> None:
    mlp(0).save(tmp_path / "m.npz")
    assert is_damaged(tmp_path / "m.npz", "it is no archive of torch.save")
    tl.io.save_torch(tmp_path / "m.pt", mlp(0))
    with pytest.raises(tl.CheckpointError, match=r"surplus archive/data\.pkl"):
        mlp(0).load(tmp_path / "m.pt")


# Files that mean harm ---------------------------------------------------------------------------


def write(
    path: Path,
    program: bytes,
    storages: dict[str, bytes] | None = None,
    method: int = zipfile.ZIP_STORED,
    byteorder: bytes = b"little",
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("m/data.pkl", program)
        archive.writestr("m/byteorder", byteorder)
        for key, data in (storages or {}).items():
            archive.writestr(f"m/data/{key}", data)
    return path


STORAGE = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ"
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"


def tensor_program(storage: bytes, offset: bytes, size: bytes, stride: bytes) -> bytes:
    """Return a pickle of ``{"p": tensor}``."""
    arguments = b"(" + storage + offset + size + stride + b"\x89ccollections\nOrderedDict\n)Rt"
    return b"\x80\x02}X\x01\0\0\0p" + REBUILD + arguments + b"Rs."


GOOD = tensor_program(STORAGE, b"K\0", b"K\x02\x85", b"K\x01\x85")

HARMFUL: dict[str, tuple[bytes, str]] = {
    "call": (b"cos\nsystem\n(X\x04\0\0\0truetR.", NEVER.format("os.system")),
    "eval": (b"cbuiltins\neval\n.", NEVER.format("builtins.eval")),
    "named on the stack": (
        b"\x8c\x08builtins\x8c\x04exec\x93.",
        NEVER.format("builtins.exec"),
    ),
    "attribute of an allowed module": (
        b"ctorch._utils\n_import_dotted_name\n.",
        NEVER.format("torch._utils._import_dotted_name"),
    ),
    "instance": (
        b"(ios\nsystem\n.",
        "it holds the pickle instruction INST, which is not read",
    ),
    "object": (b"(cos\nsystem\no.", NEVER.format("os.system")),
    "new object": (
        b"ccollections\nOrderedDict\n)\x81.",
        "it holds the pickle instruction NEWOBJ, which is not read",
    ),
    "extension": (b"\x82\x01.", "it holds the pickle instruction EXT1, which is not read"),
    "buffer": (b"\x97.", "it holds the pickle instruction NEXT_BUFFER, which is not read"),
    "attributes of a function": (
        REBUILD + b"}X\x0c\0\0\0__defaults__)sb.",
        "it sets attributes of more than a state dict",
    ),
    "call of a value": (b"K\x01)R.", "its pickle calls what is no function"),
    "call without a tuple": (REBUILD + b"K\x01R.", "its pickle calls what is no function"),
    "other arguments": (
        REBUILD + b")R.",
        "its pickle calls torch._utils._rebuild_tensor_v2 with other arguments",
    ),
    "storage as a function": (
        b"ctorch\nFloatStorage\n(K\x01tR.",
        "its pickle calls torch.FloatStorage with other arguments",
    ),
    "no storage": (b"K\x01Q.", "its pickle describes a storage in an unknown way"),
    "storage of a function": (
        STORAGE.replace(b"torch\nFloatStorage", b"torch\nSize") + b".",
        "its pickle describes a storage in an unknown way",
    ),
    "deep keys": (
        b"})" + b"\x85" * 200_000 + b"K\x01s.",
        "it has a dict with a key that is a tuple",
    ),
    "list as dict": (b"]K\x01K\x02s.", "its pickle sets items of what is no dict"),
    "dict as list": (b"}K\x01a.", "its pickle appends to what is no list"),
    "odd items": (b"}(K\x01u.", "its pickle sets items of what is no dict"),
    "empty stack": (b".", "its pickle takes more than there is"),
    "no mark": (b"t.", "its pickle has no mark"),
    "no memory": (b"h\x05.", "5"),
    "no end": (b"}", "pickle exhausted before seeing STOP"),
    "long string": (
        b"X\xff\xff\xff\x7fabc",
        "expected 2147483647 bytes in a unicodestring4, but only 3 remain",
    ),
    "no pickle": (b"\0\0\0", "at position 0, opcode b'\\x00' unknown"),
    "list": (b"](K\x01e.", "does not fit: expected a state dict, got list"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_pickles(name: str, tmp_path: Path) -> None:
    program, cause = HARMFUL[name]
    path = write(tmp_path / "m.pt", program)
    begins = cause.startswith(("holds ", "does not fit: "))
    assert refusal(path, mlp(0)) == f"load: {path} {'' if begins else DAMAGED}{cause}"


@pytest.mark.parametrize("protocol", range(6))
def test_bombs_do_not_go_off(protocol: int, tmp_path: Path) -> None:
    path = write(tmp_path / "m.pt", pickle.dumps({"0.weight": Bomb()}, protocol))
    assert refusal(path, mlp(0)).startswith(f"load: {path} ")
    path.write_bytes(pickle.dumps({"0.weight": Bomb()}, protocol))
    assert is_damaged(path, "File is not a zip file")


def model() -> Tensors:
    return Tensors(p=(2,))


@pytest.mark.parametrize(
    ("program", "data", "cause"),
    [
        (GOOD, bytes(15), "storage 0 does not have 4 elements"),
        (GOOD, bytes(17), "storage 0 does not have 4 elements"),
        (
            tensor_program(STORAGE, b"K\x03", b"K\x02\x85", b"K\x01\x85"),
            bytes(16),
            "a tensor reaches beyond the 4 elements of its storage",
        ),
        (
            tensor_program(STORAGE, b"K\0", b"K\x02\x85", b"J\xff\xff\xff\x7f\x85"),
            bytes(16),
            "a tensor reaches beyond the 4 elements of its storage",
        ),
        (
            tensor_program(STORAGE, b"K\x05", b"K\0\x85", b"K\x01\x85"),
            bytes(16),
            "a tensor reaches beyond the 4 elements of its storage",
        ),
        (
            tensor_program(STORAGE, b"J\xff\xff\xff\xff", b"K\x02\x85", b"K\x01\x85"),
            bytes(16),
            "a tensor's sizes, strides and offset must be integers from 0 on",
        ),
        (
            tensor_program(STORAGE, b"K\x03", b"K\x02\x85", b"J\xff\xff\xff\xff\x85"),
            bytes(16),
            "a tensor's sizes, strides and offset must be integers from 0 on",
        ),
        (
            tensor_program(STORAGE, b"K\0", b"\x88\x85", b"K\x01\x85"),
            bytes(16),
            "a tensor's sizes, strides and offset must be integers from 0 on",
        ),
        (
            tensor_program(STORAGE, b"K\0", b"K\x02\x85", b")"),
            bytes(16),
            "its pickle describes a tensor in an unknown way",
        ),
        (
            tensor_program(STORAGE, b"K\0", b"](K\x02e", b"](K\x01e"),
            bytes(16),
            "its pickle describes a tensor in an unknown way",
        ),
    ],
)
def test_tensors_that_are_not_within_their_storage(
    program: bytes, data: bytes, cause: str, tmp_path: Path
) -> None:
    assert is_damaged(write(tmp_path / "m.pt", program, {"0": data}), cause, model())


def test_a_pickle_written_by_hand_is_read(tmp_path: Path) -> None:
    data = np.arange(4, dtype="<f4").tobytes()
    loaded = model()
    tl.io.load_torch(write(tmp_path / "m.pt", GOOD, {"0": data}), loaded)
    assert dict(loaded.named_tensors())["p"].tolist() == [0, 1]


def test_archives_that_are_not_as_pytorch_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    data = {"0": bytes(16)}
    write(path, GOOD, data, zipfile.ZIP_DEFLATED)
    assert is_damaged(path, "byteorder is compressed or larger than the file", model())
    write(path, GOOD, data, byteorder=b"middle")
    assert is_damaged(path, "its byte order is b'middle'", model())
    write(path, GOOD)
    assert is_damaged(path, "\"There is no item named 'm/data/0' in the archive\"", model())
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("m/data.pkl", GOOD)
    assert is_damaged(path, "it is no archive of torch.save", model())


@pytest.mark.parametrize(
    ("program", "storages", "method"),
    [
        (b"X" + struct.pack("<I", 1 << 26) + b" " * (1 << 26) + b".", {}, zipfile.ZIP_DEFLATED),
        (GOOD, {"0": bytes(1 << 26)}, zipfile.ZIP_DEFLATED),
        (b"}r\xff\xff\xff\x7f.", {}, zipfile.ZIP_STORED),
        (tensor_program(STORAGE, b"K\0", b"J\0\0\0\x7f\x85", b"K\0\x85"), {"0": bytes(16)},
         zipfile.ZIP_STORED),
        (tensor_program(STORAGE.replace(b"K\x04t", b"J\0\0\0\x7ft"), b"K\0", b"K\x02\x85",
                        b"K\x01\x85"), {"0": bytes(16)}, zipfile.ZIP_STORED),
    ],
    ids=["string", "storage", "memory", "shape", "numel"],
)  # fmt: skip
def test_a_small_file_cannot_fill_the_memory(
    program: bytes, storages: dict[str, bytes], method: int, tmp_path: Path
) -> None:
    path = write(tmp_path / "m.pt", program, storages, method)
    del program, storages
    tracemalloc.start()
    try:
        refusal(path, model())
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("writer", ["torch", "tensorlib"])
def test_whatever_happens_to_a_file_it_loads_right_or_not_at_all(
    writer: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.pt"
    good = nn.Linear(2, 1, rng=1)
    if writer == "torch":
        saved({path: torch.as_tensor(array) for path, array in arrays_of(good).items()}, path)
    else:
        tl.io.save_torch(path, good)
    content = path.read_bytes()
    cut = [content[:length] for length in range(0, len(content), 7)]
    flipped = [
        content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :]
        for place in range(len(content))
    ]
    refused = 0
    for damaged in (*cut, *flipped):
        path.write_bytes(damaged)
        other = nn.Linear(2, 1, rng=0)
        before = arrays_of(other)
        try:
            tl.io.load_torch(path, other)
        except tl.CheckpointError:
            refused += 1
            assert_same(arrays_of(other), before)
        else:
            assert_same(arrays_of(other), arrays_of(good))
    assert refused > len(cut)


def test_random_bytes_as_a_pickle(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        program = bytearray(GOOD)
        for place in rng.integers(0, len(program), 3):
            program[place] = rng.integers(0, 256)
        path = write(tmp_path / "m.pt", bytes(program), {"0": bytes(16)})
        try:
            tl.io.load_torch(path, model())
        except tl.CheckpointError:
            continue


# Files ------------------------------------------------------------------------------------------


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tl.io.load_torch(tmp_path / "absent.pt", mlp(0))
    with pytest.raises(FileNotFoundError):
        tl.io.save_torch(tmp_path / "nowhere" / "m.pt", mlp(0))


@pytest.mark.parametrize("place", ["writestr", "fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.pt"
    tl.io.save_torch(path, mlp(0))
    before = path.read_bytes()

    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile if place == "writestr" else os, place, fail)
    with pytest.raises(OSError, match="No space"):
        tl.io.save_torch(path, mlp(1))
    assert os.listdir(tmp_path) == ["m.pt"]
    assert path.read_bytes() == before


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    tl.io.save_torch(tmp_path / "a.pt", mlp(0))
    tl.io.save_torch(tmp_path / "b.pt", mlp(0))
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()


def test_only_modules_are_saved_and_loaded(tmp_path: Path) -> None:
    for function in (tl.io.save_torch, tl.io.load_torch):
        with pytest.raises(TypeError, match=r"^(save|load): expected a model, got BytesIO$"):
            function(tmp_path / "m.pt", io.BytesIO())  # type: ignore[arg-type]
