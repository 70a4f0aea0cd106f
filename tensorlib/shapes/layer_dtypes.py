"""Which dtype a layer returns, as far as that is known without the dtype of its parameters.

A layer is made with float32 parameters, and ``astype`` changes them without changing its type. So
the checker knows what holds for every dtype that they may have, and nothing else.
"""

from __future__ import annotations

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

UNTRAINED: Final[dict[str, str]] = {
    "Cos": "cos",
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


def layer_dtype(layer: str, *operands: str) -> str | None:
    """Return the dtype of a layer's result, or None where it depends on the parameters'.

    Raises:
        DtypeError: the operands are wrong whatever dtype the parameters have.
    """
    if layer in UNTRAINED:
        return _rule(UNTRAINED[layer]).result_dtype(*operands)
    found: set[str] = set()
    problems: list[DtypeError] = []
    for parameters in sorted(FLOATS, key=lambda each: each != DEFAULT_FLOAT):
        try:
            found.add(_rule(TRAINED[layer]).result_dtype(*operands, parameters))
        except DtypeError as error:
            problems.append(error)
    if not found:
        raise problems[0]
    return found.pop() if len(found) == 1 else None


def _rule(op: str) -> registry.Rule:
    found = registry.find(op)
    assert found is not None, op
    return found
