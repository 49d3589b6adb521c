"""A failing program made small, piece by piece, as long as it fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fuzz.meaning import every, named, plain, rebuilt, understood
from tests.fuzz.programs import Case, signed
from tests.oracle import (
    Bin,
    Binder,
    Call,
    Group,
    Leaf,
    Neg,
    Node,
    Num,
    Program,
    Signature,
    Size,
    Statement,
)
from tests.oracle.syntax import children

Fails = Callable[[Case], bool]
SHORT = "xzwuvacdt"
# For how many seconds smaller ones are looked for.
PATIENCE = 60.0


def shrink(case: Case, fails: Fails) -> Case:
    """The smallest case found in good time that fails too."""
    end = time.monotonic() + PATIENCE
    smaller = True
    while smaller:
        smaller = False
        for candidate in candidates(case):
            if time.monotonic() > end:
                return case
            if weight(candidate) < weight(case) and fails(candidate):
                case, smaller = candidate, True
                break
    return case


def weight(case: Case) -> tuple[int, ...]:
    """How much there is of it; each candidate has less."""
    program = case.program
    nodes = [node for s in program.statements for node in every(s.expr)]
    letters = [k for node in nodes if isinstance(node, Leaf | Binder) for k in node.indices]
    letters += [k for s in program.statements for k in s.indices]
    spelled = [named_of(node) for node in nodes] + [s.name for s in program.statements]
    return (
        len(program.statements) + sum(s.adds for s in program.statements),
        len(nodes) + len(letters),
        sum(isinstance(node, Leaf) for node in nodes),
        sum(isinstance(node, Bin | Call) for node in nodes),
        (program.signature is not None) + len(program.declared),
        len(set(letters)),
        len(case.wrt),
        sum(case.lengths),
        sum(not name.isascii() for name in spelled),
        sum(len(name) + (name not in SHORT) for name in spelled),
    )


def named_of(node: Node) -> str:
    return (
        node.name if isinstance(node, Leaf | Call) else node.text if isinstance(node, Num) else ""
    )


def candidates(case: Case) -> Iterator[Case]:
    """Cases with something left out, the largest pieces first."""
    for program in _programs(case.program):
        known = {named(s.name) for s in program.statements}
        known |= {
            named(n.name) for s in program.statements for n in every(s.expr) if isinstance(n, Leaf)
        }
        wrt = tuple(name for name in case.wrt if name in known)
        yield replace(case, program=program, wrt=wrt)
    for name in case.wrt:
        yield replace(case, wrt=tuple(other for other in case.wrt if other != name))
    for lengths in ((2,), (2, 3), (2, 3, 4)):
        yield replace(case, lengths=lengths)
    yield from _renamed(case)


def _programs(program: Program) -> Iterator[Program]:
    statements = program.statements
    if program.signature is not None:
        bare = replace(program, signature=None)
        yield bare
        yield from (_signed(smaller, program.signature) for smaller in _programs(bare))
        return
    for place in range(len(statements) if len(statements) > 1 else 0):
        yield _with(program, statements[:place] + statements[place + 1 :])
    for place, s in enumerate(statements):
        if s.adds:
            yield _put(program, place, replace(s, adds=False))
        for expr in _smaller(s.expr):
            yield _put(program, place, replace(s, expr=expr))
    yield from _with_one_size_less(program)
    yield from _with_fewer_axes(program)
    if plain(program).statements == tuple(replace(s, adds=False) for s in statements):
        return
    yield _map(program, lambda node: replace(node, name=named(node.name)), named)


def _signed(program: Program, signature: Signature) -> Program:
    """The program with a signature of its own, and those constants that it has."""
    nodes = [node for s in program.statements for node in every(s.expr)]
    used = {node.name for node in nodes if isinstance(node, Leaf)}
    constants = {name: value for name, _, value in signature.params if value and name in used}
    return signed(program, constants, "ijkhbnmpqrcd")


def _with(program: Program, statements: tuple[Statement, ...]) -> Program:
    """The program with other statements; a function that nothing calls is declared no more."""
    nodes = [node for s in statements for node in every(s.expr)]
    called = {node.name for node in nodes if isinstance(node, Call)}
    declared = tuple(name for name in program.declared if name in called)
    return Program(statements, program.signature, declared)


def _put(program: Program, place: int, s: Statement) -> Program:
    return _with(program, (*program.statements[:place], s, *program.statements[place + 1 :]))


def _smaller(node: Node) -> Iterator[Node]:
    """The node with something inside replaced by a part of it, or by a number."""
    parts = children(node)
    yield from parts
    if not isinstance(node, Num):
        yield Num("2")
        if parts or (isinstance(node, Leaf) and node.name in ("1", "delta")):
            letters = tuple(
                dict.fromkeys(k for n in every(node) if isinstance(n, Leaf) for k in n.indices)
            )
            yield Leaf("1", letters) if letters else Num("1")
    if isinstance(node, Leaf):
        for place in range(len(node.indices)):
            if node.name == "1" and len(node.indices) > 1:
                yield replace(node, indices=node.indices[:place] + node.indices[place + 1 :])
    if isinstance(node, Binder) and len(node.indices) > 1:
        for k in node.indices:
            yield replace(node, indices=tuple(m for m in node.indices if m != k))
    if isinstance(node, Call) and len(parts) == 1 and node.name not in ("exp", "f"):
        yield replace(node, name="exp")
    if isinstance(node, Bin) and node.op == "-":
        yield replace(node, op="+")
    for place, part in enumerate(parts):
        for less in _smaller(part):
            put = _bracketed(less) if needs_brackets(node, place, less) else less
            yield rebuilt(node, [*parts[:place], put, *parts[place + 1 :]])


def needs_brackets(node: Node, place: int, part: Node) -> bool:
    """Whether the text would be read as another tree."""
    match node, part:
        case (Bin("+" | "-"), Bin("+" | "-")):
            return place == 1
        case (Bin("*" | "/"), Bin(op, _, _)):
            return op in "+-" or (op in "*/" and place == 1)
        case (Bin("*" | "/"), Neg()):
            return place == 1
        case (Bin("^"), Bin() | Neg()):
            return True
        case (Neg(), Bin(op, _, _)):
            return op != "^"
    return False


def _bracketed(node: Node) -> Node:
    return node if isinstance(node, Group) else Group(node)


def _with_fewer_axes(program: Program) -> Iterator[Program]:
    """Each tensor with one axis less, everywhere."""
    orders: dict[str, int] = {}
    for s in program.statements:
        orders[named(s.name)] = len(s.indices)
        for node in every(s.expr):
            if isinstance(node, Leaf) and node.name not in ("1", "delta"):
                orders[named(node.name)] = len(node.indices)
    for name, order in orders.items():
        for place in range(order):
            yield _without_axis(program, name, place)


def _without_axis(program: Program, name: str, place: int) -> Program:
    def cut(leaf: Leaf) -> Leaf:
        if named(leaf.name) != name:
            return leaf
        return replace(leaf, indices=leaf.indices[:place] + leaf.indices[place + 1 :])

    cut_program = _map(program, cut, lambda other: other)
    statements = []
    for s in cut_program.statements:
        kept = s.indices[:place] + s.indices[place + 1 :] if named(s.name) == name else s.indices
        statements.append(replace(s, indices=kept))
    return replace(cut_program, statements=tuple(statements))


def _with_one_size_less(program: Program) -> Iterator[Program]:
    """Each class of equal sizes left out, everywhere."""
    meaning = understood(program)
    if meaning is None:
        return
    orders = {**meaning.inputs, **meaning.defined}
    axes = [(name, place) for name, order in orders.items() for place in range(order)]
    for root in dict.fromkeys(meaning.axis(*axis) for axis in axes):
        cut = [axis for axis in axes if meaning.axis(*axis) == root]
        statements = []
        for s in program.statements:
            accesses = [Leaf(s.name, s.indices), *(n for n in every(s.expr) if isinstance(n, Leaf))]
            gone = {
                k
                for leaf in accesses
                for place, k in enumerate(leaf.indices)
                if (named(leaf.name), place) in cut
            }
            kept = tuple(k for k in s.indices if k not in gone)
            expr = s.expr
            for k in sorted(gone):
                expr = _without_letter(expr, k)
            statements.append(replace(s, indices=kept, expr=expr))
        yield replace(program, statements=tuple(statements))


def _without_letter(node: Node, k: str) -> Node:
    match node:
        case Leaf("1", indices) if indices == (k,):
            return Num("1")
        case Leaf("delta", indices) if k in indices:
            return Num("1")
        case Leaf(_, indices):
            return replace(node, indices=tuple(m for m in indices if m != k))
        case Binder(_, (bound,), body) if bound == k:
            return _bracketed(_without_letter(body, k))
        case Binder(_, indices, _):
            kept = replace(node, indices=tuple(m for m in indices if m != k))
            return rebuilt(kept, [_without_letter(node.body, k)])
        case Size(letter) if letter == k:
            return Num("2")
    return rebuilt(node, [_without_letter(part, k) for part in children(node)])


def _renamed(case: Case) -> Iterator[Case]:
    """Tensors called x, z, w, ... and letters i, j, k, ..."""
    program = case.program
    if program.signature is not None:
        return
    nodes = [node for s in program.statements for node in every(s.expr)]
    leaves = [n.name for n in nodes if isinstance(n, Leaf) and n.name not in ("1", "delta")]
    old = list(dict.fromkeys(map(named, [*leaves, *(s.name for s in program.statements)])))
    for name in old:
        for new in SHORT:
            if new not in old:
                table = {name: new}
                yield _called(case, table)
                break
    for s in program.statements:
        letters = [k for n in every(s.expr) if isinstance(n, Leaf | Binder) for k in n.indices]
        free = [k for k in "ijk" if k not in letters and k not in s.indices]
        for k in dict.fromkeys([*letters, *s.indices]):
            if free and k not in "ijk":
                yield replace(case, program=_lettered(program, s, k, free[0]))


def _called(case: Case, table: dict[str, str]) -> Case:
    def call(name: str) -> str:
        return table.get(named(name), name)

    program = _map(case.program, lambda leaf: replace(leaf, name=call(leaf.name)), call)
    return replace(case, program=program, wrt=tuple(map(call, case.wrt)))


def _lettered(program: Program, changed: Statement, old: str, new: str) -> Program:
    def letters(indices: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if k == old else k for k in indices)

    def call(node: Node) -> Node:
        if isinstance(node, Leaf | Binder):
            node = replace(node, indices=letters(node.indices))
        if isinstance(node, Size) and node.letter == old:
            node = replace(node, letter=new)
        return rebuilt(node, [call(part) for part in children(node)])

    place = program.statements.index(changed)
    s = replace(changed, indices=letters(changed.indices), expr=call(changed.expr))
    return _put(program, place, s)


def _map(program: Program, leaf: Callable[[Leaf], Leaf], name: Callable[[str], str]) -> Program:
    """Every access and every defined name changed."""

    def change(node: Node) -> Node:
        if isinstance(node, Leaf):
            return leaf(node)
        return rebuilt(node, [change(part) for part in children(node)])

    statements = (replace(s, name=name(s.name), expr=change(s.expr)) for s in program.statements)
    return replace(program, statements=tuple(statements))
