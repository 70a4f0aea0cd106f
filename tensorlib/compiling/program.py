"""A step as a straight line of calls, written out in Python and compiled by it."""

from __future__ import annotations

import keyword
import linecache
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from tensorlib.compiling.recorder import Call
from tensorlib.tape import Value

_numbers = count(1)
_VARIABLE = re.compile(r"\b[av]\d+\b")


class Program:
    """What a step does, as a function of the arrays of its arguments.

    Args:
        calls: what it calls, in order.
        result: the expression for what it returns.
        arguments: the variables that the arrays are given as.
        names: what else the expressions refer to.

    Attributes:
        source: the function as text.
        run: the function.
        leaves: the parameters and buffers that it reads.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        result: str,
        arguments: Sequence[str],
        names: dict[str, Any],
    ) -> None:
        functions = _Names()
        last = _last_uses(calls, result)
        lines = [f"def step({', '.join(arguments)}):"]
        for place, call in enumerate(calls):
            targets = ", ".join(call.names)
            comma = "," if len(call.names) == 1 and call.unpacks else ""
            called = f"{functions.of(call)}({', '.join(call.arguments)})"
            lines.append(f"    {targets}{comma} = {called}")
            done = [name for name, at in last.items() if at == place]
            if done:
                lines.append(f"    del {', '.join(done)}")
        lines.append(f"    return {result}")
        self.source = "\n".join(lines) + "\n"
        self.leaves = tuple(value for value in names.values() if isinstance(value, Value))
        self.run = _function(self.source, names | functions.named)


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
        own = call.name.strip("_<>").replace(".", "_")
        stem = own if own.isidentifier() and not keyword.iskeyword(own) else "f"
        self._counts[stem] += 1
        name = stem if self._counts[stem] == 1 else f"{stem}_{self._counts[stem]}"
        self._names[id(call.function)] = name
        self.named[name] = call.function
        return name


def _last_uses(calls: Sequence[Call], result: str) -> dict[str, int]:
    """Return after which call each variable is no longer needed."""
    last: dict[str, int] = {}
    for place, call in enumerate(calls):
        for name in (*call.names, *(name for use in call.uses for name in variables(use))):
            last[name] = place
    for name in variables(result):
        last.pop(name, None)
    return last


def variables(expression: str) -> list[str]:
    """Return the variables in an expression."""
    return _VARIABLE.findall(expression)


def _function(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Compile the text of a function, which a traceback can show."""
    path = f"<compiled step {next(_numbers)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace = dict(names)
    exec(compile(source, path, "exec"), namespace)
    function: Callable[..., Any] = namespace["step"]
    return function
