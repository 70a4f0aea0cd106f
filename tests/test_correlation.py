"""Convolutions in blocks of images, and the sums of overlapping windows."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tensorlib as tl
from tensorlib.ops import layout
from tensorlib.ops.overlaps import overlaps_of
from tensorlib.ops.windows import Windows, add_columns, windows_of

NUMBERS = st.tuples(*(st.integers(1, 4),) * 2)
CALLS: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((5, 3, 7, 6), (4, 3, 3, 2), {}),
    "padded": ((5, 3, 5, 6), (4, 3, 3, 3), {"padding": (1, 2)}),
    "padded by more than the kernel": ((3, 2, 4, 4), (3, 2, 2, 2), {"padding": 3}),
    "same": ((5, 2, 5, 6), (4, 2, 4, 3), {"padding": "same"}),
    "strided": ((5, 3, 8, 7), (4, 3, 3, 3), {"stride": (2, 3), "padding": 1}),
    "stride above the kernel": ((4, 2, 9, 8), (3, 2, 2, 1), {"stride": 3}),
    "dilated": ((5, 2, 9, 8), (3, 2, 3, 2), {"dilation": (2, 3), "padding": 1}),
    "dilated and strided": ((5, 2, 12, 11), (3, 2, 3, 3), {"dilation": 2, "stride": (4, 3)}),
    "one by one": ((5, 6, 4, 3), (4, 6, 1, 1), {}),
    "one by one, strided": ((5, 6, 4, 5), (4, 6, 1, 1), {"stride": 2}),
    "grouped": ((5, 6, 6, 5), (4, 3, 3, 3), {"groups": 2, "padding": 1}),
    "each channel": ((5, 4, 6, 5), (4, 1, 3, 3), {"groups": 4, "stride": 2}),
    "each channel twice": ((5, 3, 6, 5), (6, 1, 3, 3), {"groups": 3, "padding": 1}),
    "each channel, one by one": ((5, 4, 3, 3), (4, 1, 1, 1), {"groups": 4}),
    "a high image": ((2, 3, 40, 5), (2, 3, 3, 3), {"padding": (2, 1)}),
    "a high image, strided and dilated": (
        (2, 3, 45, 6),
        (4, 3, 3, 3),
        {"stride": (2, 1), "dilation": (3, 1), "padding": 4},
    ),
    "a high image, each channel": ((2, 3, 40, 5), (3, 1, 5, 3), {"padding": "same", "groups": 3}),
    "long columns, few in an image": ((9, 64, 5, 3), (4, 64, 3, 3), {"padding": 1}),
    "one channel": ((7, 1, 6, 6), (5, 1, 3, 3), {}),
    "no images": ((0, 3, 6, 6), (4, 3, 3, 3), {"padding": 1}),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(
    ("size", "large", "long"),
    [
        (1, 2**21, 512),
        (700, 2**21, 512),
        (1500, 2**21, 512),
        (2**17, 2**21, 512),
        (1, 90, 512),
        (1, 900, 512),
        (1, 2**21, 1),
        (700, 2**21, 1),
    ],
)
@pytest.mark.parametrize("name", CALLS)
def test_blocks_of_any_size_give_what_pytorch_gives(
    name: str, size: int, large: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_BLOCK", size)
    monkeypatch.setattr(layout, "_LARGE", large)
    monkeypatch.setattr(layout, "_LONG", long)
    x_shape, weight_shape, options = CALLS[name]
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in (x_shape, weight_shape, weight_shape[:1])]
    ours: list[Any] = [tl.from_numpy(each) for each in arrays]
    theirs: list[Any] = [torch.from_numpy(each.copy()).requires_grad_() for each in arrays]
    y: Any = tl.conv2d(*(each.traced() for each in ours), **options)
    expected: Any = torch.nn.functional.conv2d(*theirs, **options)
    np.testing.assert_allclose(y.numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    cotangent = rng.normal(size=y.shape)
    gradients = (y * tl.from_numpy(cotangent)).sum().backward()
    (expected * torch.from_numpy(cotangent)).sum().backward()
    for mine, reference in zip(ours, theirs, strict=True):
        assert reference.grad is not None
        np.testing.assert_allclose(
            gradients[mine].numpy(), reference.grad.numpy(), rtol=1e-10, atol=1e-12
        )


@pytest.mark.parametrize("name", ["plain", "padded", "one by one", "grouped", "each channel"])
def test_operands_and_cotangents_need_not_be_contiguous(name: str) -> None:
    x_shape, weight_shape, options = CALLS[name]
    rng = np.random.default_rng(0)

    def results(*, shared: bool) -> list[Any]:
        halves = [each[..., ::2] for each in drawn]
        operands: list[Any] = [tl.from_numpy(each if shared else each.copy()) for each in halves]
        y: Any = tl.conv2d(*(each.traced() for each in operands), **options)
        gradients = (y if shared else y * tl.ones_like(y)).sum().backward()
        return [y, *(gradients[each] for each in operands)]

    shapes = (x_shape, weight_shape)
    drawn = [rng.normal(size=(*shape[:-1], 2 * shape[-1])) for shape in shapes]
    for strided, dense in zip(results(shared=True), results(shared=False), strict=True):
        np.testing.assert_allclose(strided.numpy(), dense.numpy(), rtol=1e-12, atol=1e-12)


def test_threads_share_nothing() -> None:
    rng = np.random.default_rng(0)
    weight: Any = tl.from_numpy(rng.normal(size=(8, 4, 3, 3)).astype(np.float32))
    images: list[Any] = [
        tl.from_numpy(rng.normal(size=(40, 4, 20, 20)).astype(np.float32)) for _ in range(4)
    ]

    def gradient(x: Any) -> Any:
        y = tl.conv2d(x.traced(), weight, padding=1)
        return (y * y).sum().backward()[x].numpy()

    expected = [gradient(x) for x in images]
    found: dict[int, list[Any]] = {}

    def work(index: int) -> None:
        found[index] = [gradient(images[index]) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, want in enumerate(expected):
        for each in found[index]:
            np.testing.assert_array_equal(each, want)


@given(dims=NUMBERS, kernel=NUMBERS, stride=NUMBERS, padding=NUMBERS, dilation=NUMBERS)
def test_overlapping_windows_add_up(
    dims: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> None:
    """As they do for one position in the window after the other."""
    padding = tuple(each - 1 for each in padding)
    fitting = tuple(
        dim + gap * (size - 1) for dim, gap, size in zip(dims, dilation, kernel, strict=True)
    )
    windows: Windows = windows_of(fitting, kernel, stride, padding, dilation)
    overlaps = overlaps_of(windows)
    rng = np.random.default_rng(0)
    cols = rng.integers(1, 100, (2, 3, *windows.kernel, *windows.places))
    spaced = np.zeros((2, 3, *windows.kernel, *overlaps.padded), np.int64)
    spaced[..., : windows.places[0], : windows.places[1]] = cols
    laid_out = np.zeros((2, 3, *windows.kernel, overlaps.row), np.int64)
    laid_out[..., overlaps.inside] = spaced.reshape(*laid_out.shape[:-1], -1)
    images = np.full((2, 3, *windows.dims), -1)
    overlaps.add_up(laid_out, images)
    np.testing.assert_array_equal(images, add_columns(cols, windows))
