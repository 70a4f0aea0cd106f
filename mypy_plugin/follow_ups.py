"""What mypy says of a result only because the call before it was refused."""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.errorcodes import NO_ANY_RETURN
from mypy.errors import ErrorInfo

from mypy_plugin.messages import CODES


def take_back_follow_ups(api: TypeChecker) -> None:
    """Take back that a function returns Any where an operator behind ``return`` was refused.

    Of a call that is refused, the hook can say what it returns; of an operator, mypy says Any.
    """
    errors = api.errors.error_info_map.get(api.errors.file, [])
    refused = {each.line for each in errors if each.code is not None and each.code.code in CODES}
    if refused and any(_follows(each, refused) for each in errors):
        errors[:] = [each for each in errors if not _follows(each, refused)]


def _follows(error: ErrorInfo, refused: set[int]) -> bool:
    if error.code is not NO_ANY_RETURN:
        return False
    return any(error.line <= line <= max(error.line, error.end_line) for line in refused)
