"""What an optimizer has to remember, apart from the parameters, to go on as if never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tensorlib.optim.hyperparameter import Plain
from tensorlib.shapes.errors import CheckpointError
from tensorlib.tape import Array


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """A snapshot of an optimizer, of plain data only.

    ``optimizer.state()`` makes it and ``optimizer.load_state(...)`` takes it. For a file, `parts`
    gives settings that JSON can hold, and arrays under names; `from_parts` puts them together.

    Attributes:
        optimizer: the name of the optimizer's class.
        steps: how many updates were made.
        hyperparameters: the optimizer's hyper-parameters by name.
        groups: those of each group by its path or pattern. A learning rate stands together with
            the optimizer's to which it is in proportion.
        arrays: for each parameter by path, the arrays that its steps carry on, by name; none
            before its first step.

    Example:
        >>> import tensorlib as tl
        >>> state = tl.optim.Adam(tl.nn.Bias(2), lr=0.5).state()
        >>> settings, arrays = state.parts()
        >>> settings["optimizer"], settings["steps"], settings["hyperparameters"]["lr"]
        ('Adam', 0, 0.5)
        >>> tl.optim.OptimizerState.from_parts(settings, arrays).parts() == (settings, arrays)
        True
    """

    optimizer: str
    steps: int
    hyperparameters: dict[str, Plain]
    groups: dict[str, dict[str, Plain]]
    arrays: dict[str, dict[str, Array]]

    def parts(self) -> tuple[dict[str, Plain], dict[str, Array]]:
        """Return settings for JSON, and the arrays by the name ``{path}/{array}``."""
        settings: dict[str, Plain] = {
            "optimizer": self.optimizer,
            "steps": self.steps,
            "hyperparameters": dict(self.hyperparameters),
            "groups": {pattern: dict(values) for pattern, values in self.groups.items()},
            "arrays": {path: list(kept) for path, kept in self.arrays.items()},
        }
        arrays = {
            f"{path}/{name}": array
            for path, kept in self.arrays.items()
            for name, array in kept.items()
        }
        return settings, arrays

    @classmethod
    def from_parts(
        cls, settings: Mapping[str, Plain], arrays: Mapping[str, Array]
    ) -> OptimizerState:
        """Put together what `parts` took apart.

        Raises:
            CheckpointError: the settings are not of that form, or other arrays are there than
                they name.
        """
        kept = _table(settings, "arrays")
        names = {path: _names(kept[path], path) for path in kept}
        wanted = {f"{path}/{name}" for path in names for name in names[path]}
        problems = [f"missing {name}" for name in sorted(wanted - arrays.keys())]
        problems += [f"surplus {name}" for name in sorted(arrays.keys() - wanted)]
        if problems:
            raise CheckpointError("\n  ".join(["the optimizer's state is not whole:", *problems]))
        groups = _table(settings, "groups")
        optimizer, steps = settings.get("optimizer"), settings.get("steps")
        if not isinstance(optimizer, str) or type(steps) is not int:
            raise CheckpointError("the optimizer's state does not tell its class or its steps")
        return cls(
            optimizer,
            steps,
            _table(settings, "hyperparameters"),
            {pattern: _table(groups, pattern) for pattern in groups},
            {path: {name: arrays[f"{path}/{name}"] for name in names[path]} for path in names},
        )


def _table(settings: Mapping[str, Plain], name: str) -> dict[str, Plain]:
    value = settings.get(name)
    if not isinstance(value, dict):
        raise CheckpointError(f"the optimizer's state has no table {name!r}")
    return dict(value)


def _names(value: Plain, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise CheckpointError(f"the optimizer's state does not list the arrays of {path}")
    return [str(name) for name in value]
