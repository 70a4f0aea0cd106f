"""The exceptions of the shape calculus, shared by the run time and the checker."""

from __future__ import annotations


class TensorlibError(Exception):
    """Base class of every exception that tensorlib raises on purpose."""


def not_a_tensor(kind: str, op: str) -> str:
    """Say that an operand is of another type, given by its name."""
    fix = ": wrap it with tl.tensor(...)" if kind in ("ndarray", "list", "tuple") else ""
    return f"{op}: expected a tensor, got {kind}{fix}"


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
    """

    def __init__(self, problem: str, *, subject: str = "", unproven: bool = False) -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject
        self.unproven = unproven

    def named(self, subject: str) -> ShapeError:
        """Return the same error about another subject, e.g. a layer instead of the op it calls."""
        return type(self)(self.problem, subject=subject, unproven=self.unproven)


class IndexOutOfRangeError(ShapeError, IndexError):
    """An index or axis that the shape does not have; an `IndexError` as well."""


class DtypeError(TensorlibError, TypeError):
    """Dtypes do not fit together, or an op has no meaning for one."""

    def __init__(self, problem: str, *, subject: str = "") -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject

    def named(self, subject: str) -> DtypeError:
        """Return the same error about another subject."""
        return type(self)(self.problem, subject=subject)


class UndecidedError(TensorlibError):
    """A rule met a question that the known part of a shape cannot answer.

    Never raised for shapes of ints. The checker turns it into an unknown result, not an error.
    """


class TapeError(TensorlibError, RuntimeError):
    """A gradient tape is missing, present where none may be, or already consumed."""

    def __init__(self, problem: str, *, subject: str = "") -> None:
        super().__init__(f"{subject}: {problem}" if subject else problem)
        self.problem = problem
        self.subject = subject


class TapeMovedError(TapeError):
    """A tensor was used in a recording op after its tape had moved into another result."""


class IncompleteTapeError(TapeError):
    """The loss depends on a recorded value whose op is on another, unmerged tape."""


class ParameterChangedError(TapeError):
    """A parameter was written between the forward pass and the backward pass."""


class UnusedParameterError(TensorlibError, ValueError):
    """An update was asked for, but the loss does not depend on some parameters.

    Attributes:
        paths: where in the model they are, such as ``2.bias``.
    """

    def __init__(self, problem: str, paths: tuple[str, ...]) -> None:
        super().__init__(problem, paths)
        self.paths = paths

    def __str__(self) -> str:
        return str(self.args[0])


class NonFiniteGradientError(TensorlibError, ArithmeticError):
    """A gradient holds NaN or infinity; the update was not made."""


class LinAlgError(TensorlibError, ValueError):
    """A matrix has no inverse or no such decomposition, which only its elements tell."""


class CheckpointError(TensorlibError, ValueError):
    """A file does not hold what the model needs; the model is unchanged."""
