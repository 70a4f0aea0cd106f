"""Every text of the plugin that is not a shape rule's own, and what follows from an error."""

from __future__ import annotations

from typing import Final

from mypy.checker import TypeChecker
from mypy.checkexpr import has_erased_component
from mypy.erasetype import replace_meta_vars
from mypy.errorcodes import INDEX, ErrorCode
from mypy.errors import ErrorInfo, ErrorWatcher
from mypy.plugin import CheckerPluginInterface
from mypy.subtypes import is_subtype
from mypy.types import AnyType, Type, TypeOfAny

from mypy_plugin.codes import (
    TENSOR_ANNOTATION,
    TENSOR_DTYPE,
    TENSOR_SHAPE,
    TENSOR_TAPE,
    TENSOR_UNPROVEN,
)
from tensorlib.shapes.errors import (
    DtypeError,
    ImmutableError,
    ShapeError,
    TapeError,
    TensorlibError,
)

MOVED: Final = (
    '{op}: the tape of "{name}" moved into "{text}" on line {line}: '
    "use {name}.with_empty_tape() for one of the two"
)
TWICE: Final = (
    '{op}: the tape of "{name}" moves twice in this call: '
    "use {name}.with_empty_tape() for one of the two"
)
MOVED_AGAIN: Final = (
    '{op}: the tape of "{name}" moves here when this line runs first: '
    "use {name}.with_empty_tape() for the runs that follow"
)
CONSUMED: Final = (
    '{op}: backward consumed the tape of "{name}" on line {line}: run the forward pass again'
)
CONSUMED_AGAIN: Final = (
    '{op}: backward consumes the tape of "{name}" when this line runs first: '
    "run the forward pass again for each"
)
NO_TAPE_ON_A_PATH: Final = (
    "{op}: on some path this tensor owns no tape, as where a loop never runs: "
    "begin a sum with tl.tensor(0.0).traced(), or take tl.stack([...]).sum()"
)
UNMERGED: Final = (
    'backward: the loss depends on "{text}" on line {line} by with_empty_tape() only, so its '
    "history is on another tape: use the value itself in one branch, and add the losses of all "
    "branches"
)
PUT: Final = '{op}: the tape "{name}" has an owner since "{text}" on line {line}'
PUT_AGAIN: Final = '{op}: the tape "{name}" has an owner when this line runs again'

CODES: Final = {
    code.code: code
    for code in (TENSOR_SHAPE, TENSOR_UNPROVEN, TENSOR_TAPE, TENSOR_DTYPE, TENSOR_ANNOTATION)
}

REFUSED: Final = AnyType(TypeOfAny.from_error)
"""What a call returns that was reported before mypy looked at its arguments."""

WRONG_TYPES: Final = (TypeError, AttributeError, ValueError)
"""What a rule raises for an argument of a wrong type, of which mypy itself tells the user."""

NEGATIVE_DIM: Final = "Shape: a dimension must not be negative, got {}"
BAD_DIM: Final = (
    "Shape: a dimension is an int, a type variable bound to int, arithmetic in quotes, "
    "*Batch, int or Any, got {}"
)
UNQUOTED: Final = (
    "Shape: a dimension is an int, a type variable bound to int, or arithmetic in quotes, "
    'as in Shape["2*N"]'
)
NOT_INT_BOUND: Final = (
    'Shape: {0} cannot be a dimension: declare it as {0} = TypeVar("{0}", bound=int)'
)
TOO_MANY_PACKS: Final = "Shape: only one of *Batch and ... may stand in a shape"
TOO_FEW_DIMS: Final = "Tensor{0}D: expected {0} dimensions, got {1}"
TOO_MANY_ARGUMENTS: Final = "Tensor{0}D: expected {0} dimensions, a tape and a dtype, got {1}"


def code_of(error: TensorlibError) -> ErrorCode:
    """Return the code under which mypy reports an error of the shape calculus."""
    if isinstance(error, ShapeError):
        return TENSOR_UNPROVEN if error.unproven else TENSOR_SHAPE
    if isinstance(error, DtypeError):
        return TENSOR_DTYPE
    if isinstance(error, ImmutableError):
        return INDEX  # mypy's own, for what cannot be assigned to by an index
    assert isinstance(error, TapeError)
    return TENSOR_TAPE


def refused(api: CheckerPluginInterface, otherwise: Type | None = None) -> Type:
    """Return the type of a call that was reported: what is expected of it, if anything is.

    So nothing more is said of it; ``Any`` directly behind ``return`` would be, under ``strict``.

    Args:
        api: knows what is expected.
        otherwise: the type where nothing is, by default Any; one of which all sizes are Any keeps
            what follows quiet under ``strict`` too, as in ``return layer(x).relu()``.
    """
    nothing = AnyType(TypeOfAny.from_error)
    wanted = api.type_context[-1] if api.type_context else None
    if wanted is None or has_erased_component(wanted):
        return nothing if otherwise is None else otherwise
    if otherwise is not None and is_subtype(otherwise, wanted):
        return otherwise  # in `x = layer(x)` what is expected is only what x was before
    # What the argument of a generic function is expected to be has variables not solved yet.
    return replace_meta_vars(wanted, nothing)


def watched(api: CheckerPluginInterface, certain: list[ErrorInfo]) -> ErrorWatcher:
    """Return a context in which errors are added to a list, but for those that nothing is proven.

    They are so whether or not a comment ignores them, and reported as always.
    """
    assert isinstance(api, TypeChecker)

    def note(file: str, info: ErrorInfo) -> bool:
        if info.severity == "error" and info.code is not TENSOR_UNPROVEN:
            certain.append(info)
        return False

    return ErrorWatcher(api.errors, filter_errors=note)
