"""Finding out what a function computes of each element, by calling it with something that notes it.

A function of arrays that is made of NumPy's elementwise functions does the same to `Term`s, each of
which stands for one element and knows the text of what is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

_UFUNCS: Final[dict[np.ufunc, str]] = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}",
    np.negative: "-{0}",
    np.positive: "{0}",
    np.square: "{0} * {0}",
    np.reciprocal: "{one} / {0}",
    np.absolute: "abs({0})",
    np.sign: "{one} if {0} > {zero} else (-{one} if {0} < {zero} else {0})",
    np.maximum: "{0} if ({0} >= {1}) | ({0} != {0}) else {1}",
    np.minimum: "{0} if ({0} <= {1}) | ({0} != {0}) else {1}",
    np.sqrt: "sqrt({0})",
    np.exp: "exp({0})",
    np.log: "log({0})",
    np.tanh: "tanh({0})",
}
"""What ufuncs compute, of the texts of their operands."""
_TESTS: Final[dict[np.ufunc, str]] = {
    np.greater: "{0} > {1}",
    np.greater_equal: "{0} >= {1}",
    np.less: "{0} < {1}",
    np.less_equal: "{0} <= {1}",
    np.equal: "{0} == {1}",
    np.not_equal: "{0} != {1}",
}
_OF_FLOAT32: Final = frozenset((np.exp, np.log, np.tanh))
"""Functions whose kernels reach the precision of float32."""


class UntracedError(Exception):
    """A function does more with its operands than compute each element by itself."""


class Trace:
    """What is computed so far, of elements of one dtype.

    Args:
        dtype: a floating dtype.

    Attributes:
        lines: assignments, in order.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.lines: list[str] = []
        self._names: dict[bytes, str] = {}
        self._known: dict[str, Term] = {}

    @property
    def constants(self) -> dict[str, Any]:
        """The numbers in the lines, by name."""
        return {n: np.frombuffer(bits, self.dtype)[0] for bits, n in self._names.items()}

    def of(self, function: Callable[..., Any], operands: Sequence[Any]) -> Term:
        """Return what a function makes of terms and numbers.

        Raises:
            UntracedError: there is no telling.
        """
        try:
            result = function(*operands)
        except UntracedError:
            raise
        except Exception as error:  # of a function that wants arrays
            raise UntracedError(str(error)) from error
        if not isinstance(result, Term) or result.trace is not self or result.is_test:
            raise UntracedError(f"{function!r} returns no element")
        return result

    def noted(self, expression: str, *, is_test: bool = False) -> Term:
        """Return the term for an expression, which is computed once."""
        found = self._known.get(expression)
        if found is None:
            found = self._known[expression] = Term(self, f"t{len(self.lines)}", is_test)
            self.lines.append(f"{found.text} = {expression}")
        return found

    def text(self, operand: Any, *, is_test: bool = False) -> str:
        """Return the text of a term or of a plain number, which takes the dtype of the others."""
        if isinstance(operand, Term) and operand.trace is self and operand.is_test is is_test:
            return operand.text
        if is_test or type(operand) not in (int, float):
            raise UntracedError(f"{operand!r} is no element")
        number = self.dtype.type(operand)
        return self._names.setdefault(number.tobytes(), f"k{len(self._names)}")


class Term(np.lib.mixins.NDArrayOperatorsMixin):
    """One element of an array, or what is computed of it.

    Attributes:
        trace: what is computed so far.
        text: its name in this.
        is_test: whether it is the answer to a comparison.
    """

    __slots__ = ("is_test", "text", "trace")
    __hash__ = None  # type: ignore[assignment]
    size: Final = 1 << 40  # of as many elements as one likes

    def __init__(self, trace: Trace, text: str, is_test: bool = False) -> None:
        self.trace = trace
        self.text = text
        self.is_test = is_test

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the array."""
        return np.dtype(bool) if self.is_test else self.trace.dtype

    def __bool__(self) -> bool:
        raise UntracedError("which element is asked for?")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise UntracedError("this is one element, and no array")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        form = _UFUNCS.get(ufunc) or _TESTS.get(ufunc)
        if form is None or method != "__call__" or kwargs:
            raise UntracedError(f"{ufunc.__name__} is not known to kernels")
        trace = self.trace
        if ufunc in _OF_FLOAT32 and trace.dtype != np.float32:
            raise UntracedError(f"{ufunc.__name__} of {trace.dtype} is left to NumPy")
        numbers = {"zero": trace.text(0), "one": trace.text(1)}
        expression = form.format(*map(trace.text, inputs), **numbers)
        return trace.noted(expression, is_test=ufunc in _TESTS)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if function is not np.where or len(args) != 3 or kwargs:
            raise UntracedError(f"{function.__name__} is not known to kernels")
        trace = self.trace
        test, x, y = trace.text(args[0], is_test=True), trace.text(args[1]), trace.text(args[2])
        return trace.noted(f"{x} if {test} else {y}")
