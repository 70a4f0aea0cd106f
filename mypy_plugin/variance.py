"""Classes of modules: which of them have a type in common."""

from __future__ import annotations

from mypy.nodes import COVARIANT, TypeInfo
from mypy.types import TypeVarType

from mypy_plugin import names
from mypy_plugin.codec import Codec


def make_sizes_covariant(info: TypeInfo, codec: Codec) -> None:
    """Let a module of known sizes be one of unknown sizes, as a tensor is: ``Linear[int, int]``.

    So modules of different sizes have a type in common, for a list or a dict of them. Sizes never
    change once a module is made, which is what variance asks for.
    """
    variables = info.defn.type_vars
    is_container = info.has_base(names.CONTAINER)
    for place, variable in enumerate(variables):
        if not isinstance(variable, TypeVarType):
            continue
        if is_container or codec.takes_ints(variable) or codec.is_shape_variable(variable):
            variables[place] = _covariant(variable)


def _covariant(variable: TypeVarType) -> TypeVarType:
    # A copy: mypy compares the variance of the same variable in bases.
    return TypeVarType(
        variable.name,
        variable.fullname,
        variable.id,
        variable.values,
        variable.upper_bound,
        variable.default,
        COVARIANT,
        variable.line,
        variable.column,
    )
