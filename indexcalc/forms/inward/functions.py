"""The functions of matrix notation that are not entry by entry, and the shapes that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from indexcalc.errors import IndexcalcError, did_you_mean
from indexcalc.expr.functions import ABSTRACT, FUNCTIONS
from indexcalc.forms.inward.faults import misfit, said, wrong_use
from indexcalc.forms.inward.syntax import SCALAR, Called, Node, Number, Right, Shape, Word
from indexcalc.lang.faults import ALIASES
from indexcalc.lang.sizes import Axis
from indexcalc.lang.syntax import Letter

if TYPE_CHECKING:  # it finds the shapes of all else
    from indexcalc.forms.inward.shapes import Shapes

Rule: TypeAlias = "Callable[[Shapes, Called], Shape]"

_LATER = ("inv", "pinv", "det", "logdet", "kron", "vec", "expm")
# Functions that people look for, written in this notation.
_WRITTEN = {
    "transpose": "A'",
    "dot": "x'*y",
    "outer": "x*y'",
    "inner": "A:B",
    "matmul": "A*B",
    "norm1": "sum(abs(x))",
    "norm2": "norm(x)",
    "softmax": "exp(x)/sum(exp(x))",
    "logsumexp": "log(sum(exp(x)))",
    "square": "x.^2",
    "pow": "x.^p",
    "zeros": "0*ones(n)",
    "identity": "I, or eye(n)",
    "size": "the letter of a size, as the signature declares it",
    "max": "it in index notation: max[k](x[k])",
    "min": "it in index notation: min[k](x[k])",
    "prod": "it in index notation: prod[k](x[k])",
    "Tr": "tr(A)",
    "Diag": "diag(x)",
}


# Along each row of a matrix.
_OF_MATRICES = {
    "softmax": "exp(A)./sum(exp(A),2)",
    "logsumexp": "log(sum(exp(A),2))",
}
# Of a matrix and zero, and of two.
_OF_TWO = {
    "max": ("relu(A)", "relu(A - B) + B"),
    "min": ("A - relu(A)", "A - relu(A - B)"),
}


def refuse_declared(function: Letter) -> None:
    """A function of matrices is not one entry by entry."""
    name = function.name
    if name in RULES:
        raise IndexcalcError(
            "IC303",
            f"{name} is a function already",
            hint="declare another name",
            spans=[function.span],
        )


def rule_for(node: Called, shapes: Shapes) -> Rule | None:
    """What finds the shape of a call; nothing where a function is entry by entry."""
    name, declared = node.name, shapes.names.calls.declared
    if name in shapes.known:
        hint = _picked(node) or f"write {name}*(...) for a product"
        raise wrong_use(f"{name} is a tensor, not a function", hint, node.name_span)
    if name in FUNCTIONS or name in ABSTRACT or name in declared:
        return None
    if name in _LATER:
        raise IndexcalcError(
            "IC703",
            f"{name} is not available yet",
            hint="make it an input of its own",
            spans=[node.name_span],
        )
    if name not in RULES:
        raise IndexcalcError(
            "IC301",
            f"there is no function {name}",
            hint=_instead(node, declared),
            spans=[node.name_span],
        )
    rule, most = RULES[name]
    given = len(node.arguments)
    if given > most:
        said_most = f"{most} argument{'s'[: most > 1]}"
        hint = f"write {name}(A)" if most == 1 else f"write {name}(A,1)"
        hint = "write ones(n), or ones(m,n)" if name == "ones" else hint
        raise wrong_use(f"{name} takes {said_most}, and {given} are given", hint, node.span)
    return rule


def _instead(node: Called, declared: Iterable[str]) -> str:
    """What to write for a function that there is not."""
    name = ALIASES.get(node.name, node.name)
    if len(node.arguments) == 2 and name in _OF_TWO:
        with_zero, otherwise = _OF_TWO[name]
        return f"write {with_zero if any(map(_is_zero, node.arguments)) else otherwise}"
    if name in _OF_MATRICES and any(all(argument.shape) for argument in node.arguments):
        return f"write {_OF_MATRICES[name]}"
    if name in _WRITTEN:
        return f"write {_WRITTEN[name]}"
    if name in FUNCTIONS or name in RULES:
        return f"did you mean {name}?"
    near = did_you_mean(name, [*FUNCTIONS, *RULES, *declared])
    product = f"for a product write {name}*(...), or declare it: pointwise {name}"
    return near or _picked(node) or product


def _picked(node: Called) -> str:
    """A(1,2), which is no product."""
    if all(isinstance(argument, Number) for argument in node.arguments):
        return f"no entries are taken: make {node.name}(...) an input of its own"
    return ""


def _is_zero(node: Node) -> bool:
    return isinstance(node, Number) and node.value.value == 0


def sizes(right: Right) -> set[Node]:
    """What stands for sizes: the arguments of ones and eye."""
    calls = (node for node in right.nodes if isinstance(node, Called))
    return {size for node in calls if node.name in ("ones", "eye") for size in node.arguments}


def _trace(shapes: Shapes, node: Called) -> Shape:
    shapes.square(node.arguments[0])
    return SCALAR


def _diagonal(shapes: Shapes, node: Called) -> Shape:
    (of,) = node.arguments
    rows, columns = of.shape
    axis = rows or columns
    if axis is None:
        hint = f"diag is of a vector, or of a matrix{shapes.declaring(of)}"
        raise misfit("a scalar has no diagonal", hint, node.span)
    return (shapes.square(of), None) if rows and columns else (axis, axis)


def _summed(shapes: Shapes, node: Called) -> Shape:
    of, along = node.arguments[0], _along(node)
    name = node.name
    if of.is_scalar:
        hint = f"{name} is of a vector, or of a matrix{shapes.declaring(of)}"
        raise misfit("a scalar is one number", hint, node.span)
    if said(of.shape) != "a matrix":
        if along:
            raise wrong_use(f"{said(of.shape)} has one sum", f"write {name}(x)", node.span)
        return SCALAR
    if not along:
        ways = f"{name}(A,1) is a row, {name}(A,2) a column"
        whole = "𝟏'*A*𝟏 the sum of all" if name == "sum" else "mean(mean(A,1)) the mean of all"
        raise wrong_use(
            f"{name} of a matrix could be along its rows, its columns or both",
            f"{ways}, {whole}",
            node.span,
        )
    return (None, of.shape[1]) if along == 1 else (of.shape[0], None)


def _along(node: Called) -> int:
    """1 or 2 where it is given, else 0."""
    if len(node.arguments) == 1:
        return 0
    last = node.arguments[1]
    if isinstance(last, Number) and last.value.value in (1, 2):
        return int(last.value.value)
    hint = f"{node.name}(A,1) is a row, {node.name}(A,2) a column"
    raise wrong_use("a matrix has the axes 1 and 2", hint, last.span)


def _norm(shapes: Shapes, node: Called) -> Shape:
    (of,) = node.arguments
    if of.is_scalar:
        hint = f"write abs(s){shapes.declaring(of)}"
        raise misfit("the norm is of a vector or a matrix", hint, node.span)
    return SCALAR


def _ones(shapes: Shapes, node: Called) -> Shape:
    rows, columns = [*(_size(shapes, one) for one in node.arguments), None][:2]
    return rows, columns


def _identity(shapes: Shapes, node: Called) -> Shape:
    axis = _size(shapes, node.arguments[0])
    return axis, axis


def _size(shapes: Shapes, node: Node) -> Axis:
    found = shapes.size(node.name) if isinstance(node, Word) else None
    if found is None:
        sizes = ", ".join(shapes.names.sized)
        raise IndexcalcError(
            "IC502",
            "a size is a letter of the signature",
            hint=f"it has {sizes}" if sizes else "write 𝟏 or I, whose size is the one that fits",
            spans=[node.span],
        )
    return found


# What finds the shape, and the most arguments.
RULES: dict[str, tuple[Rule, int]] = {
    "tr": (_trace, 1),
    "trace": (_trace, 1),
    "diag": (_diagonal, 1),
    "sum": (_summed, 2),
    "mean": (_summed, 2),
    "norm": (_norm, 1),
    "ones": (_ones, 2),
    "eye": (_identity, 1),
}
