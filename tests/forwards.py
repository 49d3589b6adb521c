"""Every bundled derivation once more, in torch and in its own terms: matrices, not indices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.points import rate, smooth

EPS = 1e-5


def forwards(torch: Any) -> dict[str, Callable[..., Any]]:
    """The name of a derivation, and its output of its inputs in order."""
    first, second, third = (smooth(torch, rate(place)) for place in range(3))

    def standardised(x: Any, axis: int) -> Any:
        centred = x - x.mean(axis, keepdim=True)
        return centred / torch.sqrt(x.var(axis, unbiased=False, keepdim=True) + EPS)

    def logistic_regression(x: Any, w: Any, b: Any, t: Any) -> Any:
        return torch.nn.functional.binary_cross_entropy_with_logits(x @ w + b, t)

    def network(x: Any, *layers: Any) -> Any:
        for w, b in zip(layers[::2], layers[1::2], strict=True):
            x = torch.tanh(x @ w + b)
        return x

    def tcl(x: Any, *matrices: Any) -> Any:
        for axis, v in enumerate(matrices):
            x = torch.tensordot(v, x, dims=([1], [axis])).movedim(0, axis)
        return x

    return {
        "attention": lambda q, k, v: torch.softmax(q @ k.T / q.shape[1] ** 0.5, 1) @ v,
        "batchnorm": lambda x, gamma, beta: standardised(x, 0) * gamma + beta,
        "bilinear": lambda u, a, v: u @ a @ v,
        "cosine_similarity": lambda u, v: torch.cosine_similarity(u, v, dim=0),
        "cross_entropy": lambda x, t: -(t * torch.log_softmax(x, 1)).sum() / len(x),
        "cubes": lambda x, w: ((x @ w) ** 3).sum(),
        "diagonal": lambda a, b: torch.diagonal(a) * b,
        "feed_forward": lambda x, w1, b1, w2, b2: first(first(x @ w1 + b1) @ w2 + b2),
        "frobenius": lambda x: torch.linalg.norm(x @ x.T @ x),
        "frobenius_linear": lambda w, x: torch.linalg.norm(w @ x),
        "identity": lambda x: x.clone(),
        "layernorm": lambda x, gamma, beta: standardised(x, 1) * gamma + beta,
        "layernorm_inline": lambda x, gamma, beta: torch.nn.functional.layer_norm(
            x, x.shape[1:], gamma, beta, EPS
        ),
        "linear": torch.nn.functional.linear,
        "logistic_regression": logistic_regression,
        "logsumexp": lambda x: torch.logsumexp(x, 1),
        "matmul": torch.matmul,
        "matrix_factorization": lambda r, u, v: ((r - u @ v.T) ** 2).sum(),
        "mean_squared_error": lambda x, w, t: torch.nn.functional.mse_loss(x @ w, t),
        "mlp": network,
        "mlp:2": network,
        "nested": lambda x: third(second(first(x))),
        "outer_product": torch.outer,
        "pointwise": first,
        "power": torch.pow,
        "quadratic_form": lambda x, a: x @ a @ x,
        "quotient": lambda a, b, x: a @ x / (b @ x),
        "rmsnorm": lambda x, gamma: x / torch.sqrt((x**2).mean(1, keepdim=True) + EPS) * gamma,
        "sine": torch.sin,
        "softmax": lambda x: torch.softmax(x, 1),
        "swap_rule": lambda a, b: a @ b.transpose(1, 2),
        "tcl": tcl,
        "tcl:2": tcl,
        "tcl:4": tcl,
        "trace": torch.trace,
        "two_paths": lambda x, w: first(x @ w) * second(x @ w),
    }
