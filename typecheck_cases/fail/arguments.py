"""Calls whose arguments are named or counted as PyTorch's."""

from __future__ import annotations

import numpy as np

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor, losses, nn, optim

x = tl.zeros((10, 20))
classes = tl.zeros((10,), np.int64)
layer = nn.Linear(20, 5)
axes = (1, 0)


# A tuple of ints ----------------------------------------------------------------------------------


def case_permute() -> Tensor:
    return x.permute(1, 0)  # E: permute: expected axes as a tuple of ints, got 1, 0: write (1, 0)  [arg-type]


def case_reshape() -> Tensor:
    return x.reshape(x.shape[0] * 2, -1)  # E: reshape: expected a shape as a tuple of ints, got 20, -1: write (20, -1)  [arg-type]


def case_reshape_to_one_axis() -> Tensor:
    return x.reshape(-1).relu()  # E: reshape: expected a shape as a tuple of ints, got -1: write (-1,)  [arg-type]


def case_reshape_by_the_function() -> object:
    return tl.reshape(x, 10, 20)  # E: reshape: expected a shape as a tuple of ints, got 10, 20: write (10, 20)  [arg-type]


def case_tile() -> object:
    return x.tile(2, 1)  # E: tile: expected repeats as a tuple of ints, got 2, 1: write (2, 1)  [arg-type]


def case_broadcast_to() -> object:
    return x.broadcast_to(3, 10, 20)  # E: broadcast_to: expected a shape as a tuple of ints, got 3, 10, 20: write (3, 10, 20)  [arg-type]


def case_a_tuple_taken_apart() -> object:
    return x.permute(*axes)  # E: permute: expected axes as a tuple of ints, got 1, 0: write (1, 0)  [arg-type]


def case_zeros() -> object:
    return tl.zeros(3, 4)  # E: zeros: expected a shape as a tuple of ints, got 3, 4: write (3, 4)  [arg-type]


def case_ones() -> object:
    return tl.ones(3, 4, 5)  # E: ones: expected a shape as a tuple of ints, got 3, 4, 5: write (3, 4, 5)  [arg-type]


def case_randn() -> object:
    return tl.randn(3)  # E: randn: expected a shape as a tuple of ints, got 3: write (3,)  [arg-type]


def case_rand() -> object:
    return tl.rand(3, 4, 5)  # E: rand: expected a shape as a tuple of ints, got 3, 4, 5: write (3, 4, 5)  [arg-type]


def case_full() -> object:
    return tl.full(3, 4)  # E: full: expected a shape as a tuple of ints, got 3: write (3,)  [arg-type]


def case_more_than_a_tuple() -> object:
    return x.reshape((10, 20), 3)  # E: reshape() takes 2 positional arguments but 3 were given  [call-arg]


def of_sizes_not_known(n: int, *sizes: int) -> object:
    x.reshape(n, -1)  # E: reshape: expected a shape as a tuple of ints, got n, -1: write (n, -1)  [arg-type]
    return x.reshape(*sizes)  # E: reshape: expected a shape as a tuple of ints, got *sizes: write (*sizes,)  [arg-type]


# The number of arguments --------------------------------------------------------------------------


def case_too_few() -> Tensor:
    return x.squeeze()  # E: squeeze() missing 1 required positional argument: 'axis'  [call-arg]


def case_too_few_for_an_overloaded_function() -> object:
    return tl.one_hot(classes)  # E: one_hot() missing 1 required positional argument: 'num_classes'  [call-arg]


def case_two_too_few() -> object:
    return x.scatter_add()  # E: scatter_add() missing 2 required positional arguments: 'indices' and 'src'  [call-arg]


def case_too_many() -> object:
    return x.flip(0, 1)  # E: flip() takes from 1 to 2 positional arguments but 3 were given  [call-arg]


def case_too_many_with_an_operand() -> object:
    return x.matmul(x, x)  # E: matmul() takes 2 positional arguments but 3 were given  [call-arg]


def of_layers() -> object:
    nn.Linear(20)  # E: Linear() missing 1 required positional argument: 'out_features'  [call-arg]
    nn.Linear(20, 5, 3)  # E: Linear() takes 2 positional arguments but 3 were given  [call-arg]
    nn.Reshape(3, 4)  # E: Reshape: expected a shape as a tuple of ints, got 3, 4: write (3, 4)  [arg-type]
    return nn.ReLU(True)  # E: ReLU() takes 0 positional arguments but 1 was given  [call-arg]


# Their names --------------------------------------------------------------------------------------


def of_an_op() -> Tensor:
    return x.sum(dim=1).relu()  # E: sum() got an unexpected keyword argument 'dim': use axis  [call-arg]


def of_a_function() -> Tensor:
    return tl.concat((x, x), dim=1)  # E: concat() got an unexpected keyword argument 'dim': use axis  [call-arg]


def of_an_overloaded_function() -> Tensor:
    return tl.tensor([1.0], requires_grad=True)  # E: tensor() got an unexpected keyword argument 'requires_grad': use x.traced() on the input, model.freeze() for parameters  [call-arg]


def of_another() -> Tensor:
    return tl.arange(5, dtype=np.float32, device="cpu")  # E: arange() got an unexpected keyword argument 'device': everything is on the CPU: leave it out  [call-arg]


def of_a_loss() -> object:
    return losses.cross_entropy(x, classes, label_smooth=0.1)  # E: cross_entropy() got an unexpected keyword argument 'label_smooth': use label_smoothing  [call-arg]


def of_backward() -> object:
    return layer(x.traced()).sum().backward(retain_graph=True)  # E: backward() got an unexpected keyword argument 'retain_graph': add the losses, and go back once  [call-arg]


def of_a_layer() -> object:
    made = nn.Sequential(nn.Softmax(dim=1), nn.Linear(20, 5))  # E: Softmax() got an unexpected keyword argument 'dim': use axis  [call-arg]
    return (made(x), nn.Linear(20, 5, device="cpu"))  # E: Linear() got an unexpected keyword argument 'device': everything is on the CPU: leave it out  [call-arg]


def of_an_optimizer() -> object:
    return optim.SGD(layer, lr=0.1, momentum=0.9, nesterov=True)  # E: SGD() got an unexpected keyword argument 'nesterov': use momentum=optim.Nesterov(0.9)  [call-arg]


def of_what_is_refused(h: Tensor[Shape[2, 3], Tape]) -> Tensor[Shape[2, 3], Tape]:
    """A refused call takes no tape."""
    h.sum(dim=1)  # E: sum() got an unexpected keyword argument 'dim': use axis  [call-arg]
    h.reshape(3, 2)  # E: reshape: expected a shape as a tuple of ints, got 3, 2: write (3, 2)  [arg-type]
    return h.relu()


# Models and dtypes --------------------------------------------------------------------------------


def case_parameters() -> object:
    return optim.Adam(layer.parameters(), lr=0.1)  # E: Adam: expected a model, got tuple: pass the model itself  [arg-type]


def case_a_class() -> object:
    return optim.EMA(nn.Linear)  # E: EMA: expected a model, got type  [arg-type]


def of_a_name_of_a_dtype() -> object:
    x.astype("float64")  # E: astype: expected a dtype as a type, got "float64": write np.float64  [arg-type]
    tl.zeros((3,), dtype="int64")  # E: zeros: expected a dtype as a type, got "int64": write np.int64  [arg-type]
    return tl.tensor([1.0], "float32")  # E: tensor: expected a dtype as a type, got "float32": write np.float32  [arg-type]
