"""DLPack: what other libraries get, and what we take from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib import nn

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")


def make(data: Any, dtype: Any = np.float32) -> Any:
    return tl.tensor(np.asarray(data, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 3)])
def test_there_and_back(dtype: str, shape: tuple[int, ...]) -> None:
    x = make(np.ones(shape), dtype)
    for other in (torch.utils.dlpack.from_dlpack(x), np.from_dlpack(x)):
        assert tuple(other.shape) == shape
        back = tl.from_dlpack(other)
        assert back.dtype == dtype
        assert back.tolist() == x.tolist()


def test_others_get_a_copy() -> None:
    x = make([1.0, 2.0])
    theirs = torch.utils.dlpack.from_dlpack(x)
    theirs[0] = 9
    array = np.from_dlpack(x)
    array[1] = 9
    assert x.tolist() == [1, 2]
    parameter = nn.Parameter(x)
    torch.utils.dlpack.from_dlpack(parameter)[0] = 9
    assert parameter.tolist() == [1, 2]


def test_without_a_copy_memory_is_read_only() -> None:
    x = make([1.0, 2.0])
    array = np.from_dlpack(x, copy=False)
    assert np.shares_memory(array, x.numpy())
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 9
    with pytest.raises(BufferError):  # a consumer that cannot be told of it
        x.__dlpack__(copy=False)
    assert np.from_dlpack(x, copy=True).flags.writeable


def test_of_any_layout() -> None:
    x = make(np.arange(6).reshape(2, 3)).permute((1, 0))[::-1]
    assert torch.utils.dlpack.from_dlpack(x).tolist() == x.tolist()
    assert np.from_dlpack(x, copy=False).tolist() == x.tolist()


def test_a_tape_stays_behind() -> None:
    x = make([1.0, 2.0])
    traced = x.traced()
    assert torch.utils.dlpack.from_dlpack(traced).tolist() == [1, 2]
    assert not tl.from_dlpack(traced).owns_tape
    assert traced.sum().backward()[x].tolist() == [1, 1]
    assert traced.__dlpack_device__() == (1, 0)


def test_what_comes_in_is_shared() -> None:
    theirs = torch.zeros(2, 3)
    x: Any = tl.from_dlpack(theirs)
    theirs[0, 0] = 5
    assert x.tolist() == [[5, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0, 0] = 1
    array = np.zeros(2, np.float32)
    assert np.shares_memory(tl.from_dlpack(array).numpy(), array)
    assert array.flags.writeable


def test_what_is_no_dlpack() -> None:
    values: tuple[Any, ...] = ([1.0], 1.0, None)
    for wrong in values:
        with pytest.raises(TypeError) as caught:
            tl.from_dlpack(wrong)
        assert str(caught.value) == (
            f"from_dlpack: expected an object with __dlpack__, got {type(wrong).__name__}: "
            "use tl.tensor(...) for numbers and lists"
        )


def test_dtypes_that_tensors_cannot_have() -> None:
    with pytest.raises(tl.DtypeError, match=r"^from_dlpack: expected a dtype of bool, .* got int8"):
        tl.from_dlpack(np.zeros(2, np.int8))
    with pytest.raises(tl.DtypeError) as caught:
        tl.from_dlpack(torch.zeros(2, dtype=torch.bfloat16))
    assert str(caught.value) == (
        "from_dlpack: expected a dtype that NumPy has, got torch.bfloat16: convert it there first"
    )


def test_what_its_owner_keeps() -> None:
    with pytest.raises(BufferError, match="gradient"):
        tl.from_dlpack(torch.zeros(2, requires_grad=True))
    with pytest.raises(BufferError):
        tl.from_dlpack(torch.zeros(2, device="meta"))
