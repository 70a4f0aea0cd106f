"""The names that dfdx 0.9, for Rust, gives the tensors of a model in its files."""

from __future__ import annotations

from collections.abc import Iterator

from tensorlib import nn
from tensorlib.nn.module import Module
from tensorlib.nn.parameter import Buffer
from tensorlib.nn.path import items, joined

_LEVELS: dict[type[Module], dict[str, str]] = {
    nn.Residual: {"f": ""},
    nn.GeneralizedResidual: {"f": "_main", "r": "_residual"},
}
"""What stands for a member of such a module in a name; for all others, its path and a dot."""

_RENAMED: dict[type[Module], dict[str, str]] = {
    nn.LayerNorm: {"weight": "gamma", "bias": "beta"},
}


def dfdx_names(model: Module) -> dict[str, str]:
    """Return dfdx's name for each parameter and buffer of a model, by its path."""
    return dict(_names(model, "", ""))


def _names(module: Module, path: str, prefix: str) -> Iterator[tuple[str, str]]:
    levels, renamed = _LEVELS.get(type(module), {}), _RENAMED.get(type(module), {})
    for name, item in items(vars(module)):
        place = joined(path, name)
        if isinstance(item, Buffer):
            yield place, prefix + renamed.get(name, name)
        elif isinstance(item, Module):
            yield from _names(item, place, prefix + levels.get(name, f"{name}."))
