"""Pickles that are changed instruction by instruction, and some that were written to do harm."""

from __future__ import annotations

import pickle
import pickletools
import struct
from random import Random

from tests.damage.headers import Bomb

_HARM = (
    b"cos\nmkdir\n(X\x0f\0\0\0a_bomb_went_offtR",
    b"cbuiltins\neval\n(X\x01\0\0\x001tR",
    b"\x8c\x02os\x8c\x05mkdir\x93",
    b"(ios\nmkdir\n",
    b"(cos\nmkdir\nX\x01\0\0\0xo",
    b"ctorch._utils\n_import_dotted_name\n",
    b"ctorch\nload\n",
    b"ccopyreg\n_reconstructor\n",
    b"cnumpy._core.multiarray\n_reconstruct\n",
    b"ccollections\nOrderedDict\n)\x81",
    b"ccollections\nOrderedDict\n)R",
    b"ctorch\nSize\n(K\x03K\x04t\x85R",
    b"ctorch._utils\n_rebuild_tensor_v2\n)R",
    b"ctorch\nFloatStorage\n",
    b"\x82\x01", b"\x97", b"\x98", b"P0\n", b"Q", b"b", b"}b", b"}X\x01\0\0\0xK\x01sb",
)  # fmt: skip
_PLAIN = (
    b"N", b"\x88", b"\x89", b"K\x00", b"K\xff", b"M\xff\xff", b"J\xff\xff\xff\xff",
    b"J\xff\xff\xff\x7f", b"G\x7f\xf8\0\0\0\0\0\0", b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x8a\xff" + b"\x7f" * 255, b"\x8b\xff\xff\xff\x7f", b"\x8a\x00", b"X\0\0\0\0",
    b"X\xff\xff\xff\x7fabc", b"X\x02\0\0\0\xff\xff", b"\x8d" + b"\xff" * 8, b"\x8e" + b"\xff" * 8,
    b"B\xff\xff\xff\xffa", b"\x8c\x01x", b"I12\n", b"L9L\n", b"I" + b"9" * 9000 + b"\n",
    b"F1e999\n", b"S'x'\n", b"V\\ud800\n", b"U\x01x", b"C\x01x", b"\x95" + bytes(8),
    b"\x95" + b"\xff" * 8, b"\x80\x05", b"\x80\xff",
)  # fmt: skip
_MOVES = (
    b"(", b")", b"]", b"}", b"t", b"l", b"d", b"\x85", b"\x86", b"\x87", b"a", b"e", b"s", b"u",
    b"0", b"1", b"2", b"R", b"Q", b"b", b"\x81", b"\x92", b"\x90", b"\x8f", b"\x93", b"\x94",
    b".", b"o", b"q\x00", b"q\xff", b"h\x00", b"h\x01", b"h\x05", b"h\xff", b"r\xff\xff\xff\x7f",
    b"j\xff\xff\xff\xff",
)  # fmt: skip
_LONG_TUPLE = b"(" + b"K\x01" * 20_000 + b"t"

_WHOLE = (
    b"(" * 100_000 + b".",
    b"]" + b"q\x00" + b"h\x00a" * 5_000 + b".",
    b")" + b"\x85" * 100_000 + b".",
    b"}" + b")" + b"\x85" * 50_000 + b"K\x01s.",
    b"]q\x00" + b"h\x00h\x00e" * 5_000 + b".",
    b"]q\x00" + b"(h\x00h\x00e" * 3_000 + b".",
    b")q\x00" + b"h\x00h\x00\x86q\x00" * 5_000 + b".",
    b"}" + b"K\x01K\x01s" * 20_000 + b".",
    b"N" * 100_000 + b".",
    # One long tuple as the shape of many tensors.
    b"ctorch._utils\n_rebuild_tensor_v2\nq\x01(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000"
    b"X\x03\0\0\0cpuK\x0ctQq\x02" + _LONG_TUPLE + b"q\x03((h\x02K\x00h\x03h\x03tq\x04"
    + b"h\x01h\x04R" * 5_000 + b".",
)  # fmt: skip


def _instructions(program: bytes) -> list[bytes]:
    places = []
    try:
        for _, _, place in pickletools.genops(program):
            places.append(place or 0)
    except Exception:
        return [program]
    return [program[a:b] for a, b in zip(places, [*places[1:], len(program)], strict=True)]


def _changed(rng: Random, part: bytes) -> bytes:
    """Return an instruction with another argument of the same length."""
    damaged = bytearray(part)
    place = rng.randrange(len(damaged))
    damaged[place] = rng.choice((0, 1, 2, 0x7F, 0x80, 0xFF, damaged[place] ^ 1, rng.randrange(256)))
    return bytes(damaged)


def wrong_pickle(rng: Random, program: bytes) -> bytes:
    """Leave out, repeat, move, change or add instructions."""
    if rng.random() < 0.04:
        return rng.choice((*_WHOLE, pickle.dumps({"0.weight": Bomb()}, rng.randrange(6))))
    parts = _instructions(program)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(parts))
        match rng.randrange(8):
            case 0:
                parts[place : place + rng.choice((1, 1, 2, 9))] = []
            case 1:
                parts.insert(place, parts[place])
            case 2:
                other = rng.randrange(len(parts))
                parts[place], parts[other] = parts[other], parts[place]
            case 3:
                parts[place] = _changed(rng, parts[place])
            case 4:
                parts[place] = rng.choice(_PLAIN)
            case 5:
                parts.insert(place, rng.choice(_PLAIN))
            case 6:
                parts.insert(place, rng.choice(_MOVES))
            case _:
                parts.insert(place, rng.choice(_HARM))
        parts = parts or [b"."]
    if rng.random() < 0.1:
        # A number where one stands, of any size: offsets, sizes, strides.
        counts = [i for i, part in enumerate(parts) if part[:1] in (b"K", b"J", b"M")]
        if counts:
            value = rng.choice((-1, 0, 1, 13, 255, (1 << 31) - 1))
            parts[rng.choice(counts)] = b"J" + struct.pack("<i", value)
    return b"".join(parts)
