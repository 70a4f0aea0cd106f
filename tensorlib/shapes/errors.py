"""The exceptions of the shape calculus, shared by the run time and the checker."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlib.shapes.suggestions import Misfit, parted


class TensorlibError(Exception):
    """Base class of every exception that tensorlib raises on purpose.

    Example:
        >>> import tensorlib as tl
        >>> try:
        ...     tl.zeros((2, 3)) @ tl.zeros((4, 5))
        ... except tl.TensorlibError as error:
        ...     print(type(error).__name__)
        ShapeError
    """


def not_a_tensor(kind: str, op: str) -> str:
    """Say that an operand is of another type, given by its name, or as `group_kind` says."""
    fixes = {
        "ndarray": ": wrap it with tl.tensor(...)",
        "matrix": ": wrap it with tl.tensor(...)",
        "MaskedArray": ": wrap it with tl.tensor(array.filled(...))",
        "list": ": wrap it with tl.tensor(...)",
        "tuple": ": wrap it with tl.tensor(...)",
        _ONE_IN_TUPLE: ": unpack it, as in (x,) = batch",
        _SEVERAL_IN_TUPLE: ": unpack it, as in x, y = batch",
        _IN_LIST: ": join them with tl.stack or tl.concat",
    }
    return f"{op}: expected a tensor, got {kind}{fixes.get(kind, '')}"


_ONE_IN_TUPLE = "a tuple of one tensor"
_SEVERAL_IN_TUPLE = "a tuple of tensors"
_IN_LIST = "a list of tensors"


def not_a_group(kind: str, op: str) -> str:
    """Say that something else stands where several tensors belong."""
    return f"{op}: expected a tuple or list of tensors, got {kind}"


def group_kind(kind: str, count: int | None) -> str:
    """Name a tuple or list that holds tensors; for a tuple, how many things are in it bears on it.

    Args:
        kind: "tuple" or "list".
        count: how many there are, if that is known.
    """
    if kind == "list":
        return _IN_LIST
    return _ONE_IN_TUPLE if count == 1 else _SEVERAL_IN_TUPLE


def not_a_model(kind: str, subject: str) -> str:
    """Say that something else was passed where a model belongs."""
    fix = ": pass the model itself" if kind in ("tuple", "list", "generator") else ""
    return f"{subject}: expected a model, got {kind}{fix}"


def no_such_attribute(owner: str, name: str, cure: str) -> str:
    """Say what stands for a word of PyTorch's or NumPy's."""
    return f'{owner} has no attribute "{name}": {cure}'


def unexpected_argument(function: str, name: str, cure: str) -> str:
    """Say that a function has no such argument: in Python's words, and what stands for it."""
    return f"{function}() got an unexpected keyword argument {name!r}: {cure}"


def missing_arguments(function: str, missing: Sequence[str]) -> str:
    """Say which arguments are missing, in Python's words."""
    *others, last = map(repr, missing)
    listed = f"{', '.join(others)}{',' * (len(others) > 1)} and {last}" if others else last
    s = "s" if others else ""
    return f"{function}() missing {len(missing)} required positional argument{s}: {listed}"


def wrong_count(function: str, least: int, most: int, given: int) -> str:
    """Say that there are too many arguments, in Python's words."""
    taken = f"from {least} to {most}" if least < most else f"{most}"
    s, were = "s" if most != 1 else "", "were" if given != 1 else "was"
    return f"{function}() takes {taken} positional argument{s} but {given} {were} given"


def not_a_tuple(op: str, what: str, given: Sequence[str]) -> str:
    """Say that ints came one by one, or something else came, where a tuple of ints belongs."""
    listed = ", ".join(given)
    written = f"({listed})" if len(given) > 1 else f"({listed},)"
    return f"{op}: expected {what} as a tuple of ints, got {listed}: write {written}"


def not_a_dtype(op: str, name: str) -> str:
    """Say that a dtype was named by a text, which tells a checker nothing."""
    return f'{op}: expected a dtype as a type, got "{name}": write np.{name}'


def tensors_among_numbers(op: str) -> DtypeError:
    """Return the error for a tensor in a list of numbers, where its gradient would be lost."""
    return DtypeError("expected numbers, got tensors: join tensors with tl.stack", subject=op)


class ShapeError(TensorlibError, ValueError):
    """Shapes do not fit together.

    Its text is ``<subject>: <requirement, got values>``. A shape rule writes the part after the
    colon; whoever calls the rule knows the subject (the op, the layer, the layer's place in a
    container) and adds it with `named`.

    Attributes:
        problem: the requirement and what came instead, without the subject.
        subject: the op or layer at fault, or "".
        unproven: True where no sizes are known to fail, but agreement could not be proven either
            (only possible with symbolic dimensions).
        misfit: the size that a layer was made for, and the one that came; `named` makes of them
            what to try instead.

    Example:
        >>> import tensorlib as tl
        >>> tl.zeros((2, 3)) @ tl.zeros((4, 5))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ShapeError: matmul: inner dimensions must be equal, got (2, 3)
            and (4, 5): 3 is not 4
    """

    def __init__(
        self,
        problem: str,
        *,
        subject: str = "",
        unproven: bool = False,
        misfit: Misfit | None = None,
    ) -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject
        self.unproven = unproven
        self.misfit = misfit

    def named(self, subject: str) -> ShapeError:
        """Return the same error about another subject, e.g. a layer instead of the op it calls.

        Example:
            >>> import tensorlib as tl
            >>> print(tl.ShapeError("expected last dimension 4, got 3").named("Linear(4, 2)"))
            Linear(4, 2): expected last dimension 4, got 3
        """
        change = "" if self.misfit is None else self.misfit.mended(subject)
        # Of an op that a layer applies, what the op suggests is not in the user's hands.
        problem = parted(self.problem)[0] + change if change else self.problem
        misfit = None if change else self.misfit
        return type(self)(problem, subject=subject, unproven=self.unproven, misfit=misfit)

    def suggesting(self, suggestion: str) -> ShapeError:
        """Return the same error with ``; try ...`` behind it."""
        problem = self.problem + suggestion
        return type(self)(problem, subject=self.subject, unproven=self.unproven, misfit=self.misfit)


class IndexOutOfRangeError(ShapeError, IndexError):
    """An index or axis that the shape does not have; an `IndexError` as well.

    Example:
        >>> import tensorlib as tl
        >>> tl.zeros((2,)).sum(axis=1)
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.IndexOutOfRangeError: sum: axis 1 is out of range for shape
            (2,): use -1 to 0
    """


class DtypeError(TensorlibError, TypeError):
    """Dtypes do not fit together, or an op has no meaning for one.

    Example:
        >>> import tensorlib as tl
        >>> import numpy as np
        >>> tl.zeros((2,), np.float64) + tl.zeros((2,))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.DtypeError: add: dtypes must agree, got float64 and float32:
            convert one with .astype(np.float32) or .astype(np.float64)
    """

    def __init__(self, problem: str, *, subject: str = "") -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject

    def named(self, subject: str) -> DtypeError:
        """Return the same error about another subject."""
        return type(self)(self.problem, subject=subject)


class ImmutableError(TensorlibError, TypeError):
    """A tensor was to be changed in place.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.zeros((3,))
        >>> x[0] = 1.0
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ImmutableError: setitem: tensors are immutable: make a new one
            with tl.where(mask, value, x), tl.concat of its parts, or tl.scatter_add
    """


class UndecidedError(TensorlibError):
    """A rule met a question that the known part of a shape cannot answer.

    The checker turns it into an unknown result, not an error. No rule raises it for shapes of ints;
    `output_shape` does, of a module of your own that does not tell.

    Example:
        >>> import tensorlib as tl
        >>> tl.nn.Module().output_shape((2, 3))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.UndecidedError: Module does not tell its output shape
    """


class TapeError(TensorlibError, RuntimeError):
    """A gradient tape is missing, present where none may be, or already consumed.

    Example:
        >>> import tensorlib as tl
        >>> tl.zeros(()).backward()
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.TapeError: backward: this tensor owns no tape: call .traced() on
            the input of the forward pass
    """

    def __init__(self, problem: str, *, subject: str = "") -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject


class TapeMovedError(TapeError):
    """A tensor was used in a recording op after its tape had moved into another result.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.zeros((3,)).traced()
        >>> y = x.exp()
        >>> x.sin()
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.TapeMovedError: sin: the tape of this tensor moved into the
            result of 'exp': use x.with_empty_tape() for one of the two
    """


class IncompleteTapeError(TapeError):
    """The loss depends on a value whose op is on another, unmerged tape, or on none.

    The latter is said of what was made of parameters alone, for which there may be a gradient.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.zeros((3,)).traced().exp()
        >>> y = x.with_empty_tape().sum()
        >>> y.backward()
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.IncompleteTapeError: backward: the loss depends on a result of
            'exp' whose history is on another tape: add the losses of both branches and call
            backward once, on the sum, or put_tape() the tape that was split off
    """


class ParameterChangedError(TapeError):
    """A parameter was written between the forward pass and the backward pass.

    Example:
        >>> import tensorlib as tl
        >>> layer = tl.nn.Linear(3, 2)
        >>> loss = layer(tl.ones((3,)).traced()).sum()
        >>> layer.reset_params(rng=0)
        >>> loss.backward()
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.ParameterChangedError: backward: parameter "weight" was changed
            by reset_params after the forward pass: run the forward pass again
    """


class UnusedParameterError(TensorlibError, ValueError):
    """An update was asked for, but the loss does not depend on some parameters.

    Attributes:
        paths: where in the model they are, such as ``2.bias``.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.SplitInto(tl.nn.Linear(3, 2), tl.nn.Linear(3, 1))
        >>> first, second = model(tl.ones((3,)).traced())
        >>> tl.optim.SGD(model).update(model, first.sum().backward())
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.UnusedParameterError: update: no gradient for 1.weight, 1.bias,
            on which the loss does not depend, or only through what no tape recorded: call
            .traced() on the input of that branch, or pass allow_unused=['1.weight', '1.bias'] if
            that is meant
    """

    def __init__(self, problem: str, paths: tuple[str, ...]) -> None:
        super().__init__(problem, paths)
        self.paths = paths

    def __str__(self) -> str:
        return str(self.args[0])


class NonFiniteGradientError(TensorlibError, ArithmeticError):
    """A gradient holds NaN or infinity; the update was not made.

    Example:
        >>> import tensorlib as tl
        >>> model = tl.nn.Bias(2)
        >>> gradients = model(tl.zeros((2,)).traced()).sum().backward()
        >>> tl.optim.SGD(model).update(model, gradients * float("nan"))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.NonFiniteGradientError: update: the gradient of bias is not
            finite: nothing was updated
    """


class LinAlgError(TensorlibError, ValueError):
    """A matrix has no inverse or no such decomposition, which only its elements tell.

    Example:
        >>> import tensorlib as tl
        >>> tl.linalg.inv(tl.zeros((2, 2)))
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.LinAlgError: linalg.inv: the matrix is singular, or one of the
            batch is
    """


class CompileError(TensorlibError, RuntimeError):
    """A step cannot be written down, so that repeating it might not do the same.

    Example:
        >>> import tensorlib as tl
        >>> step = tl.compile(lambda x: x if x.sum().item() > 0 else -x)
        >>> try:
        ...     step(tl.ones((2,)))
        ... except tl.CompileError as error:
        ...     print(str(error).partition(" (")[0])
        compile: item() hands numbers to Python, which a compiled step cannot repeat
    """


class CheckpointError(TensorlibError, ValueError):
    """A file does not hold what the model needs; the model is unchanged.

    Example:
        >>> import tensorlib as tl
        >>> state = tl.optim.SGD(tl.nn.Bias(2)).state()
        >>> tl.optim.Adam(tl.nn.Bias(2)).load_state(state)
        Traceback (most recent call last):
            ...
        tensorlib.shapes.errors.CheckpointError: load_state: the state does not fit this Adam:
          it is of SGD
    """
