"""Names for parts of expressions, made of what the parts are made of: x_w, exp_s, sum_e."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sympy import Basic, Expr, Rational

from indexcalc.expr.base import ONE
from indexcalc.expr.names import adjoint_of
from indexcalc.expr.nodes import Access, Add, Apply, Delta, Mul, One, Pow, Reduce, Sum
from indexcalc.expr.terms import Term, coefficient, flat, is_below, is_negative, split_power

# A longer name is no help; the part is then one of the equation it is in.
LONGEST = 24
POWERS = {2: "squared", 3: "cubed"}


class Namer:
    """Hands out names that nothing else has."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        # The equation whose parts are named now.
        self.within = ""

    def part(self, wanted: str) -> str:
        """The name wanted for a part; one that says of which equation it is a part, where that name
        is too long or the equation's own."""
        fits = 0 < len(wanted) <= LONGEST and wanted != self.within
        return self.fresh(wanted if fits else f"{self.within}_part")

    def fresh(self, wanted: str) -> str:
        """The name wanted, numbered where it is taken."""
        name = numbered(wanted, self.taken)
        self.taken.add(name)
        return name

    def gradient(self, wanted: str) -> str:
        """The name wanted for what a user gives or is given, with a _ where it is taken."""
        name = underscored(wanted, self.taken)
        self.taken.add(name)
        return name


def numbered(wanted: str, taken: Collection[str]) -> str:
    """The first of x, x_2, x_3 that is not taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def underscored(wanted: str, taken: Collection[str]) -> str:
    """The first of x, x_, x__ that is not taken."""
    while wanted in taken:
        wanted += "_"
    return wanted


def code_name(name: str) -> str:
    """∂l/∂x is dl_dx, whatever the loss is called."""
    _, of = adjoint_of(name)
    return f"dl_d{of}" if of else name


def name_of(terms: Sequence[Term]) -> str:
    """a_b for a product, a_plus_b for a sum."""
    words = ""
    for term in terms:
        name = _product(term)
        joint = ("_minus_" if is_negative(term) else "_plus_") if words and name else ""
        words += joint + name
    return words


def _product(term: Term) -> str:
    number, rest = coefficient(term)
    above: list[str] = []
    below: list[str] = []
    for factor in rest:
        if isinstance(factor, Delta | One):
            continue
        base, exponent = split_power(factor)
        under = is_below(exponent)
        name = _power(base, -exponent if under else exponent)
        if name:
            (below if under else above).append(name)
    if any(isinstance(factor, Delta) for factor in rest):
        return "_".join(("diag", *above))
    if not above:
        return "_".join(("inv", *below)) if below else _number(number)
    top = "_".join(above)
    if term.bound and len(above) == 1 and not below:
        top = f"{'sum' if number.is_Integer else 'mean'}_{top}"
    return f"{top}_over_{'_'.join(below)}" if below else top


def _number(number: Expr) -> str:
    known = number.is_Symbol or (number.is_Integer and number > 0)
    return str(number) if known else ""


def _power(base: Basic, exponent: Expr) -> str:
    name = _name(base)
    if exponent == ONE or not name:
        return name
    if exponent == Rational(1, 2):
        return f"sqrt_{name}"
    return f"{name}_{POWERS.get(exponent, 'power')}"


def _argument(part: Basic) -> str:
    """exp(-x) is not called what exp(x) is."""
    terms = flat(part)
    negative = len(terms) == 1 and is_negative(terms[0])
    return f"minus_{_name(part)}" if negative else _name(part)


def _name(part: Basic) -> str:
    if isinstance(part, Access):
        return code_name(part.name)
    if isinstance(part, Apply):
        function = part.name.replace("'", "_prime")
        return "_".join((function, *map(_argument, part.arguments)))
    if isinstance(part, Reduce):
        return f"{part.kind}_{_name(part.body)}"
    if isinstance(part, Add | Mul | Sum):
        return name_of(flat(part))
    if isinstance(part, Pow):
        return f"{_name(part.base)}_power"
    return _number(part) if isinstance(part, Expr) else ""
