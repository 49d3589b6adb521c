"""Matrix products: tiles that are added up, and batches in einsum."""

import numpy as np

TILE = 32
# What sums are kept in.
SUMS = {"float16": np.float32, "float32": np.float32, "float64": np.float64}


def linear_backward(dl_dy, x, w, b):
    I, J = dl_dy.shape
    dx, dw, db = (np.zeros(to.shape, SUMS[to.dtype.name]) for to in (x, w, b))
    for i in range(0, I, TILE):
        rows = slice(i, i + TILE)
        for j in range(0, J, TILE):
            cols = slice(j, j + TILE)
            dx[rows] += dl_dy[rows, cols] @ w[cols]
            dw[cols] += dl_dy[rows, cols].T @ x[rows]
        db += dl_dy[rows].sum(axis=0)
    return dx.astype(x.dtype), dw.astype(w.dtype), db.astype(b.dtype)


def swap_rule_backward(dl_dy, a, b):
    da = np.einsum("hij,hjk->hik", dl_dy, b)
    db = np.einsum("hij,hik->hjk", dl_dy, a)
    return da, db
