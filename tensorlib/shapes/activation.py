"""Rules of activations: elementwise, of one operand."""

from __future__ import annotations

from tensorlib.shapes.elementwise import unary

gelu = unary("gelu")
silu = unary("silu")
elu = unary("elu")
selu = unary("selu")
leaky_relu = unary("leaky_relu")
softplus = unary("softplus")
hardtanh = unary("hardtanh")
hardsigmoid = unary("hardsigmoid")
hardswish = unary("hardswish")
logsigmoid = unary("logsigmoid")
