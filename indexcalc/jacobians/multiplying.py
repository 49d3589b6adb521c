"""Products with a Jacobian: its δ worked off, the rest computed by the plan that a module has."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Basic

from indexcalc.calculus.backprop import waves
from indexcalc.calculus.mentions import mentions
from indexcalc.calculus.rules import algebra, deltas, ones
from indexcalc.codegen import targets
from indexcalc.codegen.compiled import compiled
from indexcalc.codegen.job import Job
from indexcalc.expr.base import Index, constant_symbol
from indexcalc.expr.nodes import Access, Add, Mul, Sum
from indexcalc.expr.program import Equation, Program
from indexcalc.expr.rename import fresh_name
from indexcalc.expr.rewrite import Work
from indexcalc.expr.terms import tree
from indexcalc.expr.world import Array, World


def contracted(formula: Basic, factor: Access, free: tuple[Index, ...]) -> Basic:
    """Σ formula factor, its δ contracted, brackets in their way multiplied out; nothing of all axes
    of the formula is left."""
    whole = Mul(formula, factor)
    work = Work.on(Sum(whole, *factor.indices) if factor.indices else whole, free)
    place = 0
    while place < len(work.terms):
        brackets = [at for at, f in enumerate(work.terms[place].factors) if isinstance(f, Add)]
        if not any(work.apply(algebra.distribute, place, at) for at in brackets):
            place += 1
    waves(work, (*ones.ORDER, *deltas.ORDER))
    return tree(work.terms, free, hoist=True)


def needed_for(formula: Basic, program: Program) -> tuple[Equation, ...]:
    """The definitions that a formula is made of, in order."""
    wanted = set(mentions(formula))
    kept: list[Equation] = []
    for equation in reversed(program.equations):
        if equation.left.name in wanted:
            wanted |= mentions(equation.right)
            kept.append(equation)
    return tuple(reversed(kept))


def computed(
    program: Program, formula: Basic, factor: Access, indices: tuple[Index, ...], world: World
) -> Array:
    """A formula over these indices, from the inputs of a program and one more tensor."""
    needed = needed_for(formula, program)
    every = {name for equation in needed for name in mentions(equation.right)} | mentions(formula)
    inputs = [access for access in (*program.inputs, factor) if access.name in every]
    names = {*program.tensors, factor.name, *(index.name for index in indices)}
    left = Access(fresh_name("y", names), *indices)
    if not inputs:
        inputs = [factor]
    small = _small(program, tuple(inputs), (*needed, Equation(left, formula)))
    lengths = {size.symbol: int(world.numbers[size.symbol]) for size in small.sizes}
    forward = _forward(small, tuple(lengths.items()))
    constants = {name: world.numbers[constant_symbol(name)] for name, _ in small.constants}
    sizes = {size.name: lengths[size.symbol] for size in small.sizes}
    named: dict[str, Any] = {**constants, **sizes, **world.functions}
    taken = inspect.signature(forward).parameters
    options = {name: value for name, value in named.items() if name in taken}
    result, _ = forward(*(world.arrays[access.name] for access in inputs), **options)
    return np.asarray(result, dtype=float)


@lru_cache(maxsize=64)
def _forward(program: Program, lengths: tuple[tuple[Basic, int], ...]) -> Callable[..., Any]:
    """Kept, for planning takes longer than most products, and a Jacobian is multiplied often."""
    text = targets.emitted("numpy", Job(program, (), (), dict(lengths)))
    return compiled(text, program.name).forward


def _small(
    program: Program, inputs: tuple[Access, ...], equations: tuple[Equation, ...]
) -> Program:
    """These equations of these tensors, in the sizes of a program."""
    given = {access.name for access in inputs}
    every = (*inputs, *(equation.left for equation in equations))
    sizes = []
    for size in program.sizes:
        axes = tuple(
            (access.name, place)
            for access in every
            for place, index in enumerate(access.indices)
            if index.size == size.symbol
        )
        sizes.append(replace(size, axes=axes, fixed=any(name in given for name, _ in axes)))
    return replace(
        program,
        name="product",
        inputs=inputs,
        outputs=(equations[-1].left.name,),
        equations=equations,
        sizes=tuple(sizes),
    )
