"""The doctor: why shapes are not checked, and what to do about it."""

from __future__ import annotations

import ast
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from mypy import api
from mypy.config_parser import parse_config_file
from mypy.options import Options

OLDEST = {"mypy": (2, 4), "numpy": (2, 0)}
_PROBE = """\
import tensorlib as tl

tl.zeros((2, 3)) @ tl.zeros((4, 5))
"""


class Finding(NamedTuple):
    """One thing looked at: whether it is well, what was found, and the mend."""

    good: bool
    text: str
    mend: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.good else "MEND"
        return f"{mark} {self.text}" + (f"\n     -> {self.mend}" if self.mend else "")


def diagnose(files: Sequence[str], config: str | None) -> list[Finding]:
    """Look at the versions, at mypy's configuration, at a program known to be wrong, at files."""
    findings = [*_versions()]
    options = Options()
    complaints = io.StringIO()
    parse_config_file(options, lambda: None, config, stdout=complaints, stderr=complaints)
    findings += _configuration(options, complaints.getvalue())
    if all(finding.good for finding in findings):
        findings.append(_probe(options))
    findings += (finding for file in files for finding in _file(Path(file), options))
    return findings


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {python}")
    for name, oldest in OLDEST.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(False, f"{name} is not installed", f"pip install {name}")
            continue
        wanted = ".".join(map(str, oldest))
        numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
        mend = "" if numbers >= oldest else f"pip install '{name}>={wanted}'"
        yield Finding(numbers >= oldest, f"{name} {found} (needs {wanted} or later)", mend)


def _configuration(options: Options, complaints: str) -> Iterator[Finding]:
    if complaints.strip():
        yield Finding(False, f"mypy's configuration: {complaints.strip()}")
    if options.config_file is None:
        yield Finding(
            False,
            "mypy finds no configuration here",
            'put [tool.mypy] plugins = ["mypy_plugin"] into pyproject.toml',
        )
        return
    active = any(_is_ours(plugin) for plugin in options.plugins)
    mend = "" if active else f'add plugins = ["mypy_plugin"] to {options.config_file}'
    state = "lists the plugin" if active else "does not list the plugin"
    yield Finding(active, f"{options.config_file} {state}", mend)


def _is_ours(plugin: str) -> bool:
    return plugin.partition(":")[0] == "mypy_plugin" or plugin.endswith("mypy_plugin/__init__.py")


def _probe(options: Options) -> Finding:
    """Run mypy, as configured, over a wrong program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.py"
        path.write_text(_PROBE)
        output, errors, _ = api.run(
            ["--config-file", str(options.config_file), "--cache-dir", folder, str(path)]
        )
    if "[tensor-shape]" in output:
        return Finding(True, "mypy refuses a wrong matrix product")
    printed = (output + errors).strip().replace("\n", "\n     ")
    silenced = [code for code in options.disable_error_code if code.startswith("tensor-")]
    mend = f"enable {', '.join(silenced)}" if silenced else "see what mypy printed"
    return Finding(False, f"mypy accepts a wrong matrix product; it printed:\n     {printed}", mend)


def _file(path: Path, options: Options) -> Iterator[Finding]:
    if not path.is_file():
        yield Finding(False, f"{path} is no file")
        return
    source = path.read_text(encoding="utf-8", errors="replace")
    reasons = [*_reasons(path, source, options)]
    yield from reasons
    if not reasons:
        yield Finding(True, f"{path} is checked")


def _reasons(path: Path, source: str, options: Options) -> Iterator[Finding]:
    """Say why mypy would not check a file, or parts of it."""
    if re.search(r"^\s*#\s*mypy:\s*ignore-errors", source, re.MULTILINE):
        yield Finding(False, f"{path} begins with '# mypy: ignore-errors'", "remove that line")
    for pattern in options.exclude:
        if re.search(pattern, path.as_posix()):
            yield Finding(
                False, f"{path} is excluded by {pattern!r}", "name the file to mypy, or narrow it"
            )
    module = options.clone_for_module(path.stem)
    if module.ignore_errors:
        yield Finding(False, f"{path}: the configuration ignores its errors")
    if not options.check_untyped_defs:
        for number, name in _unannotated(source):
            yield Finding(
                False,
                f"{path}:{number}: {name} has no annotations, so mypy does not look inside",
                "annotate it, or set check_untyped_defs = true (or strict = true)",
            )


def _unannotated(source: str) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if node.returns is None and all(a.annotation is None for a in arguments):
                yield node.lineno, node.name
