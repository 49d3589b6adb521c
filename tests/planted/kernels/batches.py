"""Statistics over a batch or over rows, a block of rows at a time: what the batch sums to is known
only after a first sweep, and used in a second."""

import numpy as np

ROWS = 64
TILE = 16


def batchnorm_backward(dl_dy, x, gamma, beta, *, eps=1e-5):
    B, H = x.shape
    blocks = [slice(start, start + ROWS) for start in range(0, B, ROWS)]
    m = sum(x[rows].sum(axis=0) for rows in blocks) / B
    v = sum(((x[rows] - m) ** 2).sum(axis=0) for rows in blocks) / B
    rstd = 1 / np.sqrt(v + eps)
    dgamma, dbeta = np.zeros_like(gamma), np.zeros_like(beta)
    for rows in blocks:
        dgamma += (dl_dy[rows] * (x[rows] - m) * rstd).sum(axis=0)
        dbeta += dl_dy[rows].sum(axis=0)
    dx = np.zeros((B, H), x.dtype)
    for rows in blocks:
        xhat = (x[rows] - m) * rstd
        dx[rows] = gamma * rstd * (dl_dy[rows] - dbeta / B - xhat * dgamma / B)
    return dx, dgamma, dbeta


def moments_backward(dl_dm, dl_dv, x):
    B, H = x.shape
    dx = np.zeros_like(x)
    for start in range(0, B, TILE):
        rows = slice(start, min(start + TILE, B))
        centred = x[rows] - x[rows].mean(axis=1, keepdims=True)
        by_mean = dl_dm[rows, None] / H
        by_variance = dl_dv[rows, None] * 2 / H * centred
        dx[rows] = by_mean + by_variance
    return dx
