"""Bugs planted in rules, plugin and tape, one at a time: do the generated programs find them?

`python -m tests.planted_disagreements` tries all, or those whose names hold a word that follows.
Each is a change of one place in a copy of the library, the plugin and these tests, with which the
generator then runs by itself: a bug in a rule is mypy's and the run time's, and only what NumPy and
PyTorch do tells. The programs must agree where no bug is planted, which is tried first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.typecheck import ROOT

PROGRAMS = 4000
"""How many programs a bug may take."""
SEED = 11


class Bug(NamedTuple):
    """A change of one place.

    Attributes:
        what: what is wrong then.
        file: where, from the root of the repository.
        text: what stands there, once.
        instead: what the bug makes of it.
    """

    what: str
    file: str
    text: str
    instead: str

    def plant(self, folder: Path) -> None:
        """Write the packages with this bug into a folder."""
        for name in ("tensorlib", "mypy_plugin", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        path = folder / self.file
        path.write_text(path.read_text("utf-8").replace(self.text, self.instead), "utf-8")

    @property
    def is_plantable(self) -> bool:
        """Whether its text stands in its file, once."""
        return (ROOT / self.file).read_text("utf-8").count(self.text) == 1


RULES = (
    Bug(
        "a reduced axis that is kept has its old length",
        "tensorlib/shapes/reduction.py",
        "dict.fromkeys(indices, 1)",
        "dict.fromkeys(indices, 2)",
    ),
    Bug(
        "the sizes of a product need not meet",
        "tensorlib/shapes/linalg.py",
        "    if inner1 == inner2:  # as nearly always: the text takes its time\n        return\n",
        "    return\n",
    ),
    Bug(
        "both operands may be stretched",
        "tensorlib/shapes/elementwise.py",
        "if aligned.stretches_both:",
        "if False:",
    ),
    Bug(
        "of two lengths that differ, elementwise ops take the first",
        "tensorlib/shapes/elementwise.py",
        "        return require_equal(\n            d1,\n",
        "        return d1\n        return require_equal(\n            d1,\n",
    ),
    Bug(
        "concat has the length of its first operand",
        "tensorlib/shapes/joining.py",
        "total(lengths) if place == index",
        "along[0] if place == index",
    ),
    Bug(
        "an einsum or a split need not come out even",
        "tensorlib/shapes/questions.py",
        "    _require(equal(quotient * d, n), problem)\n    return quotient\n",
        "    return quotient\n",
    ),
    Bug(
        "windows have one place too few",
        "tensorlib/shapes/convolution.py",
        "(dim - span) // step + 1 for dim",
        "(dim - span) // step for dim",
    ),
    Bug(
        "kernels need not fit",
        "tensorlib/shapes/convolution.py",
        "if answer not in (Truth.NEVER, Truth.SOMETIMES):",
        "if answer is not Truth.NEVER:",
    ),
    Bug(
        "meshgrid takes its vectors in their order",
        "tensorlib/shapes/splitting.py",
        'if indexing == "xy":',
        'if indexing == "yx":',
    ),
    Bug(
        "float64 meets float32",
        "tensorlib/shapes/dtypes.py",
        'if "float64" in (a, b):',
        'if "float64" in (a,):',
    ),
    Bug(
        "a linear layer takes any features",
        "tensorlib/shapes/matching.py",
        "    Matcher(()).match((ANY_DIMS, in_features), x)\n",
        "    pass\n",
    ),
    Bug(
        "sums of bools are bools",
        "tensorlib/shapes/dtypes.py",
        "return result if result in FLOATS else DEFAULT_INT\n",
        "return result if result in FLOATS else result\n",
    ),
)

PLUGIN = (
    Bug(
        "a tape in a variable is none",
        "mypy_plugin/codec.py",
        "        if any(owns):\n            return self.instance(names.TAPE)\n",
        "        if all(owns):\n            return self.instance(names.TAPE)\n",
    ),
    Bug(
        "sums of sizes are products",
        "mypy_plugin/codec.py",
        "            return left + right\n",
        "            return left * right\n",
    ),
    Bug(
        "a rule that refuses is passed over",
        "mypy_plugin/calls.py",
        "self._fail(str(error), code_of(error))\n        return self._encoded((ANY",
        "pass\n        return self._encoded((ANY",
    ),
    Bug(
        "only the receiver is taken",
        "mypy_plugin/ownership.py",
        "for exprs, types in zip(context.args, context.arg_types, strict=True):",
        "for exprs, types in ():",
    ),
    Bug(
        "what reads takes",
        "mypy_plugin/ownership.py",
        "rule.tape is not TapeRule.READS and rule",
        "rule",
    ),
    Bug(
        "sizes of layers are not looked at",
        "mypy_plugin/constructors.py",
        "    try:\n        rule(*(codec.dim(arg)",
        "    return True\n    try:\n        rule(*(codec.dim(arg)",
    ),
)

RUN = (
    Bug(
        "an op leaves the tapes of its operands",
        "tensorlib/tape.py",
        "            value._tape = moved\n    assert",
        "            pass\n    assert",
    ),
    Bug(
        "a tensor whose tape moved may be used",
        "tensorlib/tape.py",
        "    tape = value._tape\n    if type(tape) is Moved:\n        if tape.op",
        "    tape = value._tape\n    if False:\n        if tape.op",
    ),
    Bug(
        "a tensor may be traced twice",
        "tensorlib/tensor.py",
        "TapeRule.NEEDS_NO_TAPE.check(self._tape is not None, op)",
        "TapeRule.NEEDS_NO_TAPE.check(False, op)",
    ),
    Bug(
        "the mean is the sum",
        "tensorlib/ops/reduction.py",
        "np.asarray(y / count if count else y * np.nan)",
        "np.asarray(y if count else y * np.nan)",
    ),
)

BUGS = (*RULES, *PLUGIN, *RUN)
NOTHING = Bug("nothing is wrong", "tensorlib/tape.py", "", "")
"""What the same programs must not find."""


def found_by(bug: Bug, programs: int = PROGRAMS, seed: int = SEED) -> int:
    """Return the how manieth program finds a bug, at most; 0 if none does.

    Raises:
        AssertionError: the run ended otherwise.
    """
    with tempfile.TemporaryDirectory() as name:
        bug.plant(Path(name))
        options = ("--programs", str(programs), "--seed", str(seed), "--batch", "250", "--stop")
        ran = subprocess.run(
            [sys.executable, "-m", "tests.agreement", *options],
            cwd=name,
            env={**os.environ, "PYTHONPATH": name},
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode < 0:  # with its memory in disorder the process dies, which is seen as well
        return programs
    last = ran.stdout.strip().rpartition("\n")[2]
    found = re.match(r"seed \d+: (\d+) programs, .* (\d+) disagreements", last)
    assert found is not None, ran.stdout + ran.stderr
    return int(found[1]) if int(found[2]) else 0


def main() -> int:
    """Try all bugs, and return how many are not found."""
    number = found_by(NOTHING)
    if number:
        print(f"program {number} disagrees without a bug, so nothing can be told")
        return 1
    missed = 0
    words = sys.argv[1:]
    tried = [bug for bug in BUGS if not words or any(word in bug.what for word in words)]
    for bug in tried:
        number = found_by(bug)
        missed += not number
        print(f"{number or 'not found':>9}  {bug.file}: {bug.what}", flush=True)
    print(f"{len(tried) - missed} of {len(tried)} found")
    return missed


if __name__ == "__main__":
    sys.exit(main())
