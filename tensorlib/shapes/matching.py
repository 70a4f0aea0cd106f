"""Matching declared shapes against actual ones: what a call binds ``N`` and ``*Batch`` to.

One mechanism for every declared signature: layers, models and users' functions, in the checker
and at run time.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from tensorlib.shapes.dim import (
    ANY,
    UNKNOWN,
    WAY_OUT,
    Dim,
    Symbol,
    SymbolicDim,
    Truth,
    UnknownDim,
    equal,
    solve,
    substitute,
    symbol,
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


@dataclass
class Matcher:
    """Collects what the free names of one call stand for.

    Feed it the declared and the actual shape of each argument with `match`, then call `finish`,
    which settles the arithmetic dimensions; `substituted` gives the result's shape.

    Attributes:
        free: the symbols and packs that the call may bind; all others are rigid.
        dims: what the symbols are bound to so far.
        packs: what the packs are bound to so far.
    """

    free: Container[Symbol | Pack]
    dims: dict[Symbol, Dim] = field(default_factory=dict)
    packs: dict[Pack, Shape] = field(default_factory=dict)
    _pending: list[tuple[SymbolicDim, Dim, _Place]] = field(default_factory=list)

    def copy(self) -> Matcher:
        """Return a matcher that knows the same, to try something."""
        return Matcher(self.free, dict(self.dims), dict(self.packs), list(self._pending))

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
            if len(rest) == len(pending):
                for declared, actual, place in rest:
                    self._require(substitute(declared, self.dims), actual, place)
                return
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
        elif want == _as_dim(free[0]):
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
            raise place.error(error.problem) from None
        if solution is None:
            return False
        name, value = solution
        self.dims[name] = value
        return True

    def _require(self, want: Dim, have: Dim, place: _Place) -> None:
        if isinstance(want, UnknownDim) or have is ANY:
            return
        if isinstance(have, UnknownDim):
            raise place.unproven()
        answer = equal(want, have)
        if answer is Truth.ALWAYS:
            return
        raise place.difference(want, have, unproven=answer is Truth.UNKNOWN)


@dataclass(frozen=True)
class _Place:
    """One argument of a call, for messages."""

    declared: Shape
    actual: Shape
    name: str
    is_dim: bool = False

    def difference(self, want: Dim, have: Dim, *, unproven: bool) -> ShapeError:
        if self.is_dim:
            problem = f"expected {self.name} = {want}, got {have}"
        elif self._by_last_dim:
            problem = f"{self._expected_last(want)}, got {have}"
        else:
            detail = f"{have} is not {want}"
            doubt = f"{have} may not be {want}: {WAY_OUT}"
            return self.error(doubt if unproven else detail, unproven=unproven)
        return ShapeError(problem, unproven=unproven)

    def error(self, detail: str, *, unproven: bool = False) -> ShapeError:
        """Return an error that shows both shapes and then what is wrong with them."""
        problem = f"{self._expected}, got {format_shape(self.actual)}: {detail}"
        return ShapeError(problem, unproven=unproven)

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


def _as_dim(name: Symbol) -> SymbolicDim:
    return symbol(name.name, name.key)


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
