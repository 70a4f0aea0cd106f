"""Where the time of tensorlib's training steps goes: products, other NumPy functions, the engine.

    python -m benchmarks.shares                all workloads, eager and compiled
    python -m benchmarks.shares W1 W4

Every op's functions, products of matrices and optimizers' steps are given a clock; what is left of
the whole step is the engine: calls of modules, checks, the tape, the walk back, what surrounds an
update. A clock takes a fraction of a microsecond itself, most of which counts as the engine's.
"""

from __future__ import annotations

import functools
import gc
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.workloads import WORKLOADS
from tensorlib.ops import products
from tensorlib.ops.primitive import Primitive
from tensorlib.optim.optimizer import Optimizer

SECONDS = 2.0


class Clock:
    """Adds up the time that functions take, without that of other clocks in them."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inside = 0.0

    def timed(self, function: Callable[..., Any], share: str) -> Callable[..., Any]:
        """Return a function that does the same, and adds its time to a share."""

        @functools.wraps(function)  # whose parameters' names ops ask for
        def timed(*args: Any, **kwargs: Any) -> Any:
            before, self._inside = self._inside, 0.0
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - start
                self.spent[share] = self.spent.get(share, 0.0) + whole - self._inside
                self._inside = before + whole

        return timed


def clocked() -> Clock:
    """Give a clock to all ops, products and optimizers of this process."""
    clock = Clock()
    products.matmul = clock.timed(products.matmul, "products")
    for primitive in [each for each in gc.get_objects() if isinstance(each, Primitive)]:
        primitive.forward = clock.timed(primitive.forward, "functions")
        primitive.vjps = tuple(
            None if vjp is None else clock.timed(vjp, "functions") for vjp in primitive.vjps
        )
    for kind in _all_subclasses(Optimizer):
        if "stepped" in vars(kind):
            stepped: Any = vars(kind)["stepped"]
            kind.stepped = clock.timed(stepped, "functions")
    return clock


def _all_subclasses(kind: type[Any]) -> list[type[Any]]:
    return [each for sub in kind.__subclasses__() for each in (sub, *_all_subclasses(sub))]


def shares(clock: Clock, step: Callable[[], object], seconds: float = SECONDS) -> dict[str, float]:
    """Return the shares of a step's time."""
    for _ in range(3):
        step()
    clock.spent.clear()
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        step()
    whole = time.perf_counter() - start
    found = {name: clock.spent.get(name, 0.0) / whole for name in ("products", "functions")}
    return {**found, "engine": 1 - sum(found.values())}


def main() -> None:
    """Print the shares."""
    chosen = sys.argv[1:] or [name for name in WORKLOADS if not name.startswith("W6")]
    clock = clocked()
    print(f"{'':24} products  functions  engine")
    for name in chosen:
        workload = WORKLOADS[name]
        for options in (frozenset[str](), frozenset(("compile",))):
            step = workload.tensorlib(workload.full(), options).step
            assert step is not None
            found = shares(clock, step)
            title = f"{name}{', compiled' if options else ''}"
            row = "".join(f"{100 * found[each]:9.0f} %" for each in found)
            print(f"{title:22}{row}", flush=True)


if __name__ == "__main__":
    main()
