"""Memory for large results, used again as soon as nobody can see what was in it.

An operating system hands out large pieces of memory page by page, each cleared before its first
use, and takes them back when they are freed: a training step pays for that as for tens of
additions. So memory that was freed is kept here for the next result of the same size.

Nothing is asked about who still uses an array. Its base is an object that owns the memory for as
long as any array, view or foreign holder refers to it; only when that object is gone is the memory
free. A thread takes from its own memory only, and gives back only what it took itself.

Smaller results are NumPy's, from the C library, which is asked to keep more of what is freed.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from typing import Any, Final

import numpy as np

from tensorlib.tape import Array

SWITCH: Final = "TENSORLIB_KEEP_MEMORY"
"""The environment variable: "0" has no memory kept."""
_IS_ON: Final = os.environ.get(SWITCH) != "0"
LEAST = 2**20 if _IS_ON else sys.maxsize
"""From how many bytes on memory is kept."""
MOST = 2**28
"""How many bytes a thread keeps that nobody uses."""
_ALIGNMENT: Final = 64


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return an array with anything in it, as `numpy.empty` does."""
    size = math.prod(shape) * dtype.itemsize
    if size < LEAST:
        return np.empty(shape, dtype)
    pool = own_pool()
    return np.asarray(_Lent(pool.take(size), pool, shape, dtype))


def _have_freed_memory_kept() -> None:
    """Have the C library keep up to 64 MiB of what is freed, for the next results.

    glibc gives memory back to the operating system beyond twice the size of the largest piece that
    was taken from there and freed, of those of up to 32 MiB (``man mallopt``,
    ``M_MMAP_THRESHOLD``). So one of these is taken and freed, of which nothing is touched.
    """
    np.empty(2**25 - 2**16, np.uint8)


if _IS_ON:
    _have_freed_memory_kept()


class _Memory:
    """Bytes that are aligned to the processor's cache lines."""

    __slots__ = ("_bytes", "size", "start")

    def __init__(self, size: int) -> None:
        self.size = size
        self._bytes = np.empty(size + _ALIGNMENT, np.uint8)
        self.start = -(-self._bytes.ctypes.data // _ALIGNMENT) * _ALIGNMENT


class Pool:
    """Memory that nobody uses, by size; of one thread."""

    __slots__ = ("_free", "_owner")

    def __init__(self) -> None:
        self._free: dict[int, list[_Memory]] = {}
        self._owner = threading.get_ident()

    def take(self, size: int) -> _Memory:
        """Return so many bytes."""
        try:
            return self._free[size].pop()
        except (KeyError, IndexError):
            return _Memory(size)

    def give(self, memory: _Memory) -> None:
        """Keep bytes that nobody uses any more."""
        if self._owner != threading.get_ident() or memory.size > MOST:
            return
        if self.size + memory.size > MOST:
            self._free.clear()  # sizes of another time would stay for ever
        self._free.setdefault(memory.size, []).append(memory)

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return sum(size * len(free) for size, free in list(self._free.items()))


class _Lent:
    """Owns memory while an array has it for its base, which asks for the interface once."""

    __slots__ = ("__array_interface__", "_memory", "_pool")

    def __init__(
        self, memory: _Memory, pool: Pool, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        self._memory = memory
        self._pool = pool
        self.__array_interface__ = {
            "shape": shape,
            "typestr": dtype.str,
            "data": (memory.start, False),
            "version": 3,
        }

    def __del__(self) -> None:
        self._pool.give(self._memory)


class _Local(threading.local):
    def __init__(self) -> None:
        self.pool = Pool()


_local = _Local()


def own_pool() -> Pool:
    """Return the memory of the thread that asks."""
    return _local.pool
