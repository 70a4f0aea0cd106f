"""What PyTorch and NumPy have under names that are not ours, and what stands for it here.

One table, read at run time where an attribute is missing, and by the plugin. ``docs/pytorch.md``
has each of its words too, in a row that names the same cure.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tensorlib.shapes.errors import no_such_attribute
from tensorlib.shapes.registry import find

_FLOAT, _INT = "use x.astype(np.float32)", "use x.astype(np.int64)"
_CPU = "everything is on the CPU: leave it out"
_IMMUTABLE = "tensors never change, take what an op returns"
_BY_TAPE = (
    "dropout and batch norm act where the input is traced; with_active(False) switches them off"
)
_GRADIENTS = "use gradients = loss.backward(), then gradients[x]"

TENSOR = {
    # Shapes
    "view": "use x.reshape(shape)",
    "view_as": "use x.reshape(y.shape)",
    "reshape_as": "use x.reshape(y.shape)",
    "ravel": "use x.flatten()",
    "contiguous": "leave it out",
    "unsqueeze": "use x.expand_dims(axis)",
    "expand": "use x.broadcast_to(shape)",
    "expand_as": "use x.broadcast_like(y)",
    "t": "use x.T",
    "swapaxes": "use x.transpose(axis1, axis2)",
    "movedim": "use x.permute(axes)",
    "moveaxis": "use x.permute(axes)",
    "repeat_interleave": "use x.repeat(repeats, axis)",
    "unbind": "use x.unstack(axis)",
    "numel": "use x.size",
    "nelement": "use x.size",
    "dim": "use x.ndim",
    "ndimension": "use x.ndim",
    # Picking
    "masked_fill": "use tl.where(mask, value, x)",
    "where": "use tl.where(mask, x, y)",
    "gather": "use x.take_along_axis(indices, axis)",
    "index_select": "use x.take(indices, axis)",
    "scatter": "use tl.one_hot and tl.where, or x.scatter_add(indices, values, axis)",
    "index_add": "use x.scatter_add(indices, values, axis)",
    # Numbers
    "add": "use x + y",
    "sub": "use x - y",
    "subtract": "use x - y",
    "mul": "use x * y",
    "multiply": "use x * y",
    "div": "use x / y",
    "divide": "use x / y",
    "pow": "use x ** y",
    "floor_divide": "use tl.floor_divide(x, y)",
    "remainder": "use x % y",
    "absolute": "use x.abs()",
    "negative": "use x.neg()",
    "mm": "use x @ y",
    "bmm": "use x @ y",
    "mv": "use x @ y",
    "dot": "use x @ y",
    "eq": "use x == y",
    "ne": "use x != y",
    "lt": "use x < y",
    "le": "use x <= y",
    "gt": "use x > y",
    "ge": "use x >= y",
    "maximum": "use tl.maximum(x, y)",
    "minimum": "use tl.minimum(x, y)",
    "logical_and": "use tl.logical_and(x, y)",
    "logical_or": "use tl.logical_or(x, y)",
    "allclose": "use tl.allclose(x, y)",
    "isclose": "use tl.isclose(x, y)",
    "clamp": "use x.clip(min, max)",
    "nan_to_num": "use x.nans_to(0.0)",
    "amax": "use x.max(axis)",
    "amin": "use x.min(axis)",
    "norm": "use tl.linalg.norm(x)",
    "median": "use np.median(x.numpy())",
    "quantile": "use np.quantile(x.numpy(), q)",
    # Dtypes and devices
    "to": "use x.astype(np.float32); everything is on the CPU",
    "type": "use x.astype(np.float32)",
    "type_as": "use x.astype(np.float32)",
    "float": _FLOAT,
    "double": "use x.astype(np.float64)",
    "half": "use x.astype(np.float16)",
    "long": _INT,
    "int": "use x.astype(np.int32)",
    "bool": "use x.astype(np.bool)",
    "cpu": _CPU,
    "cuda": _CPU,
    "device": _CPU,
    "is_cuda": _CPU,
    "pin_memory": _CPU,
    # Gradients
    "clone": "use x itself, as tensors never change; x.copy() is a constant",
    "data": "use x.detach()",
    "grad": _GRADIENTS,
    "requires_grad": "use x.traced() on the input of the forward pass",
    "requires_grad_": "use x.traced() on the input of the forward pass",
    "retain_grad": "parameters and traced tensors have gradients, results of ops have not",
    "detach_": "use x.detach()",
}
MODULE = {
    "train": _BY_TAPE,
    "eval": _BY_TAPE,
    "training": _BY_TAPE,
    "to": "use model.astype(np.float64), another model; everything is on the CPU",
    "cpu": _CPU,
    "cuda": _CPU,
    "float": "use model.astype(np.float32), another model",
    "double": "use model.astype(np.float64), another model",
    "half": "use model.astype(np.float16), another model",
    "zero_grad": "each backward pass gives gradients of its own: leave it out",
    "requires_grad_": "use model.freeze()",
    "state_dict": "use model.save(path), or dict(model.named_tensors())",
    "load_state_dict": "use model.load(path), or tl.io.load_torch(path, model)",
    "modules": "use model.named_modules()",
    "children": "use model.named_modules()",
    "named_buffers": "use model.named_tensors()",
    "register_buffer": "use a field, self.mean = nn.Buffer(x)",
    "register_parameter": "use a field, self.weight = nn.Parameter(x)",
    "add_module": "use a field, self.layer = nn.Linear(4, 2)",
    "register_forward_hook": "write a module around this one",
}
OPTIMIZER = {
    "step": "use optimizer.update(model, gradients)",
    "zero_grad": "each backward pass gives gradients of its own: leave it out",
    "param_groups": "use optimizer.lr for the rate, groups= of the constructor for groups",
    "state_dict": "use optimizer.state()",
    "load_state_dict": "use optimizer.load_state(state)",
}
SCHEDULE = {"step": "use optimizer.lr = schedule(optimizer.steps) before each update"}

_NO_GRAD = "without traced() nothing is recorded: leave it out"
PACKAGE = {
    "as_tensor": "use tl.from_numpy(array)",
    "asarray": "use tl.from_numpy(array)",
    "array": "use tl.tensor(data)",
    "from_list": "use tl.tensor(data)",
    "empty": "use tl.zeros(shape)",
    "randperm": "use tl.permutation(n)",
    "cat": "use tl.concat((x, y), axis=0)",
    "concatenate": "use tl.concat((x, y), axis=0)",
    "unsqueeze": "use x.expand_dims(axis)",
    "unbind": "use x.unstack(axis)",
    "gather": "use x.take_along_axis(indices, axis)",
    "index_select": "use x.take(indices, axis)",
    "broadcast_tensors": "use tl.broadcast_arrays(x, y)",
    "repeat_interleave": "use x.repeat(repeats, axis)",
    "clamp": "use tl.clip(x, min, max)",
    "nan_to_num": "use tl.nans_to(x, 0.0)",
    "sub": "use x - y",
    "mul": "use x * y",
    "div": "use x / y",
    "mm": "use x @ y",
    "bmm": "use x @ y",
    "mv": "use tl.matvec(x, y)",
    "eq": "use x == y",
    "lt": "use x < y",
    "amax": "use x.max(axis)",
    "amin": "use x.min(axis)",
    "norm": "use tl.linalg.norm(x)",
    "diag": "use tl.linalg.diag(x)",
    "diagonal": "use tl.linalg.diagonal(x)",
    "no_grad": _NO_GRAD,
    "inference_mode": _NO_GRAD,
    "manual_seed": "use rng=0 of the function, or model.reset_params(rng=0)",
    "Generator": "use np.random.default_rng(0)",
    "interpolate": "use tl.upscale2d(x)",
    "save": "use tl.io.save_npy(path, x), or model.save(path)",
    "load": "use tl.io.load_npy(path), or model.load(path)",
    "cuda": _CPU,
    "device": _CPU,
    "float32": "use np.float32",
    "float64": "use np.float64",
    "int64": "use np.int64",
    "cross_entropy": "use losses.cross_entropy(scores, classes)",
    "mse_loss": "use losses.mse_loss(input, target)",
}
NN = {
    "functional": "use the functions of tl, such as tl.relu, and of tl.losses",
    "CrossEntropyLoss": "use losses.cross_entropy(scores, classes)",
    "NLLLoss": "use losses.nll_loss(scores, classes)",
    "MSELoss": "use losses.mse_loss(input, target)",
    "L1Loss": "use losses.mae_loss(input, target)",
    "HuberLoss": "use losses.huber_loss(input, target)",
    "SmoothL1Loss": "use losses.smooth_l1_loss(input, target)",
    "BCELoss": "use losses.binary_cross_entropy(input, target)",
    "BCEWithLogitsLoss": "use losses.binary_cross_entropy_with_logits(input, target)",
    "KLDivLoss": "use losses.kl_div(input, target)",
    "ModuleList": "use a list, tuple or dict of modules as a field",
    "ModuleDict": "use a list, tuple or dict of modules as a field",
    "ParameterList": "use a list, tuple or dict of parameters as a field",
    "Unflatten": "use nn.Reshape(shape)",
    "Upsample": "use nn.Upscale2d(factor)",
    "MultiheadAttention": "use nn.MultiHeadAttention(embed, heads)",
    "TransformerEncoderLayer": "use nn.TransformerEncoderBlock(model, heads)",
    "TransformerDecoderLayer": "use nn.TransformerDecoderBlock(model, heads)",
    "init": "use nn.Parameter.write, or reset_own_params of a class of your own",
    "utils": "use gradients.clip_norm(1.0) to clip gradients",
}
OPTIM = {
    "lr_scheduler": "schedules stand in optim itself, such as optim.CosineAnnealing",
    "StepLR": "use optim.StepDecay(lr)",
    "ExponentialLR": "use optim.ExponentialDecay(lr)",
    "CosineAnnealingLR": "use optim.CosineAnnealing(lr, t_max)",
    "LinearLR": "use optim.LinearWarmup(lr)",
    "PolynomialLR": "use optim.PolynomialDecay(lr)",
    "OneCycleLR": "use optim.OneCycle(max_lr, total_steps)",
}
LOSSES = {
    "l1_loss": "use losses.mae_loss(input, target)",
    "CrossEntropyLoss": "use losses.cross_entropy(scores, classes)",
    "MSELoss": "use losses.mse_loss(input, target)",
}
DATA = {
    "DataLoader": "use data.batches(x, y, batch_size=32), or data.Loader(dataset, 32)",
    "TensorDataset": "use data.batches(x, y, batch_size=32)",
    "Subset": "use x[indices]",
}

ARGUMENTS = {
    "dim": ("axis", "axes"),
    "dims": ("axes", "axis"),
    "keepdim": ("keepdims",),
    "dim0": ("axis1",),
    "dim1": ("axis2",),
    "start_dim": ("start_axis",),
    "end_dim": ("end_axis",),
    "input": ("x", "x1"),
    "other": ("x2",),
    "tensors": ("xs",),
    "size": ("shape",),
    "fill_value": ("value",),
    "index": ("indices",),
    "steps": ("num",),
    "diagonal": ("k",),
    "shifts": ("shift",),
    "unbiased": ("correction",),
    "ddof": ("correction",),
    "a_min": ("min",),
    "a_max": ("max",),
    "generator": ("rng",),
    "T_max": ("t_max",),
    "params": ("model",),
}
"""Arguments by other names, and what they are called here, if the function has it."""

_UNCHANGED = "tensors never change: leave it out"
NO_ARGUMENTS = {
    "device": _CPU,
    "pin_memory": _CPU,
    "requires_grad": "use x.traced() on the input, model.freeze() for parameters",
    "inplace": _UNCHANGED,
    "out": _UNCHANGED,
    "batch_first": "the batch is first, always: leave it out",
    "num_workers": "use tl.data.prefetch",
    "maximize": "negate the loss",
    "nesterov": "use momentum=optim.Nesterov(0.9)",
    "dampening": "use momentum=optim.Classic(0.9, dampening=0.1)",
    "retain_graph": "add the losses, and go back once",
    "create_graph": "gradients are of first order",
}
"""Arguments that there are not, and why."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "Tensor": TENSOR,
    "nn.Module": MODULE,
    "optim.Optimizer": OPTIMIZER,
    "optim.Schedule": SCHEDULE,
    "tl": PACKAGE,
    "nn": NN,
    "optim": OPTIM,
    "losses": LOSSES,
    "data": DATA,
}
"""Who lacks the word, the word, and the cure."""
NOT_CALLED: Mapping[str, frozenset[str]] = {
    "Tensor": frozenset(("data", "device", "grad", "is_cuda", "requires_grad")),
    "nn.Module": frozenset(("training",)),
    "optim.Optimizer": frozenset(("param_groups",)),
    "tl": frozenset(("cuda", "float32", "float64", "int64")),
    "nn": frozenset(("functional", "init", "utils")),
    "optim": frozenset(("lr_scheduler",)),
}
"""Which of them are no functions: values and modules."""


def is_called(owner: str, name: str) -> bool:
    """Tell whether a word is that of a function, a method or a class."""
    return name not in NOT_CALLED.get(owner, ())


def cure(owner: str, name: str) -> str | None:
    """Return what to do instead of a word of PyTorch's or NumPy's; None for any other word."""
    known = WORDS[owner].get(name)
    if known is not None or owner != "Tensor" or not name.endswith("_") or name.startswith("_"):
        return known
    stem = name.removesuffix("_")
    if stem not in TENSOR and find(stem) is None:
        return _IMMUTABLE
    return f"{_IMMUTABLE}: x = " + TENSOR.get(stem, f"x.{stem}(...)").removeprefix("use ")


def instead_of(name: str, known: Iterable[str]) -> str:
    """Return what to do instead of an argument, of a function that takes others."""
    known = tuple(known)
    for ours in ARGUMENTS.get(name, ()):
        if ours in known:
            return f"use {ours}"
    if name in NO_ARGUMENTS:
        return NO_ARGUMENTS[name]
    from difflib import get_close_matches  # which takes longer to import than this module

    similar = get_close_matches(name, known, 1)
    if similar:
        return f"use {similar[0]}"
    return f"it takes {', '.join(known)}" if known else "it takes none"


def missing(owner: str, name: str) -> str | None:
    """Return the sentence about a missing attribute, if its name is one of these words."""
    found = cure(owner, name)
    return None if found is None else no_such_attribute(owner, name, found)


def attribute_error(owner: str, name: str, obj: object) -> AttributeError:
    """Return the error for an attribute that an object has not."""
    if hasattr(type(obj), name):  # a property, in which the error was raised
        try:
            object.__getattribute__(obj, name)
        except AttributeError as error:
            return error
    known = missing(owner, name)
    if known is not None:
        return AttributeError(known, name=name, obj=None)  # of an obj Python would tell its guess
    return AttributeError(
        f"{type(obj).__name__!r} object has no attribute {name!r}", name=name, obj=obj
    )


def of_module(owner: str, module: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module, which tells of such words."""

    def __getattr__(name: str) -> Any:  # noqa: N807 (what Python calls it)
        known = missing(owner, name)
        text = known or f"module {module!r} has no attribute {name!r}"
        raise AttributeError(text, name=name, obj=None if known else sys.modules.get(module))

    return __getattr__
