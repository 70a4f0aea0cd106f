"""The tensor: an array whose shape, tape and dtype are part of its type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Never, Protocol, Self, TypeAlias, cast, overload

import numpy as np
from typing_extensions import TypeVar, TypeVarTuple

from tensorlib import recording
from tensorlib.backward import run_backward
from tensorlib.gradients import Gradients
from tensorlib.ops import (
    activation,
    adaptive_pooling,
    convolution,
    elementwise,
    foreign,
    indexing,
    linalg,
    logic,
    manipulation,
    mapping,
    normalization,
    ordering,
    padding,
    pooling,
    power,
    reduction,
    resampling,
    rounding,
    scan,
    searching,
    selection,
    splitting,
    trigonometry,
)
from tensorlib.ops.indexing import Index
from tensorlib.ops.primitive import Primitive, not_a_tensor
from tensorlib.shapes import arithmetic as arithmetic  # the plugin's types go where ours go
from tensorlib.shapes import elementwise as elementwise_rules
from tensorlib.shapes import indexing as indexing_rules
from tensorlib.shapes import manipulation as manipulation_rules
from tensorlib.shapes.dtypes import require_supported
from tensorlib.shapes.errors import DtypeError, ShapeError, TapeError
from tensorlib.shapes.logic import require_bools
from tensorlib.shapes.registry import TapeRule
from tensorlib.shapes.words import attribute_error
from tensorlib.tape import (
    LEAF,
    Array,
    Moved,
    NoTape,
    Origin,
    Tape,
    Value,
    next_id,
    require_tape,
    require_tape_present,
)
from tensorlib.typevars import D2, T2, T3, D, Dims, S, Scalar

if TYPE_CHECKING:
    from tensorlib.nn.module import Module

S_co = TypeVar("S_co", bound=tuple[Any, ...], covariant=True, default=tuple[int, ...])
T_co = TypeVar("T_co", bound="NoTape | Tape", covariant=True, default=NoTape)
D_co = TypeVar("D_co", bound=np.generic, covariant=True, default=np.float32)
F = TypeVar("F", bound=np.floating[Any])
K = TypeVar("K", bound=int)
N = TypeVar("N", bound=int)
L = TypeVarTuple("L")
Multiplied: TypeAlias = tuple[K, ...] | tuple[*tuple[Any, ...], K, Any]
"""The shapes of what ``@`` takes on the right of K columns: a vector, a matrix, a batch of such."""


class Checked:
    """Marks what takes all that is refused, so that the plugin can say why.

    Nobody can pass a value of this type: without the plugin the call is an error all the same.
    """


def _in_dtype(x: Array, dtype: np.dtype[Any]) -> Array:
    return x.astype(dtype)


class OwnsTape(Protocol[S_co]):
    """A tensor of this shape that may own a tape: with `Tape` or `Tape | NoTape`, not `NoTape`."""

    @property
    def shape(self) -> S_co:
        """The lengths of the axes."""
        raise NotImplementedError

    def _takes(self, tape: Tape, /) -> None: ...


class Tensor(Value, Generic[S_co, T_co, D_co]):
    """An immutable array of known shape, which may own the gradient tape.

    ``Tensor[Shape[64, 10]]`` is a float32 tensor without a tape, ``Tensor[Shape[64, 10], Tape]``
    one that owns a tape, ``Tensor[Shape[64], NoTape, np.int64]`` one of class indices. Make one
    with `tensorlib.tensor`, `tensorlib.zeros` and the like.

    Recording ops take the tapes of their operands; using such an operand again in a recording op
    is an error. `with_empty_tape` is the way to use a value twice. Reading stays free: ``shape``,
    ``numpy()``, ``item()``, ``detach()``, comparisons, ``argmax``, printing.

    Example:
        >>> import tensorlib as tl
        >>> x = tl.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> x
        tensor([[1., 2.],
                [3., 4.]], shape=(2, 2), dtype=float32)
        >>> (x @ x.with_empty_tape()).sum(axis=0).tolist()
        [22.0, 32.0]
    """

    __slots__ = ()

    def __init__(self, data: Array, *, id: int | None = None) -> None:
        """Wrap an array without a copy; `tensorlib.tensor` is the public way."""
        self._data = data
        self._id = next_id() if id is None else id
        self._tape = None
        self._origin = None

    def _result(self, data: Array, tape: Tape | None, origin: Origin, id: int) -> Any:
        result: Tensor[Any, Any, Any] = Tensor.__new__(Tensor)
        result._data = data
        result._id = id
        result._tape = tape
        result._origin = origin
        return result

    # Reading ------------------------------------------------------------------------------------

    @property
    def shape(self) -> S_co:
        """The lengths of the axes, as a tuple of ints.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((64, 10)).shape
            (64, 10)
        """
        shape: Any = self._data.shape
        return cast("S_co", shape)

    @property
    def ndim(self) -> int:
        """The number of axes.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((64, 10)).ndim
            2
        """
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((64, 10)).size
            640
        """
        return self._data.size

    @property
    def dtype(self) -> np.dtype[D_co]:
        """NumPy's dtype of the elements.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((64, 10)).dtype, tl.tensor([1, 2]).dtype
            (dtype('float32'), dtype('int64'))
        """
        return self._data.dtype

    @property
    def id(self) -> int:
        """The number by which the tape knows this value.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.zeros((3,))
            >>> x.traced().id == x.id, x.exp().id == x.id
            (True, False)
        """
        return self._id

    @property
    def owns_tape(self) -> bool:
        """Whether this tensor owns a gradient tape now.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.zeros((3,)).traced()
            >>> y = x.exp()
            >>> x.owns_tape, y.owns_tape
            (False, True)
        """
        return type(self._tape) is Tape

    def numpy(self) -> np.ndarray[S_co, np.dtype[D_co]]:
        """Return a read-only view of the elements.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((2, 3)).numpy().flags.writeable
            False
        """
        if recording.active:
            recording.refuse("numpy()")
        view = self._data.view()
        view.flags.writeable = False
        return view

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype, copy=copy)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Export a copy of the elements by the DLPack protocol; a tape stays behind.

        A copy, because not every library heeds that memory is read-only. With ``copy=False``,
        which NumPy passes on, the memory itself is exported as read-only.

        Raises:
            BufferError: the memory is asked for by a library that cannot know of read-only, or
                on another device.
        """
        recording.refuse("DLPack")
        array: Any = self.numpy() if copy is False else self._data.copy()
        asked = {
            "stream": stream,
            "max_version": max_version,
            "dl_device": dl_device,
            "copy": False if copy is False else None,
        }
        known = {} if np.__version__.startswith("2.0.") else asked  # which has the first protocol
        return array.__dlpack__(**{key: each for key, each in known.items() if each is not None})

    def __dlpack_device__(self) -> tuple[int, int]:
        kind, number = self._data.__dlpack_device__()
        return int(kind), number

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Take part in ``np.float32(2) * x``; refuse NumPy's functions, which drop gradients."""
        name = foreign.our_name(ufunc.__name__)
        if method == "__call__" and not options and not isinstance(inputs[0], Tensor):
            if name in _ARITHMETIC:
                return _ARITHMETIC[name](*inputs)
            if name in _COMPARISONS:
                # NumPy makes an array of its scalar before it compares.
                left = np.asarray(inputs[0])
                return _COMPARISONS[name](left if left.ndim else left[()], inputs[1])
        raise foreign.records_nothing(ufunc.__name__)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, arguments: Any, options: Any
    ) -> Any:
        """Refuse ``np.sum(x)`` and its like where they drop gradients; others read."""
        return foreign.called(function, arguments, options)

    @property
    def _mask(self) -> Never:
        """Refuse masked arrays, which look for this and know no other protocol, to a tape."""
        if not self.owns_tape:  # read as an array, as plotting does
            raise AttributeError("_mask")
        raise TypeError(
            "np.ma: masked arrays record no gradient: "
            "use tl.where(mask, ...) with tl.tensor(array.filled(...)), or x.numpy()"
        )

    @overload
    def item(self: Tensor[Any, Any, np.floating[Any]]) -> float: ...
    @overload
    def item(self: Tensor[Any, Any, np.integer[Any]]) -> int: ...
    @overload
    def item(self: Tensor[Any, Any, np.bool]) -> bool: ...
    @overload
    def item(self) -> Any: ...
    def item(self) -> Any:
        """Return the only element as a Python number.

        Raises:
            ShapeError: there is not exactly one element.

        Example:
            >>> import tensorlib as tl
            >>> tl.tensor([1.0, 2.0]).sum().item()
            3.0
        """
        if self._data.size != 1:
            raise ShapeError(f"expected one element, got shape {self._data.shape}", subject="item")
        recording.refuse("item()")
        return self._data.item()

    def tolist(self) -> Any:
        """Return the elements as nested lists of Python numbers.

        Example:
            >>> import tensorlib as tl
            >>> tl.arange(6).reshape((2, 3)).tolist()
            [[0, 1, 2], [3, 4, 5]]
        """
        recording.refuse("tolist()")
        return self._data.tolist()

    def __len__(self) -> int:
        if not self._data.shape:
            raise TypeError("len: a scalar has no length")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Tensor[tuple[int, ...], T_co, D_co]]:
        """Go through the first axis; each member owns a tape with the whole history.

        Raises:
            ShapeError: this is a scalar.
        """
        if self.owns_tape or not self.shape:
            return iter(splitting.rows(self))
        require_tape_present(self, "iter")
        return (self[index] for index in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._single("bool"))

    def __float__(self) -> float:
        return float(self._single("float"))

    def __int__(self) -> int:
        return int(self._single("int"))

    def _single(self, name: str) -> Any:
        if self._data.size != 1:
            fix = ": use .any() or .all() on .numpy()" if name == "bool" else ""
            raise ValueError(f"{name}: expected one element, got shape {self._data.shape}{fix}")
        recording.refuse(f"{name}()" if name != "bool" else "bool(), or an if,")
        return self._data.item()

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __repr__(self) -> str:
        recording.refuse("printing it")
        values = np.array2string(self._data, separator=", ", prefix="tensor(")
        tape = "" if self._tape is None else ", tape moved"
        if self.owns_tape:
            tape = ", tape"
        return f"tensor({values}, shape={self._data.shape}, dtype={self._data.dtype}{tape})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Array]]:
        if self.owns_tape:
            raise TapeError(
                "pickle: this tensor owns a gradient tape, which cannot be copied: "
                "use x.detach() first"
            )
        return Tensor, (self._data,)

    def copy(self) -> Tensor[S_co, NoTape, D_co]:
        """Return a constant with a copy of the data and an id of its own.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.ones((3,))
            >>> y = x.copy()
            >>> y.tolist(), y.id == x.id
            ([1.0, 1.0, 1.0], False)
        """
        return Tensor(self._copied())

    def detach(self) -> Tensor[S_co, NoTape, D_co]:
        """Return the value as a constant: an id of its own, no tape, no gradient.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.tensor([3.0])
            >>> y = x.traced()
            >>> (y.detach() * y).sum().backward()[x].item()
            3.0
        """
        return Tensor(self._copied() if self.is_mutable else self._data)

    # The tape -----------------------------------------------------------------------------------

    if TYPE_CHECKING:

        def _takes(self, tape: T_co, /) -> None: ...  # type: ignore[misc]  # asked by OwnsTape only

    @overload
    def traced(self: Tensor[S, NoTape, D]) -> Tensor[S, Tape, D]: ...
    @overload
    def traced(self, *, _checked: Checked) -> Tensor[S_co, Tape, D_co]: ...
    def traced(self, *, _checked: Any = None) -> Any:
        """Return the same value owning a fresh tape; ``self`` stays usable.

        Everything computed from the result is recorded, and `backward` gives a gradient for it
        (if it is floating point) and for every parameter it meets.

        Raises:
            TapeError: the tensor already owns a tape, or did before it moved.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.tensor([1.0, 2.0])
            >>> gradients = x.traced().square().sum().backward()
            >>> gradients[x].tolist()
            [2.0, 4.0]
        """
        return self._with_fresh_tape("traced")

    def _with_fresh_tape(self, op: str) -> Any:
        require_tape_present(self, op)
        TapeRule.NEEDS_NO_TAPE.check(self._tape is not None, op)
        tape = Tape()
        if self._data.dtype.kind == "f":
            self._origin = self._origin or LEAF
            tape.record.add_leaf(self)
        return self._handle(tape)

    @overload
    def trace(self: Tensor[S, NoTape, D]) -> Tensor[S, Tape, D]: ...
    @overload
    def trace(self, *, _checked: Checked) -> Tensor[S_co, Tape, D_co]: ...
    def trace(self, *, _checked: Any = None) -> Any:
        """Do what `traced` does, in dfdx's other word.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((3,)).trace().owns_tape
            True
        """
        return self._with_fresh_tape("trace")

    def with_empty_tape(self) -> Self:
        """Return the same value owning a new empty tape, to use it in a second branch.

        Legal before and after the tape of ``self`` moves. The branches' tapes merge where the
        branches meet. Of a tensor that never owned a tape, this is the tensor itself.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.tensor([3.0])
            >>> h = x.traced().square()
            >>> (h.with_empty_tape() + h * 2.0).sum().backward()[x].tolist()
            [18.0]
        """
        if self._tape is None:
            return self
        tape = Tape()
        tape.record.note(self)
        handle: Self = self._handle(tape)
        return handle

    def with_tape_of(self, other: Tensor[Any, T2, Any]) -> Tensor[S_co, T_co | T2, D_co]:
        """Return the same value owning a new empty tape if the other tensor owns one.

        For what a model makes of nothing, such as the zeros that a recurrence starts from, and for
        a parameter in an op on parameters alone, ``weight.with_tape_of(x).T``: where the model is
        applied to a traced tensor, what is computed from the result is then recorded. The other
        tensor keeps its tape. A tensor that owns a tape already is returned as it is.

        Example:
            >>> import tensorlib as tl
            >>> x, start = tl.tensor([1.0]), tl.zeros((1,))
            >>> start.with_tape_of(x).owns_tape, start.with_tape_of(x.traced()).owns_tape
            (False, True)
        """
        if not isinstance(other, Tensor):
            raise not_a_tensor(other, "with_tape_of")
        if self._tape is not None or other._tape is None:
            return self
        tape = Tape()
        tape.record.note(self)
        handle: Tensor[S_co, T_co | T2, D_co] = self._handle(tape)
        return handle

    @overload
    def split_tape(self: Tensor[S, Tape, D]) -> tuple[Tensor[S, NoTape, D], Tape]: ...
    @overload
    def split_tape(self, *, _checked: Checked) -> tuple[Tensor[S_co, NoTape, D_co], Tape]: ...
    def split_tape(self, *, _checked: Any = None) -> tuple[Any, Tape]:
        """Take the tape off: return the value without it, and the tape. Moves the tape.

        Raises:
            TapeError: the tensor owns no tape.

        Example:
            >>> import tensorlib as tl
            >>> x = tl.tensor([3.0])
            >>> y, tape = x.traced().square().sum().split_tape()
            >>> y.owns_tape, tape
            (False, Tape(2 ops))
            >>> y.put_tape(tape).backward()[x].tolist()
            [6.0]
        """
        tape = require_tape(self, "split_tape")
        self._tape = Moved("split_tape")
        tape.held = False
        return self._handle(None), tape

    @overload
    def put_tape(self: Tensor[S, NoTape, D], tape: Tape) -> Tensor[S, Tape, D]: ...
    @overload
    def put_tape(self, tape: Tape, *, _checked: Checked) -> Tensor[S_co, Tape, D_co]: ...
    def put_tape(self, tape: Tape, *, _checked: Any = None) -> Any:
        """Return the same value owning a tape that was split off another tensor.

        Raises:
            TapeError: the tensor already owns a tape, or another tensor owns this one.

        Example:
            >>> import tensorlib as tl
            >>> x, y = tl.tensor([3.0]), tl.tensor(5.0)
            >>> _, tape = x.traced().square().sum().split_tape()
            >>> y.put_tape(tape).owns_tape
            True
        """
        require_tape_present(self, "put_tape")
        TapeRule.NEEDS_NO_TAPE.check(self._tape is not None, "put_tape")
        tape.claim("put_tape")
        tape.record.note(self)
        return self._handle(tape)

    @overload
    def backward(
        self: Tensor[tuple[()], Tape, Any], wrt: Module | Iterable[AnyTensor] | None = None
    ) -> Gradients: ...
    @overload  # Tape | NoTape, what other checkers make of a loss of which one operand has a tape
    def backward(
        self: OwnsTape[tuple[()]], wrt: Module | Iterable[AnyTensor] | None = None
    ) -> Gradients: ...
    @overload
    def backward(
        self, wrt: Module | Iterable[AnyTensor] | None = None, *, _checked: Checked
    ) -> Gradients: ...
    def backward(
        self, wrt: Module | Iterable[AnyTensor] | None = None, *, _checked: Any = None
    ) -> Gradients:
        """Return the gradients of this scalar, and consume its tape.

        Args:
            wrt: a model or tensors to limit the gradients to; by default all parameters the
                scalar depends on, and the traced inputs.

        Raises:
            ShapeError: this is not a scalar.
            TapeError: the tensor owns no tape, or its tape moved.
            IncompleteTapeError: part of the history is on another tape.
            ParameterChangedError: a parameter was written since the forward pass.

        Example:
            >>> import tensorlib as tl
            >>> layer, x = tl.nn.Linear(2, 3), tl.tensor([1.0, 2.0])
            >>> gradients = layer(x.traced()).sum().backward()
            >>> gradients[layer.weight].tolist()
            [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
            >>> x in gradients, x in layer(x.traced()).sum().backward(wrt=layer)
            (True, False)
        """
        tape = require_tape(self, "backward")
        elementwise_rules.backward(self._data.shape)
        if isinstance(wrt, Tensor):
            wrt = (wrt,)  # not its rows
        # Asked by its method: a model may be iterable as well, over its members.
        parameters = getattr(wrt, "parameters", None)
        targets: Any = parameters() if parameters is not None else wrt
        return run_backward(self, tape, targets)

    # Transposed ---------------------------------------------------------------------------------

    @property
    def T(self) -> Tensor[Dims, T_co, D_co]:
        """The tensor with its axes in reverse order, as NumPy's; see `mT` for matrices of a batch.

        Moves the tape, like any op.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((2, 3, 4)).T.shape
            (4, 3, 2)
        """
        return manipulation.permute(self, tuple(range(self._data.ndim))[::-1])

    @property
    def mT(self) -> Tensor[Dims, T_co, D_co]:  # noqa: N802 (NumPy's name)
        """The tensor with its last two axes exchanged: each matrix transposed.

        Moves the tape, like any op.

        Raises:
            ShapeError: the tensor has fewer than two axes.

        Example:
            >>> import tensorlib as tl
            >>> tl.zeros((2, 3, 4)).mT.shape
            (2, 4, 3)
        """
        return manipulation.matrix_transpose(self)

    # Dtype and shape known at run time ----------------------------------------------------------

    @overload
    def astype(self, dtype: type[F]) -> Tensor[S_co, T_co, F]: ...
    @overload
    def astype(self, dtype: type[D2]) -> Tensor[S_co, NoTape, D2]: ...
    def astype(self, dtype: Any) -> Any:
        """Convert the elements.

        To a float dtype this is an op that moves the tape; to ints or bools it only reads.

        Raises:
            DtypeError: tensors cannot have the dtype.

        Example:
            >>> import tensorlib as tl
            >>> import numpy as np
            >>> tl.tensor([0.0, 1.5]).astype(np.int64).tolist()
            [0, 1]
        """
        target = np.dtype(dtype)
        try:
            require_supported(target.name)
        except DtypeError as error:
            raise error.named("astype") from None
        if target.kind == "f":
            return _astype(self, target)
        recording.require_known([self])
        return Tensor(recording.noted(_in_dtype)(self._data, target))

    def expect_shape(self, shape: S) -> Tensor[S, T_co, D_co]:
        """State the shape where the checker does not know it; see `tensorlib.expect_shape`.

        Example:
            >>> import tensorlib as tl
            >>> tl.tensor([[1.0, 2.0]]).expect_shape((1, 2)).shape
            (1, 2)
        """
        return manipulation.expect_shape(self, shape)

    # Operators ----------------------------------------------------------------------------------

    @overload
    def __add__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __add__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __add__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __add__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __add__(self, other: Any) -> Any:
        return elementwise.add(self, other)

    def __radd__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = elementwise.add(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    @overload
    def __sub__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __sub__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __sub__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __sub__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __sub__(self, other: Any) -> Any:
        return elementwise.subtract(self, other)

    def __rsub__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = elementwise.subtract(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    @overload
    def __mul__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __mul__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __mul__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __mul__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __mul__(self, other: Any) -> Any:
        return elementwise.multiply(self, other)

    def __rmul__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = elementwise.multiply(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    @overload
    def __truediv__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __truediv__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __truediv__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __truediv__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __truediv__(self, other: Any) -> Any:
        return elementwise.divide(self, other)

    def __rtruediv__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = elementwise.divide(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    # By self alone K is known, so that every checker refuses what has another there.
    @overload
    def __matmul__(
        self: Tensor[tuple[*L, K], T3, D], other: Tensor[tuple[K, N], NoTape, Any]
    ) -> Tensor[tuple[*L, N], T3, D]: ...
    @overload
    def __matmul__(
        self: Tensor[tuple[*L, K], T3, D], other: Tensor[tuple[K, N], Tape, Any]
    ) -> Tensor[tuple[*L, N], Tape, D]: ...
    @overload
    def __matmul__(
        self: Tensor[tuple[*L, K], T3, D], other: Tensor[Multiplied[K], NoTape, Any]
    ) -> Tensor[Dims, T3, D]: ...
    @overload
    def __matmul__(
        self: Tensor[tuple[*L, K], T3, D], other: Tensor[Multiplied[K], Tape, Any]
    ) -> Tensor[Dims, Tape, D]: ...
    @overload
    def __matmul__(
        self: Tensor[tuple[*L, K], T3, D], other: Tensor[Multiplied[K], T2, Any]
    ) -> Tensor[Dims, T3 | T2, D]: ...
    @overload
    def __matmul__(self, other: Refused) -> Tensor[Dims, T_co, D_co]: ...
    def __matmul__(self, other: Any) -> Any:
        return linalg.matmul(self, other)

    @overload
    def __pow__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __pow__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __pow__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __pow__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __pow__(self, other: Any) -> Any:
        return power.pow(self, other)

    def __rpow__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = power.pow(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    @overload
    def __mod__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]: ...
    @overload
    def __mod__(self, other: Tensor[Any, NoTape, Any]) -> Tensor[Dims, T_co, D_co]: ...
    @overload
    def __mod__(self, other: Tensor[Any, Tape, Any]) -> Tensor[Dims, Tape, D_co]: ...
    @overload
    def __mod__(self, other: Tensor[Any, T2, Any]) -> Tensor[Dims, T_co | T2, D_co]: ...
    def __mod__(self, other: Any) -> Any:
        return rounding.remainder(self, other)

    def __rmod__(self, other: Scalar) -> Tensor[S_co, T_co, D_co]:
        y: Any = rounding.remainder(other, self)
        result: Tensor[S_co, T_co, D_co] = y
        return result

    @overload
    def __floordiv__(self, other: Scalar) -> Tensor[S_co, NoTape, D_co]: ...
    @overload
    def __floordiv__(self, other: Tensor[Any, Any, Any]) -> Tensor[Dims, NoTape, D_co]: ...
    def __floordiv__(self, other: Any) -> Any:
        return rounding.floor_divide(self, other)

    def __rfloordiv__(self, other: Scalar) -> Tensor[S_co, NoTape, D_co]:
        y: Any = rounding.floor_divide(other, self)
        result: Tensor[S_co, NoTape, D_co] = y
        return result

    def __neg__(self) -> Tensor[S_co, T_co, D_co]:
        return elementwise.neg(self)

    def __abs__(self) -> Tensor[S_co, T_co, D_co]:
        return elementwise.abs(self)

    def __invert__(self) -> Tensor[S_co, NoTape, np.bool]:
        y: Any = logic.logical_not(_require_bools(self, "~", "logical_not"))
        result: Tensor[S_co, NoTape, np.bool] = y
        return result

    def __and__(self, other: Tensor[Any, Any, Any] | bool) -> Bools:
        return logic.logical_and(_require_bools(self, "&", "logical_and", other), other)

    def __or__(self, other: Tensor[Any, Any, Any] | bool) -> Bools:
        return logic.logical_or(_require_bools(self, "|", "logical_or", other), other)

    def __xor__(self, other: Tensor[Any, Any, Any] | bool) -> Bools:
        return logic.logical_xor(_require_bools(self, "^", "logical_xor", other), other)

    __rand__ = __and__
    __ror__ = __or__
    __rxor__ = __xor__

    def __getitem__(self, index: Index) -> Tensor[Dims, T_co, D_co]:
        """Select by ints, slices, None and ``...``, by tensors of ints and by masks."""
        return indexing.getitem(self, index)

    if TYPE_CHECKING:  # what these ask for nobody can pass, so any checker refuses the statement

        def __setitem__(self, index: Checked, value: object) -> None: ...
        def __delitem__(self, index: Checked) -> None: ...
    else:

        def __setitem__(self, index: object, value: object) -> None:
            indexing_rules.setitem(self.shape)

        def __delitem__(self, index: object) -> None:
            indexing_rules.delitem(self.shape)

    def __eq__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:  # type: ignore[override]
        return elementwise.equal(self, other)

    def __ne__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:  # type: ignore[override]
        return elementwise.not_equal(self, other)

    def __lt__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:
        return elementwise.less(self, other)

    def __le__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:
        return elementwise.less_equal(self, other)

    def __gt__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:
        return elementwise.greater(self, other)

    def __ge__(self, other: Tensor[Any, Any, Any] | Scalar) -> Bools:
        return elementwise.greater_equal(self, other)

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            raise attribute_error("Tensor", name, self)

    # Ops as methods: the functions themselves -----------------------------------------------------

    neg = elementwise.neg
    abs = elementwise.abs
    square = elementwise.square
    relu = elementwise.relu
    sqrt = elementwise.sqrt
    exp = elementwise.exp
    log = elementwise.log
    sin = elementwise.sin
    cos = elementwise.cos
    tanh = elementwise.tanh
    sigmoid = elementwise.sigmoid
    reciprocal = power.reciprocal
    rsqrt = power.rsqrt
    log1p = power.log1p
    log2 = power.log2
    log10 = power.log10
    expm1 = power.expm1
    erf = power.erf
    sign = rounding.sign
    floor = rounding.floor
    ceil = rounding.ceil
    round = rounding.round
    trunc = rounding.trunc
    gelu = activation.gelu
    silu = activation.silu
    elu = activation.elu
    selu = activation.selu
    leaky_relu = activation.leaky_relu
    softplus = activation.softplus
    hardtanh = activation.hardtanh
    hardsigmoid = activation.hardsigmoid
    hardswish = activation.hardswish
    logsigmoid = activation.logsigmoid
    map = mapping.map
    tan = trigonometry.tan
    asin = trigonometry.asin
    acos = trigonometry.acos
    atan = trigonometry.atan
    sinh = trigonometry.sinh
    cosh = trigonometry.cosh
    asinh = trigonometry.asinh
    acosh = trigonometry.acosh
    atanh = trigonometry.atanh
    isnan = logic.isnan
    isfinite = logic.isfinite
    isinf = logic.isinf
    logical_not = logic.logical_not
    nans_to = logic.nans_to
    clip = elementwise.clip
    sum = reduction.sum
    mean = reduction.mean
    var = reduction.var
    std = reduction.std
    prod = reduction.prod
    any = reduction.any
    all = reduction.all
    count_nonzero = reduction.count_nonzero
    max = reduction.max
    min = reduction.min
    logsumexp = reduction.logsumexp
    softmax = normalization.softmax
    log_softmax = normalization.log_softmax
    cumsum = scan.cumsum
    cumprod = scan.cumprod
    cummax = scan.cummax
    cummin = scan.cummin
    normalize = normalization.normalize
    unfold = convolution.unfold
    max_pool1d = pooling.max_pool1d
    max_pool2d = pooling.max_pool2d
    min_pool2d = pooling.min_pool2d
    avg_pool1d = pooling.avg_pool1d
    avg_pool2d = pooling.avg_pool2d
    adaptive_avg_pool2d = adaptive_pooling.adaptive_avg_pool2d
    adaptive_max_pool2d = adaptive_pooling.adaptive_max_pool2d
    global_avg_pool2d = adaptive_pooling.global_avg_pool2d
    global_max_pool2d = adaptive_pooling.global_max_pool2d
    global_min_pool2d = adaptive_pooling.global_min_pool2d
    upscale2d = resampling.upscale2d
    argmax = ordering.argmax
    argmin = ordering.argmin
    sort = ordering.sort
    argsort = ordering.argsort
    topk = ordering.topk
    matmul = linalg.matmul
    reshape = manipulation.reshape
    flatten = manipulation.flatten
    permute = manipulation.permute
    transpose = manipulation.transpose
    expand_dims = manipulation.expand_dims
    squeeze = manipulation.squeeze
    flip = manipulation.flip
    roll = manipulation.roll
    pad = padding.pad
    repeat = padding.repeat
    argwhere = searching.argwhere
    nonzero = searching.nonzero
    unique = searching.unique
    take = selection.take
    select = selection.select
    take_along_axis = selection.take_along_axis
    scatter_add = selection.scatter_add
    masked_select = selection.masked_select
    value_mask = selection.value_mask
    one_hot = selection.one_hot
    split = splitting.split
    chunk = splitting.chunk
    unstack = splitting.unstack
    tile = manipulation.tile
    tril = manipulation.tril
    triu = manipulation.triu
    broadcast_to = manipulation.broadcast_to
    broadcast_like = manipulation.broadcast_like
    matrix_transpose = manipulation.matrix_transpose


def _require_bools(x: Any, operator: str, op: str, other: Any = True) -> Any:
    """Require that both operands are of bools, as NumPy does something else with ints."""
    dtypes = (
        each.dtype if isinstance(each, Tensor) else np.asarray(each).dtype for each in (x, other)
    )
    require_bools(operator, op, *(dtype.name for dtype in dtypes))
    return x


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": elementwise.add,
    "subtract": elementwise.subtract,
    "multiply": elementwise.multiply,
    "divide": elementwise.divide,
    "floor_divide": rounding.floor_divide,
    "remainder": rounding.remainder,
    "pow": power.pow,
    "matmul": linalg.matmul,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": elementwise.equal,
    "not_equal": elementwise.not_equal,
    "less": elementwise.less,
    "less_equal": elementwise.less_equal,
    "greater": elementwise.greater,
    "greater_equal": elementwise.greater_equal,
}
"""What the operators of NumPy's scalars and arrays do when a tensor stands on the right."""

_astype = Primitive(
    manipulation_rules.astype,
    lambda x, dtype: x.astype(dtype),
    lambda g: g,
)

if TYPE_CHECKING:
    AnyTensor = Tensor[Any, Any, Any]
    Bools = Tensor[Dims, NoTape, np.bool]
    Refused = Tensor[Never, Never, Never]
    """No tensor is of this type, until the plugin opens shapes, to refuse some in its own words."""
    Indices = Tensor[Dims, NoTape, np.int64]
