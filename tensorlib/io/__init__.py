"""Files: tensors as npy; models as npz, safetensors or PyTorch files.

Every file appears complete or not at all. A file is read and checked as a whole before anything is
written into a model, and no code in it is ever run.
"""

from __future__ import annotations

from tensorlib.io.npy import load_npy as load_npy
from tensorlib.io.npy import save_npy as save_npy
from tensorlib.io.npz import load_npz as load_npz
from tensorlib.io.npz import save_npz as save_npz
from tensorlib.io.safetensors import load_safetensors as load_safetensors
from tensorlib.io.safetensors import save_safetensors as save_safetensors
from tensorlib.io.torch import load_torch as load_torch
from tensorlib.io.torch import save_torch as save_torch
