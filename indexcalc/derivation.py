"""The Derivation: a program with its gradients, and everything that can be asked of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Basic, Symbol

from indexcalc import catalogue, families
from indexcalc.calculus.gradients import Gradients, gradients, jacobian
from indexcalc.calculus.wanted import wanted
from indexcalc.errors import IndexcalcError, Source
from indexcalc.expr.lengths import given_lengths
from indexcalc.expr.nodes import D
from indexcalc.expr.printing import spell
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rewrite import Step
from indexcalc.lang import reading
from indexcalc.lang.shortening import on_one_line
from indexcalc.pages.derivation import page as derivation_page
from indexcalc.render.latex import latex
from indexcalc.render.page import Page
from indexcalc.render.text import text

if TYPE_CHECKING:  # NumPy is not needed to derive
    from indexcalc.against.claiming import ClaimReview
    from indexcalc.against.layers.adjoints import Adjoints
    from indexcalc.against.reviewing import Review
    from indexcalc.codegen.compiled import Kernel
    from indexcalc.codegen.job import Job
    from indexcalc.codegen.plan import Plan
    from indexcalc.expr.world import Array
    from indexcalc.forms.frobenius.deriving import Frobenius
    from indexcalc.forms.notation import Notation
    from indexcalc.forms.outward import Form
    from indexcalc.jacobians.jacobian import Jacobian
    from indexcalc.pages.values import Values
    from indexcalc.proof.report import Report, Watch

    Lengths = Mapping[str, int]
    Proof = Callable[[Program, Gradients, int, Mapping[Symbol, int], Watch | None], Report]


def read(what: str) -> Program:
    """The program that a catalogue name, a path or a text says."""
    source = _found(what)
    return reading.read(source, name=catalogue.function_name(source))


def _found(what: object) -> Source:
    if not isinstance(what, str):
        raise TypeError(
            f"a program is given as a str, not as {type(what).__name__}: "
            "its text, its path or its name in the catalogue"
        )
    return families.find(what)


def evaluate(what: str, /, **values: Any) -> dict[str, Array]:
    """Every defined name with its array, by the reference evaluator.

    `values` are the inputs, and where the program has them: constants to change, functions for the
    abstract ones, and sizes that no input fixes.
    """
    from indexcalc.expr.evaluate import evaluate_program

    return evaluate_program(read(what), values)


def derive(what: str | Program, *, wrt: Iterable[str] | None = None) -> Derivation:
    """The derivation of a catalogue name, a path, a text, or a program that was read."""
    if isinstance(what, Program):
        return Derivation(what, wrt)
    return Derivation(read(what), wrt, what)


def from_matrix(what: str, *, wrt: Iterable[str] | None = None) -> Derivation:
    """The derivation of a path or a text in matrix notation: Y = A*B' + diag(v)."""
    from indexcalc.forms.inward import reading as of_matrices
    from indexcalc.render.echo import source as in_indices

    source = _found(what)
    program = of_matrices.read(source, name=catalogue.function_name(source))
    return Derivation(program, wrt, in_indices(program))


class Derivation:
    """A program and the gradients of a loss by its inputs, or by the tensors in `wrt`; `origin` is
    the name, path or text that it was read from."""

    def __init__(
        self, program: Program, wrt: Iterable[str] | None = None, origin: str = "-"
    ) -> None:
        self.program = program
        self.wrt = wanted(program, wrt)
        self.origin = origin
        self._notations: dict[str, Notation] = {}

    @cached_property
    def found(self) -> Gradients:
        """Every adjoint with its derivation."""
        return gradients(self.program, self.wrt)

    @property
    def gradients(self) -> dict[str, Basic]:
        """The closed form of each gradient, in terms of the names in `where`."""
        return {name: self.found.results[name] for name in self.wrt}

    @property
    def where(self) -> tuple[Equation, ...]:
        """The equations of the names in the gradients that are not the program's own."""
        return self.found.where

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every application of a rule, in order."""
        return tuple(self.found.steps())

    def jacobian(self, of: str, wrt: str) -> Jacobian:
        """∂of/∂wrt through every path, kept in factors."""
        from indexcalc.jacobians.jacobian import Jacobian

        (above,) = wanted(self.program, (of,))
        (below,) = wanted(self.program, (wrt,))
        return Jacobian(self.program, *jacobian(self.program, above, below))

    # Pages

    def page(
        self, steps: str = "main", notation: str = "einstein", *, jacobians: bool = False
    ) -> Page:
        """What is shown, as data."""
        if notation == "frobenius":
            from indexcalc.pages.frobenius import page

            return page(self._notation("column"), self.frobenius, steps)
        shown = self._jacobians() if jacobians else ()
        return derivation_page(self.program, self.found, steps, shown)

    def shapes(self, sizes: Mapping[str, int] | None = None, dtype: str = "float32") -> Page:
        """Every tensor, gradient and Jacobian with its shape; in numbers and bytes with `sizes`."""
        from indexcalc.pages.shapes import page

        return page(self.program, self.found, given_lengths(self.program, sizes), dtype)

    def write_out(self, sizes: Mapping[str, int] | None = None, *, jacobians: bool = False) -> Page:
        """The function and its gradients entry by entry, at small sizes."""
        from indexcalc.pages.written_out import page

        lengths = given_lengths(self.program, sizes)
        return page(self.program, self.found, lengths, self._jacobians() if jacobians else ())

    def matrix(self, name: str, *, by: str = "column") -> Form:
        """A gradient in matrix notation, of the shape of its variable, with the steps to it; what
        is unfolded in it is unfolded by column or by row."""
        (tensor,) = wanted(self.program, (name,))
        if tensor not in self.wrt:
            raise self._not_asked(name, tensor)
        return self._notation(by).gradient(tensor)

    def matrix_page(
        self, steps: str = "main", *, seed: int = 0, by: str = "column", jacobians: bool = False
    ) -> tuple[Page, bool]:
        """Definitions and gradients in matrix notation, or Jacobians of vec by vec, and whether
        each form was found to have the value of its formula with indices. What is fused is fused
        by column, the first index fastest, or by row."""
        from indexcalc.pages import matrix, slopes

        page = slopes.page if jacobians else matrix.page
        return page(self._notation(by), steps, seed)

    def kronecker(self, of: str, wrt: str, *, by: str) -> tuple[Form, ...]:
        """∂vec(of)/∂vec(wrt) by column or by row in Kronecker products: the lightest form, and
        those with its rows in other orders."""
        above, below = (wanted(self.program, (name,))[0] for name in (of, wrt))
        return self._notation(by).slopes.forms(above, below)

    @cached_property
    def frobenius(self) -> Frobenius:
        """dl by differentials and Frobenius products: where it is G : dX, G is ∂l/∂X."""
        from indexcalc.forms.frobenius.deriving import derived

        return derived(self._notation("column"))

    def _notation(self, by: str) -> Notation:
        from indexcalc.forms.choosing import lightest
        from indexcalc.unfolding import numpy_order

        numpy_order(by)  # or it is no convention
        if by not in self._notations:
            self._notations[by] = lightest(self.program, self.found, by)
        return self._notations[by]

    def _jacobians(self) -> list[tuple[D, Basic]]:
        """Those of every output by every tensor asked for."""
        pairs = [(of, wrt) for of in self.program.outputs for wrt in self.wrt]
        return [jacobian(self.program, of, wrt) for of, wrt in pairs]

    def text(self, steps: str = "main", notation: str = "einstein") -> str:
        """The derivation as Unicode text."""
        return text(self.page(steps, notation), notation)

    def latex(
        self, steps: str = "main", notation: str = "einstein", *, fragment: bool = False
    ) -> str:
        """The derivation as a LaTeX document, or as the body of one."""
        return latex(self.page(steps, notation), notation, fragment=fragment)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<derivation of {self.program.name} by {', '.join(self.wrt) or 'nothing'}>"

    def _repr_latex_(self) -> str:
        rows = [f"{left} &= {right}" for left, right in self._conclusion("latex")]
        inner = " \\\\\n".join(rows)
        return f"$$\\begin{{aligned}}\n{inner}\n\\end{{aligned}}$$"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.text())}</pre>"

    def _conclusion(self, form: str) -> list[tuple[str, str]]:
        equations = (*self.where, *map(self.found.equation, self.wrt))
        return [(spell(e.left, form), spell(e.right, form, ones=False)) for e in equations]

    # Code

    def plan(self, sizes: Lengths | None = None) -> Plan:
        """The array operations of the program and its gradients, in order; it prints as a table."""
        return self._job("plan", sizes).plan

    def emit(
        self, target: str = "numpy", sizes: Lengths | None = None, *, plain: bool = False
    ) -> str:
        """The text of a module, chosen for axes of these lengths; `plain` is for reading."""
        from indexcalc.codegen import targets

        targets.refuse(target, plain)
        return targets.emitted(target, self._job(target, sizes, plain=plain))

    def lambdify(self, sizes: Lengths | None = None) -> Kernel:
        """The forward and backward functions of the NumPy module, compiled here."""
        from indexcalc.codegen.compiled import compiled

        return compiled(self.emit("numpy", sizes), self.program.name)

    def _job(self, target: str, sizes: Lengths | None, *, plain: bool = False) -> Job:
        from indexcalc.codegen.job import Job

        wrt = tuple(name for name in self.program.tensors if name in self.wrt)
        closed = (*self.where, *map(self.found.equation, wrt))
        lengths = given_lengths(self.program, sizes)
        command = self._command(target, sizes or {}, plain=plain)
        return Job(self.program, wrt, closed, lengths, command, plain)

    def _command(self, target: str, sizes: Lengths, *, plain: bool) -> str:
        """What prints the same text."""
        words = ["derive", self._origin()]
        if self.wrt != tuple(access.name for access in self.program.inputs):
            words += ["--wrt", ",".join(self.wrt)]
        if sizes:
            words += ["--sizes", ",".join(f"{name}={length}" for name, length in sizes.items())]
        return shlex.join([*words, "--emit", target, *(["--plain"] if plain else [])])

    def _origin(self) -> str:
        """A text on one line, where that is the same program; its description is a part of it."""

        def same(short: str) -> bool:
            try:
                return read(short) == self.program
            except IndexcalcError:
                return False

        return on_one_line(self.origin, same) if "=" in self.origin else self.origin

    # Values

    def evaluate(self, name: str, /, **values: Any) -> Array:
        """One gradient by the reference evaluator; `dl_dy` is the upstream gradient of output y,
        and `f_prime` the slope of an abstract f."""
        from indexcalc.proof.values import gradient_value

        (tensor,) = wanted(self.program, (name,))
        if tensor not in self.wrt:
            raise self._not_asked(name, tensor)
        return gradient_value(self.program, self.found, tensor, values)

    def _not_asked(self, name: str, tensor: str) -> IndexcalcError:
        hint = f"derive it with wrt=[{tensor!r}]; there are {', '.join(self.wrt)}"
        return IndexcalcError("IC315", f"no gradient by {name} was asked for", hint=hint)

    def values(self, sizes: Lengths | None = None, seed: int = 0, /, **values: Any) -> Values:
        """The value of every gate and the gradient by it; what is not given is drawn, at small
        sizes, and `dl_dy` beside given values is 1."""
        from indexcalc.pages.values import passed

        return passed(self.program, self.wrt, values, given_lengths(self.program, sizes), seed)

    def check_adjoints(self, adjoints: Mapping[str, Any], /, **values: Any) -> Adjoints:
        """Somebody's adjoints, arrays by the names of tensors, from the loss backwards: the first
        that is wrong though what it depends on is right. `values` are those of `evaluate`."""
        from indexcalc.against.layers.judging import checked_adjoints

        return checked_adjoints(self.program, self.wrt, adjoints, values)

    # Proofs: `seed` chooses the points, `sizes` are lengths of axes, and `watch` is told how much
    # is done, and of how much.

    def check(
        self, seed: int = 0, sizes: Lengths | None = None, watch: Watch | None = None
    ) -> Report:
        """Every gradient against central differences of the program at random points."""
        from indexcalc.proof.check import checked

        return self._proved_by(checked, seed, sizes, watch)

    def prove(
        self, seed: int = 0, sizes: Lengths | None = None, watch: Watch | None = None
    ) -> Report:
        """Every gradient by exact arithmetic at small sizes, each entry against SymPy's derivative
        of the program written out in plain symbols."""
        from indexcalc.proof.exact import proved

        return self._proved_by(proved, seed, sizes, watch)

    def check_steps(
        self, seed: int = 0, sizes: Lengths | None = None, watch: Watch | None = None
    ) -> Report:
        """Every step of the derivation by its value at a random point."""
        from indexcalc.proof.steps import checked_steps

        return self._proved_by(checked_steps, seed, sizes, watch)

    def cross_check(
        self, seed: int = 0, sizes: Lengths | None = None, watch: Watch | None = None
    ) -> Report:
        """Every gradient against torch and jax, where they are installed, at a random point."""
        from indexcalc.proof.crosscheck import cross_check

        return self._proved_by(cross_check, seed, sizes, watch)

    def check_frobenius(
        self, seed: int = 0, sizes: Lengths | None = None, watch: Watch | None = None
    ) -> Report:
        """Every gradient that was read off a differential against the one found with indices."""
        from indexcalc.forms.frobenius.deriving import with_indices
        from indexcalc.proof.agreement import agreed

        other = with_indices(self.found, self.frobenius)
        lengths = given_lengths(self.program, sizes)
        return agreed(self.program, self.found, other, seed, lengths, watch)

    # Somebody else's gradients

    def check_against(
        self,
        fn: Callable[..., Any],
        *,
        forward: Callable[..., Any] | None = None,
        library: str = "",
        dtypes: Iterable[str] = ("float64", "float32"),
        sizes: Lengths | None = None,
        seed: int = 0,
        device: str = "",
        watch: Watch | None = None,
    ) -> Review:
        """A backward function of yours against these gradients: `fn(dl_dy, *inputs)`, or with your
        own forward function `fn(dl_dy, saved)`; `library` is whose arrays it takes, numpy, torch or
        jax, where the function does not show it."""
        from indexcalc.against.checking import Function, checked

        lengths = given_lengths(self.program, sizes)
        given = Function(fn, forward, library, device)
        return checked(self.program, self.wrt, given, lengths, tuple(dtypes), seed, watch)

    def check_claim(
        self,
        text: str,
        *,
        sizes: Lengths | None = None,
        seed: int = 0,
        watch: Watch | None = None,
    ) -> ClaimReview:
        """A formula of yours against these gradients: `dx[p,q] = dy[p,q]*gamma[q]/sigma[p]`."""
        from indexcalc.against.claiming import checked_claim

        return checked_claim(self.program, text, given_lengths(self.program, sizes), seed, watch)

    def _proved_by(
        self, proof: Proof, seed: int, sizes: Lengths | None, watch: Watch | None
    ) -> Report:
        lengths = given_lengths(self.program, sizes)
        return proof(self.program, self.found, seed, lengths, watch)
