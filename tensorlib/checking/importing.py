"""Checking whole packages: an import hook that puts `check_shapes` on all they define."""

from __future__ import annotations

import ast
import importlib.abc
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, Final

from tensorlib.checking.decorator import SWITCH, is_off

_NAME: Final = "_tensorlib_check_shapes"


def install(*packages: str) -> None:
    """Check the annotations of all functions and classes in packages that are imported from now on.

    As if `check_shapes` stood before each of them, nested ones included. Modules that were imported
    before stay as they are. The environment variable ``TENSORLIB_CHECK_SHAPES=mypackage,other``
    does the same when tensorlib is imported; with ``0`` in it, nothing is checked.

    Args:
        packages: names of packages, whose modules are all meant, or of modules.

    Example:
        >>> import tensorlib as tl
        >>> tl.checking.install("mypackage")
    """
    if not is_off():
        sys.meta_path.insert(0, _Finder(packages))


def install_named() -> None:
    """Install what the environment variable names."""
    names = [name.strip() for name in os.environ.get(SWITCH, "").split(",")]
    packages = [name for name in names if name not in ("", "0", "1")]
    if packages:
        install(*packages)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules as the other finders do, and has those of some packages checked."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module is loaded; None for those of other packages."""
        if not any(fullname == name or fullname.startswith(f"{name}.") for name in self._packages):
            return None
        for finder in sys.meta_path:
            find: Any = getattr(finder, "find_spec", None)
            if find is None or isinstance(finder, _Finder):
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                loader = spec.loader
                if type(loader) is SourceFileLoader:
                    spec.loader = _Loader(loader.name, loader.path)
                return spec
        return None


class _Loader(SourceFileLoader):
    """Loads a source file with `check_shapes` before each definition."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source: files of bytecode are read by programs without checks, too."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        compiled: CodeType = compile(_decorated(tree), path, "exec", dont_inherit=True)
        return compiled


def _decorated(tree: ast.Module) -> ast.Module:
    _Decorator().visit(tree)
    place = 0
    for place, statement in enumerate(tree.body):
        is_docstring = place == 0 and isinstance(statement, ast.Expr)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_docstring and not is_future:
            break
    else:
        return tree  # nothing in it
    alias = ast.alias("check_shapes", _NAME)
    tree.body.insert(place, ast.ImportFrom("tensorlib.checking", [alias], 0))
    return ast.fix_missing_locations(tree)


class _Decorator(ast.NodeTransformer):
    """Puts the decorator on functions, innermost, and on classes, outermost.

    Innermost, so that it sees the function itself; outermost, so that it sees the ``__init__`` that
    ``@dataclass`` has made. Methods are a matter of their class.
    """

    def __init__(self) -> None:
        self._in_class = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Decorate a function."""
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Decorate a coroutine function."""
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        is_method, self._in_class = self._in_class, False
        self.generic_visit(node)
        self._in_class = is_method
        if not is_method:
            node.decorator_list.append(_reference(node))
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Decorate a class."""
        is_inner, self._in_class = self._in_class, True
        self.generic_visit(node)
        self._in_class = is_inner
        node.decorator_list.insert(0, _reference(node))
        return node


def _reference(node: ast.stmt) -> ast.expr:
    return ast.copy_location(ast.Name(_NAME, ast.Load()), node)
