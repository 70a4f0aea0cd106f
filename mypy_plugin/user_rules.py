"""The user's own rules: modules that ``[tool.tensorlib] rules`` in pyproject.toml names.

They are the only code of the user's that the plugin runs. Each is read from its file, without
the packages around it, and may import nothing but the standard library and `tensorlib.shapes`.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mypy.options import Options

_loaded: set[str] = set()
"""The modules whose rules are registered in this process."""


class UserRules(NamedTuple):
    """What became of the user's rules.

    Attributes:
        digest: changes with the text of the modules; empty if there are none.
        problem: the line to print if they could not be loaded, else empty.
    """

    digest: str
    problem: str


class _RulesError(Exception):
    """The user's rules cannot be loaded, and why."""


def load(options: Options) -> UserRules:
    """Register the rules of the modules that the project's pyproject.toml names."""
    project = Path(options.config_file).resolve().parent if options.config_file else Path.cwd()
    file = project / "pyproject.toml"
    digest = hashlib.sha256()
    try:
        for module in _modules(file):
            path = _found(module, [project, *map(Path, options.mypy_path), project / "src"])
            source = path.read_bytes()
            digest.update(path.name.encode() + source)
            _require_few_imports(module, source)
            _run(module, path)
    except _RulesError as error:
        digest.update(str(error).encode())
        problem = f"{file.name}: error: [tool.tensorlib] rules: {error}"
        return UserRules(digest.hexdigest()[:16], problem)
    return UserRules(digest.hexdigest()[:16] if _loaded else "", "")


def _modules(file: Path) -> Sequence[str]:
    """Return the names of the modules that a pyproject.toml lists."""
    if not file.is_file():
        return ()
    try:
        settings: Any = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _RulesError(f"the file cannot be read: {error}") from None
    for key in ("tool", "tensorlib", "rules"):
        settings = settings.get(key, {}) if isinstance(settings, dict) else {}
    if not settings:
        return ()
    if not isinstance(settings, list) or not all(isinstance(name, str) for name in settings):
        raise _RulesError(f"expected a list of module names, got {settings!r}")
    return settings


def _found(module: str, folders: Sequence[Path]) -> Path:
    """Find the file of a module, as Python would, but without importing its packages."""
    place = Path(*module.split("."))
    for folder in [*folders, *map(Path, sys.path)]:
        for path in (folder / place.with_suffix(".py"), folder / place / "__init__.py"):
            if path.is_file():
                return path
    raise _RulesError(f"there is no module {module} beside pyproject.toml, in src or installed")


def _require_few_imports(module: str, source: bytes) -> None:
    """Require that the module imports the standard library and `tensorlib.shapes` only."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise _RulesError(f"{module} cannot be read: {error}") from None
    for name, line in _imports(tree):
        if name.split(".")[0] not in sys.stdlib_module_names and not (
            name == "tensorlib.shapes" or name.startswith("tensorlib.shapes.")
        ):
            raise _RulesError(
                f"{module} imports {name} on line {line}; a module of rules runs inside mypy and "
                "may import the standard library and tensorlib.shapes only"
            )


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def _run(module: str, path: Path) -> None:
    """Run the module, which registers its rules, unless this process did so before.

    After an edit nothing is run again: the daemon compares digests, and starts a new process.
    """
    if module in _loaded:
        return
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(made)
    except (Exception, SystemExit) as error:
        raise _RulesError(f"{module} fails with {type(error).__name__}: {error}") from None
    _loaded.add(module)
