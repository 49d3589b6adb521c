"""Text to tokens. Newlines end a statement unless a bracket is open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from indexcalc.errors import MAX_BYTES, IndexcalcError, Source, Span
from indexcalc.expr.names import canonical

RESERVED = ("pi", "delta", "size")

_SPACE = re.compile(r"[ \t]*(?:\#[^\n]*)?")
_TOKEN = re.compile(
    r"""(?P<newline>\n)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<op>\*\*|\+=|->|[-+*/^()\[\],;=])""",
    re.VERBOSE,
)
_NAME = re.compile(r"[^\W\d]\w*")
_COMMENT = re.compile(r"\#[^\n]*")
_CLOSER = {"(": ")", "[": "]"}
_LOOK_ALIKES = {
    "·": "*", "⋅": "*", "×": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-",
    "→": "->", "{": "(", "}": ")", "√": "sqrt(...)", "Σ": "sum[k](...)",
    "∑": "sum[k](...)", "∂": "a name", "\N{NO-BREAK SPACE}": "a plain space", "%": "/",
    "≔": "=", "<-": "=", "@": "*", "𝟏": "1[h]", "𝟙": "1[h]",
    **{raised: f"^{digit}" for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}  # fmt: skip
_WAYS_OUT = {
    ":=": "write = instead of :=",
    ":": "write = to define a name; a whole axis is an index of its own: x[i,j]",
    "'": "names have letters, digits and _; a transpose swaps its indices: x[j,i]",
    ".": "write a number as 0.5; leading axes (...) are not in the language yet",
    "“": "remove it",
    "”": "remove it",
    '"': "remove it",
}
_LONGEST_SIGN = 3
# What keyboards type for μ, and looks the same.
_MICRO = "\N{MICRO SIGN}"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What tokens a language has, and what is said of characters that it has not."""

    token: re.Pattern[str]
    look_alikes: Mapping[str, str]
    ways_out: Mapping[str, str]
    signs: str

    def instead(self, text: str, position: int) -> str:
        """What is said of the longest sign here that is known."""
        for length in range(_LONGEST_SIGN, 0, -1):
            sign = text[position : position + length]
            if sign in self.look_alikes:
                return f"write {self.look_alikes[sign]} instead"
            if sign in self.ways_out:
                return self.ways_out[sign]
        return ""


INDICES = Alphabet(_TOKEN, _LOOK_ALIKES, _WAYS_OUT, "+ - * / ^ ( ) [ ] , ; = += -> and #")


class Token(NamedTuple):
    """kind is `number`, `name`, `op`, `end` (of a statement) or `eof`."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a program and the comment block at its top."""

    tokens: list[Token]
    description: str


def lex(source: Source, alphabet: Alphabet = INDICES) -> Lexed:
    """All tokens of a text; refuses stray characters and unbalanced brackets."""
    text = source.text
    _check_text(text)
    tokens: list[Token] = []
    open_brackets: list[Token] = []
    position = _after_space(text, 0)
    while position < len(text):
        match = alphabet.token.match(text, position)
        if match is None:
            raise _stray(text, position, alphabet)
        kind = str(match.lastgroup)
        span = Span(position, match.end())
        position = _after_space(text, match.end())
        if kind == "newline":
            if not open_brackets:
                tokens.append(Token("end", "the end of the line", span))
            continue
        spelling = match[0]
        if kind == "name":
            spelling = _check_name(text, match, alphabet)
        token = Token("end" if spelling == ";" else kind, spelling, span)
        if spelling in "()[];" and kind == "op":
            _balance(token, open_brackets)
        tokens.append(token)
    if open_brackets:
        raise _unclosed(open_brackets[-1])
    tokens.append(Token("eof", "the end of the text", Span(len(text), len(text))))
    return Lexed(tokens, _description(text))


def as_written(said: str, text: str) -> str:
    """A message about a text with the names spelled as there: γ where no gamma is written."""
    spellings = [match[0] for match in _NAME.finditer(_COMMENT.sub("", text))]
    greek = {
        canonical(spelling): spelling
        for spelling in spellings
        if not spelling.isascii() and not any(map(_is_variant, spelling))
    }
    for spelling in spellings:
        greek.pop(spelling, None)
    return _NAME.sub(lambda match: greek.get(match[0], match[0]), said)


def _after_space(text: str, position: int) -> int:
    """Where the next token starts; blanks and comments are skipped."""
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _check_text(text: str) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as problem:
        raise IndexcalcError(
            "IC108",
            "the text is not UTF-8 here",
            hint="give the text as UTF-8",
            spans=[Span(problem.start, problem.start + 1)],
        ) from None
    if size > MAX_BYTES:
        raise IndexcalcError(
            "IC106",
            f"the text has {size:,} bytes, and {MAX_BYTES:,} is the most that is read",
            hint="split it into several derivations",
        )


def _check_name(text: str, match: re.Match[str], alphabet: Alphabet) -> str:
    """The one name that is meant; xₖ is not quietly xk, nor 𝐱 quietly x."""
    spelling, start = match[0], match.start()
    if spelling.isascii():
        return spelling
    for place, character in enumerate(spelling):
        if _is_variant(character):
            raise _stray(text, start + place, alphabet, _plainly(spelling, place))
        if not ("_" * (place > 0) + character).isidentifier():
            raise _stray(text, start + place, alphabet)
    return canonical(spelling)


def _is_variant(character: str) -> bool:
    """Whether Unicode knows it as another letter, lowered, raised, joined or in another style."""
    composed = unicodedata.normalize("NFC", character)
    return character != _MICRO and unicodedata.normalize("NFKC", composed) != composed


def _plainly(spelling: str, place: int) -> str:
    """How a name may be written that has such a letter here."""
    stem, rest = spelling[:place], unicodedata.normalize("NFKC", spelling[place:])
    small = unicodedata.decomposition(spelling[place]).startswith(("<sub>", "<super>"))
    if stem and small and not rest.isdigit():
        return f"write {stem}_{rest} for a name, {stem}[{rest}] for a component"
    return f"write {stem}{rest} instead"


def _stray(text: str, position: int, alphabet: Alphabet, hint: str = "") -> IndexcalcError:
    character = text[position]
    hint = alphabet.instead(text, position) or hint
    hint = hint or f"the language has letters, digits, {alphabet.signs}"
    if character.isprintable() and character != "\N{NO-BREAK SPACE}":
        shown = character
    else:
        shown = unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
    return IndexcalcError(
        "IC102",
        f"{shown} does not belong to the language",
        hint=hint,
        spans=[Span(position, position + 1)],
    )


def _balance(token: Token, open_brackets: list[Token]) -> None:
    if token.text in _CLOSER:
        open_brackets.append(token)
    elif token.text == ";":
        if open_brackets:
            raise _unclosed(open_brackets[-1])
    elif not open_brackets:
        raise IndexcalcError(
            "IC103",
            f"{token.text} closes nothing",
            hint="remove it, or open its bracket before",
            spans=[token.span],
        )
    elif _CLOSER[open_brackets[-1].text] != token.text:
        raise _unclosed(open_brackets[-1])
    else:
        open_brackets.pop()


def _unclosed(opener: Token) -> IndexcalcError:
    return IndexcalcError(
        "IC103",
        f"{opener.text} is never closed",
        hint=f"add {_CLOSER[opener.text]} where it ends",
        spans=[opener.span],
    )


def _description(text: str) -> str:
    """The comment block at the top, without its marks."""
    lines = []
    for line in text.lstrip("\n").split("\n"):
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return "\n".join(lines).strip()
