"""Zip archives whose parts lie: names, sizes, checksums, offsets, methods, and bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import TypeAlias

from tests.damage.raw import NUMBERS

Inner: TypeAlias = "Callable[[Random, bytes], bytes]"

_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14
_METHODS = (_STORED, _DEFLATED, _BZIP2, _LZMA, 1, 9, 93, 99, 0xFFFF)
_BOMB = 16 << 20

_NAMES = (
    "../../../../tmp/x.npy", "/etc/passwd", "C:\\windows\\x.npy", "..\\x.npy", "./x.npy",
    "x/../../y.npy", "", "/", ".", "..", ".npy", "x\0y.npy", "\0", "x" * 65535, "é.npy",
    "\ud800.npy", "con", "~/.bashrc", "model/../settings.npy", "settings.npy/",
    "archive/../data.pkl", "a/data.pkl", "data.pkl", "archive/data/../../../x",
    "x" * 300 + ".npy", "a//b.npy", "-rf", "$(reboot).npy", "file:///etc/passwd",
)  # fmt: skip


@dataclass
class Lie:
    """One member of an archive, with what is said of it where."""

    name: bytes
    data: bytes
    method: int = _STORED
    crc: int = 0
    said: int = 0
    """The size of the data, as the directory has it."""
    flags: int = 0
    packed: bytes = b""
    local: dict[str, int] = field(default_factory=dict)
    central: dict[str, int] = field(default_factory=dict)
    extra: bytes = b""
    shares: int | None = None
    """The member whose header and data this one is said to have."""

    def __post_init__(self) -> None:
        self.crc, self.said = zlib.crc32(self.data), len(self.data)
        self.packed = self.packed or self.data


def members(content: bytes) -> list[Lie]:
    """Return the members of a good archive, not compressed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [
            Lie(member.filename.encode(), archive.read(member)) for member in archive.infolist()
        ]


def compressed(data: bytes, method: int) -> bytes:
    """Return data as a method of zip stores it; of an unknown one, as it is."""
    if method == _DEFLATED:
        compressor = zlib.compressobj(1, zlib.DEFLATED, -15)
        return compressor.compress(data) + compressor.flush()
    if method == _BZIP2:
        return bz2.compress(data)
    if method == _LZMA:
        packed = lzma.compress(data, lzma.FORMAT_ALONE, preset=0)
        return b"\x09\x04\x05\x00" + packed[:5] + packed[13:]
    return data


@cache
def _bomb(start: bytes, fill: bytes, method: int) -> tuple[bytes, int, int]:
    """Return what becomes tens of millions of bytes, with their checksum and number."""
    data = start + fill * _BOMB
    return compressed(data, method), zlib.crc32(data), len(data)


def packed(lies: list[Lie], end: dict[str, int], comment: bytes = b"") -> bytes:
    """Return the archive, all that is said in it taken from the lies."""
    out, places, directory = io.BytesIO(), [], io.BytesIO()
    for lie in lies:
        places.append(out.tell())
        if lie.shares is not None and lie.shares < len(places):
            places[-1] = places[lie.shares]
            continue
        true = {"crc": lie.crc, "packed": len(lie.packed), "size": lie.said, "method": lie.method}
        out.write(_local(lie, true | lie.local) + lie.packed)
    for lie, place in zip(lies, places, strict=True):
        true = {"crc": lie.crc, "packed": len(lie.packed), "size": lie.said, "method": lie.method}
        directory.write(_central(lie, true | {"place": place} | lie.central))
    start, table = out.tell(), directory.getvalue()
    count = len(lies)
    true = {"disk": 0, "on": 0, "here": count, "all": count, "size": len(table), "start": start}
    true |= {"comment": len(comment)} | end
    tail = b"PK\5\6" + struct.pack(
        "<4H2LH",
        *(true[key] & 0xFFFF for key in ("disk", "on", "here", "all")),
        *(true[key] & 0xFFFFFFFF for key in ("size", "start")),
        true["comment"] & 0xFFFF,
    )
    zip64 = b""
    if "zip64" in end:
        record = struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, end["zip64"], start
        )
        zip64 = record + struct.pack("<4sLQL", b"PK\6\7", 0, start + len(table), 1)
    return out.getvalue() + table + zip64 + tail + comment


def _local(lie: Lie, say: Mapping[str, int]) -> bytes:
    return b"PK\3\4" + struct.pack(
        "<5H3L2H", 20, say.get("flags", lie.flags) & 0xFFFF, say["method"] & 0xFFFF, 0, 33,
        say["crc"] & 0xFFFFFFFF, min(say["packed"], 0xFFFFFFFF), min(say["size"], 0xFFFFFFFF),
        say.get("name", len(lie.name)) & 0xFFFF, say.get("extra", len(lie.extra)) & 0xFFFF,
    ) + lie.name[:65535] + lie.extra  # fmt: skip


def _central(lie: Lie, say: Mapping[str, int]) -> bytes:
    return b"PK\1\2" + struct.pack(
        "<6H3L5H2L", 20, say.get("version", 20) & 0xFFFF, say.get("flags", lie.flags) & 0xFFFF,
        say["method"] & 0xFFFF, 0, 33, say["crc"] & 0xFFFFFFFF, min(say["packed"], 0xFFFFFFFF),
        min(say["size"], 0xFFFFFFFF), say.get("name", len(lie.name)) & 0xFFFF,
        say.get("extra", len(lie.extra)) & 0xFFFF, 0, 0, 0, 0, min(say["place"], 0xFFFFFFFF),
    ) + lie.name[:65535] + lie.extra  # fmt: skip


def wrong_archive(rng: Random, content: bytes, inner: Mapping[str, Inner]) -> bytes:
    """Make an archive anew, with lies.

    Args:
        rng: what is drawn from.
        content: a good archive.
        inner: how members are damaged, by how their names end; the checksum is then right.
    """
    lies = members(content)
    end: dict[str, int] = {}
    comment = b""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        lie = rng.choice(lies)
        match rng.randrange(20):
            case 0:
                lie.name = rng.choice(_NAMES).encode("utf-8", "surrogatepass")
                lie.flags = rng.choice((0, 0x800))
            case 1:
                lies.append(Lie(rng.choice(_NAMES).encode("utf-8", "surrogatepass"), lie.data))
            case 2:
                lies.remove(lie)
            case 3:
                lies.insert(rng.randrange(len(lies)), Lie(lie.name, rng.choice(lies).data))
            case 4:
                other = rng.choice(lies)
                lie.name, other.name = other.name, lie.name
            case 5:
                lie.method = rng.choice(_METHODS)
                lie.packed = compressed(lie.data, lie.method)
            case 6:
                lie.method = rng.choice(_METHODS)  # but the data is not
            case 7:
                for said in (lie.local, lie.central):
                    if rng.random() < 0.7:
                        said[rng.choice(("crc", "packed", "size", "place", "name", "extra"))] = (
                            rng.choice((*NUMBERS, lie.said - 1, lie.said + 1))
                        )
            case 8:
                lie.central |= {"size": rng.choice(NUMBERS), "packed": rng.choice(NUMBERS)}
            case 9:
                lie.flags = rng.choice((1, 8, 9, 0x20, 0x40, 0x800, 0x2000, 0xFFFF))
            case 10:
                lie.shares = rng.randrange(len(lies))
            case 11 if rng.random() < 0.3:
                # Many members, each with all of the others' data.
                lies += [Lie(b"%d.npy" % i, lie.data) for i in range(300)]
                for each in lies[-300:]:
                    each.shares = 0
            case 12 | 17:
                _explode(rng, lie)
            case 13:
                keys = ("disk", "on", "here", "all", "size", "start", "comment", "zip64")
                end[rng.choice(keys)] = rng.choice((*NUMBERS, len(lies) + 1, len(content)))
            case 14:
                sizes = [rng.choice(NUMBERS) for _ in range(rng.randint(0, 4))]
                lie.extra = struct.pack(f"<2H{len(sizes)}Q", 1, 8 * len(sizes), *sizes)
                lie.central |= {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}
            case 15:
                comment = rng.choice((b"x" * 999, b"PK\5\6" + bytes(18), content[-22:]))
            case 16:
                lie.local["flags"] = lie.central["version"] = rng.choice(NUMBERS)
            case _:
                _change_inside(rng, lie, inner)
    return packed(lies, end, comment)


def _change_inside(rng: Random, lie: Lie, inner: Mapping[str, Inner]) -> None:
    for ending, change in inner.items():
        if lie.name.decode("utf-8", "replace").endswith(ending):
            lie.data = change(rng, lie.data)
            lie.crc, lie.said = zlib.crc32(lie.data), len(lie.data)
            lie.packed = compressed(lie.data, lie.method)
            return


def _explode(rng: Random, lie: Lie) -> None:
    """Have a member grow beyond all bounds when it is unpacked."""
    start, fill = rng.choice(
        (
            (lie.data if lie.said < 400 else b"", b"\0"),
            (b"\x93NUMPY\x02\x00" + struct.pack("<I", _BOMB), b" "),
            (b"", b"\0"),
            (b"", b" "),
            (_uint8_header(_BOMB), b" "),
            (b"X" + struct.pack("<I", _BOMB), b"x"),
        )
    )
    is_slow = start and fill != b" "  # as it is another one each time
    lie.method = _DEFLATED if is_slow else rng.choice((_DEFLATED, _DEFLATED, _BZIP2, _LZMA))
    lie.packed, lie.crc, lie.said = _bomb(start, fill, lie.method)
    if rng.random() < 0.3:
        lie.local = lie.central = {"size": len(lie.data)}


def _uint8_header(count: int) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count},), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
