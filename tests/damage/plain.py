"""JSON texts that are well formed and wrong, or deep, or ill formed."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, 1 << 64,
    10**400, -(10**400), 1 << 128, (1 << 128) - 1, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    -float("inf"), "", "x", "0", "a/b", "../../x", "\0", "é", "\ud800", "F32", "BF16", "F8_E4M3",
    "I64", "BOOL", "F64", "PCG64", "MT19937", "Philox", "SFC64", "Adam", "settings", [], {}, [[]],
    [0, 0], [0, 12], [-1, 4], [1 << 62, 4], [1 << 32, 1 << 32], [0, 10**30], [1] * 70, [None],
    ["x"], [1.5], {"": {}}, {"x": 1}, {"kind": "Nesterov"},
)  # fmt: skip
_NUMBERS: tuple[Any, ...] = (
    -1, 0, 1, 2, 1000, 10**9, -(10**9), 1 << 30, 1 << 31, (1 << 31) - 1, 1 << 63, 1 << 128, 10**400,
    0.5, -0.0, 1e308, float("nan"), float("inf"), "1", [1], True, None,
)  # fmt: skip
"""What stands where a number was."""

_ARRAYS: tuple[Any, ...] = (
    {"dtype": "S30000000", "elements": [1, 2]}, {"dtype": "U500000000", "elements": ["x"]},
    {"dtype": "(100000,100000)f8", "elements": [1]}, {"dtype": "(9000,900)f4", "elements": [1]},
    {"dtype": "O", "elements": [1]}, {"dtype": "uint64", "elements": [-1, 10**30]},
    {"dtype": "uint64", "elements": [[1], [2, 3]]},
    {"dtype": "uint64", "elements": "x"}, {"dtype": ["a"], "elements": 1},
    {"dtype": "float32", "elements": [0.5] * 9}, {"dtype": "uint32", "elements": [7] * 624},
    {"dtype": "uint64", "elements": [7] * 4},
)  # fmt: skip

_DEEP = ("[" * 100_000, '{"a":' * 50_000, "[" * 500 + "]" * 500, "[" * 990 + "]" * 990,
         '{"a":' * 400 + "1" + "}" * 400, "1" * 5000, "-" * 5000, '"' + "\\u0000" * 900 + '"',
         "1e999999", "-1e999999", "NaN", "tru", "'x'", '"\\ud800"', '"\\x"', "")  # fmt: skip

_HOLE = "a hole for raw text"


def _place(rng: Random, node: Any) -> tuple[Any, Any]:
    """Return a container and a key or index in it; a long list is as likely as a short one."""
    containers, rest = [], [node]
    while rest:
        container = rest.pop()
        children = container.values() if isinstance(container, dict) else container
        rest += [child for child in children if isinstance(child, dict | list)]
        if container:
            containers.append(container)
    if not containers:
        return [node], 0
    container = rng.choice(containers)
    return container, rng.choice(
        list(container) if isinstance(container, dict) else range(len(container))
    )


def _change(rng: Random, node: Any) -> None:
    container, key = _place(rng, node)
    value = container[key]
    match rng.randrange(9):
        case 0 | 1 | 2 if isinstance(value, int | float):
            container[key] = rng.choice((value + 1, -value, value * 2, *_NUMBERS))
        case 0 | 1 | 2:
            container[key] = deepcopy(rng.choice(VALUES))
        case 3:
            del container[key]
        case 4 if isinstance(container, dict):
            container[rng.choice(("x", "", "weight", "../x", f"{key}x", "__class__"))] = value
        case 4:
            container.append(value)
        case 5 if isinstance(container, dict):
            container[rng.choice(("x", f"{key}/", "0"))] = container.pop(key)
        case 6:
            other, place = _place(rng, node)
            if other is not container and isinstance(other, dict):
                other[place] = deepcopy(value)
        case 7 if isinstance(value, dict | list):
            container[key] = deepcopy(rng.choice(_ARRAYS))
        case _:
            container[key] = _HOLE


def wrong_json(rng: Random, text: bytes) -> bytes:
    """Change one or a few values, keys or brackets of a JSON object."""
    try:
        node = json.loads(text)
    except ValueError:
        return rng.choice(_DEEP).encode("utf-8", "surrogatepass")
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        _change(rng, node)
    changed = json.dumps(node, ensure_ascii=rng.random() < 0.5)
    if _HOLE in changed:
        changed = changed.replace(f'"{_HOLE}"', rng.choice(_DEEP))
    if rng.random() < 0.05:
        # The same key twice.
        changed = "{" + changed[1:-1] + rng.choice((",", "")) + changed[1:]
    return changed.encode("utf-8", "surrogatepass")


def wrong_tensors(rng: Random, content: bytes) -> bytes:
    """Change the JSON header of a safetensors file: its length, offsets, shapes, dtypes, names."""
    length = int.from_bytes(content[:8], "little")
    header, data = content[8 : 8 + length], content[8 + length :]
    node = json.loads(header)
    names = [name for name in node if name != "__metadata__"]
    a, b = rng.choice(names), rng.choice(names)
    match rng.randrange(10):
        case 0:
            start, stop = node[a]["data_offsets"]
            near = rng.choice((-1, 1, 4, -4, 1 << 32, 1 << 63, -start, stop))
            node[a]["data_offsets"] = rng.choice(
                (
                    [start + near, stop + near],
                    [start, stop + near],
                    [stop, start],
                    [start + near, stop],
                )
            )
        case 1:
            node[a]["data_offsets"] = node[b]["data_offsets"]
        case 2:
            node[a], node[b] = node[b], node[a]
        case 3:
            node[a]["shape"] = rng.choice(
                ([], [0], [1 << 62, 4], [1 << 32, 1 << 32], [0, 1 << 63], [-1], [1] * 70, [4, 3],
                 [*node[a]["shape"], 1], [[1]], "4", None)
            )  # fmt: skip
        case 4:
            node[a]["dtype"] = rng.choice(
                ("F64", "F16", "BF16", "I32", "U8", "F8_E5M2", "C64", "", 4)
            )
        case 5:
            node["__metadata__"] = rng.choice(({}, {"x": "y" * 999}, {"x": 1}, [], "x", None))
        case 6:
            data = rng.choice(
                (data[:-1], data + b"\0", b"", data * 2, data[::-1], rng.randbytes(60))
            )
        case _:
            header = wrong_json(rng, header)
            node = None
    if node is not None:
        header = json.dumps(node).encode()
    said = len(header)
    if rng.random() < 0.15:
        said = rng.choice(
            (0, 1, said - 1, said + 1, said + len(data), 1 << 31, 1 << 62, 100_000_000)
        )
    return (max(0, said) & ((1 << 64) - 1)).to_bytes(8, "little") + header + data
