"""What a declared signature requires of tape and dtype, in the words of checker and run time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tensorlib.shapes.dim import WAY_OUT
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.shape import Shape, format_shape


def require_tape(wanted: bool | None, owned: bool | None, name: str) -> None:
    """Require of an argument that it owns a tape, or that it owns none.

    Args:
        wanted: what the signature declares; None if either will do.
        owned: what is passed; None if that is not known.
        name: the parameter's name, or "" where there is only one.

    Raises:
        TapeError: it is the other way round.
    """
    expected = f"expected {name or 'an operand'}"
    if wanted is True and owned is False:
        raise TapeError(f"{expected} with a tape: call .traced() on the input of the forward pass")
    if wanted is False and owned is True:
        raise TapeError(f"{expected} without a tape: pass x.detach(), or declare it with a tape")


def require_same_tape(known: bool | None, name: str, variable: str) -> None:
    """Refuse an argument whose tape is not what one with the same variable has.

    Args:
        known: whether that one owns a tape; None where it is generic itself.
        name: the parameter's name, or "" where there is only one.
        variable: the name of the variable.

    Raises:
        TapeError: always.
    """
    wanted = {True: "with a tape", False: "without a tape", None: "with the same tape"}[known]
    raise TapeError(
        f"expected {name or 'an operand'} {wanted}, as an argument before it: give both one by "
        f"with_tape_of, or declare each with a variable of its own, not {variable}"
    )


def require_dtype(wanted: str | None, got: str | None, name: str) -> None:
    """Require of an argument that it has the declared dtype, as far as both are known.

    Args:
        wanted: the name of the declared dtype.
        got: the name of the argument's dtype.
        name: the parameter's name, or "" where there is only one.

    Raises:
        DtypeError: it has another.
    """
    if wanted is not None and got is not None and wanted != got:
        expected = f"expected {name} of" if name else "expected"
        raise DtypeError(
            f"{expected} dtype {wanted}, got {got}: convert it with .astype(np.{wanted})"
        )


def fits_no_shape(
    shapes: Iterable[Shape], actual: Shape, name: str, *, unproven: bool
) -> ShapeError:
    """Return the error for an argument that has none of the shapes of a union."""
    owner = f"{name} of shape" if name else "shape"
    return _fits_none(owner, map(format_shape, shapes), format_shape(actual), unproven=unproven)


def fits_no_shapes(
    tuples: Iterable[Sequence[Shape]], actual: Sequence[Shape], name: str, *, unproven: bool
) -> ShapeError:
    """Return the error for a tuple that has the shapes of no tuple of a union."""
    owner = f"{name} of shapes" if name else "shapes"
    return _fits_none(owner, map(_format_all, tuples), _format_all(actual), unproven=unproven)


def _format_all(shapes: Sequence[Shape]) -> str:
    return f"({', '.join(map(format_shape, shapes))})"


def _fits_none(owner: str, wanted: Iterable[str], got: str, *, unproven: bool) -> ShapeError:
    expected = " or ".join(dict.fromkeys(wanted))
    way_out = f": {WAY_OUT}" if unproven else ""
    return ShapeError(f"expected {owner} {expected}, got {got}{way_out}", unproven=unproven)
