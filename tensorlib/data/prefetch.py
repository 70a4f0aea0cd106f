"""Reading ahead in a thread, while the model computes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from typing_extensions import TypeVar

from tensorlib.ops.arguments import plain_int

X = TypeVar("X")

_END = object()


def prefetch(batches: Iterable[X], depth: int = 2) -> Iterator[X]:
    """Give the same batches in the same order, made ahead of time in a thread.

    It pays where making a batch waits for files or releases Python's lock, as NumPy's large
    operations do. An error in making a batch is raised where that batch is asked for. The thread
    ends with the loop, also if that is left early.

    A state taken from what is read ahead is of batches that were not used yet: take the state of
    data that is read without `prefetch`.

    Args:
        batches: what to read; each call goes through it once.
        depth: how many batches at most wait to be used.

    Raises:
        ValueError: the depth is not positive.

    Example:
        >>> import tensorlib as tl
        >>> list(tl.data.prefetch([1, 2, 3]))
        [1, 2, 3]
    """
    if plain_int(depth, "prefetch", "depth") < 1:
        raise ValueError(f"prefetch: depth must be positive, got {depth}")
    return _read(batches, depth)


def _read(batches: Iterable[X], depth: int) -> Iterator[X]:
    waiting: queue.Queue[Any] = queue.Queue(depth)
    left = threading.Event()

    def put(item: object) -> bool:
        while not left.is_set():
            try:
                waiting.put(item, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def fill() -> None:
        try:
            for batch in batches:
                if not put((batch, None)):
                    return
        except BaseException as error:  # raised again where the batch is asked for
            put((_END, error))
        else:
            put((_END, None))

    thread = threading.Thread(target=fill, name="tensorlib-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            batch, error = waiting.get()
            if error is not None:
                raise error
            if batch is _END:
                return
            yield batch
    finally:
        left.set()
        thread.join()
