"""The decorator `check_shapes`."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from types import CodeType, FunctionType
from typing import Any, Final, cast

from typing_extensions import TypeVar

from tensorlib.checking import instances
from tensorlib.checking.calls import CURRENT, Call, Checks
from tensorlib.checking.forms import ANYTHING
from tensorlib.checking.names import of_function

F = TypeVar("F", bound=Callable[..., Any])
Function = Callable[..., Any]

SWITCH: Final = "TENSORLIB_CHECK_SHAPES"
"""The environment variable: "0" turns all checks off, names of packages check all in them."""
_MARK: Final = "__tensorlib_checks__"


def is_off() -> bool:
    """Tell whether the environment turns all checks off."""
    return os.environ.get(SWITCH) == "0"


def check_shapes(target: F) -> F:
    """Enforce the annotations of a function, or of a class and its methods, at run time.

    Shapes, tapes and dtypes of tensors are checked at each call, and so are sizes (``n: N``),
    models (``nn.Linear[N, 10]``, ``nn.Maps[In, Out]``), and all these in unions, tuples, lists and
    dicts. A type variable stands for one size throughout a call, its result included, and is at
    least 1. In a class, the class' own variables stand for one size in each instance, and the
    fields that it declares are checked when ``__init__`` has returned.

    With the environment variable ``TENSORLIB_CHECK_SHAPES=0`` at import time it returns its
    argument as it is. See `checking.install` for checking whole packages.

    Args:
        target: a function, generator, coroutine function, or class.

    Raises:
        ShapeError: a ``Shape[...]`` cannot be read. The checked function raises it as well, and
            `DtypeError`, `TapeError` and `TypeError`, where a call is not as annotated.

    Example:
        >>> import tensorlib as tl
        >>> from tensorlib import Shape, Tensor
        >>> from typing_extensions import TypeVar
        >>> N = TypeVar("N", bound=int)
        >>> @tl.check_shapes
        ... def dot(x: Tensor[Shape[N]], y: "Tensor[Shape[N]]") -> Tensor[Shape[()]]:
        ...     return (x * y).sum()
        >>> dot(tl.ones((3,)), tl.ones((3,))).item()
        3.0
        >>> dot(tl.ones((3,)), tl.ones((1,)))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: dot: expected y of shape (N,), got (1,): 1 is not 3
          y: "Tensor[Shape[N]]"
          got a Tensor of shape (1,) and dtype float32, without a tape
          with N = 3 from x
    """
    if is_off():
        return target
    local = sys._getframe(1).f_locals
    checked = _checked_class(target, local) if isinstance(target, type) else _checked(target, local)
    return cast(F, checked)


def _checked(target: Any, local: Mapping[str, Any]) -> Any:
    """Return a function that checks, or the very same one if there is nothing to check."""
    if isinstance(target, staticmethod | classmethod):
        return type(target)(_checked(target.__func__, local))
    if not isinstance(target, FunctionType) or hasattr(target, _MARK):
        return target
    checks = _checks(target, local)
    checks.read(is_patient=True)
    return target if checks.is_needless else _wrapped(checks)


def _checks(function: FunctionType, local: Mapping[str, Any]) -> Checks:
    outer = CURRENT.get()
    if outer is not None and not _is_inside(function, outer):
        outer = None
    names = of_function(function, local, outer.checks.names if outer is not None else None)
    return Checks(function, names, outer)


def _is_inside(function: FunctionType, outer: Call) -> bool:
    around = outer.checks.function
    return function.__module__ == around.__module__ and function.__qualname__.startswith(
        f"{around.__qualname__}.<locals>."
    )


# Functions ----------------------------------------------------------------------------------------


def _wrapped(checks: Checks) -> Function:
    function = checks.function
    if inspect.iscoroutinefunction(function):
        wrapper = _coroutine(checks)
    elif inspect.isgeneratorfunction(function):
        wrapper = _generator(checks)
    elif inspect.isasyncgenfunction(function):
        wrapper = _async_generator(checks)
    else:
        wrapper = _plain(checks)
    wrapper = functools.wraps(function)(wrapper)
    setattr(wrapper, _MARK, checks)
    return wrapper


def _plain(checks: Checks) -> Function:
    function = checks.function
    if _defines_functions(function) or function.__name__ == "__init__":
        return _enclosing(checks)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        call = checks.begin(args, kwargs)
        result = function(*args, **kwargs)
        if checks.result is not ANYTHING:
            checks.end(call, result)
        return result

    return wrapper


def _enclosing(checks: Checks) -> Function:
    """Return the wrapper of a function in which others are defined, or of an ``__init__``."""
    function = checks.function
    makes = function.__name__ == "__init__"

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        call = checks.begin(args, kwargs)
        token = CURRENT.set(call)
        try:
            result = function(*args, **kwargs)
        finally:
            CURRENT.reset(token)
        if checks.result is not ANYTHING:
            checks.end(call, result)
        if makes and checks.owner is not None:
            checks.initialised(call)
        return result

    return wrapper


def _defines_functions(function: Function) -> bool:
    code: CodeType = function.__code__
    return any(isinstance(constant, CodeType) for constant in code.co_consts)


def _coroutine(checks: Checks) -> Function:
    function = checks.function

    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        call = checks.begin(args, kwargs)
        token = CURRENT.set(call)
        try:
            result = await function(*args, **kwargs)
        finally:
            CURRENT.reset(token)
        if checks.result is not ANYTHING:
            checks.end(call, result)
        return result

    return wrapper


def _generator(checks: Checks) -> Function:
    function = checks.function

    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = checks.begin(args, kwargs)
        inner = function(*args, **kwargs)
        step: Callable[[], Any] = functools.partial(next, inner)
        while True:  # what `yield from` does, with a look at each value
            try:
                value = step()
            except StopIteration as stop:
                return stop.value
            checks.step(call, value)
            try:
                step = functools.partial(inner.send, (yield value))
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:  # thrown in from outside
                step = functools.partial(inner.throw, error)

    return wrapper


def _async_generator(checks: Checks) -> Function:
    """Check the arguments only: what goes in and out of it while it runs stays as it is."""
    function = checks.function

    def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        checks.begin(args, kwargs)
        result: AsyncIterator[Any] = function(*args, **kwargs)
        return result

    return wrapper


# Classes ------------------------------------------------------------------------------------------


def _checked_class(kind: type, local: Mapping[str, Any]) -> type:
    """Check the methods of a class and the fields it declares; the class itself stays the same."""
    instances.names_of(kind, local)
    scope = {**local, **{p.__name__: p for p in getattr(kind, "__type_params__", ())}}
    for name, member in list(vars(kind).items()):
        if name == "__class_getitem__":
            continue
        if isinstance(member, property):
            parts = (member.fget, member.fset, member.fdel)
            get, put, drop = (None if f is None else _method(f, kind, scope) for f in parts)
            if (get, put, drop) != parts:
                type.__setattr__(kind, name, property(get, put, drop, member.__doc__))
        elif isinstance(member, FunctionType | staticmethod | classmethod):
            new = _method(member, kind, scope)
            if new is not member:
                type.__setattr__(kind, name, new)
    return kind


def _method(member: Any, kind: type, scope: Mapping[str, Any]) -> Any:
    if isinstance(member, staticmethod | classmethod):
        inner = _method(member.__func__, kind, scope)
        return member if inner is member.__func__ else type(member)(inner)
    if not isinstance(member, FunctionType):
        return member
    checks: Checks | None = getattr(member, _MARK, None)
    if checks is not None:
        checks.owner = kind
        return member
    checks = _checks(member, scope)
    checks.owner = kind
    checks.read(is_patient=True)
    makes = member.__name__ == "__init__" and instances.declares(kind)
    return member if checks.is_needless and not makes else _wrapped(checks)
