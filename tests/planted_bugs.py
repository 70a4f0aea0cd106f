"""Bugs planted in the ownership check, one at a time: do the drawn programs find them?

`make planted-bugs` tries all. Each is a change of one place of a copy of the plugin.

That a function takes what some of its paths take is none of them: what mypy reports then does
raise on these paths, and is wrong only in that the page promises silence; a case finds it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.ownership_files import File, disagreements, file_of, run_all
from tests.ownership_paths import Raises
from tests.ownership_programs import drawn
from tests.typecheck import ROOT, case_files, expected, printed, run_mypy

COUNT = 1000
SEEDS = range(1, 15)
"""As in `make fuzz-ownership`: some 7,000 programs."""


class Bug(NamedTuple):
    """A change of the plugin.

    Attributes:
        what: what is wrong then.
        file: the file in `mypy_plugin`.
        text: what stands there, once.
        instead: what the bug makes of it.
    """

    what: str
    file: str
    text: str
    instead: str

    def plant(self, folder: Path) -> None:
        """Write the packages with this bug into a folder."""
        shutil.copytree(
            ROOT / "mypy_plugin", folder / "mypy_plugin", ignore=shutil.ignore_patterns("*.pyc")
        )
        (folder / "tensorlib").symlink_to(ROOT / "tensorlib")
        path = folder / "mypy_plugin" / self.file
        path.write_text(path.read_text("utf-8").replace(self.text, self.instead), "utf-8")


BUGS = (
    Bug(
        "an alias is another tensor",
        "flow.py",
        "held[place] = held[source]",
        "pass",
    ),
    Bug(
        "what one name moves, its aliases keep",
        "flow.py",
        "            gone[objects[place]] = step\n",
        "            gone[objects[place]] = step\n"
        "            held = [*objects]\n"
        "            held[place] = len(gone)\n"
        "            gone.append(step)\n"
        "            gone[objects[place]] = before\n"
        "            objects = tuple(held)\n",
    ),
    Bug(
        "a path is followed behind a mistake",
        "flow.py",
        "return None\n            gone",
        "gone",
    ),
    Bug(
        "few worlds are followed",
        "flow.py",
        "_MOST_WORLDS = 256",
        "_MOST_WORLDS = 2",
    ),
    Bug(
        "a loop runs once",
        "graph.py",
        "self._loops.pop()\n        self._link(head)",
        "self._loops.pop()",
    ),
    Bug(
        "continue leaves the loop",
        "graph.py",
        "head, _, depth = self._loops[-1]",
        "_, head, depth = self._loops[-1]",
    ),
    Bug(
        "break runs no finally",
        "graph.py",
        "_, end, depth = self._loops[-1]\n        self._leave(depth)",
        "_, end, depth = self._loops[-1]",
    ),
    Bug(
        "return runs no finally",
        "graph.py",
        "        self._leave(0)\n",
        "",
    ),
    Bug(
        "an exception that is raised goes to all handlers",
        "graph.py",
        "if kinds is None or any(base in kinds for base in bases):",
        "if True:",
    ),
    Bug(
        "an exception is caught by the first handler only",
        "graph.py",
        "        for _, entry in catching.handlers:\n",
        "        for _, entry in catching.handlers[:1]:\n",
    ),
    Bug(
        "what a manager swallows ends the function",
        "graph.py",
        "            self._catch(catching)\n            self._at = ended",
        "            self._at = ended",
    ),
    Bug(
        "a refused guard has bound nothing",
        "graph.py",
        "                self._test(guard)\n                self._link(missed)",
        "                self._value(guard)",
    ),
    Bug(
        "elif is tried after each body",
        "graph.py",
        "            self._at = None if constant is True else start",
        "            pass",
    ),
    Bug(
        "the else of a loop never runs",
        "graph.py",
        "        self._end_rounds(head, again, asked, rounds)\n"
        "        if s.else_body is not None:\n"
        "            self.block(s.else_body.body)",
        "        self._end_rounds(head, again, asked, rounds)",
    ),
    Bug(
        "finally runs after exceptions only",
        "graph.py",
        "            self._leave_one()\n"
        "            self._around, self._loops = saved\n"
        "        self._link(end)",
        "            self._around, self._loops = saved\n        self._link(end)",
    ),
    Bug(
        "both sides of and, or always run",
        "expressions.py",
        "self._branches(sides)",
        "right()",
    ),
    Bug(
        "the first of two alternatives runs always",
        "expressions.py",
        "self._branches(sides if constant is None else sides[not constant :][:1])",
        "branch(e.if_expr)()\n        self._branches([lambda: None, branch(e.else_expr)])",
    ),
    Bug(
        "an operand is what its name holds later",
        "expressions.py",
        "any(_changes(e, value) for e in parts[place + 1 :])",
        "False",
    ),
    Bug(
        "a comprehension has one round",
        "expressions.py",
        "                self._value(result)\n        self._link(again)\n",
        "                self._value(result)\n        self._link(end)\n",
    ),
    Bug(
        "the condition of a comprehension holds",
        "expressions.py",
        "            self._test(condition)\n            self._link(again)",
        "            self._value(condition)",
    ),
    Bug(
        "names that are swapped are not",
        "expressions.py",
        "self._kept(value) if not isinstance(value, list) else value",
        "value",
    ),
    Bug(
        "an op that raises has moved",
        "expressions.py",
        "        self._consume(call)\n        if",
        "        self._consume(call)\n        self._may_raise()\n        if",
    ),
    Bug(
        "calls bind attributes again never",
        "flow.py",
        "for place in self._loose:",
        "for place in ():",
    ),
    Bug(
        "a function takes what it takes wherever it raises, too",
        "summaries.py",
        "ends = list(flow.at(graph.exit))",
        "ends = [*flow.at(graph.exit), *flow.at(graph.escape)]",
    ),
    Bug(
        "a function takes what its parameter holds in the end",
        "summaries.py",
        "if all(end[other] is not None for end in ends):",
        "if all(end[key] is not None for end in ends):",
    ),
    Bug(
        "a function takes nothing from other scopes",
        "summaries.py",
        "graph.keep([*parameters, *sorted(outer_names(graph))])",
        "graph.keep(parameters)",
    ),
    Bug(
        "a function takes nothing from other scopes by an alias",
        "summaries.py",
        "(*step.consumed, step.source)",
        "step.consumed",
    ),
    Bug(
        "a method is what its class says",
        "moves.py",
        "self._overriding.get(function, [function])",
        "[function]",
    ),
    Bug(
        "a method is any that is called so",
        "moves.py",
        "if each.info.has_base(method.info.fullname)",
        "if each.info",
    ),
    Bug(
        "a function takes from every parameter",
        "summaries.py",
        "return self.parameters is None or parameter in self.parameters",
        "return self.parameters is None or bool(self.parameters)",
    ),
    Bug(
        "continue runs no finally",
        "graph.py",
        "head, _, depth = self._loops[-1]\n        self._leave(depth)",
        "head, _, depth = self._loops[-1]",
    ),
    Bug(
        "a tensor in a list is no operand",
        "notes.py",
        "    if isinstance(expr, DISPLAYS):\n"
        "        for item in expr.items:\n"
        "            yield from displayed(item)",
        "    if isinstance(expr, DISPLAYS):\n        pass",
    ),
    Bug(
        "only the receiver is taken",
        "ownership.py",
        "for exprs, types in zip(context.args, context.arg_types, strict=True):",
        "for exprs, types in ():",
    ),
    Bug(
        "what reads takes",
        "ownership.py",
        "rule.tape is not TapeRule.READS and rule",
        "rule",
    ),
    Bug(
        "what a function takes by one op it takes twice",
        "summaries.py",
        " if taken[one].isdisjoint(taken[other])",
        "",
    ),
)

BY_CASES = (
    Bug(
        "a call that raises has moved nothing",
        "moves.py",
        "tuple(dict.fromkeys(each for name in every if name in escaping for each in every[name])),",
        "(),",
    ),
    Bug(
        "a call that raises has moved all it takes",
        "steps.py",
        "            if alone and found.escaping:\n",
        "            if found.escaping:\n",
    ),
    Bug(
        "one tensor given twice is two",
        "flow.py",
        "        for one, other in step.apart:\n",
        "        for one, other in ():\n",
    ),
    Bug(
        "every function returns",
        "summaries.py",
        "NOTHING if function.info else Summary(frozenset(), returns=False)",
        "NOTHING",
    ),
)
"""Bugs that the case files find; the programs are not relied on for them. They show only where a
call is the last op of a ``try``, is given one tensor twice, or can only raise: seldom drawn.
"""


class Evidence(NamedTuple):
    """Drawn programs, with where they raise.

    Attributes:
        file: the programs.
        raises: where each raises.
    """

    file: File
    raises: dict[str, Raises]


def evidence(count: int, seed: int) -> Evidence:
    """Draw programs, and run them."""
    file = file_of(drawn(count, seed))
    with np.errstate(all="ignore"):
        return Evidence(file, run_all(file, "programs.py"))


def found_by(bug: Bug, evidence: Evidence, folder: Path) -> tuple[int, int]:
    """Return by how many programs and by how many messages of the cases a bug is found."""
    bug.plant(folder)
    (folder / "programs.py").write_text(evidence.file.source)
    cases = case_files("ownership")
    found = printed(run_mypy("programs.py", *cases, cwd=folder, path=folder).stdout)
    wanted = {message for path in cases for message in expected(path)}
    mine = {message for message in found if message.file != "programs.py"}
    reported = {m.line for m in found if m.file == "programs.py" and m.code == "tensor-tape"}
    programs = {name for name, _ in disagreements(*evidence, reported)}
    return len(programs), len(mine ^ wanted)


@cache
def _known(seed: int) -> Evidence:
    return evidence(COUNT, seed)


def _tried(bug: Bug) -> tuple[int, int, int]:
    """Return how many programs it took, how many of the last found a bug, and how many messages."""
    count = programs = cases = 0
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            programs, cases = found_by(bug, _known(seed), Path(folder))
        count += len(_known(seed).file.programs)
        if programs:
            break
    return count, programs, cases


def main() -> int:
    """Try all bugs, each with more programs until it is found, and tell which are not."""
    missed = []
    print("programs drawn, those that find the bug among the last, messages of cases that differ:")
    for bug in BUGS:
        count, programs, cases = _tried(bug)
        print(f"{count:5} {programs:5} {cases:5}  {bug.what}", flush=True)
        if not programs:
            missed.append(bug.what)
    print(f"{len(BUGS) - len(missed)} of {len(BUGS)} found by the programs")
    for bug in BY_CASES:
        with tempfile.TemporaryDirectory() as folder:
            _, cases = found_by(bug, _known(SEEDS[0]), Path(folder))
        print(f"{cases:17}  {bug.what}: by cases", flush=True)
        if not cases:
            missed.append(bug.what)
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
