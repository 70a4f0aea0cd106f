"""Groups: parameters of one model that have hyper-parameters of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from tensorlib.nn.path import within
from tensorlib.optim.hyperparameter import Hyperparameter, Plain, hyperparameters_of
from tensorlib.shapes.errors import CheckpointError

Groups: TypeAlias = Mapping[str, Mapping[str, object]]
"""Hyper-parameters by name, by a path or pattern that tells whose they are."""


class Group(MutableMapping[str, Any]):
    """The hyper-parameters that a group of parameters has to itself, by name.

    Whatever is not here is the optimizer's. A learning rate given here stands in proportion to the
    optimizer's: where a schedule halves that one, this one is halved too. Values are checked when
    they are set; one that is deleted is the optimizer's again.

    Attributes:
        pattern: the path or pattern by which the parameters were chosen.
        paths: the parameters of the group.

    Example:
        >>> from tensorlib import nn, optim
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> adam = optim.Adam(model, lr=0.5, groups={"0": {"lr": 0.25}, "*.bias": {"eps": 0.0}})
        >>> adam.lr = 1.0
        >>> adam.groups["0"]["lr"], adam.groups["*.bias"].paths
        (0.5, ('0.bias', '2.bias'))
    """

    def __init__(self, optimizer: object, pattern: str, paths: tuple[str, ...]) -> None:
        self.pattern = pattern
        self.paths = paths
        self._optimizer = optimizer
        self._known = hyperparameters_of(type(optimizer))
        self._values: dict[str, Any] = {}
        # What the optimizer's own value was when the group's was set, where they are proportional.
        self._bases: dict[str, float] = {}

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        base = self._bases.get(name)
        return value if not base else value * (getattr(self._optimizer, name) / base)

    def __setitem__(self, name: str, value: object) -> None:
        known = self._require_known(name)
        checked = known.check(value, self._place(name))
        if known.is_proportional:
            base = getattr(self._optimizer, name)
            if checked and not base:
                raise ValueError(
                    f"{self._place(name)} is a multiple of the optimizer's, which is 0: "
                    "set that one first"
                )
            self._bases[name] = base
        self._values[name] = checked

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._bases.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Group({self.pattern!r}, {dict(self)})"

    def _place(self, name: str) -> str:
        return f"{type(self._optimizer).__name__}: groups[{self.pattern!r}]: {name}"

    def _require_known(self, name: str) -> Hyperparameter[Any, Any]:
        if name not in self._known:
            raise ValueError(
                f"{self._place(name)} is no hyper-parameter: there are {', '.join(self._known)}"
            )
        return self._known[name]

    def plain(self) -> dict[str, Plain]:
        """Return the values in a form for files; where proportional, with what they refer to."""
        plain = {name: self._known[name].plain(value) for name, value in self._values.items()}
        return {
            name: [value, self._bases[name]] if name in self._bases else value
            for name, value in plain.items()
        }

    def restored(self, plain: Mapping[str, Plain]) -> Group:
        """Return a group of the same parameters with the values of which `plain` made these.

        Raises:
            TypeError: a value is of the wrong kind.
            ValueError: it is outside of its range.
        """
        group = Group(self._optimizer, self.pattern, self.paths)
        for name, value in plain.items():
            known, place = self._require_known(name), self._place(name)
            if known.is_proportional:
                if not isinstance(value, list) or len(value) != 2:
                    raise CheckpointError(f"{place} must be two numbers, got {value!r}")
                value, base = value
                group._bases[name] = known.restored(base, place)
            group._values[name] = known.restored(value, place)
        return group

    def become(self, other: Group) -> None:
        """Take over another group's values."""
        self._values, self._bases = other._values, other._bases


def chosen(
    pattern: str, parameters: Mapping[str, tuple[str, ...]], subject: str
) -> tuple[str, ...]:
    """Return the parameters that a path or pattern chooses.

    Args:
        pattern: the path of a parameter or module, or, with any of ``*?[``, a pattern in the
            notation of `fnmatch` that the whole path of a parameter has to match.
        parameters: the path of each parameter, and all its paths if it is tied.
        subject: what asks, for the message.

    Raises:
        ValueError: it chooses none; the text says what there is.
    """
    is_pattern = any(character in pattern for character in "*?[")
    matches = fnmatchcase if is_pattern else within
    found = tuple(
        name for name, paths in parameters.items() if any(matches(path, pattern) for path in paths)
    )
    if not found:
        names = list(parameters)
        near = get_close_matches(pattern, [*names, *_modules_of(names)], 1)
        hint = f": did you mean {near[0]!r}?" if near and not is_pattern else ""
        listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise ValueError(
            f"{subject}: groups: no parameter matches {pattern!r}{hint or ':'} there are {listed}"
        )
    return found


def _modules_of(paths: list[str]) -> list[str]:
    """Return the paths of the modules on the way to the parameters."""
    parts = [path.split(".") for path in paths]
    return list({".".join(p[:end]): None for p in parts for end in range(1, len(p))})
