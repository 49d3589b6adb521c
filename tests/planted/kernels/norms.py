"""Layer and RMS normalisation: programs over blocks of rows with masked tails and a sum of their
own each, which a second reduction adds up; and rows too wide for one block, a block of columns at a
time, twice."""

import numpy as np

ROWS = 32
COLUMNS = 128
WORKSPACE = {}


def load(array, rows):
    """The rows of a block, 0 past the end."""
    inside = rows < len(array)
    return np.where(inside[:, None], array[np.minimum(rows, len(array) - 1)], 0)


def store(array, rows, block):
    inside = rows < len(array)
    array[rows[inside]] = block[inside]


def workspace(name, shape, dtype):
    """Kept between calls."""
    return WORKSPACE.setdefault((name, shape, dtype), np.zeros(shape, dtype))


def layernorm_backward(dl_dy, x, gamma, beta, *, eps=1e-5):
    B, H = x.shape
    programs = -(-B // ROWS)
    dx = np.zeros_like(x)
    dgamma = np.zeros((programs, H), x.dtype)
    dbeta = np.zeros((programs, H), x.dtype)
    for program in range(programs):
        rows = program * ROWS + np.arange(ROWS)
        xs, dys = load(x, rows), load(dl_dy, rows)
        mean = xs.sum(axis=1, keepdims=True) / H
        var = ((xs - mean) ** 2).sum(axis=1, keepdims=True) / H
        rstd = 1 / np.sqrt(var + eps)
        xhat = (xs - mean) * rstd
        wdy = dys * gamma
        c1 = (wdy * xhat).sum(axis=1, keepdims=True) / H
        c2 = wdy.sum(axis=1, keepdims=True) / H
        store(dx, rows, (wdy - xhat * c1 - c2) * rstd)
        dgamma[program] = (dys * xhat).sum(axis=0)
        dbeta[program] = dys.sum(axis=0)
    return dx, dgamma.sum(axis=0), dbeta.sum(axis=0)


def rmsnorm_backward(dl_dy, x, gamma, *, eps=1e-5):
    B, H = x.shape
    dx = np.zeros_like(x)
    dgamma = workspace("dgamma", H, x.dtype)
    dgamma[:] = 0
    squares, dots = np.zeros((2, B), x.dtype)
    for start in range(0, H, COLUMNS):
        cols = slice(start, start + COLUMNS)
        squares += (x[:, cols] ** 2).sum(axis=1)
        dots += (dl_dy[:, cols] * gamma[cols] * x[:, cols]).sum(axis=1)
    r = np.sqrt(squares / H + eps)[:, None]
    shared = dots[:, None] / (H * r**3)
    for start in range(0, H, COLUMNS):
        cols = slice(start, start + COLUMNS)
        dx[:, cols] = dl_dy[:, cols] * gamma[cols] / r - x[:, cols] * shared
        dgamma[cols] += (dl_dy[:, cols] * x[:, cols] / r).sum(axis=0)
    return dx, dgamma.copy()
