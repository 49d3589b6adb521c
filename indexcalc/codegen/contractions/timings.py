"""About how long NumPy takes, in seconds, so that of several ways the fastest can be chosen.

Measured with NumPy 2.4 and OpenBLAS 0.3.31, float64, on one thread of a Xeon at 2.5 GHz with 1 MiB
of L2. Nothing is measured later: the same program is always spelled alike.
"""

from __future__ import annotations

ITEM = 8
CALL = 1.4e-6
VIEW = 0.3e-6
FLOP = 1 / 35e9
BYTE = 1 / 35e9

# Each matrix of a batch, and each row of vecdot.
MATRIX = 0.06e-6
DOT = 0.025e-6
# A batch of products with few terms in each sum takes longer where the second matrix is transposed:
# 10 x 13 by 13 x 20 takes 0.3 µs as a @ b and a.T @ b, 0.4 as a.T @ b.T and 0.7 as a @ b.T.
SHORT = 100
SHORT_TIMES = {"NT": 2.0, "TT": 1.3}
SHORT_MATRIX = {"NT": 0.25e-6}

COPY_CALL = 1.5e-6
COPY_BYTE = 1 / 10e9

# .sum(): each row that is started costs more than the numbers of a short one.
SUM_BYTE = 1 / 28e9
SUM_ROW = 0.02e-6
# A vector of ones, at times made once for many calls: 64 x 1024 numbers are summed by rows in 15 µs
# (float32: 7), where .sum(axis=1) takes 20 (18) and einsum 14 (8); by columns in 15 (7), 21 (9) and
# 22 (12). Of 65,536 float32 numbers near 10,000 the sums of columns are right to 1e-6, where .sum
# and einsum are to 3e-4.
ONES = 0.5e-6

# Each entry that einsum visits of two arrays, and of one; and how much longer it takes where the
# last axis is not the fastest of all.
EINSUM_CALL = 2.4e-6
EINSUM_STEP = 0.6e-9
EINSUM_SUM_STEP = 0.25e-9
ACROSS = 3.0


def summing(entries: int, rows: float) -> float:
    return CALL + entries * ITEM * SUM_BYTE + rows * SUM_ROW


def einsum_of_one(entries: int, across: bool) -> float:
    return EINSUM_CALL + entries * EINSUM_SUM_STEP * (ACROSS if across else 1)


def einsum_of_two(steps: int, across: bool) -> float:
    return EINSUM_CALL + steps * EINSUM_STEP * (ACROSS if across else 1)


def copying(entries: int) -> float:
    """With axes in another order."""
    return COPY_CALL + 2 * entries * ITEM * COPY_BYTE


def entrywise(moved: int, turned: int) -> float:
    return CALL + (moved + turned) * ITEM * BYTE + turned * ITEM * COPY_BYTE


def products(steps: int, moved: int, batches: int, short: str = "") -> float:
    """A matrix product for each of the batches; `steps` are all multiplications.

    `short` says which matrices are transposed where few terms are summed.
    """
    work = 2 * steps * FLOP * SHORT_TIMES.get(short, 1.0)
    each = MATRIX + SHORT_MATRIX.get(short, 0.0)
    return CALL + max(work, moved * ITEM * BYTE) + batches * each


def dots(steps: int, moved: int, rows: int) -> float:
    return CALL + max(2 * steps * FLOP, moved * ITEM * BYTE) + rows * DOT


def adding(entries: int) -> float:
    """The results of a batch, just written, added up."""
    return CALL + 2 * entries * ITEM * SUM_BYTE
