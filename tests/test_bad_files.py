"""Files that damage found by chance, or malice, would make harmful: one test for each way."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn, optim
from tensorlib.data import Order
from tensorlib.io import npy
from tests.test_io import arrays_of, mlp, refusal


def test_python_objects_are_not_made_of_bytes() -> None:
    """NumPy makes an array of objects from any bytes, which it takes for addresses."""
    header = npy.Header((1,), False, np.dtype(object), 0)
    with pytest.raises(ValueError, match="Python objects, which are never loaded"):
        npy.read_elements(io.BytesIO(bytes(8)), header)


def test_a_header_beyond_pythons_parser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its parser, which NumPy asks, calls a text that is nested too deeply a lack of memory."""
    tl.io.save_npy(tmp_path / "x", tl.ones((2,)))

    def fail(*args: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(np.lib.format, "read_array_header_1_0", fail)
    with pytest.raises(tl.CheckpointError, match=r"its header is nested too deeply$"):
        tl.io.load_npy(tmp_path / "x")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_limit(method: int, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    with zipfile.ZipFile(path, "w", method) as archive:
        for key, array in arrays_of(mlp(1)).items():
            out = io.BytesIO()
            np.save(out, array)
            archive.writestr(f"{key}.npy", out.getvalue() + bytes(1 << 25))
    tracemalloc.start()
    try:
        text = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert text.endswith("0.weight: it is compressed by a method other than deflate")


def repacked(path: Path, method: int, **more: bytes) -> None:
    """Write a file anew with another compression and more members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in (members | more).items():
            archive.writestr(name, content)


def test_a_checkpoint_is_no_larger_than_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    model = mlp(0)
    tl.save_checkpoint(path, model=model, adam=optim.Adam(model))
    out = io.BytesIO()
    np.save(out, np.zeros(1 << 25, np.uint8))
    repacked(path, zipfile.ZIP_DEFLATED, **{"adam/0.weight/exp_avg.npy": out.getvalue()})
    del out
    tracemalloc.start()
    try:
        with pytest.raises(tl.CheckpointError, match=r"is compressed or larger than the file$"):
            tl.load_checkpoint(path, model=model, adam=optim.Adam(model))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_members_of_a_checkpoint_do_not_lie_upon_each_other(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    tl.save_checkpoint(path, model=mlp(0))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a", bytes(1000))
        archive.writestr("b", b"")
        first, last = archive.infolist()[-2:]
        last.header_offset, last.file_size = first.header_offset, first.file_size
        last.compress_size = first.compress_size = first.file_size = last.file_size = 900
    assert path.stat().st_size < 4 * 900
    for name in "cdef":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, b"")
            archive.infolist()[-1].file_size = archive.infolist()[-1].compress_size = 900
    with pytest.raises(tl.CheckpointError, match=r"its members are larger than the file$"):
        tl.load_checkpoint(path, model=mlp(0))


def test_a_member_of_a_checkpoint_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    tl.save_checkpoint(path, model=mlp(0))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("settings.npy", archive.read("settings.npy"))
    with pytest.raises(tl.CheckpointError, match=r"it has two members of one name$"):
        tl.load_checkpoint(path, model=mlp(0))


def test_a_member_of_a_pytorch_file_is_as_large_as_it_says(tmp_path: Path) -> None:
    """zipfile would set aside as many bytes as a member is said to have when compressed."""
    path = tmp_path / "m.pt"
    tl.io.save_torch(path, mlp(0))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more", b"")  # so that the directory is written anew
        archive.getinfo("archive/data.pkl").compress_size = (1 << 31) - 1
    with pytest.raises(tl.CheckpointError, match=r"data\.pkl is compressed or larger than the"):
        tl.io.load_torch(path, mlp(0))


# Generators --------------------------------------------------------------------------------------


def state_with(kind: str, place: int) -> dict[str, Any]:
    """Return a state of a bit generator whose place in its buffer is not there."""
    state: dict[str, Any] = getattr(np.random, kind)(0).state
    if kind == "MT19937":
        state["state"]["pos"] = place
    else:
        state["buffer_pos"] = place
    return state


@pytest.mark.parametrize(
    ("kind", "place", "text"),
    [
        ("MT19937", 625, "pos must be from 0 to 624, got 625"),
        ("MT19937", (1 << 31) - 1, f"pos must be from 0 to 624, got {(1 << 31) - 1}"),
        ("MT19937", -5, "pos must be from 0 to 624, got -5"),
        ("Philox", -1000, "buffer_pos must be from 0 to 4, got -1000"),
    ],
)
def test_a_generator_does_not_draw_from_beyond_its_buffer(
    kind: str, place: int, text: str, tmp_path: Path
) -> None:
    """NumPy takes such a state, and the process dies when numbers are drawn."""
    rng = np.random.Generator(getattr(np.random, kind)(1))
    before = repr(rng.bit_generator.state)
    path = tmp_path / "rng.npz"
    tl.save_checkpoint(path, rng=rng)
    changed = json.dumps(state_with(kind, place), default=_as_in_files)
    _with_settings(path, lambda settings: settings["parts"].update(rng=json.loads(changed)))
    with pytest.raises(tl.CheckpointError) as raised:
        tl.load_checkpoint(path, rng=rng)
    place_of = f"load: a Generator in part rng of {path} cannot be restored: "
    assert str(raised.value) == place_of + text
    order = Order(6, 2, shuffle=True, rng=rng)
    with pytest.raises(tl.CheckpointError) as raised:
        order.load_state({**order.state(), "generator": state_with(kind, place)})
    assert str(raised.value) == f"the generator of the data cannot be restored: {text}"
    assert repr(rng.bit_generator.state) == before


def _as_in_files(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return {"dtype": x.dtype.name, "elements": x.tolist()}
    return int(x)


def _with_settings(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the settings of a checkpoint."""
    with zipfile.ZipFile(path) as archive:
        settings = json.loads(np.load(io.BytesIO(archive.read("settings.npy"))).tobytes())
    change(settings)
    out = io.BytesIO()
    np.save(out, np.frombuffer(json.dumps(settings).encode(), np.uint8))
    repacked(path, zipfile.ZIP_STORED, **{"settings.npy": out.getvalue()})


@pytest.mark.parametrize("dtype", ["S2000000000", "(100000,100000)f8", "O", ["uint64"], None])
def test_arrays_in_settings_hold_numbers(dtype: Any, tmp_path: Path) -> None:
    path = tmp_path / "rng.npz"
    rng = np.random.Generator(np.random.SFC64(0))
    tl.save_checkpoint(path, rng=rng)
    array = {"dtype": dtype, "elements": [1, 2, 3, 4]}
    _with_settings(path, lambda settings: settings["parts"]["rng"]["state"].update(state=array))
    with pytest.raises(tl.CheckpointError) as raised:
        tl.load_checkpoint(path, rng=rng)
    assert str(raised.value).endswith(f"expected an array of numbers, got dtype {dtype!r}")


# Parts -------------------------------------------------------------------------------------------


class Counter:
    """Something of the user's with a state, which trusts what it is given."""

    def __init__(self) -> None:
        self.count = 0

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state(self, state: Any) -> None:
        self.count = state["count"] + 0


@pytest.mark.parametrize(
    ("saved", "cause"),
    [({}, "'count'"), ({"count": None}, "unsupported operand type(s) for +: 'NoneType' and 'int'")],
)
def test_what_parts_of_ones_own_raise_is_told_with_the_file(
    saved: dict[str, Any], cause: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.npz"
    counter, adam = Counter(), optim.Adam(mlp(0), lr=0.5)
    tl.save_checkpoint(path, adam=optim.Adam(mlp(0), lr=0.25), counter=counter)
    _with_settings(path, lambda settings: settings["parts"].update(counter=saved))
    with pytest.raises(tl.CheckpointError) as raised:
        tl.load_checkpoint(path, adam=adam, counter=counter)
    assert str(raised.value) == f"load: part counter of {path} cannot be restored: {cause}"
    assert counter.count == 0
    assert adam.lr == 0.5


def test_numbers_beyond_floats_and_counts() -> None:
    adam = optim.Adam(nn.Bias(2), lr=0.5)
    state = adam.state()
    with pytest.raises(tl.CheckpointError, match=r"lr must be at least 0 and finite, got inf$"):
        adam.load_state(replace(state, hyperparameters=state.hyperparameters | {"lr": 10**400}))
    with pytest.raises(tl.CheckpointError, match=rf"steps must be below {2**63}, got {10**30}$"):
        adam.load_state(replace(state, steps=10**30))
    settings, arrays = state.parts()
    with pytest.raises(tl.CheckpointError, match=r"does not tell its class or its steps$"):
        optim.OptimizerState.from_parts(settings | {"steps": True}, arrays)
    assert adam.lr == 0.5
    assert adam.steps == 0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"items": np.arange(2)}, r"of data with items \[0 1\], this has items 6"),
        ({"batch_size": 2.0}, r"of data with batch_size 2\.0, this has batch_size 2"),
        ({"position": True}, "there is no batch True among 3"),
        ({"epoch": False}, "expected the number of an epoch, got False"),
        ({"generator": None}, "the generator of the data cannot be restored"),
        ({"generator": 10**400}, "the generator of the data cannot be restored"),
    ],
)
def test_places_in_data_are_ints(change: dict[str, Any], text: str) -> None:
    order = Order(6, 2, rng=0)
    before = order.state()
    with pytest.raises(tl.CheckpointError, match=text):
        order.load_state({**order.state(), **change})
    assert order.state() == before
