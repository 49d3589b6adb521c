"""Tensor contraction layers of any order at random arrays, by einsum, and slopes by PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]

# No two neighbours alike, for X and for Y.
OLD, NEW = (3, 2, 4, 2, 1, 3), (2, 4, 3, 1, 2, 1)


@dataclass(frozen=True)
class Layer:
    """A tensor contraction layer at random arrays: ijk,ai,bj,ck->abc."""

    order: int

    @property
    def product(self) -> str:
        old, new = "ijklmn"[: self.order], "abcdef"[: self.order]
        pairs = [a + i for a, i in zip(new, old, strict=True)]
        return f"{','.join([old, *pairs])}->{new}"

    @property
    def arrays(self) -> dict[str, Array]:
        random = np.random.default_rng(self.order)
        shapes = {"x": OLD[: self.order]} | {
            f"v{n}": (NEW[n - 1], OLD[n - 1]) for n in range(1, self.order + 1)
        }
        found = {name: random.normal(size=shape) for name, shape in shapes.items()}
        y = np.asarray(np.einsum(self.product, *found.values()))
        return {**found, "y": y, "G": random.normal(size=y.shape)}

    @property
    def matrices(self) -> list[Array]:
        return [self.arrays[f"v{n}"] for n in range(1, self.order + 1)]

    def slope(self, wrt: str) -> Array:
        """∂y/∂ one of the inputs, by PyTorch."""
        names = ["x", *(f"v{n}" for n in range(1, self.order + 1))]
        given = [torch.from_numpy(self.arrays[name]) for name in names]

        def value(moved: Any) -> Any:
            inputs = [moved if name == wrt else one for name, one in zip(names, given, strict=True)]
            return torch.einsum(self.product, *inputs)

        made: Any = torch.autograd.functional.jacobian(  # type: ignore[no-untyped-call]
            value, torch.from_numpy(self.arrays[wrt]), vectorize=True
        )
        return np.asarray(made)

    def gradient(self, wrt: str) -> Array:
        """∂l/∂ an input, for a random ∂l/∂y."""
        return np.tensordot(self.arrays["G"], self.slope(wrt), self.order)
