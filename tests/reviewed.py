"""Backward functions that are reviewed in the tests: right ones, wrong ones, and some that raise.

All but the first few are of rmsnorm. What they raise is shown with its line, so new ones come last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

EPS = 1e-5
SUMS: dict[int, Any] = {}


def softmax_backward(g: Any, x: Any) -> Any:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p * (g - (g * p).sum(axis=1, keepdims=True))


def outside(dl_dy: Any, x: Any) -> Any:
    return dl_dy / x + 1


def rms(x: Any) -> Any:
    return np.sqrt((x * x).mean(axis=1, keepdims=True) + EPS)


def right(dl_dy: Any, x: Any, gamma: Any) -> Any:
    xhat = x / rms(x)
    c = (dl_dy * gamma * xhat).mean(axis=1, keepdims=True)
    return (dl_dy * gamma - xhat * c) / rms(x), (dl_dy * xhat).sum(axis=0)


def negative(dl_dy: Any, x: Any, gamma: Any) -> Any:
    return tuple(-gradient for gradient in right(dl_dy, x, gamma))


def unheard_of(dl_dy: Any, x: Any, gamma: Any) -> Any:
    dx, dgamma = right(dl_dy, x, gamma)
    return np.tanh(dx) + np.cos(dl_dy) / 3, dgamma


def no_single_row(dl_dy: Any, x: Any, gamma: Any) -> Any:
    if len(x) == 1:
        raise ValueError("at least 2 rows")
    return right(dl_dy, x, gamma)


def always_fails(dl_dy: Any, x: Any, gamma: Any) -> Any:
    raise IndexError(f"no place in {x.shape}")


def half(dl_dy: Any, x: Any, gamma: Any) -> Any:
    return right(dl_dy, x, gamma)[0], None


def words(dl_dy: Any, x: Any, gamma: Any) -> Any:
    return right(dl_dy, x, gamma)[0], "dgamma"


def added_up(dl_dy: Any, x: Any, gamma: Any) -> Any:
    """What an earlier call left is added to."""
    dx, dgamma = right(dl_dy, x, gamma)
    total = SUMS.setdefault(len(dgamma), np.zeros_like(dgamma, dtype=float))
    total += dgamma
    return dx, total.astype(dgamma.dtype)


def packed(dl_dy: Any, x: Any, gamma: Any) -> Any:
    """Reads an upstream gradient as if its rows lay one after the other in memory."""
    base = dl_dy if dl_dy.base is None else dl_dy.base.ravel()[: dl_dy.size].reshape(dl_dy.shape)
    return right(base, x, gamma)


def forward(x: Any, gamma: Any, eps: float) -> Any:
    r = np.sqrt((x * x).mean(axis=1, keepdims=True) + eps)
    return x / r * gamma, (x / r, r, gamma)


def backward(dout: Any, saved: Any) -> Any:
    xhat, r, gamma = saved
    c = (dout * gamma * xhat).mean(axis=1, keepdims=True)
    return [(dout * gamma - xhat * c) / r, (dout * xhat).sum(axis=0)]


def backward_of_cache(cache: Any, g: Any) -> Any:
    dx, dgamma = backward(g, cache)
    return {"grad_gamma": dgamma, "x": dx}


def forward_fails(x: Any, gamma: Any, eps: float) -> Any:
    return x @ gamma[:-1], None
