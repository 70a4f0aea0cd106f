"""Recurrent cells: one step of RNN, GRU and LSTM."""

from __future__ import annotations

from typing import Any, ClassVar, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import AnyTensor, Module
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import manipulation, recurrent
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.ops.recurrence import require_nonlinearity
from tensorlib.ops.recurrent import Nonlinearity
from tensorlib.shapes import recurrent as rules
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_declared
from tensorlib.shapes.recurrent import BATCH
from tensorlib.shapes.registry import Rule
from tensorlib.shapes.shape import Shape
from tensorlib.tape import TapesKeptOnError
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Dims, Seed, T

I = TypeVar("I", bound=int)  # noqa: E741 (a dimension)
H = TypeVar("H", bound=int)
Batch = TypeVarTuple("Batch")


def require_operands(layer: str, x: object, states: Any, count: int) -> None:
    """Require a tensor, and states as so many.

    Raises:
        TypeError: one is no tensor, or there are not so many states.
    """
    if states is not None and (not isinstance(states, tuple | list) or len(states) != count):
        raise TypeError(f"{layer}: expected state as a tuple of {count} tensors")
    for each in (x, *(states or ())):
        if not isinstance(each, Tensor):
            raise not_a_tensor(each, layer)


def require_dtypes(rule: Rule, *tensors: AnyTensor | None) -> None:
    """Require that operands and parameters meet, before a tape moves.

    Raises:
        DtypeError: they do not.
    """
    rule.operand_dtype(*(each.dtype.name for each in tensors if each is not None))


class RecurrentCell(Module, Generic[I, H]):
    """The base of recurrent cells, which keep the weights of all gates in two matrices."""

    weight_ih: Parameter[Any, Any]
    weight_hh: Parameter[Any, Any]
    bias_ih: Parameter[Any, Any] | None
    bias_hh: Parameter[Any, Any] | None

    gates: ClassVar[int]
    """How many times H rows the weights have."""
    rule: ClassVar[Rule]
    """The rule of the op."""

    def __init__(
        self, input_size: I, hidden_size: H, *, bias: bool = True, rng: Seed = None
    ) -> None:
        require_sizes(self, input_size, hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(creation.zeros((rows, input_size)))
        self.weight_hh = Parameter(creation.zeros((rows, hidden_size)))
        self.bias_ih = Parameter(creation.zeros((rows,))) if bias else None
        self.bias_hh = Parameter(creation.zeros((rows,))) if bias else None
        self.reset_own_params(creation.generator(rng))

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw the weights, then the biases."""
        limit = 1 / np.sqrt(self.hidden_size)
        for parameter in (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh):
            if parameter is not None:
                values = rng.uniform(-limit, limit, parameter.numpy().shape)
                parameter.write(values.astype(np.float32), "reset_params")

    def _step(
        self, op: Any, x: AnyTensor, states: tuple[AnyTensor, ...] | None, name: str, count: int
    ) -> tuple[Any, ...]:
        """Return the states after one step: those after a sequence of this one."""
        require_operands(self.label(), x, states, count)
        self._require(x.shape, name, () if states is None else states)
        parameters = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        require_dtypes(self.rule, x, *(states or ()), *parameters)
        if states is None:
            zeros: Any = creation.zeros((*x.shape[:-1], self.hidden_size), x.dtype.type)
            states = (zeros,) * count
        with TapesKeptOnError(x, states):
            _, *last = op(manipulation.expand_dims(x, -2), *states, *parameters)
        return tuple(last)

    def _require(self, x: Shape, name: str, states: tuple[AnyTensor, ...]) -> None:
        """Require what ``forward`` declares."""
        operands: list[tuple[str, Shape, Shape]] = [("x", (BATCH, self.input_size), x)]
        operands.extend((name, (BATCH, self.hidden_size), each.shape) for each in states)
        try:
            require_declared(*operands)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def input_shape(self) -> Shape:
        """Return ``(*Batch, I)``."""
        return (BATCH, self.input_size)

    def label(self) -> str:
        """Name the cell with its sizes: ``GRUCell(3, 4)``."""
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"


class _OfOneState(RecurrentCell[I, H]):
    """A cell whose result is its one state."""

    def output_shape(self, x: Shape) -> Shape:
        """Return ``(*Batch, H)``."""
        self._require(x, "h", ())
        return (*x[:-1], self.hidden_size)


class RNNCell(_OfOneState[I, H]):
    """Apply a step of Elman's network: ``tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)``.

    Shape: ``(*B, I), (*B, H) -> (*B, H)``

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of the state.
        nonlinearity: "tanh" or "relu".
        bias: whether biases are added.
        rng: where the initial values are drawn from: uniform between ``-1/sqrt(H)`` and
            ``1/sqrt(H)``, as PyTorch's.

    Raises:
        ShapeError: a size is not positive.
        ValueError: there is no such nonlinearity.

    Example:
        >>> import tensorlib as tl
        >>> cell = tl.nn.RNNCell(3, 8)
        >>> h = cell(tl.zeros((64, 3)))
        >>> cell(tl.zeros((64, 3)), h).shape
        (64, 8)
    """

    gates = 1
    rule = rules.rnn

    def __init__(
        self,
        input_size: I,
        hidden_size: H,
        *,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_nonlinearity(nonlinearity, "RNNCell")
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, bias=bias, rng=rng)

    def forward(
        self, x: Tensor[tuple[*Batch, I], T, D], h: Tensor[tuple[*Batch, H], T2, D] | None = None
    ) -> Tensor[tuple[*Batch, H], T | T2, D]:
        """Return the state after a step.

        Args:
            x: the step.
            h: the state before it; by default 0.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        op: Any = recurrent.rnn

        def run(*operands: Any) -> Any:
            return op(*operands, self.nonlinearity)

        last: tuple[Tensor[Dims, T | T2, D], ...]
        last = self._step(run, x, None if h is None else (h,), "h", 1)
        return last[0]


class GRUCell(_OfOneState[I, H]):
    """Apply a step of a gated recurrent unit; see `tensorlib.ops.recurrent.gru`.

    Shape: ``(*B, I), (*B, H) -> (*B, H)``

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of the state.
        bias: whether biases are added.
        rng: where the initial values are drawn from, as of `RNNCell`.

    Raises:
        ShapeError: a size is not positive.

    Example:
        >>> import tensorlib as tl
        >>> cell = tl.nn.GRUCell(3, 8)
        >>> h = cell(tl.zeros((64, 3)))
        >>> cell(tl.zeros((64, 3)), h).shape
        (64, 8)
    """

    gates = 3
    rule = rules.gru

    def forward(
        self, x: Tensor[tuple[*Batch, I], T, D], h: Tensor[tuple[*Batch, H], T2, D] | None = None
    ) -> Tensor[tuple[*Batch, H], T | T2, D]:
        """Return the state after a step; arguments and errors are those of `RNNCell`."""
        last: tuple[Tensor[Dims, T | T2, D], ...]
        last = self._step(recurrent.gru, x, None if h is None else (h,), "h", 1)
        return last[0]


class LSTMCell(RecurrentCell[I, H]):
    """Apply a step of a long short-term memory; see `tensorlib.ops.recurrent.lstm`.

    Shape: ``(*B, I), ((*B, H), (*B, H)) -> ((*B, H), (*B, H))``

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of the state, and of the cell state.
        bias: whether biases are added.
        rng: where the initial values are drawn from, as of `RNNCell`.

    Raises:
        ShapeError: a size is not positive.

    Example:
        >>> import tensorlib as tl
        >>> cell = tl.nn.LSTMCell(3, 8)
        >>> h, c = cell(tl.zeros((64, 3)))
        >>> h, c = cell(tl.zeros((64, 3)), (h, c))
        >>> h.shape, c.shape
        ((64, 8), (64, 8))
    """

    gates = 4
    rule = rules.lstm

    def forward(
        self,
        x: Tensor[tuple[*Batch, I], T, D],
        state: tuple[Tensor[tuple[*Batch, H], T2, D], Tensor[tuple[*Batch, H], T2, D]]
        | None = None,
    ) -> tuple[Tensor[tuple[*Batch, H], T | T2, D], Tensor[tuple[*Batch, H], T | T2, D]]:
        """Return state and cell state after a step.

        Args:
            x: the step.
            state: state and cell state before it; by default 0.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        h, c = self._step(recurrent.lstm, x, state, "state", 2)
        return h, c
