"""The workloads, by name."""

from __future__ import annotations

from benchmarks.program import Workload
from benchmarks.workloads import conv_net, elementwise, gpt, matmul, mlp, mlp_small

WORKLOADS: dict[str, Workload] = {
    each.name: each
    for each in (
        mlp_small.WORKLOAD,
        mlp.WORKLOAD,
        conv_net.WORKLOAD,
        gpt.WORKLOAD,
        elementwise.WORKLOAD,
        matmul.LARGE,
        matmul.SMALL,
    )
}


def chosen(names: str) -> list[Workload]:
    """Return the workloads that a list such as ``W1,W6`` names; ``W6`` names both of its sizes.

    Raises:
        ValueError: there is none of a name.
    """
    found: list[Workload] = []
    for name in names.split(","):
        named = [each for key, each in WORKLOADS.items() if name in (key, key.partition("-")[0])]
        if not named:
            raise ValueError(f"no workload {name!r}: there are {', '.join(WORKLOADS)}")
        found += named
    return found
