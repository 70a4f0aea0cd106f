"""One error, in the words of the run time: for what is no tensor, wrong sizes, axes and indices."""

from typing import Any, TypeVar

import numpy as np
from typing_extensions import TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

N = TypeVar("N", bound=int)
Batch = TypeVarTuple("Batch")
x = tl.zeros((2, 3))
array = np.zeros((2, 3))
ints = tl.zeros((2, 3), dtype=np.int64)


def case_take() -> None:
    x.take(7, 0)  # E: take: index 7 is out of range for axis 0 of shape (2, 3): use -2 to 1  [tensor-shape]


def case_take_of_all() -> None:
    tl.take(x, 6)  # E: take: index 6 is out of range for axis 0 of shape (6,): use -6 to 5  [tensor-shape]


def case_take_from_the_end() -> None:
    index = -3
    x.take(index, 0)  # E: take: index -3 is out of range for axis 0 of shape (2, 3): use -2 to 1  [tensor-shape]


def case_select() -> None:
    tl.select(x, 7, 0)  # E: select: index 7 is out of range for axis 0 of shape (2, 3): use -2 to 1  [tensor-shape]


def case_select_along_the_last() -> None:
    tl.select(tl.zeros((3,)), -4)  # E: select: index -4 is out of range for axis -1 of shape (3,): use -3 to 2  [tensor-shape]


def symbolic(y: Tensor[Shape[N, 2]], z: Tensor[Shape[*Batch, 2]], k: int) -> None:
    y.take(3, 0)  # E: take: index 3 may be out of range for axis 0 of shape (N, 2): declare a size that suffices, such as "N + 3"  [tensor-shape]
    y.take(3)  # E: take: index 3 may be out of range for axis 0 of shape (2*N,): declare a size that suffices  [tensor-shape]
    y.take(2, 1)  # E: take: index 2 is out of range for axis 1 of shape (N, 2): use -2 to 1  [tensor-shape]
    z.take(2, -1)  # E: take: index 2 is out of range for axis -1 of shape (*Batch, 2): use -2 to 1  [tensor-shape]
    y.take(-1, 0).take(0, 0)
    y.take(k, 1)
    z.take(2, 0)
    nn.LogSoftmax(2)(y)  # E: LogSoftmax(2): axis 2 is out of range for shape (N, 2): use -2 to 1  [tensor-shape]
    nn.Softmax(2)(z)
    nn.Softmax(k)(y)


def case_linear_of_no_size() -> None:
    nn.Linear(3, -2)  # E: Linear: out_features must be positive, got -2  [tensor-shape]


def case_softmax() -> None:
    nn.Softmax(2)(x)  # E: Softmax(2): axis 2 is out of range for shape (2, 3): use -2 to 1  [tensor-shape]


def case_log_softmax_in_sequential() -> None:
    nn.Sequential(nn.Linear(3, 3), nn.LogSoftmax(-3))(x)  # E: Sequential[1] LogSoftmax(-3): axis -3 is out of range for shape (2, 3) from Sequential[0] Linear(3, 3): use -2 to 1  [tensor-shape]


def case_softmax_of_a_scalar() -> None:
    nn.Softmax()(tl.tensor(1.0))  # E: Softmax(-1): axis -1 is out of range for shape (): a scalar has no axes  [tensor-shape]


def case_take_by_a_list() -> None:
    x.take([0, 1], 0)  # E: take: expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]


def case_plus_array() -> None:
    x + array  # E: add: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_array_product() -> None:
    x @ np.zeros((3, 2))  # E: matmul: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_in_place() -> None:
    y = x
    y += array  # E: add: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_less_than_array() -> None:
    x < array  # E: less: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_minus_none() -> None:
    x - None  # E: subtract: expected a tensor, got NoneType  [arg-type]


def case_times_list() -> None:
    x * [  # E: multiply: expected a tensor, got list: wrap it with tl.tensor(...)  [arg-type]
        1.0,
        2.0,
        3.0,
    ]


def case_added_array() -> None:
    tl.add(x, array)  # E: add: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_with_tape_of() -> None:
    x.with_tape_of(3)  # E: with_tape_of: expected a tensor, got int  [arg-type]


def case_broadcast_like() -> None:
    x.broadcast_like(3)  # E: broadcast_like: expected a tensor, got int  [arg-type]


def case_linear_of_int() -> None:
    nn.Linear(3, 2)(3)  # E: Linear(3, 2): expected a tensor, got int  [arg-type]


def case_linear_of_array() -> None:
    nn.Linear(3, 2)(array)  # E: Linear(3, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_linear_of_none() -> None:
    nn.Linear(3, 2)(None)  # E: Linear(3, 2): expected a tensor, got NoneType  [arg-type]


def case_sequential_of_int() -> None:
    nn.Sequential(nn.Linear(3, 2))(3)  # E: Sequential: expected a tensor, got int  [arg-type]


def case_sequential_of_array() -> None:
    nn.Sequential(nn.Linear(3, 2))(array)  # E: Sequential: expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def returned(y: Tensor[Shape[2, 3]]) -> Tensor[Shape[2, 2]]:
    return nn.Linear(3, 2)(array)  # E: Linear(3, 2): expected a tensor, got ndarray: wrap it with tl.tensor(...)  [arg-type]


def case_dropout_of_ints() -> None:
    nn.Dropout()(ints)  # E: dropout: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_dropout_of_traced_ints() -> None:
    nn.DropoutOneIn(2)(ints.traced())  # E: dropout: expected a floating dtype, got int64: convert it with .astype(np.float32)  [tensor-dtype]


def case_clip_of_ints() -> None:
    ints.clip(0.5, 1.5)  # E: clip: the limits of an int64 tensor must be ints, got a float: convert it with .astype(np.float32)  [tensor-dtype]


def case_clip_of_ints_above() -> None:
    tl.clip(ints, max=1.5)  # E: clip: the limits of an int64 tensor must be ints, got a float: convert it with .astype(np.float32)  [tensor-dtype]


def case_and_of_floats() -> None:
    x & x  # E: &: expected bools, got float32: use tl.logical_and  [tensor-dtype]


def case_or_of_ints() -> None:
    (x > 0) | ints  # E: |: expected bools, got int64: use tl.logical_or  [tensor-dtype]


def case_not_of_floats() -> None:
    ~x  # E: ~: expected bools, got float32: use tl.logical_not  [tensor-dtype]


def case_bools_of_other_shapes() -> None:
    (x > 0) ^ tl.ones((4,), dtype=np.bool)  # E: logical_xor: shapes must be equal, or one stretch to the other, got (2, 3) and (4,): 3 is not 4 on axis -1  [tensor-shape]


def case_astype() -> None:
    x.astype(np.int16)  # E: astype: expected a dtype of bool, uint8, int32, int64, float16, float32, float64, got int16: convert the array first, e.g. array.astype(np.float32)  [tensor-dtype]


def not_refused(y: Tensor[Any, Any, Any]) -> None:
    ints.clip(0, 1)
    (~(y > 0) & True) | (True ^ (y > 1)) | y
    x.clip(0, None)
    y.clip(0.5, 1.5)
    nn.Dropout()(y)
    tl.take(y, 7, 0)
