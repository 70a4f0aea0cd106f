"""The pickles inside PyTorch's files, read and written without running anything that they name.

A pickle is a program for a small stack machine. The one here knows the few instructions and names
that files of tensors need. Tensors become descriptions, everything else plain data: there is
nothing that a hostile file could call or change.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from tensorlib.io.entries import RefusedError

STORAGES = {
    "BoolStorage": "bool", "ByteStorage": "uint8", "CharStorage": "int8", "ShortStorage": "int16",
    "IntStorage": "int32", "LongStorage": "int64", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "FloatStorage": "float32", "DoubleStorage": "float64",
}  # fmt: skip
"""The dtypes by the classes that PyTorch's files name for them."""

_MOST_AXES = 64
"""NumPy's arrays have no more."""

_ORDERED = "collections OrderedDict"
_TENSOR = "torch._utils _rebuild_tensor_v2"
_PARAMETER = "torch._utils _rebuild_parameter"
_SIZE = "torch Size"
_NAMES = frozenset((_ORDERED, _TENSOR, _PARAMETER, _SIZE, *(f"torch {name}" for name in STORAGES)))


class StoredTensor(NamedTuple):
    """A tensor of a file: what part of which storage it is.

    Attributes:
        dtype: its dtype, or bfloat16.
        key: the storage's name in the archive.
        numel: how many elements the storage has.
        offset: where in the storage the first element is, in elements.
        shape: the tensor's shape.
        stride: how far apart neighbours along each axis are, in elements.
    """

    dtype: str
    key: str
    numel: int
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Name(NamedTuple):
    """What a pickle would import; here it stands for nothing but itself."""

    name: str


class _Storage(NamedTuple):
    dtype: str
    key: str
    numel: int


def read_pickle(data: bytes) -> Any:
    """Return the dicts, lists, tuples, strings, numbers and tensors that a pickle tells of.

    Raises:
        RefusedError: it holds anything else, such as a whole module.
        ValueError: it is damaged.
    """
    machine = _Machine()
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "STOP":
            return machine.pop()
        machine.execute(opcode.name, argument)
    raise ValueError("its pickle has no end")


class _Machine:
    """The stack, the stacks set aside at each mark, and the memory of numbered values."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def execute(self, name: str, argument: Any) -> None:
        """Execute one instruction."""
        match name:
            case "PROTO" | "FRAME":
                pass
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT":
                self.stack.append(argument)
            case "BINUNICODE" | "SHORT_BINUNICODE":
                self.stack.append(argument)
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                self.stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
            case "EMPTY_DICT":
                self.stack.append({})
            case "EMPTY_LIST":
                self.stack.append([])
            case "EMPTY_TUPLE":
                self.stack.append(())
            case "MARK":
                self.marked.append(self.stack)
                self.stack = []
            case "TUPLE":
                items = self.pop_mark()
                self.stack.append(tuple(items))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                items = [self.pop() for _ in range(int(name[-1]))]
                self.stack.append(tuple(reversed(items)))
            case "APPEND":
                _extend([self.pop()], self.top())
            case "APPENDS":
                _extend(self.pop_mark(), self.top())
            case "SETITEM":
                value, key = self.pop(), self.pop()
                _set([key, value], self.top())
            case "SETITEMS":
                _set(self.pop_mark(), self.top())
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.top()
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.top()
            case "BINGET" | "LONG_BINGET":
                self.stack.append(self.memo[argument])
            case "GLOBAL":
                self.stack.append(_named(argument))
            case "STACK_GLOBAL":
                attribute, module = self.pop(), self.pop()
                self.stack.append(_named(f"{module} {attribute}"))
            case "BINPERSID":
                self.stack.append(_storage(self.pop()))
            case "REDUCE":
                arguments, function = self.pop(), self.pop()
                self.stack.append(_called(function, arguments))
            case "BUILD":
                # An attribute of a state dict: the versions of its modules, which nobody needs.
                self.pop()
                if type(self.top()) is not dict:
                    raise ValueError("it sets attributes of more than a state dict")
            case _:
                raise ValueError(f"it holds the pickle instruction {name}, which is not read")

    def top(self) -> Any:
        if not self.stack:
            raise ValueError("its pickle takes more than there is")
        return self.stack[-1]

    def pop(self) -> Any:
        self.top()
        return self.stack.pop()

    def pop_mark(self) -> list[Any]:
        """Return everything since the last mark."""
        if not self.marked:
            raise ValueError("its pickle has no mark")
        items, self.stack = self.stack, self.marked.pop()
        return items


def _extend(values: list[Any], target: Any) -> None:
    if type(target) is not list:
        raise ValueError("its pickle appends to what is no list")
    target.extend(values)


def _set(values: list[Any], target: Any) -> None:
    if type(target) is not dict or len(values) % 2:
        raise ValueError("its pickle sets items of what is no dict")
    for key, value in zip(values[::2], values[1::2], strict=True):
        # Nothing else is a key in such files, and hashing nested tuples could overflow the stack.
        if type(key) not in (str, int):
            raise ValueError(f"it has a dict with a key that is a {type(key).__name__}")
        target[key] = value


def _named(name: str) -> _Name:
    if name not in _NAMES:
        shown = name.replace(" ", ".")
        raise RefusedError(
            f"holds {shown}, which is never loaded: save the tensors alone, with "
            "torch.save(model.state_dict(), path)"
        )
    return _Name(name)


def _called(function: Any, arguments: Any) -> Any:
    if type(function) is not _Name or type(arguments) is not tuple:
        raise ValueError("its pickle calls what is no function")
    match function.name, arguments:
        case "collections OrderedDict", ():
            return {}
        case "torch Size", (tuple() as size,):
            return size
        case "torch._utils _rebuild_parameter", (StoredTensor() as tensor, *_):
            return tensor
        case "torch._utils _rebuild_tensor_v2", (_Storage() as storage, offset, size, stride, *_):
            return _tensor(storage, offset, size, stride)
    raise ValueError(f"its pickle calls {function.name.replace(' ', '.')} with other arguments")


def _storage(description: Any) -> _Storage:
    match description:
        case ("storage", _Name(name), str() as key, str(), int() as numel) if _is_count(numel):
            kind = name.removeprefix("torch ")
            if kind in STORAGES:
                return _Storage(STORAGES[kind], key, numel)
    raise ValueError("its pickle describes a storage in an unknown way")


def _tensor(storage: _Storage, offset: Any, shape: Any, stride: Any) -> StoredTensor:
    """Return a tensor of which every element lies in its storage."""
    if type(shape) is not tuple or type(stride) is not tuple or len(shape) != len(stride):
        raise ValueError("its pickle describes a tensor in an unknown way")
    if len(shape) > _MOST_AXES:
        # Before all else: a few bytes may name the same long tuple again and again.
        raise ValueError(f"a tensor has {len(shape)} axes")
    if not all(map(_is_count, (offset, *shape, *stride))):
        raise ValueError("a tensor's sizes, strides and offset must be integers from 0 on")
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    end = offset if 0 in shape else last + 1
    if end > storage.numel:
        raise ValueError(f"a tensor reaches beyond the {storage.numel} elements of its storage")
    return StoredTensor(*storage, offset, shape, stride)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


# Writing ----------------------------------------------------------------------------------------


def write_pickle(tensors: Mapping[str, StoredTensor]) -> bytes:
    """Return the pickle of an ordered dict of tensors, as PyTorch writes a state dict.

    Only what `read_pickle` knows is in it, so that ``torch.load`` reads it with ``weights_only``.
    """
    items = b"".join(_text(name) + _reduced_tensor(tensor) for name, tensor in tensors.items())
    return b"\x80\x02" + _EMPTY + b"(" + items + b"u."


def _global(name: str) -> bytes:
    return b"c" + name.replace(" ", "\n").encode() + b"\n"


_EMPTY = _global(_ORDERED) + b")R"
"""An ordered dict without items."""


def _reduced_tensor(tensor: StoredTensor) -> bytes:
    kinds = {dtype: name for name, dtype in STORAGES.items()}
    storage = _tuple(
        _text("storage"),
        _global(f"torch {kinds[tensor.dtype]}"),
        _text(tensor.key),
        _text("cpu"),
        _int(tensor.numel),
    )
    arguments = _tuple(
        storage + b"Q",
        _int(tensor.offset),
        _tuple(*map(_int, tensor.shape)),
        _tuple(*map(_int, tensor.stride)),
        b"\x89",  # it requires no gradient
        _EMPTY,  # it has no hooks
    )
    return _global(_TENSOR) + arguments + b"R"


def _tuple(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _int(value: int) -> bytes:
    if value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(9, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data
