"""How an error suggests the one change that mends it: ``...; try nn.Linear(1568, 10)``.

Nothing is suggested but what mends the mistake: the rule was asked again (`shapes.mending`), or
the size that a layer was made with is all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

MARK: Final = "; try "
_LABEL: Final = r"(?P<name>\w+)\((?P<sizes>.+)\)$"
_SIZE: Final = r"\([^()]*\)|'[^']*'|[^,() ]+"
_GROUPS: Final = 6
"""The place of the groups among the arguments of convolutions, which must divide their channels."""


class Sized(NamedTuple):
    """Where a layer has the size in question.

    Attributes:
        place: its place among the layer's arguments.
        axis: the axis of the result that has this size; 0 for a size of the operand.
    """

    place: int
    axis: int = 0


class Misfit(NamedTuple):
    """What is wrong with the operand of a layer.

    Attributes:
        have: the size that the layer was made for.
        want: the size that came.
        merged: how many of the operand's last axes would have that size together, or 0.
        are_rows: whether the operand is a vector as long as several rows of the size it should be.
    """

    have: object
    want: object
    merged: int = 0
    are_rows: bool = False

    def mended(self, label: str) -> str:
        """Suggest another layer in the place of this one, or another operand."""
        layer = resized(label, self.have, self.want)
        flatten = f"nn.Flatten(-{self.merged}) before it" if self.merged and layer else None
        match = re.match(_LABEL, label)
        is_layer = match is not None and match["name"] in INPUT
        rows = f"x.reshape((-1, {self.have}))" if self.are_rows and is_layer else None
        return as_text([flatten, rows, layer])


INPUT: Final = {
    name: Sized(0)
    for name in (
        *("BatchNorm1d", "BatchNorm2d", "Bias", "Conv1d", "Conv2d", "ConvTranspose2d"),
        *("GRU", "GRUCell", "LSTM", "LSTMCell", "LayerNorm", "Linear", "RMSNorm", "RNN", "RNNCell"),
    )
}
"""The layers that are made for a size of their operand."""
OUTPUT: Final = {
    "Conv1d": Sized(1, -2),
    "Conv2d": Sized(1, -3),
    "ConvTranspose2d": Sized(1, -3),
    "Linear": Sized(1, -1),
}
"""The layers whose result has a size that no other of theirs depends on."""


def as_text(changes: Iterable[str | None]) -> str:
    """Write changes, of which one is enough, as they stand behind a problem."""
    text = " or ".join(dict.fromkeys(change for change in changes if change))
    return f"{MARK}{text}" if text else ""


def parted(problem: str) -> tuple[str, str]:
    """Split a problem into what is wrong and ``; try ...``, which may be empty."""
    wrong, mark, change = problem.partition(MARK)
    return wrong, f"{mark}{change}"


def resized(
    label: str, have: object, want: object, table: Mapping[str, Sized] = INPUT, axis: int = 0
) -> str | None:
    """Return a layer of another size, ``nn.Linear(1568, 10)``, or None if that mends nothing.

    Args:
        label: how the layer names itself: ``Linear(1569, 10)``.
        have: the size that it has.
        want: the size that would fit.
        table: the layers that have a size of this kind.
        axis: which axis of the result is concerned, if it is the result.
    """
    match = re.match(_LABEL, label)
    sized = None if match is None else table.get(match["name"])
    if match is None or sized is None or sized.axis != axis:
        return None
    if not isinstance(have, int) or not isinstance(want, int) or want < 1:
        return None
    sizes = re.findall(_SIZE, match["sizes"])
    has_groups = match["name"].startswith("Conv") and len(sizes) > _GROUPS
    if has_groups or any(re.search(r"[^\d', ()a-z-]", size) for size in sizes):
        return None  # a size that is a symbol has no name in the program
    if sized.place >= len(sizes) or sizes[sized.place] != str(have):
        return None
    sizes[sized.place] = str(want)
    return f"nn.{match['name']}({', '.join(sizes)})"
