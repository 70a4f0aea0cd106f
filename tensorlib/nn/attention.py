"""Multi-head attention."""

from __future__ import annotations

from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import creation
from tensorlib.nn.keeping import Keeping
from tensorlib.nn.module import AnyTensor, TapeSwitched
from tensorlib.nn.parameter import Parameter
from tensorlib.nn.projection import OutProjection, require_dtypes, xavier_uniform
from tensorlib.nn.sizes import require_sizes
from tensorlib.ops import attention as ops
from tensorlib.ops import linalg, manipulation, splitting
from tensorlib.ops.random import require_probability
from tensorlib.shapes import attention as rules
from tensorlib.shapes.dim import symbol
from tensorlib.shapes.errors import ShapeError
from tensorlib.shapes.shape import Pack, Shape
from tensorlib.tape import TapesKeptOnError
from tensorlib.tensor import Tensor
from tensorlib.typevars import T2, T3, D, Seed, T

E = TypeVar("E", bound=int)
H = TypeVar("H", bound=int)
K = TypeVar("K", bound=int, default=E)
V = TypeVar("V", bound=int, default=E)
S = TypeVar("S", bound=int)
M = TypeVar("M", bound=int)
Batch = TypeVarTuple("Batch")


class MultiHeadAttention(Keeping, TapeSwitched, Generic[E, H, K, V]):
    """Let each query gather from values what answers it: attention in several heads at once.

    ``attention(x)`` is self-attention, ``attention(query, key, value)`` attends to another
    sequence; the value may be left out where it is the key.

    Shape: ``(*B, S, E), (*B, M, K), (*B, M, V) -> (*B, S, E)``

    Args:
        embed_dim: E, the features of queries and of the result.
        num_heads: H, how many heads share the features; E is a multiple of it.
        dropout: the probability with which a weight is dropped in training.
        bias: whether the projections add a bias.
        kdim: K, the features of keys; by default E.
        vdim: V, the features of values; by default E.
        active: whether dropout acts: True on every operand, False on none, None by tape.
        rng: where the initial values are drawn from: the projections by Xavier's rule, the last
            as of `Linear`, and biases are 0.

    Attributes:
        in_proj_weight: the projections of queries, keys and values, one below the other, where
            all have E features.
        q_proj_weight: where keys or values have others, that of queries; so `k_proj_weight` and
            `v_proj_weight`.
        in_proj_bias: the biases of the three, one behind the other.
        out_proj: what is applied to the joined heads.

    Raises:
        ShapeError: a size is not positive, or E is no multiple of H.
        ValueError: dropout is not from 0 to 1.

    Source: Vaswani et al., "Attention Is All You Need", 2017.

    Example:
        >>> import tensorlib as tl
        >>> attention = tl.nn.MultiHeadAttention(16, 4, rng=0)
        >>> attention(tl.zeros((2, 10, 16)), is_causal=True).shape
        (2, 10, 16)
        >>> attention(tl.zeros((2, 10, 16)), tl.zeros((2, 7, 16))).shape
        (2, 10, 16)
    """

    operand = "query"
    in_proj_weight: Parameter[Any, Any] | None
    q_proj_weight: Parameter[tuple[E, E], Any] | None
    k_proj_weight: Parameter[tuple[E, K], Any] | None
    v_proj_weight: Parameter[tuple[E, V], Any] | None
    in_proj_bias: Parameter[Any, Any] | None

    def __init__(
        self,
        embed_dim: E,
        num_heads: H,
        dropout: float = 0.0,
        *,
        bias: bool = True,
        kdim: K | None = None,
        vdim: V | None = None,
        active: bool | None = None,
        rng: Seed = None,
    ) -> None:
        size = embed_dim
        keys, values = size if kdim is None else kdim, size if vdim is None else vdim
        require_sizes(self, embed_dim, num_heads, keys, values)
        require_probability(dropout, "MultiHeadAttention")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.kdim = keys
        self.vdim = values
        self.dropout = dropout
        self.active = active
        fused = size == keys == values
        self.in_proj_weight = Parameter(creation.zeros((3 * size, size))) if fused else None
        self.q_proj_weight = None if fused else Parameter(creation.zeros((embed_dim, embed_dim)))
        self.k_proj_weight = None if fused else _empty(size, keys)
        self.v_proj_weight = None if fused else _empty(size, values)
        self.in_proj_bias = Parameter(creation.zeros((3 * size,))) if bias else None
        stream = creation.generator(rng)
        self.reset_own_params(stream)
        self.out_proj = OutProjection(embed_dim, embed_dim, bias=bias, rng=stream)

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw the projections, and spawn the Generator of dropout."""
        projections = (
            self.in_proj_weight,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        )
        for weight in projections:
            if weight is not None:
                weight.write(xavier_uniform(weight.numpy().shape, rng), "reset_params")
        if self.in_proj_bias is not None:
            self.in_proj_bias.write(np.zeros_like(self.in_proj_bias.numpy()), "reset_params")
        (self.rng,) = rng.spawn(1)

    def forward(
        self,
        query: Tensor[tuple[*Batch, S, E], T, D],
        key: Tensor[tuple[*Batch, M, K], T2, D] | None = None,
        value: Tensor[tuple[*Batch, M, V], T3, D] | None = None,
        *,
        mask: AnyTensor | None = None,
        is_causal: bool = False,
    ) -> Tensor[tuple[*Batch, S, E], T | T2 | T3, D]:
        """Apply the layer.

        Args:
            query: what asks, and without a key, what is asked as well.
            key: what each query is compared with.
            value: what is gathered; without it, the key.
            mask: stretches to ``(*B, S, M)``; see `scaled_dot_product_attention`. Bools are True
                where a query may attend, which is the opposite of PyTorch's `attn_mask`.
            is_causal: whether query i may attend to the keys 0 to i only.

        Raises:
            ShapeError: an operand has another shape.
            DtypeError: an operand is not floating point, or float64 meets another float dtype.
        """
        operands = self._operands(query, key, value)
        acts = [self.acts_on(x) for x in operands]
        self._require_operands(*operands, mask)
        dropout = self.dropout if any(acts) else 0.0
        with TapesKeptOnError(*operands, mask):
            q, k, v = map(self._split, self._projected(*operands))
            if mask is not None and mask.ndim > 2:
                mask = manipulation.expand_dims(mask, -3)
            gathered = ops.scaled_dot_product_attention(
                q, k, v, mask, is_causal, dropout_p=dropout, rng=self.rng
            )
            joined = manipulation.flatten(manipulation.transpose(gathered, -3, -2), -2)
            result: Tensor[tuple[*Batch, S, E], T | T2 | T3, D] = self.out_proj(joined)
        return result

    def _operands(
        self, query: AnyTensor, key: AnyTensor | None, value: AnyTensor | None
    ) -> tuple[AnyTensor, AnyTensor, AnyTensor]:
        key = query if key is None else key
        return query, key, key if value is None else value

    def _require_operands(
        self, query: AnyTensor, key: AnyTensor, value: AnyTensor, mask: AnyTensor | None
    ) -> None:
        batch, queries, keys = Pack("Batch"), symbol("S"), symbol("M")
        self._require(
            ("query", (batch, queries, self.embed_dim), query.shape),
            ("key", (batch, keys, self.kdim), key.shape),
            ("value", (batch, keys, self.vdim), value.shape),
        )
        require_dtypes(query, key, value)
        if mask is not None:
            try:
                rules.require_mask(mask.shape, (*query.shape[:-1], key.shape[-2]))
            except ShapeError as error:
                raise error.named(self.label()) from None

    def _projected(self, query: AnyTensor, key: AnyTensor, value: AnyTensor) -> Any:
        """Return queries, keys and values, all of E features."""
        fused: Any = self.in_proj_weight
        bias: Any = self.in_proj_bias
        if fused is not None and query is key is value:
            return splitting.split(linalg.linear(query, fused, bias), 3, -1)
        # What is made of a parameter is recorded only if it owns a tape, as parameters do not.
        traced = query.owns_tape or key.owns_tape or value.owns_tape
        if fused is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            weights = splitting.split(fused.traced() if traced else fused, 3)
        biases: Any = (None, None, None)
        if bias is not None:
            biases = splitting.split(bias.traced() if traced else bias, 3)
        if value is key or value is query:
            value = value.with_empty_tape()
        if key is query:
            key = key.with_empty_tape()
        return map(linalg.linear, (query, key, value), weights, biases)

    def _split(self, x: AnyTensor) -> AnyTensor:
        """Turn ``(*B, S, E)`` into ``(*B, H, S, E // H)``."""
        shape = (*x.shape[:-1], self.num_heads, self.embed_dim // self.num_heads)
        return manipulation.transpose(manipulation.reshape(x, shape), -3, -2)

    def input_shape(self) -> Shape:
        """Return ``(*Batch, S, E)``."""
        return (Pack("Batch"), symbol("S"), self.embed_dim)

    def label(self) -> str:
        """Name the layer with its sizes: ``MultiHeadAttention(512, 8)``."""
        sizes = [self.embed_dim, self.num_heads, self.kdim, self.vdim]
        while len(sizes) > 2 and sizes[-1] == self.embed_dim:
            sizes.pop()
        return f"MultiHeadAttention({', '.join(map(str, sizes))})"


def _empty(rows: int, columns: int) -> Any:
    return Parameter(creation.zeros((rows, columns)))
