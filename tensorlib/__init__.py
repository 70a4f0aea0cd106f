"""Tensors, gradients and neural networks whose shapes and tapes are checked before they run.

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim
"""

from __future__ import annotations

from importlib import import_module as _import_module
from os import environ as _environ
from typing import TYPE_CHECKING

from tensorlib.creation import arange as arange
from tensorlib.creation import eye as eye
from tensorlib.creation import from_dlpack as from_dlpack
from tensorlib.creation import from_numpy as from_numpy
from tensorlib.creation import full as full
from tensorlib.creation import full_like as full_like
from tensorlib.creation import linspace as linspace
from tensorlib.creation import normal as normal
from tensorlib.creation import ones as ones
from tensorlib.creation import ones_like as ones_like
from tensorlib.creation import permutation as permutation
from tensorlib.creation import rand as rand
from tensorlib.creation import rand_like as rand_like
from tensorlib.creation import randint as randint
from tensorlib.creation import randn as randn
from tensorlib.creation import randn_like as randn_like
from tensorlib.creation import tensor as tensor
from tensorlib.creation import uniform as uniform
from tensorlib.creation import zeros as zeros
from tensorlib.creation import zeros_like as zeros_like
from tensorlib.gradients import Gradients as Gradients
from tensorlib.ops.activation import elu as elu
from tensorlib.ops.activation import gelu as gelu
from tensorlib.ops.activation import hardsigmoid as hardsigmoid
from tensorlib.ops.activation import hardswish as hardswish
from tensorlib.ops.activation import hardtanh as hardtanh
from tensorlib.ops.activation import leaky_relu as leaky_relu
from tensorlib.ops.activation import logsigmoid as logsigmoid
from tensorlib.ops.activation import prelu as prelu
from tensorlib.ops.activation import selu as selu
from tensorlib.ops.activation import silu as silu
from tensorlib.ops.activation import softplus as softplus
from tensorlib.ops.adaptive_pooling import adaptive_avg_pool2d as adaptive_avg_pool2d
from tensorlib.ops.adaptive_pooling import adaptive_max_pool2d as adaptive_max_pool2d
from tensorlib.ops.adaptive_pooling import global_avg_pool2d as global_avg_pool2d
from tensorlib.ops.adaptive_pooling import global_max_pool2d as global_max_pool2d
from tensorlib.ops.adaptive_pooling import global_min_pool2d as global_min_pool2d
from tensorlib.ops.convolution import conv1d as conv1d
from tensorlib.ops.convolution import conv2d as conv2d
from tensorlib.ops.convolution import conv_transpose2d as conv_transpose2d
from tensorlib.ops.convolution import unfold as unfold
from tensorlib.ops.elementwise import abs as abs
from tensorlib.ops.elementwise import add as add
from tensorlib.ops.elementwise import clip as clip
from tensorlib.ops.elementwise import cos as cos
from tensorlib.ops.elementwise import divide as divide
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
from tensorlib.ops.linalg import dot as dot
from tensorlib.ops.linalg import linear as linear
from tensorlib.ops.linalg import matmul as matmul
from tensorlib.ops.linalg import matvec as matvec
from tensorlib.ops.linalg import outer as outer
from tensorlib.ops.linalg import vecdot as vecdot
from tensorlib.ops.linalg import vecmat as vecmat
from tensorlib.ops.logic import allclose as allclose
from tensorlib.ops.logic import isclose as isclose
from tensorlib.ops.logic import isfinite as isfinite
from tensorlib.ops.logic import isinf as isinf
from tensorlib.ops.logic import isnan as isnan
from tensorlib.ops.logic import logical_and as logical_and
from tensorlib.ops.logic import logical_not as logical_not
from tensorlib.ops.logic import logical_or as logical_or
from tensorlib.ops.logic import logical_xor as logical_xor
from tensorlib.ops.logic import nans_to as nans_to
from tensorlib.ops.logic import where as where
from tensorlib.ops.manipulation import broadcast_like as broadcast_like
from tensorlib.ops.manipulation import broadcast_to as broadcast_to
from tensorlib.ops.manipulation import expand_dims as expand_dims
from tensorlib.ops.manipulation import expect_shape as expect_shape
from tensorlib.ops.manipulation import flatten as flatten
from tensorlib.ops.manipulation import flip as flip
from tensorlib.ops.manipulation import matrix_transpose as matrix_transpose
from tensorlib.ops.manipulation import permute as permute
from tensorlib.ops.manipulation import reshape as reshape
from tensorlib.ops.manipulation import roll as roll
from tensorlib.ops.manipulation import squeeze as squeeze
from tensorlib.ops.manipulation import tile as tile
from tensorlib.ops.manipulation import transpose as transpose
from tensorlib.ops.manipulation import tril as tril
from tensorlib.ops.manipulation import triu as triu
from tensorlib.ops.mapping import map as map
from tensorlib.ops.normalization import log_softmax as log_softmax
from tensorlib.ops.normalization import normalize as normalize
from tensorlib.ops.normalization import softmax as softmax
from tensorlib.ops.ordering import argmax as argmax
from tensorlib.ops.ordering import argmin as argmin
from tensorlib.ops.ordering import argsort as argsort
from tensorlib.ops.ordering import sort as sort
from tensorlib.ops.ordering import topk as topk
from tensorlib.ops.padding import pad as pad
from tensorlib.ops.padding import repeat as repeat
from tensorlib.ops.pooling import avg_pool1d as avg_pool1d
from tensorlib.ops.pooling import avg_pool2d as avg_pool2d
from tensorlib.ops.pooling import max_pool1d as max_pool1d
from tensorlib.ops.pooling import max_pool2d as max_pool2d
from tensorlib.ops.pooling import min_pool2d as min_pool2d
from tensorlib.ops.power import erf as erf
from tensorlib.ops.power import expm1 as expm1
from tensorlib.ops.power import log1p as log1p
from tensorlib.ops.power import log2 as log2
from tensorlib.ops.power import log10 as log10
from tensorlib.ops.power import pow as pow
from tensorlib.ops.power import reciprocal as reciprocal
from tensorlib.ops.power import rsqrt as rsqrt
from tensorlib.ops.primitive import Primitive as Primitive
from tensorlib.ops.reduction import all as all
from tensorlib.ops.reduction import any as any
from tensorlib.ops.reduction import count_nonzero as count_nonzero
from tensorlib.ops.reduction import logsumexp as logsumexp
from tensorlib.ops.reduction import max as max
from tensorlib.ops.reduction import mean as mean
from tensorlib.ops.reduction import min as min
from tensorlib.ops.reduction import prod as prod
from tensorlib.ops.reduction import std as std
from tensorlib.ops.reduction import sum as sum
from tensorlib.ops.reduction import var as var
from tensorlib.ops.resampling import upscale2d as upscale2d
from tensorlib.ops.rounding import ceil as ceil
from tensorlib.ops.rounding import floor as floor
from tensorlib.ops.rounding import floor_divide as floor_divide
from tensorlib.ops.rounding import remainder as remainder
from tensorlib.ops.rounding import round as round
from tensorlib.ops.rounding import sign as sign
from tensorlib.ops.rounding import trunc as trunc
from tensorlib.ops.scan import cummax as cummax
from tensorlib.ops.scan import cummin as cummin
from tensorlib.ops.scan import cumprod as cumprod
from tensorlib.ops.scan import cumsum as cumsum
from tensorlib.ops.searching import argwhere as argwhere
from tensorlib.ops.searching import nonzero as nonzero
from tensorlib.ops.searching import unique as unique
from tensorlib.ops.selection import embedding as embedding
from tensorlib.ops.selection import masked_select as masked_select
from tensorlib.ops.selection import one_hot as one_hot
from tensorlib.ops.selection import scatter_add as scatter_add
from tensorlib.ops.selection import select as select
from tensorlib.ops.selection import take as take
from tensorlib.ops.selection import take_along_axis as take_along_axis
from tensorlib.ops.selection import value_mask as value_mask
from tensorlib.ops.splitting import broadcast_arrays as broadcast_arrays
from tensorlib.ops.splitting import chunk as chunk
from tensorlib.ops.splitting import meshgrid as meshgrid
from tensorlib.ops.splitting import split as split
from tensorlib.ops.splitting import unstack as unstack
from tensorlib.ops.trigonometry import acos as acos
from tensorlib.ops.trigonometry import acosh as acosh
from tensorlib.ops.trigonometry import asin as asin
from tensorlib.ops.trigonometry import asinh as asinh
from tensorlib.ops.trigonometry import atan as atan
from tensorlib.ops.trigonometry import atan2 as atan2
from tensorlib.ops.trigonometry import atanh as atanh
from tensorlib.ops.trigonometry import cosh as cosh
from tensorlib.ops.trigonometry import sinh as sinh
from tensorlib.ops.trigonometry import tan as tan
from tensorlib.shapes.errors import CheckpointError as CheckpointError
from tensorlib.shapes.errors import CompileError as CompileError
from tensorlib.shapes.errors import DtypeError as DtypeError
from tensorlib.shapes.errors import ImmutableError as ImmutableError
from tensorlib.shapes.errors import IncompleteTapeError as IncompleteTapeError
from tensorlib.shapes.errors import IndexOutOfRangeError as IndexOutOfRangeError
from tensorlib.shapes.errors import LinAlgError as LinAlgError
from tensorlib.shapes.errors import NonFiniteGradientError as NonFiniteGradientError
from tensorlib.shapes.errors import ParameterChangedError as ParameterChangedError
from tensorlib.shapes.errors import ShapeError as ShapeError
from tensorlib.shapes.errors import TapeError as TapeError
from tensorlib.shapes.errors import TapeMovedError as TapeMovedError
from tensorlib.shapes.errors import TensorlibError as TensorlibError
from tensorlib.shapes.errors import UnusedParameterError as UnusedParameterError
from tensorlib.shapes.words import of_module as _of_module
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

_missing = _of_module("tl", __name__)
_ROOMS = (
    *("blas", "checking", "checkpoint", "compiling", "data", "functional", "io", "kernels"),
    *("linalg", "losses", "metrics", "nn", "optim", "testing"),
)
_LATER = {
    "checking": "check_shapes",
    "checkpoint": "load_checkpoint save_checkpoint",
    "compiling": "compile",
    "functional": "grad value_and_grad",
    "metrics": "accuracy confusion_matrix",
    "ops.attention": "scaled_dot_product_attention",
    "ops.contraction": "einsum tensordot",
    "ops.joining": "concat stack",
    "ops.normalization_layers": "batch_norm group_norm layer_norm rms_norm",
    "ops.random": "bernoulli categorical dropout multinomial",
    "ops.recurrent": "gru lstm rnn",
    "ops.similarity": "cosine_similarity",
}
_MODULES = {name: module for module, names in _LATER.items() for name in names.split()}
"""What is imported when first asked for, so that `import tensorlib` costs little."""

if TYPE_CHECKING:
    from tensorlib import blas as blas
    from tensorlib import checking as checking
    from tensorlib import data as data
    from tensorlib import io as io
    from tensorlib import kernels as kernels
    from tensorlib import linalg as linalg
    from tensorlib import losses as losses
    from tensorlib import nn as nn
    from tensorlib import optim as optim
    from tensorlib.checking import check_shapes as check_shapes
    from tensorlib.checkpoint import load_checkpoint as load_checkpoint
    from tensorlib.checkpoint import save_checkpoint as save_checkpoint
    from tensorlib.compiling import compile as compile
    from tensorlib.functional import grad as grad
    from tensorlib.functional import value_and_grad as value_and_grad
    from tensorlib.metrics import accuracy as accuracy
    from tensorlib.metrics import confusion_matrix as confusion_matrix
    from tensorlib.ops.attention import scaled_dot_product_attention as scaled_dot_product_attention
    from tensorlib.ops.contraction import einsum as einsum
    from tensorlib.ops.contraction import tensordot as tensordot
    from tensorlib.ops.joining import concat as concat
    from tensorlib.ops.joining import stack as stack
    from tensorlib.ops.normalization_layers import batch_norm as batch_norm
    from tensorlib.ops.normalization_layers import group_norm as group_norm
    from tensorlib.ops.normalization_layers import layer_norm as layer_norm
    from tensorlib.ops.normalization_layers import rms_norm as rms_norm
    from tensorlib.ops.random import bernoulli as bernoulli
    from tensorlib.ops.random import categorical as categorical
    from tensorlib.ops.random import dropout as dropout
    from tensorlib.ops.random import multinomial as multinomial
    from tensorlib.ops.recurrent import gru as gru
    from tensorlib.ops.recurrent import lstm as lstm
    from tensorlib.ops.recurrent import rnn as rnn
    from tensorlib.ops.similarity import cosine_similarity as cosine_similarity
else:  # a checker would take every name for an attribute

    def __getattr__(name):
        """Import a room when first asked for it; tell of names that there are not."""
        if name in _ROOMS:
            return _import_module(f"tensorlib.{name}")
        if name in _MODULES:
            found = getattr(_import_module(f"tensorlib.{_MODULES[name]}"), name)
            globals()[name] = found
            return found
        return _missing(name)

    def __dir__():
        return sorted({*globals(), *_ROOMS, *_MODULES})

    # What comes with an asterisk; what an extra or a test asks for does not.
    __all__ = [
        name
        for name in __dir__()
        if not name.startswith("_") and name not in ("blas", "kernels", "testing")
    ]


if _environ.get("TENSORLIB_CHECK_SHAPES"):
    _import_module("tensorlib.checking")

if _environ.get("TENSORLIB_BLAS"):
    from tensorlib.blas.choice import use_from_environment as _use_from_environment

    _use_from_environment()

if _environ.get("TENSORLIB_KERNELS"):
    from tensorlib.kernels.choice import use_from_environment as _use_kernels

    _use_kernels()
