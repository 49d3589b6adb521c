"""What the names of a plan are called in Python: their own names, with `_` where one is taken."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from indexcalc.codegen.part_names import underscored
from indexcalc.codegen.plan import Plan
from indexcalc.expr.functions import PRIME
from indexcalc.expr.names import NAME_OF

# What emitted Python means by these, whatever the target.
RESERVED = frozenset(
    ("abs", "callable", "check", "dict", "enumerate", "exp", "float", "int", "isinstance", "len")
).union(
    ("list", "math", "max", "min", "range", "round", "saved", "self", "set", "str", "sum", "super"),
    ("tuple", "type", "zip", "AssertionError", "TypeError", "ValueError"),
)
_SPELLED = {PRIME: "_prime", "∂": "d", **NAME_OF}


@dataclass(frozen=True, slots=True)
class Names:
    """Python names of what a plan speaks of, each kind by its own names."""

    tensors: dict[str, str]
    constants: dict[str, str]
    sizes: dict[str, str]
    functions: dict[str, str]
    taken: frozenset[str]

    def fresh(self, wanted: str) -> str:
        """A name that nothing has."""
        return underscored(wanted, self.taken)


def python_names(plan: Plan, functions: Iterable[str], reserved: Collection[str] = ()) -> Names:
    """Inputs have the first choice, then whatever else is passed by name, then the rest.

    `functions` are the abstract ones that are called, f and f'; `reserved` is what a target means
    by names, besides what every target does.
    """
    program = plan.program
    inputs = [access.name for access in program.inputs]
    wanted = [
        *(("tensors", name) for name in inputs),
        *(("constants", name) for name, _ in program.constants),
        *(("functions", name) for name in functions),
        *(("sizes", size.name) for size in program.sizes if not size.fixed),
        *(("tensors", name) for name in plan.tensors if name not in inputs),
        *(("sizes", size.name) for size in program.sizes if size.fixed),
    ]
    own = (f"{program.name}_forward", f"{program.name}_backward")
    taken = {*keyword.kwlist, *RESERVED, *reserved, *map(identifier, own)}
    found: dict[str, dict[str, str]] = {
        kind: {} for kind in ("tensors", "constants", "sizes", "functions")
    }
    # Who can have the very name has it, before anyone makes do with another.
    for exactly in (True, False):
        for kind, name in wanted:
            spelled = identifier(name)
            if name in found[kind] or (exactly and (spelled != name or spelled in taken)):
                continue
            found[kind][name] = underscored(spelled, taken)
            taken.add(found[kind][name])
    return Names(**found, taken=frozenset(taken))


def identifier(name: str) -> str:
    """A name as Python can have it: γ is gamma, ∂l/∂x is dl_dx, f' is f_prime."""
    spelled = unicodedata.normalize("NFKC", "".join(_SPELLED.get(c, c) for c in name))
    plain = re.sub(r"\W", "_", spelled)
    return plain if plain.isidentifier() else f"_{plain}"
