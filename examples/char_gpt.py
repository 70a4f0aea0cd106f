"""A small transformer that writes Python's documentation, character by character.

    python examples/char_gpt.py                           trains for a minute or two, then writes
    python examples/char_gpt.py --steps 100 --sample 80   a quick look

The text comes with Python: what help() says about the language, some 700,000 characters. A tenth of
it is held out. How well the model foresees that is told in bits for each character, beside what one
gets by counting characters, and pairs of characters. A learning curve is left in examples/output/.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from pydoc_data.topics import topics
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from tqdm import tqdm
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn, optim

N = TypeVar("N", bound=int)
S = TypeVar("S", bound=int)
T = TypeVar("T", bound=NoTape | Tape)

Text: TypeAlias = npt.NDArray[np.int64]
"""The characters' numbers."""

OUTPUT = Path(__file__).parent / "output"
CHARACTERS = 128  # ASCII
CONTEXT = 64  # how many characters the model sees
WIDTH = 96
BATCH = 32


class CharGPT(nn.Module):
    """From S characters to S times 128 scores: for each character, what may come next."""

    def __init__(self) -> None:
        self.character = nn.Embedding(CHARACTERS, WIDTH)
        self.place = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.TransformerEncoder(
            WIDTH, nhead=4, num_layers=3, dim_feedforward=4 * WIDTH, dropout=0.0,
            norm_first=True, norm=True,
        )  # fmt: skip
        self.head = nn.Linear(WIDTH, CHARACTERS)

    def forward(self, x: Tensor[Shape[N, S], T, np.int64]) -> Tensor[Shape[N, S, 128], T]:
        """Return the scores, before softmax. Each place sees only those before it."""
        places = tl.arange(x.shape[1]).with_tape_of(x)  # so that their vectors are trained, too
        h: Tensor[Shape[N, S, 96], T] = self.character(x) + self.place(places)
        return self.head(self.blocks(h, is_causal=True))


def load() -> tuple[Text, Text]:
    """Return the text: nine tenths to train with, and one that is held out."""
    whole = "\n".join(topics.values()).encode("ascii", errors="replace")
    text = np.frombuffer(whole, np.uint8).astype(np.int64)
    place = len(text) * 9 // 10
    return text[:place], text[place:]


def sample(
    text: Text, count: N, rng: np.random.Generator
) -> Tensor[Shape[N, 65], NoTape, np.int64]:
    """Return pieces of the text, of one character more than the model sees, from anywhere."""
    pieces = np.lib.stride_tricks.sliding_window_view(text, CONTEXT + 1)
    starts = rng.integers(len(pieces), size=count)
    return tl.from_numpy(pieces[starts]).expect_shape((count, 65))


def bits_by_counting(train: Text, valid: Text) -> tuple[float, float]:
    """Return the bits for each held-out character, from single characters and from pairs."""
    pairs = np.ones((CHARACTERS, CHARACTERS))  # one more than counted, so that none is impossible
    np.add.at(pairs, (train[:-1], train[1:]), 1)
    single = np.log2(pairs.sum(0) / pairs.sum())
    double = np.log2(pairs / pairs.sum(1, keepdims=True))
    return -float(single[valid[1:]].mean()), -float(double[valid[:-1], valid[1:]].mean())


def bits(model: CharGPT, pieces: Tensor[Shape[N, 65], NoTape, np.int64]) -> float:
    """Return the bits that the model needs for each character of some pieces of text."""
    logits = model(pieces[:, :-1])
    return losses.cross_entropy(logits, pieces[:, 1:]).item() / float(np.log(2))


def train(
    model: CharGPT, text: Text, held_out: Text, steps: int, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """Fit the model to the text; return the held-out bits along the way."""
    warmup = max(steps // 10, 1)
    schedule = optim.LinearWarmup(3e-3, start_factor=0.01, total_iters=warmup).then(
        warmup, optim.CosineAnnealing(3e-3, t_max=max(steps - warmup, 1), eta_min=1e-4)
    )
    adam = optim.AdamW(model, betas=(0.9, 0.95), weight_decay=0.1)
    pieces = sample(held_out, 128, rng)
    curve = []
    with tqdm(range(steps), unit="step") as progress:
        for step in progress:
            batch = sample(text, BATCH, rng)
            logits = model(batch[:, :-1].traced())
            loss = losses.cross_entropy(logits, batch[:, 1:])
            adam.lr = schedule(step)
            adam.update(model, loss.backward(wrt=model).clip_norm(1.0))
            if step % 50 == 49 or step == steps - 1:
                curve.append((step + 1, bits(model, pieces)))
                progress.set_postfix(bits=f"{curve[-1][1]:.2f}")
    return curve


def written(model: CharGPT, start: str, length: int, rng: np.random.Generator) -> str:
    """Return what the model writes: each character drawn from its scores for the next."""
    text = [ord(character) for character in start]
    for _ in range(length):
        seen = tl.tensor(text[-CONTEXT:]).expect_shape((-1,)).expand_dims(0)
        scores: Tensor[Shape[128]] = model(seen)[0, -1]
        text.append(tl.categorical(scores / 0.8, rng=rng).item())  # a little bolder than it is
    return bytes(text).decode("ascii")


def draw(curve: list[tuple[int, float]], single: float, pairs: float) -> None:
    """Write a picture of the held-out bits along the way."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    panel = figure.add_subplot()
    panel.plot(*zip(*curve, strict=True), label="the model")
    panel.axhline(single, color="tab:gray", linestyle=":", label="counting characters")
    panel.axhline(pairs, color="tab:gray", linestyle="--", label="counting pairs")
    panel.set(xlabel="step", ylabel="bits for each held-out character", ylim=(0, None))
    panel.legend()
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / "char_gpt.png")
    print(f"A learning curve is in {OUTPUT / 'char_gpt.png'}")


def main() -> None:
    """Train, compare with counting, and write a sample."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=600, help="how many batches to train with")
    parser.add_argument("--sample", type=int, default=300, help="how many characters to write")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    text, held_out = load()
    single, pairs = bits_by_counting(text, held_out)
    model = CharGPT()
    model.reset_params(rng)
    print(f"{len(text)} characters to train with, {model.num_params()} parameters", flush=True)
    curve = train(model, text, held_out, arguments.steps, rng)
    final = bits(model, sample(held_out, 512, rng))
    print(f"bits for each held-out character: {single:.2f} from counting characters,")
    print(f"{pairs:.2f} from counting pairs, {final:.2f} from the model, which writes:\n")
    print(written(model, "The ", arguments.sample, rng), end="\n\n")
    draw(curve, single, pairs)


if __name__ == "__main__":
    main()
