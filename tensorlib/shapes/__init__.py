"""The shape calculus: dimensions, shapes and the rule of every op. Standard library only.

Importing this package registers all rules; the run time calls them with ints, the mypy plugin
with symbolic dimensions.
"""

from __future__ import annotations

from tensorlib.shapes import activation as activation
from tensorlib.shapes import creation as creation
from tensorlib.shapes import elementwise as elementwise
from tensorlib.shapes import indexing as indexing
from tensorlib.shapes import joining as joining
from tensorlib.shapes import linalg as linalg
from tensorlib.shapes import logic as logic
from tensorlib.shapes import loss as loss
from tensorlib.shapes import manipulation as manipulation
from tensorlib.shapes import normalization as normalization
from tensorlib.shapes import ordering as ordering
from tensorlib.shapes import power as power
from tensorlib.shapes import random as random
from tensorlib.shapes import reduction as reduction
from tensorlib.shapes import rounding as rounding
from tensorlib.shapes import scan as scan
from tensorlib.shapes import trigonometry as trigonometry
