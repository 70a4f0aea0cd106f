"""Rules of ops that apply the user's functions."""

from __future__ import annotations

from tensorlib.shapes.elementwise import unary

map_ = unary("map")
