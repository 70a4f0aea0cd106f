"""The mutants that raise while mypy is silent, and why it cannot know."""

from __future__ import annotations

MISSED: dict[str, list[str]] = {
    "A part of the loss or of a result is dropped, so that no op merges the tape of what came "
    "from it. Types say that there is a tape, not which history is on it.": [
        "actor_critic loss_of, dropped: log_probs.with_empty_tape().exp() * log_probs -> "
        "log_probs.with_empty_tape().exp()",
        "actor_critic loss_of, dropped: ENTROPY * entropy -> ENTROPY",
        "actor_critic loss_of, dropped: log_prob * gains + ENTROPY * entropy -> (log_prob * gains)",
        "actor_critic loss_of, dropped: CRITIC * losses.mse_loss(values, returns) -> CRITIC",
        "actor_critic loss_of, dropped: CRITIC * losses.mse_loss(values, returns) - "
        "policy.mean() -> policy.mean()",
        "gpt Block.forward, dropped: x.with_empty_tape() + "
        "self.attention(self.first_norm(x)) -> x.with_empty_tape()",
        "gpt Block.forward, dropped: x.with_empty_tape() + self.mlp(self.second_norm(x)) -> "
        "x.with_empty_tape()",
        "lstm Cell.forward, order: let_out.sigmoid() * memory.tanh(), "
        "memory.with_empty_tape() -> memory.with_empty_tape(), let_out.sigmoid() * "
        "memory.tanh()",
        "resnet Block.forward, dropped: h + x -> h",
        "resnet DownBlock.forward, dropped: h + self.downsample(x) -> h",
        "vae loss_of, dropped: 0.5 * spread.sum(-1) -> 0.5",
        "vae loss_of, dropped: drawing + 0.5 * spread.sum(-1) -> drawing",
    ],
    "An op on a parameter alone has no tape, and is a constant if the parameter is frozen, which "
    "is no part of its type.": [
        "vit ViT.forward, dropped: self.token.with_tape_of(patches) -> self.token",
    ],
    "A list that a loop filled, sliced with a step, has a length that only the run knows.": [
        "actor_critic returns_of, literal: -1 -> (-2)",
    ],
    "An index out of range that a tensor holds: a class, a token or a place in a table. mypy "
    "knows shapes, not what is in them.": [
        "gpt GPT.__init__, dimension: context -> heads",
        "gpt GPT.__init__, dimension: context -> size",
        "gpt run, dimension: context -> batch",
        "gpt run, dimension: context -> heads",
        "gpt run, dimension: context -> size",
        "gpt run, order: GPT(vocabulary, context, heads, size, layers=2) -> GPT(vocabulary, "
        "heads, context, size, layers=2)",
        "gpt run, order: GPT(vocabulary, context, heads, size, layers=2) -> GPT(vocabulary, "
        "size, heads, context, layers=2)",
        "gpt run, dimension: vocabulary -> context",
        "gpt run, literal: 0 -> (-1)",
        "resnet run, dimension: classes -> batch",
        "resnet run, dimension: classes -> height",
        "resnet run, dimension: classes -> width",
        "resnet run, literal: 0 -> (-1)",
        "unet run, dimension: classes -> channels",
        "unet run, dimension: classes -> columns",
        "unet run, dimension: classes -> image_channels",
        "unet run, dimension: classes -> rows",
        "unet run, literal: 0 -> (-1)",
        "unet training_step, dropped: model(images.traced()) -> images.traced()",
        "vit run, dimension: classes -> batch",
        "vit run, dimension: classes -> channels",
        "vit run, dimension: classes -> rows",
        "vit run, literal: 0 -> (-1)",
    ],
    "How many tokens a text has by now, and how many of them are looked at, depends on how "
    "often the loop ran.": [
        "gpt GPT.generate, dropped: -self.context -> self.context",
        "gpt GPT.generate, literal: -1 -> (-2)",
        "gpt GPT.generate, order: self(longer[:, -self.context :])[:, -1] -> self(longer[:, "
        "-self.context :])[-1, :]",
    ],
    "A tensor is used twice without with_empty_tape, once after it was returned, kept in a "
    "list or carried round a loop, where the following of tapes ends.": [
        "lstm Cell.forward, dropped: memory.with_empty_tape() -> memory",
        "lstm LSTM.forward, dropped: hidden.with_empty_tape() -> hidden",
        "vae VAE.forward, dropped: log_variance.with_empty_tape() -> log_variance",
        "vae VAE.forward, dropped: mean.with_empty_tape() -> mean",
    ],
    "BatchNorm1d needs more than one value for each channel in training, so a batch of 1 "
    "raises and no other does.": [
        "vit ViT.__init__, layer: nn.LayerNorm(width) -> nn.BatchNorm1d(width)",
    ],
    "The shape of an array of NumPy's, drawn by its Generator, is not in its type.": [
        "vit ViT.reset_own_params, order: rng.normal(0, 0.02, parameter.shape) -> "
        "rng.normal(parameter.shape, 0.02, 0)",
    ],
}
"""By reason, the mutants as `tests.mutants` names them."""


def reason(mutant: str) -> str | None:
    """Return why a mutant is missed, or None if it should not be."""
    return next((why for why, mutants in MISSED.items() if mutant in mutants), None)
