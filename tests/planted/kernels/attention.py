"""Attention that never holds all scores: blocks of keys, with a running maximum and total."""

import math

import numpy as np

KEYS = 16


def attention_backward(dl_do, q, k, v):
    I, D = q.shape
    J = len(k)
    scale = 1 / math.sqrt(D)
    top = np.full(I, -np.inf, q.dtype)
    total = np.zeros(I, q.dtype)
    delta = np.zeros(I, q.dtype)
    for start in range(0, J, KEYS):
        block = slice(start, start + KEYS)
        s = q @ k[block].T * scale
        above = np.maximum(top, s.max(axis=1))
        e = np.exp(s - above[:, None])
        shrunk = np.exp(top - above)
        total = total * shrunk + e.sum(axis=1)
        delta = delta * shrunk + (e * (dl_do @ v[block].T)).sum(axis=1)
        top = above
    delta = delta / total
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for start in range(0, J, KEYS):
        keys = slice(start, start + KEYS)
        s = q @ k[keys].T * scale
        p = np.exp(s - top[:, None]) / total[:, None]
        dp = dl_do @ v[keys].T
        ds = p * (dp - delta[:, None])
        dq += ds @ k[keys] * scale
        dk[keys] = ds.T @ q * scale
        dv[keys] = p.T @ dl_do
    return dq, dk, dv
