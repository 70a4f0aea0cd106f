"""Parameters and buffers: the tensors that belong to a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from typing_extensions import TypeVar

from tensorlib.shapes.errors import DtypeError, ShapeError
from tensorlib.tape import LEAF, Array, NoTape
from tensorlib.tensor import Tensor

S_co = TypeVar("S_co", bound=tuple[Any, ...], covariant=True, default=tuple[int, ...])
D_co = TypeVar("D_co", bound=np.generic, covariant=True, default=np.float32)


class Buffer(Tensor[S_co, NoTape, D_co]):
    """A tensor of a module's state that is not trained, saved with the module.

    Holds a copy of the data it is made from. Ops on it give plain tensors.

    Attributes:
        path: the name by which the model knows it, such as ``2.running_mean``.
        version: how often it was written.
        writer: what wrote it last.
    """

    __slots__ = ("path", "version", "writer")

    is_mutable: ClassVar[bool] = True

    def __init__(self, data: Tensor[S_co, Any, D_co]) -> None:
        if not isinstance(data, Tensor):
            raise TypeError(
                f"{type(self).__name__}: expected a tensor, got {type(data).__name__}: "
                "wrap it with tl.tensor(...)"
            )
        super().__init__(np.array(data.numpy(), order="C"))
        self.path = ""
        self.version = 0
        self.writer = ""

    def write(self, data: Array, writer: str) -> None:
        """Replace the elements in place, for updates and loading.

        Args:
            data: an array of the same shape; it is converted to this tensor's dtype.
            writer: what writes, for the message of a backward pass that comes too late.

        Raises:
            ShapeError: the shapes differ.
        """
        if data.shape != self._data.shape:
            raise ShapeError(
                f"expected shape {self._data.shape}, got {data.shape}", subject=self.path or "write"
            )
        np.copyto(self._data, data, casting="same_kind")
        self.version += 1
        self.writer = writer

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any]]:
        return type(self), (Tensor(self._data),)


class Parameter(Buffer[S_co, D_co]):
    """A tensor that is trained: a leaf of every tape on which it is used.

    Never owns a tape. `Gradients` give its gradient, an optimizer's ``update`` writes it.

    Raises:
        DtypeError: the data is not floating point, so that it has no gradient.
    """

    __slots__ = ()

    is_parameter: ClassVar[bool] = True

    def __init__(self, data: Tensor[S_co, Any, D_co]) -> None:
        super().__init__(data)
        if self.dtype.kind != "f":
            raise DtypeError(
                f"expected a floating dtype, got {self.dtype}: use nn.Buffer for the rest",
                subject="Parameter",
            )
        self._origin = LEAF
