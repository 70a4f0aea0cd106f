"""Loading ``tensorlib.shapes`` without the rest of ``tensorlib``, and so without NumPy.

The plugin asks the shape calculus only, and mypy starts anew for every run.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


class _DeferredPackage(ModuleType):
    """A package whose submodules can be imported, and which runs when more is asked of it."""

    def __getattr__(self, name: str) -> object:
        spec = self.__spec__
        if (name.startswith("__") and name != "__version__") or spec is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # from now on an ordinary package
        assert spec.loader is not None
        spec.loader.exec_module(self)
        return getattr(self, name)


def defer(package: str) -> None:
    """Have a package run at the first use of what its ``__init__`` defines, if it has not yet."""
    if package in sys.modules:
        return
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed"
    made = importlib.util.module_from_spec(spec)
    made.__class__ = _DeferredPackage
    sys.modules[package] = made
