"""Damage that needs no knowledge of a format: cuts, flips, lies in numbers, parts that moved."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import TypeAlias

Damage: TypeAlias = "Callable[[Random, bytes], bytes]"

NUMBERS = (
    0, 1, 2, 3, 7, 8, 16, 63, 64, 65, 127, 128, 255, 256, 1000, 0x7FFF, 0x8000, 0xFFFF, 0x10000,
    1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 40, (1 << 62) + 1, (1 << 63) - 1,
    1 << 63, (1 << 64) - 1,
)  # fmt: skip
"""Where counters, signs and allocations go wrong."""

_SEAMS = re.compile(rb"PK..|\x93NUMPY|\{|\}|\n|storage|torch|data|archive|\.npy|\x80\x02")
"""Where the parts of the formats begin."""


def _span(rng: Random, content: bytes, most: int = 64) -> tuple[int, int]:
    start = rng.randrange(len(content) + 1)
    return start, min(len(content), start + rng.randint(1, most))


def cut(rng: Random, content: bytes) -> bytes:
    """Cut the end off, anywhere."""
    return content[: rng.randrange(len(content) + 1)]


def cut_at_a_seam(rng: Random, content: bytes) -> bytes:
    """Cut beside the beginning of some part."""
    seams = [match.start() for match in _SEAMS.finditer(content)] or [0]
    return content[: max(0, rng.choice(seams) + rng.randint(-2, 10))]


def cut_the_beginning(rng: Random, content: bytes) -> bytes:
    """Leave out the first bytes."""
    return content[rng.randrange(len(content) + 1) :]


def flip(rng: Random, content: bytes) -> bytes:
    """Flip one bit, or a few."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5, 30))):
        if damaged:
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def bytes_anew(rng: Random, content: bytes) -> bytes:
    """Put other bytes into a span: random ones, zeros, or all bits set."""
    start, stop = _span(rng, content)
    fill = rng.choice((b"\0", b"\xff", b"(", b"[", b" ", b"9", b""))
    new = fill * (stop - start) if fill else rng.randbytes(stop - start)
    return content[:start] + new + content[stop:]


def number(rng: Random, content: bytes) -> bytes:
    """Put a number of 1 to 8 bytes anywhere."""
    size = rng.choice((1, 2, 4, 8))
    value = rng.choice(NUMBERS) % (1 << 8 * size)
    place = rng.randrange(len(content) + 1)
    return content[:place] + value.to_bytes(size, "little") + content[place + size :]


def number_at_a_seam(rng: Random, content: bytes) -> bytes:
    """Put a number near the beginning of some part, where headers have theirs."""
    seams = [match.start() for match in _SEAMS.finditer(content)] or [0]
    size = rng.choice((1, 2, 2, 4, 4, 8))
    value = rng.choice(NUMBERS) % (1 << 8 * size)
    place = min(len(content), rng.choice(seams) + rng.randrange(48))
    return content[:place] + value.to_bytes(size, "little") + content[place + size :]


def leave_out(rng: Random, content: bytes) -> bytes:
    """Leave a span out."""
    start, stop = _span(rng, content, rng.choice((1, 4, 64, 512)))
    return content[:start] + content[stop:]


def insert(rng: Random, content: bytes) -> bytes:
    """Insert random bytes, zeros, or a span that stands elsewhere."""
    place = rng.randrange(len(content) + 1)
    start, stop = _span(rng, content)
    new = rng.choice((rng.randbytes(rng.randint(1, 40)), bytes(64), content[start:stop]))
    return content[:place] + new + content[place:]


def swap(rng: Random, content: bytes) -> bytes:
    """Swap two parts."""
    a, b, c, d = sorted(rng.randrange(len(content) + 1) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def more(rng: Random, content: bytes) -> bytes:
    """Put something before or behind the file, or the file there twice."""
    junk = rng.choice((rng.randbytes(rng.randint(1, 200)), bytes(100), content))
    return rng.choice((junk + content, content + junk))


def something_else(rng: Random, content: bytes) -> bytes:
    """Have a file of another kind altogether."""
    return rng.choice(
        (b"", b"\0", rng.randbytes(rng.randint(1, 300)), content[:8], b"(" * 9000, b"{" * 9000)
    )


RAW: tuple[Damage, ...] = (
    cut, cut_at_a_seam, cut_the_beginning, flip, flip, flip, bytes_anew, number, number_at_a_seam,
    leave_out, insert, swap, more, something_else,
)  # fmt: skip


def spliced(rng: Random, content: bytes, other: bytes) -> bytes:
    """Have the beginning of one file and the end of another, of the same layout or not."""
    place = rng.randrange(min(len(content), len(other)) + 1)
    return content[:place] + other[rng.choice((place, rng.randrange(len(other) + 1))) :]
