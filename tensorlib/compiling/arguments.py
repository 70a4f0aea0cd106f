"""The arguments of a call: what a program depends on of them, and the arrays that it is given."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeGuard

import numpy as np

from tensorlib.shapes.errors import CompileError
from tensorlib.tape import LEAF, Array, Value


class Arguments:
    """What is known of the arguments of a call.

    Attributes:
        arrays: those of the tensors, in order.
        ids: the ids of the tensors; the same one twice if a tensor is passed twice.
        others: what is neither a tensor nor a plain number or string.
        key: what a program depends on.
        views: a view of each array, once `handles` was asked for them.
    """

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.ids: list[int] = []
        self.others: list[Any] = []
        self.key: list[Hashable] = []
        self.views: list[Array] = []

    def describe(self, arg: Any) -> None:
        """Take note of an argument.

        Raises:
            CompileError: a tensor is not a constant.
        """
        key = self.key
        if isinstance(arg, Value) and not arg.is_mutable:
            data = arg._data
            if arg._tape is not None or arg._origin not in _CONSTANT:
                raise CompileError(_with_history(arg))
            key += data.shape, data.dtype
            if not data.flags.c_contiguous:
                key.append(data.strides)
            if arg._id in self.ids:
                key.append(self.ids.index(arg._id))
            self.arrays.append(data)
            self.ids.append(arg._id)
        elif _is_group(arg):
            key.append((type(arg), len(arg)))
            for each in arg:
                self.describe(each)
        elif type(arg) is dict:
            key.append((dict, *arg))
            for each in arg.values():
                self.describe(each)
        elif isinstance(arg, float):
            key.append((type(arg), arg, str(arg)))  # -0.0 equals 0.0
        elif isinstance(arg, _PLAIN):
            key.append((type(arg), arg))
        elif isinstance(arg, np.generic):
            key.append((type(arg), arg.tobytes()))
        else:
            self.others.append(arg)
            key.append(id(arg))

    def handles(self, arg: Any) -> Any:
        """Return an argument with another handle, and a view, in place of each tensor."""
        if isinstance(arg, Value) and not arg.is_mutable:
            view = arg._data.view()
            self.views.append(view)
            return arg._result(view, None, arg._origin, arg._id)
        if type(arg) is dict:
            return {key: self.handles(each) for key, each in arg.items()}
        if _is_group(arg):
            items = [self.handles(each) for each in arg]
            kind: Any = type(arg)
            return kind(items) if kind in (tuple, list) else kind(*items)
        return arg


_CONSTANT = (None, LEAF)
_PLAIN = (bool, int, str, type(None))


def _is_group(arg: Any) -> TypeGuard[tuple[Any, ...] | list[Any]]:
    """Tell whether this is a tuple, a list or a NamedTuple."""
    return type(arg) in (tuple, list) or (isinstance(arg, tuple) and hasattr(arg, "_fields"))


def _with_history(arg: Value) -> str:
    if arg._tape is not None:
        return (
            "compile: the step is given a tensor that owns a gradient tape: "
            "call traced() in the step"
        )
    return (
        "compile: the step is given a tensor whose history is elsewhere: "
        "pass x.detach(), or compute it in the step"
    )
