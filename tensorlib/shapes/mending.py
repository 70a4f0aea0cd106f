"""Which change of a call mends it: a rule names candidates, and is asked about each.

A rule's ``mends`` (`tensorlib.shapes.registry.rule`) takes the rule's own arguments and names the
changes that people may have meant. Only those under which the rule objects no longer are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from tensorlib.shapes.dim import UnknownDim, symbol
from tensorlib.shapes.errors import TensorlibError
from tensorlib.shapes.shape import (
    UNKNOWN_PACKS,
    Pack,
    Shape,
    known_rank,
    pack_index,
    replaced,
    trailing,
)
from tensorlib.shapes.suggestions import as_text

_MOST: Final = 2
"""How many changes are shown, if several mend the same mistake."""
_A_SIZE: Final = symbol("?")


class Mend(NamedTuple):
    """A change of a call: how one writes it, and what becomes of the rule's arguments."""

    text: str
    arguments: Mapping[str, Any]


Mends: TypeAlias = Callable[..., Iterable[Mend]]
"""Names changes of a call, from the rule's own arguments."""


def suggestion(shape: Callable[..., Any], arguments: Mapping[str, Any], mends: Mends) -> str:
    """Return ``; try ...`` with the changes that make a rule content, or nothing."""
    found: list[str] = []
    # Nothing is refused for what is unknown, which proves nothing: it gets a name.
    arguments = {name: _named(value) for name, value in arguments.items()}
    if any(map(_is_unknown, arguments.values())):
        return ""
    try:
        for mend in mends(**arguments):
            if mend.text in found or str(_A_SIZE) in mend.text:
                continue
            if _is_taken(shape, {**arguments, **mend.arguments}):
                found.append(mend.text)
    except TensorlibError:  # too little is known of the shapes to tell what to try
        pass
    return as_text(found[:_MOST])


def _named(value: object) -> object:
    """Name the sizes in shapes that are not known, all alike: mostly they are that of one batch."""
    if type(value) is not tuple:
        return value
    return tuple(_A_SIZE if isinstance(each, UnknownDim) else _named(each) for each in value)


def _is_unknown(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_unknown, value))
    return isinstance(value, UnknownDim) or value in UNKNOWN_PACKS


def _is_taken(shape: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    try:
        shape(**arguments)
    except TensorlibError:
        return False
    return True


# Changes that several rules name ------------------------------------------------------------------


def transposed(name: str, x: Shape) -> Iterable[tuple[str, Shape]]:
    """Go through a tensor with its last two axes exchanged: how one writes it, and its shape."""
    if sum(not isinstance(item, Pack) for item in x) >= 2:
        batch, dims = trailing(x, 2) or ((), ())
        yield f"{name}.{'mT' if batch else 'T'}", (*batch, *reversed(dims))


def realigned(**operands: Shape) -> Iterable[Mend]:
    """Name changes after which operands may fit: an axis of length 1 less or more, transposed."""
    known = {name: x for name, x in operands.items() if pack_index(x) is None}
    for name, x in known.items():
        if x and known_rank(x)[-1] == 1:
            yield Mend(f"{name}.squeeze(-1)", {name: x[:-1]})
    for name, x in known.items():
        if x and any(len(other) > len(x) for other in operands.values()):
            yield Mend(f"{name}.expand_dims(-1)", {name: (*x, 1)})
    for name, x in known.items():
        if all(len(other) == 2 for other in operands.values()):
            for text, shape in transposed(name, x):
                yield Mend(text, {name: shape})


def stretchable(**operands: Shape) -> Iterable[Mend]:
    """Name the same and others, of operands of which one may stretch to the other."""
    yield from realigned(**operands)
    for name, x in operands.items():
        if pack_index(x) is not None:
            continue
        for place in range(1, len(x)):
            yield Mend(f"{name}.expand_dims({place})", {name: (*x[:place], 1, *x[place:])})
        if len(x) == 1:  # as of the channels of images
            yield Mend(f"{name}.reshape((-1, 1, 1))", {name: (*x, 1, 1)})


def factored(name: str, x: Shape, shape: Shape) -> Iterable[Mend]:
    """Name shapes of which one dimension is another, so that the number of elements stays."""
    known = known_rank(shape)
    if -1 in known:
        return
    for place in range(len(known)):
        free = replaced(shape, {place: -1})
        if not all(isinstance(item, int) for item in free):
            continue  # a symbol has no name in the program
        text = ", ".join(map(str, free)) + ("," if len(free) == 1 else "")
        yield Mend(f"{name}.reshape(({text}))", {"shape": free})
