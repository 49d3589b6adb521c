"""How much there is to read in a matrix: of two that are equal the lighter is kept."""

from __future__ import annotations

from sympy import Basic

from indexcalc.expr.base import children
from indexcalc.forms.differential import Differential
from indexcalc.forms.matrices import (
    Diagonal,
    Function,
    Hadamard,
    Inner,
    Matrix,
    Ones,
    Plus,
    Power,
    Product,
    Scaled,
    Transpose,
)
from indexcalc.forms.tensors import Tensor

# In hundredths of an operation, so that sums are exact.
OPERATION = 100
DIAGONAL = 50
NUMBER = 20
ONES = 10
TURNED = 1


def weight(matrix: Matrix | Tensor) -> int:
    """Operations, then diagonal matrices, then transposes."""
    return sum(map(_own, written(matrix)))


def written(matrix: Basic) -> list[Basic]:
    """Every node as often as it is written."""
    found: list[Basic] = []
    waiting: list[Basic] = [matrix]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += children(node)
    return found


def _own(node: Basic) -> int:
    match node:
        case Diagonal(vector=Power(exponent=exponent)) if exponent == -1:
            return DIAGONAL - OPERATION
        case Diagonal():
            return DIAGONAL
        case Product() | Plus() | Hadamard():
            return OPERATION * (len(node.args) - 1)
        case Scaled():
            return OPERATION * (len(node.rest) - 1) + NUMBER * (node.number not in (1, -1))
        case Transpose():
            return TURNED
        case Ones():
            return ONES
        case Inner():
            return 2 * OPERATION
        case Power() | Function():
            return OPERATION
        case Differential():
            return 0
        case Matrix() | Tensor() if children(node):
            return OPERATION
    return 0
