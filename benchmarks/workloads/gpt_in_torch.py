"""The model of W4 in PyTorch, with its attention as one function."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Let each place gather from itself and those before it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return what each place has gathered."""
        batch, length, width = x.shape
        projected = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        heads = projected.view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        joined = mixed.transpose(1, 2).reshape(batch, length, width)
        return self.out_proj(joined)  # type: ignore[no-any-return]


class Block(nn.Module):
    """Attention, then a small network for each place, both added to what was there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1 = nn.Linear(width, 4 * width)
        self.linear2 = nn.Linear(4 * width, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        x = x + self.self_attn(self.norm1(x))
        inner = functional.gelu(self.linear1(self.norm2(x)))
        return x + self.linear2(inner)  # type: ignore[no-any-return]


class Blocks(nn.Module):
    """The blocks one after another, and a normalization."""

    def __init__(self, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the blocks."""
        for block in self.layers:
            x = block(x)
        return self.norm(x)  # type: ignore[no-any-return]


class CharGPT(nn.Module):
    """From characters to the scores of what may come next."""

    def __init__(self, characters: int, context: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.character = nn.Embedding(characters, width)
        self.place = nn.Embedding(context, width)
        self.blocks = Blocks(width, heads, layers)
        self.head = nn.Linear(width, characters)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores, before softmax."""
        places = torch.arange(x.shape[1])
        h = self.character(x) + self.place(places)
        return self.head(self.blocks(h))  # type: ignore[no-any-return]
