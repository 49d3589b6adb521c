"""Families of derivations: the text of a member for any number, tcl:4 or mlp:32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexcalc import catalogue
from indexcalc.errors import IndexcalcError, Source

_FREE = "abcdefgh"
_DUMMIES = "ijklmnop"


@dataclass(frozen=True, slots=True)
class Family:
    """Members name:least to name:most, and the text of each."""

    least: int
    most: int
    what: str
    text: Callable[[int], str]


def tcl(order: int) -> str:
    """A tensor contraction layer: one matrix for each axis."""
    inner, outer = _DUMMIES[:order], _FREE[:order]
    matrices = [f"v{place}" for place in range(1, order + 1)]
    factors = [f"x[{','.join(inner)}]"]
    for name, new, old in zip(matrices, outer, inner, strict=True):
        factors.append(f"{name}[{new},{old}]")
    return (
        f"# Tensor contraction layer of order {order}.\n"
        "# Source: Backpropagation Techniques for Tensor Operations, Eq. 18.\n"
        f"tcl({', '.join(factors)}) -> y\n\n"
        f"y[{','.join(outer)}] = {'*'.join(factors)}\n"
    )


def mlp(layers: int) -> str:
    """A feed-forward network: the layers share a letter, for sizes belong to axes."""
    weights = [f"w{place}" for place in range(1, layers + 1)]
    lines = [
        f"# Network of {layers} layers with tanh.",
        "# Source: Backpropagation with Tensors, a network with n layers.",
    ]
    before = "x"
    body = []
    for place, weight in enumerate(weights, 1):
        after = "y" if place == layers else f"x{place + 1}"
        body.append(f"a{place}[n,j] = {before}[n,i]*{weight}[i,j] + 1[n]*b{place}[j]")
        body.append(f"{after}[n,j] = tanh(a{place}[n,j])")
        before = after
    return "\n".join([*lines, "", *body]) + "\n"


FAMILIES = {
    "tcl": Family(2, 8, "the order of its tensor", tcl),
    "mlp": Family(1, 999, "the number of its layers", mlp),
}


def find(what: str) -> Source:
    """A member of a family, or whatever else the catalogue knows."""
    name, colon, number = what.partition(":")
    if colon and name in FAMILIES:
        return Source(member(name, number), f"{name}{catalogue.SUFFIX}")
    return catalogue.find(what)


def entries() -> list[tuple[str, str]]:
    """Every derivation with its summary; a family says which members it has."""
    listed = []
    for name in catalogue.names():
        family = FAMILIES.get(name)
        members = f" ({name}:{family.least} to {name}:{family.most})" if family else ""
        listed.append((name, catalogue.summary(name) + members))
    return listed


def member(name: str, number: str) -> str:
    """The text of name:number."""
    family = FAMILIES[name]
    if (
        not number.isascii()
        or not number.isdigit()
        or not (family.least <= int(number[:9]) <= family.most)
    ):
        raise IndexcalcError(
            "IC203",
            f"there is no {name}:{number} in the catalogue",
            hint=f"{name}:N is for N from {family.least} to {family.most}, {family.what}",
        )
    return family.text(int(number))
