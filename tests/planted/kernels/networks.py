"""Layers of networks in torch; gradients by the second weights have a buffer that is kept, as a
training loop has."""

import math

import torch

BUFFERS = {}


def buffer(like):
    """Kept between calls."""
    return BUFFERS.setdefault((like.shape, like.dtype), torch.zeros_like(like))


def gated_backward(dy, x, w, v, o):
    with torch.autocast("cpu", enabled=False):
        a, b = x @ w, x @ v
        sigma = torch.sigmoid(a)
        s = a * sigma
        dh = dy @ o.T
        da = dh * b * (sigma + s * (1 - sigma))
        db = dh * s
        dx = da @ w.T + db @ v.T
        dw, dv, do = x.T @ da, x.T @ db, (s * b).T @ dy
    return tuple(gradient.to(x.dtype) for gradient in (dx, dw, dv, do))


def gelu_backward(dy, x, w1, b1, w2, b2):
    a = x @ w1 + b1
    c = (1 + torch.erf(a / math.sqrt(2))) / 2
    density = torch.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    dw2 = torch.mm((a * c).T, dy, out=buffer(w2))
    db2 = dy.sum(dim=0)
    da = dy @ w2.T * (c + a * density)
    dw1 = x.T @ da
    db1 = da.sum(dim=0)
    return da @ w1.T, dw1, db1, dw2.clone(), db2
