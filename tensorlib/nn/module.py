"""The base class of layers and models."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy, deepcopy
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from typing_extensions import TypeVar

from tensorlib.creation import generator
from tensorlib.nn.parameter import Buffer, Parameter
from tensorlib.nn.path import items, joined, replaced, require_known, within
from tensorlib.ops.primitive import not_a_tensor
from tensorlib.shapes.dtypes import FLOATS
from tensorlib.shapes.errors import DtypeError, UndecidedError
from tensorlib.shapes.shape import UNKNOWN_DIMS, Shape
from tensorlib.shapes.words import attribute_error
from tensorlib.tape import require_tape_present
from tensorlib.tensor import Tensor
from tensorlib.typevars import Seed

X = TypeVar("X")
F_co = TypeVar("F_co", covariant=True)
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)

AnyParameter = Parameter[Any, Any]
AnyBuffer = Buffer[Any, Any]
AnyTensor = Tensor[Any, Any, Any]
_PLAIN = frozenset((int, float, str, bool, type(None)))
"""The types of most fields that hold no tensor."""


class Maps(Protocol[In_contra, Out_co]):
    """Whatever maps an ``In`` to an ``Out``: modules, and functions.

    For signatures that take any fitting model:
    ``def fit(model: nn.Maps[Tensor[Shape[*B, 784], Tape], Tensor[Shape[*B, 10], Tape]])``.

    Example:
        >>> import tensorlib as tl
        >>> def twice(f: tl.nn.Maps[tl.Tensor, tl.Tensor], x: tl.Tensor) -> tl.Tensor:
        ...     return f(f(x))
        >>> twice(tl.nn.Square(), tl.tensor(3.0)).item(), twice(tl.sqrt, tl.tensor(16.0)).item()
        (81.0, 2.0)
    """

    def __call__(self, x: In_contra, /) -> Out_co:
        """Apply the map."""
        raise NotImplementedError


class _HasForward(Protocol[F_co]):
    @property
    def forward(self) -> F_co:
        """What calling the module does."""
        raise NotImplementedError


class Module:
    """A layer or model: typed fields, ``__init__`` and ``forward``, nothing else.

    Fields that are parameters, buffers or modules, or lists, tuples or dicts of such, are found by
    themselves, in the order in which they were set; a parameter's path is the names on the way to
    it (``blocks.0.weight``). Calling a module calls its ``forward``.

    Example:
        >>> import tensorlib as tl
        >>> class Scaled(tl.nn.Module):
        ...     def __init__(self) -> None:
        ...         self.factor = tl.nn.Parameter(tl.ones((3,)))
        ...     def forward(self, x):
        ...         return x * self.factor
        >>> model = Scaled()
        >>> model(tl.zeros((2, 3))).shape, [path for path, _ in model.named_parameters()]
        ((2, 3), ['factor'])
    """

    if TYPE_CHECKING:  # of a module of any class nothing is known but that it can be called

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            """What calling the module does."""

    @property
    def __call__(self: _HasForward[F_co]) -> F_co:
        """Calling a module calls ``forward``, with its signature."""
        return self.forward

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            raise attribute_error("nn.Module", name, self)

    # Structure ----------------------------------------------------------------------------------

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Go through this module and all modules in it, each with its path, outermost first.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Sequential(tl.nn.Linear(4, 3), tl.nn.ReLU())
            >>> [(path, module.label()) for path, module in model.named_modules()]
            [('', 'Sequential'), ('0', 'Linear(4, 3)'), ('1', 'ReLU')]
        """
        yield "", self
        for name, item in items(vars(self)):
            if isinstance(item, Module):
                for path, module in item.named_modules():
                    yield joined(name, path), module

    def named_tensors(self) -> Iterator[tuple[str, AnyBuffer]]:
        """Go through all parameters and buffers with their paths, tied ones under each path.

        Each tensor is told its path, the first if it has several, for messages.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Sequential(tl.nn.Linear(4, 3), tl.nn.BatchNorm1d(3, affine=False))
            >>> for path, tensor in model.named_tensors():
            ...     print(path, tensor.shape)
            0.weight (3, 4)
            0.bias (3,)
            1.running_mean (3,)
            1.running_var (3,)
            1.num_batches_tracked ()
        """
        found = self._tensors()
        for path, tensor in reversed(found):
            tensor.path = path
        return iter(found)

    def _tensors(self, prefix: str = "") -> list[tuple[str, AnyBuffer]]:
        found: list[tuple[str, AnyBuffer]] = []
        for name, item in vars(self).items():
            if type(item) in _PLAIN:
                continue
            if isinstance(item, Buffer):
                found.append((prefix + name, item))
            elif isinstance(item, Module):
                found += item._tensors(f"{prefix}{name}.")
            elif isinstance(item, (list, tuple, dict)):
                for path, member in items({name: item}):
                    if isinstance(member, Buffer):
                        found.append((prefix + path, member))
                    elif isinstance(member, Module):
                        found += member._tensors(f"{prefix}{path}.")
        return found

    def named_parameters(self) -> Iterator[tuple[str, AnyParameter]]:
        """Go through the parameters with their paths; a tied one counts once, by its first path.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Sequential(tl.nn.Linear(4, 3), tl.nn.ReLU(), tl.nn.Linear(3, 2))
            >>> {path: parameter.shape for path, parameter in model.named_parameters()}
            {'0.weight': (3, 4), '0.bias': (3,), '2.weight': (2, 3), '2.bias': (2,)}
        """
        return iter(
            [
                (path, tensor)
                for path, tensor in self.named_tensors()
                if isinstance(tensor, Parameter) and tensor.path == path
            ]
        )

    def parameters(self) -> tuple[AnyParameter, ...]:
        """Return the parameters, each once, in the order of their paths.

        Example:
            >>> import tensorlib as tl
            >>> [parameter.shape for parameter in tl.nn.Linear(4, 3).parameters()]
            [(3, 4), (3,)]
        """
        return tuple([parameter for _, parameter in self.named_parameters()])

    def num_params(self, *, trainable_only: bool = False) -> int:
        """Return how many numbers the parameters hold, tied ones once.

        Args:
            trainable_only: whether to leave out the frozen ones.

        Example:
            >>> import tensorlib as tl
            >>> tl.nn.Sequential(tl.nn.Linear(4, 3), tl.nn.ReLU(), tl.nn.Linear(3, 2)).num_params()
            23
        """
        return sum(p.size for p in self.parameters() if not (trainable_only and p.frozen))

    def reset_params(self, rng: Seed = None) -> None:
        """Draw all parameters anew, in the order of their paths: the way to reproduce a model.

        A module that stands in several places is drawn once.

        Raises:
            NotImplementedError: a class has parameters of its own and no `reset_own_params`;
                nothing was drawn.

        Example:
            >>> import tensorlib as tl
            >>> first, second = tl.nn.Linear(4, 3), tl.nn.Linear(4, 3)
            >>> first.reset_params(rng=0)
            >>> second.reset_params(rng=0)
            >>> first.weight.tolist() == second.weight.tolist()
            True
        """
        stream = generator(rng)
        self.parameters()  # tells each its path, for what a later backward pass may say
        modules = {id(module): module for _, module in self.named_modules()}.values()
        for module in modules:
            module._require_drawable()
        for module in modules:
            module.reset_own_params(stream)

    def reset_own_params(self, rng: np.random.Generator) -> None:
        """Draw the parameters that are fields of this very module; layers override it."""

    def _require_drawable(self) -> None:
        own = [name for name, item in items(vars(self)) if isinstance(item, Parameter)]
        if own and type(self).reset_own_params is Module.reset_own_params:
            name = type(self).__name__
            raise NotImplementedError(
                f"reset_params: {name} has parameters of its own, {', '.join(own)}: "
                f"define reset_own_params(self, rng) in {name}, which writes them"
            )

    def astype(self, dtype: type[np.floating[Any]]) -> Self:
        """Return a copy of the model whose parameters and buffers of floats have another dtype.

        The copy shares nothing with this model; `copy.deepcopy` gives one in the same dtype.

        Raises:
            DtypeError: parameters cannot have the dtype.

        Example:
            >>> import tensorlib as tl
            >>> import numpy as np
            >>> model = tl.nn.Linear(4, 3).astype(np.float64)
            >>> model.weight.dtype, model(tl.zeros((2, 4), np.float64)).dtype
            (dtype('float64'), dtype('float64'))
        """
        target = np.dtype(dtype)
        if target.name not in FLOATS:
            raise DtypeError(f"expected {', '.join(FLOATS)}, got {target}", subject="astype")
        tensors = {id(tensor): tensor for _, tensor in self._tensors()}
        # What is in the memo, deepcopy takes for copied: this keeps ties, wherever they are.
        memo: dict[int, Any] = {
            key: tensor.converted(target)
            for key, tensor in tensors.items()
            if tensor.dtype.kind == "f"
        }
        return deepcopy(self, memo)

    # Training and inference ---------------------------------------------------------------------

    def freeze(self, *paths: str) -> None:
        """Stop training parameters until `unfreeze`.

        They count as constants from the next forward pass on: they get no gradient, which saves the
        time for it, and no update, and are no unused parameters. To keep the statistics of
        normalisations and to switch dropouts off as well, see `with_active`.

        Args:
            paths: parameters, or modules with all parameters in them; none for the whole model. A
                tied parameter is frozen by each of its paths.

        Raises:
            ValueError: the model has nothing of a path.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Sequential(tl.nn.Linear(4, 3), tl.nn.ReLU(), tl.nn.Linear(3, 2))
            >>> model.freeze("0", "2.bias")
            >>> model
            Sequential(
              0: Linear(4, 3)  # frozen
              1: ReLU()
              2: Linear(3, 2)  # frozen: bias
            )
            >>> model.num_params(trainable_only=True)
            6
        """
        self._set_frozen(True, paths, "freeze")

    def unfreeze(self, *paths: str) -> None:
        """Train parameters again, none named for all; the opposite of `freeze`.

        Raises:
            ValueError: the model has nothing of a path.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Linear(4, 3)
            >>> model.freeze()
            >>> model.unfreeze("weight")
            >>> model
            Linear(4, 3)  # frozen: bias
        """
        self._set_frozen(False, paths, "unfreeze")

    def _set_frozen(self, frozen: bool, paths: tuple[str, ...], op: str) -> None:
        tensors = dict(self.named_tensors())
        require_known(paths, [*tensors, *(path for path, _ in self.named_modules())], op)
        for path, tensor in tensors.items():
            if isinstance(tensor, Parameter) and any(within(path, each) for each in paths or ("",)):
                tensor.frozen = frozen

    def with_active(self, active: bool | None, *paths: str) -> Self:
        """Return a copy whose dropouts act always, never, or by tape, sharing all parameters.

        Updates, loading and `reset_params` change the model and the copy alike. For fine-tuning
        with frozen statistics, ``model.with_active(False, "encoder")``; for Monte-Carlo dropout,
        ``model.with_active(True)``.

        Args:
            active: True to act on every operand, False on none, None by tape.
            paths: the modules to change, with all modules in them; none for the whole model.

        Raises:
            ValueError: the model has no module of a path.

        Example:
            >>> import tensorlib as tl
            >>> model = tl.nn.Sequential(tl.nn.Bias(4), tl.nn.Dropout(1.0))
            >>> model(tl.ones((4,))).tolist(), model.with_active(True)(tl.ones((4,))).tolist()
            ([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
            >>> model.with_active(True, "1").parameters() == model.parameters()
            True
        """
        require_known(paths, [path for path, _ in self.named_modules()], "with_active")
        return self._switched(active, "", paths or ("",))

    def _switched(self, active: bool | None, path: str, paths: tuple[str, ...]) -> Self:
        copied = copy(self)

        def switched(field: Any, place: str) -> Any:
            return field._switched(active, place, paths) if isinstance(field, Module) else field

        for name, field in vars(self).items():
            vars(copied)[name] = replaced(field, joined(path, name), switched)
        if isinstance(copied, TapeSwitched) and any(within(path, prefix) for prefix in paths):
            copied.active = active
        return copied

    # Shapes -------------------------------------------------------------------------------------

    def input_shape(self) -> Shape:
        """Return the shape this module takes, as far as the module itself knows it.

        Example:
            >>> import tensorlib as tl
            >>> tl.nn.Linear(4, 3).input_shape()[-1]
            4
        """
        return (UNKNOWN_DIMS,)

    def output_shape(self, x: Shape) -> Shape:
        """Return the shape of the result for an operand of this shape, without computing.

        The library's layers answer it, so that containers are checked when they are built.

        Raises:
            ShapeError: the module does not take such an operand.
            UndecidedError: the module does not tell.

        Example:
            >>> import tensorlib as tl
            >>> tl.nn.Conv2d(3, 8, 5).output_shape((64, 3, 28, 28))
            (64, 8, 24, 24)
        """
        raise UndecidedError(f"{self.label()} does not tell its output shape")

    def label(self) -> str:
        """Name this module in messages, with the sizes it was made for.

        Example:
            >>> import tensorlib as tl
            >>> tl.nn.Linear(4, 3).label()
            'Linear(4, 3)'
        """
        return type(self).__name__

    def __repr__(self) -> str:
        children = [(name, item) for name, item in items(vars(self)) if isinstance(item, Module)]
        if not children:
            label = self.label()
            return (label if label.endswith(")") else f"{label}()") + self._frozen_note()
        lines = [f"{name}: {item!r}".replace("\n", "\n  ") for name, item in children]
        return "\n  ".join([f"{type(self).__name__}({self._frozen_note()}", *lines]) + "\n)"

    def _frozen_note(self) -> str:
        """Tell which of the parameters that are fields of this very module are frozen."""
        own = [(name, item) for name, item in items(vars(self)) if isinstance(item, Parameter)]
        frozen = [name for name, parameter in own if parameter.frozen]
        if not frozen:
            return ""
        return "  # frozen" if len(frozen) == len(own) else f"  # frozen: {', '.join(frozen)}"

    # Files --------------------------------------------------------------------------------------

    def save(self, path: str | PathLike[str]) -> None:
        """Write all parameters and buffers to an npz file; see `tensorlib.io.save_npz`.

        Example:
            >>> import tensorlib as tl
            >>> import os, tempfile
            >>> trained, other = tl.nn.Linear(4, 3, rng=0), tl.nn.Linear(4, 3, rng=1)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     trained.save(os.path.join(folder, "model.npz"))
            ...     other.load(os.path.join(folder, "model.npz"))
            >>> other.weight.tolist() == trained.weight.tolist()
            True
        """
        from tensorlib.io import save_npz

        save_npz(path, self)

    def load(self, path: str | PathLike[str]) -> None:
        """Read all parameters and buffers from an npz file; see `tensorlib.io.load_npz`.

        Raises:
            CheckpointError: the file does not hold what the model needs. Nothing has changed.
            OSError: there is no such file.

        Example:
            >>> import tensorlib as tl
            >>> import os, tempfile
            >>> model = tl.nn.Linear(4, 3)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(os.path.join(folder, "model.npz"))
            ...     model.reset_params(rng=1)
            ...     model.load(os.path.join(folder, "model.npz"))
        """
        from tensorlib.io import load_npz

        load_npz(path, self)


def operand(x: X, layer: Module) -> X:
    """Return what a layer is applied to.

    Raises:
        TypeError: it is no tensor.
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(x, layer.label())
    return x


def shape_of(x: AnyTensor, subject: str | Module) -> tuple[int, ...]:
    """Return the shape of an operand of a layer, or of what has a name.

    Raises:
        TypeError: it is no tensor.
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(x, subject if isinstance(subject, str) else subject.label())
    shape: tuple[int, ...] = x.shape
    return shape


class TapeSwitched(Module):
    """A module that does in training what it does not do otherwise: the tape tells which it is.

    Attributes:
        active: True to act on every operand, False on none, None by tape.
    """

    active: bool | None = None

    def acts_on(self, x: AnyTensor) -> bool:
        """Tell whether to act on this operand.

        Raises:
            TapeMovedError: its tape has moved.
        """
        if not isinstance(x, Tensor):
            raise not_a_tensor(x, self.label())
        require_tape_present(x, self.label())
        return x.owns_tape if self.active is None else self.active
