"""A step as a straight line of calls, written out in Python and compiled by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tensorlib.compiling.call import Call, Form, function_of, stem, variables
from tensorlib.compiling.runs import in_runs


class Program:
    """What a step does, as a function of the arrays of its arguments.

    Args:
        calls: what it calls, in order.
        result: the expression for what it returns.
        arguments: the variables that the arrays are given as.
        names: what else the expressions refer to.
        forms: the shapes and dtypes of arrays, by expression.

    Attributes:
        source: the function as text.
        run: the function.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        result: str,
        arguments: Sequence[str],
        names: dict[str, Any],
        forms: Mapping[str, Form],
    ) -> None:
        calls = in_runs(calls, forms, variables(result), names)
        functions = _Names()
        done = _done_after(calls, result)
        lines = [f"def step({', '.join(arguments)}):"]
        for call, unused in zip(calls, done, strict=True):
            comma = "," if call.unpacks and len(call.names) == 1 else ""
            targets = f"{', '.join(call.names)}{comma}"
            lines.append(f"    {targets} = {functions.of(call)}({', '.join(call.arguments)})")
            if unused:
                lines.append(f"    del {', '.join(unused)}")
        lines.append(f"    return {result}")
        self.source = "\n".join(lines) + "\n"
        self.run = function_of("step", self.source, names | functions.named)


class _Names:
    """Names for functions: their own, with a number where two have the same."""

    def __init__(self) -> None:
        self.named: dict[str, Callable[..., Any]] = {}
        self._names: dict[int, str] = {}
        self._counts = Counter({"step": 1, "Tensor": 1})  # names that are taken

    def of(self, call: Call) -> str:
        """Return the name by which a function is called."""
        known = self._names.get(id(call.function))
        if known is not None:
            return known
        name = stem(call.name)
        self._counts[name] += 1
        if self._counts[name] > 1:
            name = f"{name}_{self._counts[name]}"
        self._names[id(call.function)] = name
        self.named[name] = call.function
        return name


def _done_after(calls: Sequence[Call], result: str) -> list[list[str]]:
    """Return for each call the variables that nobody needs after it."""
    last: dict[str, int] = {}
    for place, call in enumerate(calls):
        for name in (*call.names, *sorted(call.variables)):
            last[name] = place
    for name in variables(result):
        last.pop(name, None)
    done: list[list[str]] = [[] for _ in calls]
    for name, place in last.items():
        done[place].append(name)
    return done
