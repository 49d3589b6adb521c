"""The tree of a program, and the text that it is written as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Num:
    """A literal without sign, as written: ``2``, ``0.5`` or ``pi`` (1/2 is a ``Bin`` of two)."""

    text: str


@dataclass(frozen=True)
class Leaf:
    """``x[b,h]``, a bare order-0 name, ``1[h]`` (name "1") or ``delta[i,j]``."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Size:
    """``size(h)``, or ``H`` when bare."""

    letter: str
    bare: bool = True


@dataclass(frozen=True)
class Call:
    """A pointwise function, known or abstract."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Binder:
    """``sum[k](body)``, or mean, prod, max, min."""

    kind: str
    indices: tuple[str, ...]
    body: Node


@dataclass(frozen=True)
class Neg:
    """Unary minus; looser than ``^``, tighter than ``*``."""

    inner: Node


@dataclass(frozen=True)
class Group:
    """Written parentheses."""

    inner: Node


@dataclass(frozen=True)
class Bin:
    """``+ - * / ^``."""

    op: str
    left: Node
    right: Node


Node = Num | Leaf | Size | Call | Binder | Neg | Group | Bin


@dataclass(frozen=True)
class Statement:
    """``y[i] = expr``, or ``y[i] += expr`` where it adds."""

    name: str
    indices: tuple[str, ...]
    expr: Node
    adds: bool = False


@dataclass(frozen=True)
class Signature:
    """``name(x[b,h], s, eps=0.5) -> y``; a parameter is (name, letters, default or "")."""

    name: str
    params: tuple[tuple[str, tuple[str, ...], str], ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """Statements in order, and the names declared as abstract functions."""

    statements: tuple[Statement, ...]
    signature: Signature | None = None
    declared: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818
    """The rules call the program an error; ``rule`` says which one."""

    def __init__(self, rule: int, reason: str) -> None:
        super().__init__(f"rule {rule}: {reason}")
        self.rule = rule


class TwoSizes(ValueError):  # noqa: N818
    """``size(h)`` where h has no size, or two, in its statement: outside what is tested here."""


def children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Bin):
        return (node.left, node.right)
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Binder):
        return (node.body,)
    return (node.inner,) if isinstance(node, Neg | Group) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in text order."""
    yield node
    for child in children(node):
        yield from walk(child)


def _access(name: str, indices: Sequence[str]) -> str:
    return f"{name}[{','.join(indices)}]" if indices else name


def spell(node: Node) -> str:
    match node:
        case Num(literal):
            return literal
        case Leaf(name, indices):
            return _access(name, indices)
        case Size(letter, bare):
            return letter.upper() if bare else f"size({letter})"
        case Call(name, args):
            return f"{name}({', '.join(map(spell, args))})"
        case Binder(kind, indices, body):
            return f"{_access(kind, indices)}({spell(body)})"
        case Neg(inner):
            return f"-{spell(inner)}"
        case Group(inner):
            return f"({spell(inner)})"
        case Bin(op, left, right):
            gap = " " if op in "+-" else ""
            return f"{spell(left)}{gap}{op}{gap}{spell(right)}"


def text(program: Program) -> str:
    """The source; parentheses stand only where the tree has a ``Group``."""
    lines = [
        f"{_access(s.name, s.indices)} {'+=' if s.adds else '='} {spell(s.expr)}"
        for s in program.statements
    ]
    if (sign := program.signature) is not None:
        params = (_access(n, ix) + (f"={d}" if d else "") for n, ix, d in sign.params)
        lines.insert(0, f"{sign.name}({', '.join(params)}) -> {', '.join(sign.outputs)}")
    if program.declared:
        lines.insert(0, f"pointwise {', '.join(program.declared)}")
    return "\n".join(lines) + "\n"
