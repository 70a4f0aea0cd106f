"""Compiled kernels next to NumPy and PyTorch, one by one, by the processor's clock.

python -m benchmarks.kernels [--size 1e6] [--dtype float32] [--only gelu softmax]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import tensorlib as tl
from tensorlib.losses import classification
from tensorlib.ops import (
    activation,
    attention,
    blocks,
    elementwise,
    kernels,
    normalization,
    normalization_layers,
    special,
)
from tensorlib.optim import adam, sgd

WIDTH = 256
"""How long a row is."""
ROUNDS = 9

Work = Callable[[], Any]


class Case(NamedTuple):
    """The same computed by a function of tensorlib, with or without its kernel, and by PyTorch."""

    ours: Work
    theirs: Work


def cases(size: int, dtype: str) -> dict[str, Case]:
    """Return what is measured, by name."""
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        return rng.standard_normal(shape or (size // WIDTH, WIDTH)).astype(dtype)

    x, g, p, m = drawn(), drawn(), drawn(), drawn()
    v, weight, bias = drawn() ** 2, drawn(WIDTH), drawn(WIDTH)
    t, s, soft = np.tanh(x), special.logistic(x), normalization._softmax_forward(x, -1)
    logs = normalization._log_softmax_forward(x, -1)
    _, z, scale = normalization_layers._normalized(x, weight, bias, 1e-5)
    scores = x.reshape(-1, WIDTH, WIDTH)
    adams = adam._Numbers(0.9, 0.999, 0.9, 1e-8, -1e-3, 1.0)

    aten: Any = torch.ops.aten
    functions: Any = torch.nn.functional
    tensors = [torch.from_numpy(each) for each in (x, g, t, s, soft, logs, weight, bias)]
    tx, tg, tt, ts, tsoft, tlogs, tweight, tbias = tensors
    kind = tx.dtype
    _, mean, root = torch.native_layer_norm(tx, [WIDTH], tweight, tbias, 1e-5)
    causal = torch.full((WIDTH, WIDTH), -np.inf, dtype=kind).triu(1)
    parameter = torch.nn.Parameter(torch.from_numpy(p.copy()))
    parameter.grad = tg.clone()
    adam_of_torch = torch.optim.Adam([parameter], fused=True)
    sgd_of_torch = torch.optim.SGD([parameter], lr=1e-3, momentum=0.9)
    both = [True, True, False]

    def layer_norm_backward() -> None:
        normalization_layers._normalized_vjp(g, z, scale, (-1,), weight)
        normalization_layers._weight_slope(g, z, (-1,))

    return {
        "relu, backward": Case(
            lambda: blocks.where_positive(x, g), lambda: aten.threshold_backward(tg, tx, 0)
        ),
        "exp": Case(lambda: elementwise._exp_forward(x), tx.exp),
        "sigmoid": Case(lambda: special.logistic(x), tx.sigmoid),
        "sigmoid, backward": Case(
            lambda: elementwise._sigmoid_vjp(g, s), lambda: aten.sigmoid_backward(tg, ts)
        ),
        "tanh, backward": Case(
            lambda: elementwise._tanh_vjp(g, t), lambda: aten.tanh_backward(tg, tt)
        ),
        "silu": Case(lambda: activation._silu_forward(x), lambda: functions.silu(tx)),
        "silu, backward": Case(
            lambda: activation._silu_vjp(g, x, s), lambda: aten.silu_backward(tg, tx)
        ),
        "gelu": Case(lambda: activation._gelu_forward(x, "none"), lambda: functions.gelu(tx)),
        "gelu, backward": Case(
            lambda: activation._gelu_vjp(g, x, s, "none"), lambda: aten.gelu_backward(tg, tx)
        ),
        "gelu by tanh": Case(
            lambda: activation._gelu_forward(x, "tanh"),
            lambda: functions.gelu(tx, approximate="tanh"),
        ),
        "gelu by tanh, backward": Case(
            lambda: activation._gelu_vjp(g, x, s, "tanh"),
            lambda: aten.gelu_backward(tg, tx, approximate="tanh"),
        ),
        "softmax": Case(lambda: normalization._softmax_forward(x, -1), lambda: tx.softmax(-1)),
        "softmax, backward": Case(
            lambda: normalization._softmax_vjp(g, soft, -1),
            lambda: aten._softmax_backward_data(tg, tsoft, -1, kind),
        ),
        "log_softmax": Case(
            lambda: normalization._log_softmax_forward(x, -1), lambda: tx.log_softmax(-1)
        ),
        "log_softmax, backward": Case(
            lambda: normalization._log_softmax_vjp(g, logs, -1),
            lambda: aten._log_softmax_backward_data(tg, tlogs, -1, kind),
        ),
        "cross_entropy": Case(lambda: classification._softmax(x), lambda: tx.log_softmax(-1)),
        "layer_norm": Case(
            lambda: normalization_layers._normalized(x, weight, bias, 1e-5),
            lambda: torch.native_layer_norm(tx, [WIDTH], tweight, tbias, 1e-5),
        ),
        "layer_norm, backward": Case(
            layer_norm_backward,
            lambda: aten.native_layer_norm_backward(
                tg, tx, [WIDTH], mean, root, tweight, tbias, both
            ),
        ),
        "causal attention weights": Case(
            lambda: attention._softmax(scores.copy(), True),
            lambda: (tx.reshape(scores.shape) + causal).softmax(-1),
        ),
        "Adam": Case(lambda: adam._stepped(p, g, m, v, None, adams), adam_of_torch.step),
        "SGD with momentum": Case(
            lambda: sgd._with_momentum(p, g, m, 0.9, 1.0, -1e-3, False), sgd_of_torch.step
        ),
    }


def measured(case: Case, repeats: int) -> tuple[float, float, float]:
    """Return the microseconds with the kernel, with NumPy and with PyTorch, measured in turns."""

    def clocked(work: Work) -> float:
        start = time.thread_time()
        for _ in range(repeats):
            work()
        return (time.thread_time() - start) / repeats * 1e6

    rounds = []
    for _ in range(ROUNDS + 1):
        with tl.kernels.use(True):
            compiled = clocked(case.ours)
        with tl.kernels.use(False):
            numpys = clocked(case.ours)
        rounds.append((compiled, numpys, clocked(case.theirs)))
    compiled, numpys, pytorchs = (median(column) for column in zip(*rounds[1:], strict=True))
    return compiled, numpys, pytorchs


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=1e6, help="how many elements")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of names")
    options = parser.parse_args()
    size = max(int(options.size) // WIDTH**2, 1) * WIDTH**2
    kernels.least = 1
    print(f"{size} elements, {options.dtype}, one thread")
    print("| | kernel, µs | NumPy, µs | PyTorch, µs | to NumPy | to PyTorch |")
    print("|---|---|---|---|---|---|")
    with np.errstate(all="ignore"):
        for name, case in cases(size, options.dtype).items():
            if any(part in name for part in options.only):
                ours, numpys, theirs = measured(case, max(1, 300_000 // size))
                ratios = f"{ours / numpys:.2f} | {ours / theirs:.2f}"
                print(f"| {name} | {ours:.0f} | {numpys:.0f} | {theirs:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
