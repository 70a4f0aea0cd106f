"""Comparing what mypy says of a program with its runs, and these with PyTorch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from tensorlib.shapes.errors import DtypeError, TapeError
from tests.agreement.checking import Checked
from tests.agreement.program import Program
from tests.agreement.revealed import Known, agrees, parse
from tests.agreement.running import Outcome, Runner, assignments
from tests.typecheck import Message

RUNS = 8
"""How many assignments a symbolic program is run with."""
MORE_RUNS = 60
"""With how many a report is tried before it counts as false."""


@dataclass
class Verdict:
    """What comparing a program showed.

    Attributes:
        program: the program.
        is_refused: whether mypy reports something.
        is_open: whether it raises what mypy leaves to the run by design.
        kind: what disagrees, "" if nothing does: "missed", "false alarm", "elsewhere", "revealed",
            "pytorch" or "other".
        why: more of it.
        code: that of mypy's first error.
        outcomes: how its runs ended.
        known: the dimensions that were compared.
        is_translated: whether PyTorch's result was compared.
    """

    program: Program
    is_refused: bool
    is_open: bool = False
    kind: str = ""
    why: str = ""
    code: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    is_translated: bool = False


def judge(program: Program, checked: Checked) -> Verdict:
    """Run a program, and compare."""
    rng = random.Random(str(program))
    runner = Runner(program)
    verdict = Verdict(program, not checked.is_accepted)
    verdict.code = "" if checked.is_accepted else checked.errors[0].code

    def fail(kind: str, why: object) -> Verdict:
        verdict.kind, verdict.why = kind, str(why)
        return verdict

    for assignment in assignments(program, rng, RUNS if checked.is_accepted else MORE_RUNS):
        outcome = runner.run(assignment, rng.randrange(2**32))
        verdict.outcomes.append(outcome)
        if outcome.kind == "other" and checked.is_accepted:
            return fail("other", f"{assignment} {outcome}")
        wrong = _wrongly_revealed(checked, outcome, assignment, verdict.known)
        if wrong:
            return fail("revealed", f"{assignment} {wrong}")
        if _is_foreseen(program, checked, outcome):
            return verdict
        if program.peer is not None and outcome.kind == "end" and checked.is_accepted:
            different = _unlike_pytorch(program.peer, outcome, verdict)
            if different:
                return fail("pytorch", different)
    if not checked.is_accepted:
        return _judged_reports(verdict, checked, rng, fail)
    refused = next((each for each in verdict.outcomes if _is_missed(program, each)), None)
    if refused is None:
        return verdict
    verdict.is_open = (
        _is_of_unknown(checked, refused)
        or _is_left_open(program, verdict.outcomes)
        or _may_return_operand(program, refused)
        or _is_of_hidden_layer(program, refused)
    )
    if "Batch" in program.symbols and not verdict.is_open:  # does it fail with every one?
        more = assignments(program, rng, MORE_RUNS)
        runs = (runner.run(assignment, rng.randrange(2**32)) for assignment in more)
        verdict.is_open = any(each.kind != "refused" for each in runs)
    return verdict if verdict.is_open else fail("missed", refused)


def _is_foreseen(program: Program, checked: Checked, outcome: Outcome) -> bool:
    """Tell whether a run raises where mypy reports, or in what it calls a broken declaration."""
    if checked.is_accepted or outcome.kind != "refused":
        return False
    lines = {each.line for each in checked.errors}
    if min(lines) < program.first_line or not lines.isdisjoint(outcome.lines):
        return True
    if _may_return_operand(program, outcome) or _is_of_hidden_layer(program, outcome):
        return True
    if _is_left_open(program, [outcome]):
        return True
    last = max(outcome.lines, default=0)
    return any(each.line < last and _IN_CONTAINER.match(each.text) for each in checked.errors)


def _may_return_operand(program: Program, outcome: Outcome) -> bool:
    """Tell whether a tape may be where it was, behind a layer that may return its operand."""
    text = str(program)
    return isinstance(outcome.error, TapeError) and ("Dropout" in text or "nn.Identity" in text)


def _is_of_hidden_layer(program: Program, outcome: Outcome) -> bool:
    """Tell whether a dtype is not a layer's that mypy does not follow to where it was made."""
    forms = ("((", ", (", "lambda")
    is_made_inside = any(form in text for text in program.body for form in forms)
    is_hidden = "nn." in str(program) and (is_made_inside or bool(program.definitions))
    return is_hidden and isinstance(outcome.error, DtypeError)


def _is_of_unknown(checked: Checked, outcome: Outcome) -> bool:
    """Tell whether mypy does not know all that an error is about.

    So it is if it did not know a dimension, a rank or a dtype before, or does not know the sizes of
    the very result; that it knows nothing of this would be a rule that gave up.
    """
    last = max(outcome.lines, default=0)
    return any(
        re.search(r"\bint\b|\.\.\.|\bAny\b|AnyDtype" if line <= last else r"\bint\b", each)
        for line, types in checked.types.items()
        if line <= last + 1
        for each in types
    )


_IN_CONTAINER = re.compile(r"\w+(\[\d+\]|\.\w+)+ \w+")
"""What mypy says of members that do not fit where they are put together; Python may see later."""


def _judged_reports(
    verdict: Verdict, checked: Checked, rng: random.Random, fail: Callable[[str, object], Verdict]
) -> Verdict:
    """Tell whether what mypy reports is right."""
    certain = [each for each in checked.errors if not _is_about_unknown(each)]
    body = verdict.program.first_line
    refused = [each for each in verdict.outcomes if each.kind == "refused"]
    if refused:
        where = sorted(refused[0].lines)
        return fail("elsewhere", f"{refused[0]} on {where}, {checked.errors[0]}")
    if not certain or any(each.kind != "end" for each in verdict.outcomes):
        return verdict
    own = verdict.program.own_call
    if certain[0].line < body and own is not None:
        runner = Runner(own)
        for assignment in assignments(own, rng, MORE_RUNS):
            if runner.run(assignment, rng.randrange(2**32)).kind != "end":
                return verdict
    return fail("false alarm", certain[0])


def _is_about_unknown(message: Message) -> bool:
    """Tell whether a report says that nothing is proven, in our words or in mypy's."""
    if message.code in ("return-value", "assignment"):
        return (
            re.search(r"(got|has type) \"[^\"]*(\bint\b|\.\.\.)[^\"]*\"", message.text) is not None
        )
    return message.code == "tensor-unproven"


def _is_missed(program: Program, outcome: Outcome) -> bool:
    """Tell whether an error is one that mypy is to foresee.

    Not what `expect_shape` states of symbols, nor that one is not 0, which mypy takes for granted.
    """
    text = str(outcome.error)
    states = text.startswith("expect_shape:") and bool(program.symbols)
    return outcome.kind == "refused" and not states and " of at least 1, got " not in text


def _is_left_open(program: Program, outcomes: Sequence[Outcome]) -> bool:
    """Tell whether it is by design that mypy accepts what some run refuses.

    What depends on how many dimensions ``*Batch`` stands for is left open, and so is which item of
    a tuple there is whose length mypy does not know.
    """
    if any(type(each.error) is IndexError for each in outcomes):
        return True
    if any("*Batch" in text for text in program.definitions):
        return all(
            min(each.lines, default=0) < program.first_line
            for each in outcomes
            if _is_missed(program, each)
        )
    is_generic = "Batch" in program.symbols
    return is_generic and any(each.kind != "refused" for each in outcomes)


def _wrongly_revealed(
    checked: Checked, outcome: Outcome, assignment: Any, known: Known
) -> str | None:
    """Compare what was revealed before the first error."""
    first = min((each.line for each in checked.errors), default=10**6)
    for line, value in outcome.values:
        if line >= first:
            break
        types = checked.types.get(line)
        if types is None:
            return f"line {line} ran, which mypy takes for unreachable"
        if not any(agrees(parse(each), value, assignment, known) for each in types):
            return f"line {line}: {types[0]} is {value}"
    return None


def _unlike_pytorch(peer: Callable[[Any], Any], outcome: Outcome, verdict: Verdict) -> str | None:
    try:
        found = peer(outcome.operands)
    except (
        RuntimeError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        AssertionError,
    ) as error:
        return f"PyTorch raises {error}" if verdict.program.is_whole else None
    verdict.is_translated = True
    theirs = found if isinstance(found, tuple | list) else (found,)
    wanted = [
        each.detach().numpy() if torch.is_tensor(each) else np.asarray(each) for each in theirs
    ]
    ours = outcome.arrays
    if [each.shape for each in ours] != [each.shape for each in wanted]:
        return f"shapes {[x.shape for x in ours]} are {[x.shape for x in wanted]} in PyTorch"
    with np.errstate(over="ignore"):  # beyond float32, say
        wanted = [x.astype(mine.dtype) for x, mine in zip(wanted, ours, strict=True)]
    scale = max((_largest(x) for x in [*wanted, *outcome.operands]), default=0.0)
    for mine, other in zip(ours, wanted, strict=True):
        close = np.allclose(
            mine.astype(np.float64), other.astype(np.float64), 1e-3, 1e-4 * scale, equal_nan=True
        )
        if not close:
            return f"values {mine.tolist()} are {other.tolist()} in PyTorch"
    return None


def _largest(array: Any) -> float:
    values = np.abs(np.asarray(array, np.float64))
    return float(np.max(values[np.isfinite(values)], initial=0))
