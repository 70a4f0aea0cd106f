"""Making a program small that still disagrees in the same way."""

from __future__ import annotations

import ast
import itertools
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.agreement.judging import Verdict
from tests.agreement.mistakes import NUMBER, binds_zero
from tests.agreement.program import OWN, Operand, Peer, Program

MOST = 120
"""How many smaller programs are tried at once."""
ROUNDS = 25

Judge = Callable[[Sequence[Program]], Sequence[Verdict]]


def shrunk(verdict: Verdict, judged: Judge) -> Verdict:
    """Return a smaller program with the same kind of disagreement, as far as one is found."""
    if verdict.program.stated:  # which would not hold of another program
        return verdict
    for _ in range(ROUNDS):
        candidates = [*itertools.islice(_smaller(verdict.program), MOST)]
        found = (each for each in judged(candidates) if _is_alike(each, verdict))
        smaller = min(found, key=lambda each: _size(each.program), default=None)
        if smaller is None or _size(smaller.program) >= _size(verdict.program):
            break
        verdict = smaller
    return verdict


def _is_alike(one: Verdict, other: Verdict) -> bool:
    return (one.kind, one.code) == (other.kind, other.code)


def _size(program: Program) -> tuple[int, int]:
    """Measure a program; plain operands count as smaller, though ``NoTape`` has more letters."""
    special = sum(each.owns_tape + (each.dtype != "float32") for each in program.operands)
    letters = len(program.text("program")) + 5 * (special + len(program.symbols))
    return letters, sum(map(ord, str(program)))


def _smaller(program: Program) -> Iterator[Program]:
    """Write programs with one thing less; those that are no programs are left out."""
    seen = {str(program)}
    for each in _changed(program):
        each = _tidied(each)
        if str(each) not in seen and each.body and _compiles(each):
            seen.add(str(each))
            yield each


def _changed(program: Program) -> Iterator[Program]:
    body = program.body
    for place in range(len(body)):
        yield replace(program, body=(*body[:place], *body[place + 1 :]))
        for rest in _inlined(body[place], body[place + 1 :]):
            yield replace(program, body=(*body[:place], *rest))
    for operand in program.operands:
        for other in _smaller_operands(operand):
            operands = tuple(other if each is operand else each for each in program.operands)
            yield replace(program, operands=operands)
    for symbol in program.symbols:
        for size in ("2", "3") if symbol != "Batch" else ():
            yield _with_size(program, symbol, size)
    for place, text in enumerate(body):
        for shorter in (*_simpler(text), *_smaller_numbers(text)):
            yield replace(program, body=(*body[:place], shorter, *body[place + 1 :]), peer=None)
    for place, text in enumerate(program.definitions):
        rest = program.definitions
        for shorter in (*_without_lines(text), *_smaller_numbers(text)):
            yield replace(program, definitions=(*rest[:place], shorter, *rest[place + 1 :]))


def _inlined(statement: str, rest: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Write the rest with something else in the place of what a statement names."""
    name, is_named, value = statement.partition(" = ")
    if is_named:
        for other in dict.fromkeys(re.findall(r"\b[a-z]\d*\b", value)):
            yield tuple(re.sub(rf"\b{re.escape(name)}\b", other, each) for each in rest)


def _tidied(program: Program) -> Program:
    """Leave out what nothing uses."""
    words = {*re.findall(r"\w+", " ".join(program.body))}
    operands = tuple(each for each in program.operands if each.name in words)
    definitions = program.definitions if any(OWN in text for text in program.body) else ()
    return replace(
        program, operands=operands, definitions=definitions, peer=_peer_of(program, operands)
    )


def _peer_of(program: Program, operands: Sequence[Operand]) -> Peer | None:
    return program.peer if len(operands) == len(program.operands) else None


def _smaller_operands(operand: Operand) -> Iterator[Operand]:
    dims = operand.dims
    for place in range(len(dims)):
        yield replace(operand, dims=(*dims[:place], *dims[place + 1 :]))
        for size in ("1", "2"):
            if dims[place] not in ("1", size):
                yield replace(operand, dims=(*dims[:place], size, *dims[place + 1 :]))
    if operand.owns_tape:
        yield replace(operand, owns_tape=False)
    if operand.dtype != "float32":
        yield replace(operand, dtype="float32")


def _with_size(program: Program, symbol: str, size: str) -> Program:
    pattern = re.compile(rf"\b{symbol}\b")
    operands = []
    for each in program.operands:
        dims = (pattern.sub(size, dim) for dim in each.dims)
        worths = (dim if re.search("[A-Z]", dim) else str(eval(dim)) for dim in dims)
        operands.append(replace(each, dims=tuple(worths)))
    return replace(program, operands=tuple(operands))


def _smaller_numbers(text: str) -> Iterator[str]:
    for found in NUMBER.finditer(text):
        for number in {1, 2, 3, int(found[0]) - 1}:
            if 0 <= number < int(found[0]):
                yield text[: found.start()] + str(number) + text[found.end() :]


def _simpler(text: str) -> Iterator[str]:
    """Write a statement with an operand in the place of an expression, or an argument less."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.Tuple):
            continue
        start, end = node.col_offset, node.end_col_offset
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr) and not isinstance(part, ast.Constant):
                piece = ast.unparse(part)
                yield text[:start] + piece + text[end:]
        if isinstance(node, ast.Call):
            for given in (*node.args, *node.keywords):
                args = [
                    ast.unparse(each) for each in (*node.args, *node.keywords) if each is not given
                ]
                call = f"{ast.unparse(node.func)}({', '.join(args)})"
                yield text[:start] + call + text[end:]


def _without_lines(text: str) -> Iterator[str]:
    lines = text.splitlines()
    for place in range(1, len(lines)):  # the first says that it is checked when it runs
        yield "\n".join((*lines[:place], *lines[place + 1 :]))


def _compiles(program: Program) -> bool:
    if any(map(binds_zero, program.body)):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(program.text("program"), "", "exec")
        except (SyntaxError, SyntaxWarning):
            return False
    return True
