"""Comparing what mypy says of a program with its runs, and these with PyTorch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tensorlib.shapes.errors import DtypeError, TapeError
from tests.agreement.checking import Checked
from tests.agreement.peers import ERRORS, unlike_gradients, unlike_results
from tests.agreement.program import REFUSED, Assignment, Peer, Program
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
            "pytorch", "stated" or "other".
        why: more of it.
        code: that of mypy's first error.
        outcomes: how its runs ended.
        known: the dimensions that were compared.
        is_translated: whether PyTorch's result was compared.
        has_slopes: whether its gradients were.
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
    has_slopes: bool = False


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
        seed = rng.randrange(2**32)
        outcome = runner.run(assignment, seed)
        verdict.outcomes.append(outcome)
        if outcome.kind == "other" and checked.is_accepted:
            return fail("other", f"{assignment} {outcome}")
        if program.stated:
            wrong = _unlike_stated(program.stated, outcome)
            if wrong:
                return fail("stated", wrong)
        wrong = _wrongly_revealed(checked, outcome, assignment, verdict.known)
        if wrong:
            return fail("revealed", f"{assignment} {wrong}")
        if outcome.kind == "refused" and not checked.is_accepted:
            if _is_reported(program, checked, outcome):
                return verdict
            if _is_left_to_the_run(program, checked, [outcome], outcome):
                verdict.is_open = True
                return verdict
        if program.peer is not None and outcome.kind == "end" and checked.is_accepted:
            different = _unlike_pytorch(program.peer, runner, outcome, assignment, seed, verdict)
            if different is not None:
                return fail("pytorch", different)
    if not checked.is_accepted:
        return _judged_reports(verdict, checked, rng, fail)
    missed = [each for each in verdict.outcomes if _is_missed(program, each)]
    refused = next((each for each in missed if not _is_of_nothing(verdict, each)), None)
    if refused is None:
        verdict.is_open = bool(missed)
        return verdict
    verdict.is_open = _is_left_to_the_run(program, checked, verdict.outcomes, refused)
    if "Batch" in program.symbols and not verdict.is_open:  # does it fail with every one?
        more = assignments(program, rng, MORE_RUNS)
        runs = (runner.run(assignment, rng.randrange(2**32)) for assignment in more)
        verdict.is_open = any(each.kind != "refused" for each in runs)
    return verdict if verdict.is_open else fail("missed", refused)


def _unlike_stated(stated: str, outcome: Outcome) -> str | None:
    """Compare a run with what the documentation says of its result."""
    if outcome.kind != "refused" and not outcome.arrays:
        return None
    found = REFUSED if outcome.kind == "refused" else f"{outcome.arrays[-1].dtype}"
    return None if found == stated else f"{found}, which is to be {stated}"


def _is_reported(program: Program, checked: Checked, outcome: Outcome) -> bool:
    """Tell whether a run raises where mypy reports, or in what it calls a broken declaration."""
    lines = {each.line for each in checked.errors}
    if min(lines) < program.first_line or not lines.isdisjoint(outcome.lines):
        return True
    last = max(outcome.lines, default=0)
    return any(each.line < last and _IN_CONTAINER.match(each.text) for each in checked.errors)


def _is_left_to_the_run(
    program: Program, checked: Checked, outcomes: Sequence[Outcome], refused: Outcome
) -> bool:
    """Tell whether it is by design that mypy does not foresee why a run is refused.

    Behind its own reports it knows nothing, so that this is no reason there.
    """
    first = min((each.line for each in checked.errors), default=10**6)
    is_before = max(refused.lines, default=0) < first
    return (
        (is_before and _is_of_unknown(checked, refused))
        or _is_left_open(program, outcomes)
        or _may_return_operand(program, refused)
        or _is_of_hidden_layer(program, refused)
        or "training needs more than one value" in str(refused.error)
    )


_NOTHING = re.compile(
    r"-1 is not determined beside a dimension of 0|there are no elements to choose from"
)


def _is_of_nothing(verdict: Verdict, outcome: Outcome) -> bool:
    """Tell whether an axis is empty for the sizes of this run, and of another run is not.

    Such as ``N - 1`` and ``N//2``, which mypy takes for sizes that are not 0.
    """
    is_empty = _NOTHING.search(str(outcome.error)) is not None
    return is_empty and any(each.kind == "end" for each in verdict.outcomes)


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
    has_moved = any(each.has_moved for each in verdict.outcomes)
    certain = [
        each
        for each in checked.errors
        if not _is_about_unknown(each) and not (has_moved and "without a tape: " in each.text)
    ]
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


def _unlike_pytorch(
    peer: Peer,
    runner: Runner,
    outcome: Outcome,
    assignment: Assignment,
    seed: int,
    verdict: Verdict,
) -> str | None:
    """Compare a run with PyTorch, which may refuse what was changed and is not its own."""
    try:
        different = unlike_results(peer, outcome)
        verdict.is_translated = True
        # Of what lies in the padding alone, which is -inf, PyTorch makes gradients of its own.
        is_finite = all(np.isfinite(each).all() for each in outcome.arrays)
        if different is None and verdict.program.has_slopes and is_finite:
            gradients = runner.gradients(assignment, seed)
            if gradients is not None:
                different = unlike_gradients(peer, gradients)
                verdict.has_slopes = True
    except ERRORS as error:
        return f"PyTorch raises {error}" if verdict.program.is_whole else None
    return different
