"""The functions that docs/checking-your-kernel.md checks; all but one are wrong."""

import numpy as np


def rmsnorm_backward(dl_dy, x, gamma, eps):
    r = np.sqrt((x * x).mean(axis=1, keepdims=True) + eps)
    x_hat = x / r
    c2 = (dl_dy * x_hat).mean(axis=1, keepdims=True)
    return (dl_dy * gamma - x_hat * c2) / r, (dl_dy * x_hat).sum(axis=0)


def rmsnorm_fixed(dl_dy, x, gamma, eps):
    r = np.sqrt((x * x).mean(axis=1, keepdims=True) + eps)
    x_hat = x / r
    c2 = (dl_dy * gamma * x_hat).mean(axis=1, keepdims=True)
    return (dl_dy * gamma - x_hat * c2) / r, (dl_dy * x_hat).sum(axis=0)


def in_blocks(dl_dy, x, a):
    """Has a part of x and a in fast memory, a block of 32 columns at a time, but not the last."""
    dl_dx = np.zeros_like(x)
    for start in range(0, x.shape[1] - 31, 32):
        columns = slice(start, start + 32)
        dl_dx[:, columns] = dl_dy @ a[columns].T
    return dl_dx, x.T @ dl_dy


def of_wide_rows(dl_dy, x, a):
    if x.shape[1] == 1:
        raise ValueError("a row of one entry is no row")
    return dl_dy @ a.T, x.T @ dl_dy


def squashed(dl_dy, x, a):
    return np.tanh(dl_dy @ a.T), x.T @ dl_dy
