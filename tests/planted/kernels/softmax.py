"""Softmax and what is made of it: one-liners in einsum, and cross-entropy over blocks of rows."""

import numpy as np

ROWS = 8


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dl_dp, x):
    p = softmax(x)
    return p * (dl_dp - np.einsum("bc,bc->b", dl_dp, p)[:, None])


def logsumexp_backward(dl_dy, x):
    return np.einsum("b,bc->bc", dl_dy, softmax(x))


def cross_entropy_backward(upstream, x, t):
    B = len(x)
    dx, dt = np.zeros_like(x), np.zeros_like(t)
    for start in range(0, B, ROWS):
        rows = slice(start, start + ROWS)
        shifted = x[rows] - x[rows].max(axis=1, keepdims=True)
        e = np.exp(shifted)
        z = e.sum(axis=1, keepdims=True)
        p = e / z
        mass = t[rows].sum(axis=1, keepdims=True)
        dx[rows] = upstream * (p * mass - t[rows]) / B
        dt[rows] = -upstream * (shifted - np.log(z)) / B
    return dx, dt
