"""The change of a matrix, to first order."""

from __future__ import annotations

from indexcalc.forms.matrices import Matrix, need_matrix


class Differential(Matrix):
    """dA: how a matrix changes with the tensors that it is made of, to first order."""

    __slots__ = ()

    def __new__(cls, of: Matrix) -> Differential:
        node: Differential = cls._shaped((need_matrix(of),), of.shape)
        return node

    @property
    def of(self) -> Matrix:
        of: Matrix = self.args[0]
        return of


def differential_name(name: str) -> str:
    """What the change of a tensor is called; no tensor has a space in its name."""
    return f"d {name}"
