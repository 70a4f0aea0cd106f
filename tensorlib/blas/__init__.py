"""Which library multiplies matrices, by how many threads; imported when it is first asked for."""

from __future__ import annotations

from tensorlib.blas.choice import Choice as Choice
from tensorlib.blas.choice import Use as Use
from tensorlib.blas.choice import use as use
from tensorlib.blas.limits import threads as threads
from tensorlib.blas.table import Info as Info
from tensorlib.blas.table import Library as Library
from tensorlib.blas.table import info as info
