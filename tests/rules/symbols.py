"""What a rule says of symbols, of sizes in their place, and of what is not known at all."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from tensorlib.shapes.dim import UNKNOWN, Dim, SymbolicDim, UnknownDim, substitute, symbol, symbols
from tensorlib.shapes.errors import ShapeError, UndecidedError
from tensorlib.shapes.shape import UNKNOWN_DIMS, Each, Pack
from tests.rules.trial import Trial, outcome

NAMES = tuple(symbol(name) for name in "NMKABC")
BATCH = Pack("Batch")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9)


def named(size: int, name: SymbolicDim, rng: random.Random) -> Dim:
    """Return a dimension that is this size for some size of a symbol."""
    options: list[Dim] = [name, name, size]
    if size > 1:
        options += [name + 1]
    if size % 2 == 0:
        options += [2 * name]
    return rng.choice(options)


def lifting(trial: Trial, rng: random.Random) -> dict[int, Dim]:
    """Return dimensions for the sizes of a call; 0 stays, since symbols stand for 1 and more.

    So does -1, and 1 mostly, since it is what stretches.
    """
    found: dict[int, Dim] = {}
    sizes = {size for shape in trial.shapes for size in shape if size > 0}
    for size, name in zip(sorted(sizes), NAMES, strict=False):
        found[size] = named(size, name, rng) if size > 1 or rng.random() < 0.2 else size
    return found


def lifted(trial: Trial, dims: Mapping[int, Dim]) -> tuple[Any, Any]:
    """Put dimensions in the place of sizes, in shapes and other arguments."""

    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(put, value))
        return dims.get(value, value) if type(value) is int else value

    rest = [put(x) if place in trial.sizes else x for place, x in enumerate(trial.rest)]
    return tuple(map(put, trial.shapes)), tuple(rest)


def filled(value: Any, sizes: Mapping[Any, int]) -> Any:
    """Put sizes in the place of symbols, wherever they stand."""
    if isinstance(value, Each):
        return Each(filled(value.shape, sizes))
    if isinstance(value, tuple):
        return tuple(filled(item, sizes) for item in value)
    return substitute(value, sizes) if isinstance(value, SymbolicDim) else value


def assignments(value: Any, rng: random.Random) -> Iterator[dict[Any, int]]:
    """Yield sizes for all symbols, in no order."""
    names = sorted(_symbols_in(value), key=lambda each: each.name)
    choices = list(product(SIZES, repeat=len(names))) if len(names) < 4 else None
    if choices is not None:
        rng.shuffle(choices)
        drawn: Any = choices
    else:
        drawn = ([rng.choice(SIZES) for _ in names] for _ in range(500))
    for sizes in drawn:
        yield dict(zip(names, sizes, strict=True))


def _symbols_in(value: Any) -> set[Any]:
    if isinstance(value, tuple):
        return {each for item in value for each in _symbols_in(item)}
    return set(symbols(value)) if isinstance(value, SymbolicDim) else set()


def says(general: Any, special: Any) -> bool:
    """Tell whether a result agrees with a better known one; what is unknown agrees with all."""
    if isinstance(general, Each):
        shapes = [special.shape] if isinstance(special, Each) else special
        return all(says(general.shape, shape) for shape in shapes)
    if isinstance(general, UnknownDim):
        return not isinstance(special, tuple)
    if isinstance(general, tuple):
        if not isinstance(special, tuple):
            return False
        places = [place for place, item in enumerate(general) if isinstance(item, Pack)]
        if not places:
            return len(general) == len(special) and all(map(says, general, special))
        (pack,) = places
        behind = len(general) - pack - 1
        return (
            len(special) >= len(general) - 1
            and all(map(says, general[:pack], special))
            and all(map(says, general[pack + 1 :], special[len(special) - behind :]))
        )
    return bool(general == special)


def is_partly_unknown(result: Any) -> bool:
    """Tell whether a size is not known."""
    if isinstance(result, tuple):
        return any(map(is_partly_unknown, result))
    return isinstance(result, UnknownDim | Each)


def require_law(trial: Trial, rng: random.Random) -> None:
    """Require of a rule on symbols what it says on the sizes that they stand for.

    Its result holds for all sizes, what it does not refuse is refused for none, and what it
    refuses for certain is refused for some.
    """
    shapes, rest = lifted(trial, lifting(trial, rng))
    general = asked(trial, shapes, rest)
    if isinstance(general, UndecidedError):
        return
    refuses = isinstance(general, ShapeError)
    if refuses and general.unproven:
        return
    outcomes = (
        (sizes, asked(trial, filled(shapes, sizes), filled(rest, sizes)))
        for sizes in assignments((shapes, rest), rng)
    )
    if refuses:
        found = any(isinstance(special, ShapeError) for _, special in outcomes)
        assert found, f"{trial.rule.name}{shapes}{rest}: {general}, but no sizes fail"
        return
    for sizes, special in islice(outcomes, 4):
        shown = f"{trial.rule.name}{shapes}{rest} at {sizes}: {special!r}, but {general}"
        if isinstance(special, Exception) and is_partly_unknown(general):
            continue  # an error may be behind what is not known
        assert not isinstance(special, Exception), shown
        assert says(filled(general, sizes), special), shown


def require_less_known(trial: Trial, rng: random.Random) -> None:
    """Require that of less known shapes a rule says nothing else, if less.

    A dimension that is not known may be any, `*Batch` or `...` any number of them.
    """
    known = trial.outcome
    for shapes in (_with_unknown(trial, rng), _with_batch(trial), _with_some_dims(trial, rng)):
        if shapes is None:
            continue
        general = asked(trial, shapes, trial.rest)
        shown = f"{trial.rule.name}{shapes}{trial.rest}: {general}, but {trial}: {known!r}"
        if isinstance(general, ShapeError):
            others = (asked(trial, each, trial.rest) for each in _without_batch(shapes))
            fails = any(isinstance(each, Exception) for each in (known, *others))
            assert general.unproven or fails, shown
        elif not isinstance(general, UndecidedError) and not isinstance(known, Exception):
            assert says(general, known), shown


def asked(trial: Trial, shapes: Any, rest: Any) -> Any:
    """Return what the rule says, `UndecidedError` included."""
    try:
        return outcome(lambda: trial.ask(shapes, rest))
    except UndecidedError as error:
        return error


def _with_unknown(trial: Trial, rng: random.Random) -> Any:
    """Forget one size."""
    places = [(at, axis) for at, shape in enumerate(trial.shapes) for axis in range(len(shape))]
    if not places:
        return None
    at, axis = rng.choice(places)
    shape: list[Any] = list(trial.shapes[at])
    shape[axis] = UNKNOWN
    return (*trial.shapes[:at], tuple(shape), *trial.shapes[at + 1 :])


def _with_some_dims(trial: Trial, rng: random.Random) -> Any:
    """Forget the dimensions at one end of an operand, and how many they are."""
    if not trial.shapes:
        return None
    at = rng.randrange(len(trial.shapes))
    shape = trial.shapes[at]
    cut = rng.randint(0, len(shape))
    less = (UNKNOWN_DIMS, *shape[cut:]) if rng.random() < 0.7 else (*shape[:cut], UNKNOWN_DIMS)
    return (*trial.shapes[:at], less, *trial.shapes[at + 1 :])


def _with_batch(trial: Trial) -> Any:
    """Call the axes that all larger operands begin with `*Batch`."""
    whole = max(trial.shapes, key=len, default=())
    for count in range(min(len(whole), 2), 0, -1):
        prefix = whole[:count]
        shapes = tuple(
            (BATCH, *shape[count:]) if shape[:count] == prefix else shape for shape in trial.shapes
        )
        if sum(shape[:1] == (BATCH,) for shape in shapes) == len(shapes):
            return shapes
    return None


def _without_batch(shapes: Any) -> Iterator[Any]:
    """Put dimensions in the place of `*Batch`."""
    if any(BATCH in shape for shape in shapes):
        for dims in ((), (5,), (5, 6), (5, 6, 7), (1,), (0,)):
            yield tuple((*dims, *shape[1:]) if shape[:1] == (BATCH,) else shape for shape in shapes)
