"""Whole derivations as they are printed; `python -m tests.golden` writes them anew.

A change here is to be read like a change of a formula in a book.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import indexcalc as ic
from indexcalc.codegen.targets import loops, objects

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
TARGETS: dict[str, Callable[..., str]] = {"loops": loops.module, "objects": objects.module}
MODULES = (("matmul", "loops"), ("layernorm", "loops"), ("softmax", "objects"))


def printed() -> dict[str, str]:
    """The name of each file with what belongs in it."""
    texts = {f"{name}.txt": ic.derive(name).text() for name in TEXTS}
    pages = {f"{name}.tex": ic.derive(name).latex() for name in PAGES}
    return (
        texts | pages | {f"{name}_{target}.txt": emitted(name, target) for name, target in MODULES}
    )


def emitted(name: str, target: str) -> str:
    """The text of a module, as the command would have it."""
    d = ic.derive(name)
    closed = (*d.where, *map(d.found.equation, d.wrt))
    return TARGETS[target](d.program, d.wrt, f"derive {name} --emit {target}", closed)


def write() -> None:
    for name, text in printed().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
