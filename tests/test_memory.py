"""Memory for large results is used again, but never while anything refers to it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

import tensorlib as tl
from tensorlib.ops import memory
from tensorlib.ops.memory import Pool, empty, own_pool

FLOAT = np.dtype(np.float32)
SHAPE = (memory.LEAST // 4,)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    """The thread's memory, with nothing in it at first."""
    monkeypatch.setattr(memory, "_local", memory._Local())
    return own_pool()


def address(x: np.ndarray[Any, Any]) -> int:
    found: int = x.__array_interface__["data"][0]
    return found


def test_freed_memory_is_used_again_for_the_same_size(pool: Pool) -> None:
    first = empty(SHAPE, FLOAT)
    first[:] = 1
    at = address(first)
    other = empty(SHAPE, FLOAT)
    assert address(other) != at
    del first
    assert pool.size == memory.LEAST
    assert address(empty((2 * SHAPE[0],), FLOAT)) != at
    again = empty((2, memory.LEAST // 16), np.dtype(np.float64))
    assert address(again) == at
    assert at % 64 == 0
    assert again.flags.c_contiguous
    assert again.flags.writeable
    assert again.shape == (2, memory.LEAST // 16)
    assert again.dtype == np.float64


def test_small_results_are_numpys(pool: Pool) -> None:
    x = empty((SHAPE[0] - 1,), FLOAT)
    assert x.base is None
    del x
    assert pool.size == 0


HOLDERS: dict[str, Any] = {
    "a view": lambda x: x[5:].reshape(-1, 1)[::2].T,
    "a view as bytes": lambda x: x.view(np.uint8)[1:],
    "a memoryview": memoryview,
    "PyTorch": torch.from_numpy,
    "DLPack": torch.utils.dlpack.from_dlpack,
    "a tensor": tl.from_numpy,
    "a tensor's array": lambda x: tl.from_numpy(x).numpy(),
    "an iterator": iter,
}


@pytest.mark.parametrize("name", HOLDERS)
def test_memory_is_not_free_while_anything_refers_to_it(name: str, pool: Pool) -> None:
    x = empty(SHAPE, FLOAT)
    holder = HOLDERS[name](x)
    del x
    assert pool.size == 0
    del holder
    assert pool.size == memory.LEAST


def test_results_keep_their_values(pool: Pool) -> None:
    """Whatever is computed later, in however many steps."""
    x: Any = tl.randn((8, 32, 40, 40), rng=0)
    kept: list[Any] = []
    expected: list[Any] = []
    for step in range(4):
        y = x.traced() * float(step + 1)
        h = tl.conv2d(y.relu(), tl.ones((2, 32, 3, 3)), padding=1)
        gradient = tl.max_pool2d(h, 2).sum().backward()[x]
        kept += [gradient, x.relu(), (x * float(step)).relu().numpy()[1:, ::2]]
        expected += [np.array(each) for each in kept[-3:]]
    for found, wanted in zip(kept, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(found), wanted)


def test_so_much_is_kept_and_no_more(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 4 * memory.LEAST)
    held = [empty(SHAPE, FLOAT) for _ in range(4)]
    del held[:]
    assert pool.size == 4 * memory.LEAST
    x = empty((3 * SHAPE[0],), FLOAT)
    del x
    assert pool.size == 3 * memory.LEAST
    x = empty((5 * SHAPE[0],), FLOAT)
    del x
    assert pool.size == 3 * memory.LEAST


def test_a_thread_takes_and_gives_back_its_own(pool: Pool) -> None:
    x = empty(SHAPE, FLOAT)
    at = address(x)
    with ThreadPoolExecutor(1) as threads:
        theirs = threads.submit(empty, SHAPE, FLOAT).result()
        given = [x]
        del x
        threads.submit(given.clear).result()  # freed there, and therefore kept by neither
        assert pool.size == 0
        del theirs  # freed here
        assert pool.size == 0
        assert threads.submit(lambda: own_pool().size).result() == 0
    assert at


def test_nothing_is_kept_if_the_environment_says_so() -> None:
    program = (
        "import numpy as np, tensorlib as tl\n"
        "from tensorlib.ops.memory import empty, own_pool\n"
        "x = tl.ones((1000, 1000)).relu()\n"
        "print(x.sum().item(), own_pool().size)\n"
        "kept = empty((1000, 1000), np.dtype('f4'))\n"
        "del x\n"
        "print(own_pool().size)\n"
    )

    def output(**variables: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""  # nothing goes wrong with what is alive at the end
        return done.stdout.split()

    assert output() == ["1000000.0", "0", "4000000"]
    assert output(**{memory.SWITCH: "0"}) == ["1000000.0", "0", "0"]


FAULTS = """
import resource
import numpy as np
import tensorlib

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        held = [np.ones(2**17, np.float32) for _ in range(8)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that is asked")
def test_the_c_library_keeps_what_small_results_leave() -> None:
    def faults(switch: str) -> int:
        command = [sys.executable, "-c", FAULTS]
        env = {**os.environ, memory.SWITCH: switch}
        return int(subprocess.run(command, env=env, capture_output=True, check=True).stdout)

    pages = 20 * 8 * 2**19 // 4096
    assert faults("1") < pages / 100
    assert faults("0") > pages / 4
