"""Errors that several passes of the reader raise."""

from __future__ import annotations

from indexcalc.errors import IndexcalcError, Span, did_you_mean
from indexcalc.expr.functions import REDUCTIONS
from indexcalc.lang.lexer import RESERVED
from indexcalc.lang.syntax import Letter

MAX_INDICES = 64
# Where something else was expected, and nothing more can be said.
HINTS = {
    "an expression": "an operator stands between two expressions",
    "an index": "indices are letters or names: x[i,j]",
    "an input": "inputs are names: f(x[i], s) -> y",
    "the name of an output": "outputs are names: f(x[i]) -> y",
    "the name of a function": "declare names: pointwise act",
}
LATER_INDICES = "no constant or shifted indices yet: make the part a tensor of its own"
# What other languages call them.
ALIASES = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "logistic": "sigmoid",
    "expit": "sigmoid", "sgn": "sign", "absolute": "abs", "maximum": "max", "minimum": "min",
    "amax": "max", "amin": "min", "product": "prod", "average": "mean", "avg": "mean",
}  # fmt: skip


def refuse_reserved(name: str, span: Span) -> None:
    if name in RESERVED:
        raise IndexcalcError(
            "IC310", f"{name} is reserved", hint="choose another name", spans=[span]
        )


def twice(name: str, span: Span, first: Span, what: str = "defined already") -> IndexcalcError:
    return IndexcalcError(
        "IC303",
        f"{name} is {what}",
        hint=_TWICE[what],
        spans=[span, first],
    )


_TWICE = {
    "defined already": "choose another name, or add a term with +=",
    "an input already": "choose another name",
    "a constant already": "choose another name",
    "an output already": "name every output once",
    "declared already": "declare every function once",
}


def declared_function(name: str, span: Span, declaration: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC313",
        f"{name} is declared as a function and cannot be a tensor too",
        hint=f"write {name}(...) to apply it, or rename one of them",
        spans=[span, declaration],
    )


def refuse_reduction(name: str, span: Span) -> None:
    """maximum[k](...): a reduction of another name, where a product lacks its * otherwise."""
    meant = ALIASES.get(name, "")
    hint = f"did you mean {meant}?" if meant in REDUCTIONS else did_you_mean(name, REDUCTIONS)
    if hint:
        raise IndexcalcError("IC301", f"there is no reduction {name}", hint=hint, spans=[span])


def index_as_name(name: str, span: Span, index: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC307",
        f"{name} is an index in this statement and cannot be a name too",
        hint="use another letter for the index",
        spans=[span, index],
    )


def before_definition(name: str, span: Span, definition: Span, *, inside: bool) -> IndexcalcError:
    return IndexcalcError(
        "IC304",
        f"{name} is used in its own definition" if inside else f"{name} is defined only below",
        hint="give the new value another name" if inside else "move the definition up",
        spans=[span, definition],
    )


def wrong_order(name: str, order: int, first: Span, given: int, span: Span) -> IndexcalcError:
    if order == 0:
        return IndexcalcError(
            "IC309",
            f"{name} has order 0 and takes no brackets",
            hint=f"write {name}, or give it indices where it is declared or first used",
            spans=[span, first],
        )
    plural = "index" if order == 1 else "indices"
    return IndexcalcError(
        "IC308",
        f"{name} has {order} {plural}, not {given}",
        hint="a tensor has the same number of indices everywhere",
        spans=[span, first],
    )


def refuse_repeats(letters: list[Letter], where: str, hint: str) -> None:
    seen: set[str] = set()
    for letter in letters:
        if letter.name in seen:
            raise IndexcalcError(
                "IC404", f"{letter.name} is repeated {where}", hint=hint, spans=[letter.span]
            )
        seen.add(letter.name)


def added_to_input(name: str, operator: Span, first: Span) -> IndexcalcError:
    return IndexcalcError(
        "IC305",
        f"{name} is an input and cannot be added to",
        hint=f"define another name: z = {name} + ...",
        spans=[operator, first],
    )


def refuse_many(count: int, span: Span) -> None:
    """NumPy's arrays have at most 64 axes; without a bound, broadcasting grows without one."""
    if count > MAX_INDICES:
        raise IndexcalcError(
            "IC106",
            f"{count:,} indices are open here, and {MAX_INDICES} is the most an array has",
            hint="split the tensor",
            spans=[span],
        )
