"""The full names that the plugin knows, and nothing else."""

from __future__ import annotations

from typing import Final

LIBRARY: Final = "tensorlib"
TENSOR: Final = "tensorlib.tensor.Tensor"
CHECKED: Final = "tensorlib.tensor.Checked"
TAPE: Final = "tensorlib.tape.Tape"
NO_TAPE: Final = "tensorlib.tape.NoTape"
SHAPE: Final = "tensorlib.types.Shape"
RANKED: Final = {f"tensorlib.types.Tensor{rank}D": rank for rank in range(5)}

MODULE: Final = "tensorlib.nn.module.Module"
OPTIMIZERS: Final = "tensorlib.optim."
WORDS_OF_MODULE: Final = "tensorlib.shapes.words.of_module"
OPTIMIZER: Final = "tensorlib.optim.optimizer.Optimizer"
SCHEDULE: Final = "tensorlib.optim.schedule.Schedule"
MAPS: Final = "tensorlib.nn.module.Maps"
LAYER_MODULES: Final = "tensorlib.nn."
CONTAINER: Final = "tensorlib.nn.container.Container"
SEQUENTIAL: Final = "tensorlib.nn.sequential.Sequential"
BUILD: Final = "tensorlib.nn.build.build"
SEQUENTIAL_FUNCTION: Final = "tensorlib.nn.sequential.sequential"

ADD: Final = "tensorlib.shapes.arithmetic.Add"
MUL: Final = "tensorlib.shapes.arithmetic.Mul"
FLOOR_DIV: Final = "tensorlib.shapes.arithmetic.FloorDiv"
CALL: Final = "tensorlib.shapes.arithmetic.Call"
LAST_CALL: Final = "tensorlib.<finish>"
ANY_DTYPE: Final = "tensorlib.shapes.arithmetic.AnyDtype"
MERGED: Final = "tensorlib.shapes.arithmetic.Merged"

OP_MODULES: Final = {
    "tensorlib.ops.": "",
    "tensorlib.creation.": "",
    "tensorlib.losses.": "",
    "tensorlib.metrics.": "",
    "tensorlib.data.": "",
    "tensorlib.linalg.": "linalg.",
}
"""Where ops live, and what the names of their rules begin with."""
NDARRAY: Final = "numpy.ndarray"
EQUALITIES: Final = (".__eq__", ".__ne__")
NDARRAY_OPERATOR: Final = "numpy.ndarray.__"
GENERIC_DTYPE: Final = "numpy.generic"

CALLERS: Final = ("builtins.map", "builtins.next")
"""What hands on the result of a function that it is given."""
PARTIAL_CALL: Final = "functools.partial.__call__"
DISPLAYS: Final = "<"
"""What the names begin with of mypy's own functions for displays and comprehensions."""
