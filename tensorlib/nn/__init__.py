"""Layers, containers and the base class of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlib.nn.activation import ELU as ELU
from tensorlib.nn.activation import GELU as GELU
from tensorlib.nn.activation import SELU as SELU
from tensorlib.nn.activation import Abs as Abs
from tensorlib.nn.activation import Cos as Cos
from tensorlib.nn.activation import Exp as Exp
from tensorlib.nn.activation import Hardsigmoid as Hardsigmoid
from tensorlib.nn.activation import Hardswish as Hardswish
from tensorlib.nn.activation import Hardtanh as Hardtanh
from tensorlib.nn.activation import Identity as Identity
from tensorlib.nn.activation import LeakyReLU as LeakyReLU
from tensorlib.nn.activation import Log as Log
from tensorlib.nn.activation import LogSigmoid as LogSigmoid
from tensorlib.nn.activation import LogSoftmax as LogSoftmax
from tensorlib.nn.activation import ReLU as ReLU
from tensorlib.nn.activation import Sigmoid as Sigmoid
from tensorlib.nn.activation import SiLU as SiLU
from tensorlib.nn.activation import Sin as Sin
from tensorlib.nn.activation import Softmax as Softmax
from tensorlib.nn.activation import Softplus as Softplus
from tensorlib.nn.activation import Sqrt as Sqrt
from tensorlib.nn.activation import Square as Square
from tensorlib.nn.activation import Tanh as Tanh
from tensorlib.nn.attention import MultiHeadAttention as MultiHeadAttention
from tensorlib.nn.batch_norm import BatchNorm1d as BatchNorm1d
from tensorlib.nn.batch_norm import BatchNorm2d as BatchNorm2d
from tensorlib.nn.bias import Bias as Bias
from tensorlib.nn.build import build as build
from tensorlib.nn.convolution import Conv1d as Conv1d
from tensorlib.nn.convolution import Conv2d as Conv2d
from tensorlib.nn.convolution import ConvTranspose2d as ConvTranspose2d
from tensorlib.nn.dropout import Dropout as Dropout
from tensorlib.nn.dropout import DropoutOneIn as DropoutOneIn
from tensorlib.nn.embedding import Embedding as Embedding
from tensorlib.nn.heads import AddInto as AddInto
from tensorlib.nn.heads import SplitInto as SplitInto
from tensorlib.nn.linear import Linear as Linear
from tensorlib.nn.module import Maps as Maps
from tensorlib.nn.module import Module as Module
from tensorlib.nn.normalization import GroupNorm as GroupNorm
from tensorlib.nn.normalization import LayerNorm as LayerNorm
from tensorlib.nn.normalization import RMSNorm as RMSNorm
from tensorlib.nn.parameter import Buffer as Buffer
from tensorlib.nn.parameter import Parameter as Parameter
from tensorlib.nn.pooling import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from tensorlib.nn.pooling import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from tensorlib.nn.pooling import AvgPool1d as AvgPool1d
from tensorlib.nn.pooling import AvgPool2d as AvgPool2d
from tensorlib.nn.pooling import GlobalAvgPool2d as GlobalAvgPool2d
from tensorlib.nn.pooling import GlobalMaxPool2d as GlobalMaxPool2d
from tensorlib.nn.pooling import GlobalMinPool2d as GlobalMinPool2d
from tensorlib.nn.pooling import MaxPool1d as MaxPool1d
from tensorlib.nn.pooling import MaxPool2d as MaxPool2d
from tensorlib.nn.pooling import MinPool2d as MinPool2d
from tensorlib.nn.prelu import PReLU as PReLU
from tensorlib.nn.rearranging import Flatten as Flatten
from tensorlib.nn.rearranging import FlattenImage as FlattenImage
from tensorlib.nn.rearranging import Reshape as Reshape
from tensorlib.nn.recurrent import GRU as GRU
from tensorlib.nn.recurrent import LSTM as LSTM
from tensorlib.nn.recurrent import RNN as RNN
from tensorlib.nn.recurrent_cell import GRUCell as GRUCell
from tensorlib.nn.recurrent_cell import LSTMCell as LSTMCell
from tensorlib.nn.recurrent_cell import RNNCell as RNNCell
from tensorlib.nn.repeated import Repeated as Repeated
from tensorlib.nn.resampling import Upscale2d as Upscale2d
from tensorlib.nn.residual import GeneralizedResidual as GeneralizedResidual
from tensorlib.nn.residual import Residual as Residual
from tensorlib.nn.residual import ResidualMul as ResidualMul
from tensorlib.nn.sequential import Sequential as Sequential
from tensorlib.nn.sequential import sequential as sequential
from tensorlib.nn.transformer import Transformer as Transformer
from tensorlib.nn.transformer import TransformerDecoder as TransformerDecoder
from tensorlib.nn.transformer import TransformerEncoder as TransformerEncoder
from tensorlib.nn.transformer_block import TransformerDecoderBlock as TransformerDecoderBlock
from tensorlib.nn.transformer_block import TransformerEncoderBlock as TransformerEncoderBlock
from tensorlib.shapes.words import of_module as _of_module

_missing = _of_module("nn", __name__)
if not TYPE_CHECKING:  # a checker would take every name for an attribute
    __getattr__ = _missing
