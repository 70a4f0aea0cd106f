"""The rooms and their import directions, and that every op is complete."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tensorlib as tl
from tensorlib.ops.primitive import Primitive
from tensorlib.ops.variadic import Variadic
from tensorlib.shapes import registry
from tensorlib.shapes.registry import TapeRule
from tests.op_cases import NAMES

ROOT = Path(__file__).resolve().parent.parent
CASE_FILES = sorted((ROOT / "typecheck_cases").rglob("*.py"))

# Imports -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Import:
    """One imported module or name, with the file and line for a message.

    Late is what a function imports when it is called.
    """

    module: str
    place: str
    typing_only: bool
    late: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.module}"


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports_of(path: Path) -> list[Import]:
    """All imports of a file, those inside functions as well."""
    package = path.relative_to(ROOT).with_suffix("").parts
    found: list[Import] = []

    def visit(node: ast.AST, typing_only: bool, late: bool) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                visit(statement, True, late)
            for statement in node.orelse:
                visit(statement, typing_only, late)
            return
        if isinstance(node, ast.Import | ast.ImportFrom):
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            names = _imported(node, package)
            found.extend(Import(name, place, typing_only, late) for name in names)
        for child in ast.iter_child_nodes(node):
            visit(child, typing_only, late or isinstance(node, ast.FunctionDef))

    visit(ast.parse(path.read_text("utf-8")), False, False)
    return found


def _imported(node: ast.Import | ast.ImportFrom, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = ".".join(package[: -node.level]) if node.level else ""
    module = ".".join(part for part in (base, node.module) if part)
    return [f"{module}.{alias.name}" for alias in node.names]


def room(module: str) -> str:
    """The room of a module of ours, such as ``ops`` for ``tensorlib.ops.linalg``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "the top level"


BELOW: dict[str, tuple[str, ...]] = {
    "shapes": (),
    "typevars": (),
    "recording": (),
    "tape": ("recording", "shapes", "typevars"),
    "gradients": ("tape",),
    "backward": ("gradients",),
    "ops": ("tape",),
    "blas": ("ops",),
    "kernels": ("ops",),
    "tensor": ("ops", "backward"),
    "creation": ("tensor",),
    "functional": ("tensor",),
    "types": ("tensor",),
    "losses": ("creation",),
    "linalg": ("creation",),
    "metrics": ("tensor",),
    "nn": ("creation",),
    "optim": ("nn",),
    "data": ("nn",),
    "io": ("nn",),
    "compiling": ("optim",),
    "checkpoint": ("data", "io", "optim"),
    "testing": ("creation",),
    "checking": ("nn", "types"),
}
"""The rooms of tensorlib; each may import those named here, and what these may import."""

ALLOWED_LATE = {("nn", "io")}
"""``model.save()`` is there for convenience, and imports what writes files when it is called."""


def rooms_below(name: str) -> set[str]:
    return {name}.union(*(rooms_below(lower) for lower in BELOW[name]))


def library_files() -> list[Path]:
    return [
        path
        for path in sources("tensorlib")
        if path.relative_to(ROOT / "tensorlib") != Path("__init__.py")
    ]


def test_every_room_has_a_place() -> None:
    found = {
        room(".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in library_files()
    }
    assert found <= set(BELOW)


def test_rooms_import_only_what_is_below() -> None:
    wrong = []
    for path in library_files():
        here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for found in imports_of(path):
            if not found.module.startswith("tensorlib") or found.typing_only:
                continue
            there = room(found.module)
            if there not in rooms_below(here) and (here, there) not in ALLOWED_LATE:
                wrong.append(str(found))
    assert not wrong


def test_shapes_import_the_standard_library_only() -> None:
    """Also for typing: the checker must be able to load them without NumPy."""
    wrong = [
        str(found)
        for path in sources("tensorlib/shapes")
        for found in imports_of(path)
        if not found.module.startswith("tensorlib.shapes.")
        and found.module.split(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong


EXTRAS = {
    ("tensorlib/io/safetensors.py", "safetensors"),
    ("tensorlib/blas/limits.py", "threadpoolctl"),
    ("tensorlib/blas/table.py", "threadpoolctl"),
}
"""Optional libraries, with the files whose functions import them when they are called."""

COMPILER = ("tensorlib/kernels/building.py", "tensorlib/kernels/numeric.py")
"""What imports numba, and is itself imported when an array wants a kernel."""


def test_the_library_imports_numpy_and_typing_extensions_only() -> None:
    allowed = sys.stdlib_module_names | {"numpy", "typing_extensions", "tensorlib"}
    wrong = []
    for path in sources("tensorlib"):
        for found in imports_of(path):
            top = found.module.split(".")[0]
            file = path.relative_to(ROOT).as_posix()
            is_extra = found.late and (file, top) in EXTRAS
            is_extra |= top == "numba" and file in COMPILER
            if top not in allowed and not is_extra:
                wrong.append(str(found))
    assert not wrong


def test_the_plugin_imports_mypy_and_the_shapes_only() -> None:
    wrong = []
    for path in sources("mypy_plugin"):
        for found in imports_of(path):
            top = found.module.split(".")[0]
            if top in sys.stdlib_module_names or top in ("mypy", "mypy_plugin"):
                continue
            if found.module.startswith("tensorlib.shapes") or top == "typing_extensions":
                continue
            wrong.append(str(found))
    assert not wrong


def test_ops_name_tensor_for_typing_only() -> None:
    for path in sources("tensorlib/ops"):
        for found in imports_of(path):
            if found.module.startswith("tensorlib.tensor"):
                assert found.typing_only, str(found)


PRODUCTS = {f"np.{name}" for name in ("matmul", "dot", "vdot", "inner", "tensordot")}


def multiplies_matrices(node: ast.AST) -> bool:
    """Whether this is a product of matrices that `tensorlib.blas` cannot change."""
    match node:
        case ast.BinOp(op=ast.MatMult()) | ast.ImportFrom(module="tensorlib.ops.products"):
            return True
        case ast.Attribute():
            return ast.unparse(node) in PRODUCTS
    return False


def test_ops_multiply_matrices_in_one_place() -> None:
    found = [
        f"{path.stem}: {ast.unparse(node)}"
        for path in sources("tensorlib/ops", "tensorlib/losses", "tensorlib/nn")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if multiplies_matrices(node)
    ]
    assert found == ["products: np.matmul"]


PUBLIC_MODULES = (
    "losses",
    "nn",
    "optim",
    "data",
    "io",
    "linalg",
    "testing",
    "checking",
    "blas",
    "kernels",
)


def _is_public(module: str) -> bool:
    """Tell whether a user may import this: a public name of a public module."""
    first, *rest = module.split(".")
    if first != "tensorlib":
        return True
    if not rest:
        return True
    if rest[0] in PUBLIC_MODULES:
        owner: Any = importlib.import_module(f"tensorlib.{rest[0]}")
        return len(rest) == 1 or (len(rest) == 2 and hasattr(owner, rest[1]))
    exported = {
        alias.asname
        for node in ast.parse((ROOT / "tensorlib" / "__init__.py").read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return len(rest) == 1 and rest[0] in exported


def test_cases_and_examples_import_the_public_surface_only() -> None:
    wrong = [
        str(found)
        for path in sources("typecheck_cases", "examples")
        for found in imports_of(path)
        if not _is_public(found.module)
    ]
    assert not wrong


def test_no_room_for_odds_and_ends() -> None:
    forbidden = {"util", "utils", "helper", "helpers", "common", "misc"}
    folders = ("tensorlib", "mypy_plugin", "tests", "typecheck_cases", "examples", "benchmarks")
    assert not [path for path in sources(*folders) if forbidden & set(path.with_suffix("").parts)]


# Completeness ------------------------------------------------------------------------------------

Function = Callable[..., Any]

OP_MODULES = [
    importlib.import_module(f"tensorlib.ops.{path.stem}") for path in sources("tensorlib/ops")
    if path.stem != "__init__"
]  # fmt: skip


def tensor_parameters(f: Function) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(f).parameters.items()
        if "Tensor[" in str(parameter.annotation)
    ]


def functions_of(module: Any) -> Iterator[Function]:
    """The public functions of a module that take tensors."""
    for name, f in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(f) or f.__module__ != module.__name__:
            continue
        if tensor_parameters(f):
            yield f


OPS: list[Function] = [f for module in OP_MODULES for f in functions_of(module)]
LINALG_MODULES = [
    importlib.import_module(f"tensorlib.linalg.{path.stem}") for path in sources("tensorlib/linalg")
    if path.stem != "__init__"
]  # fmt: skip
LINALG: list[Function] = [f for module in LINALG_MODULES for f in functions_of(module)]
LOSS_MODULES = [
    importlib.import_module(f"tensorlib.losses.{path.stem}") for path in sources("tensorlib/losses")
    if path.stem != "__init__"
]  # fmt: skip
LOSSES: list[Function] = [f for module in LOSS_MODULES for f in functions_of(module)]

NOT_DIFFERENTIABLE = frozenset(
    (
        "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "argmax", "argmin",
        "isnan", "isfinite", "isinf", "logical_not", "logical_and", "logical_or", "logical_xor",
        "floor_divide", "one_hot", "argwhere", "nonzero", "unique",
        "any", "all", "count_nonzero",
        "argsort", "isclose", "allclose", "bernoulli", "categorical", "multinomial",
    )
)  # fmt: skip
TAKES_INDICES = frozenset(
    (
        "nll_loss", "cross_entropy", "cosine_embedding_loss", "take", "select", "take_along_axis",
        "scatter_add", "masked_select", "value_mask", "embedding",
    )
)  # fmt: skip
"""Ops with an operand of indices, or a mask, which has no derivative."""
WRITTEN_AS = {"getitem": "__getitem__"}
"""Ops that users write as an operator, and that have no public name."""

each_op = pytest.mark.parametrize("f", OPS, ids=lambda f: f.__name__)
each_tabled = pytest.mark.parametrize("f", OPS + LINALG, ids=lambda f: f.__name__)
each_function = pytest.mark.parametrize("f", OPS + LINALG + LOSSES, ids=lambda f: f.__name__)


def rule_name(f: Function) -> str:
    """The name of an op's rule; those of tl.linalg could be methods of tensors otherwise."""
    return f"linalg.{f.__name__}" if f in LINALG else f.__name__


def primitives_of(f: Function) -> list[Primitive]:
    members = vars(importlib.import_module(f.__module__)).values()
    return [x for x in members if isinstance(x, Primitive) and x.name == rule_name(f)]


def joins(f: Function) -> bool:
    """Tell whether an op takes any number of tensors, and so is no method."""
    rule = registry.find(rule_name(f))
    assert rule is not None
    return rule.group is not None


def test_ops_are_found() -> None:
    names = {f.__name__ for f in OPS}
    assert {"exp", "add", "sum", "matmul", "reshape", "getitem", "linear", "dropout"} <= names
    assert {f.__name__ for f in LOSSES} >= {"mse_loss", "cross_entropy"}
    assert {f.__name__ for f in LINALG} >= {"det", "solve", "cholesky"}
    assert names >= NOT_DIFFERENTIABLE


@each_function
def test_op_has_a_rule(f: Function) -> None:
    rule = registry.find(rule_name(f))
    assert rule is not None
    assert (rule.tape is TapeRule.READS) == (f.__name__ in NOT_DIFFERENTIABLE)
    parameters = list(inspect.signature(f).parameters)
    if all(name in parameters for name in rule.parameters):
        assert list(rule.parameters) == parameters[: len(rule.parameters)]
    else:  # a rule of a whole family names its operands x, or x1 and x2
        assert len(rule.parameters) <= len(parameters)


@each_function
def test_op_has_its_derivatives(f: Function) -> None:
    if joins(f):
        members = vars(importlib.import_module(f.__module__)).values()
        assert [x for x in members if isinstance(x, Variadic) and x.rule.name == rule_name(f)]
        return
    primitives = primitives_of(f)
    assert primitives
    assert all(bool(p.vjps) == (f.__name__ not in NOT_DIFFERENTIABLE) for p in primitives)
    takes_indices = any(None in primitive.vjps for primitive in primitives)
    assert takes_indices == (f.__name__ in TAKES_INDICES)


@each_tabled
def test_op_has_a_row_in_the_table(f: Function) -> None:
    assert rule_name(f) in NAMES


@pytest.mark.parametrize("f", LOSSES, ids=lambda f: f.__name__)
def test_loss_has_a_test(f: Function) -> None:
    assert getattr(tl.losses, f.__name__) is f
    texts = (path.read_text("utf-8") for path in (ROOT / "tests").glob("test_losses*.py"))
    assert any(re.search(rf"\b{f.__name__}\b", text) for text in texts)


@pytest.mark.parametrize("f", LINALG, ids=lambda f: f.__name__)
def test_function_of_linalg_is_exported_there_only(f: Function) -> None:
    assert getattr(tl.linalg, f.__name__) is f
    assert getattr(tl, f.__name__, None) is not f


@each_op
def test_op_is_exported(f: Function) -> None:
    if f.__name__ in WRITTEN_AS:
        assert hasattr(tl.Tensor, WRITTEN_AS[f.__name__])
    else:
        assert getattr(tl, f.__name__) is f


@each_function
def test_op_is_documented(f: Function) -> None:
    assert f.__doc__
    assert ("VJP:" in f.__doc__) == (f.__name__ not in NOT_DIFFERENTIABLE)


PUBLIC: dict[str, Any] = {
    f"{module.__name__}.{name}": value
    for module in (tl, *(importlib.import_module(f"tensorlib.{room}") for room in PUBLIC_MODULES))
    for name, value in vars(module).items()
    if not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value))
    if value.__module__.startswith(module.__name__)
}
WITHOUT_EXAMPLE = {"tensorlib.Primitive"}
"""Its example takes a rule of its own, and is a page by itself: docs/own-ops.md."""


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - WITHOUT_EXAMPLE))
def test_public_name_has_an_example(name: str) -> None:
    """That the example is right is for doctest to tell."""
    examples = doctest.DocTestParser().get_examples(PUBLIC[name].__doc__ or "")
    assert [example for example in examples if not example.source.startswith("import ")]


@each_op
def test_op_of_one_tensor_is_a_method(f: Function) -> None:
    parameters = inspect.signature(f).parameters
    if len(tensor_parameters(f)) != 1 or "rng" in parameters or joins(f):
        return
    method = getattr(tl.Tensor, WRITTEN_AS.get(f.__name__, f.__name__))
    _, *ours = inspect.signature(method).parameters.values()
    _, *theirs = parameters.values()
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]
    assert method.__doc__


@each_function
def test_op_has_typecheck_cases(f: Function) -> None:
    """One where its result is revealed, and one where it is a part of what is refused."""
    written = WRITTEN_AS.get(f.__name__, f.__name__)
    pattern = re.compile(r"\w\[" if written == "__getitem__" else rf"\b{written}\b")
    for folder in ("reveal", "fail"):
        paths = (path for path in CASE_FILES if path.parent.name == folder)
        assert any(pattern.search(path.read_text("utf-8")) for path in paths), folder
