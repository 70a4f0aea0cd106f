"""The mypy plugin of tensorlib: shapes and tapes checked before the program runs.

Put ``plugins = ["mypy_plugin"]`` under ``[tool.mypy]``. Which hook serves which name stands in
`mypy_plugin.hooks`, which is loaded when mypy first asks for a hook: a run in which nothing has
changed since the run before asks for none.
"""

from __future__ import annotations

# ruff: noqa: E402 - what is deferred must be so before the modules below ask for it
from mypy_plugin.deferred import defer

defer("tensorlib")

from functools import partial
from typing import Any

from mypy.errors import CompileError
from mypy.nodes import MypyFile
from mypy.options import Options
from mypy.plugin import Plugin, ReportConfigContext

from mypy_plugin import codes as codes
from mypy_plugin import user_rules
from mypy_plugin.digest import source_digest

__version__ = source_digest()


def plugin(version: str) -> type[Plugin]:
    """Return the plugin; mypy calls this with its own version."""
    return TensorlibPlugin


class TensorlibPlugin(Plugin):
    """What decides whether mypy's cache still holds; everything else stands in `Hooks`."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        global __version__
        self._rules = user_rules.load(options)
        __version__ = source_digest() + self._rules.digest  # what mypy notes after this call
        for kind in _KINDS:
            setattr(self, kind, partial(self._first_asked, kind))

    def report_config_data(self, ctx: ReportConfigContext) -> str:
        """Have mypy forget what it cached about each module when the rules change."""
        return __version__

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Add none; end the run if the user's rules could not be loaded."""
        if self._rules.problem:
            raise CompileError([self._rules.problem], use_stdout=True)
        return []

    def _first_asked(self, kind: str, fullname: str) -> Any:
        """Load the hooks, have mypy ask them from now on, and answer this first question."""
        from mypy_plugin.hooks import Hooks

        hooks = Hooks(self.options)
        assert self._modules is not None, "mypy asks for no hook before it has set the modules"
        hooks.set_modules(self._modules)
        for each in _KINDS:
            setattr(self, each, getattr(hooks, each))
        return getattr(self, kind)(fullname)


_KINDS = [name for name in dir(Plugin) if name.startswith("get_") and name.endswith("_hook")]

__all__ = ["TensorlibPlugin", "__version__", "plugin"]
