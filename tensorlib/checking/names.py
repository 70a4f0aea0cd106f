"""Where the names in an annotation are looked up."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class UnresolvedError(Exception):
    """A name in an annotation stands for nothing, or not yet."""


class Names:
    """The scopes that an annotation sees, innermost first."""

    def __init__(self, *scopes: Mapping[str, Any]) -> None:
        self._scopes = (*scopes, vars(builtins))

    def inside(self, *scopes: Mapping[str, Any]) -> Names:
        """Return the names of scopes within these."""
        return Names(*scopes, *self._scopes)

    def value(self, node: ast.expr) -> Any:
        """Return what a name, or a name with dots, stands for.

        Raises:
            UnresolvedError: it stands for nothing, such as what is imported for checkers only.
        """
        if isinstance(node, ast.Attribute):
            try:
                return getattr(self.value(node.value), node.attr)
            except AttributeError:
                raise UnresolvedError(ast.unparse(node)) from None
        if isinstance(node, ast.Name):
            for scope in self._scopes:
                if node.id in scope:
                    return scope[node.id]
        raise UnresolvedError(ast.unparse(node))


def of_function(
    function: Callable[..., Any], local: Mapping[str, Any], outer: Names | None
) -> Names:
    """Return the names that the annotations of a function see.

    Args:
        function: the function.
        local: the variables of the scope in which it is defined.
        outer: the names of the function around it, as far as that is checked.
    """
    code: Any = getattr(function, "__code__", None)
    cells = dict(_cells(code.co_freevars, function.__closure__ or ())) if code else {}
    named = {**_names_used(function, local), **cells, **type_parameters(function)}
    scopes = (named, getattr(function, "__globals__", {}))
    return Names(*scopes) if outer is None else outer.inside(*scopes)


def _cells(names: tuple[str, ...], cells: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(names, cells, strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not bound yet
            continue


def _names_used(function: Callable[..., Any], local: Mapping[str, Any]) -> dict[str, Any]:
    """Return the local variables that annotations mention; the others are not to be kept alive."""
    text = " ".join(map(str, getattr(function, "__annotations__", {}).values()))
    return {name: value for name, value in local.items() if name in text}


def type_parameters(owner: Any) -> dict[str, Any]:
    """Return the type parameters of PEP 695, ``def f[N: int](...)``."""
    return {parameter.__name__: parameter for parameter in getattr(owner, "__type_params__", ())}
