"""Lines of Python no longer than the formatter lets them be, broken where it would break them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

WIDTH = 100
INDENT = "    "
_OPEN, _CLOSE = "([{", ")]}"
# Words and operators at which a long expression is broken, the loosest first.
_OPERATORS = ((" for ",), (" or ",), (" and ",), (" + ", " - "), (" * ", " / ", " @ "))


def fitted(lines: Iterable[str]) -> list[str]:
    return [short for line in lines for short in _fitted(line)]


def _fitted(line: str, comma: str = "") -> Iterator[str]:
    body = line.lstrip(" ")
    indent = line[: len(line) - len(body)]
    if len(line) + len(comma) <= WIDTH or body.startswith(("#", '"""')):
        yield line + comma
        return
    yield from _broken(indent, body, comma)


def _assigned(body: str) -> tuple[str, str, str]:
    """What stays on the first line, the expression that is broken, and what ends the last line."""
    for at, depth in _depths(body if body[0] != ")" else ""):
        if depth == 0 and body.startswith((" = ", " += ", " -= ", " *= ", " /= "), at):
            stop = body.index("= ", at) + 2
            return body[:stop], body[stop:], ""
    for word in ("return ", "raise ", "del ", ") = "):
        if body.startswith(word):
            return word, body[len(word) :], ""
    for word in ("if not ", "if "):
        if body.startswith(word):
            return word, body[len(word) : -1], ":"
    return "", body, ""


def _broken(indent: str, body: str, comma: str) -> Iterator[str]:
    head, tail, end = _assigned(body)
    if len(indent + head) >= WIDTH and _several(head.removesuffix(" = ")):
        yield f"{indent}("
        for item in _items(head.removesuffix(" = ")):
            yield from _fitted(f"{indent}{INDENT}{item}", ",")
        yield from _fitted(f"{indent}) = {tail}", comma)
        return
    ending = end + comma
    operators = _splits(tail)
    if operators and head:
        hanging = list(_hanging(indent, head, tail, ending)) if _hangs(tail, operators) else []
        if hanging and max(map(len, hanging)) <= WIDTH:
            yield from hanging
            return
        together = len(indent + INDENT + tail) <= WIDTH
        yield f"{indent}{head}("
        yield from _pieces(indent + INDENT, tail, [] if together else operators)
        yield f"{indent}){ending}"
        return
    bracket = _bracket(indent + head, tail)
    chain = [] if operators else _chain(tail)
    if len(chain) > 2 and not head:
        for piece in chain[:-1]:
            yield from _fitted(indent + piece)
        yield from _fitted(indent + chain[-1], ending)
    elif len(chain) > 2:
        yield f"{indent}{head}("
        together = len(indent + INDENT + tail) <= WIDTH
        for piece in [tail] if together else chain:
            yield from _fitted(indent + INDENT + piece)
        yield f"{indent}){ending}"
    elif head and _several(tail):
        yield f"{indent}{head}("
        for item in _items(tail):
            yield from _fitted(indent + INDENT + item, ",")
        yield f"{indent}){ending}"
    elif operators:
        *most, last = _pieces(indent, tail, operators)
        yield from most
        yield last + ending
    elif bracket is None and head.endswith("= ") and len(indent + INDENT + tail) <= WIDTH:
        yield from (f"{indent}{head}(", indent + INDENT + tail, f"{indent}){ending}")
    elif bracket is None:
        yield indent + body + comma
    else:
        start, stop = bracket
        yield f"{indent}{head}{tail[: start + 1]}"
        yield from _contents(indent + INDENT, tail[start + 1 : stop], _called(tail, start))
        yield f"{indent}{tail[stop:]}{ending}"


def _chain(text: str) -> list[str]:
    """a(x).b().c() as a(x), .b() and .c(); a name before a call is no link."""
    dots = [at for at, depth in _depths(text) if depth == 0 and text[at] == "."]
    links = [at for at in dots if text[at - 1] in _CLOSE]
    return [text[a:b] for a, b in zip([0, *links], [*links, len(text)], strict=True)]


def _hangs(text: str, operators: Sequence[int]) -> bool:
    """Whether brackets inside are broken, and not the whole: those that it begins or ends with."""
    calls = text[-1] == ")" and text[-2] != "("
    return len(operators) == 1 and (text[0] in _OPEN or calls)


def _hanging(indent: str, head: str, text: str, ending: str) -> Iterator[str]:
    """Every bracket broken from which the line would not go on as far as into the next one."""
    line, done = indent + head, 0
    brackets = list(_brackets(text))
    for place, (start, stop) in enumerate(brackets):
        after = brackets[place + 1][0] + 1 if place + 1 < len(brackets) else len(text)
        last = ending if after == len(text) else ""
        if len(line + text[done:after] + last) > WIDTH:
            yield line + text[done : start + 1]
            yield from _contents(indent + INDENT, text[start + 1 : stop], _called(text, start))
            line, done = indent, stop
        line, done = line + text[done : stop + 1], stop + 1
    yield line + text[done:] + ending


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Where the brackets that stand in no other open and close."""
    start = 0
    for at, depth in _depths(text):
        if text[at] in _OPEN and depth == 0:
            start = at
        elif text[at] in _CLOSE and depth == 1 and at > start + 1:
            yield start, at


def _called(text: str, start: int) -> bool:
    """Whether a bracket holds arguments, which stay on one line where they fit; what makes a list
    has an item to a line."""
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_)]")


def _several(text: str) -> bool:
    """Whether these are items with commas between them, in no bracket."""
    return any(depth == 0 and text[at] == "," for at, depth in _depths(text))


def _contents(indent: str, inside: str, together: bool) -> Iterator[str]:
    """What is in a bracket: on one line where it fits and may, else one to a line."""
    items = list(_items(inside))
    if len(indent + inside) <= WIDTH and (together or len(items) == 1):
        yield indent + inside
    elif len(items) == 1 and _splits(inside):
        yield from _pieces(indent, inside, _splits(inside))
    else:
        for item in items:
            yield from _fitted(indent + item, ",")


def _pieces(indent: str, text: str, places: list[int]) -> Iterator[str]:
    """A long expression, each line beginning with an operator."""
    starts = [0, *(place + 1 for place in places)]
    for start, stop in zip(starts, [*places, len(text)], strict=True):
        yield from _fitted(indent + text[start:stop])


def _items(text: str) -> Iterator[str]:
    start = 0
    for at, depth in _depths(text):
        if depth == 0 and text[at] == ",":
            item = text[start:at].strip()
            # A comma between the arguments of a lambda is none between items.
            if "lambda " in item and ":" not in item.rpartition("lambda ")[2]:
                continue
            yield item
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _splits(text: str) -> list[int]:
    """Where the loosest operators are that stand in no bracket."""
    for group in _OPERATORS:
        places = [at for at, depth in _depths(text) if depth == 0 and text.startswith(group, at)]
        if places:
            return places
    return []


def _bracket(before: str, text: str) -> tuple[int, int] | None:
    """The last bracket that stands in no other and opens within the line, and where it closes."""
    found = None
    for start, stop in _brackets(text):
        if len(before) + start < WIDTH or found is None:
            found = start, stop
    return found


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Every place outside of strings, with how many brackets are open before it."""
    depth, quote = 0, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
            continue
        if character in "\"'":
            quote = character
            continue
        yield at, depth
        depth += (character in _OPEN) - (character in _CLOSE)


def tuple_of(texts: Sequence[str]) -> str:
    """(a, b), or (a,)"""
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of a docstring; an equation that goes on is set in. Inside of a function no word is too
    long; above, a command stays as it is."""
    found: list[str] = []
    for line in text.splitlines():
        further = INDENT if " = " in line and found else ""
        found += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + further,
            break_long_words=indent != "",
            break_on_hyphens=False,
        ) or [""]
    return found
