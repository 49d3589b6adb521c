"""Whole derivations as they are printed; `python -m tests.golden` writes them anew.

A change here is to be read like a change of a formula in a book.
"""

from __future__ import annotations

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


def printed() -> dict[str, str]:
    """The name of each file with what belongs in it."""
    texts = {f"{name}.txt": ic.derive(name).text() for name in TEXTS}
    pages = {f"{name}.tex": ic.derive(name).latex() for name in PAGES}
    return (
        texts
        | pages
        | {f"{name}_{target}.txt": ic.derive(name).emit(target) for name, target in MODULES}
    )


def write() -> None:
    for name, text in printed().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
