"""Intel's MKL, from the package of that name: ``tensorlib[mkl]``."""

from __future__ import annotations

import ctypes
import re
import sys
from ctypes.util import find_library
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from tensorlib.blas.cblas import Cblas

LAYERS: Final = {"mkl-dynamic-iomp": 0, "mkl-dynamic-seq": 1}
"""Which library MKL uses for threads, Intel's OpenMP or none, by its number in mkl_service.h."""
_FILE: Final = re.compile(r"(lib)?mkl_rt(\.\d+)?\.(so(\.\d+)?|dll|dylib)")
_NAMES: Final = "cblas_{}_64"  # of cblas_sgemm, others may change how wide its integers are


_FIELDS: Any = [
    *((name, ctypes.c_int) for name in ("major", "minor", "update")),
    *((name, ctypes.c_char_p) for name in ("status", "build", "processor", "platform")),
]


class _Version(ctypes.Structure):
    """What MKL says of itself: ``MKLVersion`` of mkl_types.h."""

    major: int
    update: int
    processor: bytes
    _fields_ = _FIELDS


class Mkl:
    """MKL, loaded into this program.

    Args:
        path: its file.

    Attributes:
        path: its file.
        cblas: its products.

    Raises:
        AttributeError: the file is that of another library, or of an MKL older than 2022.
        OSError: it cannot be loaded.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._library = ctypes.CDLL(path)
        self.cblas = Cblas(self._library, _NAMES)

    def set_layer(self, layer: str) -> str | None:
        """Choose the library for threads, which stays as it is once MKL has computed something.

        Returns:
            What it is now; None if it is none of `LAYERS`.
        """
        number = self._library.MKL_Set_Threading_Layer(LAYERS[layer])
        return next((name for name, value in LAYERS.items() if value == number), None)

    @property
    def threads(self) -> int:
        """How many threads a product may take now."""
        return int(self._library.MKL_Get_Max_Threads())

    @property
    def version(self) -> str:
        """Its version, such as 2026.2."""
        version = self._version()
        return f"{version.major}.{version.update}"

    @property
    def architecture(self) -> str:
        """The processors that it has chosen its kernels for, in its own words."""
        return self._version().processor.decode()

    def _version(self) -> _Version:
        version = _Version()
        self._library.MKL_Get_Version(ctypes.byref(version))
        return version


def threads_would_mix(path: str) -> bool:
    """Load Intel's OpenMP for all libraries; tell whether another one has come before it.

    MKL's parts find the functions of OpenMP by their names, among those of all that is loaded so.
    PyTorch loads GNU's OpenMP, where each thread of Intel's takes itself for the only one: all of
    them would do the whole work, and add up their results.

    Args:
        path: MKL's file.

    Raises:
        OSError: it cannot be loaded.
    """
    if sys.platform == "win32":  # where each library says from which other its functions are
        return False
    beside = Path(path).with_name("libiomp5.so")
    openmp = ctypes.CDLL(str(beside) if beside.exists() else beside.name, ctypes.RTLD_GLOBAL)
    found = (library.omp_get_thread_num for library in (openmp, ctypes.CDLL(None)))
    own, first = (ctypes.cast(function, ctypes.c_void_p).value for function in found)
    return own != first


_mkl: Mkl | None = None


def load() -> Mkl | None:
    """Load MKL, the first time; None if it is not installed.

    Raises:
        AttributeError: what is installed is no MKL that can be used.
        OSError: it cannot be loaded.
    """
    global _mkl
    if _mkl is None:
        path = find()
        _mkl = None if path is None else Mkl(path)
    return _mkl


def loaded() -> Mkl | None:
    """Return MKL if `load` has loaded it."""
    return _mkl


def find() -> str | None:
    """Return the file that pip installed, or else the one that the system knows by its name."""
    try:
        files = metadata.files("mkl") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if _FILE.fullmatch(file.name):
            return str(file.locate())
    return find_library("mkl_rt")
