"""Instances of classes that are generic in sizes: what is known of ``N`` in one ``Block[N, H]``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, get_args, get_origin
from weakref import WeakKeyDictionary

from tensorlib.checking.facts import ALL, Facts, Misfit, Variable, parameters, symbol_of
from tensorlib.checking.forms import ANYTHING, Foreign, Form
from tensorlib.checking.names import Names, UnresolvedError, type_parameters
from tensorlib.checking.reading import Reader, Written, is_size
from tensorlib.nn.module import Module
from tensorlib.shapes.dim import Dim, Symbol, substitute, symbols
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import Matcher

_STORE: Final = "_checked_sizes"


class Field(NamedTuple):
    """A field that a class declares."""

    name: str
    annotation: Any
    form: Form


class Sizes:
    """What is known of one instance: for each class, what its size variables stand for."""

    __slots__ = ("of_class",)

    def __init__(self) -> None:
        self.of_class: dict[type, dict[Symbol, Dim]] = {}


_SCOPES: WeakKeyDictionary[type, Mapping[str, Any]] = WeakKeyDictionary()
_FIELDS: WeakKeyDictionary[type, tuple[Field, ...]] = WeakKeyDictionary()


def names_of(kind: type, local: Mapping[str, Any] | None = None) -> Names:
    """Return the names that the annotations in a class see."""
    if local is not None:
        _SCOPES[kind] = local
    module = sys.modules.get(kind.__module__)
    scopes = (type_parameters(kind), _SCOPES.get(kind, {}), vars(module) if module else {})
    return Names(*scopes)


def fields(kind: type) -> tuple[Field, ...]:
    """Return the fields that a class itself declares, as far as they say anything of sizes."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = _read_fields(kind, is_patient=False)
    return known


def declares(kind: type) -> bool:
    """Tell whether a class has sizes, or fields that say something of tensors."""
    if any(map(is_size, parameters(kind))):
        return True
    try:
        return bool(_read_fields(kind, is_patient=True))
    except UnresolvedError:  # of a class that is defined later; so it may
        return True


def _read_fields(kind: type, *, is_patient: bool) -> tuple[Field, ...]:
    reader = Reader(names_of(kind), is_patient=is_patient, of_class=InstanceForm)
    declared = inspect.get_annotations(kind)
    found = (Field(name, text, reader.form(text)) for name, text in declared.items())
    return tuple(f for f in found if f.form is not ANYTHING and not isinstance(f.form, Foreign))


def values(instance: Any, kind: type) -> Iterator[tuple[Field, Any]]:
    """Go through the declared fields that are set, with their values."""
    for field in fields(kind):
        # Not getattr: what a class does for names that are not there is its own affair.
        try:
            yield field, object.__getattribute__(instance, field.name)
        except AttributeError:
            continue


def known(instance: Any, kind: type) -> dict[Symbol, Dim]:
    """Return what is known of the size variables of a class in this instance."""
    try:
        store = object.__getattribute__(instance, "__dict__").get(_STORE)
    except AttributeError:
        store = None
    of_class = store.of_class if isinstance(store, Sizes) else {}
    found = dict(of_class.get(kind, {}))
    for variable, dim, owner in _given_by_subclasses(type(instance), kind):
        mine = of_class.get(owner, {})
        if all(name in mine for name in symbols(dim)):
            found.setdefault(symbol_of(variable), substitute(dim, mine))
    return found


def remember(instance: Any, kind: type, dims: Mapping[Symbol, Dim]) -> None:
    """Keep what a call has bound of the size variables of a class."""
    own = {symbol_of(variable) for variable in parameters(kind) if is_size(variable)}
    found = {name: dim for name, dim in dims.items() if name in own}
    if not found or not hasattr(instance, "__dict__"):
        return
    store = vars(instance).setdefault(_STORE, Sizes())
    store.of_class.setdefault(kind, {}).update(found)


def _given_by_subclasses(kind: type, base: type) -> Iterator[tuple[Variable, Dim, type]]:
    """Go through the sizes that subclasses give a base, as ``class B(A[Literal[4]])`` does."""
    if not parameters(base):
        return
    for each in kind.__mro__[: kind.__mro__.index(base)]:
        for written in each.__dict__.get("__orig_bases__", ()):
            if get_origin(written) is base:
                reader = Reader(names_of(each), is_patient=False, of_class=InstanceForm)
                for variable, arg in zip(parameters(base), get_args(written), strict=False):
                    if is_size(variable):
                        yield variable, reader.dim(Written(arg)), each


def sizes_of(instance: Any, kind: type) -> dict[Variable, Dim]:
    """Return the sizes of an instance, those of its calls and those that its fields tell."""
    dims = known(instance, kind)
    facts = Facts(Matcher(ALL, dims))
    for field, value in values(instance, kind):
        trial = facts.copy()
        try:
            field.form.match(value, field.name, trial)
        except (*Misfit, TypeError):
            continue
        facts.take(trial)
    found = facts.matcher.dims
    sizes = {v: found.get(symbol_of(v)) for v in parameters(kind) if is_size(v)}
    return {variable: dim for variable, dim in sizes.items() if dim is not None}


def sized_name(kind: type, sizes: Mapping[Variable, Dim]) -> str:
    """Name a class with its sizes, as the checker does: ``Block(8, 16)``."""
    own = parameters(kind)
    if not own or any(variable not in sizes for variable in own):
        return kind.__name__
    return f"{kind.__name__}({', '.join(str(sizes[variable]) for variable in own)})"


def named(instance: Any) -> str:
    """Name a module with its sizes, if it is known what they are."""
    label = instance.label() if isinstance(instance, Module) else type(instance).__name__
    return label if "(" in label else sized_name(type(instance), sizes_of(instance, type(instance)))


@dataclass(frozen=True)
class InstanceForm(Form):
    """An instance of a class that is generic in sizes: ``nn.Linear[N, 10]``."""

    kind: type
    sizes: Mapping[Variable, Dim]

    def match(self, value: Any, name: str, facts: Facts) -> None:
        """Match the sizes that the instance is known to have."""
        if not isinstance(value, self.kind):
            got = type(value).__name__
            raise TypeError(f"expected {name} to be a {self.kind.__name__}, got {got}")
        found = sizes_of(value, self.kind)
        try:
            for variable, dim in self.sizes.items():
                if variable in found:
                    facts.matcher.match_dim(dim, found[variable], name)
        except ShapeError:
            wanted, got = sized_name(self.kind, self.sizes), named(value)
            raise ShapeError(f"expected {name} to be {wanted}, got {got}") from None

    def is_alike(self, value: Any) -> bool:
        """Tell whether the value is of the class."""
        return isinstance(value, self.kind)
