"""Putting mistakes into programs that are right; some of what comes out is right again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType

import tensorlib as tl
from tests.agreement.program import OWN, Operand, Program

NUMBER = re.compile(r"(?<![\w.\"'])\d+(?![\w.\"'])")
FLOATS = ("float32", "float16", "float64")
DTYPES = (*FLOATS, "int64", "bool")
_METHODS = {name for name in vars(tl.Tensor) if isinstance(vars(tl).get(name), FunctionType)}
DIMS = ("1", "2", "3", "4", "5", "7", "N", "M", "N + 1")


def with_mistakes(program: Program, rng: random.Random) -> Program:
    """Change a program in one to three places."""
    for _ in range(rng.choice((1, 2, 2, 3))):
        change = rng.choice(_CHANGES)
        changed = change(program, rng)
        if changed is not None:
            program = replace(changed, is_whole=False)
    return program


def _with_operand(program: Program, old: Operand, new: Operand) -> Program:
    """Exchange an operand; what are indices may be indices into it."""
    operands = tuple(
        new if each is old else replace(each, bounds=_bounds(each)) for each in program.operands
    )
    return replace(program, operands=operands)


def _chosen(program: Program, rng: random.Random) -> Operand | None:
    return rng.choice(program.operands) if program.operands else None


def _other_dim(dims: Sequence[str], rng: random.Random) -> str:
    if any(re.search("[A-Z]", dim) for dim in dims):
        return rng.choice(DIMS)
    return rng.choice(DIMS[:6])


def _resized(program: Program, rng: random.Random) -> Program | None:
    """Give an operand another size."""
    old = _chosen(program, rng)
    if old is None or not old.dims:
        return None
    dims = [*old.dims]
    dims[rng.randrange(len(dims))] = _other_dim(dims, rng)
    return _with_operand(program, old, replace(old, dims=tuple(dims), bounds=_bounds(old)))


def _bounds(old: Operand) -> tuple[int, int]:
    """Return bounds of indices for an operand whose shape, or another's, has changed."""
    return old.bounds if old.bounds[1] == old.bounds[0] + 1 else (0, 1)


def _reranked(program: Program, rng: random.Random) -> Program | None:
    """Give an operand one axis more, or less."""
    old = _chosen(program, rng)
    if old is None:
        return None
    dims = [*old.dims]
    if dims and rng.random() < 0.5:
        dims.pop(rng.randrange(len(dims)))
    else:
        dims.insert(rng.randint(0, len(dims)), _other_dim(dims, rng))
    return _with_operand(program, old, replace(old, dims=tuple(dims), bounds=_bounds(old)))


def _turned(program: Program, rng: random.Random) -> Program | None:
    """Exchange two sizes of an operand."""
    old = _chosen(program, rng)
    if old is None or len(set(old.dims)) < 2:
        return None
    dims = [*old.dims]
    one, other = rng.sample(range(len(dims)), 2)
    dims[one], dims[other] = dims[other], dims[one]
    return _with_operand(program, old, replace(old, dims=tuple(dims), bounds=_bounds(old)))


def _retyped(program: Program, rng: random.Random) -> Program | None:
    """Give an operand another dtype."""
    old = _chosen(program, rng)
    if old is None:
        return None
    dtype = rng.choice([each for each in DTYPES if each != old.dtype])
    owns_tape = old.owns_tape and dtype in FLOATS
    new = replace(old, dtype=dtype, owns_tape=owns_tape, bounds=_bounds(old))
    return replace(_with_operand(program, old, new), peer=None)


def _taped(program: Program, rng: random.Random) -> Program | None:
    """Give an operand a tape, or take it away."""
    old = _chosen(program, rng)
    if old is None or old.dtype not in FLOATS:
        return None
    return _with_operand(program, old, replace(old, owns_tape=not old.owns_tape))


def _renumbered(program: Program, rng: random.Random) -> Program | None:
    """Write another number."""
    texts = [*program.definitions, *program.body]
    places = [(at, found) for at, text in enumerate(texts) for found in NUMBER.finditer(text)]
    if not places:
        return None
    at, found = rng.choice(places)
    number = int(found[0])
    signed = texts[at][: found.start()].endswith("-")
    options = {number + 1, number + 2, max(number - 1, 0), 2 * number, 1} - {number}
    new = str(rng.choice(sorted(options)))
    start = found.start()
    if texts[at][:start].rstrip("-").endswith("rng="):
        return None
    if not signed and rng.random() < 0.15:
        new = f"-{max(number, 1)}"
    texts[at] = texts[at][:start] + new + texts[at][found.end() :]
    return None if binds_zero(texts[at]) else _with_texts(program, texts)


def binds_zero(text: str) -> bool:
    """Tell whether a class of the program's own is made with a size below 1.

    A type variable is at least 1; that mypy does not see to it is written in `docs/shapes.md`.
    """
    return re.search(rf"{OWN}\((0|-\d+)\)", text) is not None


def _with_texts(program: Program, texts: Sequence[str]) -> Program:
    count = len(program.definitions)
    return replace(program, definitions=tuple(texts[:count]), body=tuple(texts[count:]), peer=None)


def _swapped(program: Program, rng: random.Random) -> Program | None:
    """Exchange two operands, where they are used."""
    if len(program.operands) < 2:
        return None
    one, other = (each.name for each in rng.sample(program.operands, 2))
    names = {one: other, other: one}
    pattern = re.compile(rf"(?<![\w.])({one}|{other})(?!\w|=)")
    body = [pattern.sub(lambda found: names[found[1]], text) for text in program.body]
    return replace(program, body=tuple(body), peer=None)


def _used_again(program: Program, rng: random.Random) -> Program | None:
    """Use an operand that owns a tape again, behind the rest."""
    floats = [each for each in program.operands if each.dtype in FLOATS]
    if not floats:
        return None
    old = rng.choice(floats)
    program = _with_operand(program, old, replace(old, owns_tape=True))
    use = rng.choice(("{}.exp()", "{} * 2", "{}.sum().backward()", "{}.with_empty_tape() + 1"))
    return replace(
        program,
        body=(*program.body, f"again{len(program.body)} = {use.format(old.name)}"),
        peer=None,
    )


def _used_before(program: Program, rng: random.Random) -> Program | None:
    """Move an operand's tape in front of the rest."""
    floats = [each for each in program.operands if each.dtype in FLOATS]
    if not floats:
        return None
    old = rng.choice(floats)
    program = _with_operand(program, old, replace(old, owns_tape=True))
    use = rng.choice(("{}.exp()", "{} * 2", "{}.sum()", "{}.split_tape()[0]", "nn.ReLU()({})"))
    body = (f"before{len(program.body)} = {use.format(old.name)}", *program.body)
    return replace(program, body=body, peer=None)


def _as_array(program: Program, rng: random.Random) -> Program | None:
    """Give an array instead of a tensor, to a function."""
    old = _chosen(program, rng)
    places = [at for at, text in enumerate(program.body) if old and old.name in text]
    if old is None or not places:
        return None
    at = rng.choice(places)
    text = _METHOD.sub(r"tl.\2(\1, ", program.body[at], count=1).replace(", )", ")")
    given = re.compile(rf"(?<=[(\[ ]){old.name}(?![\w.\[=])")
    if not given.search(text):
        return None
    text = given.sub(f"{old.name}.numpy()", text, count=1)
    body = (*program.body[:at], text, *program.body[at + 1 :])
    return replace(program, body=body, peer=None)


_METHOD = re.compile(rf"(?<![\w.])([a-z]\d*)\.({'|'.join(sorted(_METHODS))})\(")
"""The call of a method that is a function of the library's, too."""

_CHANGES: tuple[Callable[[Program, random.Random], Program | None], ...] = (
    _resized, _resized, _resized, _reranked, _reranked, _turned, _retyped, _retyped, _taped,
    _renumbered, _renumbered, _renumbered, _swapped, _used_again, _used_before, _used_before,
    _as_array,
)  # fmt: skip
