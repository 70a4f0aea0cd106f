"""Enforcing annotations at run time: `check_shapes`, and `install` for whole packages."""

from __future__ import annotations

from tensorlib.checking import importing
from tensorlib.checking.decorator import check_shapes as check_shapes
from tensorlib.checking.importing import install as install

importing.install_named()
