"""The plugin's error codes, which mypy has to know before it reads the first comment about one."""

from __future__ import annotations

from typing import Final

from mypy.errorcodes import ErrorCode

TENSOR_SHAPE: Final = ErrorCode("tensor-shape", "Shapes do not fit for some sizes", "tensorlib")
TENSOR_UNPROVEN: Final = ErrorCode("tensor-unproven", "Nothing shows that shapes fit", "tensorlib")
TENSOR_TAPE: Final = ErrorCode("tensor-tape", "A gradient tape is missing or moved", "tensorlib")
TENSOR_DTYPE: Final = ErrorCode("tensor-dtype", "Dtypes do not fit together", "tensorlib")
TENSOR_ANNOTATION: Final = ErrorCode(
    "tensor-annotation", "A Shape[...] annotation is malformed", "tensorlib"
)
