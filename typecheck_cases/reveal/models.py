# mypy: disable-error-code="tensor-tape"
"""The models of examples/models: what flows between their parts, for all sizes and for real ones."""

from __future__ import annotations

from typing import reveal_type

import numpy as np
from models import actor_critic, gpt, lstm, resnet, unet, vae, vit
from typing_extensions import TypeVar

import tensorlib as tl
from tensorlib import NoTape, Shape, Tape, Tensor, losses

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


# For all sizes -----------------------------------------------------------------------------------


def in_gpt(model: gpt.GPT[V, L, H, K], x: Tensor[Shape[N, S], T, np.int64]) -> None:
    words = reveal_type(model.token(x.with_empty_tape()))  # N: Tensor[Shape[N, S, Mul[H, K]], T, AnyDtype]
    block = reveal_type(model.blocks[0])  # N: Block[H, K]
    normed = reveal_type(block.first_norm(words.with_empty_tape()))  # N: Tensor[Shape[N, S, Mul[H, K]], T, AnyDtype]
    parts = reveal_type(block.attention.project(normed).reshape((x.shape[0], -1, 3, block.attention.heads, block.attention.size)))  # N: Tensor[Shape[N, S, 3, H, K], T, AnyDtype]
    q, k, v = reveal_type(parts.unstack(2))  # N: tuple[Tensor[Shape[N, S, H, K], T, AnyDtype], Tensor[Shape[N, S, H, K], T, AnyDtype], Tensor[Shape[N, S, H, K], T, AnyDtype]]
    scores = reveal_type(tl.einsum("nqhk,nmhk->nhqm", q, k))  # N: Tensor[Shape[N, H, S, S], T, AnyDtype]
    joined = reveal_type(tl.einsum("nhqm,nmhk->nqhk", scores.softmax(), v))  # N: Tensor[Shape[N, S, H, K], T, AnyDtype]
    reveal_type(joined.flatten(2))  # N: Tensor[Shape[N, S, Mul[H, K]], T, AnyDtype]
    reveal_type(block.mlp[0](words.with_empty_tape()))  # N: Tensor[Shape[N, S, Mul[Mul[4, H], K]], T, AnyDtype]
    reveal_type(block(words))  # N: Tensor[Shape[N, S, Mul[H, K]], T, float32]
    reveal_type(model.token.weight.T)  # N: Tensor[Shape[Mul[H, K], V], NoTape, AnyDtype]
    reveal_type(model(x.with_empty_tape()))  # N: Tensor[Shape[N, S, V], T, float32]
    reveal_type(model.generate(x.detach(), 7, np.random.default_rng()))  # N: Tensor[Shape[N, Add[S, 7]], NoTape, int64]


def in_resnet(model: resnet.ResNet18[I, C, K], x: Tensor[Shape[N, I, H, W], T]) -> None:
    stem = reveal_type(model.conv1(x))  # N: Tensor[Shape[N, C, FloorDiv[Add[H, 1], 2], FloorDiv[Add[W, 1], 2]], T, float32]
    pooled = reveal_type(model.maxpool(model.bn1(stem).relu()))  # N: Tensor[Shape[N, C, FloorDiv[Add[H, 3], 4], FloorDiv[Add[W, 3], 4]], T, float32]
    first = reveal_type(model.layer1(pooled))  # N: Tensor[Shape[N, C, FloorDiv[Add[H, 3], 4], FloorDiv[Add[W, 3], 4]], T, float32]
    halved = reveal_type(model.layer2[0].conv1(first.with_empty_tape()))  # N: Tensor[Shape[N, Mul[2, C], FloorDiv[Add[H, 7], 8], FloorDiv[Add[W, 7], 8]], T, float32]
    reveal_type(model.layer2[0].downsample(first.with_empty_tape()))  # N: Tensor[Shape[N, Mul[2, C], FloorDiv[Add[H, 7], 8], FloorDiv[Add[W, 7], 8]], T, float32]
    second = reveal_type(model.layer2(first))  # N: Tensor[Shape[N, Mul[2, C], FloorDiv[Add[H, 7], 8], FloorDiv[Add[W, 7], 8]], T, float32]
    third = reveal_type(model.layer3(second))  # N: Tensor[Shape[N, Mul[4, C], FloorDiv[Add[H, 15], 16], FloorDiv[Add[W, 15], 16]], T, float32]
    fourth = reveal_type(model.layer4(third))  # N: Tensor[Shape[N, Mul[8, C], FloorDiv[Add[H, 31], 32], FloorDiv[Add[W, 31], 32]], T, float32]
    features = reveal_type(tl.global_avg_pool2d(fourth))  # N: Tensor[Shape[N, Mul[8, C]], T, float32]
    reveal_type(model.fc(features))  # N: Tensor[Shape[N, K], T, float32]


def in_unet(model: unet.UNet[I, C, K], x: Tensor[Shape[N, I, "4*H", "4*W"], T]) -> None:
    fine = reveal_type(model.first(x))  # N: Tensor[Shape[N, C, Mul[4, H], Mul[4, W]], T, float32]
    middle = reveal_type(model.second(model.halve(fine.with_empty_tape())))  # N: Tensor[Shape[N, Mul[2, C], Mul[2, H], Mul[2, W]], T, float32]
    coarse = reveal_type(model.bottom(model.halve(middle.with_empty_tape())))  # N: Tensor[Shape[N, Mul[4, C], H, W], T, float32]
    grown = reveal_type(model.second_up.grow(coarse.with_empty_tape()))  # N: Tensor[Shape[N, Mul[2, C], Mul[2, H], Mul[2, W]], T, float32]
    reveal_type(tl.concat((middle.with_empty_tape(), grown), axis=1))  # N: Tensor[Shape[N, Mul[4, C], Mul[2, H], Mul[2, W]], T, float32]
    joined = reveal_type(model.second_up(coarse, middle))  # N: Tensor[Shape[N, Mul[2, C], Mul[2, H], Mul[2, W]], T, float32]
    reveal_type(model.head(model.first_up(joined, fine)))  # N: Tensor[Shape[N, K, Mul[4, H], Mul[4, W]], T, float32]


def in_vit(model: vit.ViT[I, P, A, B, H, D, K], x: Tensor[Shape[N, I, "A*P", "B*P"], T]) -> None:
    cut = reveal_type(model.embed(x))  # N: Tensor[Shape[N, Mul[D, H], A, B], T, float32]
    patches = reveal_type(cut.flatten(2).transpose(1, 2))  # N: Tensor[Shape[N, Mul[A, B], Mul[D, H]], T, float32]
    first = reveal_type(patches[:, :1])  # N: Tensor[Shape[N, 1, Mul[D, H]], T, float32]
    words = reveal_type(tl.concat((first.with_empty_tape(), patches), axis=1))  # N: Tensor[Shape[N, Add[Mul[A, B], 1], Mul[D, H]], T, float32]
    reveal_type(model.places)  # N: Parameter[tuple[Add[Mul[A, B], 1], Mul[D, H]], float32]
    block = reveal_type(model.blocks[0](words + model.places))  # N: Tensor[Shape[N, Add[Mul[A, B], 1], Mul[D, H]], T, float32]
    reveal_type(model.norm(block[:, 0]))  # N: Tensor[Shape[N, Mul[D, H]], T, float32]


def in_vae(model: vae.VAE[P, H, Z], x: Tensor[Shape[N, P], T]) -> None:
    code = reveal_type(model.encoder(x.with_empty_tape()))  # N: Tensor[Shape[N, Mul[2, Z]], T, float32]
    reveal_type(code.split(2, axis=-1))  # N: tuple[Tensor[Shape[N, Z], T, float32], Tensor[Shape[N, Z], T, float32]]
    mean, _ = reveal_type(model.encode(x))  # N: tuple[Tensor[Shape[N, Z], T, float32], Tensor[Shape[N, Z], T, float32]]
    reveal_type(model.decode(mean))  # N: Tensor[Shape[N, P], T, float32]


def in_lstm(model: lstm.LSTM[I, H, O], x: Tensor[Shape[N, S, I], T]) -> None:
    state = reveal_type(tl.zeros((x.shape[0], model.hidden)).with_tape_of(x))  # N: Tensor[Shape[N, H], T, float32]
    for step in x.unstack(1):
        gates = reveal_type(model.cell.from_input(step.with_empty_tape()))  # N: Tensor[Shape[N, Mul[4, H]], T, float32]
        reveal_type(gates.split(4, axis=-1))  # N: tuple[Tensor[Shape[N, H], T, float32], Tensor[Shape[N, H], T, float32], Tensor[Shape[N, H], T, float32], Tensor[Shape[N, H], T, float32]]
        reveal_type(model.cell(step, state.with_empty_tape(), state.with_empty_tape()))  # N: tuple[Tensor[Shape[N, H], T, float32], Tensor[Shape[N, H], T, float32]]
    reveal_type(model(x.with_empty_tape()))  # N: Tensor[Shape[N, S, O], T, float32]


def in_actor_critic(model: actor_critic.ActorCritic[I, H, A], x: Tensor[Shape[N, S, I], T]) -> None:
    body = reveal_type(model.body(x))  # N: Tensor[Shape[N, S, H], T, float32]
    reveal_type(model.actor(body.with_empty_tape()))  # N: Tensor[Shape[N, S, A], T, float32]
    reveal_type(model.critic(body))  # N: Tensor[Shape[N, S, 1], T, float32]
    reveal_type(model(x.with_empty_tape()[:, 0]))  # N: tuple[Tensor[Shape[N, A], T, float32], Tensor[Shape[N], T, float32]]


# For the sizes of the papers ---------------------------------------------------------------------


def gpt2_small(text: Tensor[Shape[8, 1024], Tape, np.int64], following: Tensor[Shape[8, 1024], NoTape, np.int64]) -> None:
    model = reveal_type(gpt.GPT(50257, 1024, 12, 64, layers=12))  # N: GPT[50257, 1024, 12, 64]
    words = reveal_type(model.token(text.with_empty_tape()))  # N: Tensor[Shape[8, 1024, 768], Tape, AnyDtype]
    block = reveal_type(model.blocks[0])  # N: Block[12, 64]
    reveal_type(block.attention.project(words.with_empty_tape()))  # N: Tensor[Shape[8, 1024, 2304], Tape, AnyDtype]
    reveal_type(block.mlp[0](words))  # N: Tensor[Shape[8, 1024, 3072], Tape, AnyDtype]
    logits = reveal_type(model(text))  # N: Tensor[Shape[8, 1024, 50257], Tape, float32]
    reveal_type(losses.cross_entropy(logits, following))  # N: Tensor[Shape[()], Tape, float32]


def resnet18(images: Tensor[Shape[32, 3, 224, 224], Tape]) -> None:
    model = reveal_type(resnet.ResNet18(3, 64, 1000))  # N: ResNet18[3, 64, 1000]
    stem = reveal_type(model.conv1(images.with_empty_tape()))  # N: Tensor[Shape[32, 64, 112, 112], Tape, float32]
    first = reveal_type(model.layer1(model.maxpool(stem)))  # N: Tensor[Shape[32, 64, 56, 56], Tape, float32]
    second = reveal_type(model.layer2(first))  # N: Tensor[Shape[32, 128, 28, 28], Tape, float32]
    third = reveal_type(model.layer3(second))  # N: Tensor[Shape[32, 256, 14, 14], Tape, float32]
    fourth = reveal_type(model.layer4(third))  # N: Tensor[Shape[32, 512, 7, 7], Tape, float32]
    reveal_type(tl.global_avg_pool2d(fourth))  # N: Tensor[Shape[32, 512], Tape, float32]
    reveal_type(model(images))  # N: Tensor[Shape[32, 1000], Tape, float32]


def vit_base(images: Tensor[Shape[32, 3, 224, 224], Tape]) -> None:
    model = reveal_type(vit.ViT(3, 16, 14, 14, 12, 64, 1000, layers=12))  # N: ViT[3, 16, 14, 14, 12, 64, 1000]
    cut = reveal_type(model.embed(images.with_empty_tape()))  # N: Tensor[Shape[32, 768, 14, 14], Tape, float32]
    reveal_type(cut.flatten(2).transpose(1, 2) + model.places[1:])  # N: Tensor[Shape[32, 196, 768], Tape, float32]
    reveal_type(model(images))  # N: Tensor[Shape[32, 1000], Tape, float32]


# Small ones, which run ---------------------------------------------------------------------------

text = tl.randint((2, 5), 0, 7, rng=0)
reveal_type(tl.arange(3).with_tape_of(text))  # N: Tensor[Shape[3], NoTape, int64]
reveal_type(tl.arange(3).with_tape_of(text.traced()))  # N: Tensor[Shape[3], Tape, int64]
reveal_type(tl.zeros((3,)).traced().with_tape_of(text))  # N: Tensor[Shape[3], Tape, float32]
writer = reveal_type(gpt.GPT(7, 9, 2, 3, layers=1))  # N: GPT[7, 9, 2, 3]
words = reveal_type(writer.token(text))  # N: Tensor[Shape[2, 5, 6], NoTape, AnyDtype]
reveal_type(writer.blocks[0].attention(words))  # N: Tensor[Shape[2, 5, 6], NoTape, float32]
reveal_type(writer(text.traced()))  # N: Tensor[Shape[2, 5, 7], Tape, float32]
reveal_type(writer.generate(text, 4, np.random.default_rng(0)))  # N: Tensor[Shape[2, 9], NoTape, int64]
images = tl.zeros((2, 3, 40, 24))
net = resnet.ResNet18(3, 2, 5)
pooled = reveal_type(net.maxpool(net.conv1(images)))  # N: Tensor[Shape[2, 2, 10, 6], NoTape, float32]
reveal_type(net.layer2(net.layer1(pooled)))  # N: Tensor[Shape[2, 4, 5, 3], NoTape, float32]
reveal_type(net(images.traced()))  # N: Tensor[Shape[2, 5], Tape, float32]
marker = unet.UNet(3, 2, 4)
fine = reveal_type(marker.first(images))  # N: Tensor[Shape[2, 2, 40, 24], NoTape, float32]
middle = reveal_type(marker.second(marker.halve(fine)))  # N: Tensor[Shape[2, 4, 20, 12], NoTape, float32]
reveal_type(marker.first_up(middle, fine))  # N: Tensor[Shape[2, 2, 40, 24], NoTape, float32]
reveal_type(marker(images))  # N: Tensor[Shape[2, 4, 40, 24], NoTape, float32]
reader = vit.ViT(3, 8, 5, 3, 2, 4, 6, layers=1)
reveal_type(reader.embed(images))  # N: Tensor[Shape[2, 8, 5, 3], NoTape, float32]
reveal_type(reader(images))  # N: Tensor[Shape[2, 6], NoTape, float32]
reveal_type(vae.VAE(6, 5, 2).encode(tl.zeros((3, 6)).traced()))  # N: tuple[Tensor[Shape[3, 2], Tape, float32], Tensor[Shape[3, 2], Tape, float32]]
reveal_type(lstm.LSTM(6, 5, 2)(tl.zeros((3, 4, 6))))  # N: Tensor[Shape[3, 4, 2], NoTape, float32]
reveal_type(actor_critic.ActorCritic(6, 5, 2)(tl.zeros((3, 4, 6))))  # N: tuple[Tensor[Shape[3, 4, 2], NoTape, float32], Tensor[Shape[3, 4], NoTape, float32]]
reveal_type(actor_critic.returns_of(tl.zeros((3, 4)), tl.zeros((3,))))  # N: Tensor[Shape[3, 4], NoTape, float32]
