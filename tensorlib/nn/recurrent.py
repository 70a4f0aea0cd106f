"""Recurrent layers over whole sequences: RNN, GRU and LSTM."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, Literal, TypeAlias

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.module import AnyTensor, Module
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.recurrent_cell import require_dtypes, require_operands
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import joining, recurrent, splitting
from tensorlib.ops.recurrence import require_nonlinearity
from tensorlib.ops.recurrent import Nonlinearity
from tensorlib.shapes import recurrent as rules
from tensorlib.shapes.arithmetic import Add, Mul
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.matching import require_declared
from tensorlib.shapes.recurrent import BATCH, LENGTH
from tensorlib.shapes.registry import Rule
from tensorlib.shapes.shape import Shape
from tensorlib.tape import TapesKeptOnError
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, D, Seed, T

I = TypeVar("I", bound=int)  # noqa: E741 (a dimension)
H = TypeVar("H", bound=int)
N = TypeVar("N", bound=int, default=Literal[1])
K = TypeVar("K", bound=int, default=Literal[0])
L = TypeVar("L", bound=int)
Batch = TypeVarTuple("Batch")

Directions: TypeAlias = Add[K, Literal[1]]
"""How often each layer runs over the sequence: K is 1 for bidirectional layers, 0 for others."""


class Recurrent(Module, Generic[I, H, N, K]):
    """The base of recurrent layers: their parameters, and one run for each layer and direction.

    Parameters have PyTorch's names: ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0`` and
    ``bias_hh_l0`` for the first layer, the same with ``_reverse`` behind it for its way back.
    """

    weight_ih_l0: Parameter[Any, Any]
    weight_hh_l0: Parameter[Any, Any]
    bias_ih_l0: Parameter[Any, Any] | None
    bias_hh_l0: Parameter[Any, Any] | None

    gates: ClassVar[int]
    """How many times H rows the weights have."""
    rule: ClassVar[Rule]
    """The rule of the op."""

    def __init__(
        self,
        input_size: I,
        hidden_size: H,
        num_layers: N = 1,  # type: ignore[assignment]
        bidirectional: K = False,  # type: ignore[assignment]
        *,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_sizes(self, input_size, hidden_size, num_layers, bidirectional)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bool(bidirectional)
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            columns = hidden_size * self._directions if layer else input_size
            weights: list[tuple[int, ...]] = [(rows, columns), (rows, hidden_size)]
            shapes = [*weights, (rows,), (rows,)]
            for names in self._names(layer):
                for name, shape in zip(names, shapes, strict=True):
                    made = Parameter(creation.zeros(shape)) if bias or len(shape) == 2 else None
                    setattr(self, name, made)
        self.reset_own_params(creation.generator(rng))

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _names(self, layer: int) -> list[tuple[str, ...]]:
        """Return the names of a layer's parameters, for each direction."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ends = ("", "_reverse")[: self._directions]
        return [tuple(f"{kind}_l{layer}{end}" for kind in kinds) for end in ends]

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw the parameters of each layer in turn."""
        limit = 1 / np.sqrt(self.hidden_size)
        for layer in range(self.num_layers):
            for name in (name for names in self._names(layer) for name in names):
                parameter = getattr(self, name)
                if parameter is not None:
                    values = rng.uniform(-limit, limit, parameter.numpy().shape)
                    parameter.write(values.astype(np.float32), "reset_params")

    # Running ------------------------------------------------------------------------------------

    def _apply(
        self, op: Any, x: AnyTensor, states: tuple[AnyTensor, ...] | None, name: str, count: int
    ) -> tuple[Any, ...]:
        """Return the sequence after the last layer, and all last states, one below the other."""
        require_operands(self.label(), x, states, count)
        self._require(x.shape, name, () if states is None else states)
        require_dtypes(self.rule, x, *(states or ()), self.weight_ih_l0)
        with TapesKeptOnError(x, states):
            return self._run(op, x, states, count)

    def _run(
        self, op: Any, x: AnyTensor, states: tuple[AnyTensor, ...] | None, count: int
    ) -> tuple[Any, ...]:
        runs = self.num_layers * self._directions
        if states is None:
            zeros: Any = creation.zeros((*x.shape[:-2], self.hidden_size), x.dtype.type)
            firsts: Any = [(zeros,) * count] * runs
        else:
            distinct = {id(state): state for state in states}
            members = {id: splitting.unstack(state) for id, state in distinct.items()}
            firsts = list(zip(*(members[id(state)] for state in states), strict=True))
        lasts: list[tuple[AnyTensor, ...]] = []
        for layer in range(self.num_layers):
            found: list[AnyTensor] = []
            for direction, names in enumerate(self._names(layer)):
                parameters = [getattr(self, each) for each in names]
                # The first direction leaves the sequence to the second.
                operand = x if direction == self._directions - 1 else x.with_empty_tape()
                y, *last = op(operand, *firsts[len(lasts)], *parameters, bool(direction))
                found.append(y)
                lasts.append(tuple(last))
            x = found[0] if len(found) == 1 else joining.concat(found, -1)
        return x, *(joining.stack(each) for each in zip(*lasts, strict=True))

    def _require(self, x: Shape, name: str, states: tuple[AnyTensor, ...]) -> None:
        """Require what ``forward`` declares."""
        state = (self.num_layers * self._directions, BATCH, self.hidden_size)
        operands: list[tuple[str, Shape, Shape]] = [("x", (BATCH, LENGTH, self.input_size), x)]
        operands.extend((name, state, each.shape) for each in states)
        try:
            require_declared(*operands)
        except ShapeError as error:
            raise error.named(self.label()) from None

    def input_shape(self) -> Shape:
        """Return ``(*Batch, L, I)``."""
        return (BATCH, LENGTH, self.input_size)

    def label(self) -> str:
        """Name the layer with its sizes, the last ones only where they differ from PyTorch's."""
        sizes = [self.input_size, self.hidden_size, self.num_layers, int(self.bidirectional)]
        if not self.bidirectional:
            sizes = sizes[: 2 if self.num_layers == 1 else 3]
        return f"{type(self).__name__}({', '.join(map(str, sizes))})"


class RNN(Recurrent[I, H, N, K]):
    """Apply Elman's network: ``h = tanh(x[t] @ W_ih.T + b_ih + h @ W_hh.T + b_hh)``.

    Shape: ``(*B, L, I) -> (*B, L, H), (N, *B, H)``. Sequences are always batch-first. With
    ``bidirectional`` each layer also runs from the last step to the first, and the results are
    ``(*B, L, 2 * H), (2 * N, *B, H)``.

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of a state.
        num_layers: N, how many layers stand one upon the other.
        bidirectional: whether each layer runs in both directions.
        nonlinearity: "tanh" or "relu".
        bias: whether biases are added.
        rng: where the initial values are drawn from: uniform between ``-1/sqrt(H)`` and
            ``1/sqrt(H)``, as PyTorch's.

    Raises:
        ShapeError: a size is not positive.
        ValueError: there is no such nonlinearity.

    Example:
        >>> import tensorlib as tl
        >>> y, last = tl.nn.RNN(3, 8, num_layers=2, bidirectional=True)(tl.zeros((64, 10, 3)))
        >>> y.shape, last.shape
        ((64, 10, 16), (4, 64, 8))
    """

    gates = 1
    rule = rules.rnn

    def __init__(
        self,
        input_size: I,
        hidden_size: H,
        num_layers: N = 1,  # type: ignore[assignment]
        bidirectional: K = False,  # type: ignore[assignment]
        *,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        require_nonlinearity(nonlinearity, "RNN")
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, bidirectional, bias=bias, rng=rng)

    def forward(
        self,
        x: Tensor[tuple[*Batch, L, I], T, D],
        h: Tensor[tuple[Mul[Directions[K], N], *Batch, H], T2, D] | None = None,
    ) -> tuple[
        Tensor[tuple[*Batch, L, Mul[Directions[K], H]], T | T2, D],
        Tensor[tuple[Mul[Directions[K], N], *Batch, H], T | T2, D],
    ]:
        """Apply the layer.

        Args:
            x: the sequences.
            h: the states before the first step; by default 0.

        Returns:
            The states of the last layer after all steps, and those of all layers after the last.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        op: Any = recurrent.rnn

        def run(*operands: Any) -> Any:
            return op(*operands[:-1], self.nonlinearity, operands[-1])

        y, last = self._apply(run, x, None if h is None else (h,), "h", 1)
        return y, last


class GRU(Recurrent[I, H, N, K]):
    """Apply gated recurrent units; see `tensorlib.ops.recurrent.gru`.

    Shape: as of `RNN`, with weights of ``3 * H`` rows, for reset gate, update gate and candidate

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of a state.
        num_layers: N, how many layers stand one upon the other.
        bidirectional: whether each layer runs in both directions.
        bias: whether biases are added.
        rng: where the initial values are drawn from, as of `RNN`.

    Raises:
        ShapeError: a size is not positive.

    Example:
        >>> import tensorlib as tl
        >>> y, last = tl.nn.GRU(3, 8)(tl.zeros((64, 10, 3)))
        >>> y.shape, last.shape
        ((64, 10, 8), (1, 64, 8))
    """

    gates = 3
    rule = rules.gru

    def forward(
        self,
        x: Tensor[tuple[*Batch, L, I], T, D],
        h: Tensor[tuple[Mul[Directions[K], N], *Batch, H], T2, D] | None = None,
    ) -> tuple[
        Tensor[tuple[*Batch, L, Mul[Directions[K], H]], T | T2, D],
        Tensor[tuple[Mul[Directions[K], N], *Batch, H], T | T2, D],
    ]:
        """Apply the layer; arguments, results and errors are those of `RNN`."""
        y, last = self._apply(recurrent.gru, x, None if h is None else (h,), "h", 1)
        return y, last


class LSTM(Recurrent[I, H, N, K]):
    """Apply long short-term memory; see `tensorlib.ops.recurrent.lstm`.

    Shape: as of `RNN`, with a cell state beside each state, and weights of ``4 * H`` rows, for
    input gate, forget gate, candidate and output gate

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the features of a state.
        num_layers: N, how many layers stand one upon the other.
        bidirectional: whether each layer runs in both directions.
        bias: whether biases are added.
        rng: where the initial values are drawn from, as of `RNN`.

    Raises:
        ShapeError: a size is not positive.

    Example:
        >>> import tensorlib as tl
        >>> y, (last, last_cell) = tl.nn.LSTM(3, 8)(tl.zeros((64, 10, 3)))
        >>> y.shape, last.shape, last_cell.shape
        ((64, 10, 8), (1, 64, 8), (1, 64, 8))
    """

    gates = 4
    rule = rules.lstm

    def forward(
        self,
        x: Tensor[tuple[*Batch, L, I], T, D],
        state: tuple[
            Tensor[tuple[Mul[Directions[K], N], *Batch, H], T2, D],
            Tensor[tuple[Mul[Directions[K], N], *Batch, H], T2, D],
        ]
        | None = None,
    ) -> tuple[
        Tensor[tuple[*Batch, L, Mul[Directions[K], H]], T | T2, D],
        tuple[
            Tensor[tuple[Mul[Directions[K], N], *Batch, H], T | T2, D],
            Tensor[tuple[Mul[Directions[K], N], *Batch, H], T | T2, D],
        ],
    ]:
        """Apply the layer.

        Args:
            x: the sequences.
            state: the states and the cell states before the first step; by default 0.

        Returns:
            The states of the last layer after all steps, and states and cell states of all layers
            after the last step.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        y, last, last_cell = self._apply(recurrent.lstm, x, state, "state", 2)
        return y, (last, last_cell)
