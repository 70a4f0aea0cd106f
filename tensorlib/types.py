"""The types a user writes: `Shape` and the shorthands for tensors of known rank."""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from tensorlib.tensor import Tensor


class Shape:
    """The shape argument of a tensor type: ``Tensor[Shape[64, 784]]``.

    ``Shape[2, 3]`` means ``tuple[Literal[2], Literal[3]]``, and that is the spelling that every
    type checker understands; the mypy plugin understands the short one, with dimensions written
    as ints, type variables, arithmetic in quotes (``"2*N + 1"``), ``*Batch``, ``int`` for a
    dimension not known before run time, and ``Any`` for one not to be checked.

    Example:
        >>> import tensorlib as tl
        >>> tl.Shape[2, 3], tl.Shape[()]
        (tuple[2, 3], tuple[()])
    """

    # A plain class on purpose: mypy would analyse the arguments of an alias or a generic class
    # itself wherever an annotation is an expression, and refuse the bare ints.
    def __class_getitem__(cls, dims: Any) -> Any:
        return GenericAlias(tuple, dims if isinstance(dims, tuple) else (dims,))


def _ranked(rank: int) -> Any:
    def subscribe(cls: type, arguments: Any) -> Any:
        items = arguments if isinstance(arguments, tuple) else (arguments,)
        tensor: Any = Tensor
        return tensor[(GenericAlias(tuple, items[:rank]), *items[rank:])]

    return classmethod(subscribe)


class Tensor0D:
    """``Tensor0D`` is ``Tensor[Shape[()]]``; ``Tensor0D[Tape]`` owns a tape.

    Example:
        >>> import tensorlib as tl
        >>> tl.Tensor0D[tl.Tape] == tl.Tensor[tl.Shape[()], tl.Tape]
        True
    """

    __class_getitem__ = _ranked(0)


class Tensor1D:
    """``Tensor1D[3]`` is ``Tensor[Shape[3]]``; ``Tensor1D[3, Tape]`` owns a tape.

    Example:
        >>> import tensorlib as tl
        >>> tl.Tensor1D[3] == tl.Tensor[tl.Shape[3]]
        True
    """

    __class_getitem__ = _ranked(1)


class Tensor2D:
    """``Tensor2D[64, 10]`` is ``Tensor[Shape[64, 10]]``; ``Tensor2D[64, 10, Tape]`` has a tape.

    Example:
        >>> import tensorlib as tl
        >>> tl.Tensor2D[64, 10, tl.Tape] == tl.Tensor[tl.Shape[64, 10], tl.Tape]
        True
    """

    __class_getitem__ = _ranked(2)


class Tensor3D:
    """``Tensor3D[2, 3, 4]`` is ``Tensor[Shape[2, 3, 4]]``.

    Example:
        >>> import tensorlib as tl
        >>> tl.Tensor3D[2, 3, 4] == tl.Tensor[tl.Shape[2, 3, 4]]
        True
    """

    __class_getitem__ = _ranked(3)


class Tensor4D:
    """``Tensor4D[2, 3, 4, 5]`` is ``Tensor[Shape[2, 3, 4, 5]]``.

    Example:
        >>> import tensorlib as tl
        >>> tl.Tensor4D[2, 3, 4, 5] == tl.Tensor[tl.Shape[2, 3, 4, 5]]
        True
    """

    __class_getitem__ = _ranked(4)
