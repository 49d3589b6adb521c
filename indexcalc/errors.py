"""Every error a user can cause: a code, one sentence, the place under a caret, and a way out.

`IndexcalcError` is the one base class. A code's meaning, with a program that causes it, stands in
`CODES`; docs/errors.md is written from there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 80
MAX_BYTES = 64 * 1024
_MARGIN = 2


class Span(NamedTuple):
    """A stretch of a source text, as offsets."""

    start: int
    stop: int

    def to(self, other: Span) -> Span:
        return Span(self.start, other.stop)


@dataclass(frozen=True, slots=True)
class Source:
    """A text and what to call it."""

    text: str
    name: str = "text"

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both counted from 1."""
        before = self.text[:offset]
        line = before.count("\n") + 1
        return line, offset - (before.rfind("\n") + 1) + 1

    def line_at(self, offset: int) -> tuple[int, str]:
        """Where the line around an offset starts, and the line."""
        start = self.text.rfind("\n", 0, offset) + 1
        stop = self.text.find("\n", offset)
        return start, self.text[start : len(self.text) if stop < 0 else stop]


class IndexcalcError(Exception):
    """What the user wrote cannot be taken, and here is why, where, and what to do."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        source: Source | None = None,
        spans: Iterable[Span] = (),
    ) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.source = source
        self.spans = tuple(spans)
        super().__init__(code, message)

    def at(self, source: Source) -> IndexcalcError:
        """The same error, now knowing its text."""
        self.source = source
        return self

    def __str__(self) -> str:
        lines = [f"error {self.code}: {visible(self.message)}"]
        if self.source is not None:
            for span in self.spans:
                lines += _show(self.source, span)
        if self.hint:
            lines.append(f"hint: {visible(self.hint)}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.code, self.message, self.hint, self.source, self.spans)


def _rebuild(
    code: str, message: str, hint: str, source: Source | None, spans: tuple[Span, ...]
) -> IndexcalcError:
    return IndexcalcError(code, message, hint=hint, source=source, spans=spans)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """'did you mean x?' for the nearest known word, or nothing."""
    most = 0 if not 3 <= len(word) <= 40 else max(1, len(word) // 4)
    if not most:
        return ""
    near = [
        (slips, abs(len(other) - len(word)), other)
        for other in set(known)
        if abs(len(other) - len(word)) < 3
        and (slips := _slips(word.lower(), other.lower())) <= most
    ]
    return f"did you mean {min(near)[2]}?" if near else ""


def _slips(one: str, other: str) -> int:
    """How many letters were added, lost, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def _show(source: Source, span: Span) -> list[str]:
    """The place in words, the line, and carets under the span."""
    line, column = source.position(span.start)
    start, text = source.line_at(span.start)
    first = span.start - start
    last = max(first + 1, min(span.stop - start, len(text)))
    text, first, last = _cut(text, first, last)
    before, under = visible(text[:first]), visible(text[first:last])
    carets = " " * _columns(before) + "^" * max(1, _columns(under))
    shown = before + under + visible(text[last:])
    margin = " " * _MARGIN
    place = f"{margin}in {visible(source.name)}, line {line}, column {column}:"
    return [place, margin + shown, margin + carets]


def _cut(text: str, first: int, last: int) -> tuple[str, int, int]:
    """The part of a long line around the span, with … where it was cut."""
    room = WIDTH - _MARGIN
    if _columns(visible(text)) <= room:
        return text, first, last
    last = min(last, first + _fitting(text[first:], room // 2))
    start = first - _fitting(text[:first][::-1], room // 4)
    stop = start + _fitting(text[start:], room - 2)
    head, tail = ("…" if start else ""), ("…" if stop < len(text) else "")
    shift = len(head) - start
    return head + text[start:stop] + tail, first + shift, last + shift


def _fitting(text: str, room: int) -> int:
    """How many characters from the start fit in so many columns."""
    for count, character in enumerate(text):
        room -= _columns(visible(character))
        if room < 0:
            return count
    return len(text)


def visible(text: str) -> str:
    """Text that is safe on a terminal: tabs and control characters made visible or plain."""
    return "".join(
        " "
        if c == "\t"
        else c
        if unicodedata.category(c)[0] != "C"
        else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _columns(text: str) -> int:
    """How many terminal columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of error: what it means, and (where a text can cause it) a text that does; some are
    of texts in matrix notation alone."""

    title: str
    meaning: str
    example: str | None = None
    of_matrices: bool = False


CODES: dict[str, Code] = {
    # Text
    "IC101": Code("empty input", "There is no statement to read.", "# only a comment"),
    "IC102": Code(
        "stray character",
        "A character that the language does not use. Its plain look-alike is offered.",
        "y[i] = x[i] · 2",
    ),
    "IC103": Code(
        "unbalanced bracket",
        "A bracket was opened and not closed by its own kind, or closed without being opened.",
        "y[i] = (x[i] + 1",
    ),
    "IC104": Code(
        "syntax",
        "Something else was expected here. Nothing is multiplied silently.",
        "y[i] = 2x[i]",
    ),
    "IC105": Code(
        "too deep",
        "Brackets, calls, powers and signs may be nested 200 deep. Name a part and use the name. "
        "Constants with sizes and names in them may be nested 60 deep, and their functions 8.",
        None,
    ),
    "IC106": Code(
        "too large",
        "A source may have 64 KB, an expression 64 open indices, and an array of the reference "
        "evaluator 500,000,000 entries.",
        None,
    ),
    "IC107": Code(
        "constant too long",
        "Constants are exact, and may have 10,000 digits, results of constant arithmetic included.",
        "y[i] = 10^10001 * x[i]",
    ),
    "IC108": Code("not UTF-8", "Source text is UTF-8.", None),
    "IC109": Code(
        "not a real number",
        "Arithmetic on constants came to something infinite, undefined or complex.",
        "y[i] = x[i] * (1/0)",
    ),
    # Files and the command
    "IC201": Code("no such file", "The file to read does not exist.", None),
    "IC202": Code("a directory", "A file was expected and a directory is there.", None),
    "IC203": Code(
        "unknown derivation",
        "The catalogue has no derivation of this name. Text has a `=`, a file ends in `.idx` or "
        "has a `/`.",
        None,
    ),
    "IC204": Code("unreadable file", "The system refused to read the file.", None),
    "IC205": Code(
        "wrong use of the command",
        "The command has no such option (it lists those it has), or takes one program and is given "
        "another number of them.",
        None,
    ),
    "IC206": Code("unwritable output", "The system refused to take the output.", None),
    "IC207": Code("no such function", "The file has no function of this name.", None),
    "IC208": Code("a file that fails", "A function's file is executed, and raised this.", None),
    # Names
    "IC301": Code(
        "unknown function",
        "Only known functions, the abstract f, g, h and those declared with `pointwise` are "
        "applied with round brackets.",
        "y[i] = tahn(x[i])",
    ),
    "IC302": Code(
        "unknown name",
        "With a signature, every name is an input, a constant or defined above.",
        "f(x[i], scale) -> y\ny[i] = scael*x[i]",
    ),
    "IC303": Code(
        "defined twice",
        "A name is defined once; use `+=` to add a term.",
        "y[i] = x[i]\ny[i] = 2*x[i]",
    ),
    "IC304": Code(
        "used before its definition",
        "A name is used only below its definition, and never in it.",
        "y[i] = z[i]\nz[i] = x[i]",
    ),
    "IC305": Code(
        "+= to an input", "Inputs are not changed.", "f(x[i]) -> y\nx[i] += 1\ny[i] = x[i]"
    ),
    "IC306": Code(
        "+= after a use",
        "A term is added before the name is used, so that a name has one value.",
        "y[i] = x[i]\nz[i] = y[i]\ny[i] += 1",
    ),
    "IC307": Code(
        "an index is not a name",
        "Within one statement a letter is either an index or a name.",
        "y[i] = i*x[i]",
    ),
    "IC308": Code(
        "wrong number of indices",
        "A tensor has the same number of indices wherever it is used.",
        "y[i] = x[i] + x[i,i]",
    ),
    "IC309": Code(
        "brackets on an order-0 name",
        "A name of order 0 takes no indices.",
        "f(x[i], s) -> y\ny[i] = s[i]*x[i]",
    ),
    "IC310": Code(
        "reserved name", "`pi`, `delta` and `size` have one meaning each.", "pi = x[i]*x[i]"
    ),
    "IC311": Code(
        "a capital with two meanings",
        "A bare capital is the size of its lower-case index; it may not name two sizes, a size "
        "and a name, or the size of an index that is elsewhere only.",
        "y = a[k]*b[k]/K + c[k]*d[k]",
    ),
    "IC312": Code(
        "no such output",
        "Every output is defined by a statement.",
        "f(x[i]) -> z\ny[i] = x[i]",
    ),
    "IC313": Code(
        "wrong use of a function",
        "A function takes a fixed number of arguments in round brackets, and its name is then no "
        "tensor of the same program.",
        "y[i] = exp(x[i], 2)",
    ),
    "IC314": Code(
        "two names look alike",
        "Two names of one program would print as the same letter.",
        "y[i] = eps*epsilon*x[i]",
    ),
    "IC315": Code(
        "no such gradient",
        "A gradient is by a tensor of the program, an input or not, and has a value where it was "
        "asked for; constants are not differentiated.",
        None,
    ),
    "IC316": Code("a claim of no gradient", "A claim begins with a gradient, once: dx = ...", None),
    "IC317": Code(
        "a name of unknown shape",
        "In matrix notation without a signature capital Latin letters are matrices, small ones "
        "column vectors, small Greek ones scalars; any other name is declared.",
        "y = Σ*x",
        of_matrices=True,
    ),
    # Indices
    "IC401": Code(
        "lone index",
        "An index that occurs once in its term and not on the left is not summed silently.",
        "y[i] = a[i,k]",
    ),
    "IC402": Code(
        "both readings are legal",
        "The index could be summed over the whole product or inside its factors; neither is taken.",
        "y = a[k]*b[k]/(c[k]*d[k])",
    ),
    "IC403": Code(
        "one-tensor over a free index",
        "A one-tensor over free indices that its product has already does nothing; a sum was "
        "probably meant.",
        "y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]",
    ),
    "IC404": Code(
        "repeated index", "Indices on the left, and of a binder, differ.", "y[i,i] = x[i]"
    ),
    # Sizes
    "IC501": Code(
        "size conflict",
        "Two different letters of the signature are sizes of their own; they may meet only "
        "through a delta.",
        "f(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]",
    ),
    "IC502": Code(
        "unknown size",
        "`size(h)` needs one index h of the statement or the signature.",
        "y[i] = x[i]/size(q)",
    ),
    "IC503": Code(
        "shapes that do not fit",
        "In matrix notation columns, rows, matrices and scalars are told apart, and none is taken "
        "for another.",
        "y = x*z",
        of_matrices=True,
    ),
    "IC504": Code(
        "undetermined size",
        "𝟏 and I have the size that fits; here nothing says which one does.",
        "Y = x*𝟏'",
        of_matrices=True,
    ),
    # Arrays
    "IC601": Code("missing value", "An input, an abstract function or a size was not given.", None),
    "IC602": Code("unknown keyword", "The program has nothing of this name to be given.", None),
    "IC603": Code("wrong shape", "An array's shape does not fit the program's indices.", None),
    "IC604": Code("not real numbers", "Values are arrays of real numbers.", None),
    "IC605": Code("unknown size", "A program has no size of this name, or more than one.", None),
    "IC606": Code("unknown dtype", "Bytes are counted for the dtypes that are listed.", None),
    "IC607": Code(
        "unknown target",
        "Code is emitted for the targets that are listed, and plain for numpy alone.",
        None,
    ),
    "IC608": Code("failed check", "Emitted code is checked before it is printed.", None),
    "IC609": Code("no check", "No point was found at which emitted code can be checked.", None),
    "IC610": Code("unknown arrays", "Functions take arrays of NumPy, torch or jax.", None),
    "IC611": Code("other parameters", "Upstream gradients and inputs are what is passed.", None),
    "IC612": Code("no gradients", "A backward function returns a gradient for each input.", None),
    "IC613": Code(
        "other adjoints", "Adjoints are arrays of real numbers by the names of tensors.", None
    ),
    "IC614": Code(
        "other layers",
        "Layers are tested as a list of forward and backward functions, with their parameters.",
        None,
    ),
    "IC615": Code(
        "no value of a layer",
        "A layer's forward function gives an array of finite numbers, the same each time, and what "
        "its backward function is given.",
        None,
    ),
    # Not yet
    "IC701": Code(
        "no derivative yet", "Reductions max, min and prod have no derivative yet.", None
    ),
    "IC702": Code(
        "no such matrix function yet",
        "Inverses, determinants, Kronecker products and vec are not available yet.",
        "y = inv(A)*x",
        of_matrices=True,
    ),
    # SymPy
    "IC801": Code(
        "no translation",
        "A SymPy expression uses something that index notation does not have.",
        None,
    ),
}
