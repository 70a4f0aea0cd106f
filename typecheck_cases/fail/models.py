"""The models of examples/models, each with the mistakes that one makes in it.

The cases are run as well. The others are type-checked only: those with type variables, and those
where a model's signature is broken, of which Python tells later, in the op inside of it, or never:
`noise_of_one_image` is broadcast, `image_of_another_size` loses a column.
"""

from __future__ import annotations

from typing import Generic

import numpy as np
from models import actor_critic, gpt, lstm, resnet, unet, vae, vit
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses, nn

A = TypeVar("A", bound=int)
B = TypeVar("B", bound=int)
C = TypeVar("C", bound=int)
D = TypeVar("D", bound=int)
H = TypeVar("H", bound=int)
I = TypeVar("I", bound=int)
K = TypeVar("K", bound=int)
L = TypeVar("L", bound=int)
N = TypeVar("N", bound=int)
O = TypeVar("O", bound=int)
P = TypeVar("P", bound=int)
S = TypeVar("S", bound=int)
V = TypeVar("V", bound=int)
W = TypeVar("W", bound=int)
Z = TypeVar("Z", bound=int)
T = TypeVar("T", bound=NoTape | Tape)


# GPT ---------------------------------------------------------------------------------------------


class ProjectedOnce(nn.Module, Generic[H, K]):
    """The projection makes queries only, not queries, keys and values."""

    def __init__(self, heads: H, size: K) -> None:
        self.heads, self.size = heads, size
        self.project = nn.Linear(heads * size, heads * size)

    def forward(self, x: Tensor[Shape[N, S, "H * K"], T]) -> None:
        n, s, _ = x.shape
        self.project(x).reshape((n, s, 3, self.heads, self.size))  # E: reshape: the number of elements must stay, got (N, S, H*K) and (N, S, 3, H, K): H*K*N*S is not 3*H*K*N*S  [tensor-shape]


class AllFeaturesToEachHead(nn.Module, Generic[H, K]):
    """The features are not divided among the heads."""

    def __init__(self, width: K, heads: H) -> None:
        self.heads, self.width = heads, width
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor[Shape[N, S, K], T]) -> None:
        n, s, _ = x.shape
        self.project(x).reshape((n, s, self.heads, self.width))  # E: reshape: the number of elements must stay, got (N, S, K) and (N, S, H, K): K*N*S is not H*K*N*S  [tensor-shape]


class HeadsThatMayNotDivide(nn.Module, Generic[C, H]):
    """Nothing says that the features are a multiple of the heads."""

    def __init__(self, width: C, heads: H) -> None:
        self.heads, self.size = heads, width // heads

    def forward(self, x: Tensor[Shape[N, S, C], T]) -> None:
        n, s, c = x.shape
        x.reshape((n, s, self.heads, c // self.heads))  # E: reshape: the number of elements must stay, got (N, S, C) and (N, S, H, C//H): C*N*S is not H*N*S*(C//H)  [tensor-shape]


class HeadNotTransposed(gpt.GPT[V, L, H, K]):
    """The table of tokens is used as it is."""

    def scores(self, h: Tensor[Shape[N, S, "H * K"], T]) -> None:
        self.norm(h) @ self.token.weight  # E: matmul: inner dimensions must be equal, got (N, S, H*K) and (V, H*K): H*K is not V; try x1 @ x2.T  [tensor-shape]


class WiderMlp(nn.Module, Generic[H, K]):
    """The second layer takes fewer features than the first gives."""

    def __init__(self, width: H) -> None:
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(3 * width, width))  # E: Sequential[2] Linear(3*H, H): expected last dimension 3*H, got 4*H from Sequential[1] GELU  [tensor-shape]


def labels_not_shifted(model: gpt.GPT[V, L, H, K], text: Tensor[Shape[N, "S + 1"], NoTape, np.int64]) -> None:
    losses.cross_entropy(model(text[:, :-1]), text)  # E: cross_entropy: target must have shape (N, S) for class indices or (N, S, V) for probabilities, got (N, S + 1): S + 1 is not S  [tensor-shape]


def case_head_not_transposed() -> None:
    model = gpt.GPT(11, 8, 2, 4, layers=1)
    model.norm(tl.zeros((3, 6, 8))) @ model.token.weight  # E: matmul: inner dimensions must be equal, got (3, 6, 8) and (11, 8): 8 is not 11; try x1 @ x2.T  [tensor-shape]


def case_labels_not_shifted() -> None:
    model, text = gpt.GPT(11, 8, 2, 4, layers=1), tl.zeros((3, 7), np.int64)
    losses.cross_entropy(model(text[:, :-1]), text)  # E: cross_entropy: target must have shape (3, 6) for class indices or (3, 6, 11) for probabilities, got (3, 7): 7 is not 6  [tensor-shape]


def block_of_other_heads() -> None:
    gpt.Block(4, 4)(gpt.GPT(11, 8, 2, 4, layers=1).token(tl.zeros((3, 7), np.int64)))  # E: Block(4, 4): expected shape (N, S, 16), got (3, 7, 8): 8 is not 16  [tensor-shape]


# ResNet ------------------------------------------------------------------------------------------


class NoShortcut(resnet.DownBlock[C]):
    """The operand is added as it came, to what is half its size."""

    def added(self, x: Tensor[Shape[N, C, H, W], T]) -> None:
        h = self.bn1(self.conv1(x.with_empty_tape())).relu()
        self.bn2(self.conv2(h)) + x  # E: add: shapes must be equal, or one stretch to the other, got (N, 2*C, (H + 1)//2, (W + 1)//2) and (N, C, H, W): (W + 1)//2 is not W on axis -1  [tensor-shape]


class ShortcutNotHalved(resnet.DownBlock[C]):
    """The shortcut changes the channels and keeps the image."""

    def added(self, x: Tensor[Shape[N, C, H, W], T]) -> None:
        h = self.bn2(self.conv2(self.bn1(self.conv1(x.with_empty_tape())).relu()))
        h + nn.Conv2d(x.shape[1], 2 * x.shape[1], 1)(x)  # E: add: shapes must be equal, or one stretch to the other, got (N, 2*C, (H + 1)//2, (W + 1)//2) and (N, 2*C, H, W): (W + 1)//2 is not W on axis -1  [tensor-shape]


class ChannelsNotDoubled(nn.Module, Generic[C]):
    """The second block of a stage has as many channels as the first takes."""

    def __init__(self, channels: C) -> None:
        self.layer2 = nn.Sequential(resnet.DownBlock(channels), resnet.Block(channels))  # E: Sequential[1] Block(C): expected shape (N, C, H, W), got (?, 2*C, ?, ?) from Sequential[0] DownBlock(C): 2*C is not C  [tensor-shape]


class StageLeftOut(resnet.ResNet18[I, C, K]):
    """The last stage is not applied, so the classifier gets half of the features."""

    def scores(self, maps: Tensor[Shape[N, C, H, W], T]) -> None:
        self.fc(tl.global_avg_pool2d(self.layer3(self.layer2(maps))))  # E: Linear(8*C, K): expected last dimension 8*C, got 4*C  [tensor-shape]


def channels_not_doubled() -> None:
    nn.Sequential(resnet.DownBlock(64), resnet.Block(64))(tl.zeros((2, 64, 8, 8)))  # E: Sequential[1] Block(64): expected shape (N, 64, H, W), got (?, 128, ?, ?) from Sequential[0] DownBlock(64): 128 is not 64  [tensor-shape]


def image_of_one_channel() -> None:
    resnet.ResNet18(3, 2, 10)(tl.zeros((2, 1, 32, 32)))  # E: ResNet18(3, 2, 10): expected shape (N, 3, H, W), got (2, 1, 32, 32): 1 is not 3  [tensor-shape]


def case_features_not_pooled() -> None:
    model = resnet.ResNet18(3, 2, 10)
    model.fc(model.layer4(tl.zeros((2, 8, 4, 4))).flatten(1))  # E: Linear(16, 10): expected last dimension 16, got 64; try nn.Linear(64, 10)  [tensor-shape]


# U-Net -------------------------------------------------------------------------------------------


class SkipOfTheWrongStage(unet.UNet[I, C, K]):
    """The stages on the way up are given the wrong partners."""

    def up(self, x: Tensor[Shape[N, I, "4*H", "4*W"], T]) -> None:
        fine = self.first(x)
        middle = self.second(self.halve(fine.with_empty_tape()))
        coarse = self.bottom(self.halve(middle.with_empty_tape()))
        self.second_up(coarse, fine)  # E: Up(2*C): expected skipped of shape (N, 2*C, 2*H, 2*W), got (N, C, 4*H, 4*W): C is not 2*C  [tensor-shape]


class JoinedAcross(unet.Up[C]):
    """The maps are joined side by side, not as channels."""

    def joined(self, x: Tensor[Shape[N, "2*C", H, W], T], skipped: Tensor[Shape[N, C, "2*H", "2*W"], T]) -> None:
        self.stage(tl.concat((skipped, self.grow(x)), axis=-1))  # E: Stage(2*C, C): expected shape (N, 2*C, H, W), got (N, C, 2*H, 4*W): C is not 2*C  [tensor-shape]


class NotGrown(unet.Up[C]):
    """The coarse maps are joined before they have grown."""

    def joined(self, x: Tensor[Shape[N, "2*C", H, W], T], skipped: Tensor[Shape[N, C, "2*H", "2*W"], T]) -> None:
        tl.concat((skipped, x), axis=1)  # E: concat: shapes must be equal but for the axis, got (N, C, 2*H, 2*W), (N, 2*C, H, W): 2*H is not H on axis 2  [tensor-shape]


def odd_image(model: unet.UNet[I, C, K], x: Tensor[Shape[N, I, "2*H", "2*W"]]) -> None:
    model(x)  # E: UNet(I, C, K): expected shape (N, I, 4*H, 4*W), got (N, I, 2*H, 2*W): 2*H is not a multiple of 4  [tensor-shape]


def case_odd_image() -> None:
    nn.ConvTranspose2d(8, 4, 2, stride=2)(nn.MaxPool2d(2)(tl.zeros((1, 8, 7, 6)))) + tl.zeros((1, 4, 7, 6))  # E: add: shapes must be equal, or one stretch to the other, got (1, 4, 6, 6) and (1, 4, 7, 6): 6 is not 7 on axis -2  [tensor-shape]


def case_skip_of_the_wrong_stage() -> None:
    tl.concat((tl.zeros((2, 8, 16, 16)), nn.ConvTranspose2d(16, 8, 2, stride=2)(tl.zeros((2, 16, 4, 4)))), axis=1)  # E: concat: shapes must be equal but for the axis, got (2, 8, 16, 16), (2, 8, 8, 8): 16 is not 8 on axis 2  [tensor-shape]


# ViT ---------------------------------------------------------------------------------------------


class NoPlaceForTheToken(nn.Module, Generic[I, P, A, B, D]):
    """There are places for the patches only."""

    places: nn.Parameter[Shape["A * B", D]]

    def __init__(self, channels: I, patch: P, rows: A, columns: B, width: D) -> None:
        self.embed = nn.Conv2d(channels, width, patch, stride=patch)
        self.token = nn.Parameter(tl.zeros((width,)))
        self.places = nn.Parameter(tl.zeros((rows * columns, width)))

    def forward(self, x: Tensor[Shape[N, I, "A * P", "B * P"]]) -> None:
        patches = self.embed(x).flatten(2).transpose(1, 2)
        n, _, width = patches.shape
        tl.concat((self.token.broadcast_to((n, 1, width)), patches), axis=1) + self.places  # E: add: shapes must be equal, or one stretch to the other, got (N, A*B + 1, D) and (A*B, D): A*B + 1 is not A*B on axis -2  [tensor-shape]


class PatchesThatOverlap(nn.Module, Generic[I, P, D]):
    """The stride was forgotten, and the image is cut at each pixel."""

    def __init__(self, channels: I, patch: P, width: D) -> None:
        self.embed = nn.Conv2d(channels, width, patch)

    def forward(self, x: Tensor[Shape[N, I, "A * P", "B * P"], T]) -> Tensor[Shape[N, "A * B", D], T]:
        return self.embed(x).flatten(2).transpose(1, 2)  # E: Incompatible return value type (got "Tensor[Shape[N, A*B*P*P + A*P + B*P + P*P - A*P*P - B*P*P - 2*P + 1, D], T]", expected "Tensor[Shape[N, A*B, D], T]")  [return-value]


class FeaturesAsPlaces(vit.ViT[I, P, A, B, H, D, K]):
    """The patches are not brought before their features."""

    def read(self, x: Tensor[Shape[N, I, "A * P", "B * P"], T]) -> None:
        self.blocks[0](self.embed(x).flatten(2))  # E: Block(H, D): expected shape (N, S, D*H), got (N, D*H, A*B): A*B is not D*H  [tensor-shape]


def image_of_another_size() -> None:
    vit.ViT(3, 8, 5, 3, 2, 4, 6, layers=1)(tl.zeros((2, 3, 40, 25)))  # E: ViT(3, 8, 5, 3, 2, 4, 6): expected shape (N, 3, 40, 24), got (2, 3, 40, 25): 25 is not 24  [tensor-shape]


def case_head_not_divided() -> None:
    nn.Linear(64, 10)(vit.Attention(4, 4)(tl.zeros((2, 7, 16))))  # E: Linear(64, 10): expected last dimension 64, got 16; try nn.Linear(16, 10)  [tensor-shape]


# VAE ---------------------------------------------------------------------------------------------


class OnlyMeans(nn.Module, Generic[P, H, Z]):
    """The encoder gives Z numbers, not Z means and Z variances."""

    def __init__(self, pixels: P, hidden: H, code: Z) -> None:
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, code))

    def forward(self, x: Tensor[Shape[N, P], T]) -> None:
        self.encoder(x).split(2, axis=-1)  # E: split: axis -1 of (N, Z) does not split into 2 equal parts: Z is not a multiple of 2  [tensor-shape]


def decoded_whole(model: vae.VAE[P, H, Z], x: Tensor[Shape[N, P], T]) -> None:
    model.decode(model.encoder(x))  # E: VAE.decode: expected code of shape (N, Z), got (N, 2*Z): 2*Z is not Z  [tensor-shape]


def noise_of_one_image() -> None:
    vae.VAE(6, 5, 2)(tl.zeros((3, 6)), tl.zeros((1, 2)))  # E: VAE(6, 5, 2): expected noise of shape (N, 2), got (1, 2): 1 is not 3  [tensor-shape]


def split_along_the_batch() -> None:
    vae.VAE(6, 5, 2).decode(vae.VAE(6, 5, 2).encoder(tl.zeros((4, 6))).split(2)[0])  # E: VAE.decode: expected code of shape (N, 2), got (2, 4): 4 is not 2  [tensor-shape]


# LSTM --------------------------------------------------------------------------------------------


class ThreeGates(nn.Module, Generic[I, H]):
    """There are four gates, and weights for three."""

    def __init__(self, inputs: I, hidden: H) -> None:
        self.from_input = nn.Linear(inputs, 3 * hidden)
        self.from_hidden = nn.Linear(hidden, 4 * hidden)

    def forward(self, x: Tensor[Shape[N, I], T], hidden: Tensor[Shape[N, H], T]) -> None:
        self.from_input(x) + self.from_hidden(hidden)  # E: add: shapes must be equal, or one stretch to the other, got (N, 3*H) and (N, 4*H): 3*H is not 4*H on axis -1  [tensor-shape]


class OverTheBatch(lstm.LSTM[I, H, O]):
    """The loop goes over the sequences, not over their steps."""

    def first(self, x: Tensor[Shape[N, S, I], T], hidden: Tensor[Shape[N, H], T]) -> None:
        for step in x.unstack(0):
            self.cell(step, hidden, hidden.with_empty_tape())  # E: Cell(I, H): expected hidden of shape (S, H), got (N, H): N is not S  [tensor-shape]


def case_stacked_before_the_batch() -> None:
    tl.stack([tl.zeros((4, 6)), tl.zeros((4, 6))]).expect_shape((4, 2, 6))  # E: expect_shape: expected shape (4, 2, 6), got (2, 4, 6): axis 0 is 2, not 4  [tensor-shape]


def state_of_another_size() -> None:
    lstm.Cell(3, 5)(tl.zeros((2, 3)), tl.zeros((2, 4)), tl.zeros((2, 5)))  # E: Cell(3, 5): expected hidden of shape (N, 5), got (2, 4): 4 is not 5  [tensor-shape]


# Actor and critic --------------------------------------------------------------------------------


def values_not_squeezed(model: actor_critic.ActorCritic[I, H, A], states: Tensor[Shape[N, S, I]], returns: Tensor[Shape[N, S]]) -> None:
    losses.mse_loss(model.critic(model.body(states)), returns)  # E: mse_loss: input and target must have the same shape, got (N, S, 1) and (N, S); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def actions_of_all_states(model: actor_critic.ActorCritic[I, H, A], states: Tensor[Shape[N, "S + 1", I]], actions: Tensor[Shape[N, S], NoTape, np.int64]) -> None:
    log_probs, _ = model(states)
    log_probs.select(actions)  # E: select: the indices must begin with (N, S + 1), the axes of (N, S + 1, A) before axis -1, got (N, S): S is not S + 1  [tensor-shape]


def case_values_not_squeezed() -> None:
    model = actor_critic.ActorCritic(4, 8, 2)
    losses.mse_loss(model.critic(model.body(tl.zeros((3, 5, 4)))), tl.zeros((3, 5)))  # E: mse_loss: input and target must have the same shape, got (3, 5, 1) and (3, 5); try input.squeeze(-1) or target.expand_dims(-1)  [tensor-shape]


def case_gains_of_one_action_each() -> None:
    log_probs, values = actor_critic.ActorCritic(4, 8, 2)(tl.zeros((3, 5, 4)))
    log_probs * values  # E: multiply: shapes must be equal, or one stretch to the other, got (3, 5, 2) and (3, 5): 2 is not 5 on axis -1; try x2.expand_dims(-1)  [tensor-shape]
