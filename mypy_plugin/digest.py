"""A digest of the sources that decide what the plugin says, so that mypy's cache notices edits."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path


@cache
def source_digest() -> str:
    """Return the digest of the plugin's and the shape calculus' sources."""
    digest = hashlib.sha256()
    calculus = importlib.util.find_spec("tensorlib.shapes")  # found, not loaded
    assert calculus is not None
    assert calculus.origin is not None
    for package in (Path(__file__).parent, Path(calculus.origin).parent):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
