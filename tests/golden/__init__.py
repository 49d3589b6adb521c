"""Whole derivations as they are printed; `python -m tests.golden` writes them anew.

A change here is to be read like a change of a formula in a book.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from pathlib import Path

import indexcalc as ic

FOLDER = Path(__file__).parent
TEXTS = (
    "attention",
    "frobenius",
    "layernorm",
    "linear",
    "matmul",
    "pointwise",
    "sine",
    "softmax",
    "swap_rule",
    "tcl",
)
PAGES = ("layernorm", "matmul")
MODULES = (("matmul", "loops"), ("layernorm", "loops"), ("softmax", "objects"))


# The name of each file, the derivation in it, and what is shown of that.
FILES: dict[str, tuple[str, Callable[[ic.Derivation], str]]] = {
    **{f"{name}.txt": (name, ic.Derivation.text) for name in TEXTS},
    **{f"{name}.tex": (name, ic.Derivation.latex) for name in PAGES},
    **{f"{name}_{to}.txt": (name, methodcaller("emit", to)) for name, to in MODULES},
}


def printed(file: str) -> str:
    """What belongs in a file."""
    name, shown = FILES[file]
    return shown(ic.derive(name))


def write() -> None:
    for file in FILES:
        (FOLDER / file).write_text(printed(file), encoding="utf-8")
