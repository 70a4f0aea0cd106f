"""The long run: ``python -m tests.agreement --seed 1 --programs 20000``."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

from tests.agreement.judging import Verdict
from tests.agreement.program import HEADER
from tests.agreement.session import BATCH, Session

LEAST = 50
SHRUNK = 12
"""How many disagreements are made small; of the others the kind and the program are printed."""


def case_file(verdict: Verdict) -> str:
    """Write a disagreement as a file that mypy and Python can read."""
    why = "\n".join(f"# {line}" for line in verdict.why.splitlines())
    return f"{HEADER}\n# {verdict.kind}:\n{why}\n\n{verdict.program}"


def main() -> int:
    """Compare, print each disagreement as it is found, and a summary; return how many there are."""
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so many")
    parser.add_argument("--cases", type=Path, help="where to write what disagrees")
    parser.add_argument("--stop", action="store_true", help="end with the first of them")
    parser.add_argument("--batch", type=int, default=BATCH, help="programs in one run of mypy")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(given.seed, Path(folder), given.batch)
        for number, found in enumerate(session.run(given.programs, given.minutes)):
            small = session.shrunk(found) if number < SHRUNK and not given.stop else found
            print(f"--- {small.kind} in a program about {small.program.origin}")
            print(small.why)
            print(small.program, flush=True)
            if given.cases is not None:
                given.cases.mkdir(parents=True, exist_ok=True)
                path = given.cases / f"disagreement_{given.seed}_{number}.py"
                path.write_text(case_file(small), "utf-8")
            if given.stop:
                break
    accepted, refused = session.counts.below(LEAST)
    print(f"accepted fewer than {LEAST} times: {', '.join(accepted) or 'none'}")
    print(f"refused fewer than {LEAST} times: {', '.join(refused) or 'none'}")
    print(session.summary())
    return min(len(session.disagreements), 1)


if __name__ == "__main__":
    sys.exit(main())
