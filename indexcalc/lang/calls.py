"""Which functions a program calls: known, abstract or declared, with how many arguments."""

from __future__ import annotations

from collections.abc import Container

from indexcalc.errors import IndexcalcError, Span, did_you_mean
from indexcalc.expr.functions import ABSTRACT, FUNCTIONS, REDUCTIONS
from indexcalc.lang.faults import ALIASES, refuse_reserved, twice
from indexcalc.lang.syntax import Call, Letter

# Functions that people look for, written in this language.
_WRITTEN = {
    "softmax": "exp(x[i])/sum[j](exp(x[j]))",
    "logsumexp": "log(sum[j](exp(x[j])))",
    "norm": "sqrt(sum[j](x[j]^2))",
    "dot": "sum[j](x[j]*w[j])",
    "matmul": "x[i,k]*w[k,j]",
    "transpose": "x[j,i]",
    "trace": "x[i,i]",
    "pow": "x^n",
    "square": "x^2",
    "rsqrt": "1/sqrt(x)",
    "log2": "log(x)/log(2)",
    "log10": "log(x)/log(10)",
    "silu": "x*sigmoid(x)",
    "gelu": "x/2*(1 + erf(x/sqrt(2)))",
}


class Calls:
    """The functions that a program declares, and those that it calls."""

    def __init__(self, declared: list[Letter]) -> None:
        self.declared: dict[str, Span] = {}
        self.arities: dict[str, tuple[int, Span]] = {}
        self.called: dict[str, Span] = {}
        for letter in declared:
            self.declare(letter)

    def declare(self, letter: Letter) -> None:
        name = letter.name
        refuse_reserved(name, letter.span)
        if name in FUNCTIONS or name in REDUCTIONS:
            raise IndexcalcError(
                "IC303",
                f"{name} is a function already",
                hint="declare another name",
                spans=[letter.span],
            )
        if name in self.declared:
            raise twice(name, letter.span, self.declared[name], "declared already")
        self.declared[name] = letter.span

    def check(self, node: Call, tensors: Container[str]) -> None:
        """The function is known, and takes this many arguments."""
        name, given = node.name, len(node.arguments)
        self.called.setdefault(name, node.name_span)
        if name in FUNCTIONS:
            wanted = 1
        elif name in ABSTRACT or name in self.declared:
            wanted, _ = self.arities.setdefault(name, (given, node.name_span))
        else:
            raise self.unknown(node, tensors)
        if given != wanted:
            raise IndexcalcError(
                "IC313",
                f"{name} takes {wanted} argument{'s'[: wanted > 1]}, and {given} are given"
                if given > 1
                else f"{name} takes {wanted} arguments, and 1 is given",
                hint="an abstract function takes the same number everywhere"
                if name not in FUNCTIONS
                else f"write {name}(x)",
                spans=[node.span],
            )

    def unknown(self, node: Call, tensors: Container[str]) -> IndexcalcError:
        name = node.name
        if name in tensors:
            return IndexcalcError(
                "IC313",
                f"{name} is a tensor, not a function",
                hint=f"write {name}[...] for a component, {name}*(...) for a product",
                spans=[node.name_span],
            )
        return IndexcalcError(
            "IC301",
            f"there is no function {name}",
            hint=self.way_out(name),
            spans=[node.name_span],
        )

    def way_out(self, name: str) -> str:
        meant = ALIASES.get(name, name)
        if meant in REDUCTIONS:
            return f"write {meant}[k](...), with the index to go over"
        if meant != name:
            return f"did you mean {meant}?"
        if name in _WRITTEN:
            return f"write {_WRITTEN[name]}"
        near = did_you_mean(name, [*FUNCTIONS, *ABSTRACT, *self.declared])
        return near or f"declare it: pointwise {name}"
