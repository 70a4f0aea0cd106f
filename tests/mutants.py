"""Mutants of the models in ``examples/models``: single changes, as a slip of the pen would make.

    python -m tests.mutants    run and type-check all of them, which takes some minutes

A mutant is run with each of the sizes that its model names in ``SIZES``, and type-checked. mypy is
to report those that raise, and to be right about those that run to the end.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import inspect
import io
import itertools
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import numpy as np

import tensorlib as tl
from tensorlib import IndexOutOfRangeError, ShapeError, TapeError, TensorlibError
from tests.missed_mutants import MISSED, reason
from tests.typecheck import ROOT, Message, printed, run_mypy

FOLDER = ROOT / "examples" / "models"
SKIPPED_FUNCTIONS = ("main",)
SKIPPED_CALLS = ("print", "len", "range", "reversed", "float", "int", "np", "math")
TIME_LIMIT = 60  # seconds for one run
SHARE = 0.97  # of the mutants that raise, how many are to be reported


@dataclass(frozen=True, order=True)
class Mutant:
    """A program with one change.

    Attributes:
        program: the name of the model's file.
        place: the function or method of the change.
        line: its line, from 1.
        kind: literal, axis, dimension, order, layer or dropped.
        old: the text that is replaced.
        new: the text in its place.
        start: where it stands, in bytes.
    """

    program: str
    place: str
    line: int
    kind: str
    old: str
    new: str
    start: int = field(repr=False)

    @property
    def text(self) -> str:
        """The text of the whole program."""
        source = (FOLDER / f"{self.program}.py").read_bytes()
        end = self.start + len(self.old.encode())
        return (source[: self.start] + self.new.encode() + source[end:]).decode()

    def __str__(self) -> str:
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{self.program} {self.place}, {self.kind}: {old} -> {new}"


def programs() -> list[str]:
    """Return the names of all models."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def mutants_of(program: str) -> list[Mutant]:
    """Return all mutants of a program, in order; none is the program itself or another one."""
    source = (FOLDER / f"{program}.py").read_bytes()
    tree = ast.parse(source)
    found: dict[str, Mutant] = {}
    known = {ast.dump(tree)}
    for place, node, kind, new in _Changes(source, tree).all():
        start, end = _span(source, node)
        old = source[start:end].decode()
        mutant = Mutant(program, place, node.lineno, kind, old, new, start)
        try:
            changed = ast.dump(ast.parse(mutant.text))
        except SyntaxError:
            continue
        if changed not in known:
            known.add(changed)
            found[changed] = mutant
    return sorted(found.values(), key=lambda mutant: (mutant.start, mutant.kind, mutant.new))


def _span(source: bytes, node: ast.expr) -> tuple[int, int]:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        starts[node.lineno - 1] + node.col_offset,
        starts[node.end_lineno - 1] + node.end_col_offset,
    )


class _Changes:
    """Goes through the changes of one program: what to replace, the kind, and by what."""

    def __init__(self, source: bytes, tree: ast.Module) -> None:
        self._source = source
        self._tree = tree

    def all(self) -> Iterator[tuple[str, ast.expr, str, str]]:
        """Yield the changes in all functions and methods, and where they are."""
        for statement in self._tree.body:
            if isinstance(statement, ast.FunctionDef):
                for change in self._function(statement, []):
                    yield statement.name, *change
            elif isinstance(statement, ast.ClassDef):
                methods = [item for item in statement.body if isinstance(item, ast.FunctionDef)]
                fields = [f"self.{name}" for method in methods for name in _fields(method)]
                for method in methods:
                    own = [] if method.name == "__init__" else fields
                    for change in self._function(method, own):
                        yield f"{statement.name}.{method.name}", *change

    def _function(
        self, function: ast.FunctionDef, fields: list[str]
    ) -> Iterator[tuple[ast.expr, str, str]]:
        if function.name in SKIPPED_FUNCTIONS:
            return
        sizes = [*_size_parameters(function), *_unpacked_sizes(function), *fields]
        for statement in function.body:
            for node in _expressions(statement):
                for kind, new in self._changes(node, sizes):
                    yield node, kind, new

    def _changes(self, node: ast.expr, sizes: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the kind of each change of an expression, and the text in its place."""
        match node:
            case ast.Constant(value=bool(value)):
                yield "literal", str(not value)
            case ast.Constant(value=int(value)):
                yield from (("literal", _int(other)) for other in (value + 1, value - 1, 2 * value))
            case ast.Constant(value=str(value)) if "->" in value:
                yield from (("literal", f'"{text}"') for text in _other_specs(value))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                yield from (("literal", _int(-value - 1)), ("literal", _int(1 - value)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                yield "dropped", self._of(operand)
            case ast.BinOp(left=left, op=op, right=right):
                first, second = self._enclosed(left), self._enclosed(right)
                yield "order", f"({second} {_OPERATORS[type(op)]} {first})"
                yield from (("dropped", first), ("dropped", second))
            case ast.Tuple(elts=items) | ast.List(elts=items):
                yield from (("order", text) for text in self._swapped(node, items))
                if len(items) > 1 and any(self._is_size(item, sizes) for item in items):
                    for item in items:
                        rest = ", ".join(self._of(other) for other in items if other is not item)
                        yield "dimension", f"({rest},)"
            case ast.Subscript(value=value, slice=index):
                yield "dropped", self._of(value)
                if isinstance(index, ast.Tuple):  # no parentheses to be kept
                    for text in self._swapped(index, index.elts):
                        yield "order", f"{self._of(value)}[{text}]"
            case ast.Call():
                yield from self._call_changes(node)
            case ast.Attribute(attr="T", value=value):
                yield "dropped", self._of(value)
        if isinstance(node, ast.Name | ast.Attribute) and self._of(node) in sizes:
            yield from (("dimension", other) for other in sizes if other != self._of(node))

    def _is_size(self, node: ast.expr, sizes: Sequence[str]) -> bool:
        return self._of(node) in sizes or (
            isinstance(node, ast.Constant) and type(node.value) is int
        )

    def _call_changes(self, call: ast.Call) -> Iterator[tuple[str, str]]:
        name = self._of(call.func)
        positional = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
        for text in self._swapped(call, positional):
            yield "order", text
        if _is_layer(name):
            yield from (("layer", "nn.Identity()"), ("layer", "nn.Flatten()"))
            yield "layer", f"nn.Sequential({self._of(call)}, {self._of(call)})"
            if name in _LIKE:
                yield "layer", self._of(call).replace(name, _LIKE[name], 1)
        for keyword in call.keywords:
            if keyword.arg != "rng":
                yield "dropped", self._without(call, keyword)
        if name == "nn.Sequential":
            yield from (("dropped", self._without(call, arg)) for arg in positional)
        elif isinstance(call.func, ast.Attribute) and not name.startswith(
            ("tl.", "nn.", "losses.")
        ):
            is_layer = name.startswith("self.") and name.count(".") == 1 and bool(call.args)
            yield "dropped", self._of(call.args[0] if is_layer else call.func.value)
        elif positional and not _is_layer(name):
            yield "dropped", self._of(positional[0])
        for place, arg in enumerate(call.args):
            if _parameter(call.func, place) == "axis" and isinstance(
                arg, ast.Constant | ast.UnaryOp
            ):
                yield from (("axis", text) for text in self._other_axes(call, arg))
        for keyword in call.keywords:
            if keyword.arg in ("axis", "dim"):
                yield from (("axis", text) for text in self._other_axes(call, keyword.value))

    def _other_axes(self, call: ast.Call, axis: ast.expr) -> Iterator[str]:
        """Write the call with each other axis that a tensor here may have."""
        for other in ("0", "1", "2", "-1", "-2", "-3", "4"):
            yield self._replaced(call, axis, other)

    # Texts --------------------------------------------------------------------------------------

    def _of(self, node: ast.expr) -> str:
        start, end = _span(self._source, node)
        return self._source[start:end].decode()

    def _enclosed(self, node: ast.expr) -> str:
        return (
            f"({self._of(node)})" if isinstance(node, ast.BinOp | ast.UnaryOp) else self._of(node)
        )

    def _replaced(self, node: ast.expr, part: ast.expr, text: str) -> str:
        (start, end), (first, last) = _span(self._source, node), _span(self._source, part)
        return (self._source[start:first] + text.encode() + self._source[last:end]).decode()

    def _swapped(self, node: ast.expr, parts: Sequence[ast.expr]) -> Iterator[str]:
        """Write a node with two of its parts in each other's place."""
        for one, two in itertools.combinations(parts, 2):
            if self._of(one) != self._of(two):
                text = self._replaced(node, two, self._of(one))
                start, _ = _span(self._source, node)
                first, last = (place - start for place in _span(self._source, one))
                raw = text.encode()
                yield (raw[:first] + self._of(two).encode() + raw[last:]).decode()

    def _without(self, call: ast.Call, part: ast.expr | ast.keyword) -> str:
        rest = [self._of(arg) for arg in call.args if arg is not part]
        rest += [f"{k.arg}={self._of(k.value)}" for k in call.keywords if k is not part]
        return f"{self._of(call.func)}({', '.join(rest)})"


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.MatMult: "@",
    ast.Mod: "%",
    ast.Pow: "**",
}
_LIKE = {
    "nn.ReLU": "nn.GELU",
    "nn.GELU": "nn.ReLU",
    "nn.Conv2d": "nn.ConvTranspose2d",
    "nn.ConvTranspose2d": "nn.Conv2d",
    "nn.MaxPool2d": "nn.AvgPool2d",
    "nn.BatchNorm2d": "nn.BatchNorm1d",
    "nn.LayerNorm": "nn.BatchNorm1d",
    "nn.Linear": "nn.Embedding",
    "nn.Embedding": "nn.Linear",
}


def _is_layer(name: str) -> bool:
    return name.startswith("nn.") and name[3:4].isupper() and name != "nn.Sequential"


def _int(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _other_specs(spec: str) -> Iterator[str]:
    """Write an einsum's letters with one of them exchanged for another of them."""
    letters = [letter for letter in dict.fromkeys(spec) if letter.isalpha()]
    for place, letter in enumerate(spec):
        if letter in letters:
            other = letters[(letters.index(letter) + 1) % len(letters)]
            yield spec[:place] + other + spec[place + 1 :]


def _parameter(function: ast.expr, place: int) -> str:
    """Return the name of the parameter of an op that takes an argument at a place."""
    if not isinstance(function, ast.Attribute):
        return ""
    owner = tl if isinstance(function.value, ast.Name) and function.value.id == "tl" else tl.Tensor
    op = getattr(owner, function.attr, None)
    if not callable(op):
        return ""
    try:
        names = list(inspect.signature(op).parameters)
    except ValueError:
        return ""
    names = names if owner is tl else names[1:]
    return names[place] if place < len(names) else ""


def _size_parameters(function: ast.FunctionDef) -> list[str]:
    """Return the parameters that are sizes: annotated with a type variable of one letter."""
    return [
        arg.arg
        for arg in function.args.args
        if isinstance(arg.annotation, ast.Name) and len(arg.annotation.id) == 1
    ]


def _unpacked_sizes(function: ast.FunctionDef) -> list[str]:
    """Return the names that are given the sizes of a tensor, as in `n, s, _ = x.shape`."""
    found: list[str] = []
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
        ):
            names = [name.id for name in node.targets[0].elts if isinstance(name, ast.Name)]
            found += [name for name in names if name != "_"]
    return found


def _fields(method: ast.FunctionDef) -> list[str]:
    """Return the fields that a constructor gives its own sizes, as in `self.heads = heads`."""
    sizes = _size_parameters(method)
    return [
        node.targets[0].attr
        for node in ast.walk(method)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in sizes
    ]


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Go through the expressions of a statement that compute something, outermost first."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and _is_skipped(node.func)):
        return
    if isinstance(node, ast.expr):
        yield node
    for name, value in ast.iter_fields(node):
        if name == "annotation" or name == "targets":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _expressions(child)


def _is_skipped(function: ast.expr) -> bool:
    while isinstance(function, ast.Attribute | ast.Call):
        function = function.value if isinstance(function, ast.Attribute) else function.func
    return isinstance(function, ast.Name) and function.id in SKIPPED_CALLS


# Running ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        kind: "end"; "shape" or "tape", the errors that mypy is to foresee; "data", an index out of
            range that a tensor holds, such as a class; "other" of the library's errors; "python",
            any other exception; or "time".
        text: what the exception says.
    """

    kind: str
    text: str = ""

    @property
    def is_foreseeable(self) -> bool:
        """Whether mypy is to report what leads to this."""
        return self.kind in ("shape", "tape")


class _TooLongError(Exception):
    pass


def sizes_of(program: str) -> tuple[tuple[int, ...], ...]:
    """Return the sizes with which a model is run."""
    tree = ast.parse((FOLDER / f"{program}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SIZES":
            return tuple(ast.literal_eval(node.value))
    raise AssertionError(f"{program} has no SIZES")


def run(text: str, sizes: Sequence[int], *, checked: bool = False) -> Outcome:
    """Run a program with these sizes, in the main thread.

    Args:
        text: the program; its function ``run`` takes the sizes, and a number of steps.
        sizes: the sizes.
        checked: whether to enforce all its annotations, as `tensorlib.checking.install` does.
    """
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(TIME_LIMIT)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            _imported(text, checked=checked).run(*sizes, steps=1)
    except Exception as error:
        return Outcome(_kind(error), f"{type(error).__name__}: {error}")
    finally:
        signal.alarm(0)
    return Outcome("end")


def _imported(text: str, *, checked: bool) -> Any:
    """Import a program as a module whose name tells whether it is checked."""
    name = "checked_mutant" if checked else "mutant"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.py").write_text(text, encoding="utf-8")
        sys.modules.pop(name, None)
        sys.path.insert(0, folder)
        finders = list(sys.meta_path)
        try:
            if checked:
                tl.checking.install(name)
            importlib.invalidate_caches()
            return importlib.import_module(name)
        finally:
            sys.meta_path[:] = finders
            sys.path.remove(folder)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _TooLongError


def _kind(error: Exception) -> str:
    if isinstance(error, IndexOutOfRangeError) and " at (" in str(error):
        return "data"
    if isinstance(error, ShapeError):
        return "shape"
    if isinstance(error, TapeError):
        return "tape"
    if isinstance(error, TensorlibError):
        return "other"
    return "time" if isinstance(error, _TooLongError) else "python"


def outcomes(mutant: Mutant, *, checked: bool = False) -> list[Outcome]:
    """Run a mutant with all sizes of its model."""
    return [run(mutant.text, sizes, checked=checked) for sizes in sizes_of(mutant.program)]


# Checking -----------------------------------------------------------------------------------------


def reports(mutants: Iterable[Mutant], folder: Path) -> dict[Mutant, list[Message]]:
    """Type-check mutants, all of them in one run of mypy, and return its errors."""
    named = {f"mutant_{place}.py": mutant for place, mutant in enumerate(mutants)}
    for name, mutant in named.items():
        (folder / name).write_text(mutant.text, encoding="utf-8")
    output = run_mypy(*named, cwd=folder).stdout
    found: dict[Mutant, list[Message]] = {mutant: [] for mutant in named.values()}
    for message in printed(output):
        if message.kind == "E":
            found[named[message.file]].append(message)
    return found


@dataclass(frozen=True)
class Verdict:
    """What running and checking a mutant showed.

    Attributes:
        mutant: the mutant.
        outcomes: how it ended with each of the sizes.
        reports: what mypy says.
        wrong: those of the reports that are not right.
    """

    mutant: Mutant
    outcomes: list[Outcome]
    reports: list[Message]
    wrong: list[Message]

    @property
    def raises(self) -> bool:
        """Whether it raises what mypy is to foresee, with some sizes."""
        return any(outcome.is_foreseeable for outcome in self.outcomes)

    @property
    def is_about_data(self) -> bool:
        """Whether it raises for no other reason than what a tensor holds."""
        return not self.raises and any(outcome.kind == "data" for outcome in self.outcomes)

    @property
    def is_missed(self) -> bool:
        """Whether mypy is silent about a mutant that raises, be it because of data."""
        return (self.raises or self.is_about_data) and not self.reports


def verdict(mutant: Mutant, found: list[Message]) -> Verdict:
    """Run a mutant, and judge what mypy says of it.

    A report on a mutant that runs to the end is right if it says that something is not proven, or
    if an annotation of the mutant is broken with some of the sizes.
    """
    ended = outcomes(mutant)
    wrong = [message for message in found if not _is_about_unknown(message)]
    if wrong and all(outcome.kind == "end" for outcome in ended):
        checked = outcomes(mutant, checked=True)
        if any(outcome.kind != "end" for outcome in checked):
            wrong = []
    else:
        wrong = []
    return Verdict(mutant, ended, found, wrong)


def _is_about_unknown(message: Message) -> bool:
    """Tell whether a report says that nothing is proven, in our words or in mypy's."""
    if message.code in ("return-value", "assignment"):
        return re.search(r"(got|has type) \"[^\"]*\bint\b[^\"]*\"", message.text) is not None
    return message.code == "tensor-unproven"


def verdicts(mutants: Sequence[Mutant], folder: Path, workers: int = 1) -> list[Verdict]:
    """Type-check and run mutants, in so many processes."""
    found = reports(mutants, folder)
    if workers == 1:
        return list(itertools.starmap(verdict, found.items()))
    with multiprocessing.Pool(workers, maxtasksperchild=100) as pool:
        return pool.starmap(verdict, found.items(), chunksize=8)


def sample(mutants: Sequence[Mutant], count: int) -> list[Mutant]:
    """Choose some mutants, the same ones each time: of every program and kind, in turn."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault((mutant.program, mutant.kind), []).append(mutant)
    order = [
        (place / len(group), key, mutant)
        for key, group in groups.items()
        for place, mutant in enumerate(_shuffled(group))
    ]
    firsts = [group[0] for group in map(_shuffled, groups.values())]
    rest = [mutant for _, _, mutant in sorted(order) if mutant not in firsts]
    return sorted([*firsts, *rest][:count])


def _shuffled(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Put mutants in an order that depends on nothing but what they change."""
    digests = {mutant: hashlib.sha256(str(mutant).encode()).digest() for mutant in mutants}
    return sorted(mutants, key=lambda mutant: (digests[mutant], mutant))


def main() -> int:
    """Judge all mutants, print what was missed or wrong, and return how many were."""
    mutants = [mutant for program in programs() for mutant in mutants_of(program)]
    with tempfile.TemporaryDirectory() as folder:
        found = verdicts(mutants, Path(folder), os.cpu_count() or 1)
    missed = [each for each in found if each.is_missed]
    unexplained = [each for each in missed if reason(str(each.mutant)) is None]
    wrong = [each for each in found if each.wrong]
    for each in unexplained:
        print(f"not explained: {each.mutant}\n    {each.outcomes}")
    for each in wrong:
        print(f"wrong: {each.mutant}\n    {each.wrong}")
    names = {str(each.mutant) for each in missed}
    stale = [name for names_of in MISSED.values() for name in names_of if name not in names]
    for name in stale:
        print(f"reported by now: {name}")
    raising = [each for each in found if each.raises]
    share = sum(bool(each.reports) for each in raising) / len(raising)
    print(f"{len(mutants)} mutants, {len(raising)} raise, {share:.1%} of these are reported")
    data = [each for each in found if each.is_about_data]
    with_data = (len(raising) + len(data) - len(missed)) / (len(raising) + len(data))
    print(f"{len(data)} more raise because of what a tensor holds; with them {with_data:.1%}")
    return len(unexplained) + len(wrong) + len(stale) + (share < SHARE)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
