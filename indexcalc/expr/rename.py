"""Renaming indices without capture, and fresh index names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sympy import Basic

from indexcalc.expr.base import (
    Index,
    Node,
    children,
    free_of,
    postorder,
    rebuild,
)
from indexcalc.expr.nodes import (
    Access,
    Binder,
    Delta,
    One,
    Spelled,
)

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def fresh_name(like: str, *avoid: Collection[str]) -> str:
    """The first letter after `like` that is not to be avoided, then a1, b1, ..."""
    return next(n for n in _candidates(like) if not any(n in names for names in avoid))


def _candidates(like: str) -> Iterator[str]:
    start = _ALPHABET.find(like[0]) + 1
    letters = _ALPHABET[start:] + _ALPHABET[:start]
    yield from letters
    number = 1
    while True:
        for letter in letters:
            yield f"{letter}{number}"
        number += 1


@dataclass(slots=True)
class _Frame:
    """A node being renamed: the mapping that holds in it, and its parts so far."""

    node: Basic
    mapping: Mapping[Index, Index]
    bound: tuple[Index, ...]
    parts: list[Basic] = field(default_factory=list)


def rename(expr: Basic, mapping: Mapping[Index, Index]) -> Basic:
    """[q/p]e: replace free indices; bound ones that would capture get fresh names.

    What has none of the indices comes back as the same object.
    """
    stack = [_enter(expr, mapping)]
    while True:
        frame = stack[-1]
        parts = children(frame.node) if frame.mapping else ()
        if len(frame.parts) < len(parts):
            stack.append(_enter(parts[len(frame.parts)], frame.mapping))
            continue
        done = _leave(frame) if frame.mapping else frame.node
        stack.pop()
        if not stack:
            return done
        stack[-1].parts.append(done)


def _enter(node: Basic, mapping: Mapping[Index, Index]) -> _Frame:
    """Keep what the mapping says of the node's free indices; make room for its bound ones."""
    free = free_of(node)
    inner = {old: new for old, new in mapping.items() if old in free and old != new}
    bound = node.indices if isinstance(node, Binder) else ()
    if inner and isinstance(node, Binder):
        targets = {new.name for new in inner.values()}
        if not targets.isdisjoint(index.name for index in bound):
            avoid = targets | {index.name for index in free_of(node.body)}
            renamed = []
            for index in bound:
                if index.name in targets:
                    fresh = Index(fresh_name(index.name, avoid), index.size)
                    avoid.add(fresh.name)
                    inner[index] = fresh
                    index = fresh
                renamed.append(index)
            bound = tuple(renamed)
    return _Frame(node, inner, bound)


def _leave(frame: _Frame) -> Basic:
    node, mapping = frame.node, frame.mapping
    if isinstance(node, Access):
        return Access(node.name, *(mapping.get(i, i) for i in node.indices))
    if isinstance(node, One | Delta):
        return node.func(*(mapping.get(i, i) for i in node.indices))
    if isinstance(node, Binder):
        return node.rebuilt(frame.parts[0], frame.bound)
    if isinstance(node, Spelled):
        return node.over(tuple(frame.parts), mapping)
    assert isinstance(node, Node)  # only nodes have free indices
    return rebuild(node, tuple(frame.parts))


def relabelled(expr: Basic, mapping: Mapping[Index, Index]) -> Basic:
    """Every index, bound ones too, by its new letter; each new letter is new to the tree."""
    done: dict[int, Basic] = {}
    for node in postorder(expr):
        bound = node.indices if isinstance(node, Binder) else ()
        parts = [done[id(part)] for part in children(node)]
        frame = _Frame(node, mapping, tuple(mapping.get(i, i) for i in bound), parts)
        done[id(node)] = node if _unmoved(frame) else _leave(frame)
    return done[id(expr)]


def distinct(expr: Basic) -> Basic:
    """The same value with no bound index named like one that is in scope around it."""
    if not any(isinstance(node, Binder) for node in postorder(expr)):
        return expr
    stack = [_scoped(expr, {}, frozenset(index.name for index in free_of(expr)))]
    while True:
        frame = stack[-1]
        parts = children(frame.node)
        if len(frame.parts) < len(parts):
            part = parts[len(frame.parts)]
            stack.append(_scoped(part, frame.mapping, frame.names))
            continue
        done = frame.node if _unmoved(frame) else _leave(frame)
        stack.pop()
        if not stack:
            return done
        stack[-1].parts.append(done)


@dataclass(slots=True)
class _Scoped(_Frame):
    """A node whose binders must not reuse a name in scope."""

    names: frozenset[str] = frozenset()
    parts: list[Basic] = field(default_factory=list)


def _scoped(node: Basic, mapping: Mapping[Index, Index], names: frozenset[str]) -> _Scoped:
    if not isinstance(node, Binder):
        return _Scoped(node, mapping, (), names=names)
    inner, bound = dict(mapping), []
    for index in node.indices:
        fresh = index
        if index.name in names:
            around = {other.name for other in free_of(node.body)}
            fresh = Index(fresh_name(index.name, names, around), index.size)
        names |= {fresh.name}
        inner[index] = fresh
        bound.append(fresh)
    return _Scoped(node, inner, tuple(bound), names=names)


def _unmoved(frame: _Frame) -> bool:
    """Nothing in the node has a new name."""
    node = frame.node
    if isinstance(node, Access | One | Delta):
        return all(frame.mapping.get(index, index) == index for index in node.indices)
    if isinstance(node, Spelled) and any(index in frame.mapping for index in node.free):
        return False
    if isinstance(node, Binder) and frame.bound != node.indices:
        return False
    return all(new is old for new, old in zip(frame.parts, children(node), strict=True))
