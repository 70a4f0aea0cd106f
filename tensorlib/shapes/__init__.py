"""The shape calculus: dimensions, shapes and the rule of every op. Standard library only.

Importing this package registers all rules; the run time calls them with ints, the mypy plugin
with symbolic dimensions.
"""

from __future__ import annotations

from tensorlib.shapes import activation as activation
from tensorlib.shapes import attention as attention
from tensorlib.shapes import contraction as contraction
from tensorlib.shapes import convolution as convolution
from tensorlib.shapes import creation as creation
from tensorlib.shapes import data as data
from tensorlib.shapes import decomposition as decomposition
from tensorlib.shapes import dtypes as dtypes
from tensorlib.shapes import elementwise as elementwise
from tensorlib.shapes import indexing as indexing
from tensorlib.shapes import joining as joining
from tensorlib.shapes import linalg as linalg
from tensorlib.shapes import logic as logic
from tensorlib.shapes import loss as loss
from tensorlib.shapes import manipulation as manipulation
from tensorlib.shapes import mapping as mapping
from tensorlib.shapes import matrix as matrix
from tensorlib.shapes import metrics as metrics
from tensorlib.shapes import normalization as normalization
from tensorlib.shapes import ordering as ordering
from tensorlib.shapes import padding as padding
from tensorlib.shapes import pooling as pooling
from tensorlib.shapes import power as power
from tensorlib.shapes import random as random
from tensorlib.shapes import recurrent as recurrent
from tensorlib.shapes import reduction as reduction
from tensorlib.shapes import resampling as resampling
from tensorlib.shapes import rounding as rounding
from tensorlib.shapes import scan as scan
from tensorlib.shapes import searching as searching
from tensorlib.shapes import selection as selection
from tensorlib.shapes import similarity as similarity
from tensorlib.shapes import splitting as splitting
from tensorlib.shapes import trigonometry as trigonometry
from tensorlib.shapes.dim import Dim as Dim
from tensorlib.shapes.dim import exact_quotient as exact_quotient
from tensorlib.shapes.dim import prod as prod
from tensorlib.shapes.dim import require_equal as require_equal
from tensorlib.shapes.dim import total as total
from tensorlib.shapes.errors import DtypeError as DtypeError
from tensorlib.shapes.errors import IndexOutOfRangeError as IndexOutOfRangeError
from tensorlib.shapes.errors import ShapeError as ShapeError
from tensorlib.shapes.errors import UndecidedError as UndecidedError
from tensorlib.shapes.registry import TapeRule as TapeRule
from tensorlib.shapes.registry import rule as rule
from tensorlib.shapes.shape import Shape as Shape
from tensorlib.shapes.shape import axes_indices as axes_indices
from tensorlib.shapes.shape import axis_index as axis_index
from tensorlib.shapes.shape import dim_at as dim_at
from tensorlib.shapes.shape import format_shape as format_shape
from tensorlib.shapes.shape import known_rank as known_rank
from tensorlib.shapes.shape import replaced as replaced
from tensorlib.shapes.shape import trailing as trailing
from tensorlib.shapes.shape import without as without
