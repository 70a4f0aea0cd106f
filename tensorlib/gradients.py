"""The gradients of a backward pass, by parameter or traced input."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np

from tensorlib import recording
from tensorlib.tape import Array, NoTape, Value, describe, next_id
from tensorlib.typevars import D, S

if TYPE_CHECKING:
    from tensorlib.tensor import Tensor


@final
class Gradients(Mapping["Tensor[Any, Any, Any]", "Tensor[Any, Any, Any]"]):
    """The gradients of one backward pass, by parameter or traced input. Immutable.

    ``gradients[p]`` has the shape and dtype of ``p``; where there is none, a `KeyError` says why.
    Sums and multiples of gradients are new ones, for accumulation over several batches.

    Example:
        >>> import tensorlib as tl
        >>> model, x = tl.nn.Linear(2, 1, rng=0), tl.tensor([3.0, 4.0])
        >>> gradients = model(x.traced()).sum().backward()
        >>> gradients[model.weight].tolist(), gradients[x].shape, len(gradients)
        ([[3.0, 4.0]], (2,), 3)
        >>> (gradients + 0.5 * gradients)[model.weight].tolist()
        [[4.5, 6.0]]
    """

    __slots__ = ("_arrays", "_leaves")

    def __init__(self, leaves: Mapping[int, Value], arrays: Mapping[int, Array]) -> None:
        self._leaves = leaves
        self._arrays = arrays

    def __getitem__(self, key: Tensor[S, Any, D]) -> Tensor[S, NoTape, D]:
        array = self._arrays.get(key._id)
        if array is None:
            reason = "the loss does not depend on it, or it is neither a parameter nor traced"
            if key.is_parameter:
                reason = "the loss does not depend on it, or only through what no tape recorded"
            if getattr(key, "frozen", False):
                reason = "it is frozen"
            raise KeyError(f"no gradient for {describe(key)}: {reason}")
        result: Tensor[S, NoTape, D] = key._result(array, None, None, next_id())
        return result

    @property
    def by_id(self) -> Mapping[int, Array]:
        """The gradients' arrays by the id of what they belong to; not to be written to."""
        recording.refuse("by_id")
        return self._arrays

    def __contains__(self, key: object) -> bool:
        return isinstance(key, Value) and key._id in self._arrays

    def __iter__(self) -> Iterator[Tensor[Any, Any, Any]]:
        return (self._leaves[id] for id in self._arrays)  # type: ignore[misc]

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        names = ", ".join(describe(self._leaves[id]) for id in self._arrays)
        return f"Gradients({names})"

    def __add__(self, other: Gradients) -> Gradients:
        """Add gradients; what only one of them has counts as zero in the other."""
        arrays = dict(self._arrays)
        for id, array in other._arrays.items():
            arrays[id] = recording.noted(_sum)(arrays[id], array) if id in arrays else array
        return Gradients({**self._leaves, **other._leaves}, arrays)

    def __mul__(self, factor: float) -> Gradients:
        return self._with(recording.noted(_scaled)([*self._arrays.values()], float(factor)))

    __rmul__ = __mul__

    def norm(self) -> float:
        """Return the Euclidean norm over all gradients together.

        Example:
            >>> import tensorlib as tl
            >>> weight = tl.nn.Parameter(tl.ones((2,)))
            >>> (weight * tl.tensor([3.0, 4.0]).traced()).sum().backward(wrt=[weight]).norm()
            5.0
        """
        recording.refuse("norm()")
        return _norm(self._arrays.values())

    def clip_norm(self, limit: float) -> Gradients:
        """Scale all gradients so that their common norm is at most ``limit``.

        Raises:
            ValueError: the limit is not positive.

        Example:
            >>> import tensorlib as tl
            >>> weight = tl.nn.Parameter(tl.ones((2,)))
            >>> gradients = (weight * tl.tensor([3.0, 4.0]).traced()).sum().backward(wrt=[weight])
            >>> gradients.clip_norm(2.5)[weight].tolist()
            [1.5, 2.0]
        """
        if not limit > 0:
            raise ValueError(f"clip_norm: the limit must be positive, got {limit}")
        return self._with(recording.noted(_limited)([*self._arrays.values()], limit))

    def clip_value(self, limit: float) -> Gradients:
        """Bring every element of the gradients into the interval from ``-limit`` to ``limit``.

        Raises:
            ValueError: the limit is not positive.

        Example:
            >>> import tensorlib as tl
            >>> weight = tl.nn.Parameter(tl.ones((2,)))
            >>> gradients = (weight * tl.tensor([-0.5, 4.0]).traced()).sum().backward(wrt=[weight])
            >>> gradients.clip_value(1.0)[weight].tolist()
            [-0.5, 1.0]
        """
        if not limit > 0:
            raise ValueError(f"clip_value: the limit must be positive, got {limit}")
        return self._with(recording.noted(_clipped)([*self._arrays.values()], float(limit)))

    def _with(self, arrays: Iterable[Array]) -> Gradients:
        return Gradients(self._leaves, dict(zip(self._arrays, arrays, strict=True)))


def _sum(g1: Array, g2: Array) -> Array:
    return np.asarray(g1 + g2)


def _scaled(arrays: Iterable[Array], factor: float) -> tuple[Array, ...]:
    return tuple(np.asarray(array * factor) for array in arrays)


def _clipped(arrays: Iterable[Array], bound: float) -> tuple[Array, ...]:
    return tuple(np.asarray(np.clip(array, -bound, bound)) for array in arrays)


def _limited(arrays: Collection[Array], limit: float) -> tuple[Array, ...]:
    norm = _norm(arrays)
    return (*arrays,) if norm <= limit else _scaled(arrays, limit / norm)


def _norm(arrays: Iterable[Array]) -> float:
    return float(np.sqrt(sum(float(np.vdot(a, a)) for a in map(_as_float64, arrays))))


def _as_float64(array: Array) -> Array:
    return array.astype(np.float64).ravel()
