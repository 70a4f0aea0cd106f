"""Convolution, pooling and resampling: channels fit, and windows fit into images."""

from __future__ import annotations

from typing_extensions import TypeVar, TypeVarTuple

import tensorlib as tl
from tensorlib import Shape, Tensor, nn

B = TypeVar("B", bound=int)
N = TypeVar("N", bound=int)
Batch = TypeVarTuple("Batch")


def case_conv2d_channels() -> None:
    tl.conv2d(tl.zeros((64, 1, 28, 28)), tl.zeros((8, 3, 5, 5)))  # E: conv2d: expected 3 channels for a weight of shape (8, 3, 5, 5), got shape (64, 1, 28, 28): 1 is not 3  [tensor-shape]


def case_conv2d_kernel() -> None:
    tl.conv2d(tl.zeros((1, 4, 28)), tl.zeros((8, 1, 5, 5)))  # E: conv2d: the kernel must fit into the padded operand, got shape (1, 4, 28): 5 is more than 4  [tensor-shape]


def case_conv2d_dilated_kernel() -> None:
    tl.conv2d(tl.zeros((1, 7, 28)), tl.zeros((8, 1, 5, 5)), padding=(0, 1), dilation=2)  # E: conv2d: the kernel must fit into the padded operand, got shape (1, 7, 28): 9 is more than 7  [tensor-shape]


def case_conv2d_rank() -> None:
    tl.conv2d(tl.zeros((28, 28)), tl.zeros((8, 1, 5, 5)))  # E: conv2d: expected shape (*Batch, C, H, W), got (28, 28): 2 dimensions, not at least 3  [tensor-shape]


def case_conv2d_weight() -> None:
    tl.conv2d(tl.zeros((1, 28, 28)), tl.zeros((8, 1, 5)))  # E: conv2d: expected a weight of shape (O, C//groups, KH, KW), got (8, 1, 5)  [tensor-shape]


def case_conv2d_bias() -> None:
    tl.conv2d(tl.zeros((1, 28, 28)), tl.zeros((8, 1, 5, 5)), tl.zeros((1,)))  # E: conv2d: expected a bias of shape (8,), got (1,)  [tensor-shape]


def case_conv2d_groups() -> None:
    tl.conv2d(tl.zeros((4, 28, 28)), tl.zeros((8, 1, 5, 5)), groups=3)  # E: conv2d: the groups must divide the output channels: 8 is not a multiple of 3  [tensor-shape]


def case_conv2d_channels_in_groups() -> None:
    tl.conv2d(tl.zeros((4, 28, 28)), tl.zeros((8, 1, 5, 5)), groups=2)  # E: conv2d: expected 2 channels for a weight of shape (8, 1, 5, 5) in 2 groups, got shape (4, 28, 28): 4 is not 2  [tensor-shape]


def case_conv2d_same_with_stride() -> None:
    tl.conv2d(tl.zeros((1, 28, 28)), tl.zeros((8, 1, 5, 5)), stride=2, padding="same")  # E: conv2d: padding "same" needs a stride of 1, got 2  [tensor-shape]


def case_conv2d_padding() -> None:
    tl.conv2d(tl.zeros((1, 28, 28)), tl.zeros((8, 1, 5, 5)), padding=(1, 2, 3))  # E: conv2d: expected an int or 2 of them for padding, got (1, 2, 3)  [tensor-shape]


def case_conv1d_stride() -> None:
    tl.conv1d(tl.zeros((1, 28)), tl.zeros((8, 1, 5)), stride=0)  # E: conv1d: stride must be at least 1, got 0  [tensor-shape]


def case_conv_transpose2d() -> None:
    tl.conv_transpose2d(tl.zeros((3, 5, 5)), tl.zeros((4, 3, 2, 2)))  # E: conv_transpose2d: expected 4 channels for a weight of shape (4, 3, 2, 2), got shape (3, 5, 5): 3 is not 4  [tensor-shape]


def case_conv_transpose2d_nothing_left() -> None:
    tl.conv_transpose2d(tl.zeros((3, 1, 5)), tl.zeros((3, 4, 2, 2)), padding=1)  # E: conv_transpose2d: the padding must leave something, got shape (3, 1, 5) and padding 1: a length of 0  [tensor-shape]


def case_conv_transpose2d_output_padding() -> None:
    tl.conv_transpose2d(tl.zeros((3, 5, 5)), tl.zeros((3, 4, 2, 2)), stride=2, output_padding=2)  # E: conv_transpose2d: output_padding must be smaller than the stride or the dilation, got 2 for a stride of 2 and a dilation of 1  [tensor-shape]


def case_unfold() -> None:
    tl.zeros((3, 5, 5)).unfold(6)  # E: unfold: the kernel must fit into the padded operand, got shape (3, 5, 5): 6 is more than 5  [tensor-shape]


def case_max_pool1d() -> None:
    tl.zeros((3, 1)).max_pool1d(2)  # E: max_pool1d: the kernel must fit into the padded operand, got shape (3, 1): 2 is more than 1  [tensor-shape]


def case_max_pool2d_padding() -> None:
    tl.zeros((3, 8, 8)).max_pool2d(2, padding=2)  # E: max_pool2d: padding must be at most half of the kernel, got 2 for a kernel of 2  [tensor-shape]


def case_min_pool2d() -> None:
    tl.min_pool2d(tl.zeros((8, 8)), 2)  # E: min_pool2d: expected shape (*Batch, C, H, W), got (8, 8): 2 dimensions, not at least 3  [tensor-shape]


def case_avg_pool1d() -> None:
    tl.zeros((3, 1)).avg_pool1d(2)  # E: avg_pool1d: the kernel must fit into the padded operand, got shape (3, 1): 2 is more than 1  [tensor-shape]


def case_avg_pool2d() -> None:
    tl.avg_pool2d(tl.zeros((3, 8, 8)), (9, 2))  # E: avg_pool2d: the kernel must fit into the padded operand, got shape (3, 8, 8): 9 is more than 8  [tensor-shape]


def case_adaptive_avg_pool2d() -> None:
    tl.zeros((3, 8, 8)).adaptive_avg_pool2d(0)  # E: adaptive_avg_pool2d: output_size must be at least 1, got (0, 0)  [tensor-shape]


def case_adaptive_max_pool2d() -> None:
    tl.zeros((8, 8)).adaptive_max_pool2d(1)  # E: adaptive_max_pool2d: expected shape (*Batch, C, H, W), got (8, 8): 2 dimensions, not at least 3  [tensor-shape]


def case_global_pools() -> None:
    tl.zeros((8, 8)).global_avg_pool2d()  # E: global_avg_pool2d: expected shape (*Batch, C, H, W), got (8, 8): 2 dimensions, not at least 3  [tensor-shape]


def case_upscale2d() -> None:
    tl.upscale2d(tl.zeros((3, 8, 8)), 16, 2)  # E: upscale2d: expected either size or scale_factor, got 16 and 2  [tensor-shape]


def symbolic_kernel(x: Tensor[Shape[1, N, 28]]) -> None:
    tl.conv2d(x, tl.zeros((8, 1, 5, 5)))  # E: conv2d: the kernel must fit into the padded operand, got shape (1, N, 28): 5 may be more than N, declare a size that suffices, such as "N + 4"  [tensor-shape]


def symbolic_channels(x: Tensor[Shape[*Batch, N, 28, 28]]) -> None:
    tl.conv2d(x, tl.zeros((8, 1, 5, 5)))  # E: conv2d: expected 1 channel for a weight of shape (8, 1, 5, 5), got shape (*Batch, N, 28, 28): N is not 1  [tensor-shape]


# Layers


def case_channels_of_layer() -> None:
    nn.Conv2d(1, 8, 5)(tl.zeros((64, 3, 28, 28)))  # E: Conv2d(1, 8, 5): expected 1 channel, got shape (64, 3, 28, 28): 3 is not 1; try nn.Conv2d(3, 8, 5)  [tensor-shape]


def case_kernel_of_layer() -> None:
    nn.Conv2d(1, 8, (3, 5), padding=(0, 1))(tl.zeros((1, 2, 28)))  # E: Conv2d(1, 8, (3, 5), 1, (0, 1)): the kernel must fit into the padded operand, got shape (1, 2, 28): 3 is more than 2  [tensor-shape]


def case_rank_of_layer() -> None:
    nn.Conv2d(1, 8, 5)(tl.zeros((28, 28)))  # E: Conv2d(1, 8, 5): expected shape (*Batch, C, H, W), got (28, 28): 2 dimensions, not at least 3  [tensor-shape]


def case_groups_of_layer() -> None:
    nn.Conv2d(3, 8, 5, groups=2)  # E: Conv2d(3, 8, 5, 1, 0, 1, 2): the groups must divide the input channels: 3 is not a multiple of 2  [tensor-shape]


def case_layer_is_reported_once() -> None:
    layer = nn.Conv2d(4, 8, 5, groups=3)  # E: Conv2d(4, 8, 5, 1, 0, 1, 3): the groups must divide the input channels: 4 is not a multiple of 3  [tensor-shape]
    layer(tl.zeros((4, 28, 28)))


def case_conv1d_of_layer() -> None:
    nn.Conv1d(3, 4, 5, 2)(tl.zeros((4, 28)))  # E: Conv1d(3, 4, 5, 2): expected 3 channels, got shape (4, 28): 4 is not 3; try nn.Conv1d(4, 4, 5, 2)  [tensor-shape]


def case_conv_transpose2d_of_layer() -> None:
    nn.ConvTranspose2d(3, 4, 2, 2)(tl.zeros((4, 5, 5)))  # E: ConvTranspose2d(3, 4, 2, 2): expected 3 channels, got shape (4, 5, 5): 4 is not 3; try nn.ConvTranspose2d(4, 4, 2, 2)  [tensor-shape]


def case_pool_of_layer() -> None:
    nn.MaxPool2d(2)(tl.zeros((3, 1, 28)))  # E: MaxPool2d(2): the kernel must fit into the padded operand, got shape (3, 1, 28): 2 is more than 1  [tensor-shape]


def case_pool_of_layer_that_cannot_be() -> None:
    nn.AvgPool2d(2, padding=2)  # E: AvgPool2d(2, None, 2): padding must be at most half of the kernel, got 2 for a kernel of 2  [tensor-shape]


def case_adaptive_pool_of_layer() -> None:
    nn.AdaptiveAvgPool2d(7)(tl.zeros((28, 28)))  # E: AdaptiveAvgPool2d(7): expected shape (*Batch, C, H, W), got (28, 28): 2 dimensions, not at least 3  [tensor-shape]


def case_global_pool_of_layer() -> None:
    nn.GlobalAvgPool2d()(tl.zeros((28, 28)))  # E: GlobalAvgPool2d: expected shape (*Batch, C, H, W), got (28, 28): 2 dimensions, not at least 3  [tensor-shape]


def case_upscale_of_layer() -> None:
    nn.Upscale2d(scale_factor=2)(tl.zeros((28, 28)))  # E: Upscale2d(None, 2): expected shape (*Batch, C, H, W), got (28, 28): 2 dimensions, not at least 3  [tensor-shape]


def case_channels_in_chain() -> None:
    nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.Conv2d(9, 16, 5))  # E: Sequential[2] Conv2d(9, 16, 5): expected 9 channels, got 8 from Sequential[1] ReLU; try nn.Conv2d(8, 16, 5)  [tensor-shape]


def case_operand_of_chain() -> None:
    net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5))
    net(tl.zeros((64, 1, 10, 10)))  # E: Sequential[2] Conv2d(8, 16, 5): the kernel must fit into the padded operand, got shape (64, 8, 3, 3) from Sequential[1] MaxPool2d(2): 5 is more than 3  [tensor-shape]


def case_features_in_chain() -> None:
    net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1000, 10))
    net(tl.zeros((64, 1, 28, 28)))  # E: Sequential[4] Linear(1000, 10): expected last dimension 1000, got 1152 from Sequential[3] Flatten(1, -1); try nn.Linear(1152, 10)  [tensor-shape]


def case_adaptive_pool_in_chain() -> None:
    nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Conv2d(3, 8, 5))  # E: Sequential[1] Conv2d(3, 8, 5): the kernel must fit into the padded operand, got 4 from Sequential[0] AdaptiveAvgPool2d(4): 5 is more than 4  [tensor-shape]


def symbolic_layer(x: Tensor[Shape[B, 3, N, N]]) -> None:
    nn.Conv2d(3, 8, 3, padding=1)(x)
    nn.Conv2d(3, 8, 5)(x)  # E: Conv2d(3, 8, 5): the kernel must fit into the padded operand, got shape (B, 3, N, N): 5 may be more than N, declare a size that suffices, such as "N + 4"  [tensor-shape]


def takes(layer: nn.Conv2d[3, 8, 5]) -> None: ...


def layer_of_other_channels() -> None:
    takes(nn.Conv2d(3, 9, 5))  # E: takes: expected layer to be Conv2d(3, 8, 5), got Conv2d(3, 9, 5)  [tensor-shape]
