"""What multiplies matrices in this program: a table of libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tensorlib.blas import choice, mkl

_NAMES = {
    "scipy-openblas": "OpenBLAS", "openblas": "OpenBLAS", "mkl": "MKL", "mkl-sdl": "MKL",
    "blis": "BLIS", "accelerate": "Accelerate",
}  # fmt: skip
"""What NumPy and threadpoolctl call the libraries, and how these spell themselves."""


@dataclass(frozen=True)
class Library:
    """One BLAS that this program has loaded.

    Attributes:
        name: its name.
        version: its version.
        architecture: the processors that its kernels are for; None if that is not known.
        threads: how many threads it may take now; None if that is not known.
        path: its file; None if that is not known.
        used: whether tensorlib's ops multiply by it.

    Example:
        >>> import tensorlib as tl
        >>> with tl.blas.use("numpy"):
        ...     tl.blas.info()[0].used
        True
    """

    name: str
    version: str
    architecture: str | None
    threads: int | None
    path: str | None
    used: bool


class Info(tuple[Library, ...]):
    """The libraries, NumPy's first; printed, they are a table.

    Example:
        >>> import tensorlib as tl
        >>> print(tl.blas.info())  # doctest: +SKIP
        library   version  architecture  threads  used
        OpenBLAS  0.3.31   Haswell             2  yes
    """

    __slots__ = ()

    def __str__(self) -> str:
        """Return the table."""
        rows = [("library", "version", "architecture", "threads", "used"), *map(_cells, self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if place == 3 else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        )

    __repr__ = __str__


def _cells(library: Library) -> tuple[str, ...]:
    known = (library.name, library.version, library.architecture, library.threads)
    return *("?" if cell is None else str(cell) for cell in known), "yes" if library.used else "no"


def info() -> Info:
    """Tell which libraries multiply matrices in this program, and which of them tensorlib uses.

    Of NumPy's BLAS, threadpoolctl tells what it is at present (``tensorlib[blas]``); without it,
    NumPy tells what it was built with. MKL is there once it is loaded.

    Example:
        >>> import tensorlib as tl
        >>> sum(library.used for library in tl.blas.info())
        1
    """
    by_numpy = choice.used() == "numpy"
    libraries = [_numpys(by_numpy)]
    found = mkl.loaded()
    if found is not None:
        version, architecture = found.version, found.architecture
        libraries.append(
            Library("MKL", version, architecture, found.threads, found.path, not by_numpy)
        )
    return Info(libraries)


def _numpys(used: bool) -> Library:
    pool = _pool()
    if pool is None:
        built: Mapping[str, Any] = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        name, version = built.get("name", "none"), built.get("version", "unknown")
        return Library(_spelled(name), version, None, None, None, used)
    name, version, architecture = pool["internal_api"], pool["version"], pool.get("architecture")
    threads, path = pool["num_threads"], pool["filepath"]
    return Library(_spelled(name), version or "unknown", architecture, threads, path, used)


def _spelled(name: str) -> str:
    return _NAMES.get(name, name)


def _pool() -> Mapping[str, Any] | None:
    """Return what threadpoolctl says of NumPy's BLAS: the one beside it, or the only one."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    package = Path(np.__file__).parent
    folders = {package, package.with_name("numpy.libs")}
    bundled = [pool for pool in pools if folders & {*Path(pool["filepath"]).parents}]
    candidates = bundled or pools
    return candidates[0] if len(candidates) == 1 else None
