"""Npy files whose headers are well formed and wrong: shapes, dtypes, versions, nesting, objects."""

from __future__ import annotations

import io
import os
import pickle
import struct
from random import Random
from typing import Any

import numpy as np

BOMB = "a_bomb_went_off"
"""The folder that is made if code in a file is run."""


class Bomb:
    """An object whose pickle makes a folder when it is read by pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (BOMB,)


_DTYPES = (
    "'<f4'", "'>f4'", "'<f8'", "'<f2'", "'<i8'", "'<i4'", "'|u1'", "'|b1'", "'<c8'", "'<U3'",
    "'<U0'", "'|S4'", "'|S0'", "'|V4'", "'|V0'", "'|O'", "'O'", "'|O8'", "'<m8[s]'", "'<M8[D]'",
    "'<f16'", "'<U1000000000'", "'|S2000000000'", "'|V2147483647'", "'f4,f4'", "'(1000,1000)f4'",
    "'?!'", "''", "[('a', '<f4')]", "[('a', '|O')]", "[('a', '<f4', (1000000,))]",
    "[('a', [('b', '|O')])]", "[]", "('<f4', (2,))", "('<f4', (100000, 100000))", "('|O', (2,))",
    "{'names': ['a'], 'formats': ['O']}", "None", "4", "b'<f4'", "'<f4\\x00'", "'x' * 10",
    "'<f' '4'", "f'<f4'", "__import__('os').getcwd()",
)  # fmt: skip
_SHAPES = (
    "()", "(0,)", "(1,)", "(4,)", "(3, 4)", "(4, 3)", "(2, 4)", "(-1,)", "(-1, -12)",
    "(12, -1, -1)", "(True, 12)", "(1.0, 12)", "('12',)", "[3, 4]", "12", "None", "{}", "(None,)",
    "(12j,)", f"({1 << 31},)", f"({1 << 62},)", f"({1 << 63}, 2)", f"({1 << 32}, {1 << 32})",
    f"({10**30},)", f"(0, {10**30})", f"({10**30}, 0)", f"({1 << 40}, 0, {1 << 40})", "(1,) * 4",
    "(1e3,)", "(3L, 4L)", "(" + "1, " * 40 + ")", "(" + "1, " * 64 + "12)",
    "(" + "0, " * 900 + ")", "(1" + "0" * 5000 + ",)", "(0x3, 0o4)", "(3, 4,", "(3, 4))", "...",
    "(3, *(4,))",
)  # fmt: skip
_ORDERS = ("False", "True", "0", "1", "None", "'C'", "[]", "not 1")
_NESTED = (
    "(" * 80, "(" * 5000, "[" * 9000, "-" * 3000 + "1", "-" * 9900 + "1", "not " * 2400 + "1",
    "1+" * 4900 + "1", "{" * 5000, "{1:" * 90 + "1" + "}" * 90, "'" + "\\N{DASH}" * 1000 + "'",
    "1" * 9000, "1_" * 3000 + "1", "0." + "9" * 9000, "x." * 4900 + "x", "x(" * 4000, "'\\ud800'",
    "lambda: " * 1200 + "0", "b'\\xff" * 1000, "#" * 9000, "\\\n" * 4000, "\n" * 9000, "\0", "\x1a",
    "{'descr'}", "print()", "exec('1')", "().__class__", "`1`", "@", "1 if 1 else 1", "(yield)",
)  # fmt: skip


def _dict(rng: Random, descr: str, order: str, shape: str) -> str:
    items = [f"'descr': {descr}", f"'fortran_order': {order}", f"'shape': {shape}"]
    match rng.randrange(12):
        case 0:
            items.pop(rng.randrange(3))
        case 1:
            items.append(rng.choice(items))
        case 2:
            items.append(f"'more': {rng.choice(_NESTED)}")
        case 3:
            rng.shuffle(items)
    return "{" + ", ".join(items) + rng.choice((", }", "}", "}", ""))


def _lengthened(text: bytes, rng: Random) -> bytes:
    """Return magic, version, length and header, any of which may be a lie."""
    version = rng.choice((1, 1, 1, 2, 2, 3, 4, 0, 255))
    kind = "<H" if version == 1 else "<I"
    length = len(text)
    if rng.random() < 0.25:
        length = rng.choice((0, 1, length - 1, length + 1, length + 64, 10_000, 0xFFFF, 0x7FFFFFFF))
    most = 0xFFFF if version == 1 else 0xFFFFFFFF
    minor = rng.choice((0, 0, 0, 0, 1))
    return b"\x93NUMPY" + bytes([version, minor]) + struct.pack(kind, max(0, length) & most) + text


def objects(rng: Random) -> bytes:
    """Return an array of Python objects, with a pickle or with bytes that look like addresses."""
    if rng.random() < 0.3:
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.array([Bomb()] * rng.randint(1, 3)), (1, 0))
        return buffer.getvalue()
    count = rng.choice((1, 2, 4, 12))
    text = f"{{'descr': '|O', 'fortran_order': False, 'shape': ({count},), }}\n".encode()
    data = rng.choice((rng.randbytes(8 * count), bytes(8 * count), pickle.dumps(Bomb(), 2)))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def wrong_array(rng: Random, content: bytes) -> bytes:
    """Give the elements of an array another header, right here and there.

    Args:
        rng: what is drawn from.
        content: an npy file of version 1.
    """
    if rng.random() < 0.1:
        return objects(rng)
    (length,) = struct.unpack("<H", content[8:10])
    text, data = content[10 : 10 + length].decode("latin-1"), content[10 + length :]
    try:
        header = eval(text, {})  # our own, of a good file
        descr, order, shape = (repr(header[k]) for k in ("descr", "fortran_order", "shape"))
    except Exception:
        descr, order, shape = "'<f4'", "False", "(3, 4)"
    which = rng.randrange(8)
    if which in (0, 3, 6):
        descr = rng.choice(_DTYPES)
    if which in (1, 3, 4, 6):
        shape = rng.choice(_SHAPES)
    if which in (2, 6):
        order = rng.choice(_ORDERS)
    text = rng.choice(_NESTED) if which == 7 else _dict(rng, descr, order, shape)
    encoded = text.encode("utf-8", "surrogatepass")
    encoded += b" " * (-len(encoded) % 16) * rng.randrange(2) + b"\n" * rng.randrange(2)
    match rng.randrange(6):
        case 0:
            data = data[: rng.randrange(len(data) + 1)]
        case 1:
            data += bytes(rng.choice((1, 4, 64, 4096)))
        case 2:
            data = rng.choice((b"", rng.randbytes(48), b"\xff" * 48, data[::-1]))
    return _lengthened(encoded, rng) + data
