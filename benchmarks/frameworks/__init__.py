"""The frameworks: how each trains any model, and what may be asked of each.

A variant is a framework and options, joined by ``+``: ``torch+fused``. What is imported here for a
variant is its framework alone, for memory and start are measured as well.
"""

from __future__ import annotations

import importlib.util

from benchmarks.program import Program, Task, Workload

FRAMEWORKS = ("tensorlib", "torch", "jax", "autograd")
REFERENCE = "torch"
"""The variant that the others are compared with."""


def installed() -> list[str]:
    """Return those of the frameworks that can be imported here."""
    return [name for name in FRAMEWORKS if importlib.util.find_spec(name) is not None]


def variants_of(workload: Workload) -> list[str]:
    """Return all variants that can run a workload here."""
    here = installed()
    return [*here, *(each for each in workload.options if each.partition("+")[0] in here)]


def program(workload: Workload, variant: str, task: Task) -> Program:
    """Make the program of a workload for a variant."""
    framework, *options = variant.split("+")
    match framework:
        case "tensorlib":
            return workload.tensorlib(task, frozenset(options))
        case "torch":
            return workload.torch(task, frozenset(options))
        case "jax":
            from benchmarks.frameworks import on_jax

            return on_jax.program(workload, task)
        case "autograd":
            from benchmarks.frameworks import on_autograd

            return on_autograd.program(workload, task)
    raise ValueError(f"no framework {framework!r}: there are {', '.join(FRAMEWORKS)}")
