"""Which dtype a layer returns, as far as that is known without the dtype of its parameters.

A layer is made with float32 parameters, and ``astype`` returns one of other parameters and the same
type. Where the checker sees how a layer was made, it knows their dtype; of others it knows what
holds for every dtype that they may have, and nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from tensorlib.shapes import registry
from tensorlib.shapes.dtypes import DEFAULT_FLOAT, FLOATS
from tensorlib.shapes.errors import DtypeError

TRAINED: Final[dict[str, str]] = {
    "Linear": "linear",
    "Bias": "add",
    "PReLU": "prelu",
    "Embedding": "embedding",
    "Conv1d": "conv1d",
    "Conv2d": "conv2d",
    "ConvTranspose2d": "conv_transpose2d",
    "LayerNorm": "layer_norm",
    "RMSNorm": "rms_norm",
    "GroupNorm": "group_norm",
    "BatchNorm1d": "batch_norm",
    "BatchNorm2d": "batch_norm",
    "RNN": "rnn",
    "GRU": "gru",
    "LSTM": "lstm",
    "RNNCell": "rnn",
    "GRUCell": "gru",
    "LSTMCell": "lstm",
    "MultiHeadAttention": "linear",
    "TransformerEncoderBlock": "linear",
    "TransformerDecoderBlock": "linear",
    "TransformerEncoder": "linear",
    "TransformerDecoder": "linear",
    "Transformer": "linear",
}
"""Of each layer with parameters, the op in which its operands first meet these."""

MASKED: Final[dict[str, str]] = {
    "MultiHeadAttention": "scaled_dot_product_attention",
    "TransformerEncoderBlock": "scaled_dot_product_attention",
    "TransformerDecoderBlock": "scaled_dot_product_attention",
    "TransformerEncoder": "scaled_dot_product_attention",
    "TransformerDecoder": "scaled_dot_product_attention",
    "Transformer": "scaled_dot_product_attention",
}
"""Of each layer that takes masks, the op that they are for, behind three operands of one dtype."""

UNTRAINED: Final[dict[str, str]] = {
    "Cos": "cos",
    "Dropout": "dropout",
    "DropoutOneIn": "dropout",
    "ELU": "elu",
    "Exp": "exp",
    "GELU": "gelu",
    "Hardsigmoid": "hardsigmoid",
    "Hardswish": "hardswish",
    "Hardtanh": "hardtanh",
    "LeakyReLU": "leaky_relu",
    "Log": "log",
    "LogSigmoid": "logsigmoid",
    "LogSoftmax": "log_softmax",
    "SELU": "selu",
    "SiLU": "silu",
    "Sigmoid": "sigmoid",
    "Sin": "sin",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Square": "square",
    "Tanh": "tanh",
    "AvgPool1d": "avg_pool1d",
    "AvgPool2d": "avg_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "GlobalAvgPool2d": "global_avg_pool2d",
    "Upscale2d": "upscale2d",
}
"""Of each layer without, the op that it applies, unless that takes and keeps every dtype."""


def decides(layer: str) -> bool:
    """Tell whether the dtype of a layer's result is told here."""
    return layer in TRAINED or layer in UNTRAINED


@cache
def layer_dtype(layer: str, *operands: str, parameters: str | None = None) -> str | None:
    """Return the dtype of a layer's result, or None where it depends on the parameters'.

    Args:
        layer: the name of its class.
        operands: the dtypes of its operands.
        parameters: the dtype of its parameters, or None if that is not known.

    Raises:
        DtypeError: the operands are wrong whatever dtype the parameters may have.
    """
    if layer in UNTRAINED:
        return _rule(UNTRAINED[layer]).result_dtype(*operands)
    found: set[str] = set()
    problems: list[DtypeError] = []
    possible = sorted(FLOATS, key=lambda each: each != DEFAULT_FLOAT)
    for dtype in possible if parameters is None else (parameters,):
        try:
            found.add(_rule(TRAINED[layer]).result_dtype(*operands, dtype))
        except DtypeError as error:
            problems.append(error)
    if not found:
        raise problems[0]
    return found.pop() if len(found) == 1 else None


def require_mask(layer: str, operand: str, mask: str) -> None:
    """Require that a layer takes masks of a dtype.

    Raises:
        DtypeError: it does not.
    """
    if layer in MASKED:
        _rule(MASKED[layer]).operand_dtype(operand, operand, operand, mask)


def _rule(op: str) -> registry.Rule:
    found = registry.find(op)
    assert found is not None, op
    return found
