"""What NumPy's own functions do with tensors: they read, or are refused where ours are meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tensorlib.shapes.registry import find
from tensorlib.tape import Value

_OTHER_NAMES = {
    "absolute": "abs",
    "negative": "neg",
    "power": "pow",
    "float_power": "pow",
    "rint": "round",
    "concatenate": "concat",
    "amax": "max",
    "amin": "min",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
}
"""NumPy's functions whose ops have other names here."""

_READERS = frozenset(
    (
        "allclose", "array2string", "array_equal", "array_equiv", "array_repr", "array_str",
        "can_cast", "common_type", "copy", "isclose", "iscomplexobj", "isrealobj",
        "may_share_memory", "ndim", "result_type", "save", "savetxt", "savez", "savez_compressed",
        "shape", "shares_memory", "size",
    )
)  # fmt: skip
"""Functions of NumPy whose results have no gradient that could be lost."""


def our_name(name: str) -> str:
    """Return the name that a function of NumPy would have here."""
    return _OTHER_NAMES.get(name, name)


def records_nothing(function: str) -> TypeError:
    """Return the error for a function of NumPy that is called with a tensor.

    Args:
        function: its name, with its module behind ``numpy``, such as ``linalg.norm``.
    """
    module, dot, name = function.rpartition(".")
    name = our_name(name)
    ours = f"tl.{module}{dot}{name}(...), or " if find(name) else ""
    return TypeError(
        f"np.{function}: NumPy's functions record no gradient: "
        f"use {ours}x.numpy() to leave the tape"
    )


def called(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> Any:
    """Return what a function of NumPy makes of arrays in the place of tensors.

    Raises:
        TypeError: it would lose a tape.
    """
    name = function.__name__
    if name not in _READERS:
        tensors = _tensors_in((arguments, dict(options)))
        if any(tensor.owns_tape for tensor in tensors):
            module = function.__module__.removeprefix("numpy").removeprefix(".")
            raise records_nothing(f"{module}.{name}" if module else name)
    return function(*_read(arguments), **_read(dict(options)))


def _tensors_in(x: Any) -> Iterator[Any]:
    """Go through the tensors among arguments, in lists and dicts as well."""
    if isinstance(x, Value):
        yield x
    elif isinstance(x, list | tuple):
        for item in x:
            yield from _tensors_in(item)
    elif isinstance(x, dict):
        yield from _tensors_in(list(x.values()))


def _read(x: Any) -> Any:
    """Return arguments with arrays in the place of tensors."""
    if isinstance(x, Value):
        tensor: Any = x
        return tensor.numpy()
    if type(x) in (list, tuple):
        return type(x)(map(_read, x))
    if type(x) is dict:
        return {key: _read(value) for key, value in x.items()}
    return x
