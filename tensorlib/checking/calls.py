"""One checked function: what its annotations require of a call, and the error if it is not so."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from tensorlib.checking import instances
from tensorlib.checking.facts import ALL, Facts, Misfit, parameters
from tensorlib.checking.forms import ANYTHING, Foreign, Form, MapsForm, TensorForm, owns_tape
from tensorlib.checking.names import Names, UnresolvedError
from tensorlib.checking.reading import Reader
from tensorlib.nn.module import Module
from tensorlib.shapes.dim import Dim, Symbol
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.shape import Pack, Shape, format_shape
from tensorlib.tensor import Tensor

RESULT = "the result"
YIELDED = "what it yields"


class Given(NamedTuple):
    """One argument, or a field, and what its annotation requires."""

    name: str
    form: Form
    value: Any


class Call:
    """One call: what it has learned so far, for the result and for functions defined inside."""

    __slots__ = ("args", "checks", "facts", "kwargs")

    def __init__(
        self, checks: Checks, facts: Facts, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        self.checks = checks
        self.facts = facts
        self.args = args
        self.kwargs = kwargs


CURRENT: ContextVar[Call | None] = ContextVar("tensorlib_checked_call", default=None)
"""The innermost checked call that defines functions in its body."""


class Checks:
    """What the annotations of one function require.

    Args:
        function: the function.
        names: where names in its annotations are looked up.
        outer: the call of the function around it, whose type variables it shares.

    Attributes:
        owner: the class whose size variables it shares, if that is checked as well.
    """

    def __init__(self, function: Callable[..., Any], names: Names, outer: Call | None) -> None:
        self.function = function
        self.names = names
        self.owner: type | None = None
        self._outer = outer
        self._is_ready = False
        self.result = ANYTHING
        self.yielded = ANYTHING
        code: Any = function.__code__
        positional = code.co_varnames[: code.co_argcount]
        self._takes_self = positional[:1] == ("self",)
        everything = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self._is_unnamed = function.__name__ == "forward" and self._takes_self
        self._is_unnamed &= len(everything) == 2
        rest = code.co_varnames[len(everything) :]
        has_star = bool(code.co_flags & inspect.CO_VARARGS)
        self._names = (positional, everything)
        self._star = rest[0] if has_star else None
        self._stars = rest[has_star] if code.co_flags & inspect.CO_VARKEYWORDS else None
        self._forms: dict[str, Form] = {}
        self._positional: tuple[tuple[str, Form | None], ...] = ()

    # Reading ------------------------------------------------------------------------------------

    def read(self, *, is_patient: bool) -> bool:
        """Read the annotations; False if a name in them stands for nothing yet."""
        reader = Reader(self.names, is_patient=is_patient, of_class=instances.InstanceForm)
        written = dict(getattr(self.function, "__annotations__", {}))
        result = written.pop("return", None)
        try:
            forms = {name: reader.form(text) for name, text in written.items()}
            if result is not None and _yields(self.function):
                self.yielded = reader.items_form(result)
            elif result is not None:
                self.result = reader.form(result)
        except UnresolvedError:
            return False
        except ShapeError as error:
            raise ShapeError(f"{self._qualified}: {error}") from None
        self._forms = {name: form for name, form in forms.items() if _requires(form)}
        self.result = self.result if _requires(self.result) else ANYTHING
        positional, _ = self._names
        self._positional = tuple((name, self._forms.get(name)) for name in positional)
        self._is_ready = True
        return True

    @property
    def is_needless(self) -> bool:
        """Whether it is known that nothing is required."""
        forms = (*self._forms.values(), self.result, self.yielded)
        return self._is_ready and all(form is ANYTHING for form in forms)

    @property
    def _qualified(self) -> str:
        name = self.function.__qualname__.rpartition("<locals>.")[2]
        return ".".join(name.split(".")[-2:])

    # Calls --------------------------------------------------------------------------------------

    def begin(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
        """Check the arguments.

        Raises:
            ShapeError, DtypeError, TapeError: one is not as annotated.
            TypeError: one is no tensor where one is annotated.
        """
        if not self._is_ready:
            self.read(is_patient=False)
        facts = self._first_facts(args)
        call = Call(self, facts, args, kwargs)
        matcher = facts.matcher
        known = len(matcher.dims)
        name = ""
        try:
            for name, form, value in self._given(args, kwargs):
                form.match(value, "" if self._is_unnamed else name, facts)
            matcher.finish()
            self._require_sizes(call)
            for name, form, value in self._given(args, kwargs):
                if isinstance(form, MapsForm):
                    form.apply(value, name, facts)
        except (*Misfit, TypeError) as error:
            raise self._explained(error, call, name) from None
        if self.owner is not None and self._takes_self and len(matcher.dims) > known:
            instances.remember(args[0], self.owner, matcher.dims)
        return call

    def _first_facts(self, args: tuple[Any, ...]) -> Facts:
        dims: dict[Symbol, Dim] = {}
        packs: dict[Pack, Shape] = {}
        if self._outer is not None:
            outer = self._outer.facts
            dims.update(outer.matcher.dims)
            packs.update(outer.matcher.packs)
            return Facts(Matcher(ALL, dims, packs), dict(outer.tapes), dict(outer.dtypes))
        if self.owner is not None and self._takes_self and args and parameters(self.owner):
            dims = instances.known(args[0], self.owner)
        return Facts(Matcher(ALL, dims, packs), instance=dict(dims))

    def _given(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Given]:
        for (name, form), value in zip(self._positional, args, strict=False):
            if form is not None:
                yield Given(name, form, value)
        star = self._forms.get(self._star) if self._star else None
        if star is not None:
            for value in args[len(self._positional) :]:
                yield Given(self._star or "", star, value)
        _, named = self._names
        for name in named if kwargs else ():
            form = self._forms.get(name)
            if form is not None and name in kwargs:
                yield Given(name, form, kwargs[name])
        stars = self._forms.get(self._stars) if self._stars else None
        if stars is not None:
            for key, value in kwargs.items():
                if key not in named:
                    yield Given(self._stars or "", stars, value)

    def _require_sizes(self, call: Call) -> None:
        """Require that no symbol stands for 0, which the checker takes for granted."""
        for name, dim in call.facts.matcher.dims.items():
            if isinstance(dim, int) and dim < 1:
                sources = (g.name for g in self._given(call.args, call.kwargs) if _says(g, name))
                raise ShapeError(
                    f"expected {next(sources, 'sizes')} with {name.name} of at least 1, got "
                    f"{name.name} = {dim}: write int for a size that may be 0"
                )

    def end(self, call: Call, value: Any) -> None:
        """Check a result, with what the arguments have bound."""
        self._end(call, Given(RESULT, self.result, value))

    def step(self, call: Call, value: Any) -> None:
        """Check what a generator yields."""
        if self.yielded is not ANYTHING:
            self._end(call, Given(YIELDED, self.yielded, value))

    def _end(self, call: Call, given: Given) -> None:
        try:
            given.form.returned(given.value, given.name, call.facts)
            call.facts.matcher.finish()
        except (*Misfit, TypeError) as error:
            raise self._explained(error, call, given.name, given) from None

    def initialised(self, call: Call) -> None:
        """Check the fields that the class declares, when ``__init__`` has set them."""
        owner, instance = self.owner, call.args[0]
        assert owner is not None
        name, given = "", None
        try:
            for field, value in instances.values(instance, owner):
                name, given = field.name, Given(field.name, field.form, value)
                field.form.match(value, name, call.facts)
            name, given = "", None
            call.facts.matcher.finish()
            self._require_sizes(call)
        except (*Misfit, TypeError) as error:
            raise self._explained(error, call, name, given) from None
        instances.remember(instance, owner, call.facts.matcher.dims)

    # Errors -------------------------------------------------------------------------------------

    def _explained(
        self, error: Exception, call: Call, name: str, given: Given | None = None
    ) -> Exception:
        """Return the error with the annotation, the value, what is bound so far, and a way out."""
        problem = getattr(error, "problem", str(error))
        arguments = list(self._given(call.args, call.kwargs))
        if given is None:
            given = _blamed(arguments, problem, name)
        lines = [problem]
        if given is not None:
            lines.append(f"{given.name}: {self._annotation(given)}")
            lines.append(f"got {_described(given.value)}")
        bindings = self._bindings(arguments, call)
        if bindings:
            lines.append(f"with {', '.join(bindings)}")
        if given is not None and isinstance(error, ShapeError):
            lines += [f"try {change}" for change in self._changes(given, arguments, call)]
        text, subject = "\n  ".join(lines), self._subject(call)
        if isinstance(error, ShapeError | DtypeError | TapeError):
            return type(error)(text, subject=subject)
        return TypeError(f"{subject}: {text}")

    def _subject(self, call: Call) -> str:
        instance = call.args[0] if call.args and self._takes_self else None
        if self.function.__name__ == "__init__" and instance is not None:
            return type(instance).__name__
        if isinstance(instance, Module) and self.function.__name__ == "forward":
            return instances.named(instance)
        if instance is not None and self.owner is not None:
            return f"{type(instance).__name__}.{self.function.__name__}"
        return self._qualified

    def _annotation(self, given: Given) -> str:
        """Return an annotation as it is written in the source."""
        if given.name not in (*self._forms, RESULT, YIELDED):
            fields = instances.fields(self.owner) if self.owner is not None else ()
            return next((str(f.annotation) for f in fields if f.name == given.name), "")
        key = "return" if given.name in (RESULT, YIELDED) else given.name
        return _from_source(self.function, key, self.function.__annotations__[key])

    def _bindings(self, arguments: list[Given], call: Call) -> list[str]:
        """Say what each type variable stands for, and which argument said so."""
        facts = self._first_facts(call.args)
        where = "the enclosing call" if self._outer is not None else "this instance"
        known: dict[Symbol | Pack, str] = dict.fromkeys(facts.matcher.dims, where)
        known |= dict.fromkeys(facts.matcher.packs, where)
        for given in arguments:
            try:
                given.form.match(given.value, given.name, facts)
                facts.matcher.copy().finish()
            except (*Misfit, TypeError):
                break
            solved = facts.copy()
            solved.matcher.finish()
            bound: tuple[Symbol | Pack, ...] = (*solved.matcher.dims, *solved.matcher.packs)
            for each in bound:
                known.setdefault(each, given.name)
            facts.matcher.dims = solved.matcher.dims
        texts = []
        for each, source in known.items():
            if isinstance(each, Pack):
                texts.append(f"{each} = {format_shape(facts.matcher.packs[each])} from {source}")
            else:
                texts.append(f"{each.name} = {facts.matcher.dims[each]} from {source}")
        return texts

    def _changes(self, given: Given, arguments: list[Given], call: Call) -> Iterator[str]:
        """Name the first change of the argument that would fit."""
        form, value = given.form, given.value
        if not isinstance(form, TensorForm) or form.shape is None or not isinstance(value, Tensor):
            return
        facts = self._first_facts(call.args)
        try:
            for other in arguments:
                if other is not given:
                    other.form.match(other.value, other.name, facts)
        except (*Misfit, TypeError):
            return
        name = "y" if given.name in (RESULT, YIELDED) else given.name
        for change, shape in _reshaped(value.shape):
            matcher = facts.matcher.copy()
            try:
                matcher.match(form.shape, shape)
                matcher.finish()
            except ShapeError:
                continue
            yield f"{name}.{change}"
            return


def _reshaped(shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Go through the changes that are often forgotten, each with the shape that it makes."""
    if len(shape) > 1:
        yield ("T" if len(shape) == 2 else "mT"), (*shape[:-2], shape[-1], shape[-2])
    for axis in (0, -1):
        if shape and shape[axis] == 1:
            yield f"squeeze({axis})", shape[1:] if axis == 0 else shape[:-1]
    yield "expand_dims(0)", (1, *shape)
    yield "expand_dims(-1)", (*shape, 1)


def _says(given: Given, name: Symbol) -> bool:
    """Tell whether an argument by itself binds a symbol."""
    facts = Facts(Matcher(ALL))
    given.form.match(given.value, given.name, facts)
    facts.matcher.finish()
    return name in facts.matcher.dims


def _blamed(arguments: list[Given], problem: str, name: str) -> Given | None:
    """Return the argument that a problem is about: the one it names, or the last one looked at."""
    named = [given for given in arguments if problem.startswith(f"expected {given.name} ")]
    looked_at = [given for given in arguments if given.name == name]
    return next(iter([*named[-1:], *looked_at[-1:]]), None)


def _described(value: Any) -> str:
    if not isinstance(value, Tensor):
        return repr(value) if isinstance(value, int) else f"a {type(value).__name__}"
    tape = {True: "with a tape", False: "without a tape", None: "whose tape has moved"}
    kind = type(value).__name__
    return f"a {kind} of shape {value.shape} and dtype {value.dtype}, {tape[owns_tape(value)]}"


def _from_source(function: Callable[..., Any], key: str, evaluated: Any) -> str:
    """Return an annotation's text from the source, or if there is none as Python prints it."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        definition = ast.parse(source).body[0]
    except (OSError, SyntaxError, IndexError):
        return str(evaluated)
    if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        every = definition.args
        named = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]
        nodes = {arg.arg: arg.annotation for arg in named if arg is not None}
        node = definition.returns if key == "return" else nodes.get(key)
        text = ast.get_source_segment(source, node) if node is not None else None
        if text is not None:
            return text
    return str(evaluated)


def _requires(form: Form) -> bool:
    return form is not ANYTHING and not isinstance(form, Foreign)


def _yields(function: Callable[..., Any]) -> bool:
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
