"""What becomes of ``*Batch`` in every op and layer: one generic call for each, and more for some.

`tests/test_batch_dims.py` has mypy compare the results, and the run time as well.
"""

from __future__ import annotations

from dataclasses import dataclass

SAME = (
    "abs", "acos", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "elu", "erf",
    "exp", "expm1", "floor", "gelu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "log", "log10", "log1p", "log2", "logsigmoid", "neg", "reciprocal", "relu", "round",
    "rsqrt", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softplus", "sqrt", "square",
    "tan", "tanh", "trunc", "flip", "softmax", "log_softmax", "normalize", "sort",
    "layer_norm", "rms_norm",
)  # fmt: skip
"""Functions of one tensor that keep its shape, and its dtype."""
BINARY = (
    "add", "subtract", "multiply", "divide", "minimum", "maximum", "pow", "atan2",
    "remainder",
)  # fmt: skip
COMPARISONS = (
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isclose",
)  # fmt: skip
REDUCTIONS = (
    "sum", "mean", "var", "std", "prod", "max", "min", "logsumexp",
)  # fmt: skip
LOSSES = (
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div", "mse_loss",
    "rmse_loss", "mae_loss", "huber_loss", "smooth_l1_loss",
)  # fmt: skip
LAYERS = (
    "ELU", "GELU", "SELU", "Abs", "Cos", "Exp", "Hardsigmoid", "Hardswish", "Hardtanh",
    "Identity", "LeakyReLU", "Log", "LogSigmoid", "LogSoftmax", "ReLU", "Sigmoid", "SiLU",
    "Sin", "Softmax", "Softplus", "Sqrt", "Square", "Tanh", "Dropout",
)  # fmt: skip
"""Layers that are made without arguments and keep every shape."""

IMAGES = "x: *Batch, C, H + 3, W + 3"
POOLED = "*Batch, C, (H + 3)//2, (W + 3)//2"


@dataclass(frozen=True)
class Case:
    """A call whose operands have batch dimensions.

    Attributes:
        name: the op or layer.
        operands: ``x: *Batch, N int64; y: N``, the dtype float32 if left out.
        call: the expression.
        result: ``*Batch, N int64``, with a semicolon between several.
    """

    name: str
    operands: str
    call: str
    result: str


def _cases() -> list[Case]:
    rows = [
        *(Case(f, "x: *Batch, N", f"tl.{f}(x)", "*Batch, N") for f in SAME),
        *(Case(f, "x: *Batch; y: *Batch", f"tl.{f}(x, y)", "*Batch") for f in BINARY),
        *(Case(f, "x: *Batch, N; y: N", f"tl.{f}(x, y)", "*Batch, N") for f in BINARY),
        *(Case(f, "x: *Batch, 1; y: *Batch, N", f"tl.{f}(x, y)", "*Batch, N") for f in BINARY),
        *(Case(f, "x: *Batch; y: ()", f"tl.{f}(x, y)", "*Batch bool") for f in COMPARISONS),
        *(Case(f, "x: *Batch, N", f"x.{f}(axis=-1)", "*Batch") for f in REDUCTIONS),
        *(Case(f, "x: *Batch, N, M", f"x.{f}(axis=(-2, -1))", "*Batch") for f in REDUCTIONS),
        *(
            Case(f, "x: *Batch, N, M", f"x.{f}(axis=-2, keepdims=True)", "*Batch, 1, M")
            for f in REDUCTIONS
        ),
        *(Case(f, "x: *Batch, N", f"x.{f}()", "") for f in REDUCTIONS),
        *(Case(f, "x: *Batch; y: *Batch", f"tl.losses.{f}(x, y)", "") for f in LOSSES),
        *(
            Case(f, "x: *Batch; y: *Batch", f'tl.losses.{f}(x, y, reduction="none")', "*Batch")
            for f in LOSSES
            if f != "rmse_loss"
        ),
        *(Case(layer, "x: *Batch, N", f"nn.{layer}()(x)", "*Batch, N") for layer in LAYERS),
    ]
    return rows + [Case(*row) for row in _ROWS]


_ROWS: list[tuple[str, str, str, str]] = [
    # Elementwise, and what is shaped like its operand
    ("acosh", "x: *Batch", "tl.acosh(x + 1)", "*Batch"),
    ("tril", "x: *Batch, N, M", "x.tril()", "*Batch, N, M"),
    ("triu", "x: *Batch, N, M", "x.triu(1)", "*Batch, N, M"),
    ("isnan", "x: *Batch", "x.isnan()", "*Batch bool"),
    ("isfinite", "x: *Batch", "x.isfinite()", "*Batch bool"),
    ("isinf", "x: *Batch", "x.isinf()", "*Batch bool"),
    ("logical_not", "x: *Batch bool", "x.logical_not()", "*Batch bool"),
    ("logical_and", "x: *Batch bool; y: *Batch bool", "tl.logical_and(x, y)", "*Batch bool"),
    ("logical_or", "x: *Batch, N bool; y: N bool", "tl.logical_or(x, y)", "*Batch, N bool"),
    ("logical_xor", "x: *Batch bool; y: *Batch bool", "tl.logical_xor(x, y)", "*Batch bool"),
    ("clip", "x: *Batch", "x.clip(0, 1)", "*Batch"),
    ("nans_to", "x: *Batch", "x.nans_to(0.0)", "*Batch"),
    ("map", "x: *Batch", "x.map(np.sinh, np.cosh)", "*Batch"),
    ("prelu", "x: *Batch; y: 1", "tl.prelu(x, y)", "*Batch"),
    ("floor_divide", "x: *Batch; y: *Batch", "tl.floor_divide(x, y)", "*Batch"),
    ("where", "c: *Batch bool; x: *Batch; y: *Batch", "tl.where(c, x, y)", "*Batch"),
    ("where", "c: *Batch, N bool; x: *Batch, 1; y: ()", "tl.where(c, x, y)", "*Batch, N"),
    ("astype", "x: *Batch", "x.astype(np.int64)", "*Batch int64"),
    ("dropout", "x: *Batch", "tl.dropout(x, 0.5, rng=0)", "*Batch"),
    ("bernoulli", "x: *Batch", "tl.bernoulli(x, rng=0)", "*Batch"),
    ("zeros_like", "x: *Batch", "tl.zeros_like(x)", "*Batch"),
    ("ones_like", "x: *Batch", "tl.ones_like(x)", "*Batch"),
    ("full_like", "x: *Batch", "tl.full_like(x, 2.0)", "*Batch"),
    ("rand_like", "x: *Batch", "tl.rand_like(x)", "*Batch"),
    ("randn_like", "x: *Batch", "tl.randn_like(x)", "*Batch"),
    ("zeros", "x: *Batch, N", "tl.zeros(x.shape)", "*Batch, N"),
    ("ones", "x: *Batch, N", "tl.ones(x.shape)", "*Batch, N"),
    ("full", "x: *Batch", "tl.full(x.shape, 1.0)", "*Batch"),
    ("rand", "x: *Batch", "tl.rand(x.shape)", "*Batch"),
    ("randn", "x: *Batch", "tl.randn(x.shape)", "*Batch"),
    ("uniform", "x: *Batch", "tl.uniform(x.shape)", "*Batch"),
    ("normal", "x: *Batch", "tl.normal(x.shape)", "*Batch"),
    ("randint", "x: *Batch", "tl.randint(x.shape, 0, 3)", "*Batch int64"),
    ("detach", "x: *Batch", "x.detach()", "*Batch"),
    ("expect_shape", "x: *Batch, N", "x.expect_shape(x.shape)", "*Batch, N"),
    # Reductions to other dtypes, and along one axis
    ("any", "x: *Batch, N bool", "x.any(axis=-1)", "*Batch bool"),
    ("all", "x: *Batch, N bool", "x.all(axis=-1, keepdims=True)", "*Batch, 1 bool"),
    ("count_nonzero", "x: *Batch, N", "x.count_nonzero(axis=-1)", "*Batch int64"),
    ("argmax", "x: *Batch, N", "x.argmax(axis=-1)", "*Batch int64"),
    ("argmin", "x: *Batch, N", "x.argmin(axis=-1, keepdims=True)", "*Batch, 1 int64"),
    ("sum", "x: *Batch, N, M", "x.sum(axis=-2)", "*Batch, M"),
    ("cumsum", "x: *Batch, N", "x.cumsum(-1)", "*Batch, N"),
    ("cumprod", "x: *Batch, N", "x.cumprod(-1)", "*Batch, N"),
    ("cummax", "x: *Batch, N", "x.cummax(-1)", "*Batch, N"),
    ("cummin", "x: *Batch, N", "x.cummin(-1)", "*Batch, N"),
    ("softmax", "x: *Batch, N, M", "x.softmax(axis=-2)", "*Batch, N, M"),
    ("argsort", "x: *Batch, N", "x.argsort()", "*Batch, N int64"),
    ("topk", "x: *Batch, 5", "x.topk(2)", "*Batch, 2; *Batch, 2 int64"),
    ("topk", "x: *Batch, N + 1, M", "x.topk(2, axis=-2)", "*Batch, 2, M; *Batch, 2, M int64"),
    ("categorical", "x: *Batch, N", "tl.categorical(x, rng=0)", "*Batch int64"),
    ("multinomial", "x: *Batch, 4", "tl.multinomial(x, 2, rng=0)", "*Batch, 2 int64"),
    ("cosine_similarity", "x: *Batch, N; y: *Batch, N", "tl.cosine_similarity(x, y)", "*Batch"),
    # Products
    ("matmul", "x: *Batch, N, M; y: M, K", "tl.matmul(x, y)", "*Batch, N, K"),
    ("matmul", "x: *Batch, N, M; y: *Batch, M, K", "x @ y", "*Batch, N, K"),
    ("matmul", "x: *Batch, N, M; y: M", "x @ y", "*Batch, N"),
    ("matvec", "x: *Batch, N, M; y: *Batch, M", "tl.matvec(x, y)", "*Batch, N"),
    ("vecmat", "x: *Batch, N; y: *Batch, N, M", "tl.vecmat(x, y)", "*Batch, M"),
    ("vecdot", "x: *Batch, N; y: *Batch, N", "tl.vecdot(x, y)", "*Batch"),
    ("linear", "x: *Batch, N; w: M, N; b: M", "tl.linear(x, w, b)", "*Batch, M"),
    ("tensordot", "x: *Batch, N, M; y: M, K", "tl.tensordot(x, y, axes=1)", "*Batch, N, K"),
    ("einsum", "x: *Batch, N, M; y: M, K", 'tl.einsum("...nm,mk->...nk", x, y)', "*Batch, N, K"),
    ("einsum", "x: *Batch, N, M", 'tl.einsum("...nm->...mn", x)', "*Batch, M, N"),
    ("einsum", "x: *Batch, N; y: *Batch, N", 'tl.einsum("...n,...n->...", x, y)', "*Batch"),
    (
        "scaled_dot_product_attention",
        "q: *Batch, N, K; k: *Batch, M, K; v: *Batch, M, C",
        "tl.scaled_dot_product_attention(q, k, v)",
        "*Batch, N, C",
    ),
    # Moving and making axes
    ("transpose", "x: *Batch, N, M", "x.transpose(-2, -1)", "*Batch, M, N"),
    ("matrix_transpose", "x: *Batch, N, M", "x.matrix_transpose()", "*Batch, M, N"),
    ("T", "x: *Batch, N, M", "x.mT", "*Batch, M, N"),
    ("expand_dims", "x: *Batch, N", "x.expand_dims(-1)", "*Batch, N, 1"),
    ("expand_dims", "x: *Batch, N", "x.expand_dims(0)", "1, *Batch, N"),
    ("expand_dims", "x: *Batch, N", "x.expand_dims(-2)", "*Batch, 1, N"),
    ("squeeze", "x: *Batch, N, 1", "x.squeeze(-1)", "*Batch, N"),
    ("squeeze", "x: *Batch, 1, N", "x.squeeze(-2)", "*Batch, N"),
    ("flatten", "x: *Batch, N, M", "x.flatten(-2)", "*Batch, M*N"),
    ("flatten", "x: *Batch, N, M, K", "x.flatten(-3, -2)", "*Batch, M*N, K"),
    ("flip", "x: *Batch, N, M", "x.flip(axis=(-2, -1))", "*Batch, N, M"),
    ("roll", "x: *Batch, N", "x.roll(1)", "*Batch, N"),
    ("roll", "x: *Batch, N, M", "x.roll(1, axis=-2)", "*Batch, N, M"),
    ("broadcast_to", "x: N; y: *Batch, N", "x.broadcast_to(y.shape)", "*Batch, N"),
    ("broadcast_like", "x: N; y: *Batch, N", "x.broadcast_like(y)", "*Batch, N"),
    (
        "broadcast_arrays",
        "x: *Batch, 1, N; y: *Batch, M, 1",
        "tl.broadcast_arrays(x, y)",
        "*Batch, M, N; *Batch, M, N",
    ),
    ("concat", "x: *Batch, N; y: *Batch, M", "tl.concat((x, y), axis=-1)", "*Batch, M + N"),
    (
        "concat",
        "x: *Batch, N, K; y: *Batch, M, K",
        "tl.concat([x, y], axis=-2)",
        "*Batch, M + N, K",
    ),
    ("stack", "x: *Batch; y: *Batch", "tl.stack((x, y))", "2, *Batch"),
    ("stack", "x: *Batch, N; y: *Batch, N", "tl.stack([x, y], axis=-1)", "*Batch, N, 2"),
    ("split", "x: *Batch, 6", "x.split(2, axis=-1)", "*Batch, 3; *Batch, 3"),
    ("split", "x: *Batch, 5, N", "x.split((2,), axis=-2)", "*Batch, 2, N; *Batch, 3, N"),
    ("chunk", "x: *Batch, 2*N", "x.chunk(2, axis=-1)", "*Batch, N; *Batch, N"),
    ("unstack", "x: *Batch, 2", "x.unstack(axis=-1)", "*Batch; *Batch"),
    ("unstack", "x: 2, *Batch", "x.unstack()", "*Batch; *Batch"),
    ("repeat", "x: *Batch, N", "x.repeat(2, axis=-1)", "*Batch, 2*N"),
    ("put_tape", "x: *Batch", "x.put_tape(x.copy().traced().split_tape()[1]).detach()", "*Batch"),
    ("traced", "x: *Batch, N", "x.traced().detach()", "*Batch, N"),
    ("trace", "x: *Batch, N", "x.trace().detach()", "*Batch, N"),
    ("split_tape", "x: *Batch", "x.traced().split_tape()[0]", "*Batch"),
    ("reshape", "x: *Batch, N", "x.reshape(x.shape)", "*Batch, N"),
    ("reshape", "x: *Batch, M*N; y: *Batch, N, M", "x.reshape(y.shape)", "*Batch, N, M"),
    # Picking
    ("getitem", "x: *Batch, N", "x[..., 0]", "*Batch"),
    ("getitem", "x: *Batch, N, M", "x[..., 0, :]", "*Batch, M"),
    ("getitem", "x: *Batch, N, M", "x[..., None, :]", "*Batch, N, 1, M"),
    ("getitem", "x: *Batch, N + 2", "x[..., 1:-1]", "*Batch, N"),
    ("getitem", "x: *Batch, 2*N", "x[..., ::2]", "*Batch, N"),
    ("getitem", "x: N, *Batch", "x[0]", "*Batch"),
    ("getitem", "x: N, *Batch, M", "x[:, ..., 0]", "N, *Batch"),
    ("getitem", "x: N, *Batch; i: K int64", "x[i]", "K, *Batch"),
    ("getitem", "x: *Batch, N; i: K int64", "x[..., i]", "*Batch, K"),
    ("getitem", "x: N, *Batch; c: N bool", "x[c]", "int, *Batch"),
    ("take", "x: *Batch, N; i: K int64", "x.take(i, axis=-1)", "*Batch, K"),
    ("take", "x: N, *Batch; i: K, M int64", "x.take(i, axis=0)", "K, M, *Batch"),
    ("select", "x: *Batch, N; i: *Batch int64", "x.select(i)", "*Batch"),
    ("select", "x: *Batch, N; i: *Batch, K int64", "x.select(i)", "*Batch, K"),
    ("take_along_axis", "x: *Batch, N; i: *Batch, K int64", "x.take_along_axis(i)", "*Batch, K"),
    (
        "scatter_add",
        "x: *Batch, N; i: *Batch, K int64; s: *Batch, K",
        "x.scatter_add(i, s)",
        "*Batch, N",
    ),
    ("masked_select", "x: *Batch; c: *Batch bool", "x.masked_select(c)", "int"),
    ("value_mask", "x: *Batch; y: *Batch", "tl.value_mask(x, y, 0.0)", "*Batch"),
    ("embedding", "i: *Batch int64; w: N, K", "tl.embedding(i, w)", "*Batch, K"),
    ("one_hot", "i: *Batch int64", "tl.one_hot(i, 5)", "*Batch, 5"),
    ("unique", "x: *Batch", "x.unique()", "int"),
    # Images
    ("conv1d", "x: *Batch, C, W + 2; w: 4, C, 3", "tl.conv1d(x, w)", "*Batch, 4, W"),
    (
        "conv2d",
        "x: *Batch, C, H, W; w: 4, C, 3, 3; b: 4",
        "tl.conv2d(x, w, b, padding=1)",
        "*Batch, 4, H, W",
    ),
    (
        "conv_transpose2d",
        "x: *Batch, C, H, W; w: C, 4, 2, 2",
        "tl.conv_transpose2d(x, w, stride=2)",
        "*Batch, 4, 2*H, 2*W",
    ),
    ("unfold", "x: *Batch, C, H + 1, W + 1", "x.unfold(2)", "*Batch, 4*C, H*W"),
    ("max_pool1d", "x: *Batch, C, 2*W", "x.max_pool1d(2)", "*Batch, C, W"),
    ("avg_pool1d", "x: *Batch, C, 2*W", "x.avg_pool1d(2)", "*Batch, C, W"),
    ("max_pool2d", IMAGES, "x.max_pool2d(2)", POOLED),
    ("min_pool2d", IMAGES, "x.min_pool2d(2)", POOLED),
    ("avg_pool2d", IMAGES, "x.avg_pool2d(2)", POOLED),
    ("adaptive_avg_pool2d", IMAGES, "x.adaptive_avg_pool2d((2, 2))", "*Batch, C, 2, 2"),
    ("adaptive_max_pool2d", IMAGES, "x.adaptive_max_pool2d(2)", "*Batch, C, 2, 2"),
    ("global_avg_pool2d", IMAGES, "x.global_avg_pool2d()", "*Batch, C"),
    ("global_max_pool2d", IMAGES, "x.global_max_pool2d()", "*Batch, C"),
    ("global_min_pool2d", IMAGES, "x.global_min_pool2d()", "*Batch, C"),
    ("upscale2d", "x: *Batch, C, H, W", "x.upscale2d(scale_factor=2)", "*Batch, C, 2*H, 2*W"),
    # Normalisation and recurrence
    ("batch_norm", "x: N, C, *Batch", "tl.batch_norm(x)", "N, C, *Batch"),
    ("batch_norm", "x: *Batch, N, C", "tl.batch_norm(x, axis=-1)", "*Batch, N, C"),
    ("group_norm", "x: N, 4, *Batch", "tl.group_norm(x, 2)", "N, 4, *Batch"),
    ("layer_norm", "x: *Batch, N; w: N; b: N", "tl.layer_norm(x, w, b)", "*Batch, N"),
    (
        "rnn",
        "x: *Batch, N, M; h: *Batch, K; v: K, M; w: K, K",
        "tl.rnn(x, h, v, w)",
        "*Batch, N, K; *Batch, K",
    ),
    (
        "gru",
        "x: *Batch, N, M; h: *Batch, K; v: 3*K, M; w: 3*K, K",
        "tl.gru(x, h, v, w)",
        "*Batch, N, K; *Batch, K",
    ),
    (
        "lstm",
        "x: *Batch, N, M; h: *Batch, K; c: *Batch, K; v: 4*K, M; w: 4*K, K",
        "tl.lstm(x, h, c, v, w)",
        "*Batch, N, K; *Batch, K; *Batch, K",
    ),
    # Matrices
    ("linalg.cholesky", "x: *Batch, N, N", "tl.linalg.cholesky(x @ x.mT)", "*Batch, N, N"),
    ("linalg.eigh", "x: *Batch, N, N", "tl.linalg.eigh(x @ x.mT)", "*Batch, N; *Batch, N, N"),
    ("linalg.qr", "x: *Batch, N, N", "tl.linalg.qr(x)", "*Batch, N, N; *Batch, N, N"),
    ("linalg.svdvals", "x: *Batch, N, N", "tl.linalg.svdvals(x)", "*Batch, N"),
    (
        "linalg.svd",
        "x: *Batch, N, N",
        "tl.linalg.svd(x)",
        "*Batch, N, N; *Batch, N; *Batch, N, N",
    ),
    ("linalg.trace", "x: *Batch, N, N", "tl.linalg.trace(x)", "*Batch"),
    ("linalg.diagonal", "x: *Batch, N, N", "tl.linalg.diagonal(x)", "*Batch, N"),
    ("linalg.norm", "x: *Batch, N", "tl.linalg.norm(x, axis=-1)", "*Batch"),
    ("linalg.det", "x: *Batch, N, N", "tl.linalg.det(x)", "*Batch"),
    ("linalg.slogdet", "x: *Batch, N, N", "tl.linalg.slogdet(x)", "*Batch; *Batch"),
    ("linalg.inv", "x: *Batch, N, N", "tl.linalg.inv(x)", "*Batch, N, N"),
    ("linalg.solve", "x: *Batch, N, N; y: *Batch, N, K", "tl.linalg.solve(x, y)", "*Batch, N, K"),
    # Losses
    ("cross_entropy", "x: *Batch, N; i: *Batch int64", "tl.losses.cross_entropy(x, i)", ""),
    (
        "nll_loss",
        "x: *Batch, N; i: *Batch int64",
        'tl.losses.nll_loss(x, i, reduction="none")',
        "*Batch",
    ),
    (
        "cosine_embedding_loss",
        "x: *Batch, N; y: *Batch, N; i: *Batch int64",
        'tl.losses.cosine_embedding_loss(x, y, i, reduction="none")',
        "*Batch",
    ),
    (
        "triplet_margin_loss",
        "x: *Batch, N; y: *Batch, N; z: *Batch, N",
        'tl.losses.triplet_margin_loss(x, y, z, reduction="none")',
        "*Batch",
    ),
    # Layers
    ("Linear", "x: *Batch, 4", "nn.Linear(4, 3)(x)", "*Batch, 3"),
    ("Bias", "x: *Batch, 4", "nn.Bias(4)(x)", "*Batch, 4"),
    ("Embedding", "x: *Batch int64", "nn.Embedding(9, 4)(x).astype(np.float32)", "*Batch, 4"),
    ("LayerNorm", "x: *Batch, 4", "nn.LayerNorm(4)(x)", "*Batch, 4"),
    ("RMSNorm", "x: *Batch, 4", "nn.RMSNorm(4)(x)", "*Batch, 4"),
    ("GroupNorm", "x: N, 4, *Batch", "nn.GroupNorm(2, 4)(x)", "N, 4, *Batch"),
    ("BatchNorm1d", "x: N, 4, *Batch", "nn.BatchNorm1d(4)(x)", "N, 4, *Batch"),
    ("BatchNorm2d", "x: *Batch, 4, H, W", "nn.BatchNorm2d(4)(x)", "*Batch, 4, H, W"),
    ("PReLU", "x: *Batch", "nn.PReLU()(x)", "*Batch"),
    ("DropoutOneIn", "x: *Batch", "nn.DropoutOneIn(3)(x)", "*Batch"),
    ("Conv1d", "x: *Batch, 4, W", "nn.Conv1d(4, 3, 3, padding=1)(x)", "*Batch, 3, W"),
    ("Conv2d", "x: *Batch, 4, H + 2, W + 2", "nn.Conv2d(4, 3, 3)(x)", "*Batch, 3, H, W"),
    (
        "ConvTranspose2d",
        "x: *Batch, 4, H, W",
        "nn.ConvTranspose2d(4, 3, 2, stride=2)(x)",
        "*Batch, 3, 2*H, 2*W",
    ),
    ("MaxPool1d", "x: *Batch, C, 2*W", "nn.MaxPool1d(2)(x)", "*Batch, C, W"),
    ("AvgPool1d", "x: *Batch, C, 2*W", "nn.AvgPool1d(2)(x)", "*Batch, C, W"),
    ("MaxPool2d", IMAGES, "nn.MaxPool2d(2)(x)", POOLED),
    ("MinPool2d", IMAGES, "nn.MinPool2d(2)(x)", POOLED),
    ("AvgPool2d", IMAGES, "nn.AvgPool2d(2)(x)", POOLED),
    ("AdaptiveAvgPool2d", IMAGES, "nn.AdaptiveAvgPool2d(2)(x)", "*Batch, C, 2, 2"),
    ("AdaptiveMaxPool2d", IMAGES, "nn.AdaptiveMaxPool2d(2)(x)", "*Batch, C, 2, 2"),
    ("GlobalAvgPool2d", IMAGES, "nn.GlobalAvgPool2d()(x)", "*Batch, C"),
    ("GlobalMaxPool2d", IMAGES, "nn.GlobalMaxPool2d()(x)", "*Batch, C"),
    ("GlobalMinPool2d", IMAGES, "nn.GlobalMinPool2d()(x)", "*Batch, C"),
    ("Upscale2d", "x: *Batch, C, H, W", "nn.Upscale2d(scale_factor=2)(x)", "*Batch, C, 2*H, 2*W"),
    ("Flatten", "x: *Batch, N, M", "nn.Flatten(-2)(x)", "*Batch, M*N"),
    ("FlattenImage", "x: *Batch, C, H, W", "nn.FlattenImage()(x)", "*Batch, C*H*W"),
    (
        "MultiHeadAttention",
        "x: *Batch, N, 4",
        "nn.MultiHeadAttention(4, 2)(x)",
        "*Batch, N, 4",
    ),
    ("RNN", "x: *Batch, N, 4", "nn.RNN(4, 3)(x)", "*Batch, N, 3; 1, *Batch, 3"),
    ("GRU", "x: *Batch, N, 4", "nn.GRU(4, 3)(x)", "*Batch, N, 3; 1, *Batch, 3"),
    ("LSTM", "x: *Batch, N, 4", "nn.LSTM(4, 3)(x)[0]", "*Batch, N, 3"),
    ("RNNCell", "x: *Batch, 4", "nn.RNNCell(4, 3)(x)", "*Batch, 3"),
    ("GRUCell", "x: *Batch, 4", "nn.GRUCell(4, 3)(x)", "*Batch, 3"),
    ("LSTMCell", "x: *Batch, 4", "nn.LSTMCell(4, 3)(x)", "*Batch, 3; *Batch, 3"),
    (
        "TransformerEncoderBlock",
        "x: *Batch, N, 4",
        "nn.TransformerEncoderBlock(4, 2, 8)(x)",
        "*Batch, N, 4",
    ),
    (
        "TransformerDecoderBlock",
        "x: *Batch, N, 4; y: *Batch, M, 4",
        "nn.TransformerDecoderBlock(4, 2, 8)(x, y)",
        "*Batch, N, 4",
    ),
    (
        "TransformerEncoder",
        "x: *Batch, N, 4",
        "nn.TransformerEncoder(4, 2, 1, 8)(x)",
        "*Batch, N, 4",
    ),
    (
        "TransformerDecoder",
        "x: *Batch, N, 4; y: *Batch, M, 4",
        "nn.TransformerDecoder(4, 2, 1, 8)(x, y)",
        "*Batch, N, 4",
    ),
    (
        "Transformer",
        "x: *Batch, N, 4; y: *Batch, M, 4",
        "nn.Transformer(4, 2, 1, 1, 8)(x, y)",
        "*Batch, M, 4",
    ),
    ("Sequential", "x: *Batch, 4", "nn.Sequential(nn.Linear(4, 3), nn.ReLU())(x)", "*Batch, 3"),
    ("Residual", "x: *Batch, 4", "nn.Residual(nn.Linear(4, 4))(x)", "*Batch, 4"),
    ("ResidualMul", "x: *Batch, 4", "nn.ResidualMul(nn.Linear(4, 4))(x)", "*Batch, 4"),
    (
        "GeneralizedResidual",
        "x: *Batch, 4",
        "nn.GeneralizedResidual(nn.Linear(4, 3), nn.Linear(4, 3))(x)",
        "*Batch, 3",
    ),
    ("Repeated", "x: *Batch, 4", "nn.Repeated(lambda: nn.Linear(4, 4), 2)(x)", "*Batch, 4"),
    (
        "SplitInto",
        "x: *Batch, 4",
        "nn.SplitInto(nn.Linear(4, 3), nn.Linear(4, 2))(x)",
        "*Batch, 3; *Batch, 2",
    ),
    (
        "AddInto",
        "x: *Batch, 4; y: *Batch, 2",
        "nn.AddInto(nn.Linear(4, 3), nn.Linear(2, 3))((x, y))",
        "*Batch, 3",
    ),
]

WITHOUT: dict[str, str] = {
    "permute": "names every axis",
    "tile": "has a number for every axis, and places them from the end",
    "pad": "has a width for every axis",
    "Reshape": "counts the elements, of which *Batch has an unknown number",
    "dot": "takes vectors",
    "outer": "takes vectors",
    "linalg.diag": "takes a vector",
    "allclose": "gives one bool",
    "meshgrid": "takes vectors",
    "argwhere": "has one column for every axis",
    "nonzero": "has one result for every axis",
}
"""What cannot have batch dimensions, and why."""

CASES = _cases()
