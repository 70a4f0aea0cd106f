"""Where in a container a shape error arose: one text for the run time and the checker."""

from __future__ import annotations

from tensorlib.shapes.errors import ShapeError


def located(error: ShapeError, place: str, label: str, source: str) -> ShapeError:
    """Return the error of a container's member, naming the member and where its operand is from.

    Args:
        error: what the member, or an op inside it, raised.
        place: the member's place, e.g. ``Sequential[2]``.
        label: the member's own name, e.g. ``Linear(31, 2)``.
        source: place and name of the member whose result it was given, or "" for the first.
    """
    subject = f"{place} {label}"
    if error.subject != label:
        return ShapeError(f"{error}", subject=subject, unproven=error.unproven)
    origin = f" from {source}" if source else ""
    head, mark, fix = error.problem.partition(": ")
    problem = f"{head}{origin}{mark}{fix}"
    return ShapeError(problem, subject=subject, unproven=error.unproven)
