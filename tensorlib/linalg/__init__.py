"""Linear algebra: what is computed of matrices, linear equations, and decompositions.

All functions work on batches: leading dimensions stay, the last two are the matrix. They are no
methods of tensors; products of matrices stand in `tensorlib` itself.
"""

from __future__ import annotations

from tensorlib.linalg.decomposition import cholesky as cholesky
from tensorlib.linalg.decomposition import eigh as eigh
from tensorlib.linalg.decomposition import qr as qr
from tensorlib.linalg.decomposition import svd as svd
from tensorlib.linalg.decomposition import svdvals as svdvals
from tensorlib.linalg.matrix import det as det
from tensorlib.linalg.matrix import diag as diag
from tensorlib.linalg.matrix import diagonal as diagonal
from tensorlib.linalg.matrix import inv as inv
from tensorlib.linalg.matrix import norm as norm
from tensorlib.linalg.matrix import slogdet as slogdet
from tensorlib.linalg.matrix import solve as solve
from tensorlib.linalg.matrix import trace as trace
