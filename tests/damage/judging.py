"""What a reader may do with a damaged file, and how it is seen that it did nothing else."""

from __future__ import annotations

import contextlib
import encodings.raw_unicode_escape
import encodings.unicode_escape
import os
import signal
import sys
import tracemalloc
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import numpy as np

import tensorlib as tl
from tests.damage.headers import BOMB
from tests.damage.readers import Reader, Values

CPU_SECONDS = 5.0
SPARE_BYTES = 3 << 20
BYTES_PER_BYTE = 40
"""A file may take so much memory for each of its bytes: JSON and zip's directories do."""

_FORBIDDEN = (
    "exec", "import", "pickle.find_class", "marshal.loads", "code.__new__", "function.__new__",
    "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.", "webbrowser.", "sys._getframe",
    "tempfile.", "pathlib.", "glob.", "winreg.", "urllib.", "ftplib.", "smtplib.", "mmap.",
)  # fmt: skip
_LOADED = (encodings.raw_unicode_escape, encodings.unicode_escape, unicodedata)
"""What Python itself imports when it first meets some texts: not while it is watched."""

_HARMLESS = ("os.fstat",)


class Outcome(StrEnum):
    """What may come of a damaged file."""

    REFUSED = "refused"
    WHOLE = "read as the good file"
    OTHER = "read as what it says now"


class FaultError(Exception):
    """A reader did what it must not do."""


class _TooLong(BaseException):
    """Reading took too long; no code catches this."""


@dataclass
class Judge:
    """Has a reader read files, one by one, and watches it.

    Args:
        reader: the reader.
        folder: where the files are.
        cpu_seconds: how long one may take.
    """

    reader: Reader
    folder: Path
    cpu_seconds: float = CPU_SECONDS

    def __post_init__(self) -> None:
        self._good = []
        for number, content in enumerate(self.reader.files):
            path = self.folder / f"good{number}"
            path.write_bytes(content)
            self.reader.read(path)
            self._good.append(self._read())
            path.unlink()

    def judge(self, content: bytes, path: Path, knows_checksums: bool) -> Outcome:
        """Have a file read.

        Raises:
            FaultError: the reader did what it must not do.
        """
        path.write_bytes(content)
        before = self.reader.state()
        refusal = self._refusal(path, len(content))
        if os.path.exists(self.folder / BOMB) or sorted(os.listdir(self.folder)) != [path.name]:
            raise FaultError("something was made beside the file")
        path.unlink()
        if refusal is not None:
            _require_clear(refusal, len(content))
            if self.reader.state() != before:
                raise FaultError(f"the file was refused, but changed something: {refusal}")
            return Outcome.REFUSED
        values = self.reader.values()
        self.reader.use()
        if self._read() in self._good:
            return Outcome.WHOLE
        if self.reader.has_checksums and not knows_checksums:
            raise FaultError("damage that checksums show was not seen")
        self._require_agreement(values, content)
        return Outcome.OTHER

    def _read(self) -> tuple[object, str]:
        values = self.reader.values()
        plain = {name: (x.shape, x.dtype.name, x.tobytes()) for name, x in values.items()}
        return plain, self.reader.rest()

    def _refusal(self, path: Path, size: int) -> tl.CheckpointError | None:
        """Return the error with which the file was refused."""
        try:
            with warnings.catch_warnings(), _watched(path), _limited(size, self.cpu_seconds):
                warnings.simplefilter("ignore")  # NumPy's, of headers that Python 2 wrote
                self.reader.read(path)
        except tl.CheckpointError as error:
            return error
        except FaultError:
            raise
        except _TooLong:
            raise FaultError(f"it took longer than {self.cpu_seconds} s") from None
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise FaultError(f"raised {type(error).__name__}: {error}") from error
        return None

    def _require_agreement(self, values: Values, content: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                other = self.reader.second_opinion(content)
            except Exception:
                return  # such as an archive with two directories, of which it takes the other
        if other is None:
            return
        for name, array in values.items():
            theirs = np.asarray(other[name]).astype(array.dtype)
            if theirs.shape != array.shape or theirs.tobytes() != array.tobytes():
                raise FaultError(f"read {name or 'it'} as another library does not")


def _require_clear(error: tl.CheckpointError, size: int) -> None:
    """Require an error that says something, in no more words than there is to say."""
    text = str(error)
    if len(text) < 20 or len(text) > 4000 + 12 * size:
        raise FaultError(f"the text of the error has {len(text)} letters: {text[:200]}")


# Watching ----------------------------------------------------------------------------------------

_allowed: list[Path | None] = [None]
"""The file that is being read, and while there is one, nothing else may be opened or run."""
_seen: list[str] = []
_hooks: list[object] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    path = _allowed[0]
    if path is None:
        return
    if event == "open":
        if os.fspath(arguments[0]) != os.fspath(path):
            _seen.append(f"open {arguments[0]!r}")
    elif event.startswith(_FORBIDDEN) and event not in _HARMLESS:
        _seen.append(f"{event} {arguments!r}"[:200])


@contextlib.contextmanager
def _watched(path: Path) -> Iterator[None]:
    """Have Python tell what is run, imported, opened and made; nothing but the file may be."""
    if not _hooks:
        sys.addaudithook(_hook)
        _hooks.append(_hook)
    _seen.clear()
    _allowed[0] = path
    try:
        yield
    finally:
        _allowed[0] = None
        if _seen:
            raise FaultError(f"it did more than read: {_seen}")


@contextlib.contextmanager
def _limited(size: int, cpu_seconds: float) -> Iterator[None]:
    """Stop what takes too long; afterwards complain of what took too much memory."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise _TooLong

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 0.5)
    tracemalloc.start()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        signal.signal(signal.SIGPROF, previous)
        if peak > SPARE_BYTES + BYTES_PER_BYTE * size:
            raise FaultError(f"{size} bytes of a file took {peak} bytes of memory")
