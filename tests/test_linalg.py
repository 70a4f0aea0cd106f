"""Linear algebra beyond the table of ops: what only elements tell, einsum's language, sharing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlib as tl
from tensorlib import nn
from tensorlib.shapes import contraction
from tensorlib.shapes.dim import UNKNOWN, symbol
from tensorlib.shapes.shape import ANY_DIMS, UNKNOWN_DIMS, Pack
from tensorlib.testing import check_grads

untyped: Any = tl


def t(*shape: int) -> Any:
    return tl.ones(shape)


SINGULAR: Any = tl.tensor([[1.0, 2.0], [2.0, 4.0]])

# Matrices without an inverse ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: tl.linalg.inv(SINGULAR),
            "linalg.inv: the matrix is singular, or one of the batch is",
        ),
        (
            lambda: tl.linalg.solve(tl.stack((SINGULAR, tl.eye(2))), t(2)),
            "linalg.solve: the matrix is singular, or one of the batch is",
        ),
        (
            lambda: tl.linalg.cholesky(-SINGULAR),
            "linalg.cholesky: the matrix is not positive definite, or one of the batch is not",
        ),
        (
            lambda: tl.linalg.slogdet(SINGULAR.traced())[1].backward(),
            "linalg.slogdet: the matrix is singular, or one of the batch is",
        ),
    ],
)
def test_what_only_the_elements_tell(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(tl.LinAlgError) as caught:
        call()
    assert str(caught.value) == text


def test_a_refused_matrix_leaves_the_tape_in_place() -> None:
    x = SINGULAR.traced()
    with pytest.raises(tl.LinAlgError):
        tl.linalg.inv(x)
    assert x.owns_tape


def test_a_singular_matrix_has_a_determinant_with_a_gradient() -> None:
    gradient = tl.linalg.det(SINGULAR.traced()).backward()[SINGULAR].numpy()
    np.testing.assert_allclose(gradient, [[4, -2], [-2, 1]], rtol=1e-5)
    for rank in (0, 1, 2):
        x = np.random.default_rng(rank).normal(size=(3, rank)) @ np.ones((rank, 3))
        check_grads(tl.linalg.det, x, rng=np.random.default_rng(0))


def test_slogdet_of_a_singular_matrix() -> None:
    sign, logarithm = tl.linalg.slogdet(tl.zeros((2, 2)))
    assert (sign.item(), logarithm.item()) == (0, -np.inf)


def test_slogdet_of_what_no_float_holds() -> None:
    x: Any = tl.eye(500) * 1e-3
    sign, logarithm = tl.linalg.slogdet(x)
    assert sign.item() == 1
    assert logarithm.item() == pytest.approx(500 * np.log(1e-3), rel=1e-5)


def test_equal_eigenvalues_have_gradients() -> None:
    x: Any = tl.eye(3)
    values, _ = tl.linalg.eigh(x.traced())
    assert values.sum().backward()[x].tolist() == np.eye(3).tolist()


def test_vectors_without_singular_values_have_no_gradient() -> None:
    x: Any = tl.tensor([[1.0, 2.0, 3.0], [3.0, 5.0, 4.0]])
    u, s, vh = tl.linalg.svd(x.traced())
    assert (u.shape, s.shape, vh.shape) == ((2, 2), (2,), (3, 3))
    assert tl.linalg.svd(x.traced())[2][:2].square().sum(0).sum().backward()[x].shape == (2, 3)
    with pytest.raises(tl.LinAlgError, match=r"^linalg\.svd: the vectors .* full_matrices=False$"):
        vh.square().sum().backward()


def test_what_numpy_does_not_decompose() -> None:
    x: Any = tl.tensor([[np.nan, 1.0], [1.0, 2.0]])
    with pytest.raises(tl.LinAlgError, match=r"^linalg\.svd: the singular values were not found$"):
        tl.linalg.svd(x)
    with pytest.raises(tl.LinAlgError, match=r"^linalg\.svdvals: the singular values were not"):
        tl.linalg.svdvals(x)


def test_one_triangle_is_read() -> None:
    x: Any = tl.tensor([[4.0, 99.0], [1.0, 3.0]])
    same: Any = tl.tensor([[4.0, 1.0], [1.0, 3.0]])
    assert tl.linalg.cholesky(x).tolist() == tl.linalg.cholesky(same).tolist()
    assert tl.linalg.eigh(x)[0].tolist() == tl.linalg.eigh(same)[0].tolist()
    gradient = tl.linalg.cholesky(x.traced()).sum().backward()[x].numpy()
    assert gradient.tolist() == gradient.T.tolist()


# Norms -------------------------------------------------------------------------------------------


def test_the_norm_of_zeros_has_the_gradient_zero() -> None:
    x: Any = tl.zeros((2, 2))
    for order, axis in ((None, None), (2, 0), (3, 1), (1, 1), (np.inf, 0), (2, (0, 1))):
        gradient = tl.linalg.norm(x.traced(), order, axis).sum().backward()[x]
        assert not np.isnan(gradient.numpy()).any()


def test_equal_largest_elements_share_the_gradient() -> None:
    x: Any = tl.tensor([3.0, -3.0, 1.0])
    assert tl.linalg.norm(x.traced(), np.inf).backward()[x].tolist() == [0.5, -0.5, 0]
    y: Any = tl.tensor([[1.0, 2.0], [3.0, 2.0]])
    assert tl.linalg.norm(y.traced(), 1).backward()[y].tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_the_order_0_counts() -> None:
    x: Any = tl.tensor([3.0, 0.0, 1.0])
    assert tl.linalg.norm(x, 0).item() == 2
    assert tl.linalg.norm(x.traced(), 0).backward()[x].tolist() == [0, 0, 0]


def test_numpys_numbers_are_orders() -> None:
    x: Any = tl.tensor([[1.0, -2.0], [3.0, 4.0]])
    for order in (np.int64(1), np.float32(2), np.inf):
        expected = np.linalg.norm(x.numpy(), float(order))
        assert untyped.linalg.norm(x, order).item() == pytest.approx(expected, rel=1e-6)
    with pytest.raises(TypeError, match=r"^linalg\.norm: expected a number, got list$"):
        untyped.linalg.norm(x, [2])


@pytest.mark.parametrize("side", [0, 1])
def test_matrices_of_no_elements(side: int) -> None:
    x: Any = tl.zeros((side, 0, 0))
    assert tl.linalg.det(x.traced()).sum().backward()[x].shape == (side, 0, 0)
    assert tl.linalg.inv(x).shape == (side, 0, 0)
    assert tl.linalg.trace(x).tolist() == [0] * side
    assert tl.linalg.norm(tl.zeros((side, 0)), axis=1).tolist() == [0] * side
    assert tl.linalg.norm(tl.zeros((3, 0)), np.inf).item() == 0


def test_trace_is_the_tapes_on_a_tensor() -> None:
    x: Any = t(2, 2)
    assert x.trace().owns_tape
    assert tl.linalg.trace(x).item() == 2
    assert not {"det", "inv", "norm", "solve", "cholesky"} & set(dir(tl.Tensor))


# Products ----------------------------------------------------------------------------------------


def test_vectors_come_in_batches_where_matmul_sees_a_matrix() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 2, 3)), rng.normal(size=(3, 3))
    x, y = tl.tensor(a), tl.tensor(b)
    assert tl.matvec(x, y).tolist() == pytest.approx(np.einsum("bij,bj->bi", a, b))
    assert (x @ y).shape == (3, 2, 3)


def test_halves_add_up_in_single_precision() -> None:
    x: Any = tl.full((4096,), 1.0, np.float16)
    assert tl.einsum("i->", x).item() == 4096
    assert tl.einsum("i,i", x, x).item() == 4096
    assert tl.tensordot(x, x, 1).item() == 4096
    assert tl.linalg.norm(tl.full((4096,), 100.0, np.float16)).item() == 6400
    assert tl.linalg.trace(tl.eye(4096, dtype=np.float16)).item() == 4096


def test_einsum_of_a_parameter_shares_nothing() -> None:
    layer = nn.Linear(2, 3, rng=0)
    weight: Any = layer.weight
    results = [tl.einsum("ij->ji", weight), tl.einsum("ij", weight), tl.linalg.diagonal(weight)]
    before = [y.tolist() for y in results]
    layer.reset_params(1)
    assert [y.tolist() for y in results] == before


def test_einsum_of_no_elements() -> None:
    x: Any = tl.zeros((0, 3))
    assert tl.einsum("ij,kj->ik", x, t(2, 3)).shape == (0, 2)
    gradients = tl.einsum("ij,ik->jk", x.traced(), tl.zeros((0, 2))).sum().backward()
    assert gradients[x].shape == (0, 3)
    assert tl.einsum("ij,ik->jk", x, tl.zeros((0, 2))).tolist() == [[0, 0]] * 3


def test_einsum_of_one_tensor_twice() -> None:
    x: Any = tl.tensor([1.0, 2.0])
    y = x.traced()
    assert tl.einsum("i,i", y, y).backward()[x].tolist() == [2, 4]


def test_einsum_gradient_of_one_operand_keeps_the_others_only() -> None:
    x: Any = t(2, 3)
    y: Any = tl.einsum("ij,jk->ik", x.traced(), t(3, 4))
    (node,) = y._tape.record.nodes.values()
    assert [each.shape for each in node.saved if isinstance(each, np.ndarray)] == [(3, 4)]


def test_many_operands_are_multiplied_in_a_cheap_order() -> None:
    """From left to right, there would be an array of 10 ** 10 elements."""
    x: Any = tl.ones((100_000,))
    matrix = tl.ones((100_000, 2))
    assert tl.einsum("i,j,jk,ik->", x, x, matrix, matrix).item() == pytest.approx(2e10)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: untyped.einsum(t(2), "i"), "einsum: expected subscripts as a str, got Tensor"),
        (
            lambda: untyped.einsum("i", np.ones(2)),
            "einsum: expected a tensor, got ndarray: wrap it with tl.tensor(...)",
        ),
        (lambda: untyped.einsum("i,", t(2), 2.0), "einsum: expected a tensor, got float"),
        (
            lambda: untyped.tensordot(t(2), t(2), 1.5),
            "tensordot: expected an axis as an int, got 1.5",
        ),
        (
            lambda: untyped.dot(t(2), [1.0]),
            "dot: expected a tensor, got list: wrap it with tl.tensor(...)",
        ),
    ],
)
def test_wrong_types(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text


def test_tensordot_takes_lists_of_axes() -> None:
    assert tl.tensordot(t(2, 3, 4), t(4, 2), ([0, 2], [1, 0])).shape == (3,)
    assert untyped.tensordot(t(2, 3), t(3, 2), (np.int64(-1), 0)).shape == (2, 2)


# Rules on what the checker knows in part ---------------------------------------------------------

N, M = symbol("N"), symbol("M")
BATCH = Pack("Batch")


@pytest.mark.parametrize(
    ("subscripts", "shapes", "expected"),
    [
        ("ij,jk->ik", ((N, M), (M, N + 1)), (N, N + 1)),
        ("...ij->...ji", ((BATCH, N, M),), (BATCH, M, N)),
        ("i...j,j...->...i", ((N, BATCH, M), (M, BATCH)), (BATCH, N)),
        ("...i,...i", ((BATCH, N), (N,)), (BATCH,)),
        ("...i,...i", ((BATCH, 3, N), (3, N)), (BATCH, 3)),
        ("ij->j", ((UNKNOWN_DIMS,),), (UNKNOWN,)),
        ("ij,jk->jk", ((UNKNOWN_DIMS,), (N, M)), (N, M)),
        ("...i->...", ((UNKNOWN_DIMS, N),), (UNKNOWN_DIMS,)),
        ("...ij->...", ((ANY_DIMS,),), (ANY_DIMS,)),
    ],
)
def test_einsum_of_symbols(subscripts: str, shapes: Any, expected: Any) -> None:
    assert contraction.einsum.check(subscripts, shapes) == expected
