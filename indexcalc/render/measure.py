r"""How wide LaTeX is set, about, and where a formula can be broken.

The unit is a letter of the running size; an index takes 0.7 of one, a fraction what the wider of
its parts takes. That is exact enough to keep a line on a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_]|\s+|.", re.DOTALL)
_SCRIPT = 0.7
_SIGN = 2.2
_WIDE = {
    "+": _SIGN,
    "-": _SIGN,
    "=": _SIGN,
    ":": _SIGN,
    r"\odot": _SIGN,
    r"\oslash": _SIGN,
    r"\sum": 2.2,
    r"\prod": 2.2,
    r"\sqrt": 1.8,
    r"\times": 3.2,
}
# Brackets that grow with what is in them are wider than plain ones.
_WIDE |= {r"\left": 0.7, r"\right": 0.7}
_NOTHING = frozenset([r"\mathbf", r"\mathrm", r"\operatorname", r"\!", r"\,"])


def width(latex: str) -> float:
    """About how many letters wide it is."""
    tokens = _TOKEN.findall(latex)
    total, _ = _measured(tokens, 0)
    return total


def _measured(tokens: list[str], at: int) -> tuple[float, int]:
    """The width up to the closing brace, and the place after it."""
    total = 0.0
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        at += 1
        if token in ("^", "_"):
            inner, at = _argument(tokens, at)
            total += _SCRIPT * inner
        elif token == "{":
            inner, at = _measured(tokens, at)
            total, at = total + inner, at + 1
        elif token == r"\frac":
            above, at = _argument(tokens, at)
            below, at = _argument(tokens, at)
            total += max(above, below) + 0.5
        elif token == r"\text":
            inner, at = _argument(tokens, at)
            total += inner
        elif not token.isspace() and token not in _NOTHING:
            total += _WIDE.get(token, 1.0)
    return total, at


def _argument(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of a group in braces, or of one sign, and the place after it."""
    if at < len(tokens) and tokens[at] == "{":
        inner, at = _measured(tokens, at + 1)
        return inner, at + 1
    return 1.0, at + 1


def broken(latex: str, room: float) -> list[str]:
    """The formula in lines that fit, broken before a sign, or else between factors; inside brackets
    only where these have no room on a line."""
    lines: list[str] = []
    line: list[str] = []
    for part in _fitting(_parts(latex), room):
        line.append(part)
        if len(line) > 1 and width(" ".join(line)) > room:
            signs = [at for at, known in enumerate(line) if at and known[0] in "+-"]
            kept = [at for at in signs if width(" ".join(line[:at])) > room / 3]
            at = kept[-1] if kept else len(line) - 1
            lines.append(" ".join(line[:at]))
            line = line[at:]
    return [*lines, " ".join(line)]


def _fitting(parts: list[str], room: float) -> Iterator[str]:
    """The parts, and in place of those that are too wide what they are made of."""
    for part in parts:
        inside = _opened(part) if width(part) > room else []
        if inside:
            yield from _fitting(inside, room)
        else:
            yield part


def _opened(part: str) -> list[str]:
    """What is in the first brackets of a part, or a fraction as (a) and /(b). Brackets that may
    open on one line and close on another have a size of their own."""
    tokens = _TOKEN.findall(part)
    first = next((at for at, token in enumerate(tokens) if token in (r"\left", r"\frac")), None)
    if first is None or tokens[:first].count("{") != tokens[:first].count("}"):
        return []
    before = "".join(tokens[:first])
    if tokens[first] == r"\left":
        last = _closing(tokens, first, r"\left", r"\right")
        inside = _parts("".join(tokens[first + 2 : last]))
        inside[0] = rf"{before}\bigl{tokens[first + 1]}{inside[0]}"
        inside[-1] += rf"\bigr{''.join(tokens[last + 1 :])}"
        return inside
    middle = _closing(tokens, first + 1, "{", "}")
    last = _closing(tokens, middle + 1, "{", "}")
    above, below = tokens[first + 2 : middle], tokens[middle + 2 : last]
    return [before + _grouped(above), f"/{_grouped(below)}{''.join(tokens[last + 1 :])}"]


def _grouped(tokens: list[str]) -> str:
    """In brackets, unless it is one factor."""
    inner = "".join(tokens)
    return rf"\left({inner}\right)" if len(_parts(inner)) > 1 else inner


def _closing(tokens: list[str], at: int, opening: str, closing: str) -> int:
    """Where what opens here is closed."""
    depth = 1
    while depth:
        at += 1
        depth += (tokens[at] == opening) - (tokens[at] == closing)
    return at


def _parts(latex: str) -> list[str]:
    """The factors and terms outside all brackets, a sign with the term that it stands before."""
    parts, depth, part = [], 0, ""
    for token in _TOKEN.findall(latex):
        depth += (token in ("{", r"\left")) - (token in ("}", r"\right"))
        if token.isspace() and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += token
    parts.append(part)
    joined: list[str] = []
    for part in filter(None, parts):
        if joined and joined[-1] in ("+", "-", r"\cdot"):
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined
