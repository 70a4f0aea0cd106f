"""Equations of dimensions as texts: their normal forms as trees, and which are instances of others.

Nothing here uses the algebra that is under test.
"""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np

Form: TypeAlias = Hashable
Poly: TypeAlias = Counter[tuple[Any, ...]]
SIZES = np.random.default_rng(0).integers(1, 90, (8, 26))
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def sides_of(equation: str) -> tuple[ast.expr, ast.expr]:
    left, right = equation.split(" == ")
    return ast.parse(left, mode="eval").body, ast.parse(right, mode="eval").body


def names_of(*nodes: ast.AST) -> list[str]:
    found = (each for node in nodes for each in ast.walk(node))
    return sorted({each.id for each in found if isinstance(each, ast.Name)})


def ring_form(node: ast.expr, images: Mapping[str, ast.expr]) -> Form:
    """Multiply sums and products out; a floor division stays as it is."""
    return _frozen(_polynomial(node, images))


def _frozen(poly: Poly) -> Form:
    return frozenset((monomial, c) for monomial, c in poly.items() if c)


def _polynomial(node: ast.expr, images: Mapping[str, ast.expr]) -> Poly:
    match node:
        case ast.Constant(value=int(value)):
            return Counter({(): value})
        case ast.Name(id=name):
            return _polynomial(images[name], {}) if name in images else Counter({(name,): 1})
        case ast.UnaryOp(operand=operand):
            return Counter({m: -c for m, c in _polynomial(operand, images).items()})
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _polynomial(left, images), _polynomial(right, images)
            if isinstance(op, ast.FloorDiv):
                return a if _frozen(b) == ONE else Counter({((_frozen(a), _frozen(b)),): 1})
            result: Poly = Counter()
            if isinstance(op, ast.Mult):
                for (m, c), (n, d) in itertools.product(a.items(), b.items()):
                    result[tuple(sorted(m + n, key=repr))] += c * d
                return result
            sign = 1 if isinstance(op, ast.Add) else -1
            for m, c in (*a.items(), *((m, sign * c) for m, c in b.items())):
                result[m] += c
            return result
    raise AssertionError(ast.dump(node))


ONE = _frozen(Counter({(): 1}))


def tree_form(node: ast.expr, images: Mapping[str, ast.expr]) -> Form:
    """Forget the order of sums and products, and multiply nothing out."""
    match node:
        case ast.Name(id=name):
            return tree_form(images[name], {}) if name in images else name
        case ast.UnaryOp(operand=operand):
            return "-", tree_form(operand, images)
        case ast.BinOp(op=ast.FloorDiv(), left=left, right=right):
            return "//", tree_form(left, images), tree_form(right, images)
        case ast.BinOp(op=ast.Mult()):
            parts = Counter(tree_form(part, images) for part in _factors(node))
            return "*", frozenset(parts.items())
        case ast.BinOp():
            signed = ((sign, tree_form(part, images)) for sign, part in _summands(node, 1))
            return "+", frozenset(Counter(signed).items())
        case ast.Constant(value=value):
            return int(str(value))
    raise AssertionError(ast.dump(node))


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _summands(node: ast.expr, sign: int) -> Iterator[tuple[int, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _summands(node.left, sign)
        yield from _summands(node.right, sign if isinstance(node.op, ast.Add) else -sign)
    elif isinstance(node, ast.UnaryOp):
        yield from _summands(node.operand, -sign)
    else:
        yield sign, node


def values(node: ast.expr, sizes: Mapping[str, Any]) -> Any:
    """Compute with arrays of sizes; a division by 0 gives 0."""
    with np.errstate(divide="ignore"):
        return eval(_compiled(node), {}, dict(sizes))


@cache
def _compiled(node: ast.expr) -> Any:
    return compile(ast.fix_missing_locations(ast.Expression(node)), "law", "eval")


@cache
def _sizes() -> dict[str, Any]:
    return {letter: SIZES[:, place] for place, letter in enumerate(LETTERS)}


@cache
def images_in(equation: str, most: int) -> Sequence[ast.expr]:
    """Collect what may stand for a symbol where this equation is an instance of another.

    These are its parts, small integers, and sums and products of up to so many of the parts that
    are added or multiplied, as far as they are at least 1 for all sizes.
    """
    parts: list[ast.expr] = [ast.Constant(number) for number in (1, 2, 3)]
    for side in sides_of(equation):
        for node in ast.walk(side):
            if not isinstance(node, ast.expr):
                continue
            parts.append(node)
            for group, op in (
                (list(_factors(node)), ast.Mult()),
                ([part for sign, part in _summands(node, 1) if sign == 1], ast.Add()),
            ):
                for count in range(2, min(len(group), most + 1)):
                    for some in itertools.combinations(group, count):
                        joined = some[0]
                        for part in some[1:]:
                            joined = ast.BinOp(joined, op, part)
                        parts.append(joined)
    found = {ring_form(part, {}): part for part in parts}
    return [part for part in found.values() if _is_positive(part)]


def _is_positive(node: ast.expr) -> bool:
    small = itertools.product((1, 2, 3, 5), repeat=len(names_of(node)))
    grid = np.array(list(small)).T
    return bool(np.all(values(node, dict(zip(names_of(node), grid, strict=True))) >= 1))


def is_instance(special: str, general: str) -> bool:
    """Tell whether an equation is another one with something put in for its symbols.

    Sides may be swapped. They are compared with sums and products multiplied out, but those of an
    equation that is true by this alone in any order of their parts only. What may be put in is
    `images_in`, so an instance that takes more inventing is not found, and neither is an equation
    that has parts of another one moved to the other side.
    """
    pattern, target = sides_of(general), sides_of(special)
    form = tree_form if _is_ring_law(*pattern) or _is_ring_law(*target) else ring_form
    names = names_of(*pattern)
    images = images_in(special, most=2 if len(names) < 4 else 1)
    candidates = _assignments(pattern, target, names, images)
    wanted = [form(side, {}) for side in target]
    for places in candidates:
        chosen = {name: images[place] for name, place in zip(names, places, strict=True)}
        given = [form(side, chosen) for side in pattern]
        if wanted in (given, given[::-1]):
            return True
    return False


def _is_ring_law(left: ast.expr, right: ast.expr) -> bool:
    return ring_form(left, {}) == ring_form(right, {})


def _assignments(
    pattern: tuple[ast.expr, ast.expr],
    target: tuple[ast.expr, ast.expr],
    names: Sequence[str],
    images: Sequence[ast.expr],
) -> list[tuple[int, ...]]:
    """Find by numbers which images could make one side of the pattern one of the target."""
    size = len(images)
    if size ** len(names) > 3_000_000:
        return []
    axes = [
        [-1 if place == axis else 1 for place in range(len(names))] for axis in range(len(names))
    ]
    fits: set[tuple[int, ...]] = set()
    for side in target:
        possible = np.ones((size,) * len(names), bool)
        for point in range(3):
            sizes = {name: value[point] for name, value in _sizes().items()}
            numbers = np.array([values(image, sizes) for image in images])
            grid = {name: numbers.reshape(axis) for name, axis in zip(names, axes, strict=True)}
            possible &= values(pattern[0], grid) == values(side, sizes)
            if not possible.any():
                break
        fits.update(tuple(map(int, places)) for places in np.argwhere(possible))
    return sorted(fits)
