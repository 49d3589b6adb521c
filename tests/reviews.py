"""Reviews of the functions in `reviewed`, and what they say; figures are without their digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import indexcalc as ic
from indexcalc.against import diagnosing
from tests import reviewed

WIDTH = 80
FILE = Path(reviewed.__file__)
Function = Callable[..., Any]
Captured = pytest.CaptureFixture[str]


def review(function: Function, program: str = "rmsnorm", **more: Any) -> Any:
    return ic.derive(program).check_against(function, **more)


def patience(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long causes are looked for."""
    for limit in ("SIMPLY", "SHARED", "OWN", "ALONE", "PATIENCE"):
        monkeypatch.setattr(diagnosing, limit, most)


def unbroken(found: Any) -> str:
    return " ".join(str(found).split())


TEXTS = {
    "right": """\
  gradient by  cases  worst error  allowed  verdict
  x               16      0.0e-00  0.0e-00  right
  γ               16      0.0e-00  0.0e-00  right""",
    "negative": """\
  gradient by  cases  worst error  allowed  verdict
  x               20      0.0e-00  0.0e-00  WRONG
  γ               20      0.0e-00  0.0e-00  WRONG

Each of the gradients by x and γ has the wrong sign. It is off by up to 0.0e-00
of the largest entry, and by 0.0e-00 from what that gives. The smallest sizes at
which that shows: B = 5, H = 3, float64.""",
    "added_up": """\
  gradient by  cases  worst error  allowed  verdict
  x               16      0.0e-00  0.0e-00  right
  γ               16      0.0e-00  0.0e-00  WRONG

The gradient by γ is right at the first call and wrong at the second: it is
added to what is there, accumulated into instead of written. It is off by up to
0.0e-00 of the largest entry; there are no numbers to compare that with. The
smallest sizes at which that shows: B = 5, H = 3, float64, the second call.""",
    "packed": """\
  gradient by  cases  worst error  allowed  verdict
  x               16      0.0e-00  0.0e-00  WRONG
  γ               16      0.0e-00  0.0e-00  WRONG

Each of the gradients by x and γ is wrong where the upstream gradient is not
contiguous. It is off by up to 0.0e-00 of the largest entry; there are no
numbers to compare that with. The smallest sizes at which that shows: B = 5,
H = 3, float64, upstream gradient not contiguous.""",
    "unheard_of": """\
  gradient by  cases  worst error  allowed  verdict
  x               20      0.0e-00  0.0e-00  WRONG
  γ               20      0.0e-00  0.0e-00  right

The gradient by x: no known mistake gives these numbers. The smallest sizes at
which that shows: B = 5, H = 3, float64.

The smallest inputs found that show it:

import numpy as np

from tests.reviewed import unheard_of

dl_dy = np.array([[0.0]])
x = np.array([[0.0]])
gamma = np.array([0.0])

print(unheard_of(dl_dy=dl_dy, x=x, gamma=gamma))
# The right gradient by x:
# [[0.]]""",
    "no_single_row": """\
  gradient by  cases  worst error  allowed  verdict
  x               16          inf  0.0e-00  WRONG
  γ               16          inf  0.0e-00  WRONG

At B = 1, H = 1, float64; B = 1, H = 1, float32: no_single_row raised
ValueError: at least 2 rows, in reviewed.py, line 47: raise ValueError("at least
2 rows").""",
    "always_fails": """\
  gradient by  cases  worst error  allowed  verdict
  x               16          inf  0.0e-00  WRONG
  γ               16          inf  0.0e-00  WRONG

In all 16 cases, first at B = 5, H = 3, float64: always_fails raised IndexError:
no place in (5, 3), in reviewed.py, line 52: raise IndexError(f"no place in
{x.shape}").""",
    "half": """\
  gradient by  cases  worst error  allowed  verdict
  x               16      0.0e-00  0.0e-00  right
  γ               16          inf  0.0e-00  WRONG

In all 16 cases, first at B = 5, H = 3, float64: no gradient by gamma is
returned.""",
    "words": """\
  gradient by  cases  worst error  allowed  verdict
  x               16      0.0e-00  0.0e-00  right
  γ               16          inf  0.0e-00  WRONG

In all 16 cases, first at B = 5, H = 3, float64: the gradient by gamma is
returned as str and no array of numbers.""",
}
