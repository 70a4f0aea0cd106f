"""Tensors, gradients and neural networks whose shapes and tapes are checked before they run.

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim
"""

from __future__ import annotations

from tensorlib import io as io
from tensorlib import losses as losses
from tensorlib import nn as nn
from tensorlib import optim as optim
from tensorlib.creation import from_numpy as from_numpy
from tensorlib.creation import full as full
from tensorlib.creation import ones as ones
from tensorlib.creation import rand as rand
from tensorlib.creation import randn as randn
from tensorlib.creation import tensor as tensor
from tensorlib.creation import zeros as zeros
from tensorlib.ops.elementwise import abs as abs
from tensorlib.ops.elementwise import add as add
from tensorlib.ops.elementwise import clip as clip
from tensorlib.ops.elementwise import cos as cos
from tensorlib.ops.elementwise import divide as divide
from tensorlib.ops.elementwise import dropout as dropout
from tensorlib.ops.elementwise import equal as equal
from tensorlib.ops.elementwise import exp as exp
from tensorlib.ops.elementwise import greater as greater
from tensorlib.ops.elementwise import greater_equal as greater_equal
from tensorlib.ops.elementwise import less as less
from tensorlib.ops.elementwise import less_equal as less_equal
from tensorlib.ops.elementwise import log as log
from tensorlib.ops.elementwise import maximum as maximum
from tensorlib.ops.elementwise import minimum as minimum
from tensorlib.ops.elementwise import multiply as multiply
from tensorlib.ops.elementwise import neg as neg
from tensorlib.ops.elementwise import not_equal as not_equal
from tensorlib.ops.elementwise import relu as relu
from tensorlib.ops.elementwise import sigmoid as sigmoid
from tensorlib.ops.elementwise import sin as sin
from tensorlib.ops.elementwise import sqrt as sqrt
from tensorlib.ops.elementwise import square as square
from tensorlib.ops.elementwise import subtract as subtract
from tensorlib.ops.elementwise import tanh as tanh
from tensorlib.ops.linalg import linear as linear
from tensorlib.ops.linalg import matmul as matmul
from tensorlib.ops.manipulation import broadcast_arrays as broadcast_arrays
from tensorlib.ops.manipulation import broadcast_to as broadcast_to
from tensorlib.ops.manipulation import expect_shape as expect_shape
from tensorlib.ops.manipulation import flatten as flatten
from tensorlib.ops.manipulation import permute as permute
from tensorlib.ops.manipulation import reshape as reshape
from tensorlib.ops.manipulation import transpose as transpose
from tensorlib.ops.reduction import argmax as argmax
from tensorlib.ops.reduction import argmin as argmin
from tensorlib.ops.reduction import log_softmax as log_softmax
from tensorlib.ops.reduction import logsumexp as logsumexp
from tensorlib.ops.reduction import max as max
from tensorlib.ops.reduction import mean as mean
from tensorlib.ops.reduction import min as min
from tensorlib.ops.reduction import softmax as softmax
from tensorlib.ops.reduction import sum as sum
from tensorlib.shapes.errors import CheckpointError as CheckpointError
from tensorlib.shapes.errors import DtypeError as DtypeError
from tensorlib.shapes.errors import IncompleteTapeError as IncompleteTapeError
from tensorlib.shapes.errors import IndexOutOfRangeError as IndexOutOfRangeError
from tensorlib.shapes.errors import NonFiniteGradientError as NonFiniteGradientError
from tensorlib.shapes.errors import ParameterChangedError as ParameterChangedError
from tensorlib.shapes.errors import ShapeError as ShapeError
from tensorlib.shapes.errors import TapeError as TapeError
from tensorlib.shapes.errors import TapeMovedError as TapeMovedError
from tensorlib.shapes.errors import TensorlibError as TensorlibError
from tensorlib.shapes.errors import UnusedParameterError as UnusedParameterError
from tensorlib.tape import Gradients as Gradients
from tensorlib.tape import NoTape as NoTape
from tensorlib.tape import Tape as Tape
from tensorlib.tensor import Tensor as Tensor
from tensorlib.types import Shape as Shape
from tensorlib.types import Tensor0D as Tensor0D
from tensorlib.types import Tensor1D as Tensor1D
from tensorlib.types import Tensor2D as Tensor2D
from tensorlib.types import Tensor3D as Tensor3D
from tensorlib.types import Tensor4D as Tensor4D

__version__ = "0.1.0"
