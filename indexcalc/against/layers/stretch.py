"""Layers one after the other as a function of one array: the first one's input or a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from indexcalc.against.layers.chain import INPUT, Layer
from indexcalc.expr.world import Array

# The value of each layer, and what it saved.
Runs: TypeAlias = list[tuple[Array, Any]]


@dataclass(frozen=True)
class Stretch:
    """Layers, the input of the first, and which of its arrays is moved."""

    layers: tuple[Layer, ...]
    x: Array
    name: str

    @property
    def base(self) -> Array:
        """The array where it is not moved."""
        return self.x if self.name == INPUT else self.layers[0].parameters[self.name]

    def forward(self, moved: Array) -> Runs:
        first, *after = self.layers
        if self.name == INPUT:
            runs = [first.made(moved, first.parameters)]
        else:
            runs = [first.made(self.x, {**first.parameters, self.name: moved})]
        for layer in after:
            runs.append(layer.made(runs[-1][0], layer.parameters))
        return runs

    def output(self, moved: Array) -> Array:
        return self.forward(moved)[-1][0]

    def backward(self, upstream: Array, runs: Runs, moved: Array) -> Array:
        """The gradient by the array, through the later layers first."""
        first, *after = self.layers
        for place in range(len(after), 0, -1):
            upstream = self.layers[place].gradient(
                INPUT, upstream, runs[place][1], runs[place - 1][0]
            )
        return first.gradient(self.name, upstream, runs[0][1], moved)
