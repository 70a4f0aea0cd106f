"""How many threads BLAS may take, through threadpoolctl: ``tensorlib[blas]``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import cast

from tensorlib.ops.arguments import plain_int


def threads(n: int) -> AbstractContextManager[object]:
    """Let BLAS take at most so many threads: from now on, or in the body of a ``with`` statement.

    That goes for the whole program, and for every BLAS that is loaded when this is called: NumPy's,
    and MKL if it is in use.

    Args:
        n: how many threads, at least 1.

    Returns:
        A context manager at whose end each BLAS may take as many as before.

    Raises:
        ImportError: threadpoolctl is not installed.
        TypeError: ``n`` is no int.
        ValueError: ``n`` is less than 1.

    Example:
        >>> import tensorlib as tl
        >>> with tl.blas.threads(1):
        ...     tl.matmul(tl.ones((2, 3)), tl.ones((3, 1))).tolist()
        [[3.0], [3.0]]
    """
    count = plain_int(n, "blas.threads", "a number of threads")
    if count < 1:
        raise ValueError(f"blas.threads: expected at least 1 thread, got {count}")
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError(
            "blas.threads: threadpoolctl is not installed: pip install 'tensorlib[blas]'"
        ) from error
    return cast("AbstractContextManager[object]", threadpool_limits(count, user_api="blas"))
