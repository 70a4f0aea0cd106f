"""Matching declared shapes against actual ones: what a call binds ``N`` and ``*Batch`` to.

One mechanism for every declared signature: layers, models and users' functions, in the checker
and at run time.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    WAY_OUT,
    Dim,
    Symbol,
    SymbolicDim,
    Truth,
    UnknownDim,
    divisible,
    equal,
    solve,
    substitute,
    symbols,
)
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import (
    ANY_DIMS,
    UNKNOWN_DIMS,
    UNKNOWN_PACKS,
    Pack,
    Shape,
    format_shape,
    pack_index,
)
from tensorlib.shapes.solving import quotient
from tensorlib.shapes.substitution import lone_symbol
from tensorlib.shapes.suggestions import Misfit
from tensorlib.shapes.systems import Equation, eliminated, solutions


class Matcher:
    """Collects what the free names of one call stand for.

    Feed it the declared and the actual shape of each argument with `match`, then call `finish`,
    which settles the arithmetic dimensions; `substituted` gives the result's shape.

    Attributes:
        free: the symbols and packs that the call may bind; all others are rigid.
        dims: what the symbols are bound to so far.
        packs: what the packs are bound to so far.
    """

    def __init__(
        self,
        free: Container[Symbol | Pack],
        dims: dict[Symbol, Dim] | None = None,
        packs: dict[Pack, Shape] | None = None,
    ) -> None:
        self.free = free
        self.dims = {} if dims is None else dims
        self.packs = {} if packs is None else packs
        self._pending: list[tuple[SymbolicDim, Dim, _Place]] = []

    def copy(self) -> Matcher:
        """Return a matcher that knows the same, to try something."""
        copied = Matcher(self.free, dict(self.dims), dict(self.packs))
        copied._pending = list(self._pending)
        return copied

    def take(self, other: Matcher) -> None:
        """Take over what a copy has learned."""
        self.dims, self.packs, self._pending = other.dims, other.packs, other._pending

    def match(self, declared: Shape, actual: Shape, name: str = "") -> None:
        """Match one argument.

        Args:
            declared: the shape that the signature states.
            actual: the shape of what was passed.
            name: the parameter's name for messages, or "" where there is only one.

        Raises:
            ShapeError: they certainly differ, or (``unproven``) nothing shows that they agree.
        """
        place = _Place(declared, actual, name)
        split = pack_index(declared)
        if split is None:
            self._match_fixed(place)
        else:
            self._match_variadic(place, split)

    def match_dim(self, declared: Dim, actual: Dim, name: str) -> None:
        """Match an argument that is itself a dimension, as ``n`` in ``def f(n: N)``.

        Raises:
            ShapeError: as for `match`.
        """
        self._match_item(declared, actual, _Place((declared,), (actual,), name, is_dim=True))

    def finish(self) -> None:
        """Settle the arithmetic dimensions, each once its other symbols are bound.

        Raises:
            ShapeError: one has no solution, or differs from what was passed.
        """
        pending = self._pending
        while pending:
            rest = [item for item in pending if not self._settle(*item)]
            if len(rest) == len(pending) and not self._settle_together(rest):
                for item in rest:
                    self._require_solvable(*item)
                break
            pending = rest
        self._pending = []

    def substituted(self, shape: Shape) -> Shape:
        """Return a declared shape with everything bound filled in; what is not bound is unknown."""
        result: list[Dim | Pack] = []
        for item in shape:
            if isinstance(item, Pack):
                result.extend(self.packs.get(item, (ANY_DIMS,) if item in self.free else (item,)))
            else:
                result.append(self.dim(item))
        return tuple(result)

    def dim(self, item: Dim) -> Dim:
        """Return a declared dimension with everything bound filled in."""
        lone = lone_symbol(item)
        if lone is not None:  # as nearly all are
            if lone in self.dims:
                return self.dims[lone]
            return ANY if lone in self.free else item
        unbound = {s: ANY for s in symbols(item) if s in self.free and s not in self.dims}
        return substitute(item, {**self.dims, **unbound})

    def _match_fixed(self, place: _Place) -> None:
        declared, actual = place.declared, place.actual
        pack = pack_index(actual)
        if pack is not None:
            if actual[pack] == UNKNOWN_DIMS:
                raise place.unproven()
            if actual[pack] == ANY_DIMS:
                self._match_ends(declared, actual, pack, place)
                return
            raise place.error(f"the rank of {format_shape(actual)} is not fixed")
        if len(declared) != len(actual):
            raise place.error(_rank_problem(declared, actual))
        self._match_items(declared, actual, place)

    def _match_variadic(self, place: _Place, split: int) -> None:
        declared, actual = place.declared, place.actual
        before, after = declared[:split], declared[split + 1 :]
        pack = declared[split]
        assert isinstance(pack, Pack)
        hole = pack_index(actual)
        cut = len(actual) - len(after)
        if hole is not None and not (len(before) <= hole < cut):
            if actual[hole] == ANY_DIMS:
                self._match_ends(declared, actual, hole, place)
                return
            if all(isinstance(item, UnknownDim) for item in (*before, *after)):
                self._bind_rest(declared)  # where no size is declared, there is none to prove
                return
            raise place.unproven()
        if cut < len(before):
            raise place.too_short()
        self._match_items(before, actual[: len(before)], place)
        self._match_items(after, actual[cut:], place)
        self._bind_pack(pack, actual[len(before) : cut], place)

    def _match_ends(self, declared: Shape, actual: Shape, hole: int, place: _Place) -> None:
        """Match what stands before and behind dimensions that are not to be checked."""
        pack = pack_index(declared)
        lead = hole if pack is None else min(hole, pack)
        rest = len(actual) - hole - 1
        trail = rest if pack is None else min(rest, len(declared) - pack - 1)
        if lead + trail > len(declared):
            raise place.error(_rank_problem(declared, actual[:hole] + actual[hole + 1 :]))
        self._match_items(declared[:lead], actual[:lead], place)
        self._match_items(declared[len(declared) - trail :], actual[len(actual) - trail :], place)
        self._bind_rest(declared)

    def _bind_rest(self, declared: Shape) -> None:
        """Bind whatever is not bound yet to Any, for an argument that is not to be checked."""
        for item in declared:
            if isinstance(item, Pack):
                if item in self.free:
                    self.packs.setdefault(item, (ANY_DIMS,))
            else:
                for name in symbols(item):
                    if name in self.free:
                        self.dims.setdefault(name, ANY)

    def _bind_pack(self, pack: Pack, actual: Shape, place: _Place) -> None:
        if pack in UNKNOWN_PACKS:
            return
        if pack not in self.free:
            bound: Shape = (pack,)
        elif pack in self.packs:
            bound = self.packs[pack]
        else:
            self.packs[pack] = actual
            return
        if ANY_DIMS in bound or ANY_DIMS in actual:
            return
        if pack_index(bound) is not None or pack_index(actual) is not None:
            if bound == actual and UNKNOWN_DIMS not in bound:
                return
            if UNKNOWN_DIMS in (*bound, *actual):
                raise place.unproven()
            raise place.error(f"{format_shape(actual)} is not {format_shape(bound)}")
        if len(bound) != len(actual):
            raise place.error(f"{format_shape(actual)} is not {format_shape(bound)}")
        for have, want in zip(actual, bound, strict=True):
            assert not isinstance(have, Pack) and not isinstance(want, Pack)
            self._require(want, have, place)

    def _match_items(self, declared: Shape, actual: Shape, place: _Place) -> None:
        for want, have in zip(declared, actual, strict=True):
            assert not isinstance(want, Pack) and not isinstance(have, Pack)
            self._match_item(want, have, place)

    def _match_item(self, want: Dim, have: Dim, place: _Place) -> None:
        if isinstance(want, UnknownDim):
            return
        free = [name for name in symbols(want) if name in self.free]
        if not free:
            self._require(want, have, place)
        elif lone_symbol(want) is not None:
            self._bind(free[0], have, place)
        else:
            assert isinstance(want, SymbolicDim)
            self._pending.append((want, have, place))

    def _bind(self, name: Symbol, have: Dim, place: _Place) -> None:
        """Bind a symbol, or require that it is bound to the same dimension already."""
        if name not in self.dims:
            self.dims[name] = have
            return
        bound = self.dims[name]
        if bound is UNKNOWN and have is not ANY:
            raise place.error(
                f"{name.name} stands for a dimension not known before run time: "
                "state it with expect_shape, or write Any for it",
                unproven=True,
            )
        if bound is ANY:
            self.dims[name] = have
        self._require(bound, have, place)

    def _settle(self, declared: SymbolicDim, actual: Dim, place: _Place) -> bool:
        """Check or solve one arithmetic dimension; False if it must wait for other symbols."""
        unbound = [s for s in symbols(declared) if s in self.free and s not in self.dims]
        now = substitute(declared, self.dims)
        if not unbound:
            self._require(now, actual, place)
            return True
        if isinstance(actual, UnknownDim):
            return False
        try:
            solution = solve(now, actual, unbound)
        except ShapeError as error:
            raise place.error(error.problem, unproven=error.unproven) from None
        if solution is None:
            return False
        name, value = solution
        self.dims[name] = value
        return True

    def _settle_together(self, pending: Sequence[tuple[SymbolicDim, Dim, _Place]]) -> bool:
        """Solve what several equations, or one with several solutions, say about one symbol."""
        equations: list[Equation] = []
        places: list[_Place] = []
        for declared, actual, place in pending:
            now = substitute(declared, self.dims)
            if isinstance(now, SymbolicDim) and not isinstance(actual, UnknownDim):
                equations.append((now, actual))
                places.append(place)
        unbound = {s for now, _ in equations for s in symbols(now) if self._is_open(s)}
        for expression, value in eliminated(equations, unbound):
            try:
                solution = solve(expression, value, unbound)
            except ShapeError as error:
                raise places[-1].error(error.problem, unproven=error.unproven) from None
            if solution is not None:
                self.dims[solution[0]] = solution[1]
                return True
        found = [self._is_bound_among(*each) for each in zip(equations, places, strict=True)]
        return any(found)

    def _is_open(self, name: Symbol) -> bool:
        return name in self.free and name not in self.dims

    def _is_bound_among(self, equation: Equation, place: _Place) -> bool:
        """Bind the one symbol of `H//2 = 5`, to an unknown dimension: H is 10 or 11."""
        now, actual = equation
        if not isinstance(actual, int) or not all(map(self._is_open, symbols(now))):
            return False
        found = solutions(now, actual)
        if found is None:
            return False
        if not found:
            raise place.error(f"{now} = {actual} has no whole solution")
        self.dims[symbols(now)[0]] = found[0] if len(found) == 1 else UNKNOWN
        return True

    def _require_solvable(self, declared: SymbolicDim, actual: Dim, place: _Place) -> None:
        """Require that an equation can hold, whose symbols cannot be solved for."""
        now = substitute(declared, self.dims)
        if isinstance(now, UnknownDim) or isinstance(actual, UnknownDim):
            self._require(now, actual, place)
        elif equal(now, actual) is not Truth.ALWAYS:
            self._require_multiple(now, actual, place)
            never = equal(now, actual) is Truth.NEVER
            raise self._told(place).difference(now, actual, unproven=not never)

    def _require_multiple(
        self, now: SymbolicDim | int, actual: SymbolicDim | int, place: _Place
    ) -> None:
        """Require that an equation for one symbol, such as ``4*N = M``, has a whole solution."""
        found = quotient(now, actual, [s for s in symbols(now) if self._is_open(s)])
        even = Truth.ALWAYS if found is None else divisible(*found)
        if found is None or even is Truth.ALWAYS:
            return
        dividend, divisor = found
        if even is Truth.UNKNOWN:
            doubt = f"{dividend} may not be a multiple of {divisor}: {WAY_OUT}"
            raise self._told(place).error(doubt, unproven=True)
        raise self._told(place).error(f"{dividend} is not a multiple of {divisor}")

    def _require(self, want: Dim, have: Dim, place: _Place) -> None:
        if isinstance(want, UnknownDim) or have is ANY:
            return
        if isinstance(have, UnknownDim):
            raise place.unproven()
        answer = equal(want, have)
        if answer is Truth.ALWAYS:
            return
        raise self._told(place).difference(want, have, unproven=answer is Truth.UNKNOWN)

    def _told(self, place: _Place) -> _Place:
        """Return the argument with those names filled in that mean something else where it is.

        The N of a function is not the N of its caller: an error that shows both says which size
        the function's is.
        """
        dims = (item for item in place.actual if not isinstance(item, Pack))
        theirs = {each.name for item in dims for each in symbols(item)}
        clash = {s: d for s, d in self.dims.items() if s.name in theirs and str(d) != s.name}
        declared = tuple(
            item if isinstance(item, Pack) else substitute(item, clash) for item in place.declared
        )
        return place._replace(declared=declared)


class _Place(NamedTuple):
    """One argument of a call, for messages."""

    declared: Shape
    actual: Shape
    name: str
    is_dim: bool = False

    def difference(self, want: Dim, have: Dim, *, unproven: bool) -> ShapeError:
        misfit = None
        if self.name in ("", "x"):
            misfit = Misfit(want, have, self._merged(want), self._are_rows(want, have))
        if self.is_dim:
            problem = f"expected {self.name} = {want}, got {have}"
        elif self._by_last_dim:
            problem = f"{self._expected_last(want)}, got {have}"
        else:
            detail = f"{have} is not {want}"
            doubt = f"{have} may not be {want}: {WAY_OUT}"
            return self.error(doubt if unproven else detail, unproven=unproven, misfit=misfit)
        return ShapeError(problem, unproven=unproven, misfit=misfit)

    def error(
        self,
        detail: str,
        *,
        unproven: bool = False,
        misfit: Misfit | None = None,
    ) -> ShapeError:
        """Return an error that shows both shapes and then what is wrong with them."""
        problem = f"{self._expected}, got {format_shape(self.actual)}: {detail}"
        return ShapeError(problem, unproven=unproven, misfit=misfit)

    def _merged(self, want: Dim) -> int:
        """Return how many of the last axes, merged, would be as long as the last should be."""
        merged: Dim = 1
        for count, item in enumerate(reversed(self.actual), 1):
            if not self._by_last_dim or not isinstance(item, int) or not isinstance(want, int):
                break
            merged *= item
            if count > 1 and merged == want:
                return count
        return 0

    def _are_rows(self, want: Dim, have: Dim) -> bool:
        """Tell whether this is a vector of rows, as after ``flatten()`` of a batch."""
        is_vector = self._by_last_dim and len(self.actual) == 1
        known = isinstance(want, int) and want > 0
        return is_vector and known and divisible(have, want) is Truth.ALWAYS

    def too_short(self) -> ShapeError:
        if self._by_last_dim and not self.actual:
            return ShapeError(f"{self._expected_last(self.declared[-1])}, got a scalar")
        return self.error(_rank_problem(self.declared, self.actual))

    def unproven(self) -> ShapeError:
        """Return the error for an argument of unknown shape."""
        if self._by_last_dim:
            return ShapeError(
                f"{self._expected_last(self.declared[-1])}, got {format_shape(self.actual)}: "
                f"{WAY_OUT}",
                unproven=True,
            )
        return self.error(WAY_OUT, unproven=True)

    @property
    def _by_last_dim(self) -> bool:
        return len(self.declared) == 2 and isinstance(self.declared[0], Pack)

    def _expected_last(self, want: Dim | Pack) -> str:
        owner = f"{self.name} with last dimension" if self.name else "last dimension"
        return f"expected {owner} {want}"

    @property
    def _expected(self) -> str:
        owner = f"{self.name} of shape" if self.name else "shape"
        return f"expected {owner} {format_shape(self.declared)}"


def _rank_problem(declared: Shape, actual: Shape) -> str:
    has_pack = pack_index(declared) is not None
    wanted = f"at least {len(declared) - 1}" if has_pack else f"{len(declared)}"
    return f"{len(actual)} dimension{'' if len(actual) == 1 else 's'}, not {wanted}"


def require_last(in_features: Dim, x: Shape) -> None:
    """Require that the last dimension of an operand is the one a layer was made for.

    Raises:
        ShapeError: it is another, or the operand is a scalar.
    """
    Matcher(()).match((ANY_DIMS, in_features), x)


class _Everything(Container["Symbol | Pack"]):
    """The names of a declaration that stands by itself: all may be bound."""

    def __contains__(self, item: object) -> bool:
        return True


def require_declared(*operands: tuple[str, Shape, Shape]) -> None:
    """Require of a layer's operands what its signature declares.

    Args:
        operands: of each its name for messages, or "" where there is only one; its declared
            shape; its actual shape. A symbol or pack stands for the same in all of them.

    Raises:
        ShapeError: as for `Matcher.match`.
    """
    matcher = Matcher(_Everything())
    for name, declared, actual in operands:
        matcher.match(declared, actual, name)
    matcher.finish()
