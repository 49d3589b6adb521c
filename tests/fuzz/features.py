"""What a program has in it, for counting that all of the language is tried."""

from __future__ import annotations

from collections import Counter

from tests.fuzz.meaning import FUNCTIONS, GREEK, REDUCTIONS, every, named
from tests.fuzz.programs import ABSTRACT, Case
from tests.oracle import Bin, Binder, Call, Leaf, Neg, Node, Num, Size

# What fresh letters, losses and upstream gradients are called.
CLASHING = frozenset({"p", "q", "r", "G", "l", "L", "G1"})
FEATURES = (
    *(f"{count} statements" for count in range(1, 7)),
    *(f"order {order}" for order in range(5)),
    *FUNCTIONS,
    *(f"binder {kind}" for kind in REDUCTIONS),
    *("function in function", "abstract of one", "abstract of two", "declared"),
    *("quotient", "whole power", "broken power", "negative power", "tensor power"),
    *("repeated index", "triple index", "delta", "one-tensor", "shared intermediate"),
    *("size", "constant", "pi", "signature", "loss", "tensor output", "several outputs", "+="),
    *("Greek", "clashing name", "clashing letter", "by an intermediate"),
)


def features(case: Case) -> set[str]:
    """Those of FEATURES that a program has."""
    program = case.program
    nodes = [node for s in program.statements for node in every(s.expr)]
    leaves = [n for n in nodes if isinstance(n, Leaf) and n.name not in ("1", "delta")]
    defined = {named(s.name): len(s.indices) for s in program.statements}
    uses = Counter(named(leaf.name) for leaf in leaves)
    letters = {k for n in nodes if isinstance(n, Leaf | Binder) for k in n.indices}
    names = {named(leaf.name) for leaf in leaves} | set(defined)
    spelled = [n.name for n in leaves] + [s.name for s in program.statements]
    outputs = [name for name in defined if not uses[name]]
    found = {
        f"{len(defined)} statements": True,
        "+=": any(s.adds for s in program.statements),
        "signature": program.signature is not None,
        "constant": program.signature is not None and any(p[2] for p in program.signature.params),
        "declared": bool(program.declared),
        "loss": [defined[name] for name in outputs] == [0],
        "tensor output": any(defined[name] for name in outputs),
        "several outputs": len(outputs) > 1,
        "shared intermediate": any(uses[name] > 1 for name in defined),
        "Greek": any(name in GREEK for name in spelled),
        "clashing name": bool(names & CLASHING),
        "clashing letter": bool(letters & CLASHING),
        "by an intermediate": any(name in defined for name in case.wrt),
        "triple index": any(count > 2 for s in program.statements for count in _most(s.expr)),
    }
    one_by_one = {feature for node in nodes for feature in _of(node)}
    return one_by_one | {feature for feature, has in found.items() if has}


def _most(node: Node) -> list[int]:
    """How often each letter is written in each product."""
    products = [n for n in every(node) if isinstance(n, Bin) and n.op in "*/"]
    return [
        count
        for product in products
        for count in Counter(k for n in _factors(product) for k in n.indices).values()
    ]


def _factors(node: Node) -> list[Leaf]:
    if isinstance(node, Bin) and node.op in "*/":
        return _factors(node.left) + _factors(node.right)
    return [node] if isinstance(node, Leaf) else []


def _of(node: Node) -> list[str]:
    match node:
        case Leaf("1"):
            return ["one-tensor"]
        case Leaf("delta"):
            return ["delta"]
        case Leaf(_, indices):
            repeated = ["repeated index"] if len(set(indices)) < len(indices) else []
            return [f"order {len(indices)}", *repeated]
        case Size():
            return ["size"]
        case Num("pi"):
            return ["pi"]
        case Binder(kind):
            return [f"binder {kind}"]
        case Call(name, arguments):
            inner = any(isinstance(n, Call) for part in arguments for n in every(part))
            kind = ["abstract of one", "abstract of two"][len(arguments) - 1]
            return [
                kind if name in ABSTRACT else name,
                *(["function in function"] if inner else []),
            ]
        case Bin("/"):
            return ["quotient"]
        case Bin("^", _, exponent):
            return _powers(exponent)
    return []


def _powers(exponent: Node) -> list[str]:
    inner = every(exponent)
    if any(isinstance(n, Leaf) for n in inner):
        return ["tensor power"]
    is_broken = any(isinstance(n, Bin) or (isinstance(n, Num) and "." in n.text) for n in inner)
    signs = ["negative power"] if any(isinstance(n, Neg) for n in inner) else []
    return [*signs, "broken power" if is_broken else "whole power"]
