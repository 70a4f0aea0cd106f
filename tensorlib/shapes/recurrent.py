"""Shape rules of recurrent ops: a sequence, the first state, and the weights of all gates."""

from __future__ import annotations

from tensorlib.shapes import dtypes
from tensorlib.shapes.dim import Dim, Symbol, require_equal, symbol, symbols
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.matching import Matcher
from tensorlib.shapes.registry import rule
from tensorlib.shapes.shape import Pack, Shape, format_shape, is_unknown, known_rank, trailing

BATCH = Pack("Batch")
LENGTH = symbol("L")
_FREE: tuple[Symbol | Pack, ...] = (BATCH, *symbols(LENGTH))


@rule(dtype=dtypes.floats_only)
def rnn(
    x: Shape,
    h: Shape,
    weight_ih: Shape,
    weight_hh: Shape,
    bias_ih: Shape | None = None,
    bias_hh: Shape | None = None,
) -> tuple[Shape, Shape]:
    """Return the shapes of all states, and of the last: ``(*B, L, I), (*B, H) -> (*B, L, H), ...``.

    Raises:
        ShapeError: sequence, state, weights and biases do not fit.
    """
    sequence, state = _run(1, x, {"h": h}, weight_ih, weight_hh, bias_ih, bias_hh)
    return sequence, state


@rule(dtype=dtypes.floats_only)
def gru(
    x: Shape,
    h: Shape,
    weight_ih: Shape,
    weight_hh: Shape,
    bias_ih: Shape | None = None,
    bias_hh: Shape | None = None,
) -> tuple[Shape, Shape]:
    """Return the shapes of all states, and of the last: ``(*B, L, I), (*B, H) -> (*B, L, H), ...``.

    Raises:
        ShapeError: sequence, state, weights and biases do not fit.
    """
    sequence, state = _run(3, x, {"h": h}, weight_ih, weight_hh, bias_ih, bias_hh)
    return sequence, state


@rule(dtype=dtypes.floats_only)
def lstm(
    x: Shape,
    h: Shape,
    c: Shape,
    weight_ih: Shape,
    weight_hh: Shape,
    bias_ih: Shape | None = None,
    bias_hh: Shape | None = None,
) -> tuple[Shape, Shape, Shape]:
    """Return the shapes of all states, of the last, and of the last cell state.

    Raises:
        ShapeError: sequence, states, weights and biases do not fit.
    """
    sequence, state = _run(4, x, {"h": h, "c": c}, weight_ih, weight_hh, bias_ih, bias_hh)
    return sequence, state, state


def _run(
    gates: int,
    x: Shape,
    states: dict[str, Shape],
    weight_ih: Shape,
    weight_hh: Shape,
    bias_ih: Shape | None,
    bias_hh: Shape | None,
) -> tuple[Shape, Shape]:
    """Return the shapes of the result and of a state."""
    rows, hidden = _matrix("weight_hh", weight_hh)
    require_equal(
        gates * hidden,
        rows,
        f"expected weight_hh of shape ({gates * hidden}, {hidden}), got {format_shape(weight_hh)}",
    )
    more_rows, features = _matrix("weight_ih", weight_ih)
    require_equal(
        rows,
        more_rows,
        f"expected weight_ih of {rows} rows, as weight_hh has, got {format_shape(weight_ih)}",
    )
    for name, bias in (("bias_ih", bias_ih), ("bias_hh", bias_hh)):
        if bias is not None and not is_unknown(bias):
            _require_bias(name, bias, rows)
    if any(is_unknown(shape) for shape in (x, *states.values())):
        raise UndecidedError("the dimensions before the sequence's last two are not known")
    matcher = Matcher(_FREE)
    matcher.match((BATCH, LENGTH, features), x, "x")
    for name, state in states.items():
        matcher.match((BATCH, hidden), state, name)
    matcher.finish()
    last = trailing(x, 2)
    assert last is not None, "it was matched"
    batch, (length, _) = last
    return (*batch, length, hidden), (*batch, hidden)


def _matrix(name: str, shape: Shape) -> tuple[Dim, Dim]:
    dims = known_rank(shape)
    if len(dims) != 2:
        raise ShapeError(f"expected {name} to be a matrix, got {format_shape(shape)}")
    return dims[0], dims[1]


def _require_bias(name: str, bias: Shape, rows: Dim) -> None:
    problem = f"expected {name} of shape ({rows},), got {format_shape(bias)}"
    if len(known_rank(bias)) != 1:
        raise ShapeError(problem)
    require_equal(rows, known_rank(bias)[0], problem)
