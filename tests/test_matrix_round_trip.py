"""Random matrix expressions: to indices, out again as text, and back, with one value throughout.

An expression is drawn with its meaning in NumPy beside it, so that no step is judged by another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from indexcalc.derivation import Derivation
from indexcalc.expr.canonical import key
from indexcalc.expr.evaluate import evaluate_program
from indexcalc.expr.program import Program
from indexcalc.forms.inward.reading import read
from indexcalc.forms.outward import Form
from indexcalc.render.echo import signature

Array = NDArray[Any]
COUNT = 200
LENGTHS = {"m": 3, "n": 4, "k": 2, "": 1}
# A name for each shape, and another.
NAMES = {
    ("m", "n"): ("A", "B"),
    ("n", "k"): ("P", "Q"),
    ("m", "k"): ("R", "V"),
    ("n", "n"): ("S", "W"),
    ("m", ""): ("u", "v"),
    ("n", ""): ("x", "y"),
    ("k", ""): ("w", "z"),
    ("", ""): ("alpha", "beta"),
}
FUNCTIONS: dict[str, Callable[[Array], Array]] = {"sin": np.sin, "tanh": np.tanh, "abs": np.abs}
Shape = tuple[str, str]
Meaning = Callable[[dict[str, Array]], Array]


@dataclass(frozen=True)
class Drawn:
    """A text in brackets where it needs them, and its value with two axes."""

    text: str
    meaning: Meaning


class Draw:
    """Expressions of a wanted shape, leaves where they are deep enough."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def of(self, shape: Shape, depth: int) -> Drawn:
        if depth == 0 or self.random.random() < 0.15:
            return self.leaf(shape)
        ways = [self.sum, self.entrywise, self.function, self.turned, self.product, self.scaled]
        ways += [self.power, self.widened] * (shape != ("", ""))
        ways += [self.total, self.trace, self.norm, self.inner] * (shape == ("", ""))
        ways += [self.row_sums, self.diagonal] * (shape[0] != "" and shape[1] == "")
        ways += [self.diagonal_matrix, self.square] * (shape == ("n", "n"))
        return self.random.choice(ways)(shape, depth - 1)

    def leaf(self, shape: Shape) -> Drawn:
        if shape in NAMES:
            name = self.random.choice(NAMES[shape])
            return Drawn(name, lambda g: g[name])
        if shape[0] == shape[1]:
            return self.diagonal_matrix(shape, 0)
        other = self.leaf(shape[::-1])
        return Drawn(f"{other.text}'", lambda g: other.meaning(g).T)

    def sum(self, shape: Shape, depth: int) -> Drawn:
        one, two = self.of(shape, depth), self.of(shape, depth)
        sign = self.random.choice("+-")
        factor = 1 if sign == "+" else -1
        return Drawn(
            f"({one.text} {sign} {two.text})", lambda g: one.meaning(g) + factor * two.meaning(g)
        )

    def entrywise(self, shape: Shape, depth: int) -> Drawn:
        one, two = self.of(shape, depth), self.of(shape, depth)
        if self.random.random() < 0.5:
            return Drawn(f"({one.text}.*{two.text})", lambda g: one.meaning(g) * two.meaning(g))
        return Drawn(
            f"({one.text}./(2 + {two.text}.^2))",
            lambda g: one.meaning(g) / (2 + two.meaning(g) ** 2),
        )

    def widened(self, shape: Shape, depth: int) -> Drawn:
        """A row or a column beside a matrix, a scalar beside anything."""
        narrow = self.random.choice([(shape[0], ""), ("", shape[1]), ("", "")])
        one, two = self.of(shape, depth), self.of(narrow, depth)
        if self.random.random() < 0.5:
            return Drawn(f"({one.text} + {two.text})", lambda g: one.meaning(g) + two.meaning(g))
        return Drawn(f"({two.text}.*{one.text})", lambda g: two.meaning(g) * one.meaning(g))

    def function(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of(shape, depth)
        name = self.random.choice(["sin", "tanh", "abs"])
        return Drawn(f"{name}({inner.text})", lambda g: FUNCTIONS[name](inner.meaning(g)))

    def power(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of(shape, depth)
        return Drawn(f"(({inner.text}).^2)", lambda g: inner.meaning(g) ** 2)

    def turned(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of(shape[::-1], depth)
        return Drawn(f"({inner.text})'", lambda g: inner.meaning(g).T)

    def product(self, shape: Shape, depth: int) -> Drawn:
        between = self.random.choice("mnk")
        one, two = self.of((shape[0], between), depth), self.of((between, shape[1]), depth)
        return Drawn(f"({one.text}*{two.text})", lambda g: one.meaning(g) @ two.meaning(g))

    def scaled(self, shape: Shape, depth: int) -> Drawn:
        number, inner = self.random.choice(["2", "-1", "0.5", "1/3"]), self.of(shape, depth)
        value = {"2": 2, "-1": -1, "0.5": 0.5, "1/3": 1 / 3}[number]
        return Drawn(f"({number}*{inner.text})", lambda g: value * inner.meaning(g))

    def row_sums(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of((shape[0], self.random.choice("mnk")), depth)
        name, share = self.random.choice([("sum", False), ("mean", True)])

        def meaning(given: dict[str, Array]) -> Array:
            matrix = inner.meaning(given)
            total: Array = matrix.sum(1, keepdims=True)
            return total / matrix.shape[1] if share else total

        return Drawn(f"{name}({inner.text},2)", meaning)

    def diagonal(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of((shape[0], shape[0]), depth)
        return Drawn(f"diag({inner.text})", lambda g: np.diag(inner.meaning(g))[:, None])

    def diagonal_matrix(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of((shape[0], ""), depth)
        return Drawn(f"diag({inner.text})", lambda g: np.diag(inner.meaning(g)[:, 0]))

    def square(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of(shape, depth)
        return Drawn(f"(({inner.text} - I)^2)", lambda g: _squared(inner.meaning(g) - np.eye(4)))

    def total(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of((self.random.choice("mnk"), ""), depth)
        return Drawn(f"sum({inner.text})", lambda g: inner.meaning(g).sum(keepdims=True))

    def trace(self, shape: Shape, depth: int) -> Drawn:
        letter = self.random.choice("mnk")
        inner = self.of((letter, letter), depth)
        return Drawn(f"tr({inner.text})", lambda g: np.reshape(np.trace(inner.meaning(g)), (1, 1)))

    def norm(self, shape: Shape, depth: int) -> Drawn:
        inner = self.of((self.random.choice("mn"), self.random.choice(["", "k"])), depth)
        return Drawn(
            f"norm({inner.text})", lambda g: np.reshape(np.linalg.norm(inner.meaning(g)), (1, 1))
        )

    def inner(self, shape: Shape, depth: int) -> Drawn:
        wanted = ("m", self.random.choice(["", "n"]))
        one, two = self.of(wanted, depth), self.of(wanted, depth)
        return Drawn(
            f"({one.text} : {two.text})",
            lambda g: (one.meaning(g) * two.meaning(g)).sum(keepdims=True),
        )


def _squared(matrix: Array) -> Array:
    return matrix @ matrix


DECLARED = ", ".join(
    f"{name}[{','.join(filter(None, shape))}]" if any(shape) else name
    for shape, names in NAMES.items()
    for name in names
)
SHAPES = [*NAMES, ("n", "m"), ("k", "m")]


def arrays() -> dict[str, Array]:
    rng = np.random.default_rng(11)
    return {
        name: rng.uniform(-1, 1, [LENGTHS[letter] for letter in shape])
        for shape, names in NAMES.items()
        for name in names
    }


GIVEN = arrays()


def value(program: Program) -> Array:
    wanted = {
        one.name: GIVEN[one.name].reshape([n for n in GIVEN[one.name].shape if n != 1])
        for one in program.inputs
    }
    return evaluate_program(program, wanted)["Z"]


def out(program: Program) -> str:
    """The definition in matrix notation, as a text that is read."""
    notation = Derivation(program, ())._notation("column")
    form = notation.of(program.equations[0])
    assert isinstance(form, Form), form
    return f"{signature(program)}\n{form.spelled('text')}"


def test_random_expressions_go_out_and_come_back() -> None:
    alike = 0
    for seed in range(COUNT):
        shape = SHAPES[seed % len(SHAPES)]
        drawn = Draw(seed).of(shape, 2 + seed % 2)
        said = f"seed {seed}: {drawn.text}"
        program = read(f"f({DECLARED}) -> Z; Z = {drawn.text}")
        found = value(program)
        wanted = drawn.meaning(GIVEN).reshape(found.shape)
        assert_allclose(found, wanted, rtol=1e-9, atol=1e-12, err_msg=said)
        text = out(program)
        again = read(text)
        assert_allclose(value(again), wanted, rtol=1e-9, atol=1e-12, err_msg=f"{said}\n{text}")
        alike += key(again.equations[0].right) == key(program.equations[0].right)
    # Most come back as they were, others factored, or as a norm.
    assert alike > COUNT / 2


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn_with_its_shape(shape: Shape) -> None:
    wanted = tuple(LENGTHS[letter] for letter in shape)
    for seed in range(20):
        assert Draw(seed).of(shape, 3).meaning(GIVEN).shape == wanted
