"""Layers, containers and the base class of models."""

from __future__ import annotations

from tensorlib.nn.activation import ELU as ELU
from tensorlib.nn.activation import GELU as GELU
from tensorlib.nn.activation import SELU as SELU
from tensorlib.nn.activation import Abs as Abs
from tensorlib.nn.activation import Cos as Cos
from tensorlib.nn.activation import Exp as Exp
from tensorlib.nn.activation import Hardsigmoid as Hardsigmoid
from tensorlib.nn.activation import Hardswish as Hardswish
from tensorlib.nn.activation import Hardtanh as Hardtanh
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
from tensorlib.nn.build import build as build
from tensorlib.nn.dropout import Dropout as Dropout
from tensorlib.nn.linear import Linear as Linear
from tensorlib.nn.module import Maps as Maps
from tensorlib.nn.module import Module as Module
from tensorlib.nn.parameter import Buffer as Buffer
from tensorlib.nn.parameter import Parameter as Parameter
from tensorlib.nn.sequential import Sequential as Sequential
from tensorlib.nn.sequential import sequential as sequential
