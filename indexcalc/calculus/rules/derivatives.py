"""The rules of differentiation: each moves one ∂ a level further in.

A derivative of first order is a sum over the ways to a variable, so every term holds at most one ∂
that is not yet worked out; what the ∂ has passed stands beside it as factors.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr

from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules.letters import a, i, j, k, p, q, s, u, x
from indexcalc.expr.base import MINUS_ONE, ONE, Index, free_of
from indexcalc.expr.functions import derivative
from indexcalc.expr.nodes import Access, Add, Apply, D, Delta, Mul, One, Pow, Sum
from indexcalc.expr.rewrite import Example, rule
from indexcalc.expr.terms import Term, Terms, opened, placed

_DEEPER = "each ∂ left stands before a smaller expression"


def pending(term: Term) -> tuple[int, D] | None:
    """The place of the derivative that is not yet worked out."""
    for place, factor in enumerate(term.factors):
        if isinstance(factor, D):
            return place, factor
    return None


def _instead(term: Term, place: int, *factors: Basic, bound: Sequence[Index] = ()) -> Term:
    """The term with a product in place of its ∂."""
    return placed(term, place, Term(tuple(bound), factors))


def _varies(expr: Basic, variable: Access) -> bool:
    return variable.name in mentions(expr)


@rule(
    "constant rule",
    "∂a_ij/∂x_pq = 0 where a does not depend on x",
    source="001, tensor derivative operator",
    ends="a term goes",
    example=lambda: Example(D(a(i, j), x(p, q)), Mul(0, One(i, j, p, q))),
)
def constant(term: Term) -> Terms | None:
    """What does not depend on the variable does not change with it."""
    found = pending(term)
    if found is None or _varies(found[1].body, found[1].variable):
        return None
    return ()


@rule(
    "self-derivative",
    "∂x_ij/∂x_pq = δ_ip δ_jq",
    source="001, tensor derivative operator",
    ends="a ∂ goes",
    example=lambda: Example(D(x(i, k), x(p, q)), Mul(Delta(i, p), Delta(k, q))),
)
def self_derivative(term: Term) -> Terms | None:
    """A component changes with itself at rate 1, and with no other component."""
    found = pending(term)
    if found is None:
        return None
    place, node = found
    body, variable = node.body, node.variable
    if not isinstance(body, Access) or body.name != variable.name:
        return None
    deltas = [Delta(own, fresh) for own, fresh in zip(body.indices, variable.indices, strict=True)]
    return (_instead(term, place, *(deltas or [ONE])),)


@rule(
    "derivative of a contraction",
    "∂(Σ_k u_k)/∂x_p = Σ_k ∂u_k/∂x_p",
    source="001, product and quotient rule: it can also be applied to a contraction",
    ends=_DEEPER,
    example=lambda: Example(
        D(Sum(Mul(x(i, k), a(k, j)), k), x(p, q)), Sum(D(Mul(x(i, k), a(k, j)), x(p, q)), k)
    ),
    minor=True,
)
def contraction(term: Term) -> Terms | None:
    """The derivative of a sum is the sum of derivatives; the dummy gets a letter of its own."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Sum):
        return None
    place, node = found
    body, own = opened(node.body, term.names)
    return (_instead(term, place, D(body, node.variable), bound=own),)


@rule(
    "linearity",
    "∂(u_i + v_i)/∂x_p = ∂u_i/∂x_p + ∂v_i/∂x_p",
    source="001, product and quotient rule",
    ends=_DEEPER,
    example=lambda: Example(
        D(Add(x(i), Mul(2, s(), x(i))), x(p)), Add(D(x(i), x(p)), D(Mul(2, s(), x(i)), x(p)))
    ),
)
def linearity(term: Term) -> Terms | None:
    """Each term of a sum is differentiated alone; one without the variable adds nothing."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Add):
        return None
    place, node = found
    changing = [part for part in node.body.args if _varies(part, node.variable)]
    return tuple(_instead(term, place, D(part, node.variable)) for part in changing)


@rule(
    "product rule",
    "∂(u_ab v_bc)/∂x_pq = (∂u_ab/∂x_pq) v_bc + u_ab ∂v_bc/∂x_pq",
    source="001, product and quotient rule",
    ends=_DEEPER,
    example=lambda: Example(
        Sum(D(Mul(x(i, k), a(k, j)), x(p, q)), k), Sum(Mul(D(x(i, k), x(p, q)), a(k, j)), k)
    ),
)
def product(term: Term) -> Terms | None:
    """One factor changes at a time; a factor without the variable gives no term."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Mul):
        return None
    place, node = found
    factors = node.body.args
    results = []
    for at, factor in enumerate(factors):
        if _varies(factor, node.variable):
            inner = (*factors[:at], D(factor, node.variable), *factors[at + 1 :])
            results.append(_instead(term, place, *inner))
    return tuple(results)


@rule(
    "quotient rule",
    "∂(u_ab/v_cd)/∂x_pq = (∂u_ab/∂x_pq)/v_cd - u_ab (∂v_cd/∂x_pq)/v_cd²",
    source="001, product and quotient rule, its dummies renamed in the copies of v",
    ends=_DEEPER,
    example=lambda: Example(
        D(Mul(u(i), Pow(x(j), MINUS_ONE)), x(p)),
        Mul(MINUS_ONE, u(i), D(x(j), x(p)), Pow(x(j), -2)),
    ),
)
def quotient(term: Term) -> Terms | None:
    """The product rule with 1/v, whose derivative is -(∂v)/v²."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Mul):
        return None
    place, node = found
    factors, variable = node.body.args, node.variable
    if not any(_is_reciprocal(f) and _varies(f, variable) for f in factors):
        return None
    results = []
    for at, factor in enumerate(factors):
        if not _varies(factor, variable):
            continue
        before, after = factors[:at], factors[at + 1 :]
        if isinstance(factor, Pow) and _is_reciprocal(factor):
            base = factor.base
            inner = (*before, D(base, variable), *after, Pow(base, -2))
            results.append(_instead(term, place, MINUS_ONE, *inner))
        else:
            results.append(_instead(term, place, *before, D(factor, variable), *after))
    return tuple(results)


def _is_reciprocal(factor: Basic) -> bool:
    return isinstance(factor, Pow) and factor.exponent == -1


@rule(
    "power rule",
    "∂u_i^n/∂x_p = n u_i^(n-1) ∂u_i/∂x_p",
    source="001, chain rule, for the power function",
    ends=_DEEPER,
    example=lambda: Example(D(Pow(u(i), 3), u(p)), Mul(3, Pow(u(i), 2), D(u(i), u(p)))),
)
def power(term: Term) -> Terms | None:
    """Holds for every exponent that does not depend on the variable, a tensor's too."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Pow):
        return None
    place, node = found
    base, exponent = node.body.args
    if _varies(exponent, node.variable):
        return None
    inner = D(base, node.variable)
    if not isinstance(exponent, Expr):
        lowered = _less_one(exponent)
        return (_instead(term, place, exponent, Pow(base, lowered), inner),)
    rest = [] if exponent == 2 else [Pow(base, exponent - 1)]
    kept = [base] if exponent == 2 else rest
    return (_instead(term, place, exponent, *kept, inner),)


def _less_one(exponent: Basic) -> Basic:
    free = sorted(free_of(exponent), key=lambda index: index.name)
    return Add(exponent, Mul(MINUS_ONE, One(*free)) if free else MINUS_ONE)


@rule(
    "exponential rule",
    "∂u_i^(v_i)/∂x_p = u_i^(v_i) (log(u_i) ∂v_i/∂x_p + (v_i/u_i) ∂u_i/∂x_p)",
    source="001, chain rule, for a power of two arguments",
    ends=_DEEPER,
    example=lambda: Example(
        D(Pow(a(i), x(i)), x(p)), Mul(Pow(a(i), x(i)), Apply("log", a(i)), D(x(i), x(p)))
    ),
)
def exponential(term: Term) -> Terms | None:
    """u^v = exp(v log u); the part where the base varies is the power rule's."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Pow):
        return None
    place, node = found
    base, exponent = node.body.args
    if not _varies(exponent, node.variable):
        return None
    whole = node.body
    results = [
        _instead(term, place, whole, Apply("log", base), D(exponent, node.variable)),
    ]
    if _varies(base, node.variable):
        inner = (whole, exponent, Pow(base, MINUS_ONE), D(base, node.variable))
        results.append(_instead(term, place, *inner))
    return tuple(results)


@rule(
    "chain rule",
    "∂f(u_i)/∂x_p = f′(u_i) ∂u_i/∂x_p",
    source="001, chain rule, and its example of element-wise functions",
    ends=_DEEPER,
    example=lambda: Example(D(Apply("sin", u(i)), u(p)), Mul(Apply("cos", u(i)), D(u(i), u(p)))),
)
def chain(term: Term) -> Terms | None:
    """A pointwise function's slope times the change of its argument, for each argument."""
    found = pending(term)
    if found is None or not isinstance(found[1].body, Apply):
        return None
    place, node = found
    function = node.body
    results = []
    for at, argument in enumerate(function.arguments):
        if _varies(argument, node.variable):
            slope = derivative(function.name, function.arguments, at)
            if slope == 0:
                continue
            factors = slope.args if isinstance(slope, Mul) else (slope,)
            results.append(_instead(term, place, *factors, D(argument, node.variable)))
    return tuple(results)


ORDER = (
    constant,
    contraction,
    linearity,
    quotient,
    product,
    power,
    exponential,
    chain,
    self_derivative,
)
