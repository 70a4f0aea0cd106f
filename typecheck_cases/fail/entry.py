"""Data as it comes from outside: its shape has to be stated, and it has to be made a tensor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

import tensorlib as tl
from tensorlib import NoTape, Shape, Tensor, data, losses, nn


def case_expect_shape_of_an_axis() -> None:
    tl.zeros((64, 768)).expect_shape((-1, 784))  # E: expect_shape: expected shape (-1, 784), got (64, 768): axis 1 is 768, not 784  [tensor-shape]


def case_channels_last() -> None:
    nn.Conv2d(3, 8, 3)(tl.zeros((64, 32, 28, 3)))  # E: Conv2d(3, 8, 3): expected 3 channels, got shape (64, 32, 28, 3): 32 is not 3, but the last dimension is; try x.permute((0, 3, 1, 2))  [tensor-shape]


def case_no_axis_of_channels() -> None:
    nn.Conv2d(1, 8, 3)(tl.zeros((64, 28, 28)))  # E: Conv2d(1, 8, 3): expected 1 channel, got shape (64, 28, 28): 64 is not 1; try x.expand_dims(1)  [tensor-shape]


def case_channels_last_without_a_batch() -> None:
    nn.Conv2d(3, 8, 3)(tl.zeros((32, 28, 3)))  # E: Conv2d(3, 8, 3): expected 3 channels, got shape (32, 28, 3): 32 is not 3, but the last dimension is; try x.permute((2, 0, 1))  [tensor-shape]


def case_channels_last_in_a_chain() -> None:
    nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())(tl.zeros((64, 32, 28, 3)))  # E: Sequential[0] Conv2d(3, 8, 3): expected 3 channels, got shape (64, 32, 28, 3): 32 is not 3, but the last dimension is; try x.permute((0, 3, 1, 2))  [tensor-shape]


def case_channels_last_of_sequences() -> None:
    tl.conv1d(tl.zeros((8, 100, 4)), tl.zeros((16, 4, 3)))  # E: conv1d: expected 4 channels for a weight of shape (16, 4, 3), got shape (8, 100, 4): 100 is not 4, but the last dimension is; try x.permute((0, 2, 1))  [tensor-shape]


def case_channels_neither_first_nor_last() -> None:
    nn.Conv2d(3, 8, 3)(tl.zeros((64, 4, 32, 28)))  # E: Conv2d(3, 8, 3): expected 3 channels, got shape (64, 4, 32, 28): 4 is not 3; try nn.Conv2d(4, 8, 3)  [tensor-shape]


def case_ragged_variables() -> None:
    tl.tensor([[1.0, 2.0], [3.0] * 3])  # E: tensor: nested lists must have equal lengths at each level  [tensor-shape]


def case_ragged_ranks() -> None:
    tl.tensor([[[1, 2]], [3, 4]])  # E: tensor: nested lists must have equal lengths at each level  [tensor-shape]


def case_dtype_of_an_array() -> None:
    tl.tensor(np.ones((3,), np.complex64))  # E: tensor: expected a dtype of bool, uint8, int32, int64, float16, float32, float64, got complex64: convert the array first, e.g. array.astype(np.float32)  [tensor-dtype]


def case_dtype_of_a_shared_array() -> None:
    tl.from_numpy(np.ones((3,), np.int8))  # E: from_numpy: expected a dtype of bool, uint8, int32, int64, float16, float32, float64, got int8: convert the array first, e.g. array.astype(np.float32)  [tensor-dtype]


def case_dtype_asked_for() -> None:
    tl.ones((3,), np.complex64)  # E: ones: expected a dtype of bool, uint8, int32, int64, float16, float32, float64, got complex64: convert the array first, e.g. array.astype(np.float32)  [tensor-dtype]


def case_labels_of_another_model() -> None:
    for x, y in data.batches(tl.zeros((100, 10)), tl.zeros((100,)), batch_size=10):
        losses.cross_entropy(x, y)  # E: cross_entropy: class indices must be ints, got float32: use .astype(np.int64)  [tensor-dtype]


def case_size_behind_the_tensors() -> None:
    data.batches(tl.zeros((100, 3)), tl.zeros((99,)), 10)  # E: batches: all tensors must have equally many items, got (100, 3), (99,): 100 is not 99 in tensor 1  [tensor-shape]


def load() -> npt.NDArray[np.float32]:
    return np.zeros((8, 784), np.float32)


def train(images: Tensor[Shape[64, 784]]) -> None: ...


def fit(batches: Iterable[tuple[Tensor[Shape[10, 784]], Tensor[Shape[10], NoTape, np.int64]]]) -> None: ...


def unknown(model: nn.Linear[784, 10], anything: Any) -> None:
    images = tl.from_numpy(load())
    model(images)  # E: Linear(784, 10): expected last dimension 784, got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    nn.Conv2d(3, 8, 3)(tl.tensor(np.load("x.npy")))  # E: Conv2d(3, 8, 3): expected 3 channels, got shape (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    nn.Conv2d(3, 8, 3)(images.expect_shape((64, -1, 28, 28)))  # E: Conv2d(3, 8, 3): expected 3 channels, got shape (64, ?, 28, 28): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    train(images)  # E: train: expected images of shape (64, 784), got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    train(images - images.mean(axis=0))  # E: train: expected images of shape (64, 784), got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    losses.mse_loss(images, tl.zeros((64, 784)))  # E: mse_loss: input and target must have the same shape, got (...) and (64, 784): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    losses.cross_entropy(tl.zeros((64, 10)), tl.tensor(anything))  # E: cross_entropy: target must have shape (64,) for class indices or (64, 10) for probabilities, got (...): state what is unknown with expect_shape, or write Any for it  [tensor-unproven]
    model(anything)
    losses.mse_loss(anything, tl.zeros((64, 784)))


def of_batches(x: Tensor[Shape[100, 784]], y: Tensor[Shape[100], NoTape, np.int64]) -> None:
    fit(data.batches(x, y, batch_size=20))  # E: fit: expected batches of shape (10, 784), got (20, 784): 20 is not 10  [tensor-shape]
    fit(data.prefetch(data.batches(x, y, batch_size=25)))  # E: fit: expected batches of shape (10, 784), got (25, 784): 25 is not 10  [tensor-shape]
    fit(data.batches(x, y, batch_size=10))
    fit(list(data.batches(x, y, batch_size=10)))
    model = nn.Linear(748, 10)
    for i, (a, b) in enumerate(data.batches(x, y, batch_size=10)):
        losses.cross_entropy(model(a), b)  # E: Linear(748, 10): expected last dimension 748, got 784; try nn.Linear(784, 10)  [tensor-shape]
    [model(a) for a, b in data.batches(x, y, batch_size=10)]  # E: Linear(748, 10): expected last dimension 748, got 784; try nn.Linear(784, 10)  [tensor-shape]
    model(next(iter(data.batches(x, y, batch_size=10)))[0])  # E: Linear(748, 10): expected last dimension 748, got 784; try nn.Linear(784, 10)  [tensor-shape]


def no_tensors(model: nn.Linear[784, 10], x: Tensor[Shape[2, 784]]) -> None:
    array = load()
    model(array)  # E: Linear(784, 10): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    model([[1.0] * 784])  # E: Linear(784, 10): expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]
    nn.Sequential(nn.Linear(784, 10))(np.zeros((2, 784), np.float32))  # E: Sequential: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    train(array)  # E: train: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    array + x  # E: add: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    np.ones((3, 2), np.float32) @ x  # E: matmul: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]
    x * np.float32(2)
