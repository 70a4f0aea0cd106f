"""Which kernels there are, and whether they are used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from tensorlib.ops import kernels


@dataclass(frozen=True)
class Info:
    """What is known of compiled kernels in this program.

    Attributes:
        on: whether they are used.
        compiler: numba and its version; None if it is not installed.
        missing: why there are none, if that is so and has been found out.
        least: how many elements an array must have for one.
        names: the functions that a kernel may compute, among those imported.

    Example:
        >>> import tensorlib as tl
        >>> "rows.softmax" in tl.kernels.info().names
        True
    """

    on: bool
    compiler: str | None
    missing: str | None
    least: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return a few lines."""
        use = "off" if not self.on else "on, as soon as an array wants one"
        if self.on and kernels.is_loaded():
            use = "on"
        lines = [
            f"kernels   {use}",
            f"compiler  {self.compiler or 'none'}",
            f"least     {self.least} elements",
            f"names     {', '.join(self.names)}",
        ]
        if self.missing:
            lines.insert(2, f"missing   {self.missing}")
        return "\n".join(lines)

    __repr__ = __str__


def info() -> Info:
    """Tell whether compiled kernels are used, by what they are compiled, and which there are.

    Asking does not import numba.

    Example:
        >>> import tensorlib as tl
        >>> with tl.kernels.use(False):
        ...     tl.kernels.info().on
        False
    """
    try:
        compiler: str | None = f"numba {metadata.version('numba')}"
    except metadata.PackageNotFoundError:
        compiler = None
    return Info(
        kernels.on and (compiler is not None and kernels.missing is None),
        compiler,
        kernels.missing,
        kernels.least,
        tuple(sorted(kernels.names)),
    )
