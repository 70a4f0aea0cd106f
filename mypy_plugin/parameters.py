"""What the parameters of a signature are for: found out once for all calls of one origin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mypy.nodes import ARG_NAMED, ARG_OPT, ARG_POS
from mypy.types import CallableType, Instance, Type, TypeVarType, UnionType, get_proper_type

from mypy_plugin import names

PLACED = (ARG_POS, ARG_OPT)
REQUIRED = (ARG_POS, ARG_NAMED)


class Parameters(NamedTuple):
    """How the parameters of a signature can be given.

    Attributes:
        placed: how many of them, from the first, can be given by place.
        required: the places and names of those that must be given.
        tuples: the places of those that are one tuple of ints, such as a shape.
    """

    placed: int
    required: Sequence[tuple[int, str | None]]
    tuples: Sequence[int]


class Prepared(NamedTuple):
    """What a signature hook needs of a signature.

    Attributes:
        opened: the signature with its shapes open.
        parameters: how its parameters can be given.
        tensors: the places of those that may be for tensors.
    """

    opened: CallableType
    parameters: Parameters
    tensors: Sequence[int]


def prepared(signature: CallableType, opened: CallableType) -> Prepared:
    """Return what the hook needs of a signature that it opened."""
    types = enumerate(signature.arg_types)
    tensors = [place for place, typ in types if may_be_for_tensors(typ)]
    return Prepared(opened, parameters_of(signature), tensors)


def parameters_of(signature: CallableType) -> Parameters:
    """Return how the parameters of a signature can be given."""
    kinds = signature.arg_kinds
    placed = next((place for place, kind in enumerate(kinds) if kind not in PLACED), len(kinds))
    declared = zip(kinds, signature.arg_names, signature.arg_types, strict=True)
    return Parameters(
        placed,
        [
            (place, name)
            for place, (kind, name, typ) in enumerate(declared)
            if kind in REQUIRED and not is_unpassable(typ)
        ],
        [place for place, typ in enumerate(signature.arg_types[:placed]) if is_for_ints(typ)],
    )


def is_for_ints(formal: Type) -> bool:
    """Tell whether a parameter is one tuple of ints, such as a shape."""
    proper = get_proper_type(formal)
    if isinstance(proper, TypeVarType):
        proper = get_proper_type(proper.upper_bound)
        return isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple"
    if not isinstance(proper, Instance) or proper.type.fullname != "typing.Sequence":
        return False
    item = get_proper_type(proper.args[0])
    return isinstance(item, Instance) and item.type.fullname == "builtins.int"


def is_unpassable(typ: Type) -> bool:
    """Tell whether a parameter is one that nobody can pass, for the rule alone to report."""
    proper = get_proper_type(typ)
    return isinstance(proper, Instance) and proper.type.fullname == names.CHECKED


def may_be_for_tensors(formal: Type) -> bool:
    """Tell whether a parameter is for a tensor, or perhaps for one."""
    proper = get_proper_type(formal)
    if isinstance(proper, Instance):
        return proper.type.has_base(names.TENSOR)
    return isinstance(proper, UnionType) and any(map(may_be_for_tensors, proper.items))
