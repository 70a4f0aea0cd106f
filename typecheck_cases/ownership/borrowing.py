"""What reads a tensor and what takes its tape.

A function named ``bad_...`` raises at the marked line on some path; one named ``ok_...`` never does.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

import tensorlib as tl
from tensorlib import Shape, Tape, Tensor

H: TypeAlias = Tensor[Shape[2, 3], Tape]


def ok_0_h_shape(h: H) -> None:
    print(h.shape)
    h.exp()
    print(h.shape)


def ok_1_h_ndim(h: H) -> None:
    print(h.ndim)
    h.exp()
    print(h.ndim)


def ok_2_h_dtype(h: H) -> None:
    print(h.dtype)
    h.exp()
    print(h.dtype)


def ok_3_h_numpy(h: H) -> None:
    print(h.numpy())
    h.exp()
    print(h.numpy())


def ok_4_h_tolist(h: H) -> None:
    print(h.tolist())
    h.exp()
    print(h.tolist())


def ok_5_h_detach(h: H) -> None:
    print(h.detach())
    h.exp()
    print(h.detach())


def ok_6_h_h(h: H) -> None:
    print(h == h)
    h.exp()
    print(h == h)


def ok_7_h_1(h: H) -> None:
    print(h < 1)
    h.exp()
    print(h < 1)


def ok_8_h_isnan(h: H) -> None:
    print(h.isnan())
    h.exp()
    print(h.isnan())


def ok_9_h_any(h: H) -> None:
    print(h.any())
    h.exp()
    print(h.any())


def ok_10_h_all(h: H) -> None:
    print(h.all())
    h.exp()
    print(h.all())


def ok_11_h_argmax(h: H) -> None:
    print(h.argmax())
    h.exp()
    print(h.argmax())


def ok_12_h_argmin(h: H) -> None:
    print(h.argmin())
    h.exp()
    print(h.argmin())


def ok_13_h_argsort(h: H) -> None:
    print(h.argsort())
    h.exp()
    print(h.argsort())


def ok_14_h_2(h: H) -> None:
    print(h // 2)
    h.exp()
    print(h // 2)


def ok_15_h_with_empty_tape(h: H) -> None:
    print(h.with_empty_tape())
    h.exp()
    print(h.with_empty_tape())


def ok_16_repr_h(h: H) -> None:
    print(repr(h))
    h.exp()
    print(repr(h))


def ok_17_len_h(h: H) -> None:
    print(len(h))
    h.exp()
    print(len(h))


def ok_18_h_is_None(h: H) -> None:
    print(h is None)
    h.exp()
    print(h is None)


def ok_19_tl_ones_2_3_with_tape_of_h(h: H) -> None:
    print(tl.ones((2, 3)).with_tape_of(h))
    h.exp()
    print(tl.ones((2, 3)).with_tape_of(h))


def ok_20_h_owns_tape(h: H) -> None:
    print(h.owns_tape)
    h.exp()
    print(h.owns_tape)


def ok_21_h_size(h: H) -> None:
    print(h.size)
    h.exp()
    print(h.size)


def ok_22_h_1(h: H) -> None:
    print({h: 1})
    h.exp()
    print({h: 1})


def ok_23_np_asarray_h(h: H) -> None:
    print(np.asarray(h))
    h.exp()
    print(np.asarray(h))


def ok_24_h_astype_np_int32(h: H) -> None:
    print(h.astype(np.int32))
    h.exp()
    print(h.astype(np.int32))


def ok_25_isinstance_h_Tensor(h: H) -> None:
    print(isinstance(h, Tensor))
    h.exp()
    print(isinstance(h, Tensor))


def ok_26_f_h(h: H) -> None:
    print(f'{h}')
    h.exp()
    print(f'{h}')


def ok_27_tl_isfinite_h(h: H) -> None:
    print(tl.isfinite(h))
    h.exp()
    print(tl.isfinite(h))


def ok_28_h_id(h: H) -> None:
    print(h.id)
    h.exp()
    print(h.id)


def bad_0_h_1(h: H) -> None:
    print(h + 1)
    h.exp()  # E: exp: the tape of "h" moved into "print(h + 1)" on line 193: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_1_1_h(h: H) -> None:
    print(1 / h)
    h.exp()  # E: exp: the tape of "h" moved into "print(1 / h)" on line 198: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_2_h_h_detach_T(h: H) -> None:
    print(h @ h.detach().T)
    h.exp()  # E: exp: the tape of "h" moved into "print(h @ h.detach().T)" on line 203: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_3_h_reshape_6(h: H) -> None:
    print(h.reshape((6,)))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.reshape((6,)))" on line 208: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_4_h_clip_0_1(h: H) -> None:
    print(h.clip(0, 1))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.clip(0, 1))" on line 213: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_5_tl_where_h_detach_0_h_0(h: H) -> None:
    print(tl.where(h.detach() > 0, h, 0))
    h.exp()  # E: exp: the tape of "h" moved into "print(tl.where(h.detach() > 0, h, 0))" on line 218: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_6_h_softmax_axis_1(h: H) -> None:
    print(h.softmax(axis=1))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.softmax(axis=1))" on line 223: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_7_h_cumsum_axis_0(h: H) -> None:
    print(h.cumsum(axis=0))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.cumsum(axis=0))" on line 228: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_8_h_sort_axis_0(h: H) -> None:
    print(h.sort(axis=0))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.sort(axis=0))" on line 233: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_9_h_max(h: H) -> None:
    print(h.max())
    h.exp()  # E: exp: the tape of "h" moved into "print(h.max())" on line 238: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_10_h_flatten(h: H) -> None:
    print(h.flatten())
    h.exp()  # E: exp: the tape of "h" moved into "print(h.flatten())" on line 243: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_11_h_broadcast_to_4_2_3(h: H) -> None:
    print(h.broadcast_to((4, 2, 3)))
    h.exp()  # E: exp: the tape of "h" moved into "print(h.broadcast_to((4, 2, 3)))" on line 248: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_12_abs_h(h: H) -> None:
    print(abs(h))
    h.exp()  # E: exp: the tape of "h" moved into "print(abs(h))" on line 253: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_13_tl_maximum_h_0(h: H) -> None:
    print(tl.maximum(h, 0))
    h.exp()  # E: exp: the tape of "h" moved into "print(tl.maximum(h, 0))" on line 258: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_14_h_1(h: H) -> None:
    print(h[:, 1])
    h.exp()  # E: exp: the tape of "h" moved into "print(h[:, 1])" on line 263: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_15_h_h_detach_0(h: H) -> None:
    print(h[h.detach() > 0])
    h.exp()  # E: exp: the tape of "h" moved into "print(h[h.detach() > 0])" on line 268: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_16_h_split_tape(h: H) -> None:
    print(h.split_tape())
    h.exp()  # E: exp: the tape of "h" moved into "print(h.split_tape())" on line 273: use h.with_empty_tape() for one of the two  [tensor-tape]


def bad_17_h_T(h: H) -> None:
    print(h.T)
    h.exp()  # E: exp: the tape of "h" moved into "print(h.T)" on line 278: use h.with_empty_tape() for one of the two  [tensor-tape]
