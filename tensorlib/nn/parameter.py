"""Parameters and buffers: the tensors that belong to a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from typing_extensions import TypeVar

from tensorlib import recording
from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.tape import LEAF, Array, NoTape
from tensorlib.tensor import Tensor

S_co = TypeVar("S_co", bound=tuple[Any, ...], covariant=True, default=tuple[int, ...])
D_co = TypeVar("D_co", bound=np.generic, covariant=True, default=np.float32)


class Buffer(Tensor[S_co, NoTape, D_co]):
    """A tensor of a module's state that is not trained, saved with the module.

    Holds a copy of the data it is made from. Ops on it give plain tensors.

    Args:
        data: what it holds at first.

    Attributes:
        path: the name by which the model knows it, such as ``2.running_mean``.
        version: how often it was written.
        writer: what wrote it last.

    Raises:
        TypeError: the data is no tensor.

    Example:
        >>> import tensorlib as tl
        >>> class Counted(tl.nn.Module):
        ...     def __init__(self) -> None:
        ...         self.mean = tl.nn.Buffer(tl.zeros((3,)))
        >>> [path for path, _ in Counted().named_tensors()], Counted().num_params()
        (['mean'], 0)
    """

    __slots__ = ("path", "version", "writer")

    is_mutable: ClassVar[bool] = True

    def __init__(self, data: Tensor[S_co, Any, D_co]) -> None:
        what = f"the step makes a {type(self).__name__}"
        recording.refuse(what, "make it outside of the step")
        if not isinstance(data, Tensor):
            raise TypeError(
                f"{type(self).__name__}: expected a tensor, got {type(data).__name__}: "
                "wrap it with tl.tensor(...)"
            )
        super().__init__(np.array(data.numpy(), order="C"))
        self.path = ""
        self.version = 0
        self.writer = ""

    @property
    def _is_watched(self) -> bool:
        """Whether a backward pass notices that this was written since the forward pass."""
        return False

    def write(self, data: Array, writer: str = "write") -> None:
        """Replace the elements, for updates and loading; of a trained parameter in place.

        Args:
            data: an array of the same shape; it is converted to this tensor's dtype.
            writer: what writes, for the message of a backward pass that comes too late.

        Raises:
            ShapeError: the shapes differ.
        """
        if recording.active:
            recording.refuse("write()", "leave it to an optimizer, or write outside of the step")
            recording.before_change(self, self._keep)
        target = self._data
        if data.shape != target.shape:
            raise ShapeError(
                f"expected shape {target.shape}, got {data.shape}", subject=self.path or "write"
            )
        if not self._is_watched:
            # What nobody watches is replaced, as an op may have saved the array as a constant.
            target = np.empty_like(target)
        if data.dtype is target.dtype:
            target[...] = data
        else:
            np.copyto(target, data, casting="same_kind")
        self._data = target
        self.version += 1
        self.writer = writer

    def _keep(self) -> Callable[[], None]:
        """Return what brings this back to what it is now."""
        data, version, writer = self._data, self.version, self.writer
        elements = data.copy()

        def bring_back() -> None:
            data[...] = elements
            self._data, self.version, self.writer = data, version, writer

        return bring_back

    def converted(self, dtype: np.dtype[Any]) -> Buffer[S_co, Any]:
        """Return a copy with the elements in another dtype, with an id of its own."""
        copied: Buffer[S_co, Any] = type(self)(Tensor(self._data.astype(dtype)))
        copied.path = self.path
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (Tensor(self._data),)


class Parameter(Buffer[S_co, D_co]):
    """A tensor that is trained: a leaf of every tape on which it is used.

    Never owns a tape. `Gradients` give its gradient, an optimizer's ``update`` writes it. An op on
    parameters alone, such as ``weight.T``, is recorded only where one of them is given a tape, by
    `Tensor.with_tape_of` or `Tensor.traced`; a loss that depends on such a result without is
    refused. While it is frozen, it is a constant to every op: nothing is recorded for it, and
    updates pass it over.

    Args:
        data: the values it starts from, of which it holds a copy.

    Raises:
        TypeError: the data is no tensor.
        DtypeError: the data is not floating point, so that it has no gradient.

    Example:
        >>> import tensorlib as tl
        >>> weight = tl.nn.Parameter(tl.tensor([1.0, 2.0]))
        >>> gradients = (tl.tensor([3.0, 4.0]).traced() * weight).sum().backward()
        >>> gradients[weight].tolist()
        [3.0, 4.0]
    """

    __slots__ = ("_frozen",)

    is_parameter: ClassVar[bool] = True

    def __init__(self, data: Tensor[S_co, Any, D_co]) -> None:
        super().__init__(data)
        if self.dtype.kind != "f":
            raise DtypeError(
                f"expected a floating dtype, got {self.dtype}: use nn.Buffer for the rest",
                subject="Parameter",
            )
        self._frozen = False
        self._origin = LEAF

    def write_flat(self, data: Array, writer: str) -> None:
        """Replace the elements of a parameter that is trained, as `write` does.

        Args:
            data: all elements in order, in this parameter's dtype.
            writer: see `write`.
        """
        self._data.reshape(-1)[...] = data
        self.version += 1
        self.writer = writer

    def written(self, writer: str) -> None:
        """Note that the elements of a parameter that is trained have been replaced."""
        self.version += 1
        self.writer = writer

    @property
    def _is_watched(self) -> bool:
        return not self._frozen

    @property
    def frozen(self) -> bool:
        """Whether it is not trained for now; see `Module.freeze`."""
        return self._frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        if recording.active:
            recording.before_change(self, self._keep)
        if self._frozen and not frozen:
            recording.noted(self._own_data)()
        self._frozen = bool(frozen)
        self._origin = None if self._frozen else LEAF

    def _own_data(self) -> None:
        """Take an array that no op saved, as it is written in place from now on."""
        self._data = self._data.copy()

    def _keep(self) -> Callable[[], None]:
        bring_back, frozen, origin = super()._keep(), self._frozen, self._origin

        def bring_all_back() -> None:
            bring_back()
            self._frozen, self._origin = frozen, origin

        return bring_all_back

    def converted(self, dtype: np.dtype[Any]) -> Parameter[S_co, Any]:
        """Return a copy with the elements in another dtype, frozen as this one is."""
        copied: Any = super().converted(dtype)
        copied.frozen = self.frozen
        return copied  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return (*super().__reduce__(), self.frozen)

    def __setstate__(self, frozen: bool) -> None:
        self.frozen = frozen
