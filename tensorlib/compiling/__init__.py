"""Compiling a step: it is run and written down once, and repeated from then on."""

from tensorlib.compiling.step import Compiled as Compiled
from tensorlib.compiling.step import compile as compile
from tensorlib.compiling.step import sources as sources
