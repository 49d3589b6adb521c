"""A second, slow reading of the language, for comparison with the real one.

It shares no code with the package: its own tree, its own reading of rules 1-6, its own sizes
and plain loops over scalars.  A program comes from ``programs()`` or is built by hand; then
``text(program)`` is its source, ``plan(program, seed)`` draws inputs, and
``run(program, arrays, sizes)`` is its meaning, or raises ``Refused`` where the rules do.
"""

from tests.oracle.meaning import Array, has_unfixed, plan, run, stand_in
from tests.oracle.programs import programs
from tests.oracle.reading import doubts, read
from tests.oracle.syntax import (
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Refused,
    Signature,
    Size,
    Statement,
    text,
)

__all__ = [
    "Array",
    "Bin",
    "Binder",
    "Call",
    "Group",
    "Leaf",
    "Neg",
    "Node",
    "Num",
    "Program",
    "Refused",
    "Signature",
    "Size",
    "Statement",
    "doubts",
    "has_unfixed",
    "plan",
    "programs",
    "read",
    "run",
    "stand_in",
    "text",
]
