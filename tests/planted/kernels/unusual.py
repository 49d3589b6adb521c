"""Right functions in forms of their own: Welford's variance, a softmax that is known after a single
sweep, attention whose row sums are of the gradient and the output."""

import numpy as np

COLUMNS = 32
KEYS = 16


def layernorm_backward(dl_dy, x, gamma, beta, *, eps=1e-5):
    B, H = x.shape
    mean, squares = np.zeros((2, B), x.dtype)
    for h in range(H):
        moved = x[:, h] - mean
        mean = mean + moved / (h + 1)
        squares = squares + moved * (x[:, h] - mean)
    scale = 1 / np.sqrt(squares / H + eps)
    along, level = np.zeros((2, B), x.dtype)
    for start in range(0, H, COLUMNS):
        cols = slice(start, start + COLUMNS)
        scaled = dl_dy[:, cols] * gamma[cols]
        along += (scaled * (x[:, cols] - mean[:, None]) * scale[:, None]).sum(axis=1)
        level += scaled.sum(axis=1)
    xhat = (x - mean[:, None]) * scale[:, None]
    dx = (H * dl_dy * gamma - level[:, None] - xhat * along[:, None]) * scale[:, None] / H
    return dx, (dl_dy * xhat).sum(axis=0), dl_dy.sum(axis=0)


def softmax_backward(dl_dp, x):
    top = np.full(len(x), -np.inf, x.dtype)
    total, dot = np.zeros((2, len(x)), x.dtype)
    for start in range(0, x.shape[1], COLUMNS):
        cols = slice(start, start + COLUMNS)
        above = np.maximum(top, x[:, cols].max(axis=1))
        shrunk = np.exp(top - above)
        e = np.exp(x[:, cols] - above[:, None])
        total = total * shrunk + e.sum(axis=1)
        dot = dot * shrunk + (e * dl_dp[:, cols]).sum(axis=1)
        top = above
    p = np.exp(x - top[:, None]) / total[:, None]
    return p * (dl_dp - (dot / total)[:, None])


def attention_backward(dl_do, q, k, v):
    D = q.shape[1]
    s = np.einsum("id,jd->ij", q, k) / D**0.5
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    o = np.einsum("ij,jc->ic", p, v)
    delta = np.einsum("ic,ic->i", dl_do, o)
    ds = np.zeros_like(p)
    for start in range(0, len(k), KEYS):
        keys = slice(start, start + KEYS)
        dp = np.einsum("ic,jc->ij", dl_do, v[keys])
        ds[:, keys] = p[:, keys] * (dp - delta[:, None])
    dq = np.einsum("ij,jd->id", ds, k) / D**0.5
    dk = np.einsum("ij,id->jd", ds, q) / D**0.5
    return dq, dk, np.einsum("ij,ic->jc", p, dl_do)
