"""The libraries that gradients are compared with: how each spells what a translation needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from indexcalc.expr.functions import FUNCTIONS
from indexcalc.proof.translation import Arrays, Spelling

# Beyond this, torch has softplus(x) = x, which is exact in float64 from here on.
LINEAR = 40


@dataclass(frozen=True, slots=True)
class Library:
    """One that differentiates: `gradient` of a function of arrays by name, inside `scope`."""

    name: str
    spelling: Spelling
    gradient: Callable[[Callable[[Arrays], Any]], Callable[[Arrays], Arrays]]
    scope: Callable[[], AbstractContextManager[None]]


def torch() -> Library:
    """PyTorch and its autograd, on the CPU whatever the user's default is."""
    torch: Any = import_module("torch")
    return Library(
        name="torch",
        spelling=Spelling(
            module=torch,
            array=lambda values, precision: torch.tensor(
                values, dtype=getattr(torch, precision), device="cpu"
            ),
            reductions={
                "sum": partial(torch.sum, keepdim=True),
                "prod": partial(torch.prod, keepdim=True),
                "max": partial(torch.amax, keepdim=True),
                "min": partial(torch.amin, keepdim=True),
            },
            functions={
                "exp": torch.exp,
                "log": torch.log,
                "sqrt": torch.sqrt,
                "sin": torch.sin,
                "cos": torch.cos,
                "tan": torch.tan,
                "asin": torch.asin,
                "acos": torch.acos,
                "atan": torch.atan,
                "sinh": torch.sinh,
                "cosh": torch.cosh,
                "tanh": torch.tanh,
                "sigmoid": torch.sigmoid,
                "softplus": partial(torch.nn.functional.softplus, threshold=LINEAR),
                "erf": torch.erf,
                "relu": torch.relu,
                "abs": torch.abs,
                "sign": torch.sign,
            },
        ),
        gradient=import_module("torch.func").grad,
        # A user may have asked that a nan stops everything.
        scope=lambda: torch.autograd.set_detect_anomaly(False),
    )


def jax() -> Library:
    """JAX and its gradients. Compiled whole: each operation by itself takes far longer."""
    jax: Any = import_module("jax")
    jnp: Any = import_module("jax.numpy")
    return Library(
        name="jax",
        spelling=Spelling(
            module=jnp,
            array=jnp.asarray,
            reductions=_reductions(jnp),
            functions={
                "exp": jnp.exp,
                "log": jnp.log,
                "sqrt": jnp.sqrt,
                "sin": jnp.sin,
                "cos": jnp.cos,
                "tan": jnp.tan,
                "asin": jnp.arcsin,
                "acos": jnp.arccos,
                "atan": jnp.arctan,
                "sinh": jnp.sinh,
                "cosh": jnp.cosh,
                "tanh": jnp.tanh,
                "sigmoid": jax.nn.sigmoid,
                "softplus": jax.nn.softplus,
                "erf": jax.lax.erf,
                "relu": jax.nn.relu,
                "abs": jnp.abs,
                "sign": jnp.sign,
            },
        ),
        gradient=lambda function: jax.jit(jax.grad(function)),
        scope=lambda: _set(jax),
    )


@contextmanager
def _set(jax: Any) -> Iterator[None]:
    """float64 for a while, nan and ∞ being values; releases differ in where the first is."""
    home = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")
    with home.enable_x64(True), jax.debug_nans(False), jax.debug_infs(False):
        yield


def numpy() -> Spelling:
    """NumPy, with the functions of the reference evaluator."""
    return Spelling(
        module=np,
        array=np.asarray,
        reductions=_reductions(np),
        functions={name: partial(record.value, np) for name, record in FUNCTIONS.items()},
    )


def _reductions(module: Any) -> Mapping[str, Callable[..., Any]]:
    """Reductions as NumPy names them."""
    return {
        kind: partial(getattr(module, kind), keepdims=True)
        for kind in ("sum", "prod", "max", "min")
    }


LIBRARIES: dict[str, Callable[[], Library]] = {"torch": torch, "jax": jax}
