"""Single changes of `tensorlib/shapes`: which of them the tests of rules find.

`make mutate-shapes` makes each change in a process of its own, forked when all is imported and
collected, by exchanging the code of one function. There it runs the tests that come through the
changed line, the fastest first, until one fails. Texts of messages stay: others test them.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeAlias

import pytest
from _pytest.runner import runtestprotocol

from tensorlib.ops.primitive import Primitive
from tensorlib.shapes.registry import Rule

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tensorlib" / "shapes"
FLAGS = annotations.compiler_flag
Function: TypeAlias = ast.FunctionDef

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """A function with one change.

    Attributes:
        path: the file.
        function: the outermost function around the change, or its method, as Python names it.
        line: where the change is.
        change: what was and what is there now.
        code: of the changed function; None if a default is changed.
        default: the place of a changed default, and its value.
    """

    path: Path
    function: str
    line: int
    change: str
    code: CodeType | None
    default: tuple[int, Any] | None = None

    def __str__(self) -> str:
        return f"{self.path.stem} {self.function}: {self.change}"

    def put_into(self, function: FunctionType) -> None:
        """Change a function."""
        if self.code is not None:
            function.__code__ = self.code
        if self.default is not None:
            place, value = self.default
            old = function.__defaults__ or ()
            function.__defaults__ = (*old[:place], value, *old[place + 1 :])


def functions_of(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield the functions and methods of a module, not those inside of others."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield all changes of a file."""
    for name, function in functions_of(ast.parse(path.read_text(encoding="utf-8"))):
        notes = {*_annotations(function), *ast.walk(function.args)}  # defaults come by themselves
        for place, node in enumerate(ast.walk(function)):
            if node in notes:
                continue
            for number, changed in enumerate(_changes(node)):
                change = f"{_shown(node)} -> {_shown(changed)}"
                code = _compiled(path, name, _changed(function, place, number))
                yield Mutant(path, name, _line_of(node), change, code)
        yield from _of_defaults(path, name, function)


def _annotations(function: Function) -> Iterator[ast.AST]:
    """Yield all nodes of annotations, which nobody evaluates."""
    for node in ast.walk(function):
        for name in ("annotation", "returns"):
            annotation = getattr(node, name, None)
            if annotation is not None:
                yield from ast.walk(annotation)


def _line_of(node: Any) -> int:
    line: int = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno
    return line


def _shown(node: ast.AST) -> str:
    """Return the first line of a node's text."""
    return ast.unparse(node).strip().splitlines()[0]


def _changed(function: Function, place: int, number: int) -> Function:
    """Return a copy with one node changed, in one of the ways that there are."""
    result = copy.deepcopy(function)
    node = [*ast.walk(result)][place]
    changed = [*_changes(node)][number]
    if isinstance(node, ast.expr | ast.stmt):
        ast.copy_location(changed, node)
    _Exchange(node, changed).visit(result)
    return ast.fix_missing_locations(result)


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _compiled(path: Path, name: str, function: Function) -> CodeType:
    """Return the code of a function or method by itself."""
    function.decorator_list = []
    owner, _, _ = name.rpartition(".")
    module_node: Any = ast.parse(f"class {owner}: ..." if owner else "...")
    around = module_node.body[0] if owner else module_node  # private names know their class
    around.body = [function]
    module = compile(module_node, str(path), "exec", FLAGS)
    return _code_in(_code_in(module, owner) if owner else module, function.name)


def _code_in(code: CodeType, name: str) -> CodeType:
    codes = (each for each in code.co_consts if isinstance(each, CodeType))
    return next(each for each in codes if each.co_name == name)


def _of_defaults(path: Path, name: str, function: Function) -> Iterator[Mutant]:
    for place, default in enumerate(function.args.defaults):
        if isinstance(default, ast.Constant) and isinstance(default.value, int):
            value = _other(default.value)
            change = f"default {default.value} -> {value}"
            yield Mutant(path, name, default.lineno, change, None, (place, value))


def _other(value: int) -> int:
    return not value if isinstance(value, bool) else value + 1


def _changes(node: Any) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in COMPARED[type(op)]:
                    yield _with(node, ops=[*ops[:place], other(), *ops[place + 1 :]])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in COMPUTED:
            yield _with(node, op=COMPUTED[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=int(value)):
            yield ast.Constant(_other(value))
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            if not isinstance(test, ast.Compare | ast.UnaryOp):  # changed in itself
                yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.For():
            yield _with(node, iter=ast.Tuple([], ast.Load()))
        case ast.comprehension(ifs=[_, *others]):
            yield _with(node, ifs=others)
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Expr(value=value) if not isinstance(value, ast.Constant):
            yield ast.Pass()


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """Return a node with other fields."""
    changed = copy.copy(node)
    vars(changed).update(fields)
    return changed


# Running ------------------------------------------------------------------------------------------

TESTS = ("tests/shapes", "tests/test_rules.py")
SELECTED = "not instance_of_another"
"""All but those of the laws among themselves, which have nothing to do with the code."""
EXAMPLES = "40"
"""How many calls are drawn of each rule in each test: more than in `make test`."""
SECONDS = 6.0
"""How long tests may run for one mutant, in all."""


class Judge:
    """A plugin of pytest that runs the collected tests on each mutant, instead of once."""

    def __init__(self, mutants: Sequence[Mutant], seconds: float) -> None:
        self.mutants = mutants
        self.seconds = seconds
        self.survivors: list[Mutant] = []
        self.finders: set[pytest.Item] = set()

    def pytest_configure(self) -> None:
        """Have Hypothesis stop at the first failure, whatever it looks like."""
        from hypothesis import Phase, settings

        settings.register_profile("mutants", phases=[Phase.generate], report_multiple_bugs=False)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once, and then for each mutant those that come through its line."""
        functions = _functions()
        runs = sorted(((item, *_watched(item)) for item in session.items), key=lambda run: run[1])
        print(f"{len(runs)} tests of {sum(run[1] for run in runs):.0f} s", file=sys.stderr)
        _forget()
        gc.collect()
        gc.freeze()  # so that processes share what there is
        for place, mutant in enumerate(self.mutants):
            found = functions.get((mutant.path.name, mutant.function))  # None: not imported at all
            if found is None or not self._is_found(mutant, found, runs):
                self.survivors.append(mutant)
                print(f"{place}/{len(self.mutants)} {mutant}", file=sys.stderr)
        return True

    def _is_found(self, mutant: Mutant, functions: list[FunctionType], runs: list[Run]) -> bool:
        lines = {(mutant.path.name, mutant.line)}
        if not any(lines & seen for _, _, seen in runs):
            lines = {(mutant.path.name, line) for line in _lines(functions[0].__code__)}
        items = [item for item, _, seen in runs if lines & seen]
        items.sort(key=lambda item: item not in self.finders)  # what found others comes first
        with tempfile.TemporaryFile() as file:
            if _status(lambda: self._find(mutant, functions, items, file), 3 * self.seconds) == 0:
                return False
            file.seek(0)
            self.finders.update(items[int(place)] for place in file.read().split())
        return True

    def _find(
        self, mutant: Mutant, functions: list[FunctionType], items: list[pytest.Item], file: Any
    ) -> int:
        """Write down which test finds a mutant; return whether one does."""
        for function in functions:
            mutant.put_into(function)
        start = time.process_time()
        for place, item in enumerate(items):
            if any(report.failed for report in runtestprotocol(item, log=False)):
                file.write(str(place).encode())
                file.flush()
                return 1
            if time.process_time() - start > self.seconds:
                break
        return 0


Run: TypeAlias = "tuple[pytest.Item, float, frozenset[tuple[str, int]]]"


def _functions() -> dict[tuple[str, str], list[FunctionType]]:
    """Return all functions of the folder that there are."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType and Path(each.__code__.co_filename).parent == FOLDER:
            name = Path(each.__code__.co_filename).name, each.__code__.co_qualname
            found.setdefault(name, []).append(each)
    return found


def _lines(code: CodeType) -> Iterator[int]:
    """Return the lines of a function, and of those inside it."""
    yield from (line for _, _, line in code.co_lines() if line is not None)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _lines(each)


def _watched(item: pytest.Item) -> tuple[float, frozenset[tuple[str, int]]]:
    """Return how long a test takes, and which lines of the folder it comes through."""
    seen: set[tuple[str, int]] = set()
    start = time.process_time()
    threading.settrace(trace := _tracer(seen))
    sys.settrace(trace)
    reports = runtestprotocol(item, log=False)
    sys.settrace(None)
    assert not any(report.failed for report in reports), f"{item.nodeid} fails as it is"
    lines = frozenset((os.path.basename(path), line) for path, line in seen)
    return time.process_time() - start, lines


def _forget() -> None:
    """Forget what rules have answered, so that the changed ones are asked again."""
    for each in gc.get_objects():
        if type(each) is _lru_cache_wrapper:
            if str(each.__module__).startswith("tensorlib"):
                each.cache_clear()
        elif type(each) is Rule:
            each._memo.clear()
        elif issubclass(type(each), Primitive):
            each._plans.clear()


def _tracer(seen: set[tuple[str, int]]) -> Any:
    folder = f"{FOLDER}{os.sep}"

    def local(frame: Any, event: str, _: Any) -> Any:
        seen.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def trace(frame: Any, event: str, _: Any) -> Any:
        return local(frame, event, None) if frame.f_code.co_filename.startswith(folder) else None

    return trace


def _status(f: Callable[[], int], seconds: float) -> int:
    """Call a function in a process of its own, and return what it returns; other than 0 late."""
    child = os.fork()
    if not child:
        status = 2
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds)  # the processor's, not the clock's
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            status = f()
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def main() -> int:
    """Judge the mutants that are asked for; return how many survive beside the equivalent ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.shape_mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="files of tensorlib/shapes, all by default")
    parser.add_argument("--every", type=int, default=1, help="judge every so many mutants only")
    parser.add_argument("--start", type=int, default=0, help="the first of these")
    parser.add_argument("--tests", default=SELECTED, help="which tests to run, as pytest's -k")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the tests of each")
    options = parser.parse_args()
    paths = [FOLDER / f"{name}.py" for name in options.modules] or sorted(FOLDER.glob("*.py"))
    mutants = [each for path in paths for each in mutants_of(path)][options.start :: options.every]
    judge = Judge(mutants, options.seconds)
    os.environ.setdefault("RULES", EXAMPLES)
    arguments = ["-q", "-s", "-p", "no:cacheprovider", "-k", options.tests, *TESTS]
    status = pytest.main(arguments, plugins=[judge])
    assert status == pytest.ExitCode.OK
    for mutant in judge.survivors:
        print(mutant)
    found = len(mutants) - len(judge.survivors)
    print(f"{found} of {len(mutants)} mutants found, {100 * found / len(mutants):.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
