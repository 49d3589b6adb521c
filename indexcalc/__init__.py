"""Tensor functions in index notation: read exactly, derived, proved and turned into code.

    import indexcalc as ic
    ic.evaluate("y[i] = x[i,k]*w[k]", x=..., w=...)

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Derivation": "indexcalc.derivation",
    "IndexcalcError": "indexcalc.errors",
    "Program": "indexcalc.expr.program",
    "derive": "indexcalc.derivation",
    "evaluate": "indexcalc.derivation",
    "fold": "indexcalc.unfolding",
    "from_matrix": "indexcalc.derivation",
    "layerwise_test": "indexcalc.against.layers.layerwise",
    "mode_product": "indexcalc.unfolding",
    "permutation": "indexcalc.unfolding",
    "read": "indexcalc.derivation",
    "unfold": "indexcalc.unfolding",
    "unvec": "indexcalc.unfolding",
    "vec": "indexcalc.unfolding",
}

__all__ = [
    "Derivation",
    "IndexcalcError",
    "Program",
    "__version__",
    "derive",
    "evaluate",
    "fold",
    "from_matrix",
    "layerwise_test",
    "mode_product",
    "permutation",
    "read",
    "unfold",
    "unvec",
    "vec",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
