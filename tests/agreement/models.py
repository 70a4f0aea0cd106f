"""Programs about models: layers one after another, in containers and in classes of their own."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.agreement.from_batches import _inside
from tests.agreement.program import CHECKED, OWN, Operand, Program, annotation
from tests.batch_cases import LAYERS

WIDTHS = (2, 3, 4, 6)
SLIPS = 0.05
"""How often a size is any."""


class _Writer:
    """Writes modules that follow each other."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def _slipped(self, size: int) -> int:
        return size + self.rng.choice((1, 2)) if self.rng.random() < SLIPS else size

    def flat(self, width: int, depth: int = 2) -> tuple[str, int]:
        """Write a module of vectors of a width, and return the width of its results."""
        rng, n = self.rng, self._slipped(width)
        drawn = rng.random()
        if drawn < 0.35:
            out = rng.choice(WIDTHS)
            return f"nn.Linear({n}, {out})", out
        if drawn < 0.5:
            return f"nn.{rng.choice(LAYERS)}()", width
        if drawn < 0.65 or not depth:
            made = (f"nn.LayerNorm({n})", f"nn.RMSNorm({n})", f"nn.Bias({n})", "nn.PReLU()")
            return rng.choice(made), width
        return self._container(width, depth)

    def _container(self, width: int, depth: int) -> tuple[str, int]:
        rng = self.rng
        drawn = rng.random()
        if drawn < 0.3:
            inner, out = self.chain(width, depth - 1)
            return f"nn.Sequential({', '.join(inner)})", out
        if drawn < 0.4:
            inner, out = self.chain(width, depth - 1)
            return f"({', '.join(inner)},)", out
        if drawn < 0.6:
            inner, out = self.chain(width, depth - 1)
            back = f"nn.Linear({out}, {self._slipped(width)})"
            kind = rng.choice(("Residual", "ResidualMul"))
            return f"nn.{kind}(nn.Sequential({', '.join(inner)}, {back}))", width
        if drawn < 0.75:
            block, out = self.flat(width, 0)
            if out != width and rng.random() < 0.8:
                block = f"nn.Linear({width}, {width})"
            return f"nn.Repeated(lambda: {block}, {rng.choice((1, 2, 3))})", width
        out = rng.choice(WIDTHS)
        left, right = (f"nn.Linear({self._slipped(width)}, {self._slipped(out)})" for _ in range(2))
        return f"nn.GeneralizedResidual({left}, {right})", out

    def chain(self, width: int, depth: int = 2) -> tuple[list[str], int]:
        """Write modules that follow each other."""
        made = []
        for _ in range(self.rng.randint(1, 3)):
            text, width = self.flat(width, depth)
            made.append(text)
        return made, width

    def images(self, shape: tuple[int, int, int]) -> tuple[list[str], int]:
        """Write modules from images of a shape to vectors, and return their width."""
        rng = self.rng
        c, h, w = shape
        made: list[str] = []
        for _ in range(rng.randint(1, 4)):
            n, drawn = self._slipped(c), rng.random()
            if drawn < 0.4:
                o, k, p, s = rng.choice((2, 4)), rng.choice((1, 2, 3)), rng.choice((0, 1)), 1
                if rng.random() < 0.3:
                    s = 2
                made.append(f"nn.Conv2d({n}, {o}, {k}, stride={s}, padding={p})")
                c, h, w = o, (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
            elif drawn < 0.55:
                made.append(f"nn.{rng.choice(('Max', 'Avg', 'Min'))}Pool2d(2)")
                h, w = h // 2, w // 2
            elif drawn < 0.7:
                made.append(rng.choice((f"nn.BatchNorm2d({n})", "nn.ReLU()", "nn.SiLU()")))
            elif drawn < 0.8:
                made.append(f"nn.ConvTranspose2d({n}, {n}, 2, stride=2)")
                c, h, w = n, 2 * h, 2 * w
            elif drawn < 0.9:
                made.append("nn.Upscale2d(scale_factor=2)")
                h, w = 2 * h, 2 * w
            else:
                made.append(rng.choice(("nn.AdaptiveAvgPool2d(2)", "nn.AdaptiveMaxPool2d((2, 2))")))
                h = w = 2
        ends: tuple[tuple[str, int], ...] = (
            ("nn.GlobalAvgPool2d()", c), ("nn.GlobalMaxPool2d()", c), ("nn.GlobalMinPool2d()", c),
            ("nn.FlattenImage()", c * h * w), ("nn.Flatten(-3)", c * h * w),
        )  # fmt: skip
        end, width = rng.choice(ends)
        return [*made, end], width

    def sequences(self, width: int) -> tuple[list[str], int]:
        """Write modules of sequences of vectors."""
        made = []
        for _ in range(self.rng.randint(1, 2)):
            n, heads = self._slipped(width), self.rng.choice((1, 2, 2, 3))
            made.append(
                self.rng.choice(
                    (
                        f"nn.MultiHeadAttention({n}, {heads})",
                        f"nn.TransformerEncoderBlock({n}, {heads}, 4)",
                        f"nn.TransformerEncoder({n}, {heads}, 1, 4)",
                    )
                )
            )
        more, width = self.chain(width, 1)
        return [*made, *more], width


def modelled(rng: random.Random) -> Program:
    """Draw a program about a model."""
    drawn = rng.random()
    return rng.choice(_KINDS)(rng) if drawn < 0.4 else _sequential(rng, is_class=drawn < 0.75)


def _sequential(rng: random.Random, *, is_class: bool) -> Program:
    """Build a chain of modules, or a class of them, and call it."""
    writer, kind = _Writer(rng), rng.random()
    if kind < 0.6:
        item: tuple[int, ...] = (rng.choice(WIDTHS),)
        made, width = writer.chain(item[0])
        result: tuple[int, ...] = (width,)
    elif kind < 0.8:
        item = (rng.choice((1, 2, 3)), rng.choice((6, 7, 8)), rng.choice((6, 8)))
        made, width = writer.images((item[0], item[1], item[2]))
        head, width = writer.chain(width, 1)
        made, result = [*made, *head], (width,)
    else:
        item = (rng.choice((3, 5)), rng.choice((4, 6)))
        made, width = writer.sequences(item[1])
        result = (item[0], width)
    dims = tuple(map(str, item))
    batch = rng.choice(((), ("2",), ("5",), ("N",), ("*Batch",), ("3", "2")))
    operand = Operand("x", (*batch, *dims), "float32", rng.random() < 0.4, _inside)
    if not is_class or any(each.startswith("(") for each in made):
        chained = f"nn.Sequential({', '.join(made)})"
        return Program("Sequential", (operand,), (f"model = {chained}", "r = model(x)"))
    definition = _class(made, ("*Batch", *dims), ("*Batch", *map(str, result)), rng)
    return Program("class", (operand,), (f"model = {OWN}()", "r = model(x)"), (definition,))


def _class(
    made: list[str], dims: tuple[str, ...], result: tuple[str, ...], rng: random.Random
) -> str:
    """Write a module with these members."""
    fields = [f"        self.m{place} = {each}" for place, each in enumerate(made)]
    call = "x"
    for place in range(len(made)):
        call = f"self.m{place}({call})"
        if rng.random() < 0.15:
            call += rng.choice((".relu()", ".tanh()", ".exp()"))
    return "\n".join(
        (
            CHECKED,
            f"class {OWN}(nn.Module):",
            "    def __init__(self) -> None:",
            *fields,
            f"    def forward(self, x: {annotation(dims, 'T', 'float32')}) -> "
            f"{annotation(result, 'T', 'float32')}:",
            f"        return {call}",
        )
    )


def _generic(rng: random.Random) -> Program:
    """Write a class that is generic in its sizes, and call it."""
    up, down = rng.choice((("2 * n", "2*N"), ("n + 1", "N + 1"), ("n * n", "N*N"), ("n", "N")))
    back = rng.choice((up, up, up, "n"))
    out = rng.choice(("n", "n", "n", up))
    declared = {"n": "N", up: down}.get(rng.choice((out, out, out, "n")), "N")
    lines = (
        CHECKED,
        f"class {OWN}(nn.Module, Generic[N]):",
        "    def __init__(self, n: N) -> None:",
        f"        self.up = nn.Linear(n, {up})",
        f"        self.down = nn.Linear({back}, {out})",
        f"    def forward(self, x: {annotation(('*Batch', 'N'), 'T', 'float32')}) -> "
        f"{annotation(('*Batch', declared), 'T', 'float32')}:",
        f"        return self.down({rng.choice(('self.up(x).relu()', 'self.up(x)'))})",
    )
    size = rng.choice(WIDTHS)
    last = str(size if rng.random() < 0.8 else size + 1)
    batch = rng.choice(((), ("2",), ("M",), ("*Batch",)))
    operand = Operand("x", (*batch, last), "float32", rng.random() < 0.4, _inside)
    body = (f"model = {OWN}({size})", "r = model(x)")
    return Program("generic class", (operand,), body, ("\n".join(lines),))


def _heads(rng: random.Random) -> Program:
    """Apply several heads to one tensor, or each to its own."""
    writer = _Writer(rng)
    count = rng.choice((1, 2, 2, 3))
    if rng.random() < 0.5:
        width = rng.choice(WIDTHS)
        heads = [writer.flat(width, 1)[0] for _ in range(count)]
        operand = Operand("x", ("N", str(width)), "float32", rng.random() < 0.4, _inside)
        body = [f"model = nn.SplitInto({', '.join(heads)})", "r = model(x)"]
        if rng.random() < 0.3:
            body.append("y = r[0].sum()")
        return Program("SplitInto", (operand,), tuple(body))
    widths = [rng.choice(WIDTHS) for _ in range(count)]
    out = rng.choice(WIDTHS)
    heads = [f"nn.Linear({w}, {writer._slipped(out)})" for w in widths]
    operands = tuple(
        Operand(f"x{place}", ("3", str(w)), "float32", rng.random() < 0.3, _inside)
        for place, w in enumerate(widths)
    )
    given = ", ".join(each.name for each in operands)
    body = [f"model = nn.AddInto({', '.join(heads)})", f"r = model(({given},))"]
    return Program("AddInto", operands, tuple(body))


def _recurrent(rng: random.Random) -> Program:
    """Run a recurrent layer, and use a part of what it gives."""
    writer, kind = _Writer(rng), rng.choice(("RNN", "GRU", "LSTM"))
    n, hidden, layers = rng.choice(WIDTHS), rng.choice(WIDTHS), rng.choice((1, 1, 2))
    batch = rng.choice(((), ("2",), ("M",)))
    operand = Operand("x", (*batch, "5", str(n)), "float32", rng.random() < 0.4, _inside)
    more = f", num_layers={layers}" if layers > 1 else ""
    body = [f"model = nn.{kind}({writer._slipped(n)}, {hidden}{more})", "y = model(x)"]
    use = rng.choice(("y[0].sum()", "y[1]", f"nn.Linear({writer._slipped(hidden)}, 2)(y[0])"))
    return Program(kind, (operand,), (*body, f"r = {use}"))


def _trained(rng: random.Random) -> Program:
    """Take a step of training."""
    writer, width = _Writer(rng), rng.choice(WIDTHS)
    made, out = writer.chain(width, 1)
    x = Operand("x", ("4", str(width)), "float32", rng.random() < 0.3, _inside)
    is_labelled = rng.random() < 0.5
    y = (
        Operand("y", ("4",), "int64")
        if is_labelled
        else Operand("y", ("4", str(writer._slipped(out))), "float32", values=_inside)
    )
    loss = "cross_entropy" if is_labelled else rng.choice(("mse_loss", "mae_loss", "huber_loss"))
    body = (
        f"model = nn.Sequential({', '.join(made)})",
        f"h = model(x{'' if x.owns_tape or rng.random() < 0.15 else '.traced()'})",
        f"loss = losses.{loss}(h, y)",
        f"g = loss{rng.choice(('', '', '', '.exp()'))}.backward()",
        *rng.choice(((), ("again = loss.exp()",), ("again = h * 2",))),
    )
    return Program("training", (x, y), body)


_KINDS: tuple[Callable[[random.Random], Program], ...] = (
    _generic, _heads, _recurrent, _trained,
)  # fmt: skip
