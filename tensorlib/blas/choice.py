"""Which library multiplies matrices: NumPy's, or another on request."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from tensorlib.blas import mkl
from tensorlib.ops import products

Choice: TypeAlias = Literal["numpy", "mkl-dynamic-seq", "mkl-dynamic-iomp"]
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
VARIABLE: Final = "TENSORLIB_BLAS"

_lock = threading.RLock()
_used: Choice = "numpy"


@dataclass(frozen=True)
class Use:
    """A choice that has been made; a ``with`` statement takes it back at its end.

    Attributes:
        name: what was chosen.
        before: what was used before.

    Example:
        >>> import tensorlib as tl
        >>> tl.blas.use("numpy")
        Use(name='numpy', before='numpy')
    """

    name: Choice
    before: Choice

    def __enter__(self) -> None:
        """Leave the choice as it is."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Return to what was used before."""
        _switch(self.before, "blas.use")


def use(name: Choice) -> Use:
    """Choose the library that multiplies matrices of float32 and float64, in all ops.

    The choice holds for the whole program, in all its threads, until the next one; in a ``with``
    statement, for its body. Ops whose operands this library cannot read as they lie in memory are
    computed by NumPy, and so are those of ints and of float16. Results are equal within rounding.

    MKL's way of using threads is settled by its first product: the other one is refused from then
    on. Its threads and those of PyTorch get on if MKL is chosen before PyTorch is imported, and are
    refused otherwise.

    Args:
        name: ``"numpy"``, which needs nothing else; ``"mkl-dynamic-iomp"``, Intel's MKL with as
            many threads as it sees fit, or `threads` says; ``"mkl-dynamic-seq"``, MKL with one.

    Returns:
        A context manager that takes the choice back, for those who want that.

    Raises:
        ImportError: MKL is not installed, or cannot be loaded.
        RuntimeError: MKL is in use in this program, with threads in the other way, or would get its
            threads mixed up with those of another library.
        ValueError: there is no such library.

    Example:
        >>> import tensorlib as tl
        >>> with tl.blas.use("numpy"):
        ...     tl.matmul(tl.ones((2, 3)), tl.ones((3, 1))).tolist()
        [[3.0], [3.0]]
    """
    return _switch(name, "blas.use")


def used() -> Choice:
    """Return what is chosen at present."""
    return _used


def use_from_environment() -> None:
    """Make the choice that the environment names, if it does.

    Raises:
        ImportError: as for `use`; `RuntimeError` and `ValueError` as well.
    """
    name = os.environ.get(VARIABLE)
    if name:
        _switch(name, VARIABLE)


def _switch(name: str, subject: str) -> Use:
    global _used
    choice = _checked(name, subject)
    with _lock:
        before = _used
        products.matmul = np.matmul if choice == "numpy" else _mkl(choice, subject).cblas.matmul
        _used = choice
    return Use(choice, before)


def _checked(name: object, subject: str) -> Choice:
    for choice in CHOICES:
        if name == choice:
            return choice
    if name in ("mkl-static-seq", "mkl-static-iomp"):
        dynamic = str(name).replace("static", "dynamic")
        raise ValueError(
            f"{subject}: nothing is linked statically in Python, which loads libraries as it runs: "
            f'use "{dynamic}"'
        )
    *others, last = (f'"{choice}"' for choice in CHOICES)
    raise ValueError(f"{subject}: expected {', '.join(others)} or {last}, got {name!r}")


def _mkl(choice: Choice, subject: str) -> mkl.Mkl:
    try:
        found = mkl.load()
        mixed = found and choice == "mkl-dynamic-iomp" and mkl.threads_would_mix(found.path)
    except (AttributeError, OSError) as error:
        raise ImportError(f"{subject}: MKL cannot be loaded: {error}") from error
    if found is None:
        raise ImportError(f"{subject}: MKL is not installed: pip install 'tensorlib[mkl]'")
    if mixed:
        raise RuntimeError(
            f"{subject}: {choice} would compute wrong results beside another OpenMP that is loaded "
            "already, such as PyTorch's: choose it before PyTorch is imported, or mkl-dynamic-seq"
        )
    layer = found.set_layer(choice)
    if layer != choice:
        one_thread = choice == "mkl-dynamic-seq"
        cure = "say tl.blas.threads(1)" if one_thread else "choose it before anything is computed"
        raise RuntimeError(
            f"{subject}: MKL computes as {layer or 'another library has told it'} in this program "
            f"already, and cannot change to {choice}: {cure}"
        )
    return found
